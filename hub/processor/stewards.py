"""What stewards ask and say: pairs to look at, why two records are one or not, decisions."""

from typing import NamedTuple

from hub.canon.model import DecisionKind, StewardDecision
from hub.canon.model import Subject as Kind
from hub.errors import SettingsError
from hub.identity.decisions import Docket, Standing, propose, standing_of
from hub.identity.resolver import Explanation, Resolver
from hub.identity.state import MemoryState
from hub.identity.subjects import ORGANISATION, PERSON
from hub.processor.desk import desk
from hub.processor.memory import Policy, records_of
from hub.processor.rows import SubjectRow
from hub.processor.store import Store
from hub.processor.transaction import Batch

MEMBERS_MAX = 1_000
_KINDS = {PERSON: Kind.PERSON, ORGANISATION: Kind.ORGANISATION}


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


class Weighed(NamedTuple):
    """Why two are one or not, and what stewards decided about the first subjects of both."""

    explanation: Explanation
    decided: bool | None
    named: tuple[str, str]
    entities: tuple[str, ...]


def side(batch: Batch, name: str) -> Side:
    """What an identifier of a subject or an entity names. Raises SettingsError where it is none."""
    found = batch.subjects(subject_ids=[name]) or batch.subjects(entity_ids=[name])
    if not found:
        raise SettingsError(
            f"{name} is no subject or entity that stands",
            remedy="old identifiers: hub view get says where they lead",
        )
    if len(found) > MEMBERS_MAX:
        raise SettingsError(f"{name} has more than {MEMBERS_MAX} records", remedy="name subjects")
    named = tuple(sorted(row.subject_id for row in found))
    return Side(found[0].kind, named, tuple(batch.around(named)))


def weigh(store: Store, secret: bytes, policy: Policy, a: str, b: str) -> Weighed:
    """Why two subjects or entities of persons are one or not, by the processor's own weights.

    Raises SettingsError where one is unknown, claims nothing, or is an organisation.
    """
    with desk(store) as seen:
        left, right = side(seen.batch, a), side(seen.batch, b)
        frozen = seen.batch.frozen(-1).get(PERSON)
        said = seen.decisions_about(row.subject_id for row in (*left.rows, *right.rows))
    if {left.kind, right.kind} != {PERSON}:
        raise SettingsError(
            "organisations are joined by verified identifiers alone",
            remedy="hub view get shows the identifiers of each",
        )
    resolver = Resolver(scope=policy.scope, state=MemoryState(secret))
    if frozen is not None:
        resolver.freeze_as(frozen)
    records = {**records_of(left.rows, PERSON), **records_of(right.rows, PERSON)}
    verdicts = {
        pair: verdict
        for pair, verdict in Docket(policy.approvers).put(said).items()
        if verdict is not None and records.keys() >= {*pair}
    }
    resolver.apply(records, verdicts)  # type: ignore[arg-type] # persons alone
    one, other = left.named[0], right.named[0] if left.named != right.named else right.named[-1]
    try:
        found = resolver.explain(one, other)
    except KeyError:
        raise SettingsError(
            "one of them claims nothing any more", remedy="its record was withdrawn"
        ) from None
    return Weighed(
        found,
        verdicts.get((min(one, other), max(one, other))),
        (one, other),
        tuple(sorted(left.entities | right.entities)),
    )


def proposal(
    store: Store, kind: DecisionKind, names: tuple[str, str], steward: str, reason: str, at_us: int
) -> StewardDecision:
    """A decision about two subjects or entities. Raises SettingsError where it cannot be one."""
    with store.snapshot() as batch:
        left, right = side(batch, names[0]), side(batch, names[1])
    if left.kind != right.kind:
        raise SettingsError(
            "one is a person, the other an organisation", remedy="a role ties them, never a merge"
        )
    if {*left.named} & {*right.named}:
        raise SettingsError("both name the same record", remedy="name two different ones")
    sides = (left.named, right.named)
    return propose(kind, _KINDS[left.kind], sides, steward, reason, at_us)


def standing(store: Store, decision_id: str) -> Standing:
    """How a decision stands; nothing is known of one that nobody proposed."""
    with desk(store) as seen:
        return standing_of(seen.decisions([decision_id]))


def is_applied(store: Store, event_id: str) -> bool:
    """Whether what a steward said is applied."""
    with desk(store) as seen:
        return seen.is_decided(event_id)


def proposed(store: Store, decision_id: str) -> StewardDecision:
    """The proposal of a decision. Raises SettingsError where nobody proposed it."""
    found = standing(store, decision_id).proposal
    if found is None:
        raise SettingsError(
            f"{decision_id} is no decision the store knows", remedy="hub identity same, not-same"
        )
    return found
