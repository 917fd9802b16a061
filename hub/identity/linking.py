"""The pairs of records that are worth looking at together, each with its weight.

Records find each other by the keys they share. A pair whose weight is not far below what joins two
is a link; links make neighbourhoods, which are resolved as a whole.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from typing import NamedTuple

from hub.identity import evidence
from hub.identity.cluster import Twosome
from hub.identity.index import Index, Tokens
from hub.identity.kind import AreStrangers, Key
from hub.identity.record import Record
from hub.identity.remembered import Links, Remembered
from hub.identity.weigh import Weights

MayLink = Callable[[str, str], bool]


class Scale(NamedTuple):
    """The weights frozen last, what a link weighs at the least in millibits, and which freeze.

    `are_strangers`: None where there are no families.
    """

    weights: Weights
    least: int
    freeze: int
    are_strangers: AreStrangers | None


class Linker:
    """Keeps the links of records that come, go and are looked at anew."""

    scale: Scale

    def __init__(
        self,
        keys: Callable[[Record], Iterable[Key]],
        held: Remembered,
        index: Index,
        may_link: MayLink | None,
    ) -> None:
        """Of the records held; `may_link` says of two agencies whether they agreed, None: all."""
        self._keys = keys
        self._held = held
        self._index = index
        self._may_link = may_link
        self.left_out: Counter[Twosome] = Counter()
        """Pairs of records that came near each other and were not compared, because their agencies
        (the smaller name first) have no agreement; only how many, so far, never which."""

    def put(self, number: int, record: Record) -> set[int]:
        """Link a new record; those whose links are others now."""
        self._held.put_links(number, Links(self.scale.freeze, {}))
        near, closed = self._index.put(number, self._tokens(record))
        self._count_left_out(record, near)
        touched = self._link(number, record, near)
        for holders in closed:
            touched |= self._look_again(holders)
        return touched

    def unlink(self, number: int) -> set[int]:
        """Forget all links of a record; those it was linked with."""
        linked = set(self._held.linked(number))
        for other in linked:
            self._cut(other, number)
        return linked

    def remove(self, number: int, record: Record) -> set[int]:
        """Let a dropped record be found no more; those whose links are others now."""
        touched: set[int] = set()
        for holders in self._index.remove(number, self._tokens(record)):
            for other in holders:
                touched |= self._link(other, self._held.known(other).record, self.near(other))
        return touched

    def look_anew(self, number: int) -> set[int]:
        """Score a record's pairs under the present weights, but those scored so already."""
        freeze, held = self.scale.freeze, self._held
        scored: dict[int, int] = {}
        for other, total in held.links(number).weights.items():
            if held.freeze_of(other) == freeze:
                scored[other] = total
            else:
                self._cut(other, number)
        held.put_links(number, Links(freeze, scored))
        near = [other for other in self.near(number) if held.freeze_of(other) != freeze]
        return {*scored, *self._link(number, held.known(number).record, near)}

    def near(self, number: int) -> list[int]:
        """The records that one shares keys with."""
        return self._index.near(number, self._tokens_of(number))

    def are_near(self, left: Iterable[Record], right: Iterable[Record]) -> bool:
        """Whether a record of these and one of those share enough to be looked at together."""
        ones, others = ([self._tokens(one) for one in side] for side in (left, right))
        return any(self._index.is_near(one, other) for one in ones for other in others)

    def _tokens(self, record: Record) -> Tokens:
        return self._index.tokens(self._keys(record))

    def _tokens_of(self, number: int) -> Tokens:
        return self._tokens(self._held.known(number).record)

    def _link(self, number: int, record: Record, near: Iterable[int]) -> set[int]:
        """Score a record against some near it; itself and those it is linked with now."""
        near = self._allowed(record, near)
        (weights, least, _, are_strangers), held = self.scale, self._held
        found: dict[int, int] = {}
        for other in near:
            known = held.known(other).record
            if are_strangers is not None and are_strangers(record, known):
                continue
            total = evidence.weigh_records(weights, record, known)
            if total >= least:
                found[other] = total
        if found:
            freeze, own = held.links(number)
            held.put_links(number, Links(freeze, {**own, **found}))
            for other, total in found.items():
                freeze, others = held.links(other)
                others[number] = total
                held.put_links(other, Links(freeze, others))
        return {number, *found}

    def _allowed(self, record: Record, near: Iterable[int]) -> Iterable[int]:
        """Those near a record that it may be compared with, by the agreements of their agencies."""
        may_link = self._may_link
        if may_link is None:
            return near
        agency_of = self._held.known
        return [one for one in near if may_link(record.agency, agency_of(one).record.agency)]

    def _count_left_out(self, record: Record, near: Iterable[int]) -> None:
        """Count the comparisons that are left out for lack of an agreement, by agencies."""
        if self._may_link is None:
            return
        for one in near:
            other = self._held.known(one).record.agency
            if not self._may_link(record.agency, other):
                self.left_out[min(record.agency, other), max(record.agency, other)] += 1

    def _look_again(self, holders: Iterable[int]) -> set[int]:
        """Drop links that were found by a key only which finds nobody any more."""
        dropped: set[int] = set()
        members = set(holders)
        tokens: dict[int, Tokens] = {}
        for number in members:
            for other in members.intersection(self._held.linked(number)):
                if number > other:
                    continue
                for one in (number, other):
                    if one not in tokens:
                        tokens[one] = self._tokens_of(one)
                if not self._index.is_near(tokens[number], tokens[other]):
                    self._cut(number, other)
                    self._cut(other, number)
                    dropped |= {number, other}
        return dropped

    def _cut(self, number: int, other: int) -> None:
        """Forget a record's own side of a link."""
        freeze, weights = self._held.links(number)
        if weights.pop(other, None) is not None:
            self._held.put_links(number, Links(freeze, weights))
