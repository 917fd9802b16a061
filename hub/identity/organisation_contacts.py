"""Numbers, addresses and domains of organisations as they are written, made comparable.

Each function gives what it was given again; a placeholder becomes unknown.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache

from stdnum import lei
from stdnum.exceptions import ValidationError
from stdnum.us import ein

from hub.identity import addresses, normalise
from hub.identity.organisation_normalise import CACHED, table
from hub.identity.organisation_record import Words
from hub.identity.record import Address

_EVERYBODYS = table("everybodys_domains")
IN_PAN = "in-pan"
GSTIN_LENGTH, PAN_IN_GSTIN = 15, slice(2, 12)
"""India's number for goods and services tax has the permanent account number in it, behind the
state's (Central Board of Indirect Taxes): a firm has one of the former a state, one of the latter.
"""


@lru_cache(CACHED)
def spelling(name: str, street: str) -> str | None:
    """A name and a street as they are written but for case; None where one is missing."""
    made = normalise.plain(name), normalise.plain(street)
    return "|".join(made) if all(made) else None


@lru_cache(CACHED)
def identifier(scheme: str, text: str) -> str | None:
    """A number of a scheme without separators; None where its check says it cannot be one."""
    made = normalise.identifier(text)
    if made is None:
        return None
    if scheme == IN_PAN and len(made) == GSTIN_LENGTH:
        made = made[PAN_IN_GSTIN]
    check = _CHECKS.get(scheme)
    return made if check is None or check(made) else None


def _is_ein(text: str) -> bool:
    return ein.is_valid(text)


def _is_lei(text: str) -> bool:
    try:
        lei.validate(text)
    except ValidationError:
        return False
    return True


def _is_uei(text: str) -> bool:
    """Whether a Unique Entity ID is one, its last character a sum of the others.

    GSA's rules, and its own code for them (GSA-TTS/uei-js): to each character its code, times its
    place, of which the last digit counts; the same again with the digits of the sum until it is one
    digit. Nine digits in a row could be an older number, and are not used.
    """
    if not _UEI.fullmatch(text) or _NINE_DIGITS.search(text):
        return False
    found = _sum_of_places(map(ord, text[:-1].upper()))
    while found > 9:  # noqa: PLR2004 - the greatest digit
        found = _sum_of_places(map(int, str(found)))
    return str(found) == text[-1]


def _sum_of_places(numbers: Iterable[int]) -> int:
    return sum(place * one % 10 for place, one in enumerate(numbers, 1))


_UEI = re.compile(r"(?!0)[0-9a-hj-np-z]{12}")
_NINE_DIGITS = re.compile(r"\d{9}")
_CHECKS: Mapping[str, Callable[[str], object]] = {
    "us-ein": _is_ein,
    "us-uei": _is_uei,
    "us-duns": re.compile(r"\d{9}").fullmatch,
    "lei": _is_lei,
    "gb-coh": re.compile(r"[a-z]{2}\d{6}|\d{8}").fullmatch,
    "gb-chc": re.compile(r"(?:sc0?)?\d{5,7}").fullmatch,
}


_UNIT_BEHIND = re.compile(
    r"(\b(?:st|street|str|ave?|avenue|rd|road|blvd|boulevard|dr|drive|ln|lane|ct|court|pl|place|ter|terrace"
    r"|pkwy|parkway|hwy|highway|sq|square|way|cir|circle|plz|plaza|broadway)\b\.?)"
    r"((?:\s+(?:n|s|e|w|ne|nw|se|sw|north|south|east|west)\b\.?)?)"
    r"(?:[\s,#-]+(?:\d+\w*|[a-z]\d*|ground|gro|grd|gr|floor|fl|flr|front|rear|basement|bsmt|lower|upper"
    r"|store|stor|entrance|suite|ste|unit|\#))*[\s,#-]*$"
)
_GLUED_UNIT = re.compile(r"\b(st|ave|rd|blvd|dr|ln)(\d+\w*|#\w*)")
_CARE_OF_BEFORE = re.compile(r"^\s*(?:c\s*/\s*o|attn|attention)\b[^,]*,\s*")
_RANGE = re.compile(r"^\s*(\d+)\s*-+\s*\d+(?=\s)")


@lru_cache(CACHED)
def address(text: str) -> Address | None:
    """A street address as `addresses.address`, of a range of numbers the first, no unit."""
    made = _CARE_OF_BEFORE.sub("", normalise.plain(text))
    made = _GLUED_UNIT.sub(r"\1 \2", made)
    made = _RANGE.sub(r"\1", made)
    made = _UNIT_BEHIND.sub(r"\1\2", made)
    return addresses.address(made)


EVERYBODYS_FROM = 15
"""A domain of so many different e-mail addresses is no business's own; chains are found otherwise.
"""
NAME_FROM = 6
"""Shorter domains say no name."""
_SECOND_LEVEL = frozenset({"ac", "co", "com", "edu", "gob", "gouv", "gov", "net", "nhs", "org"})
_HOST = re.compile(r"^(?:[a-z]+://)?(?:www\d?\.)?([a-z0-9.-]+\.[a-z]{2,})(?:[/:?#].*)?$")


def name_of_domain(host: str) -> Words:
    """The name that a domain says, as one word with a mark before it; empty where it says none."""
    parts = host.split(".")
    registered = parts[-3:-1] if len(parts) > 2 and parts[-2] in _SECOND_LEVEL else parts[-2:-1]  # noqa: PLR2004 - a host, a register, a country
    name = "".join(filter(str.isalnum, registered[0])) if registered else ""
    return (f"@{name}",) if len(name) >= NAME_FROM and "@" not in host else ()


def everybodys(texts: Iterable[str]) -> frozenset[str]:
    """The domains that so many e-mail addresses of a file have that they are a provider's."""
    users: dict[str, set[str]] = {}
    for text in texts:
        for mail in normalise.emails(text)[:1]:
            users.setdefault(mail.rpartition("@")[2], set()).add(mail)
    return frozenset(host for host, found in users.items() if len(found) >= EVERYBODYS_FROM)


@lru_cache(CACHED)
def domain(text: str, providers: frozenset[str] = frozenset()) -> str | None:
    """The domain of an e-mail address or website; the whole address where it is everybody's.

    `providers` are domains besides those everybody knows of.
    """
    mail = next(iter(normalise.emails(text)), None)
    host = mail.rpartition("@")[2] if mail else ""
    if not mail:
        found = _HOST.match(normalise.plain(text))
        host = found.group(1) if found else ""
    host = host.removeprefix("www.")
    if host in _EVERYBODYS or (mail and host in providers):
        return mail
    return host if _HOST.match(host) else None
