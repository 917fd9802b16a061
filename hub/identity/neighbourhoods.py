"""Neighbourhoods: records that hang together by links or decisions, resolved anew as a whole."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from hub.identity.cluster import Clusters, Edge, Judge, Possible, Twosome, resolve
from hub.identity.remembered import Doubt, Remembered


class Changes(NamedTuple):
    """What is now that was not before.

    `entities` as sorted record ids. `possible`: pairs that a person may look at, by the pair; None
    where there is no such pair any more.
    """

    entities: tuple[tuple[str, ...], ...]
    possible: Mapping[Twosome, Possible | None]


class Neighbourhoods:
    """What records were found to be, and which pairs of entities are possible."""

    def __init__(self, held: Remembered) -> None:
        """Of what is remembered."""
        self._held = held
        self._doubts: dict[Twosome, Possible | None] = {}
        """Possible pairs that changed since this was told last."""

    def possible(self) -> list[Possible]:
        """Pairs of entities that a person may look at."""
        name = self._held.name
        return sorted(
            Possible(name(a), name(b), weight, refusal)
            for a, b, weight, refusal in self._held.possible()
        )

    def doubt_no_more(self, doubt: Doubt) -> None:
        """A pair of entities is possible no more."""
        self._held.remove_possible(doubt)
        self._doubts[self._held.name(doubt.a), self._held.name(doubt.b)] = None

    def resolve(self, touched: Iterable[int], judge: Judge) -> Changes:
        """Resolve the neighbourhoods of records anew."""
        seen: set[int] = set()
        new: list[tuple[str, ...]] = []
        for number in sorted(touched):
            if number in seen or not self._held.holds(number):
                continue
            members = self.around(number, judge)
            seen |= members
            new += self._resolve_one(members, judge)
        doubts, self._doubts = self._doubts, {}
        return Changes(tuple(sorted(new)), doubts)

    def around(self, number: int, judge: Judge) -> set[int]:
        """The records that hang together with one, itself among them."""
        found = {number}
        frontier = [number]
        linked, ties = self._held.linked, bool(judge.same)
        while frontier:
            one = frontier.pop()
            others = [*linked(one), *self._tied(one, judge)] if ties else linked(one)
            new = [other for other in others if other not in found]
            found.update(new)
            frontier += new
        return found

    def _tied(self, number: int, judge: Judge) -> list[int]:
        """The known records that are decided to be the same as one."""
        tied = map(self._held.number, judge.tied(self._held.name(number)))
        return [one for one in tied if one is not None]

    def _resolve_one(self, members: set[int], judge: Judge) -> list[tuple[str, ...]]:
        known = sorted((*self._held.known(number), number) for number in members)
        numbers = {name: number for name, _, number in known}
        if len(members) == 1:
            found = Clusters(((known[0][0],),), ())
        else:
            found = resolve(
                {name: record for name, record, _ in known}, self._links(numbers, judge), judge
            )
        new = [
            entity
            for entity in found.entities
            if self._held.put_entity(tuple(numbers[name] for name in entity))
        ]
        self._doubt(numbers, found.possible)
        return new

    def _doubt(self, numbers: Mapping[str, int], possible: Iterable[Possible]) -> None:
        """Replace the possible pairs of a neighbourhood."""
        before = {doubt for number in numbers.values() for doubt in self._held.possible_of(number)}
        after = {Doubt(numbers[one.a], numbers[one.b], *one[2:]): one for one in possible}
        for doubt in sorted(before - after.keys(), key=_pair):
            self.doubt_no_more(doubt)
        for doubt in sorted(after.keys() - before, key=_pair):
            self._held.add_possible(doubt)
            self._doubts[after[doubt][:2]] = after[doubt]

    def _links(self, numbers: Mapping[str, int], judge: Judge) -> list[Edge]:
        names = {number: name for name, number in numbers.items()}
        links: list[Edge] = []
        ties = bool(judge.same)
        for name, number in numbers.items():
            known = self._held.links(number).weights
            for other, total in known.items():
                other_name = names[other]
                if name < other_name:
                    links.append(Edge(-total, name, other_name))
            if not ties:
                continue
            links += [
                Edge(0, name, other)
                for other in judge.tied(name)
                if name < other and other in numbers and numbers[other] not in known
            ]
        return links


def _pair(doubt: Doubt) -> tuple[int, int]:
    return doubt.a, doubt.b
