"""Names of organisations cut off: to initials, or to beginnings of their words in one."""

from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

from rapidfuzz.distance import Prefix

from hub.identity.organisation_normalise import GENERIC, table
from hub.identity.organisation_record import Words

CACHED = 400_000
INITIALS_LEAST = 2
SMALL = frozenset(word[0] for word in table("left_away"))
"""Initials of words without which names are compared: de, le, of, the."""
CUT_OFF_LEAST = 2
"""So many letters at least are left of a name that is cut off, to be looked for in the other."""
INITIALS_MOST, CLOSED_UP_FROM = 4, 8
"""So many initials at most may stand for a name that was closed up to so many letters at least."""


def are_initials(left: Sequence[str], right: Sequence[str]) -> bool:
    """Whether the only word of a name is the other's initials.

    A generic last word may lack its initial, and small words between may have theirs.
    """
    if len(left) != 1 or len(right) <= 1:
        return False
    letters = "".join(word[0] for word in right)
    least = letters[:-1] if right[-1] in GENERIC and len(right) > INITIALS_LEAST else letters
    return left[0] in (letters, least) or _but_for_small(left[0], letters)


def _but_for_small(initials: str, letters: str) -> bool:
    """Whether initials are those letters but for some of small words: slh, for Societe Le Havre."""
    if initials[0] != letters[0] or not len(letters) < len(initials) < 2 * len(letters):
        return False
    small = Counter(initials) - Counter(letters)
    return small.keys() <= SMALL and _in_order(letters, initials)


def _in_order(letters: str, word: str) -> bool:
    rest = iter(word)
    return all(letter in rest for letter in letters)


@lru_cache(CACHED)
def is_cut_off(a: Words, b: Words) -> bool:
    """Whether one of two names is the other in one word of its beginnings: Ham, HI, HampInn."""
    short, whole = _parted(a, b)
    if len(whole) == 1 and len(short) <= INITIALS_MOST:
        return _may_be_initials(short, whole[0])
    return len(short) in _ends(short, whole)[-1]


def _may_be_initials(letters: str, word: str) -> bool:
    """Whether letters begin a word, or may be initials of words that were closed up in it."""
    if word.startswith(letters):
        return True
    return letters[0] == word[0] and len(word) >= CLOSED_UP_FROM and _in_order(letters, word)


@lru_cache(CACHED)
def breaks_off(a: Words, b: Words) -> bool:
    """Whether one name is the other cut off within a word, so that the next was not left away."""
    short, whole = _parted(a, b)
    return any(
        len(short) - end < len(word) and word.startswith(short[end:])
        for ends, word in zip(_ends(short, whole), whole, strict=False)
        for end in ends - {len(short)}
    )


def _parted(a: Words, b: Words) -> tuple[str, Words]:
    """The shorter name and the other, which is empty if the shorter is not one word long enough."""
    (short, *others), whole = (a, b) if len("".join(a)) < len("".join(b)) else (b, a)
    return short, () if others or len(short) < CUT_OFF_LEAST else whole


def _ends(short: str, words: Words) -> list[set[int]]:
    """After how many letters beginnings of the words so far may end, before each and at the end.

    Among them must be one of the first word; so far as any do.
    """
    found = [{0}]
    for place, word in enumerate(words):
        more = {
            end + length
            for end in found[-1]
            for length in range(1, Prefix.similarity(short[end:], word) + 1)
        }
        found.append(found[-1] | more if place else more)
        if not found[-1]:
            break
    return found
