"""Runs a connector: read, publish, wait for Kafka, only then remember the position.

Nothing here knows a departmental system. Whatever happens between two remembered positions is done
again after a crash, with the same identifiers, so it changes nothing.
"""

import dataclasses
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from typing import Any, cast

from hub import clock
from hub.bus.lease import Lease
from hub.bus.producer import Producer
from hub.bus.topics import BATCHES, POSITIONS
from hub.canon.codec import Codec
from hub.connect.batches import Batch, Batching
from hub.connect.books import Books
from hub.connect.contract import Change, Checkpoint, Connector, Item, Unchanged, Unreadable
from hub.connect.positions import Position
from hub.connect.progress import Progress
from hub.connect.publish import Publisher, Tally
from hub.errors import SourceUnavailable, Unavailable
from hub.telemetry.metrics import Health
from hub.telemetry.signals_connect import (
    BatchConfirmed,
    BooksTold,
    ConnectorStopped,
    EventsPublished,
    PublishingHeld,
    RecordsFiltered,
    RecordsRead,
    RecordsUnchanged,
    SourceDown,
)

BATCH_RECORDS_MAX = 10_000
BATCH_S_MAX = 1.0
POLL_INTERVAL_S = 0.5
RETRY_FIRST_S = 0.5
RETRY_MAX_S = 30.0
TOLD_WAIT_MAX_S = 900.0
"""A source that asks for a longer rest is asked again after this long all the same."""
WAIT_TURN_S = 5.0


@dataclasses.dataclass(frozen=True)
class Links:
    """What the runtime needs of the world; a test passes its own."""

    producer: Producer
    codec: Codec
    identity_key: bytes
    load_position: Callable[[], Position]
    lease: Lease | None = None
    health: Health = dataclasses.field(default_factory=Health)
    pause: threading.Event = dataclasses.field(default_factory=threading.Event)
    batch_done: Callable[[Batch], None] = lambda _: None
    """Called once a batch is remembered, again after a crash; raises nothing."""
    progress: Progress = dataclasses.field(default_factory=Progress)


class Run:
    """One run of one connector on one worker."""

    def __init__(self, connector: Connector, links: Links, stop: threading.Event) -> None:
        """Takes the position where the last run left it."""
        self._connector = connector
        self._links = links
        self._stop = stop
        self._publisher = Publisher(connector, links.identity_key, links.codec, links.producer)
        self._position = links.load_position()
        self._reading = _Reading(connector.name, self._position)
        self._untold = self._position.batches
        self._done(self._untold)
        self._acknowledged: str | None = None
        links.producer.heed(stop)
        _tell_books(connector.name, self._position.books)

    @property
    def position(self) -> Position:
        """What is remembered now."""
        return self._position

    def read_all(self, settings: Any, changes: Callable[[Any, str | None], Iterator[Item]]) -> bool:
        """Publish everything the source has to tell now; False when stopped before the end."""
        self._reading = _Reading(self._connector.name, self._position)
        self._acknowledge(settings)
        source = cast("Any", changes(settings, self._position.text))
        try:
            with closing(source):
                for item in source:
                    if type(item) is Checkpoint:
                        self._reading.after(item)
                    else:
                        self._take(item)
                    if type(item) is Checkpoint or self._reading.batch_full():
                        self._confirm(settings)
                        if self._stop.is_set() or self._links.pause.is_set():
                            return False
        except SourceUnavailable:
            self._confirm(settings)  # a source that fails again and again still gets on
            raise
        self._confirm(settings, at_end=True)
        self._links.progress.caught_up()
        return True

    def push(self, items: Iterable[Change | Unreadable]) -> None:
        """Publish pushed items and remember the books; returns once Kafka has confirmed both."""
        self._reading = _Reading(self._connector.name, self._position)
        for item in items:
            self._take(item)
        self._confirm(None, at_end=True)
        self._links.progress.caught_up()

    def remember_again(self) -> None:
        """Write the position once more: returns where Kafka confirms again after an outage."""
        producer = self._links.producer
        producer.send(POSITIONS.name, self._connector.name.encode(), self._position.encode())
        producer.flush()

    def _take(self, item: Change | Unreadable | Unchanged) -> None:
        reading = self._reading
        reading.before(item)
        self._publisher.take(item, reading.tally, reading.began_us, reading.batches.now.batch_id)
        reading.after(item)

    def _confirm(self, settings: Any, *, at_end: bool = False) -> None:
        """Wait for every delivery report, then remember the position and the books."""
        links, reading, name = self._links, self._reading, self._connector.name
        if links.lease is not None:
            links.lease.check()
        books = reading.books(at_end=at_end)
        ends_file = at_end and any(one.open for one in self._position.batches)
        same = books == self._position.books and reading.position == self._position.text
        if same and not ends_file:
            links.health.turn()
            reading.next_batch()
            return
        self._tell_batches()
        links.producer.flush()
        now_us = clock.now_us()
        batches = reading.batches.told(books, now_us, at_end=at_end)
        position = Position(reading.position, books, now_us, batches)
        links.producer.send(POSITIONS.name, name.encode(), position.encode())
        links.producer.flush()
        page = books.since(self._position.books)
        self._position, self._untold = position, batches
        reading.batches.remembered(books, at_end=at_end)
        links.health.turn()
        links.progress.confirmed(page)
        self._done(batches)
        _tell_page(name, page, clock.monotonic_s() - reading.began_s)
        _tell_books(name, books)
        self._acknowledge(settings)
        reading.next_batch()

    def _tell_batches(self) -> None:
        """Tell the batches of the last position under their own keys.

        They are confirmed before the next position takes their place, so none is ever missing.
        """
        for batch in self._untold:
            self._links.producer.send(BATCHES.name, batch.batch_id.encode(), batch.encode())

    def _done(self, batches: Iterable[Batch]) -> None:
        for batch in batches:
            if not batch.open:
                self._links.batch_done(batch)

    def _acknowledge(self, settings: Any) -> None:
        """Tell the source what it may forget, where it was not told so already."""
        text = self._position.text
        if self._connector.acknowledge is None or text in (None, self._acknowledged):
            return
        self._connector.acknowledge(settings, text)
        self._acknowledged = text


