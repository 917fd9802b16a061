"""Neighbourhoods: records that hang together by links or decisions, resolved anew as a whole."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations, product
from typing import NamedTuple

from hub.identity.cluster import Clusters, Edge, Judge, Possible, Twosome, resolve
from hub.identity.copies import Copies
from hub.identity.evidence import weigh_records
from hub.identity.record import Record
from hub.identity.remembered import Doubt, Remembered

APART_MAX = 5
"""So many records that tell the same, and are not one by that, are linked; of more none is."""


class Changes(NamedTuple):
    """What is now that was not before.

    `entities` as sorted record ids. `possible`: pairs that a person may look at, by the pair; None
    where there is no such pair any more.
    """

    entities: tuple[tuple[str, ...], ...]
    possible: Mapping[Twosome, Possible | None]


class _Around(NamedTuple):
    """A neighbourhood: its records by name, and what they stand for.

    `copies`: the names of all that are one by telling the same, by the first of them; `numbers` of
    all names; `names` that stand for a face; `alone`: records that are looked at no further.
    """

    records: dict[str, Record]
    copies: dict[str, tuple[str, ...]]
    numbers: dict[str, int]
    names: dict[int, list[str]]
    alone: list[tuple[str, ...]]


class Neighbourhoods:
    """What records were found to be, and which pairs of entities are possible."""

    def __init__(self, held: Remembered, copies: Copies) -> None:
        """Of what is remembered, where one record stands for all that tell the same."""
        self._held = held
        self._copies = copies
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
            face = self._copies.face(number)
            if face in seen or not self._held.holds(number):
                continue
            members = self.around(face, judge)
            seen |= members
            new += self._resolve_one(members, judge)
        doubts, self._doubts = self._doubts, {}
        return Changes(tuple(sorted(new)), doubts)

    def around(self, number: int, judge: Judge) -> set[int]:
        """The faces that hang together with one, itself among them."""
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

    def _resolve_one(self, faces: set[int], judge: Judge) -> list[tuple[str, ...]]:
        around = _Around({}, {}, {}, {}, [])
        for face in faces:
            self._look_around(around, face, judge)
        numbers = around.numbers
        if len(around.records) == 1:
            (name,) = around.records
            found = Clusters((around.copies.get(name, (name,)),), ())
        else:
            links = self._links(around, judge)
            found = resolve(around.records, links, judge, around.copies)
        new = [
            entity
            for entity in (*found.entities, *around.alone)
            if self._held.put_entity(tuple(numbers[name] for name in entity))
        ]
        self._doubt(numbers, found.possible)
        return new

    def _look_around(self, around: "_Around", face: int, judge: Judge) -> None:
        """Add a record and its copies: as one, each by itself, or, where they are many, alone."""
        name, record = self._held.known(face)
        copies = self._copies.of(face)
        if len(copies) == 1:
            around.records[name] = record
            around.numbers[name] = face
            around.names[face] = [name]
            return
        told = sorted((self._held.name(one), one) for one in copies)
        around.numbers.update(told)
        names = tuple(one for one, _ in told)
        if judge.are_one(record):
            around.records[names[0]] = record
            around.copies[names[0]] = names
            around.names[face] = [names[0]]
        elif len(names) <= APART_MAX:
            around.records.update(dict.fromkeys(names, record))
            around.names[face] = [*names]
        else:
            around.alone.extend((one,) for one in names)
            around.names[face] = []

    def _doubt(self, numbers: Mapping[str, int], possible: Iterable[Possible]) -> None:
        """Replace the possible pairs of a neighbourhood."""
        before = {doubt for number in numbers.values() for doubt in self._held.possible_of(number)}
        after = {Doubt(numbers[one.a], numbers[one.b], *one[2:]): one for one in possible}
        for doubt in sorted(before - after.keys(), key=_pair):
            self.doubt_no_more(doubt)
        for doubt in sorted(after.keys() - before, key=_pair):
            self._held.add_possible(doubt)
            self._doubts[after[doubt][:2]] = after[doubt]

    def _links(self, around: "_Around", judge: Judge) -> list[Edge]:
        links: list[Edge] = []
        ties = bool(judge.same)
        for face, names in around.names.items():
            known = self._held.links(face).weights
            for other, total in known.items():
                if face < other:
                    links += [
                        Edge(-total, *sorted(two)) for two in product(names, around.names[other])
                    ]
            if len(names) > 1:
                links += _between_copies(names, around.records[names[0]], judge)
            if ties:
                links += [
                    Edge(0, name, other)
                    for name in names
                    for other in judge.tied(name)
                    if name < other
                    and other in around.records
                    and around.numbers[other] not in known
                ]
        return links


def _between_copies(names: Sequence[str], record: Record, judge: Judge) -> list[Edge]:
    """The links of records that tell the same and are not one by that."""
    total = weigh_records(judge.weights, record, record)
    if total < judge.least:
        return []
    return [Edge(-total, *two) for two in combinations(names, 2)]


def _pair(doubt: Doubt) -> tuple[int, int]:
    return doubt.a, doubt.b
