"""What speaks for and against two groups of records being one person."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from hub.identity.names import given_names
from hub.identity.record import (
    ADDRESSES,
    FIELDS,
    NAMES,
    PHONES,
    PLACES,
    POSTCODES,
    PersonRecord,
)
from hub.identity.weigh import Weights

VALUES_MAX = 4
"""How many values of a field are compared; the most frequent ones."""
HOUSEHOLD = (ADDRESSES, POSTCODES, PLACES, PHONES)
"""Fields that people of one household share: they say little more together than the best alone."""
PARTS = 10
Held = dict[Any, int] | None


class Profile:
    """The records of one entity as one: for each field its values, and in how many records."""

    __slots__ = ("fields", "members")

    def __init__(self, member: str, record: PersonRecord) -> None:
        """Of one record."""
        self.members: list[str] = [member]
        self.fields: list[Held] = [dict.fromkeys(held, 1) if held else None for held in record]

    @property
    def name(self) -> str:
        """The first of the members, which stands for all."""
        return self.members[0]

    def absorb(self, other: "Profile") -> None:
        """Take the other's records."""
        self.members = sorted([*self.members, *other.members])
        for field, added in enumerate(other.fields):
            if not added:
                continue
            held = self.fields[field]
            if held is None:
                self.fields[field] = dict(added)
            else:
                for value, records in added.items():
                    held[value] = held.get(value, 0) + records


def profile(members: Iterable[tuple[str, PersonRecord]]) -> Profile:
    """The profile of one or more records."""
    first, *rest = members
    made = Profile(*first)
    for one in rest:
        made.absorb(Profile(*one))
    return made


class Evidence(NamedTuple):
    """The weight of each field (None: not known on both sides), and their sum, in millibits.

    Of the household's fields all but the best are damped in the sum.
    """

    total: int
    fields: tuple[int | None, ...]


def weigh(weights: Weights, a: Profile, b: Profile) -> Evidence:
    """Compare two profiles field by field."""
    found: list[int | None] = []
    total = 0
    for field, (left, right) in enumerate(zip(a.fields, b.fields, strict=True)):
        weight = _field(weights, field, left, right) if left and right else None
        found.append(weight)
        if weight is not None and field not in HOUSEHOLD:
            total += weight
    household = sorted(
        (weight for field in HOUSEHOLD if (weight := found[field]) is not None), reverse=True
    )
    if household:
        total += household[0] + sum(household[1:]) * weights.model.damped_share // PARTS
    return Evidence(total, tuple(found))


def weigh_records(weights: Weights, a: PersonRecord, b: PersonRecord) -> int:
    """The total of two records alone, in millibits; as `weigh` of their profiles, but faster."""
    total = 0
    household: list[int] = []
    for field, left in enumerate(a):
        right = b[field]
        if not left or not right:
            continue
        if len(left) == 1 == len(right):
            weight = weights.pair(field, left[0], right[0])
        else:
            weight = _field(weights, field, dict.fromkeys(left, 1), dict.fromkeys(right, 1))
        if weight is None:
            continue
        if field in HOUSEHOLD:
            household.append(weight)
        else:
            total += weight
    if household:
        best = max(household)
        total += best + (sum(household) - best) * weights.model.damped_share // PARTS
    return total


def _field(weights: Weights, field: int, left: dict[Any, int], right: dict[Any, int]) -> int | None:
    if len(left) == 1 == len(right):
        return weights.pair(field, *left, *right)
    best: int | None = None
    total = pairs = 0
    for a, often in _frequent(left):
        for b, as_often in _frequent(right):
            weight = weights.pair(field, a, b)
            if weight is not None:
                total += weight * often * as_often
                pairs += often * as_often
                best = weight if best is None or weight > best else best
    if best is None:
        return None
    share = weights.model.best_share
    return (share * best * pairs + (PARTS - share) * total) // (PARTS * pairs)


def _frequent(held: dict[Any, int]) -> Iterable[tuple[Any, int]]:
    if len(held) <= VALUES_MAX:
        return held.items()
    return sorted(held.items(), key=lambda one: (-one[1], one[0]))[:VALUES_MAX]


class Given(NamedTuple):
    """In how many pairs of records given names agree in full, and in how many they contradict."""

    agree: int
    contradict: int


def compare_given(a: Profile, b: Profile) -> Given:
    """Given names over all records of both sides; initials and missing ones do not count."""
    agree = contradict = 0
    for left, often in (a.fields[NAMES] or {}).items():
        for right, as_often in (b.fields[NAMES] or {}).items():
            verdict = given_names(left, right)
            if verdict > 0:
                agree += often * as_often
            elif verdict < 0:
                contradict += often * as_often
    return Given(agree, contradict)


def in_words(evidence: Evidence) -> dict[str, int]:
    """The fields known on both sides with their weights."""
    return {
        name: weight
        for name, weight in zip(FIELDS, evidence.fields, strict=True)
        if weight is not None
    }
