"""Why two are one or not, by the processor's own weights, without asking the processor."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from hub.errors import SettingsError
from hub.identity.answers import Explanation
from hub.identity.cluster import AMBIGUOUS, Twosome
from hub.identity.decisions import Docket
from hub.identity.record import Record
from hub.identity.resolver import Resolver
from hub.identity.state import MemoryState
from hub.identity.vetoes import NO_AGREEMENT
from hub.identity.words import RunnerUp
from hub.processor.desk import Desk, desk
from hub.processor.memory import Policy
from hub.processor.rows import SubjectRow, Waiting
from hub.processor.states import records_of
from hub.processor.stewards import Side, side, sides
from hub.processor.store import Store

RUNNERS_UP_MAX = 3
LIKELY: Mapping[str | None, int] = {AMBIGUOUS: 0, None: 1}
"""Which of the pairs that wait say most of who else it may be, by what speaks against them."""


class Field(NamedTuple):
    """A field side by side: how many values each side tells, and what they weigh in millibits."""

    name: str
    left: int
    right: int
    weight: int | None


class Weighed(NamedTuple):
    """Why two are one or not.

    `decided` is what stewards decided about the first subjects of both; `apart` are the agencies
    between which there is no agreement: then nothing is compared. `near` is whether the hub would
    compare them by itself. `unknown` gives what an agreement in the fields that not both tell
    weighs at most, in millibits.
    """

    explanation: Explanation
    decided: bool | None
    named: tuple[str, str]
    sides: tuple[Side, Side]
    apart: tuple[Twosome, ...]
    near: bool
    fields: tuple[Field, ...]
    unknown: Mapping[str, int]
    runners_up: tuple[RunnerUp, ...]

    @property
    def named_sides(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The subjects that were named on each side."""
        left, right = self.sides
        return left.named, right.named

    @property
    def entities(self) -> tuple[str, ...]:
        """The entities of both."""
        return tuple(sorted(self.sides[0].entities | self.sides[1].entities))


class Weigher:
    """Weighs what is in the store at one moment, with the weights it was decided with."""

    def __init__(self, seen: Desk, secret: bytes, policy: Policy) -> None:
        """Knows no record yet; what is frozen is the same for all that it weighs."""
        self._seen = seen
        self._secret = secret
        self._policy = policy
        self._frozen = seen.batch.frozen(-1)
        self._resolvers: dict[str, Resolver] = {}

    def weigh(self, left: Side, right: Side) -> Weighed:
        """Why two sides of one kind are one or not.

        Raises SettingsError where one claims nothing.
        """
        records = self.records([left, right])
        verdicts = self.verdicts(records)
        ones, others, together = _claiming(left, right, records)
        one, other = ones[0], next(name for name in others if name != ones[0])
        decided = verdicts.get((min(one, other), max(one, other)))
        apart = self._apart(records, ones, others)
        if apart and not together:
            resolver = self.resolver(left.kind, {}, {})
            found = Explanation(resolver.model.version, False, {}, 0, 0, NO_AGREEMENT)
            return Weighed(found, decided, (one, other), (left, right), apart, False, (), {}, ())
        resolver = self.resolver(left.kind, records, verdicts)
        found = resolver.weigh(ones, others, together=together)
        waiting = self._seen.waiting_with(left.kind, {*ones, *others})
        if not together and any(_is_ambiguous(pair, ones, others) for pair in waiting):
            found = found._replace(refusal=found.refusal or AMBIGUOUS)
        fields = tuple(_fields(resolver, records, ones, others, found))
        return Weighed(
            found,
            decided,
            (one, other),
            (left, right),
            (),
            resolver.are_near(ones, others),
            fields,
            {
                field.name: weights.cap
                for field, weights in zip(fields, resolver.model.fields, strict=True)
                if field.weight is None
            },
            tuple(self._runners_up(waiting, left, right)),
        )

    def resolver(
        self, kind: str, records: Mapping[str, Record | None], verdicts: Mapping[Twosome, bool]
    ) -> Resolver:
        """The resolver that weighs as the processor's does; it knows these records from now on."""
        found = self._resolvers.get(kind)
        if found is None:
            found = self._policy.resolver(kind, MemoryState(self._secret))
            self._resolvers[kind] = found
            if kind in self._frozen:
                found.freeze_as(self._frozen[kind])
        found.apply(records, verdicts)
        return found

    def records(self, sides: Iterable[Side]) -> dict[str, Record]:
        """What the records of these sides' entities claim."""
        rows: list[SubjectRow] = [row for one in sides for row in one.rows]
        found = records_of(self._seen.batch, rows, rows[0].kind)
        return {name: one for name, one in found.items() if one is not None}

    def verdicts(self, names: Iterable[str]) -> dict[Twosome, bool]:
        """What stewards decided about pairs of these subjects."""
        known = {*names}
        said = self._seen.decisions_about(known)
        return {
            pair: verdict
            for pair, verdict in Docket(self._policy.approvers).put(said).items()
            if verdict is not None and known.issuperset(pair)
        }

    def _apart(
        self, records: Mapping[str, Record], ones: Iterable[str], others: Iterable[str]
    ) -> tuple[Twosome, ...]:
        left, right = ({records[name].agency for name in names} for names in (ones, others))
        may_link = self._policy.scope.may_link
        return tuple(
            sorted({(min(a, b), max(a, b)) for a in left for b in right if not may_link(a, b)})
        )

    def _runners_up(
        self, waiting: Sequence[Waiting], left: Side, right: Side
    ) -> Iterable[RunnerUp]:
        """What else one of the two may be: pairs of the queue.

        First what suits as well, then what is short of evidence, then what a rule refuses; of each
        the strongest first.
        """
        entity_of = {row.subject_id: row.entity_id for one in (left, right) for row in one.rows}
        elsewhere = [
            (mine, other, pair)
            for pair in sorted(waiting, key=lambda one: LIKELY.get(one.refusal, len(LIKELY)))
            for mine, other in ((pair.a, pair.b), (pair.b, pair.a))
            if mine in entity_of and other not in entity_of
        ][:RUNNERS_UP_MAX]
        entities = self._seen.batch.entity_of(other for _, other, _ in elsewhere)
        for mine, other, pair in elsewhere:
            names = entity_of[mine] or mine, entities.get(other) or other
            yield RunnerUp(*names, pair.weight, pair.refusal)


