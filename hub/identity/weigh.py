"""What an agreement or a contradiction of each field weighs: log2(m/u) of its level, in millibits.

Fellegi and Sunter (1969); an exact agreement weighs by how frequent the value is (Winkler 1989). m
and u come from a versioned model file, frequencies from a frozen count. Weights are whole numbers,
so that no sum depends on its order.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache, partial
from importlib import resources
from math import log2
from typing import Any, NamedTuple, Protocol, TypeVar

from hub.identity.kind import ByTokens, Comparison, Kind, Most
from hub.identity.record import NAMES, Name, Record

_Key = TypeVar("_Key")
_Found = TypeVar("_Found")
MILLI = 1000
KEPT_MAX = 2_000
"""How many weights of a field are remembered at most."""
USUAL_AT_HOME = 1 * MILLI
NEVER_TOLD = ""
"""A token that nobody has: none is rarer."""
MISTYPED = frozenset({"near", "two_parts", "months", "default"})
"""Levels of values of which one may be the other with an error in it."""
OF_FEW = frozenset({"births", "postcodes"})
"""Fields of which there may be few values in all, each of which many tell."""
RARE, USUAL_TIMES = 2, 3
"""What is told so often is rare; values that are not are so many times (as powers) as frequent in
truth as in a file that is too small to tell.
"""
TOLD_TWICE, TOLD_OFTEN = 1600, 2800
"""How much less than that one weighs which is told two times, and six times, in millibits."""
SPOILT_NAMES = ("spoilt_given", "spoilt_surname", "spoilt_rest", "spoilt_distant")
NAMES_ALONE = ("usual", "typed_less", "typed_cap", *SPOILT_NAMES)
PARTS_OF_FIELD = frozenset({"same", "cap", "spread", "generic", *NAMES_ALONE})
"""What a field's weights have besides its levels."""


class Field(NamedTuple):
    """The weights of one field, in millibits.

    `same` is the m of an exact agreement and `cap` its greatest weight; `spread` is how many values
    are expected before any is seen. A value that more records hold than `generic` says (an office's
    telephone, a placeholder nobody knows of) says nothing; 0: there is no such number. Among the
    levels of names, `usual` is below what weight of an agreement a name is a usual one;
    `typed_less` and `typed_cap` are how much less than it a rare one weighs with a typing error,
    and at most. Those that begin with `spoilt` are for names nobody else has, where names are.
    """

    same: float
    cap: int
    spread: int
    generic: int
    levels: Mapping[str, int]
    table: "Table"


class Table(NamedTuple):
    """How frequent the frequent values are among so many, where those known here are fewer."""

    total: int = 0
    values: Mapping[str, int] = {}


class Model(NamedTuple):
    """Weights by field, and by how much a link must win. Everything in millibits.

    `margin`: over the prior; `floor`: below the threshold, what is still looked at; `ambiguous`:
    how near a second choice makes the first unsure. `best_share` of ten parts of a field with
    several values is its best pair, the rest their mean; of the weights of a household's fields
    all but the best count `damped_share` of ten parts, or `apart_share` where there are no families
    among the records, so that they do not say the same again; the worst counts half-way to full
    where it contradicts the best.
    """

    version: str
    margin: int
    floor: int
    ambiguous: int
    best_share: int
    damped_share: int
    apart_share: int
    fields: tuple[Field, ...]


def load_model(kind: Kind) -> Model:
    """The model of a kind that comes with the hub."""
    return _load_model(kind.model, tuple(kind.fields))


@lru_cache(8)
def _load_model(name: str, fields: tuple[str, ...]) -> Model:
    file = resources.files("hub.identity") / "model" / f"{name}.json"
    return model_of(json.loads(file.read_text()), fields)


def model_of(told: Mapping[str, Any], fields: Iterable[str]) -> Model:
    """A model from the plain values of its file, which has weights for each of these fields."""
    return Model(
        told["version"],
        milli(told["margin_bits"]),
        milli(told["floor_bits"]),
        milli(told["ambiguous_bits"]),
        told["best_share"],
        told["damped_share"],
        told["apart_share"],
        tuple(_field(told[name], told.get("frequencies", {}).get(name)) for name in fields),
    )


def _field(told: Mapping[str, Any], frequencies: Mapping[str, Any] | None) -> Field:
    levels = {
        name: milli(log2(value[0] / value[1]) if isinstance(value, list) else value)
        for name, value in told.items()
        if name not in PARTS_OF_FIELD
    }
    table = Table(frequencies["total"], frequencies["values"]) if frequencies else Table()
    levels |= {name: milli(told[name]) for name in NAMES_ALONE if name in told}
    generic = told.get("generic", 0)
    return Field(told["same"], milli(told["cap"]), told["spread"], generic, levels, table)


def milli(bits: float) -> int:
    """Bits as whole millibits."""
    return round(bits * MILLI)


def name_tokens(name: Name) -> tuple[str, ...]:
    """The tokens of a person's name that are counted."""
    return (*name.given, *name.surname)


class Often(Protocol):
    """How often each value of a field occurs; a mapping is one."""

    def get(self, value: Any, otherwise: int, /) -> int:
        """How often one occurs; `otherwise` where it does not."""


class Counts(NamedTuple):
    """How often each value of each field occurs in a set of records; name tokens one by one.

    `has_families`: whether there are people of one home among them. `names_tell_little`: as a
    kind's `naming` sees it.
    """

    values: tuple[Often, ...]
    totals: tuple[int, ...]
    has_families: bool = True
    names_tell_little: bool = False


