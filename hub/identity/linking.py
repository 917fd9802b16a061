"""The pairs of records that are worth looking at together, each with its weight.

Records find each other by the keys they share. A pair whose weight is not far below what joins two
is a link; links make neighbourhoods, which are resolved as a whole.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
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

    `are_strangers`: None where there are no families; `turned`: since which freeze it is as it is.
    """

    weights: Weights
    least: int
    freeze: int
    are_strangers: AreStrangers | None
    turned: int


class Looked(NamedTuple):
    """Those whose links may be others now, and what those of one record with older ones weigh."""

    touched: set[int]
    weights: list[int]


class Linker:
    """Keeps the links of records that come, go and are looked at anew."""

    scale: Scale

    def __init__(
        self,
        keys: Callable[[Record], set[Key]],
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

    def look_anew(self, number: int) -> Looked:
        """Score a record's pairs with older ones under the present weights; the younger come to it.

        Whoever looks takes a neighbourhood as a whole.
        """
        scale, held = self.scale, self._held
        freeze, weights, passed = held.links(number)
        older = {other for other in weights if other < number}
        younger = {other: weights[other] for other in weights.keys() - older}
        if passed is not None and freeze >= scale.turned:
            near: Iterable[int] = older.union(filter(held.holds, passed))
        else:
            near = [other for other in self.near(number) if other < number]
            near = self._allowed(held.known(number).record, near)
        found, passed = self._scored(number, near)
        for other in older - found.keys():
            self._cut(other, number)
        held.put_links(number, Links(scale.freeze, {**younger, **found}, passed))
        self._link_back(number, found)
        return Looked({number, *weights, *found}, [*found.values()])

    def near(self, number: int) -> list[int]:
        """The records that one shares keys with."""
        return self._index.near(number, self._tokens_of(number))

    def are_near(self, left: Iterable[Record], right: Iterable[Record]) -> bool:
        """Whether a record of these and one of those share enough to be looked at together."""
        ones, others = ([self._keys(one) for one in side] for side in (left, right))
        return any(self._index.is_near(one, other) for one in ones for other in others)

    def _tokens(self, record: Record) -> Tokens:
        return self._index.tokens(self._keys(record))

    def _tokens_of(self, number: int) -> Tokens:
        return self._tokens(self._held.known(number).record)

    def _link(self, number: int, record: Record, near: Iterable[int]) -> set[int]:
        """Score a record against some near it; itself and those it is linked with now."""
        found, passed = self._scored(number, self._allowed(record, near))
        freeze, own, _ = self._held.links(number)
        older = frozenset(other for other in passed if other < number)
        self._held.put_links(number, Links(freeze, {**own, **found}, older))
        self._link_back(number, found)
        for other in passed - older:
            freeze, own, before = self._held.links(other)
            if before is not None:
                self._held.put_links(other, Links(freeze, own, before | {number}))
        return {number, *found}

    def _scored(self, number: int, near: Iterable[int]) -> tuple[dict[int, int], frozenset[int]]:
        """What a record's links with others weigh, and those that weigh too little for a link."""
        weights, least, _, are_strangers, _ = self.scale
        known = self._held.known
        beside = evidence.Beside(weights, known(number).record)
        found: dict[int, int] = {}
        passed: list[int] = []
        for other in near:
            total = beside.worth(known(other).record, least, are_strangers)
            if total is None:
                continue
            if total >= least:
                found[other] = total
            else:
                passed.append(other)
        return found, frozenset(passed)

    def _link_back(self, number: int, found: Mapping[int, int]) -> None:
        """Put the other side of a record's links."""
        for other, total in found.items():
            freeze, weights, passed = self._held.links(other)
            weights[number] = total
            self._held.put_links(other, Links(freeze, weights, passed))

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
        keys: dict[int, set[Key]] = {}
        for number in members:
            freeze, weights, passed = self._held.links(number)
            older = {other for other in (*weights, *(passed or ())) if other < number} & members
            if not older:
                continue
            for one in (number, *older):
                if one not in keys:
                    keys[one] = self._keys(self._held.known(one).record)
            apart = {other for other in older if not self._index.is_near(keys[number], keys[other])}
            if passed is not None and not passed.isdisjoint(apart):
                self._held.put_links(number, Links(freeze, weights, passed - apart))
            for other in apart & weights.keys():
                self._cut(number, other)
                self._cut(other, number)
                dropped |= {number, other}
        return dropped

    def _cut(self, number: int, other: int) -> None:
        """Forget a record's own side of a link."""
        freeze, weights, passed = self._held.links(number)
        if weights.pop(other, None) is not None:
            self._held.put_links(number, Links(freeze, weights, passed))
