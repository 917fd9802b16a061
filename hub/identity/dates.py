"""Dates of birth as they are written, made comparable: also partly known and damaged ones."""

import json
import re
from collections.abc import Iterable, Mapping
from datetime import date
from functools import lru_cache
from importlib import resources

from anyascii import anyascii
from rapidfuzz.distance import OSA

CACHED = 20_000
TEXT_MAX = 400
YEAR_MIN, YEAR_MAX = 1850, 2100
PIVOT = 30
"""Years of two digits up to this one are of the century after 2000."""
WHOLE = len("YYYY-MM-DD")
_WORDS = json.loads((resources.files("hub.identity") / "model" / "words.json").read_text())
DEFAULT_YEAR = "1900"
DEFAULT_DATES = frozenset(_WORDS["default_dates"])
_MONTHS: Mapping[str, str] = _WORDS["months"]
_MONTH = re.compile(r"[a-z]{3,}")
_CLOCK = re.compile(r"(?<=\d)[t ]+\d{1,2}:\d\d.*$")
READ_AS = str.maketrans("oil|zsbgq", "011125699")
"""Letters that a scanner reads for digits."""
_DIGITS_OF_DATE = re.compile(
    r"\d{4}(?:([-/. ])\d{1,2}(?:\1\d{1,2})?)?|\d{1,2}([-/. ])\d{1,2}\2(?:\d{2}|\d{4})|\d{8}"
)
_FIRST_OF_YEAR = "-01-01"
TWO_EDITS, TWO_PARTS = 2, 2
MONTHS = 12
GUESSED_WITHIN_DAYS = 120
"""So far from the day that was meant is one that was guessed, or counted back, at most."""


@lru_cache(CACHED)
def birth(text: str, *, day_first: bool = False) -> str | None:
    """A date of birth as YYYY-MM-DD, YYYY-MM or YYYY; None for a default date.

    A damaged one is kept as it is, so that damage can be compared. `day_first` says how 03/04/1980
    is meant.
    """
    text = _as_read(_CLOCK.sub("", _plain(text)))
    month = next((_MONTHS[word] for word in _MONTH.findall(text) if word in _MONTHS), None)
    parts = re.findall(r"[0-9]+", text)
    if month is not None:
        return _with_month_in_words(parts, month)
    if len(parts) == 1:
        parts = _split_digits(parts[0])
    if len(parts) < len(("year", "month", "day")):
        return _partly_known(parts)
    year, month, day = _in_order(parts, day_first=day_first)
    if len(parts[0]) != len("YYYY") and _is_month_and_day(day, month) and int(month) > MONTHS:
        month, day = day, month
    if not _is_month_and_day(month, day) and not _is_unknown(month):
        year, month, day = _arranged(f"{year}{month}{day}", year, month, day)
    return _made(year, month, day)


def are_day_first(texts: Iterable[str]) -> bool:
    """Whether dates of one file that end with the year begin with the day, by those that tell."""
    days = months = 0
    for text in texts:
        parts = re.findall(r"[0-9]+", _CLOCK.sub("", _plain(text)))
        if len(parts) == len(("day", "month", "year")) and len(parts[0]) <= len("DD"):
            days += int(parts[0]) > MONTHS
            months += int(parts[1]) > MONTHS
    return days > months


def _plain(text: str) -> str:
    return anyascii(text[:TEXT_MAX]).lower().strip()


def _as_read(text: str) -> str:
    """With letters that were read for digits as digits, where that makes a date of it."""
    if text.isdigit() or not any(map(str.isdigit, text)):
        return text
    read = text.translate(READ_AS)
    return read if _DIGITS_OF_DATE.fullmatch(read) else text


def _made(year: str, month: str, day: str) -> str | None:
    if len(year) > len("YYYY") or not any(map(int, (year, month, day))):
        return None
    if _is_unknown(month):
        return _partly_known([year])
    if _is_unknown(day):
        return _partly_known([year, month])
    made = f"{year:0>4}-{month:0>2}-{day:0>2}"
    return None if made in DEFAULT_DATES or len(made) > WHOLE else made


def _is_unknown(digits: str) -> bool:
    return int(digits) == 0


def _partly_known(parts: list[str]) -> str | None:
    """A year, or a year and a month in any order; None where it is neither."""
    years = [one for one in parts if len(one) == len("YYYY") and _is_year(one)]
    rest = [one for one in parts if one not in years]
    if len(years) != 1 or len(rest) > 1 or years[0] == DEFAULT_YEAR:
        return None
    if rest and _is_month_and_day(rest[0], "1"):
        return f"{years[0]}-{rest[0][-2:]:0>2}"
    return years[0] if not rest else None


