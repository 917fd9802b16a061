"""The functions of mappings: each by itself is pure, from a text to a value.

A maker takes the arguments once, when a mapping is compiled, and gives what is called with each
text and the name of its field. Where a text is not what it should be that raises `UnreadableRecord`
with a code, the field and the rule. No maker is ever called with a blank.
"""

import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from enum import StrEnum
from functools import cache
from html.parser import HTMLParser
from typing import Any
from zoneinfo import available_timezones

import phonenumbers

from hub.canon.model import Moment, Money, PersonName
from hub.connect.values import (
    as_date,
    as_flag,
    as_instant,
    as_money,
    as_whole,
    date_of_parts,
    moment_of_us,
    raise_unreadable,
)

Apply = Callable[[str, str], Any]
UNKNOWN = "UNKNOWN"
PRECISIONS = ("year", "month", "day")
UTC_ZONE = "UTC"
NO_SUCH = 99
"""A month or day that no year has."""
SUFFIXES = frozenset(("JR", "SR", "II", "III", "IV", "V", "MD", "PHD", "ESQ"))
PARTICLES = frozenset(
    ("VAN", "VON", "DE", "DER", "DEN", "DA", "DI", "DEL", "LA", "LE", "AL", "BIN")
)
NAME_WORDS_MAX = 3
EPOCH_UNITS = {"s": 1_000_000, "ms": 1_000, "us": 1}
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufeff\u200b]")
_MONEY_COMMA = re.compile(r"-?(?:\d{1,3}(?:[. \u2019']\d{3})+|\d+)(?:,\d+)?")


def date(formats: Sequence[str], years_from: int = 0, precision: str = "day") -> Apply:
    """A date as one of the formats writes it, as precise as that format, or less."""
    parts_max = PRECISIONS.index(precision) + 1
    if parts_max == len(PRECISIONS) and not years_from:
        return lambda text, field: as_date(text, field, formats)

    def apply(text: str, field: str) -> Moment:
        moment = as_date(text, field, formats)
        if years_from:
            moment = _in_century(moment, years_from)
        parts = moment.text.split("-")
        return date_of_parts(*map(int, parts[:parts_max])) if len(parts) > parts_max else moment

    return apply


def _in_century(moment: Moment, years_from: int) -> Moment:
    """The date moved by centuries into the hundred years from `years_from` on."""
    parts = [int(part) for part in moment.text.split("-")]
    year = years_from + (parts[0] - years_from) % 100
    try:
        return date_of_parts(year, *parts[1:])
    except ValueError:  # the 29th of February of a year that has none
        return moment


def time(formats: Sequence[str] = ()) -> Callable[[str, str, str | None], Moment]:
    """A time, from text, field and zone; one without an offset is a wall clock in that zone."""

    def apply(text: str, field: str, zone: str | None) -> Moment:
        if zone is not None and zone not in zones():
            raise_unreadable(field, "E-TIME", "in a time zone that there is")
        return as_instant(text, field, zone, formats)

    return apply


@cache
def zones() -> frozenset[str]:
    """The names of all time zones."""
    return frozenset(available_timezones())


def epoch(unit: str) -> Apply:
    """An instant as a number of seconds, ms or us since 1970 UTC."""
    factor = EPOCH_UNITS[unit]

    def apply(text: str, field: str) -> Moment:
        try:
            return moment_of_us(as_whole(text, field) * factor)
        except OverflowError:
            raise_unreadable(field, "E-TIME", f"a time in {unit} since 1970")

    return apply


def date_parts(
    year: str, month: str | None, day: str | None, field: str, names: tuple[str, str] = ("", "")
) -> Moment:
    """A date told in parts, as precise as the parts that are there."""
    if day is not None and month is None:
        raise_unreadable(names[0] or field, "E-DATE", "there where the day is")
    parts = [
        as_whole(part, name)
        for part, name in ((year, field), (month, names[0]), (day, names[1]))
        if part is not None
    ]
    if not dt.MINYEAR <= parts[0] <= dt.MAXYEAR:
        raise_unreadable(field, "E-DATE", "a year")
    try:
        return date_of_parts(parts[0], *(part or NO_SUCH for part in parts[1:]))
    except ValueError:
        raise_unreadable(field, "E-DATE", "part of a date that exists")


def money(decimal: str = ".", units: Decimal = Decimal(1)) -> Callable[[str, str, str], Money]:
    """An exact amount, from text, field and currency."""

    def apply(text: str, field: str, currency: str) -> Money:
        if decimal == ",":
            if _MONEY_COMMA.fullmatch(text) is None:
                raise_unreadable(field, "E-MONEY", "an amount with a decimal comma")
            text = re.sub(r"[. \u2019']", "", text).replace(",", ".")
        return as_money(text, field, currency, units)

    return apply


def phone(region: str) -> Apply:
    """A telephone number in E.164 where it can be one, else as it was sent."""

    def apply(text: str, _field: str) -> str:
        try:
            number = phonenumbers.parse(text, region)
        except phonenumbers.NumberParseException:
            return text
        if number.extension or not phonenumbers.is_possible_number(number):
            return text
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)

    return apply


def flag(yes: Sequence[str] = (), no: Sequence[str] = ()) -> Apply:
    """Yes or no, by words of the source's own where they are given."""
    if not yes and not no:
        return as_flag
    words = {word.lower(): True for word in yes} | {word.lower(): False for word in no}
    return lambda text, field: as_flag(text, field, words)


