"""A rate limit for one connector: a token bucket, and a source that heeds it."""

import dataclasses
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any, NamedTuple, cast

from hub import clock
from hub.connect.contract import Change, Checkpoint, Connector, Item, Unreadable

BURST_S = 0.5
"""How many seconds' worth of records may come at once after a rest."""
SLICE_S = 0.05
"""Shorter waits are put together: a sleep for each record would cost more than the record."""
CONFIRM_FROM_S = 0.5
"""Before a wait as long as this, what was read is confirmed and its position remembered."""

ROUNDING = 1e-9


class Bucket(NamedTuple):
    """Tokens at a moment; below 0 records have been taken ahead of their time."""

    tokens: float
    at_s: float

    def refilled(self, rate_per_s: float, now_s: float) -> "Bucket":
        """The bucket at a later moment, never fuller than the burst, which is at least 1."""
        full = max(1.0, rate_per_s * BURST_S)
        return Bucket(min(full, self.tokens + (now_s - self.at_s) * rate_per_s), now_s)

    def without(self, count: int) -> "Bucket":
        """The bucket after `count` records."""
        return Bucket(self.tokens - count, self.at_s)

    def wait_s(self, rate_per_s: float) -> float:
        """How long until nothing is owed any more."""
        return max(0.0, -self.tokens / rate_per_s)


class Throttle:
    """The limit of one connector in records a second; 0 is none. May be changed by any thread."""

    def __init__(
        self, rate_per_s: float = 0.0, now_s: Callable[[], float] = clock.monotonic_s
    ) -> None:
        """Begins with a full bucket."""
        self.held_s = 0.0
        self._now_s = now_s
        self._lock = threading.Lock()
        self._rate_per_s = rate_per_s
        self._bucket = Bucket(max(1.0, rate_per_s * BURST_S), now_s())

    @property
    def rate_per_s(self) -> float:
        """The limit now."""
        return self._rate_per_s

    @rate_per_s.setter
    def rate_per_s(self, rate_per_s: float) -> None:
        with self._lock:
            if rate_per_s != self._rate_per_s:
                self._rate_per_s = rate_per_s
                self._bucket = Bucket(max(1.0, rate_per_s * BURST_S), self._now_s())

    def took(self, count: int = 1) -> float:
        """`count` records were taken: how long to wait before the next ones."""
        if not self._rate_per_s:
            return 0.0
        with self._lock:
            if not (rate := self._rate_per_s):
                return 0.0
            self._bucket = self._bucket.refilled(rate, self._now_s()).without(count)
            wait_s = self._bucket.wait_s(rate)
        return wait_s if wait_s >= SLICE_S else 0.0

    def admit(self, count: int) -> float:
        """Take `count` records and give 0, or take none and say how long to wait.

        More records at once than the bucket holds are admitted when nothing is owed, and paid for
        afterwards: otherwise they never could be.
        """
        with self._lock:
            if not (rate := self._rate_per_s):
                return 0.0
            self._bucket = self._bucket.refilled(rate, self._now_s())
            if self._bucket.tokens < min(count, 1) - ROUNDING:
                return max(SLICE_S, (1 - self._bucket.tokens) / rate)
            self._bucket = self._bucket.without(count)
        return 0.0


def paced(
    connector: Connector,
    throttle: Throttle,
    interrupted: Callable[[], bool],
    rest: Callable[[float], None],
    reading: Callable[[bool], None] = lambda _: None,
) -> Connector:
    """The connector with a source that heeds the limit and soon gives way when interrupted.

    `rest` waits so many seconds, less when interrupted. `reading` is told when a reading begins
    and has ended.
    """
    changes = cast("Callable[[Any, str | None], Iterator[Item]]", connector.changes)

    def slowly(settings: Any, after: str | None) -> Iterator[Item]:
        reading(True)
        try:
            with closing(cast("Any", changes(settings, after))) as source:
                for item in source:
                    yield item
                    yield from _held(item)
        finally:
            reading(False)

    def _held(item: Item) -> Iterator[Item]:
        """Wait as long as the limit asks; a checkpoint lets the runtime end the reading here."""
        wait_s = throttle.took() if type(item) in (Change, Unreadable) else 0.0
        if not wait_s and not interrupted():
            return
        if item.position is not None and (wait_s >= CONFIRM_FROM_S or interrupted()):
            yield Checkpoint(item.position)
        if wait_s:
            throttle.held_s += wait_s
            rest(wait_s)
            if item.position is not None and interrupted():
                yield Checkpoint(item.position)

    return dataclasses.replace(connector, changes=slowly)