def weigh(store: Store, secret: bytes, policy: Policy, a: str, b: str) -> Weighed:
    """Why two subjects or entities are one or not, by the processor's own weights.

    Raises SettingsError where one is unknown or claims nothing, or they are of two kinds.
    """
    with desk(store) as seen:
        return Weigher(seen, secret, policy).weigh(*sides(seen, a, b))


def weigh_pairs(
    seen: Desk, secret: bytes, policy: Policy, pairs: Iterable[Waiting]
) -> list[tuple[Waiting, Weighed]]:
    """The pairs of the queue with their evidence."""
    weigher = Weigher(seen, secret, policy)
    return [(one, weigher.weigh(side(seen, one.a), side(seen, one.b))) for one in pairs]


def _claiming(
    left: Side, right: Side, records: Mapping[str, Record]
) -> tuple[list[str], list[str], bool]:
    """The subjects to compare, and whether they are of one entity.

    Of two entities all that they have; of one entity those that are named.
    """
    entities = left.entities | right.entities
    together = len(entities) == 1 and bool(left.entities) and bool(right.entities)
    if together:
        mine = {*left.named}
        ones, others = left.named, tuple(name for name in right.named if name not in mine)
        if not others:
            ones, others = left.named[:1], left.named[1:]
    else:
        ones, others = (*left.named, *left.others), (*right.named, *right.others)
    found = [[name for name in names if name in records] for names in (ones, others)]
    if not all(found):
        raise SettingsError(
            "one of them claims nothing any more", remedy="its record was withdrawn"
        )
    return found[0], found[1], together


def _is_ambiguous(pair: Waiting, ones: Iterable[str], others: Iterable[str]) -> bool:
    between = {pair.a, pair.b}
    return pair.refusal == AMBIGUOUS and len(between & {*ones}) == 1 == len(between & {*others})


def _fields(
    resolver: Resolver,
    records: Mapping[str, Record],
    ones: Iterable[str],
    others: Iterable[str],
    found: Explanation,
) -> Iterable[Field]:
    for place, name in enumerate(resolver.kind.fields):
        left, right = (
            len({value for one in names for value in records[one][place]})
            for names in (ones, others)
        )
        yield Field(name, left, right, found.fields.get(name))
