"""Plain identity: subjects with the same verified identifier are one entity.

Pure. The whole neighbourhood (everything linked by shared identifiers) is resolved at once and in a
fixed order, so that the entities do not depend on the order of arrival: identifiers of stronger
schemes first, then by token; two groups are not joined where that would give one entity two values
of an exclusive scheme.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from hub.canon.model import IdentityChangeKind
from hub.identity.schemes import scheme
from hub.identity.subjects import Token, entity_id


class Subject(NamedTuple):
    """A subject as identity sees it. `live`: it claims something now."""

    subject_id: str
    kind: str
    tokens: tuple[Token, ...]
    entity_id: str | None
    live: bool


class Entity(NamedTuple):
    """An entity as it was before. `order`: the smaller, the older."""

    entity_id: str
    kind: str
    founding_subject_id: str
    order: int
    redirect_to: str | None = None
    retired: bool = False


class IdentityStep(NamedTuple):
    """One change of identity. `other` is where a merged entity went, or a split one came from."""

    kind: IdentityChangeKind
    entity: Entity
    other: str | None
    subject_ids: tuple[str, ...]
    reason: str


class Decision(NamedTuple):
    """The entity of each subject (None: of nobody any more), and what changed."""

    assignments: Mapping[str, str | None]
    steps: tuple[IdentityStep, ...]
    vetoed: int


def resolve(
    subjects: Iterable[Subject], entities: Mapping[str, Entity], next_order: int
) -> Decision:
    """Decide whose the subjects are.

    `subjects` are whole neighbourhoods; `entities` holds those they belonged to, and those minted
    before from any of them. New entities get orders from `next_order` on.
    """
    known = sorted(subjects)
    clusters, vetoed = _clusters([subject for subject in known if subject.live])
    return _Assigner(known, clusters, entities, next_order).decide(vetoed)


def _clusters(subjects: list[Subject]) -> tuple[list[list[Subject]], int]:
    groups = {subject.subject_id: _Group([subject]) for subject in subjects}
    holders: dict[tuple[str, Token], list[str]] = {}
    for subject in subjects:
        for token in subject.tokens:
            holders.setdefault((subject.kind, token), []).append(subject.subject_id)
    vetoed = 0
    for _, holding in sorted(
        holders.items(), key=lambda held: (-scheme(held[0][1].scheme).strength, held[0])
    ):
        joined: list[_Group] = []
        for subject_id in holding:
            vetoed += _join(groups, subject_id, joined)
    distinct = {id(group): group for group in groups.values()}
    return [sorted(group.subjects) for group in distinct.values()], vetoed


def _join(groups: dict[str, "_Group"], subject_id: str, joined: list["_Group"]) -> int:
    """Join a holder's group to the first of those before it that nothing speaks against.

    Gives how often something did.
    """
    group = groups[subject_id]
    if any(group is earlier for earlier in joined):
        return 0
    vetoed = 0
    for earlier in joined:
        if earlier.conflicts(group):
            vetoed += 1
            continue
        earlier.absorb(group)
        for subject in group.subjects:
            groups[subject.subject_id] = earlier
        return vetoed
    joined.append(group)
    return vetoed


class _Group:
    """Subjects found to be one so far, with their exclusive identifiers."""

    def __init__(self, subjects: list[Subject]) -> None:
        self.subjects = subjects
        self.exclusive: dict[str, set[str]] = {}
        for subject in subjects:
            for token in subject.tokens:
                if scheme(token.scheme).exclusive:
                    self.exclusive.setdefault(token.scheme, set()).add(token.token)

    def conflicts(self, other: "_Group") -> bool:
        """Whether the two have different values of an exclusive scheme."""
        return any(
            values != other.exclusive[name]
            for name, values in self.exclusive.items()
            if name in other.exclusive
        )

    def absorb(self, other: "_Group") -> None:
        """Take the other's subjects; `other.subjects` still lists them."""
        self.subjects = [*self.subjects, *other.subjects]
        for name, values in other.exclusive.items():
            self.exclusive.setdefault(name, set()).update(values)


