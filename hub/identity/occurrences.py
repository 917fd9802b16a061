"""How often each value occurs: now, and when the weights were last frozen.

A row has both counts of a value, and the number of the freeze up to which the older one is good. So
freezing is one number more, however many values there are.
"""

from collections.abc import Callable, Iterator
from functools import lru_cache
from struct import Struct
from typing import Any

from hub.identity.kind import ByTokens, Kind
from hub.identity.record import Record
from hub.identity.state import TOKEN_BYTES, Blind, Rows
from hub.identity.weigh import Counts

_ROW = Struct("<III")
_COUNT = Struct(f"<{1 + TOKEN_BYTES}sI")
NUMBER_BYTES = 4
KEYS_KEPT = 10_000
"""The keys of how many values are remembered at most."""
_NONE = _ROW.pack(0, 0, 0)


class Occurrences:
    """Counts of the values of all records."""

    def __init__(self, kind: Kind, blind: Blind, rows: Rows, groups: Rows) -> None:
        """Of what the rows hold."""
        self._blind = blind
        self._rows = rows
        self._groups = groups
        self._once_by = kind.counted_once_by
        self._fields = tuple(
            (place, how.tokens if isinstance(how, ByTokens) else None)
            for place, how in enumerate(kind.fields.values())
        )
        self.totals = [0] * len(self._fields)
        """How many values of each field there are now."""
        self.frozen = tuple(self.totals)
        """How many there were at the last freeze."""
        self.freezes = 0
        self._key = lru_cache(KEYS_KEPT)(self._key_of)

    def add(self, record: Record, times: int = 1) -> None:
        """Count a record's values; `times` -1 takes them out."""
        get, put = self._rows.get, self._rows.put
        freezes = self.freezes
        for place, tokens in self._fields:
            for value in record[place]:
                if not self._counts(record, place, value, times):
                    continue
                for part in (value,) if tokens is None else tokens(value):
                    key = self._key(place, part)
                    now, before, freeze = _ROW.unpack(get(key) or _NONE)
                    if freeze < freezes:
                        before = now
                    put(key, _ROW.pack(now + times, before, freezes))
                    self.totals[place] += times

    def _counts(self, record: Record, place: int, value: Any, times: int) -> bool:
        """Whether a value is the first, or was the last one, of the records it counts once for."""
        if self._once_by is None:
            return True
        key = self._key(place, (record[self._once_by], value))
        before = int.from_bytes(self._groups.get(key) or b"", "big")
        after = before + times
        if after:
            self._groups.put(key, after.to_bytes(NUMBER_BYTES, "big"))
        else:
            self._groups.remove(key)
        return not (before and after)

    def freeze(self) -> None:
        """From now on the present counts are the frozen ones."""
        self.freezes += 1
        self.frozen = tuple(self.totals)

    def packing(self, head: bytes, matters: Callable[[int, int], bool]) -> "Packing":
        """The frozen counts of the values that matter, by place and count; nothing of it yet."""
        return Packing(self._rows, self.freezes, head, matters)

    def freeze_as(self, totals: tuple[int, ...], rows: bytes) -> None:
        """From now on these are the frozen counts; values without one do not occur."""
        self.freezes += 1
        self.frozen = totals
        told = dict(_COUNT.iter_unpack(rows))
        for key, row in list(self._rows.items()):
            now, _, _ = _ROW.unpack(row)
            self._rows.put(key, _ROW.pack(now, told.pop(key, 0), self.freezes))
        for key, often in told.items():
            self._rows.put(key, _ROW.pack(0, often, self.freezes))

    def counts(self, *, has_families: bool, names_tell_little: bool = False) -> Counts:
        """The frozen counts; good until the next freeze."""
        values = tuple(_Frozen(self, place) for place in range(len(self._fields)))
        return Counts(values, self.frozen, has_families, names_tell_little)

    def often(self, place: int, value: Any) -> int:
        """How often a field had a value at the last freeze."""
        row = self._rows.get(self._key(place, value))
        if row is None:
            return 0
        now, before, freeze = _ROW.unpack(row)
        often: int = now if freeze < self.freezes else before
        return often

    def _key_of(self, place: int, value: Any) -> bytes:
        return bytes((place,)) + self._blind.token(_texts(value))


class Packing:
    """What the weights are frozen on, as bytes, put together from some rows at a time.

    Good until the next freeze: as long a row keeps its frozen count, whatever is counted meanwhile
    or rolled back; a value without a row does not occur in it.
    """

    def __init__(
        self, rows: Rows, freeze: int, head: bytes, matters: Callable[[int, int], bool]
    ) -> None:
        """Of no row yet."""
        self._rows = rows
        self._freeze = freeze
        self._parts = [head]
        self._matters = lru_cache(None)(matters)
        self._after = b""
        self.is_done = False
        """Whether it is of all rows."""

    def some(self, count: int) -> None:
        """Take so many rows, or some more."""
        if self.is_done:
            return
        rows = self._rows.some(self._after, count)
        for key, row in rows:
            now, before, freeze = _ROW.unpack(row)
            often = now if freeze < self._freeze else before
            if often and self._matters(key[0], often):
                self._parts.append(_COUNT.pack(key, often))
        self.is_done = len(rows) < count
        if rows:
            self._after = rows[-1][0]

    def data(self) -> bytes:
        """What was put together so far."""
        return b"".join(self._parts)


def _texts(value: Any) -> Iterator[str]:
    """The texts a value is made of."""
    if isinstance(value, str):
        yield value
    else:
        for part in value:
            yield from _texts(part)


class _Frozen:
    """The frozen counts of one field."""

    def __init__(self, occurrences: Occurrences, place: int) -> None:
        self._occurrences = occurrences
        self._place = place

    def get(self, value: Any, otherwise: int, /) -> int:
        """How often a value occurred."""
        return self._occurrences.often(self._place, value) or otherwise
