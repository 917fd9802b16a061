"""How values of organisations agree that are not names."""

import re
from functools import lru_cache

from rapidfuzz.distance import OSA

from hub.identity import levels
from hub.identity.record import Address
from hub.identity.schemes import scheme

CACHED = 400_000
NEIGHBOURS = 12
"""House numbers this near on one street are the next doors, on either side."""
MISTYPED_FROM = 3
"""A number of so many digits and more may have a wrong one, or lack one."""
TYPED_FROM = 6
_DIGITS = re.compile(r"[0-9]+")
"""A house's number without the letter of its part."""


@lru_cache(CACHED)
def address_level(a: Address, b: Address) -> str:
    """How two different addresses agree: nearly; the next door; the street; or not.

    On one street a number that is not told may be the other's, and one that is nearly it too.
    """
    level = levels.address_level(a, b)
    return "door" if level == "part" and _may_be_next(a.number, b.number) else level


def _may_be_next(a: str, b: str) -> bool:
    """Whether two numbers of one street are next doors, or may be one."""
    if not (a and b):
        return True
    ours, theirs = (_DIGITS.match(one) for one in (a, b))
    if ours and theirs and abs(int(ours[0]) - int(theirs[0])) <= NEIGHBOURS:
        return True
    return max(len(a), len(b)) >= MISTYPED_FROM and OSA.distance(a, b, score_cutoff=1) <= 1


@lru_cache(CACHED)
def identifier_level(a: tuple[str, str], b: tuple[str, str]) -> str | None:
    """How two numbers agree; None where an organisation may have both."""
    if a[0] != b[0] or not scheme(a[0]).exclusive:
        return None
    return "near" if OSA.distance(a[1], b[1], score_cutoff=1) <= 1 else "other"


@lru_cache(CACHED)
def domain_level(a: str, b: str) -> str:
    """How two different domains agree: a typing error, or not."""
    typed = min(len(a), len(b)) >= TYPED_FROM and OSA.distance(a, b, score_cutoff=1) <= 1
    return "near" if typed else "other"
