"""Addresses as they are written: the street made comparable, and what a whole address says besides.

Of a whole address in one line the part that names a street is found, and what stands behind it says
postcode, place and region. Countries write the postcode before the place, behind it, behind the
region or as a part of its own, so it is found by its shape.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from importlib import resources
from typing import NamedTuple

from rapidfuzz.distance import OSA

from hub.identity.normalise import CACHED, as_read, plain
from hub.identity.record import Address

_MODEL = resources.files("hub.identity") / "model"
_STREET_WORDS: Mapping[str, str] = json.loads((_MODEL / "words.json").read_text())["streets"]
_PLACES = json.loads((_MODEL / "places.json").read_text())
_COUNTRIES, _REGIONS = frozenset(_PLACES["countries"]), frozenset(_PLACES["regions"])
"""What follows a place and is none: countries, and the regions of some of them."""
_WITHIN = frozenset({"rear", "front", "basement", "ground", "upstairs", "downstairs", "upper"})
"""Parts of a house, which are no places."""
PLACES_MAX = 2
"""So many parts behind the street are places at most: a district, and its town."""
PLACE_FROM = 3
"""Shorter parts are abbreviations of something else."""
NAMED_BESIDE_DOOR = 2
"""Of so many parts with letters behind a door the first is its street, and the last a town."""
ABBREVIATED = 3
"""Names of regions are abbreviated to so many letters at most."""
HOUSE_DIGITS_MAX = 3
"""Of more digits, a number before a word behind another part may be a postcode."""
_SPACE = r"[^\S\n]*"
_UNIT = re.compile(
    r"\b(?:\d{1,2}(?:st|nd|rd|th)|first|second|third|fourth|fifth|ground|top|upper|lower)"
    rf"{_SPACE}(?:floor|flr|fl)\b\.?"
    rf"|(?:\b(?:apt|apartment|unit|suite|ste|flat|floor|room|rm|lot)\b\.?|#){_SPACE}[\w-]*"
    rf"|\bfl\b\.?{_SPACE}\d{{1,2}}[a-z]?\b"  # FL alone, or before a postcode, is Florida
    rf"|\b(?:level|lvl|shop|office|building|bldg|block)\b\.?{_SPACE}\d[\w-]*"
)
"""A part of a house, with its number behind it, in one line."""
_NEAR = re.compile(
    r"^(\d[\w/-]*\s.*?\w\.?)\s+(?:between|betw|btwn|btw|near|opposite|opp|off|at|corner of)\.?\s.*$"
)
"""A number and a street, and what is told besides of where it is: at 5th Avenue, near the mill."""
_PO_BOX = re.compile(
    r"\b(?:p\.?\s*o\.?\s*b(?:ox)?|post\s*office\s*box|postal\s*box|postfach|apartado)"
    r"\b\.?\s*#?\s*(\w+)"
)
_HOUSE = r"\d{1,6}[a-z]?(?:[-/]\d+[a-z]?)?"
_NUMBER = re.compile(rf"^\s*({_HOUSE})\s+(.+)$", re.ASCII)
_MISTYPED = re.compile(r"^\s*((?!\d+(?:st|nd|rd|th)\b)[a-z]?\d[a-z\d]{2,6})\s+(.+)$", re.ASCII)
"""A number in which a letter stands where an error put it: 7g72; an ordinal is none."""
LETTERS_MAX, DIGITS_MIN = 2, 2
"""So many letters such a number has at most, and so many digits at least."""
_NUMBER_LAST = re.compile(rf"^(.*[a-z][.,]?)\s+({_HOUSE})\s*$", re.ASCII)
_AREAS = frozenset({"sector", "sec", "phase", "ward", "stage", "zone", "district"})
"""Parts of towns that have numbers."""
_CODE = r"[a-z]?[-/]?\d+(?:[-/]\d+)*(?:[-/]?[a-z])?"
_MARK = (
    r"(?:(?:plot|shop|house|door|survey|khasra|gala|site|h|d)\b[\s.]*)?(?:nos?|num|number)\b[\s.:]*"
    r"|(?:plot|shop|house|door|survey|khasra|gala|site)\b[\s.:]*"
)
_DOOR = re.compile(rf"^(?:{_MARK})?({_CODE})$", re.ASCII)
"""A part that tells but a door, in letters and digits: Plot No. 12, E-91, 9/D."""
_DOOR_FIRST = re.compile(rf"^(?:(?:{_MARK})({_CODE})|([a-z][-/]\d+|\d+/[a-z])),?\s+(.+)$", re.ASCII)
"""The same before the street, in one line."""
_STRASSE = re.compile(r"(?<=[a-z]{2})str(?:asse)?\b")
_STREET_END = re.compile(r"(?:str|strasse|gasse|weg|allee|platz|straat|laan|plein|gatan|vej|utca)$")
_LONG_CODE = re.compile(r"\d{5,6}")
"""A postcode that is no house's number."""
_BRITISH = r"[a-z]{1,2}\d[a-z\d]?\s*\d[abd-hjlnp-uw-z]{2}"
_CANADIAN = r"[abceghj-nprstvxy]\d[a-z]\s?\d[a-z]\d"
_POSTCODES = (
    re.compile(rf"\b({_BRITISH}|{_CANADIAN})\b", re.ASCII),
    # behind a place or region, or a part of its own
    re.compile(r"(?:^|\s)(\d{5}-\d{3,4}|\d{3}\s\d{3}|\d{4,6})$", re.ASCII),
    # before a place, perhaps with a country's letters
    re.compile(
        r"^(?:[a-z]{1,2}-)?(\d{4}\s?[a-z]{2}|\d{2}-\d{3}|\d{4}-\d{3}|\d{3}\s\d{2}|\d{4,6})(?=\s+[a-z])",
        re.ASCII,
    ),
)
_SHORT_REGIONS = "|".join(sorted(one for one in _REGIONS if len(one) <= ABBREVIATED))
_BEHIND = re.compile(
    rf"(?<=\w)\s+({_BRITISH}|(?:{_SHORT_REGIONS})"
    rf"\.?\s+(?:\d{{5}}(?:-\d{{4}})?|\d{{4}}|{_CANADIAN}))\s*$",
    re.ASCII,
)
"""A postcode that ends a line without commas and can be no house's number and no road's."""
_BEHIND_STREET = re.compile(r"(?<=\w)[\s-]+(\d{5}\s+[a-z][a-z .'-]*|\d{5,6})\s*$", re.ASCII)
"""A longer one, with the place behind it or not, where a house and its street stand before it."""
_ROADS = frozenset(
    (
        *("highway", "hwy", "route", "rte", "rt", "road", "rd", "county", "co", "state", "us"),
        *("sr", "cr", "box", "no", "number", "nr"),
    )
)
"""What the number behind is of: Highway 12345."""


