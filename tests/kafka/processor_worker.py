"""A processor as a process of its own: python processor_worker.py SETTINGS RUNNER."""

import dataclasses
import signal
import sys
import threading
from pathlib import Path

from hub.cli import roles
from hub.processor.run import run_processor
from hub.settings import load_settings
from hub.telemetry.logs import configure_logs
from hub.telemetry.metrics import Health


def main() -> None:
    """Run until SIGTERM."""
    path = Path(sys.argv[1])
    configure_logs("processor", path.with_name(f"processor-{sys.argv[2]}.log"), "info")
    settings = dataclasses.replace(load_settings(path), runner=sys.argv[2])
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    run_processor(settings, roles.codec_of(settings, stop), stop, Health())


if __name__ == "__main__":
    main()