class _Assigner:
    """Gives clusters their entities: an entity stays with the subject it was minted from."""

    def __init__(
        self,
        subjects: list[Subject],
        clusters: list[list[Subject]],
        entities: Mapping[str, Entity],
        next_order: int,
    ) -> None:
        self._subjects = subjects
        self._clusters = sorted(clusters, key=lambda cluster: cluster[0])
        self._entities = entities
        self._next_order = next_order
        self._steps: list[IdentityStep] = []
        self._assignments: dict[str, str | None] = {
            subject.subject_id: None for subject in subjects
        }

    def decide(self, vetoed: int) -> Decision:
        """The assignments and what changed against before."""
        claimed: dict[int, list[Entity]] = {}
        for entity in self._before():
            place = self._home(entity)
            if place is None:
                self._retire(entity)
            else:
                claimed.setdefault(place, []).append(entity)
        for place, cluster in enumerate(self._clusters):
            self._give(cluster, claimed.get(place, []))
        return Decision(self._assignments, tuple(self._steps), vetoed)

    def _before(self) -> list[Entity]:
        """The entities that have subjects here now, oldest first."""
        names = {subject.entity_id for subject in self._subjects if subject.entity_id is not None}
        return sorted((self._entities[name] for name in names), key=lambda entity: entity.order)

    def _home(self, entity: Entity) -> int | None:
        """The cluster an entity stays with: that of its founding subject, else of its first one."""
        first: int | None = None
        for place, cluster in enumerate(self._clusters):
            for subject in cluster:
                if subject.subject_id == entity.founding_subject_id:
                    return place
                if first is None and subject.entity_id == entity.entity_id:
                    first = place
        return first

    def _retire(self, entity: Entity) -> None:
        gone = tuple(
            subject.subject_id
            for subject in self._subjects
            if subject.entity_id == entity.entity_id
        )
        retired = entity._replace(retired=True)
        self._tell(IdentityChangeKind.RETIRED, retired, None, gone, "no record claims it any more")

    def _give(self, cluster: list[Subject], entities: list[Entity]) -> None:
        """Assign one cluster: to its oldest entity, or to one minted (or revived) now."""
        if entities:
            keeper = entities[0]
            for merged in entities[1:]:
                moved = tuple(
                    subject.subject_id
                    for subject in cluster
                    if subject.entity_id == merged.entity_id
                )
                gone = merged._replace(redirect_to=keeper.entity_id)
                self._tell(
                    IdentityChangeKind.MERGED,
                    gone,
                    keeper.entity_id,
                    moved,
                    "the same verified identifier",
                )
        else:
            keeper = self._mint(cluster)
        for subject in cluster:
            self._assignments[subject.subject_id] = keeper.entity_id

    def _mint(self, cluster: list[Subject]) -> Entity:
        founder = cluster[0]
        name = entity_id(founder.subject_id)
        last = self._entities.get(name)
        if last is not None:
            minted = last._replace(redirect_to=None, retired=False)
        else:
            minted = Entity(name, founder.kind, founder.subject_id, self._next_order)
            self._next_order += 1
        origin = next((s.entity_id for s in cluster if s.entity_id is not None), None)
        everyone = tuple(subject.subject_id for subject in cluster)
        if origin is None:
            self._tell(IdentityChangeKind.MINTED, minted, None, everyone, "a new record")
        else:
            reason = "no verified identifier ties it to the others any more"
            self._tell(IdentityChangeKind.SPLIT, minted, origin, everyone, reason)
        return minted

    def _tell(
        self,
        kind: IdentityChangeKind,
        entity: Entity,
        other: str | None,
        subject_ids: tuple[str, ...],
        reason: str,
    ) -> None:
        self._steps.append(IdentityStep(kind, entity, other, subject_ids, reason))
