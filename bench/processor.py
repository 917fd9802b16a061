"""How many events a second the processor applies, by each runner, beside bare PostgreSQL and Kafka.

    python -m bench.processor [--people N] [--known N]

Real Kafka, registry and PostgreSQL on this machine. The events are those the licensing connector
makes of a stand-in snapshot, about four a record. Then 500 events a second for LATENCY_S seconds:
how long after it was read an event is in a committed view. Prints one JSON document.

With --known, so many people are known before, and only what that changes is measured.
"""

import argparse
import dataclasses
import json
import os
import platform
import tempfile
import threading
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psycopg

from bench import known_records
from hub import clock, garbage
from hub.bus import admin
from hub.bus.consumer import end_offsets
from hub.bus.producer import Producer
from hub.bus.reader import read_topic
from hub.bus.topics import EVENT_PARTITIONS, all_topics, events_topic
from hub.canon import registry
from hub.canon.codec import Codec
from hub.canon.model import Capture, Event
from hub.connect import lint
from hub.connect.catalogue import connectors
from hub.connect.publish import Publisher, Tally
from hub.local.departments import licensing, population
from hub.local.stack import LocalStack
from hub.processor.run import run_processor
from hub.processor.store import Store
from hub.settings import HubSettings
from hub.telemetry.logs import configure_logs
from hub.telemetry.metrics import Health
from hub.telemetry.signals_processor import ViewLatency

KEY = b"a key for benchmarks, 32 bytes or more"
RUNNERS = ("batch", "faust")
TOPIC = events_topic("licensing")
KNOWN = "bench_known"
LIMIT_S = 300
LATENCY_S = 20
LATENCY_RATE = 500
Sent = tuple[bytes, bytes, tuple[tuple[str, bytes], ...]]


class Kept:
    """Keeps what would be sent."""

    def __init__(self) -> None:
        """Nothing yet."""
        self.events: list[Sent] = []

    def send(self, topic: str, key: bytes, value: bytes, headers: Any = ()) -> None:
        """Keep an event; what is quarantined does not count here."""
        if topic == TOPIC:
            self.events.append((key, value, tuple(headers)))


