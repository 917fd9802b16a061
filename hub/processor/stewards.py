"""What stewards say: whose records a name stands for, decisions, and how they stand."""

from collections.abc import Sequence
from typing import NamedTuple

from hub.canon.model import DecisionKind, StewardDecision
from hub.canon.model import Subject as Kind
from hub.errors import SettingsError
from hub.identity.decisions import Standing, answer, propose, standing_of
from hub.identity.subjects import ORGANISATION, PERSON
from hub.processor.desk import Desk, desk
from hub.processor.rows import SubjectRow, Waiting
from hub.processor.store import Store

MEMBERS_MAX = 1_000
KINDS = {PERSON: Kind.PERSON, ORGANISATION: Kind.ORGANISATION}


class Side(NamedTuple):
    """Whose records one identifier names: a subject, or all subjects of an entity."""

    kind: str
    named: tuple[str, ...]
    rows: tuple[SubjectRow, ...]
    """The subjects named, and all others of their entities."""

    @property
    def entities(self) -> set[str]:
        """The entities they are of."""
        return {row.entity_id for row in self.rows if row.entity_id}

    @property
    def others(self) -> tuple[str, ...]:
        """The subjects of their entities that are not named."""
        return tuple(sorted({row.subject_id for row in self.rows} - {*self.named}))


class Said(NamedTuple):
    """Which steward says something, why, and when."""

    steward: str
    reason: str
    at_us: int


def side(seen: Desk, name: str) -> Side:
    """What an identifier of a subject or an entity names. Raises SettingsError where it is none."""
    batch = seen.batch
    found = batch.subjects(subject_ids=[name]) or batch.subjects(entity_ids=[_now(seen, name)])
    if not found:
        raise SettingsError(
            f"{name} is no subject or entity that stands", remedy="is it whole? see hub view get"
        )
    if len(found) > MEMBERS_MAX:
        raise SettingsError(f"{name} has more than {MEMBERS_MAX} records", remedy="name subjects")
    named = tuple(sorted(row.subject_id for row in found))
    return Side(found[0].kind, named, tuple(batch.around(named)))


def sides(seen: Desk, a: str, b: str) -> tuple[Side, Side]:
    """Two sides of one kind. Raises SettingsError where they cannot be one."""
    left, right = side(seen, a), side(seen, b)
    _check_kinds([left, right])
    return left, right


def proposal(store: Store, kind: DecisionKind, names: Sequence[str], said: Said) -> StewardDecision:
    """A decision about subjects or entities: of the first against all others.

    Raises SettingsError where it cannot be one.
    """
    with desk(store) as seen:
        first, *others = [side(seen, name) for name in names]
    _check_kinds([first, *others])
    rest = [name for other in others for name in other.named]
    if {*first.named} & {*rest} or len({*rest}) < len(rest):
        raise SettingsError("two of them name the same record", remedy="name different ones")
    return propose(
        kind, KINDS[first.kind], (first.named, rest), said.steward, said.reason, said.at_us
    )


def split(store: Store, names: Sequence[str], said: Said) -> StewardDecision:
    """The decision that these subjects are not those whom their entity has besides.

    Raises SettingsError where they are not of one entity, or all of it.
    """
    with desk(store) as seen:
        found = [side(seen, name) for name in names]
    named = {name for one in found for name in one.named}
    entities = {entity for one in found for entity in one.entities}
    rest = {name for one in found for name in one.others} - named
    if len(entities) != 1:
        raise SettingsError("they are not of one entity", remedy="name records of one entity")
    if not rest:
        raise SettingsError(
            "nothing of the entity would be left", remedy="name the records that do not belong"
        )
    kind = KINDS[found[0].kind]
    return propose(
        DecisionKind.NOT_SAME, kind, (named, rest), said.steward, said.reason, said.at_us
    )


def decide_pair(store: Store, pair_id: str, kind: DecisionKind, said: Said) -> StewardDecision:
    """A decision about a pair of the queue: of all records of both entities.

    Where another steward proposed the very same, it approves that. Raises SettingsError where the
    pair does not wait.
    """
    with desk(store) as seen:
        pair = waiting_pair(seen, pair_id)
        left, right = (_whole(side(seen, one)) for one in (pair.a, pair.b))
        made = propose(kind, KINDS[pair.kind], (left, right), said.steward, said.reason, said.at_us)
        for standing in _standings(seen.decisions_about(left)):
            told = standing.proposal
            if (
                told is not None
                and (told.kind, told.left, told.right) == (kind, made.left, made.right)
                and said.steward not in standing.approvers
                and not standing.undoers
            ):
                return answer(told, DecisionKind.APPROVE, *said)
    return made


def waiting_pair(seen: Desk, pair_id: str) -> Waiting:
    """A pair of the queue. Raises SettingsError where it does not wait."""
    pair = seen.pair(pair_id)
    if pair is None:
        raise SettingsError(
            f"{pair_id} is no pair that waits, or not any more", remedy="hub identity review"
        )
    return pair


def standing(store: Store, decision_id: str) -> Standing:
    """How a decision stands; nothing is known of one that nobody proposed."""
    with desk(store) as seen:
        return standing_of(seen.decisions([decision_id]))


def standings(store: Store, limit: int) -> list[Standing]:
    """How the latest decisions stand, the latest first."""
    with desk(store) as seen:
        return _standings(seen.proposed(limit))


def is_applied(store: Store, event_id: str) -> bool:
    """Whether what a steward said is applied."""
    with desk(store) as seen:
        return seen.is_decided(event_id)


def proposed(store: Store, decision_id: str) -> StewardDecision:
    """The proposal of a decision. Raises SettingsError where nobody proposed it."""
    found = standing(store, decision_id).proposal
    if found is None:
        raise SettingsError(
            f"{decision_id} is no decision the store knows", remedy="hub identity decisions"
        )
    return found


def open_about(seen: Desk, pair: Waiting, approvers: int) -> list[Standing]:
    """The decisions about a pair's first subjects that do not count, and nobody took back."""
    said = seen.decisions_about([pair.a])
    return [
        one
        for one in _standings(said)
        if one.proposal is not None
        and {pair.a, pair.b} <= {*one.proposal.left, *one.proposal.right}
        and not one.undoers
        and not one.counts(approvers)
    ]


def _now(seen: Desk, entity_id: str) -> str:
    """Where an old identifier of an entity leads now."""
    found = seen.batch.entities([entity_id], []).get(entity_id)
    while found is not None and found.redirect_to is not None:
        entity_id = found.redirect_to
        found = seen.batch.entities([entity_id], []).get(entity_id)
    return entity_id


def _standings(messages: Sequence[StewardDecision]) -> list[Standing]:
    """How decisions stand after all that was said, the latest first."""
    found: dict[str, list[StewardDecision]] = {}
    for one in messages:
        found.setdefault(one.decision_id, []).append(one)
    stand = [standing_of(said) for said in found.values()]
    known = [(one.proposal.decided_at, one) for one in stand if one.proposal is not None]
    return [one for _, one in sorted(known, key=lambda pair: -pair[0])]


def _whole(found: Side) -> tuple[str, ...]:
    return tuple(sorted({*found.named, *found.others}))


def _check_kinds(found: Sequence[Side]) -> None:
    if len({one.kind for one in found}) > 1:
        raise SettingsError(
            "one is a person, the other an organisation", remedy="a role ties them, never a merge"
        )
