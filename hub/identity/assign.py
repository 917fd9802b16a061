"""Gives clusters of subjects their entities, whose identifiers stay while clusters come and go.

Pure. An entity is minted from a founding subject. A merge keeps the older entity and redirects the
other; a split keeps the entity with its founding subject. No identifier is ever used for another.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from hub.canon.model import IdentityChangeKind
from hub.identity.subjects import entity_id

NEW = "a new record"
GONE = "no record claims it any more"


class Member(NamedTuple):
    """A subject, and the entity it was of before."""

    subject_id: str
    kind: str
    entity_id: str | None


class Entity(NamedTuple):
    """An entity as it was before. `order`: the smaller, the older."""

    entity_id: str
    kind: str
    founding_subject_id: str
    order: int
    redirect_to: str | None = None
    retired: bool = False

    @property
    def stands(self) -> bool:
        """Whether it has subjects."""
        return self.redirect_to is None and not self.retired


class IdentityStep(NamedTuple):
    """One change of identity. `other` is where a merged entity went, or a split one came from."""

    kind: IdentityChangeKind
    entity: Entity
    other: str | None
    subject_ids: tuple[str, ...]
    reason: str


class Assigned(NamedTuple):
    """The entity of each subject (None: of nobody any more), and what changed."""

    entity_of: Mapping[str, str | None]
    steps: tuple[IdentityStep, ...]


Why = Callable[[IdentityChangeKind, str, str], str]
"""The reason of a merge or split, from a subject that stays and one that comes or goes."""


def assign(
    members: Iterable[Member],
    clusters: Iterable[Sequence[str]],
    entities: Mapping[str, Entity],
    next_order: int,
    why: Why,
) -> Assigned:
    """Assign each cluster to its oldest entity, or to one minted or revived now.

    `members` are all subjects of the entities concerned, `clusters` those of them that claim
    something now. `entities` holds the entities of the members, and all that were ever minted from
    any of them. New entities get orders from `next_order` on.
    """
    ordered = sorted(tuple(sorted(cluster)) for cluster in clusters)
    return _Assigner(sorted(members), ordered, entities, next_order, why).decide()


class _Assigner:
    def __init__(
        self,
        members: list[Member],
        clusters: list[tuple[str, ...]],
        entities: Mapping[str, Entity],
        next_order: int,
        why: Why,
    ) -> None:
        self._members = {member.subject_id: member for member in members}
        self._clusters = clusters
        self._entities = dict(entities)
        self._next_order = next_order
        self._why = why
        self._steps: list[IdentityStep] = []
        self._entity_of: dict[str, str | None] = dict.fromkeys(self._members)
        self._held: dict[str, list[str]] = {}
        for member in members:
            if member.entity_id is not None:
                self._held.setdefault(member.entity_id, []).append(member.subject_id)
        self._minted: dict[str, list[Entity]] = {}
        for entity in entities.values():
            self._minted.setdefault(entity.founding_subject_id, []).append(entity)

    def decide(self) -> Assigned:
        """The assignments and what changed against before."""
        place_of = {name: place for place, cluster in enumerate(self._clusters) for name in cluster}
        claimed: dict[int, list[Entity]] = {}
        for entity in self._before():
            place = self._home(entity, place_of)
            if place is None:
                self._retire(entity)
            else:
                claimed.setdefault(place, []).append(entity)
        for place, cluster in enumerate(self._clusters):
            self._give(cluster, claimed.get(place, []))
        return Assigned(self._entity_of, tuple(self._steps))

    def _before(self) -> list[Entity]:
        """The entities that have subjects here now, oldest first."""
        return sorted(
            (self._entities[name] for name in self._held), key=lambda entity: entity.order
        )

    def _home(self, entity: Entity, place_of: Mapping[str, int]) -> int | None:
        """The cluster an entity stays with: that of its founding subject, else of its first one."""
        held = self._held[entity.entity_id]
        if entity.founding_subject_id in held and entity.founding_subject_id in place_of:
            return place_of[entity.founding_subject_id]
        return min((place_of[name] for name in held if name in place_of), default=None)

    def _retire(self, entity: Entity) -> None:
        gone = tuple(self._held[entity.entity_id])
        retired = entity._replace(retired=True)
        self._tell(IdentityChangeKind.RETIRED, retired, None, gone, GONE)

    def _give(self, cluster: Sequence[str], entities: list[Entity]) -> None:
        """Assign one cluster: to its oldest entity, or to one minted (or revived) now."""
        if entities:
            keeper = entities[0]
            for merged in entities[1:]:
                self._merge(cluster, keeper, merged)
        else:
            keeper = self._mint(cluster)
        for name in cluster:
            self._entity_of[name] = keeper.entity_id

    def _merge(self, cluster: Sequence[str], keeper: Entity, merged: Entity) -> None:
        held = set(self._held[merged.entity_id])
        moved = tuple(name for name in cluster if name in held)
        stayed = next((name for name in self._held[keeper.entity_id] if name in cluster), moved[0])
        gone = merged._replace(redirect_to=keeper.entity_id)
        reason = self._why(IdentityChangeKind.MERGED, stayed, moved[0])
        self._tell(IdentityChangeKind.MERGED, gone, keeper.entity_id, moved, reason)

    def _mint(self, cluster: Sequence[str]) -> Entity:
        minted = self._revived(cluster) or self._new(cluster)
        self._entities[minted.entity_id] = minted
        self._minted.setdefault(minted.founding_subject_id, []).append(minted)
        origin = next((one for name in cluster if (one := self._members[name].entity_id)), None)
        everyone = tuple(cluster)
        if origin is None:
            self._tell(IdentityChangeKind.MINTED, minted, None, everyone, NEW)
        else:
            left = next((one for one in self._held[origin] if one not in cluster), cluster[0])
            reason = self._why(IdentityChangeKind.SPLIT, left, cluster[0])
            self._tell(IdentityChangeKind.SPLIT, minted, origin, everyone, reason)
        return minted

    def _revived(self, cluster: Sequence[str]) -> Entity | None:
        """The oldest entity minted from one of these subjects that has none now, standing again."""
        known = [
            entity
            for name in cluster
            for entity in self._minted.get(name, ())
            if not entity.stands and entity.entity_id not in self._held
        ]
        last = min(known, key=lambda entity: entity.order, default=None)
        return None if last is None else last._replace(redirect_to=None, retired=False)

    def _new(self, cluster: Sequence[str]) -> Entity:
        # an entity that stands without its founding subject keeps its name: then the next is taken
        name = cluster[0]
        found = Entity(
            entity_id(name, len(self._minted.get(name, ()))),
            self._members[name].kind,
            name,
            self._next_order,
        )
        self._next_order += 1
        return found

    def _tell(
        self,
        kind: IdentityChangeKind,
        entity: Entity,
        other: str | None,
        subject_ids: tuple[str, ...],
        reason: str,
    ) -> None:
        self._steps.append(IdentityStep(kind, entity, other, subject_ids, reason))