def code(table: Mapping[str, Any], *, unknown: Any = None, any_case: bool = False) -> Apply:
    """What a table says for a code; for one nobody has mapped `unknown`, or the text itself."""
    if any_case:
        table = {key.lower(): value for key, value in table.items()}

    def apply(text: str, _field: str) -> Any:
        found = table.get(text.lower() if any_case else text)
        if found is not None:
            return found
        return text if unknown is None else unknown

    return apply


def members(enum: type[StrEnum]) -> dict[str, StrEnum]:
    """The codes of a class by their own names."""
    return {member.value: member for member in enum}


def code_of(separator: str = ":") -> Apply:
    """The code of a "code: label", or the whole text where there is no label."""

    def apply(text: str, _field: str) -> str | None:
        return text.partition(separator)[0].strip() or None

    return apply


def label_of(separator: str = ":") -> Apply:
    """The label of a "code: label", or the whole text where there is no code."""

    def apply(text: str, _field: str) -> str:
        return text.partition(separator)[2].strip() or text

    return apply


def clean(none: Sequence[str] = ()) -> Apply:
    """Control characters left out, white space as single spaces; blank where it is in `none`."""
    empty = frozenset(word.lower() for word in none)

    def apply(text: str, _field: str) -> str | None:
        text = " ".join(_CONTROL.sub("", text).split())
        return None if not text or text.lower() in empty else text

    return apply


def replace(what: str, by: str = "") -> Apply:
    """Every occurrence of a text replaced by another."""
    return lambda text, _field: text.replace(what, by).strip() or None


def keep(characters: str) -> Apply:
    """Digits alone, or letters and digits alone."""
    kept = str.isdecimal if characters == "digits" else str.isalnum

    def apply(text: str, _field: str) -> str | None:
        return "".join(one for one in text if kept(one)) or None

    return apply


def split(at: str, place: int) -> Apply:
    """One part of a text that a mark parts, counted from 1."""

    def apply(text: str, _field: str) -> str | None:
        parts = text.split(at, place)
        return parts[place - 1].strip() or None if len(parts) >= place else None

    return apply


def rest(at: str) -> Apply:
    """What stands behind the first mark."""
    return lambda text, _field: text.partition(at)[2].strip() or None


def list_(at: str) -> Apply:
    """All parts of a text that a mark parts, without blanks."""

    def apply(text: str, _field: str) -> tuple[str, ...]:
        return tuple(one for part in text.split(at) if (one := part.strip()))

    return apply


def name(order: str) -> Apply:
    """A person's name in one field taken apart as far as that is sure; it is kept whole as well."""
    return family_first if order == "family first" else given_first


def family_first(text: str, _field: str) -> PersonName:
    """A name like "MENDEZ, ORLA M, JR"; without a comma it is not taken apart."""
    parts = [part.strip() for part in text.split(",")]
    suffix = None
    if len(parts) > 2 and _is_suffix(parts[-1]):  # noqa: PLR2004 - family, given, suffix
        suffix = parts.pop()
    if len(parts) != 2 or not all(parts):  # noqa: PLR2004 - family and given
        return PersonName(text)
    family, words = parts[0], parts[1].split()
    if suffix is None and _is_suffix(family.split()[-1]) and len(family.split()) > 1:
        family, _, suffix = family.rpartition(" ")
    elif suffix is None and len(words) > 1 and _is_suffix(words[-1]):
        suffix = words.pop()
    return PersonName(text, words[0], " ".join(words[1:]) or None, family, suffix)


def given_first(text: str, _field: str) -> PersonName:
    """A name like "Orla M. Mendez"; more words, or particles, are not taken apart."""
    words = text.replace(",", " ").split()
    suffix = words.pop() if len(words) > 2 and _is_suffix(words[-1]) else None  # noqa: PLR2004
    particles = any(word.upper() in PARTICLES for word in words)
    if not 2 <= len(words) <= NAME_WORDS_MAX or particles:  # noqa: PLR2004 - given and family
        return PersonName(text)
    return PersonName(text, words[0], " ".join(words[1:-1]) or None, words[-1], suffix)


def _is_suffix(word: str) -> bool:
    return word.replace(".", "").upper() in SUFFIXES


INLINE = frozenset(("a", "abbr", "b", "em", "i", "s", "small", "span", "strong", "sub", "sup", "u"))
SILENT = ("script", "style")
WORDS_CHARACTERS_MAX = 20_000
MARKUP_CHARACTERS_MAX = 200_000


class _Words(HTMLParser):
    """Collects the words of an HTML text; scripts and styles have none."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002 - as inherited
        """A tag parts words, unless it only marks some."""
        self._silent += tag in SILENT
        if tag not in INLINE:
            self.words.append(" ")

    def handle_endtag(self, tag: str) -> None:
        """The end of a tag parts words likewise."""
        self._silent -= tag in SILENT and self._silent > 0
        if tag not in INLINE:
            self.words.append(" ")

    def handle_data(self, data: str) -> None:
        """Words."""
        if not self._silent:
            self.words.append(data)


def words(text: str, _field: str = "") -> str | None:
    """The words of an HTML text, without markup, at most WORDS_CHARACTERS_MAX characters."""
    reader = _Words()
    reader.feed(text[:MARKUP_CHARACTERS_MAX])
    reader.close()
    return " ".join("".join(reader.words).split())[:WORDS_CHARACTERS_MAX] or None
