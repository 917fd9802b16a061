"""Values as they are written, made comparable. Each function gives what it was given again.

A value that says nothing (a placeholder, a role word in the place of a name) becomes unknown:
None, or an empty tuple. Originals stay where they came from.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import lru_cache
from importlib import resources
from itertools import islice

import phonenumbers
from anyascii import anyascii
from stdnum.us import ein, itin, ssn

from hub.identity import dates
from hub.identity.dates import DEFAULT_DATES, birth
from hub.identity.mended import mended, told_once
from hub.identity.record import Name, known_once

__all__ = [
    "DEFAULT_DATES",
    "PARTICLES",
    "birth",
    "email",
    "emails",
    "full_name",
    "identifier",
    "name",
    "name_tokens",
    "number",
    "phone",
    "phones",
    "place",
    "plain",
    "postcode",
    "region",
    "region_of",
    "sex",
    "suffix",
    "words",
]

CACHED = 200_000
SSN, ITIN = "us-ssn", "us-itin"
TEXT_MAX = 400
_ZIP = 5
_WORD = re.compile(r"[^\W\d_]+")
_CODE = re.compile(r"\b(?=\w{8})(?=\w*[a-z])(?:[a-z_]*\d){3}\w*", re.ASCII)
"""Letters with three digits and more among them, as programs make up for who tells no name."""
_READ_AS = str.maketrans("0123456789", "olzeasbtbg")
_SCANNED = re.compile(r"\b(?!\d+(?:st|nd|rd|th)\b)(?:[a-z]+\d|[0158][a-z])[a-z\d]*[a-z]\b")
_SIGNS = {"|": "l", ":": "i", "1>": "b", "l>": "b", "!": "l"}
_SIGN_READ = re.compile(
    r"(?<=[a-z])(?:[|:!]|[1l]>)(?=[a-z])|\b[1l]>(?=[a-z])|(?<=[a-z])\||\|(?=[a-z])"
)
_APOSTROPHES = str.maketrans("", "", "'`.")
_MODEL = resources.files("hub.identity") / "model"
_WORDS = json.loads((_MODEL / "words.json").read_text())
_PLACES = json.loads((_MODEL / "places.json").read_text())
_REGION_CODES: Mapping[str, str] = _PLACES["region_codes"]
_RENAMED: Mapping[str, str] = _PLACES["renamed"]
"""Towns that go by two names: of old, or in another language."""
"""States and provinces by their names."""
_TITLES = frozenset(_WORDS["titles"])
_TITLES_OR_NAMES = frozenset(_WORDS["titles_or_names"])
"""Titles that are given names as well: Earl Smith, but Major John Smith."""
_SUFFIXES: Mapping[str, str] = _WORDS["suffixes"]
_NOBODY = frozenset(_WORDS["nobody"])
_DEGREES = frozenset(_WORDS["degrees"])
_PARTED = re.compile(r"\^|<<")
"""What parts the surname from given names in records of hospitals (HL7) and passports (ICAO 9303).
"""
_SURNAMES = frozenset(_WORDS["surnames"])
"""Surnames that are titles, or name nobody, where a given name is told (Mr Major; Son of Kim)."""
PARTICLES = frozenset(_WORDS["particles"])
"""Words of a surname that name nobody by themselves: de, la, van, der, al."""
_PREFIXES = frozenset(_WORDS["prefixes"])
_UNREACHABLE = frozenset(_WORDS["unreachable"])
_COMPOUND_SURNAMES = frozenset(_WORDS["compound_surnames"])
_INITIALS = re.compile(r"\b([^\W\d_])\.(?=[^\W\d_]\b)")
_IDEOGRAPHS = re.compile(r"[\u3400-\u9fff\uac00-\ud7af]{2,5}")
_NOT_ALNUM = re.compile(r"[\W_]+")
OWN_REGION = "US"
"""The country of telephone numbers that do not tell theirs, where nothing else is known."""
NORTH_AMERICA, NORTH_AMERICAN_DIGITS = 1, 10
"""The code of the countries whose numbers all have so many digits, and begin with neither 0 nor 1
(North American Numbering Plan)."""
SEVERAL_MAX = 4
"""So many telephone numbers, and e-mail addresses, of one text are taken at most."""
NUMBERS_MAX = 2_000
"""So many telephone numbers are looked at to see of which country a file's are."""
NEARLY_MOST = 0.8
"""A country that so many of them fit is as good as the one that most fit."""
_ABROAD = re.compile(r"^\s*00(?=[1-9])")
"""What is dialled before a country's number where no plus can be."""
_BETWEEN_NUMBERS = re.compile(r"[;|\n]|\s/\s|,(?!\s*ext)|\b(?:or|and)\b")
HIDDEN = "*"
"""What stands for letters that are not told (mel***@example.com)."""
_MAIL = re.compile(r"[^\s<>()\[\];,|/:\"]+@[^\s<>()\[\];,|/:\"@]+")
_AT = re.compile(r"\s*[(\[]at[)\]]\s*|(?<=\w)\s+at\s+(?=[\w-]+(?:\.[\w-]+)+\s*$)", re.IGNORECASE)
"""An address that programs shall not find: info (at) example.com, info at example.com."""
_EAST_ASIAN = r"\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
_BESIDE_DIGIT = re.compile(rf"(?<=[{_EAST_ASIAN}])(?=[0-9])|(?<=[0-9])(?=[{_EAST_ASIAN}])")
"""Where a number begins or ends in scripts without spaces: in Latin letters it is of a word."""


