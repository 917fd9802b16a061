"""Estimates a model's weights from records alone, without knowing who is who.

Expectation and maximisation (Dempster 1977; Winkler 1988 for Fellegi and Sunter): under the weights
so far each pair of records has a probability of being one person; how often values agree among
likely pairs, and among pairs taken at random, gives better weights. What households share is no
evidence, so a pair that a rule refuses does not count. Weights stay near those of the model that
they start from, so that a strange file cannot turn them round.

The outcome is a function of the set of records.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from hashlib import blake2b
from itertools import combinations
from math import log2
from typing import Any, NamedTuple

from hub.errors import SettingsError
from hub.identity.evidence import weigh, weigh_records
from hub.identity.households import are_families_among
from hub.identity.kind import ENOUGH, ByTokens, Key, Kind
from hub.identity.models import told_model, version_of
from hub.identity.profile import Pair, Profile
from hub.identity.record import Record
from hub.identity.weigh import PARTS_OF_FIELD, Counts, Weights, count, milli, model_of

RECORDS_MAX, PAIRS_MAX, RANDOM_PAIRS = 60_000, 150_000, 100_000
RECORDS_LEAST = 200
HOLDERS_MAX = 30
ROUNDS = 6
LIKELY_LEAST = 100
"""How many likely pairs must tell a field before its weights change."""
PRIOR = 50
"""For how many pairs the weights that it starts from count."""
BITS_AWAY = 2.0
SAME_LEAST, SAME_MOST = 0.3, 0.98
HELD_LEAST, VALUES_MAX = 20, 5_000
"""Values fewer records hold are nobody's business: they are not written down."""
TABLES = ("names", "middles", "places", "postcodes", "regions", "sexes")


class Compared(NamedTuple):
    """Two records: how often each level of each field occurs (one for most), and of how many."""

    a: str
    b: str
    levels: tuple[Mapping[str, int] | None, ...]
    parts: tuple[int, ...]


def train(
    records: Mapping[str, Record],
    kind: Kind,
    progress: Callable[[str], None] = lambda _done: None,
) -> dict[str, Any]:
    """A model as the plain values of its file, from records by name.

    `progress` is told what is being done. Raises SettingsError where the records are too few.
    """
    if len(records) < RECORDS_LEAST:
        raise SettingsError(
            f"{len(records)} records are too few to learn from",
            remedy=f"give {RECORDS_LEAST} or more, or use the model that comes with the hub",
        )
    told = told_model(kind)
    names = sorted(records, key=lambda name: (_place(name), name))[:RECORDS_MAX]
    some = {name: records[name] for name in sorted(names)}
    values = count(kind, some.values())
    families = are_families_among(kind.homes, some.values())
    counts = Counts(values, tuple(one.total() for one in values), families)
    weights = Weights(kind, model_of(told, kind.fields), counts)
    near = _near(kind, some)
    progress(f"comparing {len(near):,} pairs of {len(some):,} records")
    possible = [
        _compare(kind, told, some, pair) for pair in near if not _is_refused(weights, some, pair)
    ]
    chance = [_compare(kind, told, some, pair) for pair in _at_random(names)]
    prior, new = log2(len(some)) + told["margin_bits"], told
    for number in range(1, ROUNDS + 1):
        progress(f"round {number} of {ROUNDS}")
        weights = Weights(kind, model_of(new, kind.fields), counts)
        likely = [(one, _probability(weights, some, one, prior)) for one in possible]
        new = _better(kind, told, likely, chance)
    made = {**new, "frequencies": _tables(kind, values), "trained_on": len(some)}
    return {**made, "version": version_of(made, kind)}


def frequencies(kind: Kind, records: Iterable[Record]) -> Counts:
    """How often each value occurs; there are families until shown otherwise."""
    values: tuple[Counter[Any], ...] = tuple(Counter() for _ in kind.fields)
    for record in records:
        for place, how in enumerate(kind.fields.values()):
            for value in record[place]:
                values[place].update(how.tokens(value) if isinstance(how, ByTokens) else (value,))
    return Counts(values, tuple(one.total() for one in values))


def _place(name: str) -> bytes:
    return blake2b(name.encode(), digest_size=8).digest()


def _near(kind: Kind, records: Mapping[str, Record]) -> list[tuple[str, str]]:
    """Pairs that share enough keys, as many as there may be, as if by chance."""
    held: dict[Key, list[str]] = {}
    for name, record in records.items():
        for key in kind.keys(record):
            held.setdefault(key, []).append(name)
    shared: Counter[tuple[str, str]] = Counter()
    for key, holders in held.items():
        if 1 < len(holders) <= HOLDERS_MAX:
            strength = ENOUGH if key[0] in kind.strong_keys else 1
            for pair in combinations(holders, 2):
                shared[pair] += strength
    found = [pair for pair, strength in shared.items() if strength >= ENOUGH]
    return sorted(found, key=lambda pair: (_place(" ".join(pair)), pair))[:PAIRS_MAX]


