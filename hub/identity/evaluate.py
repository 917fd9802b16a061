"""Feeds records to a resolver one at a time and measures what it makes of them."""

from collections.abc import Callable, Mapping
from hashlib import blake2b
from typing import NamedTuple

from hub import clock
from hub.identity.accuracy import Accuracy, Score, measure
from hub.identity.dataset import Dataset
from hub.identity.resolver import Resolver

SWEEP_PER_RECORD = 4
"""How many records are looked at again for each new one while weights are renewed."""
TELL_EVERY = 5_000


class Evaluation(NamedTuple):
    """What a resolver made of a set: its accuracy, what its candidates reached, and its speed.

    `threshold`: what two entities had to weigh in the end, in millibits.
    """

    model: str
    accuracy: Accuracy
    before_settling: Score
    candidate_recall: float
    keys_cut: int
    possible: int
    assumptions: Mapping[str, bool]
    threshold: int
    mean_ms: float


def evaluate(
    dataset: Dataset,
    resolver: Resolver,
    seed: int,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> Evaluation:
    """Resolve the records in an order as if by chance, settle, and compare with the truth."""
    began_s = clock.monotonic_s()
    feed_all(resolver, dataset, seed, progress)
    mean_ms = (clock.monotonic_s() - began_s) * 1000 / max(1, len(dataset.records))
    before = measure(entities(resolver), dataset.truth).pairs
    resolver.settle()
    return Evaluation(
        resolver.model.version,
        measure(entities(resolver), dataset.truth),
        before,
        candidate_recall(resolver, dataset),
        resolver.index.cut,
        len(resolver.possible()),
        resolver.assumptions,
        resolver.threshold,
        mean_ms,
    )


def _place(seed: int, name: str) -> bytes:
    return blake2b(f"{seed} {name}".encode(), digest_size=8).digest()


def feed_all(
    resolver: Resolver, dataset: Dataset, seed: int, progress: Callable[[int, int], None]
) -> None:
    """All records in an order as if by chance; what is left to settle is left."""
    names = sorted(dataset.records, key=lambda name: _place(seed, name))
    for number, name in enumerate(names, 1):
        feed(resolver, name, dataset)
        if number % TELL_EVERY == 0:
            progress(number, len(names))


def feed(resolver: Resolver, name: str, dataset: Dataset) -> None:
    """One record, and the share of renewing the weights that goes with it."""
    resolver.apply({name: dataset.records[name]})
    if resolver.wants_settling(under_load=True):
        resolver.begin_settling()
    if resolver.is_settling:
        resolver.settle_some(SWEEP_PER_RECORD)


def entities(resolver: Resolver) -> Mapping[str, str]:
    """The entity of each record, called by its first record."""
    return {name: entity[0] for name, entity in resolver.entities.items()}


def candidate_recall(resolver: Resolver, dataset: Dataset) -> float:
    """Which share of the true pairs the index alone would compare."""
    found = pairs = 0
    members: dict[str, list[str]] = {}
    for name, entity in dataset.truth.items():
        if name in dataset.records:
            members.setdefault(entity, []).append(name)
    for held in members.values():
        pairs += len(held) * (len(held) - 1) // 2
        if len(held) > 1:
            group = set(held)
            for name in held:
                found += len(group.intersection(resolver.near(name)))
    return found / 2 / pairs if pairs else 1.0
