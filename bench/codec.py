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
from typing import Any

import fastavro

sys.path.insert(0, str(Path(__file__).parents[1]))

import schemas
from hub.canon.checks import put_long
from hub.canon.codec import Codec, parse, wire_names
from hub.canon.model import EVENT_NAMES, Event, LicenceIssued
from tests.strategies import SAMPLE

ROUNDS = 15


Work = tuple[Callable[[Any], object], list[Any]]
"""A function and what it is called with, one after the other."""


def microseconds(work: Work) -> float:
    """Microseconds a call takes; numbers seen before are forgotten first, as if events were new."""
    function, items = work
    put_long.cache_clear()
    began = time.perf_counter()
    for item in items:
        function(item)
    return (time.perf_counter() - began) / len(items) * 1e6


def measure(works: dict[str, Work]) -> dict[str, float]:
    """The median over the rounds for each, taking turns so that all see the same machine."""
    seen: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(ROUNDS):
        for name, work in works.items():
            seen[name].append(microseconds(work))
    return {name: statistics.median(times) for name, times in seen.items()}


def numbered(number: int) -> Event:
    """The sample as another event: other identifiers, instant and version."""
    origin = SAMPLE.envelope.origin
    capture = SAMPLE.capture._replace(captured_at=SAMPLE.capture.captured_at + 997 * number)
    envelope = SAMPLE.envelope._replace(
        event_id=f"{SAMPLE.envelope.event_id[:-8]}{number:08x}",
        origin=origin._replace(record_version=origin.record_version + 991 * number),
    )
    return SAMPLE._replace(capture=capture, envelope=envelope)


def works(count: int) -> dict[str, Work]:
    """What is measured, over this many different events."""
    codec = Codec({name: number for number, name in enumerate(wire_names(), 1)})
    parsed = parse(schemas.load(EVENT_NAMES[LicenceIssued]))
    events = [numbered(number) for number in range(count)]
    framed = [codec.encode(event) for event in events]
    assert [codec.decode(data) for data in framed] == events

    def bare_read(data: bytes) -> object:
        return fastavro.schemaless_reader(io.BytesIO(data), parsed, None)

    def bare_write(plain: Any) -> bytes:
        buffer = io.BytesIO()
        fastavro.schemaless_writer(buffer, parsed, plain)
        return buffer.getvalue()

    unframed = [data[5:] for data in framed]
    plain = [bare_read(data) for data in unframed]
    assert [bare_write(one) for one in plain] == unframed
    return {
        "encode": (codec.encode, events),
        "decode": (codec.decode, framed),
        "bare_encode": (bare_write, plain),
        "bare_decode": (bare_read, unframed),
    }


def main() -> None:
    """Run it and print the figures."""
    arguments = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    arguments.add_argument("--events", type=int, default=2_000, help="different events a round")
    arguments.add_argument("--core", type=int, default=max(os.sched_getaffinity(0)))
    chosen = arguments.parse_args()
    os.sched_setaffinity(0, {chosen.core})
    found = measure(works(chosen.events))
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
