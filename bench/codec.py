"""The codec: events encoded and decoded a second on one core, beside bare fastavro.

The event is a licence issued to one organisation with one address and two identifiers. Ours checks
every value, makes and reads the classes and the frame; bare fastavro writes and reads the same
dictionary without any check. Both take turns in the same run; the median round counts. Results as
one JSON object on standard output.

    python bench/codec.py
"""

import argparse
import io
import json
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import fastavro

sys.path.insert(0, str(Path(__file__).parents[1]))

import schemas
from hub.canon.codec import Codec, parse, wire_names
from hub.canon.model import EVENT_NAMES, LicenceIssued
from tests.strategies import SAMPLE

ROUNDS = 15


def microseconds(work: Callable[[], object], calls: int) -> float:
    """Microseconds a call takes, over this many calls."""
    began = time.perf_counter()
    for _ in range(calls):
        work()
    return (time.perf_counter() - began) / calls * 1e6


def measure(works: dict[str, Callable[[], object]], calls: int) -> dict[str, float]:
    """The median over the rounds for each, taking turns so that all see the same machine."""
    seen: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(ROUNDS):
        for name, work in works.items():
            seen[name].append(microseconds(work, calls))
    return {name: statistics.median(times) for name, times in seen.items()}


def works() -> dict[str, Callable[[], object]]:
    """What is measured, ready to be called."""
    codec = Codec({name: number for number, name in enumerate(wire_names(), 1)})
    data = codec.encode(SAMPLE)
    parsed = parse(schemas.load(EVENT_NAMES[LicenceIssued]))
    plain = fastavro.schemaless_reader(io.BytesIO(data[5:]), parsed, None)
    assert codec.decode(data) == SAMPLE

    def bare_write() -> bytes:
        buffer = io.BytesIO()
        fastavro.schemaless_writer(buffer, parsed, plain)
        return buffer.getvalue()

    assert bare_write() == data[5:]
    return {
        "encode": lambda: codec.encode(SAMPLE),
        "decode": lambda: codec.decode(data),
        "bare_encode": bare_write,
        "bare_decode": lambda: fastavro.schemaless_reader(io.BytesIO(data[5:]), parsed, None),
    }


def main() -> None:
    """Run it and print the figures."""
    arguments = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    arguments.add_argument("--calls", type=int, default=2_000, help="calls in each round")
    arguments.add_argument("--core", type=int, default=max(os.sched_getaffinity(0)))
    chosen = arguments.parse_args()
    os.sched_setaffinity(0, {chosen.core})
    found = measure(works(), chosen.calls)
    result = {
        "machine": {"cores": os.cpu_count(), "architecture": platform.machine()},
        "versions": {"python": platform.python_version(), "fastavro": fastavro.__version__},
        "microseconds_per_event": {name: round(time_us, 2) for name, time_us in found.items()},
        "events_per_s": {name: round(1e6 / time_us) for name, time_us in found.items()},
        "ours_to_bare": {
            name: round(found[f"bare_{name}"] / found[name], 2) for name in ("encode", "decode")
        },
    }
    json.dump(result, sys.stdout, indent=2)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
