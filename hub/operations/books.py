"""The books of the whole: what each connector read and published, and what was applied of it."""

from collections.abc import Mapping
from typing import NamedTuple

from hub.bus.consumer import end_offsets
from hub.bus.topics import event_topics
from hub.connect.books import Books
from hub.processor.store import Store
from hub.settings import HubSettings


class Account(NamedTuple):
    """One connector from source record to applied event.

    `applied`, `duplicate` and `rejected` are the processor's counts of its events, `pending` what
    is not applied yet.
    """

    connector: str
    books: Books
    applied: int
    duplicate: int
    rejected: int
    pending: int

    @property
    def problems(self) -> tuple[str, ...]:
        """What does not balance, in words; empty is good."""
        found = []
        books, settled = self.books, self.applied + self.rejected
        if not books.balanced:
            found.append("read is not published + quarantined + duplicate + filtered")
        if settled > books.events:
            found.append(f"{settled - books.events} more events applied than published")
        if settled + self.duplicate + self.pending < books.events:
            missing = books.events - settled - self.duplicate - self.pending
            found.append(f"{missing} published events are neither applied nor pending")
        return tuple(found)


def pending_events(hub: HubSettings, store: Store) -> int:
    """How many events lie on Kafka that were not applied yet. Raises Unavailable."""
    topics = [(topic.name, topic.partitions) for topic in event_topics()]
    applied = store.applied()
    ends = end_offsets(hub.bootstrap_servers, hub.kafka, topics)
    return sum(max(0, end - applied.get(partition, 0)) for partition, end in ends.items())


def accounts(
    connectors: Mapping[str, Books], processor: Mapping[str, Mapping[str, int]], pending: int
) -> list[Account]:
    """The account of every connector that has read anything, by name.

    `pending` events are not applied yet; whose they are is not known, so each account allows them.
    """
    return [
        Account(
            name,
            books,
            processor.get(name, {}).get("applied", 0),
            processor.get(name, {}).get("duplicate", 0),
            processor.get(name, {}).get("quarantined", 0),
            pending,
        )
        for name, books in sorted(connectors.items())
    ]
