"""What an agreement or a contradiction of each field weighs: log2(m/u) of its level, in millibits.

Fellegi and Sunter (1969); an exact agreement weighs by how frequent the value is (Winkler 1989). m
and u come from a versioned model file, frequencies from a frozen count. Weights are whole numbers,
so that no sum depends on its order.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from importlib import resources
from math import log2
from typing import Any, NamedTuple

from rapidfuzz.distance import OSA, JaroWinkler

from hub.identity import dates
from hub.identity.names import agreement, given_names
from hub.identity.record import FIELDS, NAMES, Address, Name, PersonRecord

CACHED = 400_000
HOME_MAX = 20
"""How many records of one address are looked at for housemates."""
FAMILY_EVERY, HOUSEMATES_AT_LEAST = 50, 10
MILLI = 1000


class Field(NamedTuple):
    """The weights of one field, in millibits.

    `same` is the m of an exact agreement and `cap` its greatest weight; `spread` is how many values
    are expected before any is seen.
    """

    same: float
    cap: int
    spread: int
    levels: Mapping[str, int]


class Model(NamedTuple):
    """Weights by field, and by how much a link must win. Everything in millibits.

    `margin`: over the prior; `floor`: below the threshold, what is still looked at; `ambiguous`:
    how near a second choice makes the first unsure. `best_share` of ten parts of a field with
    several values is its best pair, the rest their mean; of the weights of a household's fields
    all but the best count `damped_share` of ten parts.
    """

    version: str
    margin: int
    floor: int
    ambiguous: int
    best_share: int
    damped_share: int
    fields: tuple[Field, ...]


@lru_cache(8)
def load_model(name: str = "person-1") -> Model:
    """A model that comes with the hub."""
    file = resources.files("hub.identity") / "model" / f"{name}.json"
    return model_of(json.loads(file.read_text()))


def model_of(told: Mapping[str, Any]) -> Model:
    """A model from the plain values of its file."""
    return Model(
        told["version"],
        milli(told["margin_bits"]),
        milli(told["floor_bits"]),
        milli(told["ambiguous_bits"]),
        told["best_share"],
        told["damped_share"],
        tuple(_field(told[name]) for name in FIELDS),
    )


def _field(told: Mapping[str, Any]) -> Field:
    levels = {
        name: milli(log2(value[0] / value[1]) if isinstance(value, list) else value)
        for name, value in told.items()
        if name not in ("same", "cap", "spread")
    }
    return Field(told["same"], milli(told["cap"]), told["spread"], levels)


def milli(bits: float) -> int:
    """Bits as whole millibits."""
    return round(bits * MILLI)


@lru_cache(CACHED)
def identifier_level(a: tuple[str, str], b: tuple[str, str]) -> str | None:
    """How two numbers agree: one edit, two, or not; None where they are of different schemes."""
    if a[0] != b[0]:
        return None
    edits = OSA.distance(a[1], b[1], score_cutoff=2)
    return ("near", "near", "part", "other")[edits]


@lru_cache(CACHED)
def phone_level(a: str, b: str) -> str:
    """How two different telephone numbers agree: one edit, or not."""
    return "near" if OSA.distance(a, b, score_cutoff=1) <= 1 else "other"


@lru_cache(CACHED)
def postcode_level(a: str, b: str) -> str:
    """How two different postcodes agree: one edit, the same digits, or not."""
    if OSA.distance(a, b, score_cutoff=1) <= 1:
        return "near"
    return "part" if sorted(a) == sorted(b) else "other"


@lru_cache(CACHED)
def address_level(a: Address, b: Address) -> str:
    """How two different addresses agree: the same number and nearly the street, the street."""
    street = JaroWinkler.similarity(a.street, b.street)
    if a.number == b.number and street >= 0.85:  # noqa: PLR2004 - a typing error or two
        return "near"
    if street >= 0.97 and len(a.number) > 1 and sorted(a.number) == sorted(b.number):  # noqa: PLR2004 - as good as the same
        return "near"
    return "part" if street >= 0.9 else "other"  # noqa: PLR2004 - a typing error


@lru_cache(CACHED)
def place_level(a: str, b: str) -> str:
    """How two different places agree: nearly, or not."""
    if JaroWinkler.similarity(a, b) >= 0.9 or (len(a) > 4 and OSA.distance(a, b) <= 1):  # noqa: PLR2004 - a typing error
        return "near"
    return "other"


@lru_cache(CACHED)
def email_level(a: str, b: str) -> str:
    """How two different e-mail addresses agree: a typing error, the same user elsewhere, or not.

    Addresses are made from names, so that those of namesakes differ by digits alone.
    """
    user, _, domain = a.partition("@")
    other, _, elsewhere = b.partition("@")
    if user == other:
        return "user"
    digits = ["".join(filter(str.isdigit, one)) for one in (user, other)]
    if domain == elsewhere and digits[0] == digits[1] and OSA.distance(user, other) <= 1:
        return "near"
    return "other"


@lru_cache(CACHED)
def middle_level(a: str, b: str) -> str:
    """How two different middle names agree: by their initial, or not."""
    if a[0] == b[0] and (len(a) == 1 or len(b) == 1 or JaroWinkler.similarity(a, b) > 0.9):  # noqa: PLR2004 - a typing error
        return "initial"
    return "other"


def different(_a: str, _b: str) -> str:
    """Values between which there is nothing."""
    return "other"


_LEVELS: tuple[Callable[[Any, Any], str | None] | None, ...] = (
    None,
    middle_level,
    different,
    dates.level,
    identifier_level,
    address_level,
    postcode_level,
    place_level,
    different,
    phone_level,
    email_level,
    different,
)


class Counts(NamedTuple):
    """How often each value of each field occurs in a set of records; name tokens one by one.

    `homes`: the records that tell where somebody lives; `housemates`: those of them at whose home
    somebody else lives as well.
    """

    values: tuple[Mapping[Any, int], ...]
    totals: tuple[int, ...]
    homes: int = 0
    housemates: int = 0

    @property
    def has_families(self) -> bool:
        """Whether people of one home are in the records; so it is taken until shown otherwise."""
        return self.homes < FAMILY_EVERY * (self.housemates + HOUSEMATES_AT_LEAST)


def count(records: Iterable[PersonRecord]) -> Counts:
    """Count the values of records: a function of the set, not of its order."""
    values: tuple[Counter[Any], ...] = tuple(Counter() for _ in FIELDS)
    homes: dict[Any, list[PersonRecord]] = {}
    for record in records:
        for address in record.addresses[:1]:
            if address.number:
                homes.setdefault((address, record.postcodes[:1]), []).append(record)
        for name in record.names:
            values[NAMES].update((*name.given, *name.surname))
        for field, held in enumerate(record):
            if field != NAMES:
                values[field].update(held)
    return Counts(
        values,
        tuple(one.total() for one in values),
        sum(map(len, homes.values())),
        sum(map(_housemates, homes.values())),
    )


def _housemates(home: Sequence[PersonRecord]) -> int:
    """How many records of one home are surely not about the person of another one there."""
    some = [one for one in home[:HOME_MAX] if one.names and one.births]
    return sum(any(_surely_another(one, other) for other in some) for one in some)


def _surely_another(one: PersonRecord, other: PersonRecord) -> bool:
    a, b = sorted((one.births[0], other.births[0]))
    return a != b and dates.level(a, b) == "other" and given_names(one.names[0], other.names[0]) < 0


class Weights:
    """The weights of pairs of values, under one model and one count. Never changed once made."""

    def __init__(self, model: Model, counts: Counts) -> None:
        """Weights are worked out when first asked for."""
        self.model = model
        self.counts = counts
        self._same: list[dict[Any, int]] = [{} for _ in FIELDS]
        self._names: dict[tuple[Name, Name], int] = {}

    def same(self, field: int, value: Any) -> int:
        """What an exact agreement in a value (of names: a token) weighs."""
        found = self._same[field].get(value)
        if found is None:
            told = self.model.fields[field]
            often = self.counts.values[field].get(value, 0) + 1
            total = self.counts.totals[field] + told.spread
            found = min(told.cap, milli(log2(told.same * total / often)))
            self._same[field][value] = found
        return found

    def pair(self, field: int, a: Any, b: Any) -> int | None:
        """What two values weigh; None where they cannot be compared."""
        if field == NAMES:
            return self.names(a, b)
        if a == b:
            return self.same(field, a)
        level = _LEVELS[field](a, b) if a < b else _LEVELS[field](b, a)  # type: ignore[misc]
        return None if level is None else self.model.fields[field].levels[level]

    def names(self, a: Name, b: Name) -> int:
        """What two names weigh: each token that agrees, and what contradicts."""
        if b < a:
            a, b = b, a
        found = self._names.get((a, b))
        if found is None:
            how = agreement(a, b)
            levels = self.model.fields[NAMES].levels
            found = sum(self.same(NAMES, token) for token in how.exact)
            found += how.fuzzy * levels["fuzzy"] + how.nickname * levels["nickname"]
            found += how.initial * levels["initial"] + how.other_given * levels["other_given"]
            found += how.other_surname * levels["other_surname"]
            found += how.left_over * levels["left_over"]
            self._names[a, b] = found
        return found
