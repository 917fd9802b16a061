"""What a decision would do, before it is made: worked out from the records it is about."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from hub.canon.model import DecisionKind, IdentityChangeKind, StewardDecision
from hub.identity import assign
from hub.identity.assign import Member
from hub.identity.cluster import Twosome
from hub.identity.decisions import check, pairs
from hub.identity.record import Record
from hub.processor.desk import Desk, desk
from hub.processor.memory import Policy
from hub.processor.stewards import Side
from hub.processor.store import Store
from hub.processor.weighing import Weigher


class After(NamedTuple):
    """An entity as it would be. `change` is kept, merged, split or minted."""

    entity_id: str
    change: str
    subjects: tuple[str, ...]


class Preview(NamedTuple):
    """What a decision would do to the entities it is about.

    `redirected` are entities that would lead to another one. `overrides` are the earlier verdicts
    on pairs that it would turn round; `refused` is whether a missing agreement or another decision
    keeps them apart all the same. `approvers` are needed, whoever proposes being the first.
    `alone`: without their neighbours the records are not clustered as they are in the store, so
    that those may have a say.
    """

    after: tuple[After, ...]
    redirected: Mapping[str, str]
    overrides: tuple[Twosome, ...]
    refused: bool
    approvers: int
    alone: bool


def preview(store: Store, secret: bytes, policy: Policy, proposal: StewardDecision) -> Preview:
    """What would become of the entities if a proposal counted. Nothing is changed.

    Raises DecodeError where it is no decision the hub can keep.
    """
    check(proposal)
    with desk(store) as seen:
        return _Previewer(seen, secret, policy, proposal).preview()


class _Previewer:
    def __init__(
        self, seen: Desk, secret: bytes, policy: Policy, proposal: StewardDecision
    ) -> None:
        self._seen = seen
        self._policy = policy
        self._proposal = proposal
        self._named = {*proposal.left, *proposal.right}
        self._weigher = Weigher(seen, secret, policy)

    def preview(self) -> Preview:
        side = self._surroundings()
        records = self._weigher.records([side])
        decided = self._weigher.verdicts(records)
        resolver = self._weigher.resolver(side.kind, records, decided)
        alone = self._is_alone(side, resolver.entities, records)
        verdict = self._proposal.kind is DecisionKind.SAME
        about = [pair for pair in pairs(self._proposal) if records.keys() >= {*pair}]
        resolver.apply({}, dict.fromkeys(about, verdict))
        clusters = {*resolver.entities.values()}
        assigned = self._assign(side, clusters)
        concerned = {cluster for cluster in clusters if self._named.intersection(cluster)}
        merged = [one for one in assigned.steps if one.kind is IdentityChangeKind.MERGED]
        return Preview(
            tuple(_after(assigned, concerned)),
            {one.entity.entity_id: one.other for one in merged if one.other},
            tuple(sorted(pair for pair in about if decided.get(pair, verdict) is not verdict)),
            verdict and len(concerned) > 1,
            self._policy.approvers,
            alone,
        )

    def _surroundings(self) -> Side:
        """The entities named, and those that are near them in the queue."""
        batch = self._seen.batch
        rows = batch.around(self._named)
        kind, mine = rows[0].kind, {row.subject_id for row in rows}
        near = {
            one for pair in self._seen.waiting_with(kind, mine) for one in (pair.a, pair.b)
        } - mine
        return Side(kind, tuple(sorted(self._named)), (*rows, *batch.around(near)))

    def _is_alone(
        self,
        side: Side,
        clusters: Mapping[str, tuple[str, ...]],
        records: Mapping[str, Record],
    ) -> bool:
        entity_of = {row.subject_id: row.entity_id for row in side.rows}
        return any(
            clusters[name] != _members(name, entity_of, records)
            for name in self._named & {*records}
        )

    def _assign(self, side: Side, clusters: Iterable[tuple[str, ...]]) -> assign.Assigned:
        held = {row.entity_id for row in side.rows if row.entity_id}
        entities = self._seen.batch.entities(held, [row.subject_id for row in side.rows])
        members = (Member(row.subject_id, row.kind, row.entity_id) for row in side.rows)
        return assign.assign(members, clusters, entities, 0, lambda *_: "")


def _members(
    name: str, entity_of: Mapping[str, str | None], records: Mapping[str, Record]
) -> tuple[str, ...]:
    """The subjects of a subject's entity in the store, that claim something."""
    return tuple(sorted(one for one in records if entity_of[one] == entity_of[name]))


def _after(assigned: assign.Assigned, joined: Iterable[tuple[str, ...]]) -> Iterable[After]:
    """The entities of these clusters, the greatest first."""
    told = {one.entity.entity_id: str(one.kind) for one in assigned.steps}
    merged = {one.other for one in assigned.steps if one.kind is IdentityChangeKind.MERGED}
    for cluster in sorted(joined, key=lambda one: (-len(one), one)):
        entity = assigned.entity_of[cluster[0]] or ""
        change = told.get(entity) or ("merged" if entity in merged else "kept")
        yield After(entity, change, cluster)
