"""How two different values of a person's field agree: the name of a level, which a model weighs.

Fields without an order of their own have none between the same and another (`different`).
"""

import re
from functools import lru_cache

from rapidfuzz.distance import OSA, JaroWinkler

from hub.identity.name_words import are_jumbled, scanned
from hub.identity.record import Address
from hub.identity.schemes import scheme

CACHED = 2_000
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
