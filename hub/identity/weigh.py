"""What an agreement or a contradiction of each field weighs: log2(m/u) of its level, in millibits.

Fellegi and Sunter (1969); an exact agreement weighs by how frequent the value is (Winkler 1989). m
and u come from a versioned model file, frequencies from a frozen count. Weights are whole numbers,
so that no sum depends on its order.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache, partial
from importlib import resources
from math import log2
from typing import Any, NamedTuple, Protocol, TypeVar

from rapidfuzz.distance import OSA, JaroWinkler

from hub.identity.kind import ByTokens, Comparison, Kind, Most
from hub.identity.name_words import are_jumbled, scanned
from hub.identity.record import NAMES, Address, Name, Record
from hub.identity.schemes import scheme

_Key = TypeVar("_Key")
_Found = TypeVar("_Found")
CACHED = 2_000
MILLI = 1000
KEPT_MAX = 2_000
"""How many weights of a field are remembered at most."""
LAST_DIGITS = 4
NEXT_MOST = 2
"""So far apart are numbers that were given to one after the other, at one time."""
STREET_WORDS = 2
"""A street of fewer words is not begun by another."""
DOMAIN_ERRORS = 2
PLACE_JUMBLED_FROM, EMAIL_JUMBLED_FROM = 5, 10
"""From so many letters on a place, and an e-mail address, is known in another order of them."""
_LETTER_BEFORE_DIGIT = re.compile(r"[a-z]\d")
"""In a house's number a typing error: the letter of a part of the house stands at its end."""
DIGITS_OF_ONES_OWN = 5
"""So many digits are no number of a namesake, nor a year of birth."""
SPOILT = 0.75
"""So much of two e-mail addresses must be the same for typing errors to be what differs."""
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


def identifier_level(a: tuple[str, str], b: tuple[str, str]) -> str | None:
    """How two numbers agree: one edit, two, or not; None where they are of different schemes.

    Numbers of which one has several do not contradict.

    Of the last four digits of a number, which others share, an edit says as little as two, and so
    it does of numbers that come one after the other, as those of brothers and sisters do.
    """
    if a[0] != b[0]:
        return None
    edits = OSA.distance(a[1], b[1], score_cutoff=2)
    if edits > 1 and scheme(a[0]).several:
        return None
    last = min(len(a[1]), len(b[1])) <= LAST_DIGITS
    if edits <= 1 and (last or _is_next(a[1], b[1])):
        return "part"
    return "other" if last else ("near", "near", "part", "other")[edits]


def _is_next(a: str, b: str) -> bool:
    """Whether numbers may have been given to one after the other."""
    digits = len(a) == len(b) and a.isdecimal() and b.isdecimal()
    return digits and abs(int(a) - int(b)) <= NEXT_MOST


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
    street = JaroWinkler.similarity(*_without_town(a.street, b.street))
    if street >= 0.85 and _is_one_number(a.number, b.number):  # noqa: PLR2004 - a typing error or two
        return "near"
    if street >= 0.97 and len(a.number) > 1 and sorted(a.number) == sorted(b.number):  # noqa: PLR2004 - as good as the same
        return "near"
    return "part" if street >= 0.9 else "other"  # noqa: PLR2004 - a typing error


def _without_town(a: str, b: str) -> tuple[str, str]:
    """Two streets as long as the shorter, in words: behind it stands a town, or part of one."""
    ours, theirs = a.count(" "), b.count(" ")
    length = min(ours, theirs) + 1
    if ours == theirs or length < STREET_WORDS:
        return a, b
    return " ".join(a.split(" ")[:length]), " ".join(b.split(" ")[:length])


def _is_one_number(a: str, b: str) -> bool:
    """Whether two house numbers are the same, or but for a letter that an error put into one."""
    if a == b:
        return True
    typed = _LETTER_BEFORE_DIGIT.search(a) or _LETTER_BEFORE_DIGIT.search(b)
    return bool(a and b and typed) and OSA.distance(a, b, score_cutoff=1) <= 1


@lru_cache(CACHED)
def place_level(a: str, b: str) -> str:
    """How two different places agree: nearly, or not."""
    if JaroWinkler.similarity(a, b) >= 0.9 or scanned(a) == scanned(b):  # noqa: PLR2004 - a typing error
        return "near"
    shorter = min(len(a), len(b))
    if shorter >= PLACE_JUMBLED_FROM and are_jumbled(a, b):
        return "near"
    if OSA.distance(a, b, score_cutoff=2) <= (shorter > 4) + (shorter > 6):  # noqa: PLR2004 - one, two
        return "near"
    return "other"


def email_level(a: str, b: str) -> str:
    """How two different e-mail addresses agree: near, the same user elsewhere, spoilt, or not.

    Near is a typing error or two; spoilt are more. Addresses are made from names, so that those of
    namesakes differ by digits alone; but of many digits theirs would differ in more than one.
    """
    user, _, domain = a.partition("@")
    other, _, elsewhere = b.partition("@")
    typed = domain == elsewhere or (
        domain[0] == elsewhere[0]
        and OSA.distance(domain, elsewhere) <= min(DOMAIN_ERRORS, len(domain) // 4)
    )
    if user == other:
        return "near" if typed else "user"
    digits = ["".join(filter(str.isdigit, one)) for one in (user, other)]
    own = digits[0] == digits[1] or min(map(len, digits)) >= DIGITS_OF_ONES_OWN
    if typed and own and OSA.distance(user, other) <= 1:
        return "near"
    if _are_jumbled_letters(a, b):
        return "near"
    if _same_but_doubled(*digits) and OSA.normalized_similarity(a, b) >= SPOILT:
        return "spoilt"
    return "other"


def _are_jumbled_letters(a: str, b: str) -> bool:
    """Whether two addresses are of the same letters and digits, but for one, in another order.

    Addresses of namesakes have their letters in one order, and other digits.
    """
    if min(len(a), len(b)) < EMAIL_JUMBLED_FROM or not are_jumbled(a, b):
        return False
    ours, theirs = ("".join(filter(str.isalpha, one)) for one in (a, b))
    return ours != theirs


def _same_but_doubled(a: str, b: str) -> bool:
    """Whether digits are the same but for some that were typed twice or left away."""
    shorter, longer = sorted((a, b), key=len)
    rest = iter(longer)
    return all(digit in rest for digit in shorter) and bool(shorter) == bool(longer)


@lru_cache(CACHED)
def middle_level(a: str, b: str) -> str:
    """How two different middle names agree: by their initial, or not."""
    if a[0] == b[0] and (len(a) == 1 or len(b) == 1 or JaroWinkler.similarity(a, b) > 0.9):  # noqa: PLR2004 - a typing error
        return "initial"
    return "other"


def different(_a: str, _b: str) -> str:
    """Values between which there is nothing."""
    return "other"


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