class _Cut(NamedTuple):
    """A whole address, taken apart: a number that stands apart from the street, and what follows.

    The street may begin or end with its number.
    """

    door: str
    street: str
    behind: Sequence[str]


class Where(NamedTuple):
    """What a whole address says besides the street, each as it is written."""

    postcode: str = ""
    places: tuple[str, ...] = ()
    region: str = ""


@lru_cache(CACHED)
def address(street: str, number: str | None = None) -> Address | None:
    """A street address: its number and street, the unit left away; a box is a street of its own.

    Of a whole address in one field what comes after the street is left away (`where` has it), and
    so is what says where on a street of a number it is (between two others, near a third).
    """
    text = plain(street)
    box = _PO_BOX.search(text)
    if box:
        return Address(box.group(1), "pobox")
    house = "" if is_told_in(number or "", text) else plain(number or "")
    door, text, _ = _cut(_UNIT.sub(" ", text), with_number=not house)
    house = house or door
    text = _NEAR.sub(r"\1", text)
    found = (_NUMBER.match(text) or _mistyped(text)) if not house else None
    if found:
        house, text = found.groups()
    elif not house and (last := _NUMBER_LAST.match(text)) and not _is_area(last.group(1)):
        text, house = last.groups()
    tokens = re.findall(r"[^\W_]+", _STRASSE.sub(" str", as_read(text)))
    name = " ".join(_STREET_WORDS.get(one, one) for one in tokens)
    return Address(house, name) if name else None