def plain(text: str) -> str:
    """Latin letters in lower case, without marks; outer white space gone."""
    text = mended(text[:TEXT_MAX])
    if not text.isascii():
        text = anyascii(_BESIDE_DIGIT.sub(" ", text))
    return text.lower().strip()


def words(text: str) -> tuple[str, ...]:
    """The words of a text, apostrophes and full stops closed up; digits and codes are no words.

    Initials run together (J.R.) are words each.
    """
    return tuple(_WORD.findall(as_read(_CODE.sub(" ", _INITIALS.sub(r"\1 ", plain(text))))))


def as_read(text: str) -> str:
    """Apostrophes and full stops closed up, and digits in words that are letters ill read."""
    return _SCANNED.sub(_letters, signs_as_read(text.translate(_APOSTROPHES)))


def signs_as_read(text: str) -> str:
    """With signs inside words that are letters ill read: fi|es, ro1>ert."""
    return _SIGN_READ.sub(lambda found: _SIGNS[found.group()], text)


def _letters(found: re.Match[str]) -> str:
    word = found.group()
    digits = sum(map(str.isdigit, word))
    return word.translate(_READ_AS) if len(word) > 2 * digits else word


@lru_cache(CACHED)
def suffix(text: str) -> str | None:
    """A generation's suffix (jr, sr, ii, iii, iv) among the words of a text."""
    for word in re.findall(r"\w+", _INITIALS.sub(r"\1 ", plain(text)).translate(_APOSTROPHES)):
        if word in _SUFFIXES:
            return _SUFFIXES[word]
    return None


@lru_cache(CACHED)
def name_tokens(text: str, others_least: int = 1) -> tuple[str, ...]:
    """The words of a name that name somebody; empty for a placeholder.

    A title that may be a given name is one where fewer than `others_least` other words are told.
    """
    found = words(text)
    kept = _untitled(found)
    if len(kept) < others_least and "of" not in found:
        kept = tuple(one for one in found if one in kept or one in _TITLES_OR_NAMES)
    if not kept or "".join(found) in _NOBODY or all(one in _NOBODY for one in kept):
        return ()
    return _prefixed(kept)


@lru_cache(CACHED)
def surname_tokens(text: str) -> tuple[str, ...]:
    """The words of a surname, which may be one that is no given name (Major, Head, Son)."""
    tokens = name_tokens(text)
    if tokens:
        return tokens
    found = words(text)
    told = _untitled(found) or found
    return told if len(told) == 1 and told[0] in _SURNAMES else ()


