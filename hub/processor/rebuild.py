"""Builds the views anew from the topics, beside the live ones, and compares or replaces them.

The rebuilt store lies in a schema of its own. Entities known before keep their identifiers: the
live table of entities is copied first, because identifiers that were published always resolve.
"""

import threading
from collections.abc import Callable, Iterator
from itertools import islice
from typing import NamedTuple

from hub.bus.reader import Message, read_topic
from hub.bus.topics import event_topics
from hub.canon.codec import Codec
from hub.canon.model import Business, Citizen
from hub.processor import step
from hub.processor.digest import state_digest
from hub.processor.store import Store
from hub.processor.work import Worker
from hub.settings import HubSettings
from hub.telemetry.metrics import Health

SCHEMA = "hub_rebuild"
LIVE = "hub"
TELL_EVERY = 10_000


class Rebuilt(NamedTuple):
    """How many messages were read, and what both stores say."""

    messages: int
    live_digest: str
    rebuilt_digest: str

    @property
    def same(self) -> bool:
        """Whether the rebuilt views say what the live ones do."""
        return self.live_digest == self.rebuilt_digest


def rebuild(settings: HubSettings, codec: Codec, progress: Callable[[str], None]) -> Rebuilt:
    """Read the event topics to their present ends into a fresh schema and compare."""
    live = Store(settings.postgres_dsn(), LIVE)
    live.migrate()
    scratch = Store(settings.postgres_dsn(), SCHEMA)
    scratch.drop()
    scratch.migrate()
    scratch.copy_entities(LIVE)
    worker = Worker(scratch, codec, settings.identity_key(), threading.Event(), Health())
    count = 0
    for topic in event_topics():
        for partition in range(topic.partitions):
            worker.assign(topic.name, partition)
        messages = read_topic(settings.bootstrap_servers, topic.name, settings.kafka)
        for batch in _batches(messages, settings.batch_events_max):
            worker.process(batch)
            count += len(batch)
            if count % TELL_EVERY < len(batch):
                progress(f"{count:,} events read")
    found = Rebuilt(count, state_digest(live, codec), state_digest(scratch, codec))
    live.close()
    scratch.close()
    return found


def replace(settings: HubSettings, codec: Codec) -> int:
    """Put the rebuilt store in the place of the live one; how many views it changes.

    Running processors are fenced off and begin again where the rebuild ended. Consumers get each
    view that differs, one version on.
    """
    scratch = Store(settings.postgres_dsn(), SCHEMA)
    live = Store(settings.postgres_dsn(), LIVE)
    known = {row.entity_id: (row.version, bytes(row.digest)) for row in live.all_views()}
    rows, messages = [], []
    for row in scratch.all_views():
        version, digest = known.pop(row.entity_id, (0, b""))
        view = codec.decode(bytes(row.body))
        if not isinstance(view, Citizen | Business):
            raise TypeError("a stored view is a citizen or a business")
        if digest == bytes(row.digest):
            rows.append(
                row._replace(version=version, body=codec.encode(view._replace(version=version)))
            )
        else:
            bare = {row.entity_id: view._replace(version=0)}
            published = step.publish(codec, bare, {row.entity_id: (version, b"")})
            rows += published.rows
            messages += published.messages
    scratch.take_place_of(LIVE, rows, messages)
    return len(messages)


def _batches(messages: Iterator[Message], size: int) -> Iterator[list[Message]]:
    while batch := list(islice(messages, size)):
        yield batch