def _with_month_in_words(parts: list[str], month: str) -> str | None:
    """A date whose month is a word: the year is the longer number, or the last."""
    if not parts or len(parts) > TWO_PARTS:
        return None
    year, *rest = (
        sorted(parts, key=lambda one: len(one) != len("YYYY"))
        if (len(parts[0]) == len("YYYY"))
        else reversed(parts)
    )
    return _made(_four_digits(year), month, rest[0][-2:] if rest else "0")


def _in_order(parts: list[str], *, day_first: bool) -> tuple[str, str, str]:
    if len(parts[0]) == len("YYYY"):
        return parts[0], parts[1], parts[2]
    first, second, year = parts[:3]
    year = _four_digits(year)
    return (year, second, first) if day_first else (year, first, second)


def _four_digits(year: str) -> str:
    if len(year) != len("YY"):
        return year
    return f"{'20' if int(year) <= PIVOT else '19'}{year}"


def _is_month_and_day(month: str, day: str) -> bool:
    return 1 <= int(month) <= 12 and 1 <= int(day) <= 31  # noqa: PLR2004 - a calendar


def _arranged(digits: str, year: str, month: str, day: str) -> tuple[str, str, str]:
    """Digits that make no date as they stand, in the order in which they do; else as they stand."""
    for a, b, c in (
        (digits[4:], digits[2:4], digits[:2]),
        (digits[4:], digits[:2], digits[2:4]),
    ):
        if len(digits) == len("YYYYMMDD") and _is_month_and_day(b, c) and _is_year(a):
            return a, b, c
    return year, month, day


def _is_year(digits: str) -> bool:
    return YEAR_MIN <= int(digits) <= YEAR_MAX


def _split_digits(digits: str) -> list[str]:
    """Eight digits: year first where that is a year, else last. Four may be a year."""
    if len(digits) == len("YYYY"):
        return [digits]
    if len(digits) != len("YYYYMMDD"):
        return []
    if _is_year(digits[:4]) and _is_month_and_day(digits[4:6], digits[6:]):
        return [digits[:4], digits[4:6], digits[6:]]
    return [digits[:2], digits[2:4], digits[4:]]


@lru_cache(CACHED)
def is_date(made: str) -> bool:
    """Whether a normalised date of birth is a day of the calendar."""
    try:
        return _is_year(made[:4]) and bool(date.fromisoformat(made))
    except ValueError:
        return False


@lru_cache(CACHED)
def level(a: str, b: str) -> str:
    """How two different dates of birth agree: near, default, two parts, part, months, year, or not.

    Near are one typing error, day and month swapped, and another century; default is 1 January of
    the year, which offices write where they know no more; part are two errors; months are days less
    than four months apart, as of no two children of one mother. Where one of the two tells but the
    year: year, and near year. What does not agree is other.
    """
    if min(len(a), len(b)) < WHOLE:
        return _level_of_parts(a, b)
    edits = OSA.distance(a, b)
    x, y = a.split("-"), b.split("-")
    same_day = x[1:] == y[1:]
    swapped = x[0] == y[0] and x[1] == y[2] and x[2] == y[1]
    if edits <= 1 or swapped or (same_day and x[0][2:] == y[0][2:]):
        return "near"
    same_parts = sum(p == q for p, q in zip(x, y, strict=False))
    default = x[0] == y[0] and _FIRST_OF_YEAR in (a[4:], b[4:])
    moved = not (is_date(a) and is_date(b)) and _same_digits(a, b)
    if default:
        return "default"
    if same_parts == TWO_PARTS:
        return "two_parts"
    if edits == TWO_EDITS or moved:
        return "part"
    return "months" if _are_months_apart(a, b) else "other"


def _are_months_apart(a: str, b: str) -> bool:
    """Whether two days of the calendar are so near that a date was guessed, or counted back."""
    if not (is_date(a) and is_date(b)):
        return False
    return abs((date.fromisoformat(a) - date.fromisoformat(b)).days) <= GUESSED_WITHIN_DAYS


def _level_of_parts(a: str, b: str) -> str:
    shorter = min(len(a), len(b))
    if a[:shorter] == b[:shorter]:
        return "year"
    near = abs(int(a[:4]) - int(b[:4])) <= 1 or OSA.distance(a[:4], b[:4]) <= 1
    return "near_year" if near else "other"


def _same_digits(a: str, b: str) -> bool:
    """Whether two dates are made of the same digits but for one: digits that changed places."""
    return OSA.distance(*("".join(sorted(one)) for one in (a, b))) <= TWO_EDITS
