"""What the values of a field are: dates and how they are written, money, addresses, codes."""

import datetime as dt
import re
from collections import Counter
from collections.abc import Callable, Sequence
from enum import StrEnum
from functools import partial
from typing import NamedTuple

LOOKED_AT = 500
SURE = 0.8
"""So much of a field's values must be of a kind; the others may be broken."""
CODES_MAX = 15
CODE_CHARACTERS_MAX = 40
LONG_CHARACTERS = 40
DATES = (
    "%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%m-%d-%Y", "%Y/%m/%d", "%Y.%m.%d",
    "%Y%m%d", "%d %B %Y", "%d %b %Y", "%B %d, %Y", "%b %d, %Y", "%d-%b-%Y",
)  # fmt: skip
TIMES = (
    "%d.%m.%Y %H:%M", "%d.%m.%Y %H:%M:%S", "%d/%m/%Y %H:%M", "%d/%m/%Y %H:%M:%S",
    "%m/%d/%Y %H:%M", "%m/%d/%Y %H:%M:%S", "%m/%d/%Y %I:%M %p", "%m/%d/%Y %I:%M:%S %p",
    "%Y/%m/%d %H:%M:%S", "%Y%m%d%H%M%S",
)  # fmt: skip
MONTH_FIRST = {"%d/%m/%Y": "%m/%d/%Y", "%d-%m-%Y": "%m-%d-%Y", "%d/%m/%Y %H:%M": "%m/%d/%Y %H:%M"}
NOTHING = frozenset(
    ("n/a", "na", "none", "null", "nil", "unknown", "unbekannt", "keine", "-", "--", "?")
)
"""Words that stand for nothing, in small letters."""
EARLIEST, LATEST = 1880, 2120
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_PHONE = re.compile(r"\+?[\d(][\d ()./-]{5,20}\d")
_WHOLE = re.compile(r"-?\d{1,18}")
_POINT = re.compile(
    r"[$£€]?\s?-?\d{1,3}(?:,\d{3})+(?:\.\d{1,4})?|[$£€]?\s?-?\d+\.\d{1,4}|[$£€]\s?-?\d+"
)
_COMMA = re.compile(r"-?\d{1,3}(?:\.\d{3})+(?:,\d{1,4})?|-?\d+,\d{1,4}")
_AMOUNT_WORDS = re.compile(r"\s*(EUR|USD|GBP|€|\$|£)\s*")
_YES_NO = {"y", "n", "yes", "no", "t", "f", "true", "false", "ja", "nein", "j"}
_ISO_TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d")
_OFFSET = re.compile(r"(Z|[+-]\d\d:?(\d\d)?)$")


class Kind(StrEnum):
    """What values are."""

    DATE = "date"
    TIME = "time"
    EPOCH = "epoch"
    MONEY = "money"
    WHOLE = "whole number"
    EMAIL = "e-mail address"
    PHONE = "telephone number"
    FLAG = "yes or no"
    CODE = "code"
    LONG = "free text"
    TEXT = "text"
    EMPTY = "nothing"


class Looked(NamedTuple):
    """The kind of a field's values, how far that is sure, and how they are written.

    `format` is a date's pattern, `,` or `.` for money, `s` or `ms` for an epoch; for a time in ISO
    8601 it is empty. `offset` is whether times have one.
    """

    kind: Kind
    confidence: float
    format: str = ""
    offset: bool = True
    currency: str = ""


def look(values: Sequence[str]) -> Looked:
    """The kind of values that are not blank."""
    seen = values[:LOOKED_AT]
    if not seen:
        return Looked(Kind.EMPTY, 1.0)
    for asked in (_flag, _email, _moment, _epoch, _money, _whole, _phone):
        found = asked(seen)
        if found is not None:
            return found
    if comes_again(seen):
        return Looked(Kind.CODE, 0.8)
    if sum(len(value) for value in seen) / len(seen) > LONG_CHARACTERS:
        return Looked(Kind.LONG, 0.8)
    return Looked(Kind.TEXT, 0.6)


