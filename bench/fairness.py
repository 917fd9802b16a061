"""What one agency's flood does to another's latency, with and without a rate limit.

    python -m bench.fairness [--seconds N] [--rounds N]

Real Kafka, registry, PostgreSQL, processor, and two connectors with the real runtime, each in a
process of its own. The quiet agency sends QUIET_PER_S records a second throughout; its neighbour
sends its usual NEIGHBOUR_PER_S, or has ten times as much to give. Latency is from the moment a
record of the quiet agency is due to the commit of the batch with its event in PostgreSQL.

    usual     the neighbour sends as it always does
    limited   the neighbour floods; its connector's limit is its usual rate
    flooded   the neighbour floods without a limit

Usual and limited take turns in going first, so that what else the machine does, and how much is
known by then, falls on both; the neighbour's businesses are new ones in each phase. Prints one JSON
document: quantiles of each phase, and how much worse p99 over all phases of a kind is than usual.
"""

import argparse
import itertools
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import psycopg

from bench import connector_path
from hub import clock, garbage
from hub.bus.consumer import end_offsets
from hub.bus.producer import Producer
from hub.bus.reader import read_topic
from hub.bus.topics import EVENT_PARTITIONS, event_topics, events_topic
from hub.canon.codec import Codec
from hub.canon.model import Moment, Precision, TextReceived
from hub.canon.registry import known_ids
from hub.connect.contract import Change, Connector, Draft, Record
from hub.connect.control.throttle import Throttle, paced
from hub.connect.positions import Position
from hub.connect.runtime import Links, run
from hub.local.deployment import Deployment
from hub.telemetry.logs import configure_logs

QUIET_PER_S = 50
NEIGHBOUR_PER_S = 150
FLOOD = 10
BUSINESSES_A_PHASE = 1_000_000
USUAL, LIMITED, FLOODED = "usual", "limited", "flooded"
POLL_INTERVAL_S = 0.02
SAMPLE_S = 0.005
SETTLE_S = 3.0
DRAIN_S = 300.0
SOME_DAY = Moment("2024-01-02", Precision.DAY, 1_704_153_600_000_000)


@dataclass(frozen=True)
class Load:
    """What one connector has to give: from a moment on, at a rate, so many seconds."""

    name: str
    phase: str
    begin_us: int
    per_s: float
    seconds: float
    first: int = 0

    def due_us(self, number: int) -> int:
        """When a record is due."""
        return self.begin_us + int(number * 1_000_000 / self.per_s)


def changes(load: Load, after: str | None) -> Iterator[Change]:
    """The records that are due by now."""
    number = int(after or 0)
    while (due := load.due_us(number)) <= clock.now_us():
        if number >= load.per_s * load.seconds:
            return
        yield Change(_record(load, number, due), b"", str(number + 1), 1)
        number += 1


def _record(load: Load, number: int, due_us: int) -> Record:
    if load.name == "quiet":
        return Record(id=f"{load.phase}/{number}/{due_us}")
    n = load.first + number
    values = (
        *(f"{load.phase}{number}", str(n), f"HOLDER {n}, INC.", f"SHOP {n}", f"{n} W MAIN ST"),
        *("CHICAGO", "IL", "60606", "1010", "Limited Business License", f"{load.phase}{number}"),
        *("RENEW", "2020-01-16", "2021-01-15", "AAI"),
    )
    return Record(zip(connector_path.COLUMNS.split(","), values, strict=True))


def text(change: Change) -> Iterator[Draft]:
    """One text received; its number says when it was due."""
    yield Draft(TextReceived(change.record["id"]), change.record["id"], 1, SOME_DAY)


def connector(name: str) -> Connector:
    """The quiet agency's connector, or its neighbour's."""
    quiet = name == "quiet"
    return Connector(
        name=name,
        owner=name,
        system=name,
        purpose="measuring",
        domain="messaging" if quiet else "licensing",
        settings=Load,
        translate=text if quiet else connector_path.translate,
        emits=(TextReceived,) if quiet else connector_path.CONNECTOR.emits,
        changes=changes,
    )


def work(bootstrap: str, registry: str, load: Load, limit_per_s: float) -> None:
    """One connector worker, until its load is given or its time is over."""
    garbage.look_seldom()
    stop, throttle = threading.Event(), Throttle(limit_per_s)
    threading.Timer(load.begin_us / 1e6 + load.seconds - clock.now_us() / 1e6, stop.set).start()
    links = Links(
        Producer(bootstrap, {}, load.name), Codec(known_ids(registry)), b"k" * 32, Position
    )
    made = paced(connector(load.name), throttle, stop.is_set, stop.wait)  # type: ignore[arg-type]
    books = run(made, load, links, stop=stop, poll_interval_s=POLL_INTERVAL_S)
    print(json.dumps({"read": books.read, "held_s": round(throttle.held_s, 1)}))


class Commits(NamedTuple):
    """How far each partition was committed, and when that was seen."""

    at_us: list[int]
    ends: list[dict[int, int]]


def watch(dsn: str, stop: threading.Event, found: Commits) -> None:
    """Sample the committed offsets of the quiet agency's topic."""
    topic = events_topic("messaging")
    with psycopg.connect(dsn, autocommit=True) as connection:
        while not stop.wait(SAMPLE_S):
            query = "SELECT partition, next_offset FROM hub.applied WHERE topic = %s"
            ends = {row[0]: row[1] or 0 for row in connection.execute(query, [topic])}
            if not found.ends or ends != found.ends[-1]:
                found.at_us.append(clock.now_us())
                found.ends.append(ends)


