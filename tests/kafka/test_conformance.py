"""The conformance suite with a stand of the author's own: a real RabbitMQ."""

import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from office import DOGS, lines
from source_servers import RabbitMq

from hub import clock
from hub.connect.conformance import sourcing
from hub.connect.conformance.outcome import Outcome
from hub.connect.conformance.stand import Source, Subject
from hub.connect.conformance.suite import CHECKS, run
from hub.connect.contract import Item, setting
from hub.connect.sources import amqp
from hub.connect.sources.amqp import Queue

pytestmark = pytest.mark.kafka
LOOKED_AT = ("resume", "again", "stops", "acknowledges", "privacy", "signals")


@dataclasses.dataclass(frozen=True)
class Settings:
    """The queue."""

    url: str = setting("Address of the server.")
    name: str = setting("The queue.")

    def queue(self) -> Queue:
        """As a source."""
        return Queue(self.url, self.name, linger_s=0.1)


def changes(settings: Settings, after: str | None) -> Iterator[Item]:
    """The messages."""
    return amqp.changes(settings.queue(), after)


def acknowledge(settings: Settings, position: str) -> None:
    """What Kafka has confirmed."""
    amqp.acknowledge(settings.queue(), position)


QUEUED = dataclasses.replace(DOGS, settings=Settings, changes=changes, acknowledge=acknowledge)


def test_a_queue_is_examined_where_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stand of one's own makes a queue each time; all that has to do with reading passes."""
    monkeypatch.setattr(sourcing, "STOPS_MAX", 3)
    server = RabbitMq(tmp_path)
    server.start()

    @contextmanager
    def stand() -> Iterator[Source]:
        name = f"dogs-{clock.random_token(4)}"
        server.declare(name)
        server.publish(name, *lines()[:14])
        yield Source.asked(QUEUED, Settings(server.url, name))

    try:
        subject = Subject(QUEUED, stand)
        found = [run(check, subject) for check in CHECKS if check.name in LOOKED_AT]
    finally:
        server.stop()
    assert {one.outcome for one in found} == {Outcome.PASSED}, found