def licence_events(folder: Path, codec: Codec, people: int) -> list[Sent]:
    """The events of one stand-in snapshot."""
    folder.mkdir()
    licensing.write_snapshots(folder, population.make(people=people, businesses=people * 2 // 3), 1)
    connector = connectors()["licensing"]
    settings = lint.settings_of(connector, {"folder": str(folder)}, folder)
    kept = Kept()
    publisher, tally = Publisher(connector, KEY, codec, kept), Tally()
    for item in connector.changes(settings, None):
        publisher.take(item, tally, clock.now_us(), "bench")
    return kept.events


def timed(what: Any) -> tuple[float, Any]:
    """Seconds a call takes, and what it gives."""
    began = time.perf_counter()
    found = what()
    return time.perf_counter() - began, found


def runner_rate(
    settings: HubSettings, codec: Codec, runner: str, count: int, schema: str
) -> dict[str, Any]:
    """Events a second from the first applied to the last, and seconds until the first was."""
    chosen = dataclasses.replace(settings, runner=runner, batch_events_max=2_000)
    store = Store(settings.postgres_dsn(), schema)
    store.migrate()
    stop = threading.Event()
    thread = threading.Thread(
        target=run_processor, args=(chosen, codec, stop, Health()), kwargs={"schema": schema}
    )
    cpu, began = time.process_time(), time.perf_counter()
    thread.start()
    first = None
    deadline = time.monotonic() + LIMIT_S
    applied = 0
    while applied < count and time.monotonic() < deadline:
        time.sleep(0.02)
        applied = sum(one.get("applied", 0) for one in store.books().values())
        if applied and first is None:
            first = (time.perf_counter(), applied)
    ended = time.perf_counter()
    stop.set()
    thread.join(30)
    store.close()
    assert first is not None
    return {
        "ready_s": round(first[0] - began, 1),
        "events_per_s": round((applied - first[1]) / (ended - first[0])),
        "events": applied,
        "cpu_s": round(time.process_time() - cpu, 1),
    }


def latencies(settings: HubSettings, codec: Codec, runner: str, made: list[Sent]) -> Any:
    """Seconds from read to commit of the oldest event of each batch, at LATENCY_RATE a second."""
    schema = f"latency_{runner}"
    chosen = dataclasses.replace(settings, runner=runner)
    store = Store(settings.postgres_dsn(), schema)
    store.migrate()
    skipped = end_offsets(settings.bootstrap_servers, {}, [(TOPIC, EVENT_PARTITIONS)])
    for (topic, partition), end in skipped.items():
        store.assign(topic, partition)
        store.connection().execute(
            "UPDATE applied SET next_offset = %s WHERE topic = %s AND partition = %s",
            [end, topic, partition],
        )
    found: list[float] = []
    emit = ViewLatency.emit
    ViewLatency.emit = lambda signal: found.append(signal.seconds)  # type: ignore[method-assign]
    stop = threading.Event()
    thread = threading.Thread(
        target=run_processor, args=(chosen, codec, stop, Health()), kwargs={"schema": schema}
    )
    thread.start()
    time.sleep(6)
    producer = Producer(settings.bootstrap_servers, {}, "bench")
    began = time.monotonic()
    for number in range(LATENCY_RATE * LATENCY_S):
        key, value, headers = made[number % len(made)]
        event = codec.decode(value)
        assert isinstance(event, Event)
        fresh = event._replace(capture=Capture(clock.now_us(), "latency"))
        producer.send(TOPIC, key, codec.encode(fresh), headers)
        producer.poll()
        wait = began + (number + 1) / LATENCY_RATE - time.monotonic()
        if wait > 0.002:
            time.sleep(wait)
    producer.flush()
    time.sleep(3)
    stop.set()
    thread.join(30)
    store.close()
    ViewLatency.emit = emit  # type: ignore[method-assign]
    found.sort()
    return {
        "batches": len(found),
        "p50_s": round(found[len(found) // 2], 3),
        "p99_s": round(found[int(len(found) * 0.99)], 3),
        "max_s": round(found[-1], 3),
    }


def bare_upserts(dsn: str, count: int) -> float:
    """Rows a second of one upsert of 600 bytes each, in batches of 2,000 by unnest."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("CREATE TABLE bare (id bigint PRIMARY KEY, body bytea)")
        body = os.urandom(600)
        began = time.perf_counter()
        for first in range(0, count, 2_000):
            ids = list(range(first, min(first + 2_000, count)))
            connection.execute(
                "INSERT INTO bare SELECT * FROM unnest(%s::bigint[], %s::bytea[])"
                " ON CONFLICT (id) DO UPDATE SET body = excluded.body",
                [ids, [body] * len(ids)],
            )
        return count / (time.perf_counter() - began)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--people", type=int, default=12_000)
    parser.add_argument("--known", type=int)
    told = parser.parse_args()
    people = told.people
    with tempfile.TemporaryDirectory() as folder_:
        folder = Path(folder_)
        folder.chmod(0o755)
        configure_logs("bench", folder / "bench.log")
        garbage.look_seldom()
        with LocalStack(folder / "servers") as stack:
            at = stack.endpoints
            admin.apply_topics(at.bootstrap_servers, all_topics(()), {})
            codec = Codec(registry.register_all(at.registry_url))
            (folder / "dsn").write_text(at.postgres_dsn)
            (folder / "key").write_bytes(KEY)
            settings = HubSettings(
                at.bootstrap_servers,
                at.registry_url,
                folder / "dsn",
                folder / "key",
                state_dir=folder / "state",
            )
            producer = Producer(at.bootstrap_servers, {}, "bench")
            made = licence_events(folder / "drop", codec, people)
            count = len({dict(headers)["ce_id"] for _, _, headers in made})
            size = sum(len(value) for _, value, _ in made) / len(made)
            for one in made:
                producer.send(TOPIC, *one)
            producer.flush()
            consume_s, read = timed(lambda: sum(1 for _ in read_topic(at.bootstrap_servers, TOPIC)))
            decode_s, _ = timed(lambda: [codec.decode(value) for _, value, _ in made[:10_000]])
            found = {
                "benchmark": "processor",
                "machine": {"cpus": os.cpu_count(), "python": platform.python_version()},
                "versions": {
                    name: version(name)
                    for name in ("faust-streaming", "confluent-kafka", "psycopg", "fastavro")
                },
                "event_bytes": round(size),
                "batch": runner_rate(settings, codec, "batch", count, "bench_batch"),
            }
            if told.known:
                found["loaded"] = known_records.load(settings, KNOWN, told.known, "bench_batch")
                found["batch_with_known"] = runner_rate(settings, codec, "batch", count, KNOWN)
                print(json.dumps(found, indent=2))
                return
            found |= {
                "faust": runner_rate(settings, codec, "faust", count, "bench_faust"),
                "latency_at_500_per_s": {
                    runner: latencies(settings, codec, runner, made) for runner in RUNNERS
                },
                "bare": {
                    "consume_per_s": round(read / consume_s),
                    "decode_per_s": round(10_000 / decode_s),
                    "postgres_upserts_per_s": round(bare_upserts(at.postgres_dsn, count)),
                },
            }
    for runner in RUNNERS:
        found[runner]["ratio_to_bare_upsert"] = round(
            found[runner]["events_per_s"] / found["bare"]["postgres_upserts_per_s"], 3
        )
    print(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
