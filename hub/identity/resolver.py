"""Keeps records partitioned into entities while records and decisions come, go and change.

The partition is a function of the records, the decisions and the frozen weights, whatever the order
in which they came: records worth looking at together form neighbourhoods, and each one touched by a
change is resolved anew from its records.
"""

from collections.abc import Iterable, Mapping
from math import log2
from typing import NamedTuple

from hub.identity import evidence
from hub.identity.cluster import Clusters, Edge, Judge, Possible, Twosome, resolve
from hub.identity.index import Index
from hub.identity.kind import Key, Kind
from hub.identity.person import PERSON
from hub.identity.profile import profile
from hub.identity.record import Record
from hub.identity.scope import EVERYONE, Scope
from hub.identity.weigh import Counts, Model, Weights, count, load_model, milli

PRIOR_AT_LEAST = 10
GROWTH, GROWTH_AT_LEAST = 1.5, 50
"""When the frozen weights are out of date: so many times the records they were counted on."""


class Changes(NamedTuple):
    """What is now that was not before.

    `entities` as sorted record ids. `possible`: pairs that a person may look at, by the pair; None
    where there is no such pair any more.
    """

    entities: tuple[tuple[str, ...], ...]
    possible: Mapping[Twosome, Possible | None]


class Frozen(NamedTuple):
    """What the weights were frozen on: how many records there were, and their counts."""

    records: int
    counts: Counts