def is_told_in(number: str, street: str) -> bool:
    """Whether a street begins or ends with a house's number, but for a typing error."""
    house, text = plain(number), plain(street)
    if not house:
        return False
    found = (_NUMBER.match(text), _NUMBER_LAST.match(text))
    told = [one.group(group) for one, group in zip(found, (1, 2), strict=True) if one]
    return any(
        one == house or (len(one) > 1 and OSA.distance(one, house, score_cutoff=1) <= 1)
        for one in told
    )


def _is_area(street: str) -> bool:
    """Whether a number behind it is a part of its name: Sector 21."""
    return street.rsplit(maxsplit=1)[-1].rstrip(".,") in _AREAS


def _mistyped(text: str) -> re.Match[str] | None:
    """A house's number that a typing error put a letter into, and the street."""
    found = _MISTYPED.match(text)
    if not found:
        return None
    digits = sum(map(str.isdigit, found.group(1)))
    letters = len(found.group(1)) - digits
    return found if digits >= DIGITS_MIN and 0 < letters <= LETTERS_MAX else None


@lru_cache(CACHED)
def where(text: str) -> Where:
    """What stands behind the street in a whole address; nothing where a street alone is told."""
    return _read(_cut(_UNIT.sub(" ", plain(text)), with_number=True).behind)


@lru_cache(CACHED)
def town(text: str) -> Where:
    """What a line says that has no street: Springfield, IL 62704; the unit left away."""
    return _read(_parts(_UNIT.sub(" ", plain(text))))


def _read(parts: Iterable[str]) -> Where:
    """What the parts of an address behind its street say."""
    postcode = region = ""
    places: list[str] = []
    for part in parts:
        if part in _COUNTRIES:
            continue
        rest = part
        if not postcode:
            postcode, rest = _without_postcode(part)
        told, rest = _without_region(rest)
        region = region or told
        if len(rest) >= PLACE_FROM and rest not in _WITHIN and not any(map(str.isdigit, rest)):
            places.append(rest)
    return Where(postcode, tuple(places[-PLACES_MAX:]), region)


def completed(told: Where, *others: Where) -> Where:
    """What is told; what is missing of it from the first of the others that tells it."""
    found = told
    for one in others:
        found = Where(
            found.postcode or one.postcode, found.places or one.places, found.region or one.region
        )
    return found


def _cut(text: str, *, with_number: bool) -> _Cut:
    """The part that names a street, and those behind; with its number where that stands alone."""
    parts = _parts(text)
    if len(parts) == 1:
        return _cut_line(parts[0], with_number=with_number)
    named = [place for place, one in enumerate(parts) if any(map(str.isalpha, one))]
    if not named:
        return _Cut("", text, ())
    first = named[0]
    street, behind = parts[first], parts[first + 1 :]
    if not with_number:
        return _Cut("", street, behind)
    if first and re.fullmatch(_HOUSE, parts[first - 1]):
        return _Cut("", f"{parts[first - 1]} {street}", behind)
    if behind and (door := _DOOR.match(street)):
        return _behind_door(street, door.group(1), behind)
    return _with_number(street, behind)


def _is_town(street: str, behind: Sequence[str]) -> bool:
    """Whether it is no street, but a town, with its region or more behind: Miami, FL, 33101."""
    if not behind or any(map(str.isdigit, street)) or _is_road(street):
        return False
    rest = [_without_postcode(one)[1] for one in behind]
    if not all(not one or one in _REGIONS or one in _COUNTRIES for one in rest):
        return False
    return not _REGIONS.isdisjoint((street, *rest)) or any(map(_LONG_CODE.fullmatch, behind))


