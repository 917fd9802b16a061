"""Carries the revert of a batch out: finds its records in the log, says what has to be said.

The log is read twice: from when the batch began, to find its records; and from its beginning, for
everything that was ever said of those. Memory is bounded by RECORDS_AT_ONCE records; of a larger
batch the log is read again for each portion.

The revert is remembered before its first event is sent and after its last. One that broke off is
finished by asking for the same again; one that is done has nothing left to say.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from itertools import islice
from typing import NamedTuple, Protocol

from hub.bus.producer import Headers
from hub.bus.reader import Message
from hub.bus.topics import REVERTS
from hub.canon.codec import Codec, batch_of
from hub.canon.model import Capture, Event
from hub.connect import batches
from hub.connect.batches import Batch
from hub.connect.books import Books
from hub.connect.publish import prepared
from hub.connect.revert import (
    BROUGHT_BACK,
    TOLD_AGAIN,
    VOIDED,
    Fate,
    Reverts,
    compensations,
    fates,
)
from hub.errors import DecodeError, SettingsError

RECORDS_AT_ONCE = 100_000
FLUSH_EVERY = 5_000
TELL_EVERY = 100_000
SLACK_US = 60_000_000
"""Kafka's timestamps are those of the same machine as the batch's, give or take so much."""
Read = Callable[[int], Iterator[Message]]


class Confirming(Protocol):
    """The part of the producer that a revert needs."""

    def send(
        self, topic: str, key: bytes | None, value: bytes | None, headers: Headers = ()
    ) -> None:
        """Queue one message."""

    def flush(self) -> None:
        """Wait until everything sent is confirmed."""


class World(NamedTuple):
    """What a revert needs of the world.

    `read` gives the messages of the events topic of the batch's domain, `topic`, from an instant on
    (microseconds since 1970; 0: all).
    """

    topic: str
    read: Read
    producer: Confirming
    codec: Codec
    identity_key: bytes
    progress: Callable[[str], None] = lambda _: None


class Known(NamedTuple):
    """The batches and reverts there are, by identifier."""

    batches: Mapping[str, Batch]
    reverts: Mapping[str, Batch]

    def one(self, batch_id: str) -> Batch:
        """A batch or revert. Raises SettingsError where there is none."""
        found = self.batches.get(batch_id) or self.reverts.get(batch_id)
        if found is None:
            raise SettingsError(f"there is no batch {batch_id}", remedy="see hub batch list")
        return found

    def source(self, batch_id: str) -> Batch:
        """The batch of a source that a batch or revert is about in the end."""
        return self.one(batches.source_of(batch_id, self.reverts))


class Done(NamedTuple):
    """What a revert said, or would say.

    `events` are all that were ever said for it, by this and earlier calls.
    """

    revert_id: str
    records: int
    voided: int
    brought_back: int
    told_again: int
    events: int


def planned(target: str, known: Known, now_us: int, by: str = "", reason: str = "") -> Batch:
    """The revert of a batch: the one in effect where there is one already, else one of now."""
    batch = known.one(target)
    off = batches.reverted(known.reverts)
    for one in known.reverts.values():
        if one.reverts == target and one.batch_id not in off:
            return one
    latest_us = max((one.began_us for one in (batch, *known.reverts.values())), default=0)
    made = batches.begun(batch.connector, max(now_us, latest_us + 1))
    return made._replace(
        batch_id=f"{made.batch_id}-revert", open=True, reverts=target, by=by, reason=reason
    )


def carry_out(
    plan: Batch, known: Known, world: World, now_us: Callable[[], int], *, dry_run: bool = False
) -> Done:
    """Say what a planned revert has to say; with `dry_run` only count it.

    Raises Unavailable where Kafka does not answer or confirm: then ask for the same again.
    """
    source = known.source(plan.reverts)
    reverts = {**known.reverts, plan.batch_id: plan}
    state = Reverts(batches.reverted(reverts), known.batches.__contains__)
    if not dry_run:
        _remember(plan._replace(open=True), world.producer)
    saying = _Saying(world, state, Capture(now_us(), plan.batch_id), dry_run=dry_run)
    names = iter(sorted(_records(source, world)))
    while portion := frozenset(islice(names, RECORDS_AT_ONCE)):
        saying.say(portion)
    done = saying.done()
    if not dry_run:
        books = Books(events=done.events)
        _remember(plan._replace(open=False, books=books, stored_at_us=now_us()), world.producer)
    return done


def _remember(plan: Batch, producer: Confirming) -> None:
    """Remember a revert; everything sent before is confirmed first."""
    producer.flush()
    producer.send(REVERTS.name, plan.batch_id.encode(), plan.encode())
    producer.flush()


def fates_of(batch: Batch, world: World) -> Counter[Fate]:
    """What became of the events a batch told, counted."""
    found: Counter[Fate] = Counter()
    names = iter(sorted(_records(batch, world)))
    while portion := frozenset(islice(names, RECORDS_AT_ONCE)):
        for events in _logs(portion, world):
            found.update(fates(events, batch.batch_id))
    return found


def _records(batch: Batch, world: World) -> set[bytes]:
    """The records a batch told anything of, by their keys."""
    found: set[bytes] = set()
    messages = world.read(max(1, batch.began_us - SLACK_US))
    for message in _told(messages, world, lambda: f"{len(found):,} records of the batch found"):
        if message.key is not None and batch_of(message.value or b"") == batch.batch_id:
            found.add(message.key)
    return found


def _told(messages: Iterable[Message], world: World, text: Callable[[], str]) -> Iterator[Message]:
    for number, message in enumerate(messages, 1):
        if number % TELL_EVERY == 0:
            world.progress(f"{number:,} messages read, {text()}")
        yield message


def _decoded(message: Message, codec: Codec) -> Event | None:
    """The event in a message; None where it is none, which the processor has refused as well."""
    try:
        value = codec.decode(message.value or b"")
    except DecodeError:
        return None
    if not isinstance(value, Event) or value.envelope.origin.record_id.encode() != message.key:
        return None
    return value


def _logs(records: Collection[bytes], world: World) -> Iterator[list[Event]]:
    """For each of these records everything the log has of it, in the order of the log."""
    log: dict[bytes, list[Message]] = {}
    for message in _told(world.read(0), world, lambda: f"{len(log):,} records gathered"):
        if message.key in records:
            log.setdefault(message.key or b"", []).append(message)
    for name in sorted(log):
        found = (_decoded(message, world.codec) for message in log.pop(name))
        yield [event for event in found if event is not None]


class _Saying:
    """Says what has to be said of portions of records, and counts it."""

    def __init__(self, world: World, reverts: Reverts, capture: Capture, *, dry_run: bool) -> None:
        self._world = world
        self._reverts = reverts
        self._capture = capture
        self._dry_run = dry_run
        self._counts = dict.fromkeys((VOIDED, BROUGHT_BACK, TOLD_AGAIN), 0)
        self._records = 0
        self._events = 0

    def say(self, records: Collection[bytes]) -> None:
        """Read everything the log has of these records, and say what is missing."""
        for events in _logs(records, self._world):
            self._one(events)
        self._world.progress(f"{self._events:,} events said of {self._records:,} records")

    def _one(self, events: list[Event]) -> None:
        world = self._world
        said = compensations(world.identity_key, events, self._reverts, self._capture)
        batch = self._capture.batch_id
        before = {one.envelope.event_id for one in events if one.capture.batch_id == batch}
        self._events += len(before | {one.event.envelope.event_id for one in said})
        self._records += bool(said)
        for one in said:
            self._counts[one.why] += 1
            if not self._dry_run:
                world.producer.send(world.topic, *prepared(one.event, world.codec))
                if sum(self._counts.values()) % FLUSH_EVERY == 0:
                    world.producer.flush()

    def done(self) -> Done:
        """What was said."""
        counts = self._counts
        told = (counts[VOIDED], counts[BROUGHT_BACK], counts[TOLD_AGAIN])
        return Done(self._capture.batch_id, self._records, *told, self._events)
