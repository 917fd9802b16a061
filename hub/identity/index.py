"""Finds records worth comparing: those that share enough keys. A cache, made anew from records.

Records are numbers here and keys are blind tokens. A token that few hold has one row with all of
them. Of one that many hold, and which therefore finds nobody, that row has their count alone, and
the holders stand in rows of `crowds`, each for a range of numbers, so that no change writes much.
"""

from array import array
from collections import Counter
from collections.abc import Collection, Iterable
from collections.abc import Set as AbstractSet
from typing import NamedTuple

from hub.identity.kind import ENOUGH, Key
from hub.identity.state import Blind, Rows

HOLDERS_MAX = 100
"""A key with more holders finds nobody: it says too little, and would cost too much."""
NUMBER_BYTES = 4
RANGE_BITS = 16
"""Holders of a crowded token are in one row for so many numbers, by the lower bits of these."""
_LOW = (1 << RANGE_BITS) - 1


class Tokens(NamedTuple):
    """The keys of a record as tokens: those of strong sorts, and the others."""

    strong: frozenset[bytes]
    weak: frozenset[bytes]


class Put(NamedTuple):
    """What follows from adding a record.

    `near`: the records that share enough tokens with it; `closed`: the holders of each token that
    finds nobody from now on.
    """

    near: list[int]
    closed: list[list[int]]


class Index:
    """Tokens with the numbers of the records that hold them."""

    def __init__(
        self,
        strong: Collection[str],
        blind: Blind,
        postings: Rows,
        crowds: Rows,
        holders_max: int = HOLDERS_MAX,
    ) -> None:
        """Of what the tables hold; keys of the `strong` sorts say twice as much."""
        self._strong = strong
        self._blind = blind
        self._postings = postings
        self._crowds = crowds
        self._holders_max = holders_max
        self._open_max = holders_max * NUMBER_BYTES
        self.cut = 0
        """How many keys find nobody because they have too many holders."""

    def tokens(self, keys: Iterable[Key]) -> Tokens:
        """Keys as tokens."""
        strong: list[bytes] = []
        weak: list[bytes] = []
        token, sorts = self._blind.token, self._strong
        for key in keys:
            (strong if key[0] in sorts else weak).append(token(key))
        return Tokens(frozenset(strong), frozenset(weak))

    def put(self, number: int, tokens: Tokens) -> Put:
        """Add a record."""
        closed: list[list[int]] = []
        found = array("I")
        packed = number.to_bytes(NUMBER_BYTES, "little")
        get, put, add = self._postings.get, self._postings.put, found.frombytes
        for part in tokens:
            for token in part:
                row = get(token)
                if row is None:
                    put(token, packed)
                elif len(row) % NUMBER_BYTES:
                    put(token, self._join(token, _Crowd.read(row), [number]))
                elif len(row) < self._open_max:
                    put(token, row + packed)
                    add(row)
                    if part is tokens.strong:
                        add(row)
                else:
                    holders = array("I", row + packed).tolist()
                    put(token, self._join(token, _Crowd(0, ()), holders))
                    self.cut += 1
                    closed.append(holders)
        return Put(_enough(found), closed)

    def remove(self, number: int, tokens: Tokens) -> list[list[int]]:
        """Take a record out; the holders of each token that finds somebody again from now on."""
        opened: list[list[int]] = []
        for part in tokens:
            for token in part:
                row = self._postings.get(token) or b""
                if len(row) % NUMBER_BYTES:
                    crowd = self._leave(token, _Crowd.read(row), number)
                    if crowd.holders > self._holders_max:
                        self._postings.put(token, crowd.row())
                        continue
                    holders = self._disperse(token, crowd)
                    self.cut -= 1
                    opened.append(holders)
                else:
                    holders = array("I", row).tolist()
                    holders.remove(number)
                if holders:
                    self._postings.put(token, array("I", holders).tobytes())
                else:
                    self._postings.remove(token)
        return opened

    def near(self, number: int, tokens: Tokens) -> list[int]:
        """The records that share enough tokens with one."""
        found = array("I")
        get, add = self._postings.get, found.frombytes
        for token in tokens.strong:
            row = get(token)
            if row is not None and not len(row) % NUMBER_BYTES:
                add(row)
                add(row)
        for token in tokens.weak:
            row = get(token)
            if row is not None and not len(row) % NUMBER_BYTES:
                add(row)
        return [other for other in _enough(found) if other != number]

    def is_near(self, one: AbstractSet[Key], other: AbstractSet[Key]) -> bool:
        """Whether two records share enough keys that find somebody."""
        strong, weak = self.tokens(one & other)
        return sum(map(self._finds, strong)) * ENOUGH + sum(map(self._finds, weak)) >= ENOUGH

    def _finds(self, token: bytes) -> bool:
        return not len(self._postings.get(token) or b"") % NUMBER_BYTES

    def _join(self, token: bytes, crowd: "_Crowd", numbers: Iterable[int]) -> bytes:
        """Add holders to a crowded token; its row."""
        count, ranges = crowd
        for number in numbers:
            high, low = number >> RANGE_BITS, number & _LOW
            key = token + high.to_bytes(NUMBER_BYTES, "big")
            held = self._crowds.get(key)
            self._crowds.put(key, (held or b"") + low.to_bytes(2, "little"))
            if held is None:
                ranges = (*ranges, high)
            count += 1
        return _Crowd(count, ranges).row()

    def _leave(self, token: bytes, crowd: "_Crowd", number: int) -> "_Crowd":
        """Take a holder from a crowded token."""
        high = number >> RANGE_BITS
        key = token + high.to_bytes(NUMBER_BYTES, "big")
        held = array("H", self._crowds.get(key) or b"")
        held.remove(number & _LOW)
        if held:
            self._crowds.put(key, held.tobytes())
            return _Crowd(crowd.holders - 1, crowd.ranges)
        self._crowds.remove(key)
        return _Crowd(crowd.holders - 1, tuple(one for one in crowd.ranges if one != high))

    def _disperse(self, token: bytes, crowd: "_Crowd") -> list[int]:
        """The holders of a token, which is crowded no more."""
        holders: list[int] = []
        for high in crowd.ranges:
            key = token + high.to_bytes(NUMBER_BYTES, "big")
            held = array("H", self._crowds.get(key) or b"")
            self._crowds.remove(key)
            holders += [high << RANGE_BITS | low for low in held]
        return holders


def _enough(found: Iterable[int]) -> list[int]:
    """The numbers that were found often enough."""
    return [number for number, times in Counter(found).items() if times >= ENOUGH]


class _Crowd(NamedTuple):
    """Of a crowded token: how many hold it, and in which ranges of numbers they are.

    As a row it is four bytes for each number and one more, by which it is known from holders.
    """

    holders: int
    ranges: tuple[int, ...]

    @classmethod
    def read(cls, row: bytes) -> "_Crowd":
        holders, *ranges = array("I", row[1:])
        return cls(holders, tuple(ranges))

    def row(self) -> bytes:
        return b"!" + array("I", (self.holders, *self.ranges)).tobytes()
