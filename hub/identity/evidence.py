"""What speaks for and against two groups of records being one person or organisation."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from hub.identity.kind import AreStrangers, Most
from hub.identity.names import agreement, given_names, typed_given
from hub.identity.profile import Evidence, Profile
from hub.identity.record import NAMES, Record
from hub.identity.weigh import Weights, milli

PARTS = 10
NAMES_LEAST = milli(9)
"""What two names weigh at the most is hardly ever less, so that it is not asked where that will do.
"""
Pairs = Mapping[tuple[Any, Any], int | None]


def weigh(weights: Weights, a: Profile, b: Profile) -> Evidence:
    """Compare two profiles field by field."""
    found: list[int | None] = []
    shared: list[int] = []
    weight: int | None
    total = 0
    for (known, is_shared), left, right in zip(weights.shares, a.fields, b.fields, strict=True):
        if left is None or right is None:
            found.append(None)
            continue
        if len(left) == 1 == len(right):
            (one,), (other,) = left, right
            weight = known[one, other]
        else:
            weight = _field(weights, known, left, right)
        found.append(weight)
        if weight is None:
            continue
        if is_shared:
            shared.append(weight)
        else:
            total += weight
    total += _damped(weights, shared)
    vouched = weights.kind.vouched
    if vouched is not None and (more := vouched.by(a.verified, b.verified)):
        found[vouched.field] = (found[vouched.field] or 0) + more
        total += more
    exchanged = weights.kind.exchanged
    if exchanged is not None and exchanged.in_both(a.fields, b.fields):
        for field in (exchanged.first, exchanged.second):
            total -= min(found[field] or 0, 0)
            found[field] = max(found[field] or 0, 0)
    return Evidence(total, tuple(found))


def weigh_records(weights: Weights, a: Record, b: Record) -> int:
    """The total of two records alone, in millibits; as `weigh` of their profiles, but faster."""
    return Beside(weights, a).total(b)


class Beside:
    """A record that is weighed beside others."""

    def __init__(self, weights: Weights, record: Record) -> None:
        """Looks once at what it tells."""
        self._weights = weights
        self.record = record
        self._names = record[NAMES]
        self._told = [
            (place, known, is_shared, held)
            for place, (known, is_shared) in enumerate(weights.shares)
            if place != NAMES and (held := record[place])
        ]
        self._most: Sequence[Most] | None = None

    def total(self, other: Record) -> int:
        """What the two weigh together."""
        if self._are_exchanged(other):
            return weigh(self._weights, Profile("", self.record), Profile("", other)).total
        return self._but_names(other) + self._by_names(other[NAMES])

    def worth(self, other: Record, least: int, are_strangers: AreStrangers | None) -> int | None:
        """The total, or a number under `least` where the total is; None where they are strangers.

        Names, which take the most time, are compared where all else lets the total be as much.
        """
        strangers = are_strangers or _nobody_is
        ours = self.record.addresses
        # most who share a home are of one family, which their given names say sooner than all else
        at_home = bool(ours) and ours == other.addresses
        if at_home and strangers(self.record, other):
            return None
        but_names = None
        if not self._are_exchanged(other):
            but_names = self._but_names(other)
            if but_names + NAMES_LEAST < least:
                most = but_names + self._most_by_names(other[NAMES])
                if most < least:
                    return most
        if not at_home and strangers(self.record, other):
            return None
        return self.total(other) if but_names is None else but_names + self._by_names(other[NAMES])

    def _are_exchanged(self, other: Record) -> bool:
        exchanged = self._weights.kind.exchanged
        return exchanged is not None and exchanged.in_both(self.record, other)

    def _by_names(self, names: Sequence[Any]) -> int:
        """What their names weigh."""
        ours, weights = self._names, self._weights
        if not ours or not names:
            return 0
        known = weights.pairs[NAMES]
        if len(ours) == 1 == len(names):
            return known[ours[0], names[0]] or 0
        return _field(weights, known, dict.fromkeys(ours, 1), dict.fromkeys(names, 1)) or 0

    def _most_by_names(self, names: Sequence[Any]) -> int:
        """What their names weigh at the most."""
        if not self._names or not names:
            return 0
        if self._most is None:
            self._most = [self._weights.most(name) for name in self._names]
        return max(one.beside(name) for one in self._most for name in names)

    def _but_names(self, other: Record) -> int:
        """What all but their names weighs."""
        weights = self._weights
        total = 0
        shared: list[int] = []
        for place, known, is_shared, ours in self._told:
            theirs = other[place]
            if not theirs:
                continue
            if len(ours) == 1 == len(theirs):
                weight = known[ours[0], theirs[0]]
            else:
                weight = _field(weights, known, dict.fromkeys(ours, 1), dict.fromkeys(theirs, 1))
            if weight is None:
                continue
            if is_shared:
                shared.append(weight)
            else:
                total += weight
        total += _damped(weights, shared)
        vouched = weights.kind.vouched
        return (
            total if vouched is None else total + vouched.by(self.record.verified, other.verified)
        )


def _damped(weights: Weights, shared: Sequence[int]) -> int:
    """What the fields weigh together that a home shares: the best, and of the others a part.

    Beside one that agrees the worst contradiction says something else, so it counts half-way to
    full: who lives in one town at another address has moved, or is a namesake.
    """
    if not shared:
        return 0
    best, worst, share = max(shared), min(shared), weights.damped_share
    total = best * PARTS + (sum(shared) - best) * share
    if best > 0 > worst:
        total += worst * (PARTS - share) // 2
    return total // PARTS


def _nobody_is(_one: Record, _other: Record) -> bool:
    return False


def _field(
    weights: Weights, known: Pairs, left: dict[Any, int], right: dict[Any, int]
) -> int | None:
    """What several values of a field weigh, by what each pair of them does."""
    best: int | None = None
    total = pairs = 0
    most = weights.kind.values_max
    others = _frequent(right, most)
    for a, often in _frequent(left, most):
        for b, as_often in others:
            weight = known[a, b]
            if weight is not None:
                total += weight * often * as_often
                pairs += often * as_often
                best = weight if best is None or weight > best else best
    if best is None:
        return None
    share = weights.model.best_share
    return (share * best * pairs + (PARTS - share) * total) // (PARTS * pairs)


def _frequent(held: dict[Any, int], most: int) -> Iterable[tuple[Any, int]]:
    """So many values, the most frequent ones."""
    if len(held) <= most:
        return held.items()
    return sorted(held.items(), key=lambda one: (-one[1], one[0]))[:most]


class Given(NamedTuple):
    """In how many pairs of records given names agree in full, and in how many they contradict.

    In `distant` of the others they are alike, of one or of two: by half, or both usual.
    """

    agree: int
    contradict: int
    distant: int


def compare_given(
    a: Profile,
    b: Profile,
    is_usual: Callable[[str], bool],
    is_strange: Callable[[str], bool] = lambda _name: False,
) -> Given:
    """Given names over all records of both sides; initials and missing ones do not count.

    Nor do names that do not agree where one of them `is_strange`: errors made it.
    """
    agree = contradict = distant = 0
    for left, often in (a.fields[NAMES] or {}).items():
        for right, as_often in (b.fields[NAMES] or {}).items():
            verdict = given_names(left, right)
            if verdict > 0:
                typed = typed_given(left, right)
                if typed and all(is_usual(one) and is_usual(other) for one, other in typed):
                    distant += often * as_often
                else:
                    agree += often * as_often
            elif any(map(is_strange, (*left.given, *right.given))):
                continue
            elif verdict < 0:
                contradict += often * as_often
            elif agreement(left, right).distant_given:
                distant += often * as_often
    return Given(agree, contradict, distant)


def in_words(evidence: Evidence, names: Iterable[str]) -> dict[str, int]:
    """The fields known on both sides, by their names, with their weights."""
    return {
        name: weight
        for name, weight in zip(names, evidence.fields, strict=True)
        if weight is not None
    }