def _is_road(street: str) -> bool:
    """Whether a street's last word says that it is one."""
    last = street.rsplit(maxsplit=1)[-1].rstrip(".")
    known = last in _STREET_WORDS or last in _STREET_WORDS.values()
    return known or _STREET_END.search(last) is not None


def _behind_door(told: str, code: str, behind: Sequence[str]) -> _Cut:
    """A door's part and those behind it, the first of them its street unless it is the town."""
    rest = [_without_postcode(one)[1] for one in behind]
    places = [one for one in rest if any(map(str.isalpha, one))]
    named = [one for one in places if one not in _COUNTRIES and one not in _REGIONS]
    a_town_at_most = len(named) < NAMED_BESIDE_DOOR
    if not named or (a_town_at_most and (told != code or len(places) > len(named))):
        return _Cut(_door(code), "", behind)
    return _Cut(_door(code), behind[0], behind[1:])


def _with_number(street: str, behind: Sequence[str]) -> _Cut:
    """A street, whose number may stand before it, alone behind it, or in a later part."""
    if _is_town(street, behind):
        return _Cut("", "", (street, *behind))
    if found := _DOOR_FIRST.match(street):
        return _Cut(_door(found.group(1) or found.group(2)), found.group(3), behind)
    if behind and not any(map(str.isdigit, street)):
        if re.fullmatch(_HOUSE, behind[0]) and not _LONG_CODE.fullmatch(behind[0]):
            return _Cut("", f"{street} {behind[0]}", behind[1:])
        for place, one in enumerate(behind):
            if _is_numbered(one):  # what a floor or a house is called stands before its number
                return _Cut("", one, behind[place + 1 :])
    return _Cut("", street, behind)


def _cut_line(line: str, *, with_number: bool) -> _Cut:
    """The same of a line without commas."""
    behind: Sequence[str] = ()
    if (found := _BEHIND.search(line)) or (found := _behind_street(line)):
        line, behind = line[: found.start()], [found.group(1)]
    return _with_number(line, ())._replace(behind=behind) if with_number else _Cut("", line, behind)


def _behind_street(line: str) -> re.Match[str] | None:
    """A postcode behind a street and its house, which may be told in either order."""
    found = _BEHIND_STREET.search(line)
    if not found:
        return None
    words = line[: found.start()].split()
    house = any(map(str.isdigit, "".join(words)))
    return found if house and len(words) > 1 and words[-1].rstrip(".") not in _ROADS else None


def _door(code: str) -> str:
    """A door's letters and digits closed up; numbers stay apart."""
    return re.sub(r"(?<=[a-z])[-/](?=\d)|(?<=\d)[-/](?=[a-z])", "", code)


def _parts(text: str) -> list[str]:
    return [one for one in map(str.strip, re.split(r"[,;\n]", text)) if one]


def _is_numbered(part: str) -> bool:
    """Whether it is a house's number and a street, and not a postcode and a place."""
    found = _NUMBER.match(part)
    if not found:
        return False
    number, street = found.groups()
    first = re.split("[-/]", number)[0]
    return _is_road(street) or sum(map(str.isdigit, first)) <= HOUSE_DIGITS_MAX


def _without_postcode(part: str) -> tuple[str, str]:
    """The postcode in a part of an address, and the rest of it."""
    for shape in _POSTCODES:
        found = shape.search(part)
        if found:
            rest = f"{part[: found.start()]} {part[found.end() :]}"
            return found.group(1), rest.strip(" -")
    return "", part


def _without_region(part: str) -> tuple[str, str]:
    """The region that a part is, or that ends it abbreviated, and the rest of it."""
    if part.rstrip(".") in _REGIONS:
        return part.rstrip("."), ""
    before, _, last = part.rpartition(" ")
    last = last.rstrip(".")
    if before and last in _REGIONS and len(last) <= ABBREVIATED:
        return last, before
    return "", part
