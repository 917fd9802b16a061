"""What is known of entities, side by side: profiles of their records, and the evidence of two."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from hub.identity.record import UNWEIGHED, Record

TWICE = 2
Held = dict[Any, int] | None


class Profile:
    """The records of one entity as one: for each field its values, and in how many records.

    `agencies` told them; `verified` are their verified identifiers; `telling` is how many records
    there are without counting those that tell the same as another. `state` is for who compares
    profiles while they grow, to tell one from what it was before.
    """

    __slots__ = ("agencies", "fields", "members", "state", "telling", "verified")

    def __init__(self, member: str, record: Record, copies: Sequence[str] = ()) -> None:
        """Of one record, or of all those that tell the same, in order, it among them."""
        self.members: list[str] = [*copies] or [member]
        self.state = 0
        self.telling = 1
        times = len(self.members)
        self.fields: list[Held] = [
            dict.fromkeys(held, times) if held else None for held in record[:-UNWEIGHED]
        ]
        self.agencies: tuple[str, ...] = (record.agency,)
        self.verified: tuple[tuple[str, str], ...] = record.verified

    @property
    def name(self) -> str:
        """The first of the members, which stands for all."""
        return self.members[0]

    def absorb(self, other: "Profile") -> None:
        """Take the other's records."""
        self.members = sorted([*self.members, *other.members])
        self.telling += other.telling
        self.agencies = (*self.agencies, *other.agencies)
        self.verified = tuple(sorted({*self.verified, *other.verified}))
        for field, added in enumerate(other.fields):
            if not added:
                continue
            held = self.fields[field]
            if held is None:
                self.fields[field] = dict(added)
            else:
                for value, records in added.items():
                    held[value] = held.get(value, 0) + records


def profile(members: Iterable[tuple[str, Record]]) -> Profile:
    """The profile of one or more records."""
    first, *rest = members
    made = Profile(*first)
    for one in rest:
        made.absorb(Profile(*one))
    return made


class Evidence(NamedTuple):
    """The weight of each field (None: not known on both sides), and their sum, in millibits.

    Of the fields that are shared (by a household) all but the best are damped in the sum.
    """

    total: int
    fields: tuple[int | None, ...]


class Pair(NamedTuple):
    """Two profiles, their evidence, and how far it is over the threshold.

    `families`: whether there are people of one home among the records at all; `is_usual`: whether
    many are called by a name; `is_strange`: whether errors made it; `names_tell_little`: of all.
    """

    a: Profile
    b: Profile
    evidence: Evidence
    over: int
    families: bool = True
    is_usual: Callable[[str], bool] = lambda _name: False
    is_strange: Callable[[str], bool] = lambda _name: False
    names_tell_little: bool = False

    def weight(self, field: int) -> int:
        """The weight of a field; 0 where it is not known on both sides."""
        return self.evidence.fields[field] or 0

    def known(self, field: int) -> bool:
        """Whether both sides know a field."""
        return self.evidence.fields[field] is not None

    def contradict(self, fields: Iterable[int]) -> bool:
        """Whether both sides know one of these fields or more, and all they know contradict."""
        known = [weight for field in fields if (weight := self.evidence.fields[field]) is not None]
        return bool(known) and max(known) < 0

    def told_twice(self, field: int) -> bool:
        """Whether both sides hold one value of a field in two records or more."""
        held = (self.a.fields[field] or {}, self.b.fields[field] or {})
        return all(max(one.values(), default=0) >= TWICE for one in held)
