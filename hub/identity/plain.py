"""Plain identity: subjects with the same verified identifier are one entity.

Pure. The whole neighbourhood (everything linked by shared identifiers) is resolved at once and in a
fixed order, so that the entities do not depend on the order of arrival: identifiers of stronger
schemes first, then by value; two groups are not joined where that would give one entity two values
of an exclusive scheme.
"""

from collections.abc import Iterable, Mapping

from hub.identity.cluster import Possible, Twosome
from hub.identity.resolver import Changes
from hub.identity.schemes import scheme

Identifier = tuple[str, str]
Identifiers = tuple[Identifier, ...]


class PlainResolver:
    """Keeps subjects partitioned by their verified identifiers; asked as the resolver is."""

    wants_settling = is_settling = False
    position = 0

    def __init__(self) -> None:
        """Knows nobody."""
        self.records: dict[str, Identifiers] = {}
        self.entities: dict[str, tuple[str, ...]] = {}
        self._holders: dict[Identifier, set[str]] = {}
        self._before: dict[str, Identifiers | None] = {}
        """What changed since the last commit, as it was."""

    def apply(
        self,
        records: Mapping[str, Identifiers | None],
        decisions: Mapping[Twosome, bool | None] | None = None,  # noqa: ARG002 - as the resolver
    ) -> Changes:
        """Put records (None: remove them)."""
        touched: set[str] = set()
        for name, record in records.items():
            before = self.records.get(name)
            if before == record:
                continue
            self._before.setdefault(name, before)
            touched |= {name}.union(*(self._holders[one] for one in before or ()))
            self._replace(name, before or (), record)
        return self._resolve(touched)

    def _replace(self, name: str, before: Identifiers, record: Identifiers | None) -> None:
        for one in before:
            self._holders[one].discard(name)
        self.entities.pop(name, None)
        self.records.pop(name, None)
        if record is not None:
            self.records[name] = record
            for one in record:
                self._holders.setdefault(one, set()).add(name)

    def commit(self, position: int) -> None:
        """The store has committed all that was applied, and is at this position."""
        self.position = position
        self._before = {}

    def rollback(self) -> None:
        """Undo everything since the last commit."""
        self.apply(dict(self._before))
        self._before = {}

    def entity(self, name: str) -> tuple[str, ...]:
        """The subjects of a subject's entity, sorted. Raises KeyError where it is not known."""
        return self.entities[name]

    def freeze_as(self, frozen: bytes) -> None:
        """There are no weights."""

    def begin_settling(self) -> None:
        """There are no weights."""

    def settle_some(self, limit: int) -> Changes:  # noqa: ARG002 - as the resolver
        """There are no weights."""
        return Changes((), {})

    def possible(self) -> list[Possible]:
        """Nothing is left to a person."""
        return []

    def _resolve(self, touched: Iterable[str]) -> Changes:
        seen: set[str] = set()
        new: list[tuple[str, ...]] = []
        for name in sorted(touched):
            if name in seen or name not in self.records:
                continue
            members = self._neighbourhood(name)
            seen |= members
            for entity in clusters({one: self.records[one] for one in sorted(members)}):
                if any(self.entities.get(one) != entity for one in entity):
                    new.append(entity)
                    self.entities.update(dict.fromkeys(entity, entity))
        return Changes(tuple(sorted(new)), {})

    def _neighbourhood(self, name: str) -> set[str]:
        found = {name}
        frontier = [name]
        while frontier:
            for one in self.records[frontier.pop()]:
                more = self._holders[one] - found
                found |= more
                frontier += more
        return found


def clusters(subjects: Mapping[str, Identifiers]) -> list[tuple[str, ...]]:
    """The partition of subjects, given in the order of their names."""
    groups = {name: _Group(name, held) for name, held in subjects.items()}
    holders: dict[Identifier, list[str]] = {}
    for name, held in subjects.items():
        for one in held:
            holders.setdefault(one, []).append(name)
    for _, holding in sorted(
        holders.items(), key=lambda held: (-scheme(held[0][0]).strength, held[0])
    ):
        joined: list[_Group] = []
        for name in holding:
            _join(groups, name, joined)
    distinct = {id(group): group for group in groups.values()}
    return [tuple(sorted(group.members)) for group in distinct.values()]


def _join(groups: dict[str, "_Group"], name: str, joined: list["_Group"]) -> None:
    """Join a holder's group to the first of those before it that nothing speaks against."""
    group = groups[name]
    if any(group is earlier for earlier in joined):
        return
    for earlier in joined:
        if not earlier.conflicts(group):
            earlier.absorb(group)
            groups.update(dict.fromkeys(group.members, earlier))
            return
    joined.append(group)


class _Group:
    """Subjects found to be one so far, with their exclusive identifiers."""

    def __init__(self, name: str, identifiers: Identifiers) -> None:
        self.members = [name]
        self.exclusive: dict[str, set[str]] = {}
        for kind, value in identifiers:
            if scheme(kind).exclusive:
                self.exclusive.setdefault(kind, set()).add(value)

    def conflicts(self, other: "_Group") -> bool:
        """Whether the two have different values of an exclusive scheme."""
        return any(
            values != other.exclusive[name]
            for name, values in self.exclusive.items()
            if name in other.exclusive
        )

    def absorb(self, other: "_Group") -> None:
        """Take the other's subjects; `other.members` still lists them."""
        self.members = [*self.members, *other.members]
        for name, values in other.exclusive.items():
            self.exclusive.setdefault(name, set()).update(values)