def _untitled(found: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(one for one in found if one not in _TITLES and one not in _SUFFIXES)


def _prefixed(tokens: tuple[str, ...]) -> tuple[str, ...]:
    """Mac, Mc and O as one word with the word that follows."""
    if not _PREFIXES.intersection(tokens[:-1]):
        return tokens
    made: list[str] = []
    for token in tokens:
        if len(token) > 1 and made and made[-1] in _PREFIXES and not _PREFIXES & {*made[-2:-1]}:
            made[-1] += token
        else:
            made.append(token)
    return tuple(made)


@lru_cache(CACHED)
def name(given: str | None, surname: str | None) -> Name | None:
    """A name from its two parts; None where neither names anybody."""
    made = Name(name_tokens(given or ""), surname_tokens(surname or ""))
    return made if made.given or made.surname else None


def full_name(text: str) -> Name | None:
    """A name from one field: "SURNAME, GIVEN", or given names first; in ideographs the surname.

    Instead of the comma there may be what hospitals (^) and passports (<<) write. Particles go with
    the surname that follows them; degrees behind a comma are none.
    """
    text = _PARTED.sub(", ", text[:TEXT_MAX], count=1)
    surname, comma, given = text.partition(",")
    if comma and _are_degrees(given) and len(name_tokens(surname)) > 1:
        text = surname
    elif comma and name_tokens(given):
        return name(given, surname)
    native = text.strip()
    if _IDEOGRAPHS.fullmatch(native):
        cut = 2 if native[:2] in _COMPOUND_SURNAMES and len(native) > 2 else 1  # noqa: PLR2004 - two characters
        return name(native[cut:], native[:cut])
    tokens = name_tokens(text, 2)
    if not tokens:
        return None
    first = len(tokens) - 1
    while first > 1 and tokens[first - 1] in PARTICLES:
        first -= 1
    return name(" ".join(tokens[:first]), " ".join(tokens[first:]))


def _are_degrees(text: str) -> bool:
    """Whether all words of a text are degrees and the like, which is none of a name."""
    told = plain(text).translate(_APOSTROPHES).replace(",", " ").split()
    return bool(told) and _DEGREES.issuperset(told)


@lru_cache(CACHED)
def identifier(text: str) -> str | None:
    """A number without separators; None for a placeholder."""
    made = _NOT_ALNUM.sub("", plain(text))
    if len(made) < len("1234") or len(set(made)) == 1 or made in "1234567890" * 2:
        return None
    return made


@lru_cache(CACHED)
def number(scheme: str, text: str) -> tuple[str, str] | None:
    """An identifier as (scheme, value); None for a placeholder and what the scheme cannot have.

    A number that has been damaged (letters among its digits, some too many or too few) is kept, so
    that it can be compared. A taxpayer number in the place of a social security number is one.
    """
    made = identifier(text)
    if made is None:
        return None
    whole = made.isascii() and made.isdigit() and len(made) == len("123456789")
    if scheme == SSN and whole and not ssn.is_valid(made):
        return (ITIN, made) if itin.is_valid(made) else None
    if scheme == "us-ein" and whole and not ein.is_valid(made):
        return None
    return scheme, made


def _number(text: str, region: str) -> phonenumbers.PhoneNumber | None:
    try:
        return phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None


@lru_cache(CACHED)
def phone(text: str, region: str = OWN_REGION) -> str | None:
    """A telephone number as E.164; None for a placeholder or what is none.

    `region` is the country (ISO 3166 alpha-2) of numbers that do not tell theirs. Of one of North
    America that is too long the country was told twice, or an extension is run together with it.
    """
    found = _number(_ABROAD.sub("+", text[:TEXT_MAX]), region)
    if found is None:
        return None
    national = str(found.national_number)
    if found.country_code == NORTH_AMERICA and len(national) > NORTH_AMERICAN_DIGITS:
        national = national.lstrip("01")[:NORTH_AMERICAN_DIGITS]
    if len(national) < len("1234567") or len(set(national[-7:])) == 1 or national in "1234567890":
        return None
    return f"+{found.country_code}{national}"


def region_of(texts: Iterable[str]) -> str:
    """The country (ISO 3166 alpha-2) of the telephone numbers of a file that do not tell theirs.

    Of those that others tell, and the United States, it is where most of the first can be numbers;
    in some countries nearly everything can, so that of those that come near to most it is the
    United States, or else the one that is told most.
    """
    told: Counter[str] = Counter()
    untold: list[str] = []
    for text in islice(texts, NUMBERS_MAX):
        written = _ABROAD.sub("+", text[:TEXT_MAX]).strip()
        if not written.startswith("+"):
            untold.append(written)
        elif found := _number(written, OWN_REGION):
            told[phonenumbers.region_code_for_country_code(found.country_code or 0)] += 1
    regions = sorted({OWN_REGION, *told}, key=lambda one: (one != OWN_REGION, -told[one], one))
    if len(regions) == 1:
        return OWN_REGION

    def can_be(region: str) -> int:
        numbers = (_number(one, region) for one in untold)
        return sum(1 for one in numbers if one and phonenumbers.is_valid_number(one))

    fit = {region: can_be(region) for region in regions}
    least = NEARLY_MOST * max(fit.values())
    return next(region for region in regions if fit[region] >= least)


def phones(text: str, region: str = OWN_REGION) -> tuple[str, ...]:
    """The telephone numbers in one text, as `phone` each; the first few of many."""
    found = _BETWEEN_NUMBERS.split(text[:TEXT_MAX])
    return known_once(phone(one, region) for one in found)[:SEVERAL_MAX]


def emails(text: str) -> tuple[str, ...]:
    """The e-mail addresses in one text, as `email` each; the first few of many.

    Names and brackets around them are left away.
    """
    told = plain(text)
    if "@" not in told:
        told = _AT.sub("@", told, count=1)
    return known_once(map(email, _MAIL.findall(told)))[:SEVERAL_MAX]


@lru_cache(CACHED)
def email(text: str) -> str | None:
    """An e-mail address in lower case, without a tag; None for one of which a part is hidden."""
    user, at, domain = plain(text).rpartition("@")
    user = user.partition("+")[0]
    if domain in ("gmail.com", "googlemail.com"):
        user, domain = user.replace(".", ""), "gmail.com"
    if not at or not user or HIDDEN in user or "." not in domain:
        return None
    if _NOT_ALNUM.sub("", user) in _UNREACHABLE:
        return None
    return f"{user}@{domain}"


@lru_cache(CACHED)
def postcode(text: str) -> str | None:
    """A postcode without separators, a US one to five digits; None for zeros.

    Of five of which three or more are digits the letters are digits ill read.
    """
    made = _NOT_ALNUM.sub("", plain(text).replace("|", "1"))
    if len(made) == _ZIP and _ZIP > sum(map(str.isdigit, made)) > _ZIP // 2:
        read = made.translate(dates.READ_AS)
        made = read if read.isdigit() else made
    if made.isdigit() and len(made) == len("123456789"):
        made = made[:_ZIP]
    return made if made.strip("0") else None


@lru_cache(CACHED)
def place(text: str) -> str | None:
    """The name of a place as words, none told twice for nothing; one of two that it goes by."""
    found = " ".join(told_once(words(text)))
    return _RENAMED.get(found, found) or None


def region(text: str) -> str | None:
    """A state or province in its short form, where it is one of those that offices abbreviate."""
    found = place(text)
    return _REGION_CODES.get(found, found) if found else None


@lru_cache(CACHED)
def sex(text: str) -> str | None:
    """The first letter: f, m, or another; None where unknown."""
    letter = plain(text)[:1]
    return letter if letter.isalpha() and letter != "u" else None
