"""How well a partition matches the truth: pairs, B-cubed, and entities that are exactly right.

Pairwise: of all pairs put together, how many are (precision), and of all pairs that are one, how
many were put together (recall). B-cubed (Bagga and Baldwin 1998): the same for each record, then
the mean, so that large entities do not count by the square of their size.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import NamedTuple


class Score(NamedTuple):
    """Precision and recall, each from 0 to 1."""

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        """Their harmonic mean; 0 where both are."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


class Accuracy(NamedTuple):
    """The figures of one partition; `exact` is the share of true entities found exactly."""

    records: int
    entities: int
    pairs: Score
    b_cubed: Score
    exact: float


def measure(found: Mapping[str, str], truth: Mapping[str, str]) -> Accuracy:
    """Compare the entity found for each record with the true one.

    Only records in `truth` count; one that was not found stands alone.
    """
    ours: Counter[tuple[str, ...]] = Counter()
    theirs: Counter[str] = Counter()
    both: Counter[tuple[tuple[str, ...], str]] = Counter()
    for record, entity in truth.items():
        group = ("found", found[record]) if record in found else ("alone", record)
        ours[group] += 1
        theirs[entity] += 1
        both[group, entity] += 1
    right = _pairs(both.values())
    pairs = Score(_share(right, _pairs(ours.values())), _share(right, _pairs(theirs.values())))
    count = len(truth)
    b_cubed = Score(
        _share(sum(n * n / ours[group] for (group, _), n in both.items()), count),
        _share(sum(n * n / theirs[entity] for (_, entity), n in both.items()), count),
    )
    exact = sum(1 for (group, entity), n in both.items() if n == ours[group] == theirs[entity])
    return Accuracy(count, len(theirs), pairs, b_cubed, _share(exact, len(theirs)))


def _pairs(sizes: Iterable[int]) -> int:
    return sum(size * (size - 1) // 2 for size in sizes)


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 1.0
