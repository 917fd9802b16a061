"""Which records of one neighbourhood are the same entity: a function of the set alone.

The strongest pair first, entities are joined while the evidence between them, taken together, is
over the threshold, no rule speaks against it, and no other entity would suit as well.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from typing import NamedTuple

from hub.identity.evidence import weigh
from hub.identity.profile import Evidence, Pair, Profile
from hub.identity.record import Record
from hub.identity.vetoes import MayLink, may_be_linked, veto
from hub.identity.weigh import Weights

NOT_THE_SAME = "not_the_same"
AMBIGUOUS = "as_well_another"
Twosome = tuple[str, str]
Two = tuple[int, int]
"""Two entities as they are now, by the numbers of their states, the smaller first."""
FACTS_LEAST = 2
"""How many fields both must know of two that are each other's only choice."""


class Edge(NamedTuple):
    """Two records worth looking at; `order` is smaller for stronger pairs. a < b."""

    order: int
    a: str
    b: str


class Possible(NamedTuple):
    """Two entities that may be one: by their first records, with the weight and what spoke against.

    `refusal` is None where the weight alone is short of the threshold.
    """

    a: str
    b: str
    weight: int
    refusal: str | None


class Clusters(NamedTuple):
    """The entities as sorted record ids, and the pairs of them that a person may look at."""

    entities: tuple[tuple[str, ...], ...]
    possible: tuple[Possible, ...]


class Judge:
    """Decides whether two profiles are one entity, under fixed weights, threshold and decisions.

    `same` and `different` are pairs of records (a < b) on which stewards have decided.
    """

    def __init__(
        self,
        weights: Weights,
        threshold: int,
        same: Iterable[Twosome] = (),
        different: Iterable[Twosome] = (),
        *,
        household_rules: bool = True,
        may_link: MayLink | None = None,
        shift: int = 0,
    ) -> None:
        """`shift`: by how much more two must weigh to be one; what is looked at stays the same."""
        self.weights = weights
        self.threshold = threshold + shift
        self.least = threshold - weights.model.floor
        """What weighs less is not looked at."""
        self.same: set[Twosome] = set()
        self._tied: dict[str, set[str]] = {}
        self._apart: dict[str, set[str]] = {}
        self._household_rules = household_rules
        self.may_link = may_link
        for a, b in same:
            self.tie(a, b)
        for a, b in different:
            self.part(a, b)

    def tie(self, a: str, b: str) -> None:
        """Two records (a < b) are the same from now on."""
        self.same.add((a, b))
        self._tied.setdefault(a, set()).add(b)
        self._tied.setdefault(b, set()).add(a)

    def untie(self, a: str, b: str) -> None:
        """Take back that two records are the same."""
        self.same.discard((a, b))
        self._tied.get(a, set()).discard(b)
        self._tied.get(b, set()).discard(a)

    def tied(self, name: str) -> Iterable[str]:
        """The records that are decided to be the same as one."""
        return self._tied.get(name, ())

    def part(self, a: str, b: str) -> None:
        """Keep two records apart from now on."""
        self._apart.setdefault(a, set()).add(b)
        self._apart.setdefault(b, set()).add(a)

    def unpart(self, a: str, b: str) -> None:
        """Take back that two records are kept apart."""
        self._apart.get(a, set()).discard(b)
        self._apart.get(b, set()).discard(a)

    def kept_apart(self, a: Profile, b: Profile) -> bool:
        """Whether a steward has decided that records of the two are not the same."""
        if not self._apart:
            return False
        if len(a.members) > len(b.members):
            a, b = b, a
        others = set(b.members)
        return any(not others.isdisjoint(self._apart.get(one, ())) for one in a.members)

    def forbids(self, a: Profile, b: Profile) -> bool:
        """Whether no steward's decision joins the two: no agreement, or another decision."""
        return self.kept_apart(a, b) or not may_be_linked(a, b, self.may_link)

    def refusal(self, a: Profile, b: Profile, evidence: Evidence) -> str | None:
        """What keeps two profiles apart whose evidence is over the threshold."""
        if self.kept_apart(a, b):
            return NOT_THE_SAME
        return self._refusal(a, b, evidence)

    def are_one(self, record: Record) -> bool:
        """Whether two records that tell this are one if nothing else is known of them."""
        one, other = Profile("", record), Profile("", record)
        evidence = weigh(self.weights, one, other)
        return evidence.total >= self.threshold and self._refusal(one, other, evidence) is None

    def _refusal(self, a: Profile, b: Profile, evidence: Evidence) -> str | None:
        found = veto(a, b, self.may_link)
        if found is not None or not self._household_rules:
            return found
        over = evidence.total - self.threshold
        weights = self.weights
        pair = Pair(
            a,
            b,
            evidence,
            over,
            weights.counts.has_families,
            weights.is_usual,
            weights.is_strange,
            weights.counts.names_tell_little,
        )
        return weights.kind.refusal(pair)


