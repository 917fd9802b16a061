"""Values as they are written, made comparable. Each function gives what it was given again.

A value that says nothing (a placeholder, a role word in the place of a name) becomes unknown:
None, or an empty tuple. Originals stay where they came from.
"""

import json
import re
from collections.abc import Mapping
from functools import lru_cache
from importlib import resources

import phonenumbers
from anyascii import anyascii

from hub.identity.record import Address, Name

CACHED = 200_000
TEXT_MAX = 400
_WORD = re.compile(r"[^\W\d_]+")
_APOSTROPHES = str.maketrans("", "", "'`.")
_WORDS = json.loads((resources.files("hub.identity") / "model" / "words.json").read_text())
_TITLES = frozenset(_WORDS["titles"])
_SUFFIXES: Mapping[str, str] = _WORDS["suffixes"]
_NOBODY = frozenset(_WORDS["nobody"])
_STREET_WORDS: Mapping[str, str] = _WORDS["streets"]
DEFAULT_DATES = frozenset(_WORDS["default_dates"])
_UNIT = re.compile(
    r"(?:\b(?:apt|apartment|unit|suite|ste|flat|fl|floor|room|rm|lot)\b\.?|#)\s*[\w-]*"
)
_PO_BOX = re.compile(r"\b(?:p\.?\s*o\.?\s*box|post\s*office\s*box|postal\s*box)\s*(\w+)")
_NUMBER = re.compile(r"^\s*(\d+[a-z]?(?:-\d+)?)\s+(.+)$")
_NOT_ALNUM = re.compile(r"[\W_]+")
_YEAR_MIN, _YEAR_MAX = 1850, 2100


def plain(text: str) -> str:
    """Latin letters in lower case, without marks; outer white space gone."""
    text = text[:TEXT_MAX]
    return (text if text.isascii() else anyascii(text)).lower().strip()


def words(text: str) -> tuple[str, ...]:
    """The words of a text, apostrophes and full stops closed up; digits are no words."""
    return tuple(_WORD.findall(plain(text).translate(_APOSTROPHES)))


@lru_cache(CACHED)
def suffix(text: str) -> str | None:
    """A generation's suffix (jr, sr, ii, iii, iv) among the words of a text."""
    for word in re.findall(r"\w+", plain(text).translate(_APOSTROPHES)):
        if word in _SUFFIXES:
            return _SUFFIXES[word]
    return None


@lru_cache(CACHED)
def name_tokens(text: str) -> tuple[str, ...]:
    """The words of a name that name somebody; empty for a placeholder."""
    found = words(text)
    kept = tuple(one for one in found if one not in _TITLES and one not in _SUFFIXES)
    if not kept or "".join(found) in _NOBODY or all(one in _NOBODY for one in kept):
        return ()
    return kept


@lru_cache(CACHED)
def name(given: str | None, surname: str | None) -> Name | None:
    """A name from its two parts; None where neither names anybody."""
    made = Name(name_tokens(given or ""), name_tokens(surname or ""))
    return made if made.given or made.surname else None


def full_name(text: str) -> Name | None:
    """A name from one field: "SURNAME, GIVEN" or given names first."""
    surname, comma, given = text.partition(",")
    if comma and name_tokens(given):
        return name(given, surname)
    tokens = name_tokens(text)
    if not tokens:
        return None
    return Name(tokens[:-1], tokens[-1:])


@lru_cache(CACHED)
def birth(text: str, *, day_first: bool = False) -> str | None:
    """A date of birth as YYYY-MM-DD; also where it is damaged, so that damage can be compared.

    `day_first` says how 03/04/1980 is meant. None for a default date.
    """
    parts = re.findall(r"\d+", text)
    if len(parts) == 1:
        parts = _split_digits(parts[0])
    if len(parts) < len(("year", "month", "day")):
        return None
    if len(parts[0]) == len("YYYY"):
        year, month, day = parts[:3]
    else:
        month, day, year = parts[:3]
        if day_first:
            month, day = day, month
    if not _is_month_and_day(month, day):
        year, month, day = _arranged(f"{year}{month}{day}", year, month, day)
    made = f"{year:0>4}-{month:0>2}-{day:0>2}"
    return None if made in DEFAULT_DATES or not any(map(int, (year, month, day))) else made


