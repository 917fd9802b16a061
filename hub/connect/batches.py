"""Batches: what a connector read together and an operator reverts together.

A batch is a file where the source has files, however long reading it takes; otherwise what was read
between two remembered positions. Its identifier is the connector's name and the instant it began.
What a connector confirms, it tells in its position record first (so that batch and position are one
message) and then under the batch's own key in a compacted topic, where all batches can be listed.

A revert is a batch too: its record names the batch it reverts. So reverting it brings back what it
took away.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple, Self

from hub.bus.reader import Message
from hub.connect.books import Books
from hub.connect.contract import Change, Unchanged, Unreadable

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FINISHED_MAX = 100
"""So many batches are told with one position at most: many small files are confirmed sooner."""


class Batch(NamedTuple):
    """One batch as it is remembered.

    `books` are of this batch alone; records told again after a crash count once. `open` says that a
    file is still being read. `reverts` names the batch this one reverts, with `by` and `reason` as
    they were given.
    """

    batch_id: str
    connector: str
    began_us: int
    file: str = ""
    stored_at_us: int = 0
    books: Books = Books()
    open: bool = False
    reverts: str = ""
    by: str = ""
    reason: str = ""

    def as_record(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {**self._asdict(), "books": self.books.as_record()}

    def encode(self) -> bytes:
        """The value of the batch's record."""
        return json.dumps(self.as_record(), sort_keys=True).encode()

    @classmethod
    def of_record(cls, record: Mapping[str, Any]) -> Self:
        """The batch in plain values."""
        return cls(**{**record, "books": Books.of_record(record["books"])})


def batch_id(connector: str, began_us: int) -> str:
    """The identifier of a connector's batch that began at an instant: sorts by time."""
    began = EPOCH + timedelta(microseconds=began_us)
    return f"{connector}-{began:%Y%m%dT%H%M%S.%fZ}"


def begun(connector: str, began_us: int, file: str = "") -> Batch:
    """A batch that nothing was read of yet."""
    return Batch(batch_id(connector, began_us), connector, began_us, file)


def latest(messages: Iterable[Message]) -> dict[str, Batch]:
    """Each batch of the batches or reverts topic as it was told last, oldest first."""
    found: dict[str, Batch] = {}
    for message in messages:
        if message.key is not None and message.value is not None:
            found[message.key.decode()] = Batch.of_record(json.loads(message.value))
    return dict(sorted(found.items(), key=lambda pair: pair[1].began_us))


def reverted(reverts: Mapping[str, Batch]) -> frozenset[str]:
    """The batches, reverts among them, that are not in effect.

    A revert begins after what it reverts, so the newest are in effect for sure.
    """
    off: set[str] = set()
    for one in sorted(reverts.values(), key=lambda batch: batch.began_us, reverse=True):
        if one.batch_id not in off:
            off.add(one.reverts)
    return frozenset(off)


def source_of(batch: str, reverts: Mapping[str, Batch]) -> str:
    """The batch of a source that a revert is about in the end; the batch itself if it is none."""
    while batch in reverts:
        batch = reverts[batch].reverts
    return batch


def file_of(item: Change | Unreadable | Unchanged) -> str:
    """The file an item came with, empty where it names none: a gone row came with the later one."""
    if isinstance(item, Unchanged):
        return ""
    return str(item.context.get("gone_in") or item.context.get("file") or "")


class Batching:
    """The batches of one call of a source, while they are read."""

    def __init__(
        self, connector: str, last: Batch | None, books: Books, now_us: Callable[[], int]
    ) -> None:
        """Goes on with `last` where that is a file still being read; `books` are those by now."""
        self._connector = connector
        self._now_us = now_us
        self._carried = Books()
        self._from = books
        self._finished: list[Batch] = []
        if last is not None and last.open:
            self.now, self._carried = last, last.books
        else:
            self.now = self._begin("", 0 if last is None else last.began_us)

    def before(self, item: Change | Unreadable | Unchanged, told: Callable[[], Books]) -> None:
        """An item is about to be counted; `told` gives the books without it."""
        file = file_of(item)
        if not file or file == self.now.file:
            return
        books = told()
        if not self.now.file and books.read == self._from.read:
            self.now = self.now._replace(file=file)
        else:
            self.finish(books)
            self.now = self._begin(file, self.now.began_us)

    def renew(self, books: Books) -> None:
        """Time has passed: where nothing was read yet, the batch begins now."""
        if not self.now.file and books.read == self._from.read:
            self.now = self._begin("", self.now.began_us)

    def full(self) -> bool:
        """Whether what was finished has to be remembered before more is read."""
        return len(self._finished) >= FINISHED_MAX

    def told(self, books: Books, stored_at_us: int, *, at_end: bool) -> tuple[Batch, ...]:
        """The batches to be remembered with a position at which the books are these.

        What was finished before is in them once; a file goes on unless the source is at its end.
        """
        going_on = bool(self.now.file) and not at_end
        page = self._page(books)
        last = self.now._replace(books=page, open=going_on)
        found = [*self._finished, *([last] if page.read or self.now.open else [])]
        return tuple(one._replace(stored_at_us=stored_at_us) for one in found)

    def remembered(self, books: Books, *, at_end: bool) -> None:
        """What `told` gave is remembered: what comes now is another batch, or more of the file."""
        self._finished = []
        page = self._page(books)
        if self.now.file and not at_end:
            self.now = self.now._replace(open=bool(page.read) or self.now.open)
            return
        self._carried, self._from = Books(), books
        self.now = self._begin("", self.now.began_us)

    def finish(self, books: Books) -> None:
        """The batch being read ends here."""
        page = self._page(books)
        if page.read:
            self._finished.append(self.now._replace(books=page, open=False))
        self._carried, self._from = Books(), books

    def _page(self, books: Books) -> Books:
        """What the books hold of the batch being read: nothing of records behind the position."""
        if books.read < self._from.read:
            return self._carried
        return self._carried.add(books.since(self._from))

    def _begin(self, file: str, last_began_us: int) -> Batch:
        return begun(self._connector, max(self._now_us(), last_began_us + 1), file)


def listed(told: Iterable[Batch], last: Iterable[Batch]) -> Iterator[Batch]:
    """Batches from their topic together with those of the position records, oldest first."""
    found = {one.batch_id: one for one in told}
    for one in last:
        known = found.get(one.batch_id)
        if known is None or known.stored_at_us < one.stored_at_us:
            found[one.batch_id] = one
    yield from sorted(found.values(), key=lambda batch: batch.began_us)
