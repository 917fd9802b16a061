"""What speaks for and against two groups of records being one person or organisation."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from hub.identity.names import agreement, given_names, typed_given
from hub.identity.profile import Evidence, Profile
from hub.identity.record import NAMES, Record
from hub.identity.weigh import Weights

PARTS = 10
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
    if shared:
        best = max(shared)
        total += best + (sum(shared) - best) * weights.damped_share // PARTS
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
    exchanged = weights.kind.exchanged
    if exchanged is not None and exchanged.in_both(a, b):
        return weigh(weights, Profile("", a), Profile("", b)).total
    total = 0
    shared: list[int] = []
    for (known, is_shared), left, right in zip(weights.shares, a, b, strict=False):
        if not left or not right:
            continue
        if len(left) == 1 == len(right):
            weight = known[left[0], right[0]]
        else:
            weight = _field(weights, known, dict.fromkeys(left, 1), dict.fromkeys(right, 1))
        if weight is None:
            continue
        if is_shared:
            shared.append(weight)
        else:
            total += weight
    if shared:
        best = max(shared)
        total += best + (sum(shared) - best) * weights.damped_share // PARTS
    vouched = weights.kind.vouched
    return total if vouched is None else total + vouched.by(a.verified, b.verified)


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


def compare_given(a: Profile, b: Profile, is_usual: Callable[[str], bool]) -> Given:
    """Given names over all records of both sides; initials and missing ones do not count."""
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