def _is_month_and_day(month: str, day: str) -> bool:
    return 1 <= int(month) <= 12 and 1 <= int(day) <= 31  # noqa: PLR2004 - a calendar


def _arranged(digits: str, year: str, month: str, day: str) -> tuple[str, str, str]:
    """Digits that make no date as they stand, in the order in which they do; else as they stand."""
    for a, b, c in ((digits[4:], digits[2:4], digits[:2]), (digits[4:], digits[:2], digits[2:4])):
        if len(digits) == len("YYYYMMDD") and _is_month_and_day(b, c) and _is_year(a):
            return a, b, c
    return year, month, day


def _is_year(digits: str) -> bool:
    return _YEAR_MIN <= int(digits) <= _YEAR_MAX


def _split_digits(digits: str) -> list[str]:
    """Eight digits: year first where that is a year, else last."""
    if len(digits) != len("YYYYMMDD"):
        return []
    if _is_year(digits[:4]) and _is_month_and_day(digits[4:6], digits[6:]):
        return [digits[:4], digits[4:6], digits[6:]]
    return [digits[:2], digits[2:4], digits[4:]]


@lru_cache(CACHED)
def identifier(text: str) -> str | None:
    """A number without separators; None for a placeholder."""
    made = _NOT_ALNUM.sub("", plain(text))
    if len(made) < len("1234") or len(set(made)) == 1 or made in "1234567890" * 2:
        return None
    return made


@lru_cache(CACHED)
def phone(text: str, region: str = "US") -> str | None:
    """A telephone number as E.164; None for a placeholder or what is none."""
    try:
        found = phonenumbers.parse(text[:TEXT_MAX], region)
    except phonenumbers.NumberParseException:
        return None
    national = str(found.national_number)
    if len(national) < len("1234567") or len(set(national[-7:])) == 1 or national in "1234567890":
        return None
    return f"+{found.country_code}{national}"


@lru_cache(CACHED)
def email(text: str) -> str | None:
    """An e-mail address in lower case, without a tag."""
    user, at, domain = plain(text).rpartition("@")
    user = user.partition("+")[0]
    return f"{user}@{domain}" if at and user and "." in domain else None


@lru_cache(CACHED)
def address(street: str, number: str | None = None) -> Address | None:
    """A street address: its number and street, the unit left away; a box is a street of its own."""
    text = plain(street)
    box = _PO_BOX.search(text)
    if box:
        return Address(box.group(1), "pobox")
    text = _UNIT.sub(" ", text)
    house = plain(number or "")
    found = _NUMBER.match(text) if not house else None
    if found:
        house, text = found.groups()
    tokens = re.findall(r"\w+", text.translate(_APOSTROPHES))
    name_ = " ".join(_STREET_WORDS.get(one, one) for one in tokens)
    return Address(house, name_) if name_ else None


@lru_cache(CACHED)
def postcode(text: str) -> str | None:
    """A postcode without separators, a US one to five digits; None for zeros."""
    made = _NOT_ALNUM.sub("", plain(text))
    if made.isdigit() and len(made) == len("123456789"):
        made = made[:5]
    return made if made.strip("0") else None


@lru_cache(CACHED)
def place(text: str) -> str | None:
    """The name of a place as words."""
    return " ".join(words(text)) or None


@lru_cache(CACHED)
def sex(text: str) -> str | None:
    """The first letter: f, m, or another; None where unknown."""
    letter = plain(text)[:1]
    return letter if letter.isalpha() and letter != "u" else None
