"""How many events a second the processor applies, by each runner, beside bare PostgreSQL and Kafka.

    python bench/processor.py [--events N]

Real Kafka, registry and PostgreSQL on this machine. Events are those of business licences, 4 of a
record on average, as the licensing connector sends them. Prints one JSON document.
"""

import argparse
import dataclasses
import json
import os
import platform
import sys
import tempfile
import threading
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psycopg

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "kafka"))
from made_events import many, message

from hub.bus import admin
from hub.bus.producer import Producer
from hub.bus.reader import read_topic
from hub.bus.topics import all_topics, events_topic
from hub.canon import registry
from hub.canon.codec import Codec
from hub.local.stack import LocalStack
from hub.processor.run import run_processor
from hub.processor.store import Store
from hub.settings import HubSettings
from hub.telemetry.logs import configure_logs
from hub.telemetry.metrics import Health

TOPIC = events_topic("licensing")
LIMIT_S = 300


def timed(what: Any) -> tuple[float, Any]:
    """Seconds a call takes, and what it gives."""
    began = time.perf_counter()
    found = what()
    return time.perf_counter() - began, found


def runner_rate(settings: HubSettings, codec: Codec, runner: str, count: int) -> dict[str, Any]:
    """Events a second from the first applied to the last."""
    schema = f"bench_{runner}"
    chosen = dataclasses.replace(settings, runner=runner, batch_events_max=2_000)
    store = Store(settings.postgres_dsn(), schema)
    store.migrate()
    stop = threading.Event()
    thread = threading.Thread(
        target=run_processor, args=(chosen, codec, stop, Health()), kwargs={"schema": schema}
    )
    cpu = time.process_time()
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
        "events_per_s": round((applied - first[1]) / (ended - first[0])),
        "events": applied,
        "cpu_s": round(time.process_time() - cpu, 1),
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
    parser.add_argument("--events", type=int, default=60_000)
    count = parser.parse_args().events
    with tempfile.TemporaryDirectory() as folder_:
        folder = Path(folder_)
        folder.chmod(0o755)
        configure_logs("bench", folder / "bench.log")
        with LocalStack(folder / "servers") as stack:
            at = stack.endpoints
            admin.apply_topics(at.bootstrap_servers, all_topics(()), {})
            codec = Codec(registry.register_all(at.registry_url))
            (folder / "dsn").write_text(at.postgres_dsn)
            (folder / "key").write_bytes(b"a key for tests only, at least 32 bytes")
            settings = HubSettings(
                at.bootstrap_servers, at.registry_url, folder / "dsn", folder / "key"
            )
            producer = Producer(at.bootstrap_servers, {}, "bench")
            made = [message(codec, one) for one in many(count)]
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
                "batch": runner_rate(settings, codec, "batch", count),
                "faust": runner_rate(settings, codec, "faust", count),
                "bare": {
                    "consume_per_s": round(read / consume_s),
                    "decode_per_s": round(10_000 / decode_s),
                    "postgres_upserts_per_s": round(bare_upserts(at.postgres_dsn, count)),
                },
            }
    for runner in ("batch", "faust"):
        found[runner]["ratio_to_bare_upsert"] = round(
            found[runner]["events_per_s"] / found["bare"]["postgres_upserts_per_s"], 3
        )
    print(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