def _at_random(names: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Pairs of names that are in an order as if by chance: neighbours, then every second, ..."""
    there = len(names)
    for number in range(min(RANDOM_PAIRS, there * (there - 1) // 2)):
        apart, at = number // there + 1, number % there
        a, b = sorted((names[at], names[(at + apart) % there]))
        yield a, b


def _compare(
    kind: Kind, told: Mapping[str, Any], records: Mapping[str, Record], pair: tuple[str, str]
) -> Compared:
    a, b = (records[name] for name in pair)
    found = [
        _levels(how, told[name], a[place], b[place])
        for place, (name, how) in enumerate(kind.fields.items())
    ]
    return Compared(*pair, tuple(one for one, _ in found), tuple(of for _, of in found))


def _levels(
    how: Any, told: Mapping[str, Any], left: Sequence[Any], right: Sequence[Any]
) -> tuple[Mapping[str, int] | None, int]:
    """Of the first values of a field: the levels that two names have, or the one level."""
    if not left or not right:
        return None, 0
    a, b = min(left[0], right[0]), max(left[0], right[0])
    if isinstance(how, ByTokens):
        found = {"same": how.weigh(lambda _token: 1, _Nothing(), a, b)}
        for level in told.keys() - PARTS_OF_FIELD:
            found[level] = how.weigh(lambda _token: 0, _Nothing({level: 1}), a, b)
        return found, min(len(tuple(how.tokens(a))), len(tuple(how.tokens(b))))
    level = "same" if a == b else how(a, b)
    return (None, 0) if level is None else ({level: 1}, 1)


class _Nothing(dict[str, int]):
    """Weights of nothing, but for those given: so a sum of weights counts levels."""

    def __missing__(self, key: str) -> int:
        return 0


def _is_refused(weights: Weights, records: Mapping[str, Record], pair: tuple[str, str]) -> bool:
    a, b = (Profile(name, records[name]) for name in pair)
    evidence = weigh(weights, a, b)
    over = evidence.total - milli(log2(len(records))) - weights.model.margin
    return weights.kind.refusal(Pair(a, b, evidence, over)) is not None


def _probability(
    weights: Weights, records: Mapping[str, Record], one: Compared, prior: float
) -> float:
    bits = weigh_records(weights, records[one.a], records[one.b]) / milli(1) - prior
    return float(1 / (1 + 2.0 ** max(-60.0, min(60.0, -bits))))


def _better(
    kind: Kind,
    told: Mapping[str, Any],
    likely: Sequence[tuple[Compared, float]],
    chance: Sequence[Compared],
) -> dict[str, Any]:
    """The model with weights from what likely pairs, and pairs at random, have in common."""
    new = dict(told)
    for place, (name, how) in enumerate(kind.fields.items()):
        if isinstance(how, ByTokens) and not how.is_sum:
            continue
        m, of_likely = _shares(place, likely)
        u, of_chance = _shares(place, ((one, 1.0) for one in chance))
        if of_likely >= LIKELY_LEAST:
            new[name] = _field(told[name], m, of_likely, u, of_chance)
    return new


def _shares(
    place: int, pairs: Iterable[tuple[Compared, float]]
) -> tuple[Mapping[str, float], float]:
    found: Counter[str] = Counter()
    of = 0.0
    for one, probability in pairs:
        levels = one.levels[place]
        if levels is not None:
            of += probability * one.parts[place]
            for level, often in levels.items():
                found[level] += often * probability  # type: ignore[assignment]
    return found, of


def _field(
    told: Mapping[str, Any],
    m: Mapping[str, float],
    of_likely: float,
    u: Mapping[str, float],
    of_chance: float,
) -> dict[str, Any]:
    same = (m["same"] + PRIOR * told["same"]) / (of_likely + PRIOR)
    new = {**told, "same": round(min(SAME_MOST, max(SAME_LEAST, same)), 4)}
    for level, value in told.items():
        if level not in PARTS_OF_FIELD:
            new[level] = _level(
                value, m.get(level, 0), of_likely, u.get(level, 0), max(1, of_chance)
            )
    return new


def _level(value: Any, m: float, of_likely: float, u: float, of_chance: float) -> list[float]:
    """Shares of a level among likely pairs and at random, whose weight stays near what it was."""
    if isinstance(value, list):
        was = log2(value[0] / value[1])
        share = (m + PRIOR * value[0]) / (of_likely + PRIOR)
        by_chance = (u + PRIOR * value[1]) / (of_chance + PRIOR)
    else:
        was, share, by_chance = value, (m + 1) / (of_likely + 1), (u + 1) / (of_chance + 1)
    bits = min(was + BITS_AWAY, max(was - BITS_AWAY, log2(share / by_chance)))
    by_chance = min(by_chance, 2.0**-bits)
    return [round(by_chance * 2.0**bits, 9), round(by_chance, 9)]


def _tables(kind: Kind, values: Sequence[Counter[Any]]) -> dict[str, Any]:
    """How frequent the frequent values are of fields that are nobody's own."""
    tables = {}
    for place, name in enumerate(kind.fields):
        if name in TABLES:
            held = sorted(values[place].items(), key=lambda one: (-one[1], one[0]))
            tables[name] = {
                "total": values[place].total(),
                "values": {
                    value: often for value, often in held[:VALUES_MAX] if often >= HELD_LEAST
                },
            }
    return tables