def is_nothing(value: str) -> bool:
    """Whether a value is a word that stands for nothing."""
    return value.strip().lower() in NOTHING


def comes_again(values: Sequence[str]) -> bool:
    """Whether there are few short values, each of which comes again: codes, whatever they are."""
    distinct = set(values)
    short = all(len(value) <= CODE_CHARACTERS_MAX for value in distinct)
    return short and len(distinct) <= CODES_MAX and 0 < len(distinct) * 2 <= len(values)


def _share(values: Sequence[str], fits: Callable[[str], object]) -> float:
    return sum(bool(fits(value)) for value in values) / len(values)


def _flag(values: Sequence[str]) -> Looked | None:
    return Looked(Kind.FLAG, 0.9) if {value.lower() for value in values} <= _YES_NO else None


def _email(values: Sequence[str]) -> Looked | None:
    share = _share(values, _EMAIL.fullmatch)
    return Looked(Kind.EMAIL, share) if share >= SURE else None


def _phone(values: Sequence[str]) -> Looked | None:
    share = _share(values, _PHONE.fullmatch)
    marked = _share(values, lambda value: value[0] in "+(0" or " " in value or "-" in value)
    return Looked(Kind.PHONE, min(share, marked)) if min(share, marked) >= SURE else None


def _whole(values: Sequence[str]) -> Looked | None:
    share = _share(values, _WHOLE.fullmatch)
    padded = any(value[0] == "0" and len(value) > 1 for value in values)
    return Looked(Kind.WHOLE, share) if share >= SURE and not padded else None


def _money(values: Sequence[str]) -> Looked | None:
    currencies = Counter(_currency(value) for value in values)
    currency = currencies.most_common(1)[0][0]
    bare = [_AMOUNT_WORDS.sub("", value) for value in values]
    for mark, pattern in ((".", _POINT), (",", _COMMA)):
        fractions = _share(bare, pattern.fullmatch)
        share = fractions + _share(bare, _WHOLE.fullmatch)
        if share >= SURE and (fractions or currency):
            return Looked(
                Kind.MONEY, share * (0.9 if fractions > SURE else 0.7), mark, True, currency
            )
    return None


def _currency(value: str) -> str:
    signs = {"€": "EUR", "$": "USD", "£": "GBP"}
    found = _AMOUNT_WORDS.search(value)
    return signs.get(found[1], found[1]) if found else ""


def _epoch(values: Sequence[str]) -> Looked | None:
    for unit, digits, divisor in (("s", 10, 1), ("ms", 13, 1000)):
        if all(value.isdecimal() and len(value) == digits for value in values):
            years = [1970 + int(value) / divisor / 31_556_952 for value in values]
            if all(2000 < year < 2040 for year in years):  # noqa: PLR2004 - when systems write such
                return Looked(Kind.EPOCH, 0.6, unit)
    return None


def _moment(values: Sequence[str]) -> Looked | None:
    iso = _share(values, _iso)
    if iso >= SURE:
        return Looked(Kind.TIME, iso, "", _share(values, _OFFSET.search) >= SURE)
    best: tuple[float, str, Kind] = (0.0, "", Kind.DATE)
    for kind, patterns in ((Kind.DATE, DATES), (Kind.TIME, TIMES)):
        for pattern in patterns:
            share = _share(values, partial(written, pattern=pattern))
            if share > best[0]:
                best = (share, pattern, kind)
    share, pattern, kind = best
    if share < SURE:
        return None
    other = MONTH_FIRST.get(pattern, "")
    either = bool(other) and _share(values, partial(written, pattern=other)) >= share
    return Looked(kind, 0.5 if either else share, pattern, offset=False)


def _iso(value: str) -> bool:
    try:
        return bool(_ISO_TIME.match(value) and dt.datetime.fromisoformat(value))
    except ValueError:
        return False


def written(value: str, pattern: str) -> dt.datetime | None:
    """The time of a text written so, in years people write of; None where it is not."""
    try:
        found = dt.datetime.strptime(value, pattern)  # noqa: DTZ007 - only whether it fits
    except ValueError:
        return None
    return found if EARLIEST <= found.year <= LATEST else None
