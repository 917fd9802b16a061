"""What a field seems to say: by the words of its name, in English and German, and its values."""

import re
import tomllib
from collections.abc import Sequence
from enum import StrEnum
from functools import lru_cache
from importlib import resources
from itertools import pairwise
from typing import NamedTuple

from anyascii import anyascii

from hub.connect.mapping.build import TEXT_STEP
from hub.connect.scaffold.kinds import Kind, Looked, comes_again, is_nothing, look
from hub.connect.scaffold.sample import Found


class Role(StrEnum):
    """What a field says of a record."""

    KEY = "record key"
    VERSION = "version"
    OCCURRED = "when it happened"
    FROM = "first day"
    TO = "last day"
    DUE = "when an answer is due"
    BORN = "date of birth"
    DIED = "date of death"
    GIVEN = "given name"
    MIDDLE = "middle name"
    FAMILY = "family name"
    FULL_NAME = "name of a person"
    ORGANISATION = "name of an organisation"
    TRADING = "trading name of an organisation"
    EMAIL = "e-mail"
    PHONE = "telephone"
    ADDRESS = "address in one piece"
    STREET = "street"
    HOUSE = "number of a house"
    UNIT = "unit"
    LOCALITY = "town"
    REGION = "region"
    POSTAL_CODE = "postal code"
    COUNTRY = "country"
    NATIONAL = "number of a person"
    COMPANY = "number of an organisation"
    STATUS = "status"
    OUTCOME = "outcome"
    CATEGORY = "category"
    TITLE = "title"
    CURRENCY = "currency"
    MONEY = "money"
    TEXT = "words of or about a person"
    OTHER = "not recognised"


class Guess(NamedTuple):
    """What one field seems to be, how far that is sure (0 to 1), and why."""

    field: Found
    looked: Looked
    role: Role
    confidence: float
    reason: str


_TABLE = tomllib.loads((resources.files(__package__) / "words.toml").read_text(encoding="utf-8"))
_WORDS = {Role(role): frozenset(text.split()) for role, text in _TABLE["roles"].items()}
OF = {name: frozenset(text.split()) for name, text in _TABLE["of"].items()}
FAKES = {name: text.split() for name, text in _TABLE["fakes"].items()}
EVENTS = {name: frozenset(text.split()) for name, text in _TABLE["events"].items()}
_PAIRS = {Role.GIVEN: {"first", "given"}, Role.FAMILY: {"last", "family"}, Role.MIDDLE: {"middle"}}
_OF_A_NAME = OF["persons"] | {"name", "names"}
"""Beside one of these, first and last are parts of a name."""
_DATES = (Role.BORN, Role.DIED, Role.TO, Role.DUE, Role.FROM)
_NEEDS = {
    Role.BORN: (Kind.DATE, Kind.TIME),
    Role.DIED: (Kind.DATE, Kind.TIME),
    Role.TO: (Kind.DATE, Kind.TIME, Kind.EPOCH),
    Role.FROM: (Kind.DATE, Kind.TIME, Kind.EPOCH),
    Role.DUE: (Kind.DATE, Kind.TIME, Kind.EPOCH),
    Role.MONEY: (Kind.MONEY, Kind.WHOLE),
    Role.STATUS: (Kind.CODE, Kind.TEXT, Kind.FLAG, Kind.EMPTY),
    Role.OUTCOME: (Kind.CODE, Kind.TEXT, Kind.FLAG, Kind.EMPTY),
    Role.CATEGORY: (Kind.CODE, Kind.TEXT),
}
_LEGAL = re.compile(
    r"\b(inc|llc|ltd|gmbh|ag|plc|trust|council|e\.?v|co|corp|society|church|group|kg)\b\.?",
    re.IGNORECASE,
)
_NAME = re.compile(r"[^\W\d_][^\d_@/\\]*[ ,][^\d_@/\\]*[^\W\d_]\.?")
_NUMBERS = (
    (Role.NATIONAL, re.compile(r"\d{3}-\d{2}-\d{4}"), "social security"),
    (Role.COMPANY, re.compile(r"\d{2}-\d{7}"), "employer"),
)
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue"})
_SPLIT = re.compile(r"[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])")
SURE, LIKELY, MAYBE = 0.9, 0.7, 0.5
SHARE = 0.6


@lru_cache(4_096)
def words(path: str) -> tuple[str, ...]:
    """The words of a field's name in small Latin letters; words that are one in two are both."""
    parts = [word.lower() for word in _SPLIT.findall(anyascii(path.translate(_UMLAUTS)))]
    return tuple(parts)


def guess(field: Found) -> Guess:
    """What a field seems to be."""
    told = [value for value in field.values if not is_nothing(value)]
    field, whole = field._replace(values=told or field.values), field
    looked = look(field.values)
    said = _label(field)
    if looked.kind is Kind.EPOCH and not said & (OF["happened"] | OF["versions"]):
        looked = Looked(Kind.WHOLE, looked.confidence)
    role, confidence, reason = _role(field, looked)
    return Guess(whole, looked, role, round(confidence, 2), reason)


