"""A real RabbitMQ as a source: nothing is acknowledged before Kafka has confirmed."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from source_kills import EXPECTED, check, kill, rows, run_to_the_end
from source_servers import RabbitMq
from worker_processes import Workers

from hub.connect.contract import Change, Checkpoint, Item, Unchanged, Unreadable
from hub.connect.sources import amqp
from hub.connect.sources.amqp import Queue
from hub.errors import ContractBreach, SettingsError, SourceUnavailable
from hub.local.kafka import Kafka

pytestmark = pytest.mark.kafka
LINGER_S = 0.5


@pytest.fixture
def rabbit(tmp_path: Path) -> Iterator[RabbitMq]:
    """A server of this test's own with one queue."""
    server = RabbitMq(tmp_path)
    server.start()
    try:
        server.declare("letters")
        yield server
    finally:
        server.stop()


def queue(rabbit: RabbitMq, **changed: Any) -> Queue:
    """The queue as a source."""
    return Queue(rabbit.url, "letters", linger_s=LINGER_S)._replace(**changed)


def read(source: Queue, after: str | None = None, *, confirm: bool = True) -> list[Item]:
    """All that waits, with acknowledgements as the runtime gives them."""
    found: list[Item] = []
    for item in amqp.changes(source, after):
        found.append(item)
        if isinstance(item, Checkpoint) and confirm:
            amqp.acknowledge(source, item.position)
    return found


def ids(items: list[Item]) -> list[str]:
    """The records told."""
    return [item.record["id"] for item in items if isinstance(item, Change)]


def letter(number: int) -> bytes:
    """One message."""
    return json.dumps({"id": str(number)}).encode()


def test_messages_are_acknowledged_batch_by_batch(rabbit: RabbitMq) -> None:
    """In order, at most `prefetch` at once, each batch before the next; the queue is empty then."""
    rabbit.publish("letters", *map(letter, range(25)))
    source, told = queue(rabbit, prefetch=10), []
    for item in amqp.changes(source, None):
        told.append(item)
        if isinstance(item, Checkpoint):
            assert rabbit.waiting("letters") >= 25 - len(ids(told))  # the others are not taken
            amqp.acknowledge(source, item.position)
    assert ids(told) == [str(number) for number in range(25)]
    assert rabbit.waiting("letters") == 0


def test_what_was_not_confirmed_comes_again(rabbit: RabbitMq) -> None:
    """A reading without acknowledgement, as a crash before Kafka confirms, takes nothing away."""
    rabbit.publish("letters", *map(letter, range(30)))
    first = read(queue(rabbit, prefetch=50), confirm=False)
    assert sorted(ids(first)) == sorted(ids(read(queue(rabbit, prefetch=50))))
    assert rabbit.waiting("letters") == 0


def test_what_kafka_has_is_known_when_it_comes_again(rabbit: RabbitMq) -> None:
    """Confirmed, but the queue never heard of it: counted as unchanged, then acknowledged."""
    rabbit.publish("letters", *map(letter, range(30)))
    source = queue(rabbit, prefetch=50)
    first = read(source, confirm=False)
    position = [item.position for item in first if isinstance(item, Checkpoint)][-1]
    rabbit.publish("letters", letter(30))
    again = read(source, position)
    assert sum(item.count for item in again if isinstance(item, Unchanged)) == 30
    assert ids(again) == ["30"]
    assert rabbit.waiting("letters") == 0


def test_poison_is_kept_byte_for_byte_and_stops_nothing(rabbit: RabbitMq) -> None:
    """Messages that are no JSON object go to quarantine and are acknowledged like others."""
    poison = [b"\xff\x00", b"[1]", b"", b"[" * 100_000, b'{"id": ' + b"1" * 1_000_000 + b"}"]
    rabbit.publish("letters", letter(1), *poison, letter(2))
    items = read(queue(rabbit))
    assert ids(items) == ["1", "2"]
    parked = [item for item in items if isinstance(item, Unreadable)]
    assert [item.raw for item in parked] == poison
    assert [item.error.code for item in parked] == [
        "E-ENCODING",
        "E-JSON",
        "E-JSON",
        "E-JSON-DEPTH",
        "E-JSON-SIZE",
    ]
    assert rabbit.waiting("letters") == 0


def test_a_server_that_is_away_is_asked_again(rabbit: RabbitMq) -> None:
    """Killed in the middle of a reading, and not there at all: an outage, never an end."""
    rabbit.publish("letters", *map(letter, range(30)))
    source = queue(rabbit, prefetch=10, linger_s=20.0)
    items = amqp.changes(source, None)
    assert isinstance(next(items), Change)
    rabbit.kill()
    with pytest.raises(SourceUnavailable):
        list(items)
    with pytest.raises(SourceUnavailable):
        read(source)
    rabbit.start()
    assert sorted(ids(read(queue(rabbit)))) == sorted(str(number) for number in range(30))


def test_an_acknowledgement_that_finds_nobody_is_an_outage(rabbit: RabbitMq) -> None:
    """The server dies between Kafka's confirmation and the acknowledgement."""
    rabbit.publish("letters", *map(letter, range(30)))
    source = queue(rabbit, prefetch=10, linger_s=20.0)
    items = amqp.changes(source, None)
    position = next(item.position for item in items if isinstance(item, Checkpoint))
    assert position is not None
    rabbit.kill()
    amqp.acknowledge(source, position)
    with pytest.raises(SourceUnavailable):
        next(items)


def test_a_queue_that_is_not_there_is_an_outage(rabbit: RabbitMq) -> None:
    """A server that starts says so of queues it is going to have."""
    with pytest.raises(SourceUnavailable):
        read(queue(rabbit, name="nobody"))


def test_a_refused_user_is_a_breach_and_its_password_is_not_told(rabbit: RabbitMq) -> None:
    """Asking again would not help."""
    with pytest.raises(ContractBreach) as caught:
        read(queue(rabbit, url=rabbit.url.replace("guest:guest", "guest:hush-hush")))
    assert caught.value.code == "E-ACCESS"
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize("changed", [{"prefetch": 0}, {"prefetch": 10**6}, {"url": "amqp://h:x/"}])
def test_settings_that_cannot_be_are_refused(changed: dict[str, Any]) -> None:
    """Prefetch 0 would be no bound at all."""
    with pytest.raises(SettingsError):
        read(Queue("amqp://127.0.0.1:1/", "letters")._replace(**changed))


def test_an_idle_reading_lets_the_runtime_look_around_and_ends(rabbit: RabbitMq) -> None:
    """While nothing comes there are checkpoints that say nothing new, then the end."""
    began = time.monotonic()
    items = read(queue(rabbit, linger_s=3.0))
    assert items
    assert {item for item in items if not isinstance(item, Checkpoint)} == set()
    assert len({item.position for item in items}) == 1
    assert time.monotonic() - began > 2.5


@pytest.mark.parametrize("disturbed", ["worker", "server", "none"])
def test_kills_lose_nothing(
    kafka: Kafka, rabbit: RabbitMq, workers: Workers, disturbed: str
) -> None:
    """F16, F18: worker or server killed at random points; every message is on Kafka."""
    rabbit.publish("letters", *(json.dumps(row).encode() for row in rows()))
    source = {"kind": "amqp", "url": rabbit.url, "name": "letters", "prefetch": 100, "linger_s": 2}
    if disturbed == "none":
        books = run_to_the_end(kafka, workers, source)
        assert books == EXPECTED
        check(kafka, books)
    else:
        kill(kafka, workers, source, rabbit if disturbed == "server" else None)
    assert rabbit.waiting("letters") == 0