class _Reading:
    """One call of the source: how far it got, and what became of the records so far."""

    def __init__(self, connector: str, start: Position) -> None:
        self.tally = Tally()
        self.position = start.text
        last = start.batches[-1] if start.batches else None
        self.batches = Batching(connector, last, start.books, clock.now_us)
        self._start = start.books
        self._at_position: Books | None = None  # where records were read after the last position
        self.next_batch()

    def next_batch(self) -> None:
        """What comes now is remembered apart from what came before."""
        self.batches.renew(self._told())
        self.began_s = clock.monotonic_s()
        self.began_us = clock.now_us()
        self._full_at = self.tally.read + BATCH_RECORDS_MAX

    def _told(self) -> Books:
        return self._start.add(self.tally.books())

    def before(self, item: Change | Unreadable | Unchanged) -> None:
        """An item is about to be counted: what one cannot resume after is counted apart."""
        if item.position is None and self._at_position is None:
            self._at_position = self.tally.books()
        self.batches.before(item, self._told)

    def after(self, item: Item) -> None:
        """An item was counted: where it has a position, everything up to it has one."""
        if item.position is not None:
            self.position = item.position
            self._at_position = None

    def books(self, *, at_end: bool) -> Books:
        """The books at the position; at the end of the source with the records after it."""
        apart = None if at_end else self._at_position
        return self._start.add(self.tally.books() if apart is None else apart)

    def batch_full(self) -> bool:
        """Whether it is time to confirm."""
        if self.tally.read >= self._full_at or self.batches.full():
            return True
        return clock.monotonic_s() - self.began_s > BATCH_S_MAX


def run(
    connector: Connector,
    settings: Any,
    links: Links,
    *,
    stop: threading.Event,
    once: bool = False,
    poll_interval_s: float = POLL_INTERVAL_S,
) -> Books:
    """Run a connector that is asked for its changes, until stopped or, with `once`, to the end.

    Raises ContractBreach where source or connector broke the contract, Fenced where another worker
    took over; the position stays at what Kafka confirmed.
    """
    if connector.changes is None:
        raise TypeError(f"{connector.name} has no changes to read: it is pushed to")
    links.health.turn()
    at: Run | None = None
    wait_s = RETRY_FIRST_S
    while not stop.is_set():
        if links.pause.is_set():
            _idle(links, stop, poll_interval_s)
            continue
        try:
            at = at or Run(connector, links, stop)
            finished = at.read_all(settings, connector.changes)
        except (SourceUnavailable, Unavailable) as error:
            rest_s = _rest_s(error, wait_s)
            _tell_away(connector.name, error, rest_s)
            _rest(links, stop, error, rest_s)
            wait_s = min(wait_s * 2, RETRY_MAX_S)
            continue
        wait_s = RETRY_FIRST_S
        if finished and once:
            break
        _idle(links, stop, poll_interval_s)
    ConnectorStopped(connector.name, "asked to stop" if stop.is_set() else "read to the end").emit()
    return at.position.books if at is not None else Books()


def _idle(links: Links, stop: threading.Event, seconds: float) -> None:
    links.health.turn()
    if links.lease is not None:
        links.lease.check()
    stop.wait(seconds)


def _rest_s(error: SourceUnavailable | Unavailable, backoff_s: float) -> float:
    """How long to wait: the back-off with jitter, and never shorter than the source asked for."""
    asked_s = error.wait_s if isinstance(error, SourceUnavailable) else 0.0
    return max(clock.jitter(backoff_s), min(asked_s, TOLD_WAIT_MAX_S))


def _rest(
    links: Links, stop: threading.Event, error: SourceUnavailable | Unavailable, seconds: float
) -> None:
    """Wait, not ready but alive, and stop when asked to.

    While a source rests, Kafka is there: the lease is kept, and Fenced says that it is lost.
    """
    lease = links.lease if isinstance(error, SourceUnavailable) else None
    until_s = clock.monotonic_s() + seconds
    links.health.turn(error.message)
    while (left_s := until_s - clock.monotonic_s()) > 0 and not stop.wait(min(left_s, WAIT_TURN_S)):
        links.health.turn(error.message)
        if lease is not None:
            lease.check()


def _tell_away(name: str, error: SourceUnavailable | Unavailable, wait_s: float) -> None:
    if isinstance(error, SourceUnavailable):
        SourceDown(name, error.message, wait_s).emit()
    else:
        PublishingHeld(name, error.message, wait_s).emit()


def _tell_page(name: str, page: Books, seconds: float) -> None:
    RecordsRead(name, page.read).emit()
    if page.events:
        EventsPublished(name, page.events).emit()
    if page.duplicate:
        RecordsUnchanged(name, page.duplicate).emit()
    for rule, count in page.filtered.items():
        RecordsFiltered(name, rule, count).emit()
    BatchConfirmed(name, seconds, page.read).emit()


def _tell_books(name: str, books: Books) -> None:
    for entry in ("read", "published", "quarantined", "duplicate", "events"):
        BooksTold(name, entry, getattr(books, entry)).emit()
    BooksTold(name, "filtered", sum(books.filtered.values())).emit()