def _role(field: Found, looked: Looked) -> tuple[Role, float, str]:  # noqa: PLR0911 - a list of questions
    if looked.kind is Kind.EMAIL:
        return Role.EMAIL, looked.confidence, "values are e-mail addresses"
    said = _label(field)
    around = frozenset(word for step in field.steps for word in words(step))
    by_value = _by_value(field.values, said, around, looked)
    if by_value is not None:
        return by_value
    for role, known in _WORDS.items():
        hit = said & known or (_PAIRS.get(role, set()) & said and around & _OF_A_NAME)
        if not hit or not _fits(role, looked, field.values):
            continue
        if role is Role.ADDRESS:
            return _address(field.values)
        if role is Role.TEXT and looked.kind is Kind.CODE:
            return Role.CATEGORY, MAYBE, "its name, and values come again and again"
        if role in (Role.GIVEN, Role.FAMILY, Role.MIDDLE) and OF["things"] & around:
            continue
        if looked.kind is Kind.EMPTY:
            return role, MAYBE, "its name; the sample has no values"
        return role, SURE if role in _NEEDS or role in _PAIRS else LIKELY, "its name"
    return _name(field.values, said, around, looked)


def _label(field: Found) -> frozenset[str]:
    """The words that name a field."""
    parts = words(label_step(field.steps))
    return frozenset(parts) | _compounds(parts)


def label_step(steps: Sequence[str]) -> str:
    """The step that names a field: the text of an XML element, or an entry, is named by it."""
    named = [step for step in steps if step != TEXT_STEP and not step.isdecimal()]
    return named[-1] if named else steps[-1]


def is_replaced(steps: Sequence[str]) -> bool:
    """Whether a field seems to name the record whose place its record takes."""
    return not OF["replaced"].isdisjoint(words(label_step(steps)))


def _compounds(parts: Sequence[str]) -> frozenset[str]:
    """Neighbouring words written as one: date of birth is none, first name is firstname."""
    return frozenset(a + b for a, b in pairwise(parts))


def _fits(role: Role, looked: Looked, values: Sequence[str]) -> bool:
    if looked.kind is Kind.EMPTY:
        return role not in _DATES
    if role is Role.STATUS and values and _share(values, re.compile(r"[A-Z]{2}")) > SHARE:
        return False  # a state of a country
    if role in (Role.STATUS, Role.OUTCOME) and looked.kind is Kind.WHOLE:
        return comes_again(values)
    if role is Role.EMAIL:
        return any("@" in value for value in values)
    if role in _NEEDS:
        return looked.kind in _NEEDS[role]
    return looked.kind not in (Kind.DATE, Kind.TIME, Kind.EPOCH, Kind.FLAG)


def _by_value(  # noqa: PLR0911 - a list of questions
    values: Sequence[str], said: frozenset[str], around: frozenset[str], looked: Looked
) -> tuple[Role, float, str] | None:
    for role, pattern, what in _NUMBERS:
        if values and _share(values, pattern) > SHARE:
            return role, SURE, f"values are written like {what} numbers"
    if said and said <= OF["numbers"] and OF["places"] & around:
        return Role.HOUSE, LIKELY, "a number that stands with a street"
    if OF["telephones"] & said or any(word.endswith(("phone", "telefon")) for word in said):
        return Role.PHONE, SURE, "its name"
    if looked.kind is Kind.PHONE and not OF["keys"] & said:
        return Role.PHONE, MAYBE, "values are written like telephone numbers"
    if "state" in said and values and _share(values, re.compile(r"[A-Z]{2}")) > SHARE:
        return Role.REGION, LIKELY, "its name, and values of two capitals"
    if OF["organisations"] & around and "name" in said and not _WORDS[Role.TRADING] & said:
        return Role.ORGANISATION, LIKELY, "its name"
    return None


def _address(values: Sequence[str]) -> tuple[Role, float, str]:
    whole = sum("," in value or "\n" in value for value in values)
    if values and whole > len(values) * SHARE:
        return Role.ADDRESS, LIKELY, "its name, and values in several parts"
    return Role.STREET, MAYBE, "its name"


def _name(  # noqa: PLR0911 - a list of questions
    values: Sequence[str], said: frozenset[str], around: frozenset[str], looked: Looked
) -> tuple[Role, float, str]:
    """A name or a number of somebody, or nothing that is recognised."""
    if OF["keys"] & said and OF["persons"] & around and looked.kind in (Kind.TEXT, Kind.WHOLE):
        return Role.NATIONAL, MAYBE, "a number that stands with a person"
    if looked.kind in (Kind.TEXT, Kind.CODE, Kind.LONG, Kind.EMPTY) and values:
        legal = _share(values, _LEGAL)
        if OF["organisations"] & said and (looked.kind is Kind.TEXT or legal > SHARE):
            return Role.ORGANISATION, LIKELY, "its name"
        named = bool({"name", "names", "fullname"} & said or OF["persons"] & said)
        if named and not OF["things"] & around:
            if legal > SHARE / 2:
                return Role.ORGANISATION, MAYBE, "values with words like Ltd"
            if _share(values, _NAME) > SHARE:
                return (
                    Role.FULL_NAME,
                    SURE if OF["persons"] & around else LIKELY,
                    "its name and values",
                )
        if looked.kind is Kind.LONG:
            return Role.TEXT, MAYBE, "values are long"
        if looked.kind is Kind.CODE:
            return Role.OTHER, MAYBE, "values come again and again"
    return Role.OTHER, 0.0, "nothing about it is known"


def _share(values: Sequence[str], pattern: re.Pattern[str]) -> float:
    search = pattern.search if pattern is _LEGAL else pattern.fullmatch
    return sum(bool(search(value)) for value in values) / len(values)