class Resolver:
    """All records in memory; the state is theirs, so it can be made again from them."""

    def __init__(
        self,
        model: Model | None = None,
        *,
        kind: Kind = PERSON,
        household_rules: bool = True,
        scope: Scope = EVERYONE,
    ) -> None:
        """Knows nobody."""
        self.kind = kind
        self.model = model or load_model(kind)
        self.index = Index(kind.strong_keys)
        self.records: dict[str, Record] = {}
        self.entities: dict[str, tuple[str, ...]] = {}
        """The entity of each record."""
        self._edges: dict[str, dict[str, int]] = {}
        self._possible: dict[str, tuple[Possible, ...]] = {}
        self._decisions: dict[Twosome, bool] = {}
        self._household_rules = household_rules
        self._scope = scope
        self._sweep: list[str] = []
        self._doubts: dict[Twosome, Possible | None] = {}
        """Possible pairs that changed since this was told last."""
        self.frozen = Frozen(0, count(kind, ()))
        self._judge = self._new_judge()

    # changing

    def apply(
        self,
        records: Mapping[str, Record | None],
        decisions: Mapping[Twosome, bool | None] | None = None,
    ) -> Changes:
        """Put records (None: remove them) and decisions (True: the same; None: taken back)."""
        touched: set[str] = set()
        for name, record in records.items():
            if self.records.get(name) == record:
                continue
            if name in self.records:
                touched |= self._remove(name)
            if record is not None:
                touched |= self._put(name, record)
        for pair, verdict in (decisions or {}).items():
            self._decide(pair, verdict)
            touched |= {one for one in pair if one in self.records}
        return self._resolve(touched)

    def settle(self) -> Changes:
        """Count the records anew and resolve everything under the new weights."""
        self.begin_settling()
        return self.settle_some(len(self.records))

    @property
    def wants_settling(self) -> bool:
        """Whether there are many more records than the weights were counted on."""
        limit = self.frozen.records * GROWTH + GROWTH_AT_LEAST
        return not self._sweep and len(self.records) >= limit

    @property
    def is_settling(self) -> bool:
        """Whether records are left that have not been looked at under the present weights."""
        return bool(self._sweep)

    def begin_settling(self) -> None:
        """Freeze the present counts; `settle_some` then takes the records through them."""
        self.freeze(Frozen(len(self.records), count(self.kind, self.records.values())))

    def freeze(self, frozen: Frozen) -> None:
        """Weigh by these counts; `settle_some` then takes the records through them."""
        self.frozen = frozen
        self._judge = self._new_judge()
        self._sweep = sorted(self.records, reverse=True)

    def settle_some(self, limit: int) -> Changes:
        """Look at so many records again under the present weights."""
        touched: set[str] = set()
        for _ in range(min(limit, len(self._sweep))):
            name = self._sweep.pop()
            record = self.records.get(name)
            if record is not None:
                touched |= self._unlink(name)
                touched |= self._link(name, record, self.kind.keys(record))
        return self._resolve(touched)

    # asking

    def possible(self) -> list[Possible]:
        """Pairs of entities that a person may look at."""
        return sorted({one for held in self._possible.values() for one in held})

    def explain(self, a: str, b: str) -> "Explanation":
        """What speaks for and against two records, or the entities they are in, being one.

        Raises KeyError where a record is not known.
        """
        left, right = self.entities[a], self.entities[b]
        together = left == right
        sides = ([a], [b]) if together else (list(left), list(right))
        one, other = (profile((name, self.records[name]) for name in side) for side in sides)
        found = evidence.weigh(self._judge.weights, one, other)
        return Explanation(
            self.model.version,
            together,
            evidence.in_words(found, self.kind.fields),
            found.total,
            self._judge.threshold,
            self._judge.refusal(one, other, found),
        )

    # inside

    def _new_judge(self) -> Judge:
        weights = Weights(self.kind, self.model, self.frozen.counts)
        prior = milli(log2(self.frozen.records + PRIOR_AT_LEAST))
        return Judge(
            weights,
            prior + self.model.margin,
            (pair for pair, verdict in self._decisions.items() if verdict),
            (pair for pair, verdict in self._decisions.items() if not verdict),
            household_rules=self._household_rules,
            scope=self._scope,
        )

    def _put(self, name: str, record: Record) -> set[str]:
        found = self.kind.keys(record)
        self.records[name] = record
        closed = self.index.put(name, found)
        touched = self._link(name, record, found)
        for holders in closed:
            touched |= self._look_again(holders)
        return touched

    def _remove(self, name: str) -> set[str]:
        touched = self._unlink(name)
        self._edges.pop(name, None)
        for one in self._possible.pop(name, ()):
            self._doubts[one.a, one.b] = None
        record = self.records.pop(name)
        del self.entities[name]
        for holders in self.index.remove(name, self.kind.keys(record)):
            for other in sorted(holders):
                touched |= self._link(
                    other, self.records[other], self.kind.keys(self.records[other])
                )
        return touched

    def _link(self, name: str, record: Record, found: Iterable[Key]) -> set[str]:
        """Score a record against those near it; itself and those it is linked with now."""
        least = self._judge.threshold - self.model.floor
        weights = self._judge.weights
        linked = {name}
        for other in self.index.near(name, found):
            total = evidence.weigh_records(weights, record, self.records[other])
            if total >= least:
                self._edges.setdefault(name, {})[other] = total
                self._edges.setdefault(other, {})[name] = total
                linked.add(other)
        return linked

    def _unlink(self, name: str) -> set[str]:
        """Forget a record's links; those it was linked with."""
        linked = set(self._edges.pop(name, ()))
        for other in linked:
            self._edges[other].pop(name, None)
        return linked

    def _look_again(self, holders: Iterable[str]) -> set[str]:
        """Drop links that were found by a key only which finds nobody any more."""
        dropped: set[str] = set()
        members = set(holders)
        for name in members:
            own: set[Key] | None = None
            for other in [one for one in self._edges.get(name, ()) if one in members]:
                own = own or self.kind.keys(self.records[name])
                if not self.index.is_near(own, self.kind.keys(self.records[other])):
                    del self._edges[name][other]
                    self._edges[other].pop(name, None)
                    dropped |= {name, other}
        return dropped

    def _decide(self, pair: Twosome, verdict: bool | None) -> None:
        before = self._decisions.pop(pair, None)
        if before is True:
            self._judge.untie(*pair)
        elif before is False:
            self._judge.unpart(*pair)
        if verdict is not None:
            self._decisions[pair] = verdict
            if verdict:
                self._judge.tie(*pair)
            else:
                self._judge.part(*pair)

    def _resolve(self, touched: Iterable[str]) -> Changes:
        """Resolve the neighbourhoods of records anew."""
        seen: set[str] = set()
        new: list[tuple[str, ...]] = []
        for name in sorted(touched):
            if name in seen or name not in self.records:
                continue
            members = self._neighbourhood(name)
            seen |= members
            new += self._resolve_one(members)
        doubts, self._doubts = self._doubts, {}
        return Changes(tuple(sorted(new)), doubts)

    def _neighbourhood(self, name: str) -> set[str]:
        found = {name}
        frontier = [name]
        while frontier:
            one = frontier.pop()
            for other in (*self._edges.get(one, ()), *self._judge.tied(one)):
                if other not in found and other in self.records:
                    found.add(other)
                    frontier.append(other)
        return found

    def _resolve_one(self, members: set[str]) -> list[tuple[str, ...]]:
        if len(members) == 1:
            (name,) = members
            found = Clusters(((name,),), ())
        else:
            found = resolve(
                {name: self.records[name] for name in sorted(members)},
                self._links(members),
                self._judge,
            )
        new: list[tuple[str, ...]] = []
        for entity in found.entities:
            if any(self.entities.get(name) != entity for name in entity):
                new.append(entity)
                for name in entity:
                    self.entities[name] = entity
        self._doubt(members, found.possible)
        return new

    def _doubt(self, members: Iterable[str], possible: Iterable[Possible]) -> None:
        """Replace the possible pairs of a neighbourhood."""
        before = {(one.a, one.b): one for name in members for one in self._possible.pop(name, ())}
        for one in possible:
            self._possible[one.a] = (*self._possible.get(one.a, ()), one)
            if before.pop((one.a, one.b), None) != one:
                self._doubts[one.a, one.b] = one
        self._doubts.update(dict.fromkeys(before))

    def _links(self, members: set[str]) -> list[Edge]:
        links: list[Edge] = []
        for name in members:
            links += [
                Edge(-total, name, other)
                for other, total in self._edges.get(name, {}).items()
                if name < other
            ]
            known = self._edges.get(name, {})
            links += [
                Edge(0, name, other)
                for other in self._judge.tied(name)
                if name < other and other not in known and other in members
            ]
        return links


class Explanation(NamedTuple):
    """Why two records are together, or not. `fields` maps known fields to millibits.

    `total` is compared with `threshold`; `refusal` names the rule that speaks against.
    """

    model: str
    together: bool
    fields: Mapping[str, int]
    total: int
    threshold: int
    refusal: str | None
