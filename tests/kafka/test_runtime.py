"""The connector runtime against a real Kafka: kills, outages, the lease, quarantine."""

import dataclasses
import importlib.util
import json
import os
import random
import signal
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from worker_processes import (
    EVENTS,
    PARKED,
    TOPICS,
    Workers,
    address_of,
    ids_in,
    line_of,
    position_in,
)

from hub.bus.admin import apply_topics, describe_topics
from hub.bus.lease import Lease
from hub.bus.producer import QUEUE_KBYTES_MAX, Producer
from hub.bus.reader import read_topic
from hub.connect import positions, runtime
from hub.connect.books import Books
from hub.connect.derive import event_id
from hub.connect.quarantine import entries
from hub.connect.runtime import run
from hub.errors import EncodeError, Unavailable
from hub.local.kafka import Kafka

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(int(os.environ.get("LIMIT_S", "300")))]
PROGRAM = Path(__file__).with_name("connector_worker.py")
ROWS = 20_000
KILLS = int(os.environ.get("KILLS", "0"))
"""How many kills a test makes; 0: as many as fit an ordinary run."""


def _load() -> Any:
    spec = importlib.util.spec_from_file_location("connector_worker", PROGRAM)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


worker = _load()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The input."""
    path = tmp_path / "texts.csv"
    worker.write_file(path, ROWS)
    return path


def expected_ids() -> set[str]:
    """The identifiers of all events of the input, computed apart from the runtime."""
    return {
        event_id(worker.KEY, "texts", str(number), 1, "TextReceived", "asserted")
        for number in range(1, ROWS + 1)
        if number % 10
    }


EXPECTED = Books(ROWS, ROWS * 9 // 10, ROWS // 100, 0, {"tenth": ROWS * 9 // 100}, ROWS * 9 // 10)


def test_kills_at_random_points_lose_and_double_nothing(
    kafka: Kafka, file: Path, workers: Workers
) -> None:
    """F18: after any number of kill -9, each record is on Kafka, and the books are exact."""
    seed = random.randrange(1_000_000)
    sys.stderr.write(f"seed {seed}\n")
    chance, bootstrap = random.Random(seed), address_of(kafka)
    for _ in range(KILLS or 5):
        process = workers.start(bootstrap, file)
        line_of(process, "held")
        time.sleep(chance.uniform(0.05, 4 / (KILLS or 5)))
        process.kill()
        process.wait()
        _never_ahead(bootstrap, file)
    process = workers.start(bootstrap, file)
    books = Books.of_record(json.loads(line_of(process, "done")))
    assert process.wait(20) == 0
    assert books == EXPECTED
    assert ids_in(bootstrap) == expected_ids()
    assert len(entries(read_topic(bootstrap, PARKED))) == ROWS // 100
    assert position_in(bootstrap).books == EXPECTED


def _never_ahead(bootstrap: str, file: Path) -> None:
    """Every event up to the remembered position is on Kafka."""
    at = int(position_in(bootstrap).text or -1)
    upto = file.read_bytes()[: at + 1].count(
        b"\n"
    )  # the header and the rows before the one at `at`
    wanted = {
        event_id(worker.KEY, "texts", str(number), 1, "TextReceived", "asserted")
        for number in range(1, upto + 1)
        if at >= 0 and number % 10
    }
    assert wanted <= ids_in(bootstrap)


def test_a_broker_killed_during_a_run_delays_it_only(
    kafka: Kafka, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """F20: Kafka dies by kill -9 twice; the run holds, goes on, and ends with exact books."""
    monkeypatch.setattr(runtime, "BATCH_RECORDS_MAX", 500)
    bootstrap, results = address_of(kafka), []
    slow = worker.CONNECTOR.changes

    def changes(path: Any, after: str | None) -> Iterator[Any]:
        for number, change in enumerate(slow(path, after)):
            if number % 500 == 0:
                time.sleep(0.1 * (KILLS or 1))
            yield change

    made = dataclasses.replace(worker.CONNECTOR, changes=changes)
    stop = threading.Event()
    bound = worker.links(bootstrap)
    thread = threading.Thread(
        target=lambda: results.append(run(made, file, bound, stop=stop, once=True))
    )
    thread.start()
    for _ in range(KILLS or 2):
        time.sleep(1)
        assert thread.is_alive()  # a kill after the end would show nothing
        kafka.kill()
        time.sleep(1)
        kafka.start()
    thread.join(120 + 10 * KILLS)
    assert not thread.is_alive()
    assert results == [EXPECTED]
    assert ids_in(bootstrap) == expected_ids()


def test_a_stop_is_clean_while_kafka_is_away(kafka: Kafka, file: Path) -> None:
    """A worker that waits for Kafka stops within 10 seconds of being asked."""
    stop = threading.Event()
    bound = worker.links(address_of(kafka))
    kafka.kill()
    thread = threading.Thread(target=lambda: _stopped(bound, file, stop))
    thread.start()
    time.sleep(2)
    began = time.monotonic()
    stop.set()
    thread.join(20)
    assert not thread.is_alive()
    assert time.monotonic() - began < 10


def _stopped(bound: Any, file: Path, stop: threading.Event) -> None:
    object.__setattr__(bound, "load_position", positions.Position)
    run(worker.CONNECTOR, file, bound, stop=stop)


def test_one_worker_holds_the_lease_and_another_takes_over(
    kafka: Kafka, tmp_path: Path, workers: Workers
) -> None:
    """F35: the second worker waits; when the first is killed it goes on after the timeout."""
    file = tmp_path / "long.csv"
    worker.write_file(file, 3)
    bootstrap = address_of(kafka)
    stop = threading.Event()
    first = Lease(bootstrap, {}, "texts", 3.0)
    began = time.monotonic()
    assert first.acquire(stop, 10)
    assert time.monotonic() - began < 4
    second = workers.start(bootstrap, file, 3.0)
    time.sleep(2.5)
    first.check()
    assert not list(read_topic(bootstrap, EVENTS))
    released = time.monotonic()
    first.release()
    line_of(second, "held")
    assert time.monotonic() - released < 5
    assert Books.of_record(json.loads(line_of(second, "done"))).published == 3
    second.wait(20)


def test_a_killed_holder_is_replaced_after_its_session(
    kafka: Kafka, tmp_path: Path, workers: Workers
) -> None:
    """A worker that dies with kill -9 loses the lease within its session timeout and a bit."""
    bootstrap, stop = address_of(kafka), threading.Event()
    endless = tmp_path / "endless.csv"
    worker.write_file(endless, 2_000_000)
    first = workers.start(bootstrap, endless, 3.0)
    line_of(first, "held")
    second = Lease(bootstrap, {}, "texts", 3.0)
    try:
        assert not second.acquire(stop, 1.0)
        first.kill()
        first.wait()
        killed = time.monotonic()
        assert second.acquire(stop, 20)
        assert time.monotonic() - killed < 8
    finally:
        first.kill()
        second.release()


def test_a_frozen_holder_stops_when_it_wakes(
    kafka: Kafka, tmp_path: Path, workers: Workers
) -> None:
    """F26: a worker frozen beyond its session is replaced, and once awake stops by itself."""
    bootstrap, stop = address_of(kafka), threading.Event()
    endless = tmp_path / "endless.csv"
    worker.write_file(endless, 2_000_000)
    first = workers.start(bootstrap, endless, 2.0)
    line_of(first, "held")
    first.send_signal(signal.SIGSTOP)
    second = Lease(bootstrap, {}, "texts", 2.0)
    try:
        assert second.acquire(stop, 20)
        first.send_signal(signal.SIGCONT)
        assert first.wait(20) != 0
        second.check()
    finally:
        second.release()


def test_large_originals_wait_for_room(kafka: Kafka) -> None:
    """A queue that is full by bytes, long before it is by messages, makes the sender wait."""
    producer = Producer(address_of(kafka), {}, "test")
    count = QUEUE_KBYTES_MAX * 1024 // 900_000 * 2
    for number in range(count):
        producer.send(PARKED, str(number).encode(), bytes(900_000))
    producer.flush()
    assert sum(1 for _ in read_topic(address_of(kafka), PARKED)) == count


def test_too_large_a_message_takes_no_neighbour_along(kafka: Kafka) -> None:
    """F8: it is refused before it is sent, also where only headers make it too large."""
    producer = Producer(address_of(kafka), {}, "test")
    producer.send(EVENTS, b"a", b"before")
    with pytest.raises(EncodeError):
        producer.send(EVENTS, b"a", bytes(1_100_000))
    with pytest.raises(EncodeError):
        producer.send(EVENTS, b"a", bytes(1_000_000), [("h", bytes(100_000))])
    producer.send(EVENTS, b"a", b"after")
    producer.flush()
    assert [m.value for m in read_topic(address_of(kafka), EVENTS)] == [b"before", b"after"]


def test_what_kafka_does_not_take_is_told(kafka: Kafka) -> None:
    """A topic that is not there fails the flush; the next flush is a new one."""
    producer = Producer(address_of(kafka), {}, "test")
    producer.send("no.such.topic", b"a", b"x")
    with pytest.raises(Unavailable, match="UNKNOWN_TOPIC"):
        producer.flush()
    producer.send(EVENTS, b"a", b"x")
    producer.flush()
    assert len(list(read_topic(address_of(kafka), EVENTS))) == 1


def test_topics_are_made_once_and_compared(kafka: Kafka) -> None:
    """Applying twice changes nothing; what differs from the declaration is named."""
    again = apply_topics(address_of(kafka), TOPICS, {})
    assert {state for _, state in again} == {"present"}

    wanted = dataclasses.replace(TOPICS[0], partitions=9, retention_ms=5)
    ((_, state),) = describe_topics(address_of(kafka), [wanted], {})
    assert "9" in state
    assert "retention.ms" in state