def latencies_s(bootstrap: str, codec: Codec, phase: str, commits: Commits) -> list[float]:
    """Of each event of the quiet agency in a phase, from due to committed."""
    found = []
    for message in read_topic(bootstrap, events_topic("messaging")):
        said = codec.decode(message.value or b"").body.message_id
        of, _, due_us = said.split("/")
        if of != phase:
            continue
        seen = next(
            at_us
            for at_us, ends in zip(commits.at_us, commits.ends, strict=True)
            if ends.get(message.partition, 0) > message.offset
        )
        found.append((seen - int(due_us)) / 1e6)
    return found


def phase(
    deployment: Deployment, name: str, seconds: float, first: int, *, limited: bool
) -> tuple[dict[str, Any], list[float]]:
    """Run both connectors for so many seconds: figures, and the quiet agency's latencies (s).

    `first` is the neighbour's first business. It floods, with its usual rate as a limit or without
    one, except where the phase is a usual one.
    """
    flood = NEIGHBOUR_PER_S * (1 if name.startswith(USUAL) else FLOOD)
    where = deployment.endpoints
    commits, stop = Commits([], []), threading.Event()
    watcher = threading.Thread(target=watch, args=(where.postgres_dsn, stop, commits))
    watcher.start()
    begin_us = clock.now_us() + 3_000_000
    loads = [
        (Load("quiet", name, begin_us, QUIET_PER_S, seconds), 0.0),
        (
            Load("neighbour", name, begin_us, flood, seconds, first),
            float(NEIGHBOUR_PER_S if limited else 0),
        ),
    ]
    workers = [
        subprocess.Popen(
            [
                *(sys.executable, "-m", "bench.fairness", "--work", json.dumps(vars(load))),
                *(str(limit_), where.bootstrap_servers, where.registry_url),
            ],
            stdout=subprocess.PIPE,
            text=True,
        )
        for load, limit_ in loads
    ]
    told = [json.loads(worker.communicate(timeout=seconds + 60)[0] or "{}") for worker in workers]
    drain_s = drained(deployment)
    stop.set()
    watcher.join()
    codec = Codec(known_ids(where.registry_url))
    found = latencies_s(where.bootstrap_servers, codec, name, commits)
    cuts = statistics.quantiles(found, n=100)
    figures = {
        "phase": name,
        "events": len(found),
        "neighbour_read": told[1].get("read"),
        "neighbour_held_s": told[1].get("held_s"),
        "drained_after_s": round(drain_s, 1),
        "p50_s": round(cuts[49], 3),
        "p95_s": round(cuts[94], 3),
        "p99_s": round(cuts[98], 3),
        "load": round(os.getloadavg()[0], 1),
    }
    return figures, found


def drained(deployment: Deployment) -> float:
    """Wait until everything on Kafka is committed; how long that took."""
    began_s = time.monotonic()
    topics = [(topic.name, EVENT_PARTITIONS) for topic in event_topics()]
    ends = end_offsets(deployment.endpoints.bootstrap_servers, {}, topics)
    with psycopg.connect(deployment.endpoints.postgres_dsn, autocommit=True) as connection:
        while time.monotonic() - began_s < DRAIN_S:
            rows = connection.execute("SELECT topic, partition, next_offset FROM hub.applied")
            applied = {(row[0], row[1]): row[2] or 0 for row in rows}
            if all(applied.get(at, 0) >= end for at, end in ends.items()):
                return time.monotonic() - began_s
            time.sleep(0.1)
    raise TimeoutError("the processor does not come to an end")


def measure(seconds: float, rounds: int) -> dict[str, Any]:
    """All phases on one deployment."""
    found: list[dict[str, Any]] = []
    latencies: dict[str, list[float]] = {}

    def take(kind: str, name: str) -> None:
        figures, told = phase(deployment, name, seconds, next(first), limited=kind == LIMITED)
        found.append(figures)
        latencies.setdefault(kind, []).extend(told)

    first = itertools.count(0, BUSINESSES_A_PHASE)
    with tempfile.TemporaryDirectory() as folder:
        deployment = Deployment(Path(folder), lambda _: None)
        try:
            deployment.start_servers({})
            deployment.run("processor", "processor").wait()
            time.sleep(SETTLE_S)
            phase(deployment, f"{USUAL}-warming", min(seconds, 10), next(first), limited=False)
            for number in range(rounds):
                for kind in (USUAL, LIMITED) if number % 2 == 0 else (LIMITED, USUAL):
                    take(kind, f"{kind}{number}")
            take(FLOODED, FLOODED)
        finally:
            deployment.stop()
    p99 = {
        kind: round(statistics.quantiles(told, n=100)[98], 3) for kind, told in latencies.items()
    }
    return {
        "phases": found,
        "p99_s": p99,
        "limited_to_usual": round(p99["limited"] / p99["usual"], 3),
        "flooded_to_usual": round(p99["flooded"] / p99["usual"], 3),
        "quiet_per_s": QUIET_PER_S,
        "neighbour_per_s": NEIGHBOUR_PER_S,
        "flood": FLOOD,
        "cores": os.cpu_count(),
    }


def main() -> None:
    """Measure and print, or be one worker of a phase."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--seconds", type=float, default=30.0)
    arguments.add_argument("--rounds", type=int, default=4)
    arguments.add_argument("--work", nargs=4, metavar=("LOAD", "LIMIT", "KAFKA", "REGISTRY"))
    chosen = arguments.parse_args()
    if chosen.work:
        load, limit, bootstrap, registry = chosen.work
        configure_logs("bench", level="error")
        work(bootstrap, registry, Load(**json.loads(load)), float(limit))
        return
    print(json.dumps(measure(chosen.seconds, chosen.rounds), indent=2))


if __name__ == "__main__":
    main()