def resolve(
    records: Mapping[str, Record],
    edges: Iterable[Edge],
    judge: Judge,
    copies: Mapping[str, Sequence[str]],
) -> Clusters:
    """Partition records. `edges` are all pairs of them worth looking at, decided ones included.

    `copies` are all the records, in order, that tell what the first of them does, and are one.
    """
    return _Component(records, sorted(edges), judge, copies).resolve()


class _Component:
    def __init__(
        self,
        records: Mapping[str, Record],
        edges: Sequence[Edge],
        judge: Judge,
        copies: Mapping[str, Sequence[str]],
    ) -> None:
        self._edges = edges
        self._judge = judge
        self._names_tell_little = judge.weights.counts.names_tell_little
        self._owner = {
            name: Profile(name, record, copies.get(name, ())) for name, record in records.items()
        }
        self._near: dict[str, list[str]] = {}
        self._states = 0
        for one in self._owner.values():
            self._number(one)
        self._tried: dict[Two, Possible | None] = {}
        self._weights: dict[Two, int] = {}
        self._evidence: dict[Two, Evidence] = {}
        self._refusals: dict[Two, str | None] = {}
        for order, a, b in edges:
            # two records alone weigh what their edge does
            self._weights[_key(self._owner[a], self._owner[b])] = -order
            self._near.setdefault(a, []).append(b)
            self._near.setdefault(b, []).append(a)

    def _number(self, one: Profile) -> None:
        """Number an entity with these records, so that what was found of it is known by that."""
        self._states += 1
        one.state = self._states

    def resolve(self) -> Clusters:
        owner = self._owner
        for _, a, b in self._edges:
            if (
                (a, b) in self._judge.same
                and owner[a] is not owner[b]
                and not self._judge.forbids(owner[a], owner[b])
            ):
                self._join(owner[a], owner[b])
        self._join_all()
        if self._join_only_choices():
            self._join_all()
        entities = {id(one): tuple(one.members) for one in owner.values()}
        return Clusters(tuple(sorted(entities.values())), self._possible())

    def _join_all(self) -> None:
        owner = self._owner
        apart = [(a, b) for _, a, b in self._edges if owner[a] is not owner[b]]
        while sum(self._try(a, b) for a, b in apart):
            apart = [(a, b) for a, b in apart if owner[a] is not owner[b]]

    def _join_only_choices(self) -> bool:
        """Join entities a little short of the threshold that suit nobody else; whether any.

        Two, or more of which each suits all the others; nothing may differ. No two such groups have
        an entity in common, so that their order does not matter.
        """
        judge = self._judge
        near: dict[str, dict[str, Profile]] = {}
        for _, a, b in self._edges:
            left, right = self._owner[a], self._owner[b]
            if (
                left is not right
                and may_be_linked(left, right, judge.may_link)
                and self._weight(left, right) >= self._judge.least
            ):
                for one, other in ((left, right), (right, left)):
                    near.setdefault(one.name, {one.name: one})[other.name] = other
        found = False
        for name, group in sorted(near.items()):
            if name != min(group) or len(group) > judge.weights.kind.choices_max:
                continue
            if any(near[one].keys() != group.keys() for one in group):
                continue
            first, *others = (group[one] for one in sorted(group))
            if all(self._agrees(*two) for two in combinations((first, *others), 2)):
                for one in others:
                    self._join(self._owner[name], one)
                found = True
        return found

    def _agrees(self, left: Profile, right: Profile) -> bool:
        """Whether two hold an equal value of each field that both know, and no rule is against.

        One field alone (a receipt's telephone number) may be of somebody who is not known yet.
        """
        known = [(a, b) for a, b in zip(left.fields, right.fields, strict=True) if a and b]
        if len(known) < FACTS_LEAST or any(a.keys().isdisjoint(b) for a, b in known):
            return False
        return self._refusal(left, right) is None

    def _try(self, a: str, b: str) -> bool:
        """Join the entities of two records if they are one; whether they were joined."""
        left, right = self._owner[a], self._owner[b]
        if left is right:
            return False
        key = _key(left, right)
        if key in self._tried:
            return False
        weight, refusal = self._weight(left, right), None
        if weight >= self._judge.threshold:
            refusal = self._refusal(left, right)
            if refusal is None and self._suits_another(left, right, weight):
                refusal = AMBIGUOUS
            if refusal is None:
                self._join(left, right)
                return True
        if weight < self._judge.least or self._judge.forbids(left, right):
            # two records come near, what is known of both does not; or nobody may look at the two
            # side by side, or somebody has
            self._tried[key] = None
        else:
            names = (left.name, right.name)
            self._tried[key] = Possible(min(names), max(names), weight, refusal)
        return False

    def _weight(self, left: Profile, right: Profile) -> int:
        """The weight between two entities."""
        key = _key(left, right)
        found = self._weights.get(key)
        if found is None:
            evidence = self._evidence[key] = weigh(self._judge.weights, left, right)
            found = self._weights[key] = evidence.total
        return found

    def _refusal(self, left: Profile, right: Profile) -> str | None:
        """What speaks against joining two entities whose weight is enough."""
        key = _key(left, right)
        if key not in self._refusals:
            evidence = self._evidence.get(key) or weigh(self._judge.weights, left, right)
            self._refusals[key] = self._judge.refusal(left, right, evidence)
        return self._refusals[key]

    def _join(self, left: Profile, right: Profile) -> None:
        if len(left.members) < len(right.members):
            left, right = right, left
        left.absorb(right)
        self._number(left)
        for name in right.members:
            self._owner[name] = left

    def _suits_another(self, left: Profile, right: Profile, weight: int) -> bool:
        """Whether one of them, that tells as little as one record, suits another entity as well.

        Records that tell the same of a name alone must not join two by being many.
        """
        if len(left.members) > len(right.members):
            left, right = right, left
        if self._has_choice(left, right, weight):
            return True
        # of a name that many have either may be the one that tells little
        equal = len(left.members) == len(right.members)
        return equal and self._names_tell_little and self._has_choice(right, left, weight)

    def _has_choice(self, left: Profile, right: Profile, weight: int) -> bool:
        """Whether the first of two tells as little and suits an entity that is not the second."""
        if not _tells_as_one(left):
            return False
        judge = self._judge
        least = max(judge.threshold, weight - judge.weights.model.ambiguous)
        seen = {id(left), id(right)}
        for name in sorted({name for one in left.members for name in self._near.get(one, ())}):
            other = self._owner[name]
            if id(other) in seen:
                continue
            seen.add(id(other))
            other_weight = self._weight(left, other)
            if other_weight <= least or self._refusal(left, other) is not None:
                continue
            between = self._weight(right, other)
            if between < judge.least:
                return True
            if between >= judge.threshold and self._refusal(right, other) is not None:
                return True
        return False

    def _possible(self) -> tuple[Possible, ...]:
        """What was looked at last for each pair of entities, and not joined."""
        found: dict[Twosome, Possible] = {}
        for _, a, b in self._edges:
            left, right = self._owner[a], self._owner[b]
            if left is not right:
                told = self._tried.get(_key(left, right))
                if told is not None:
                    found[told.a, told.b] = told
        return tuple(sorted(found.values()))


def _tells_as_one(one: Profile) -> bool:
    """Whether the records of an entity tell no more than one of them does."""
    return len(one.members) == 1 or all(len(held) == 1 for held in one.fields if held)


def _key(left: Profile, right: Profile) -> Two:
    a, b = left.state, right.state
    return (a, b) if a < b else (b, a)