def count(kind: Kind, records: Iterable[Record]) -> tuple[Counter[Any], ...]:
    """How often each value of each field occurs: a function of the set, not of its order."""
    values: tuple[Counter[Any], ...] = tuple(Counter() for _ in kind.fields)
    counted = [
        (place, values[place], how.tokens if isinstance(how, ByTokens) else None)
        for place, how in enumerate(kind.fields.values())
    ]
    for group in _groups(kind, records):
        for place, counter, tokens in counted:
            held = group[0][place] if len(group) == 1 else _distinct(group, place)
            if tokens is None:
                counter.update(held)
            else:
                for value in held:
                    counter.update(tokens(value))
    return values


def same_weight(told: Field, often: int, total: int) -> int:
    """What an exact agreement weighs in a value that occurs so often of all values of its field."""
    found = min(told.cap, milli(log2(told.same * (total + told.spread) / (often + 1))))
    return min(found, 0) if told.generic and often >= told.generic else found


def _groups(kind: Kind, records: Iterable[Record]) -> Iterable[Sequence[Record]]:
    """The records whose values count once together."""
    if kind.counted_once_by is None:
        return ((record,) for record in records)
    groups: dict[Any, list[Record]] = {}
    for record in records:
        groups.setdefault(record[kind.counted_once_by], []).append(record)
    return groups.values()


def _distinct(group: Iterable[Record], place: int) -> set[Any]:
    return {value for record in group for value in record[place]}


def nobody_else_has(same: Callable[[str], int], token: str) -> bool:
    """Whether a token of a name is told once at the most, by what an agreement in it weighs."""
    return same(token) > same(NEVER_TOLD) - TOLD_TWICE


def _without(levels: Mapping[str, int], names: Iterable[str]) -> Mapping[str, int]:
    return {name: weight for name, weight in levels.items() if name not in names}


class Weights:
    """The weights of pairs of values, under one model and one count. Never changed once made."""

    def __init__(self, kind: Kind, model: Model, counts: Counts) -> None:
        """Weights are worked out when first asked for."""
        self.kind = kind
        self.model = model
        self.counts = counts
        self.damped_share = model.damped_share if counts.has_families else model.apart_share
        self._levels = tuple(
            field.levels if counts.names_tell_little else _without(field.levels, SPOILT_NAMES)
            for field in model.fields
        )
        self._of_few = {place for place, name in enumerate(kind.fields) if name in OF_FEW}
        self.places = range(len(kind.fields))
        """The places of the weighed fields in a record."""
        self._same: tuple[Mapping[Any, int], ...] = tuple(
            _Kept(partial(self._weigh_same, field)) for field in self.places
        )
        self.pairs: tuple[Mapping[tuple[Any, Any], int | None], ...] = tuple(
            _Kept(partial(self._weigh, field, how))
            for field, how in enumerate(kind.fields.values())
        )
        """For each field what two values, as a pair, weigh; None where they cannot be compared."""
        self.shares = tuple((known, field in kind.shared) for field, known in enumerate(self.pairs))
        """The same, with whether the field is one that is shared."""

    def same(self, field: int, value: Any) -> int:
        """What an exact agreement in a value (of names: a token) weighs."""
        return self._same[field][value]

    def most(self, name: Any) -> Most:
        """What a name weighs at the most."""
        return self.kind.most_of_name(self._same[NAMES].__getitem__, self._levels[NAMES], name)

    def is_usual(self, token: str) -> bool:
        """Whether so many are called so that another name a letter apart is no typing error.

        Asked of people of one home, where names are alike by choice, so that it is so a bit sooner.
        """
        usual, same = self.model.fields[NAMES].levels.get("usual"), self._same[NAMES]
        if usual is None:
            return False
        return same[token] < min(usual + USUAL_AT_HOME, same[NEVER_TOLD] - TOLD_OFTEN)

    def is_strange(self, token: str) -> bool:
        """Whether names are spoilt, and nobody else is called so."""
        return self.counts.names_tell_little and nobody_else_has(
            self._same[NAMES].__getitem__, token
        )

    def _weigh_same(self, field: int, value: Any) -> int:
        told, often = self.model.fields[field], self.counts.values[field].get(value, 0)
        total = self.counts.totals[field]
        if told.table.total > total:
            often, total = told.table.values.get(value, often), told.table.total
        return same_weight(told, often, total)

    def _weigh(self, field: int, how: Comparison, values: tuple[Any, Any]) -> int | None:
        a, b = values
        if b < a:
            a, b = b, a
        if isinstance(how, ByTokens):
            less, same = how.less(a, b), self._same[field]
            return how.weigh(lambda token: same[token] - less, self._levels[field], a, b)
        if a == b:
            return self.same(field, a)
        level = how(a, b)
        if level is None:
            return None
        weight = self._levels[field][level]
        if weight > 0 and level in MISTYPED and field in self._of_few:
            return max(self._levels[field]["other"], weight - self._usual(field, a, b))
        return weight

    def _usual(self, field: int, a: Any, b: Any) -> int:
        """How much more frequent two values are than most are: by what an agreement weighs less.

        Of frequent values one is rarely a typing error of the other: in a register of one school
        year all dates of birth are nearly each other, and in one town all postcodes. What is told
        twice may be one person's; of a small file it is the most that can be known to be rare.
        """
        told, total = self.model.fields[field], self.counts.totals[field]
        rare = same_weight(told, RARE, max(total, told.table.total))
        rarer = max(self.same(field, a), self.same(field, b))
        return max(0, min(told.cap - rarer, USUAL_TIMES * (rare - rarer)))


class _Kept(dict[_Key, _Found]):
    """What was worked out, so much of it; what is not there is worked out when it is asked for."""

    def __init__(self, work_out: Callable[[_Key], _Found]) -> None:
        super().__init__()
        self._work_out = work_out

    def __missing__(self, key: _Key) -> _Found:
        found = self._work_out(key)
        if len(self) >= KEPT_MAX:
            self.clear()
        self[key] = found
        return found
