"""A processor as a process of its own: python processor_worker.py SETTINGS RUNNER [DEADLY].

Decoding anything that contains the text DEADLY kills the process, as a fault in C code would.
"""

import dataclasses
import os
import signal
import sys
import threading
from pathlib import Path
from typing import cast

from hub.canon.codec import Codec
from hub.cli import roles
from hub.processor.run import run_processor
from hub.settings import load_settings
from hub.telemetry.logs import configure_logs
from hub.telemetry.metrics import Health

DEADLY_AT = 3


class Dying:
    """A codec that dies of some messages."""

    def __init__(self, codec: Codec, deadly: bytes) -> None:
        self._deadly = deadly
        self._codec = codec

    def __getattr__(self, name: str) -> object:
        return getattr(self._codec, name)

    def decode(self, data: bytes) -> object:
        """Decode, or die."""
        if self._deadly in data:
            os.kill(os.getpid(), signal.SIGKILL)
        return self._codec.decode(data)


def main() -> None:
    """Run until SIGTERM."""
    path = Path(sys.argv[1])
    configure_logs("processor", path.with_name(f"processor-{sys.argv[2]}.log"), "info")
    settings = dataclasses.replace(load_settings(path), runner=sys.argv[2])
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    codec = roles.codec_of(settings, stop)
    if len(sys.argv) > DEADLY_AT:
        codec = cast("Codec", Dying(codec, sys.argv[DEADLY_AT].encode()))
    run_processor(settings, codec, stop, Health())


if __name__ == "__main__":
    main()
