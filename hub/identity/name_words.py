"""How words of names agree: nicknames, typing errors, other spellings, what a scanner misreads."""

import json
import re
from collections.abc import Mapping
from functools import lru_cache
from importlib import resources
from typing import NamedTuple

from jellyfish import metaphone
from nicknames import NickNamer
from rapidfuzz.distance import OSA, JaroWinkler

CACHED, WORDS_CACHED = 2_000, 20_000
ALIKE = 0.9
ONE_ERROR_FROM, TWO_ERRORS_FROM, TWO_ERRORS = 4, 7, 2
"""From how many letters on one typing error, and two, leave a name recognisable."""
BEGINS_FROM, CUT_FROM = 3, 5
"""A name that begins another may be it, cut off: from so many letters on of it, or of the other."""
JUMBLED_FROM = 4
"""From so many letters on words of the same letters are one; many short ones are by chance."""
LETTERS = 61
"""Bits for the letters of a word: a to z have one each."""
HALF = 0.5
"""So much of a word left by typing errors does not contradict; it does not agree either."""
_NICKNAMES = NickNamer()
_WORDS = json.loads((resources.files("hub.identity") / "model" / "words.json").read_text())
_SPELT: Mapping[str, frozenset[str]] = {
    one: frozenset(group.split()) for group in _WORDS["spelt"] for one in group.split()
}
_SOUNDS: Mapping[str, str] = _WORDS["sounds"]
_SOUND = re.compile("|".join(sorted(_SOUNDS, key=lambda one: (-len(one), one))))
_AS_ONE = {"rn": "m", "iii": "m", "ri": "n", "ii": "n", "cl": "d", "li": "h", "lc": "k", "vv": "w"}
"""Letters a scanner takes for one another: rn and m, cl and d."""
_READ_AS_ONE = re.compile("|".join(_AS_ONE))
_DOUBLED = re.compile(r"(.)\1+")


@lru_cache(CACHED)
def variants(token: str) -> frozenset[str]:
    """A given name, its short forms and what it is short for."""
    found = _NICKNAMES.nicknames_of(token) | _NICKNAMES.canonicals_of(token)
    return frozenset({token, *found})


@lru_cache(CACHED)
def formal(token: str) -> frozenset[str]:
    """A given name and what it may be short for."""
    return frozenset({token, *_NICKNAMES.canonicals_of(token)})


@lru_cache(WORDS_CACHED)
def sound(token: str) -> str:
    """A name's metaphone; the name itself where it has none."""
    return metaphone(token) or token


@lru_cache(WORDS_CACHED)
def spelling(token: str) -> str:
    """A name with each sound written in one way: what is spelt otherwise elsewhere is the same."""
    return _DOUBLED.sub(r"\1", _SOUND.sub(lambda found: _SOUNDS[found.group()], token))


@lru_cache(WORDS_CACHED)
def scanned(token: str) -> str:
    """A name with letters that a scanner reads for one, or for two, written in one way."""
    return _READ_AS_ONE.sub(lambda found: _AS_ONE[found.group()], token)


@lru_cache(CACHED)
def _initials(word: str) -> frozenset[str]:
    """The first letters of a name and of what it is short for; C is written for K, and K for C."""
    found = {one[0] for one in variants(word)}
    return frozenset(found | {"c", "k"} if found & {"c", "k"} else found)


class _Word(NamedTuple):
    """What is asked of a word again and again; `letters` and those of its spelling are sets."""

    letters: int
    variants: frozenset[str]
    spelling: str
    spelt_letters: int
    scanned: str


@lru_cache(WORDS_CACHED)
def _word(token: str) -> _Word:
    spelt = spelling(token)
    return _Word(_letters(token), variants(token), spelt, _letters(spelt), scanned(token))


def _letters(token: str) -> int:
    """The letters of a word as bits of a number; two of other alphabets may have one bit."""
    found = 0
    for letter in token:
        found |= 1 << ord(letter) % LETTERS
    return found


@lru_cache(CACHED)
def _alike(a: str, b: str) -> str | None:
    one, other = _word(a), _word(b)
    if len(a) == 1 or len(b) == 1:
        letter, word = (a, b) if len(a) == 1 else (b, a)
        return "initial" if letter in _initials(word) else None
    if b in one.variants or a in other.variants:
        return "nickname"
    if _is_typing(a, b, one, other) or _is_other_spelling(a, b, one, other):
        return "fuzzy"
    if not (a.startswith(b) or b.startswith(a)):
        return None
    long = min(len(a), len(b)) >= BEGINS_FROM or max(len(a), len(b)) >= CUT_FROM
    return "initial" if long else None


def _is_typing(a: str, b: str, one: _Word, other: _Word) -> bool:
    """Whether typing errors may have made one word of the other.

    Of most words their letters tell that they did not: of two that are ALIKE, with the most that a
    common beginning adds, a quarter of the letters at most has nothing in the other word, on the
    average of both; and each error puts a letter in one's place that the other need not have.
    """
    lacks, misses = one.letters & ~other.letters, other.letters & ~one.letters
    lacking, missing = lacks.bit_count(), misses.bit_count()
    if lacking > TWO_ERRORS or missing > TWO_ERRORS:
        apart = lacking * len(b) + missing * len(a)
        return 2 * apart <= len(a) * len(b) and JaroWinkler.similarity(a, b) >= ALIKE
    if JaroWinkler.similarity(a, b) >= ALIKE:
        return True
    edits = OSA.distance(a, b, score_cutoff=TWO_ERRORS)
    shorter = min(len(a), len(b))
    if edits <= 1:
        return shorter >= ONE_ERROR_FROM or _short_but_one(a, b)
    if edits <= TWO_ERRORS and shorter >= TWO_ERRORS_FROM:
        return True
    return not (lacking and missing) and are_jumbled(a, b)


def are_jumbled(a: str, b: str) -> bool:
    """Whether two words are made of the same letters, in another order, but for one that is lost.

    Programs that hide or spoil names on purpose do that, and hands that type fast.
    """
    shorter, longer = sorted((a, b), key=len)
    lost = len(longer) - len(shorter)
    if lost > 1 or len(shorter) < JUMBLED_FROM:
        return False
    rest = iter(sorted(longer))
    return all(letter in rest for letter in sorted(shorter))


def _is_other_spelling(a: str, b: str, one: _Word, other: _Word) -> bool:
    """Whether two words sound the same or look so to a scanner, a typing error apart at most."""
    if one.scanned == other.scanned or b in _SPELT.get(a, ()):
        return True
    if _is_j_for_z(a, b) and _spelt_alike(*map(_with_j, (a, b))):
        return True
    lacks = one.spelt_letters & ~other.spelt_letters
    if lacks & (lacks - 1):
        return False
    return _spelt_alike(one.spelling, other.spelling)


def _is_j_for_z(a: str, b: str) -> bool:
    """Whether a z of one may be a j of the other, as in names of India (Manoj, Manoz); not Zoe."""
    swapped = ("z" in a and "j" in b) or ("j" in a and "z" in b)
    return swapped and min(len(a), len(b)) >= ONE_ERROR_FROM


def _with_j(token: str) -> str:
    """The spelling of a word with each z read as a j."""
    return spelling(token.replace("z", "j"))


def _short_but_one(a: str, b: str) -> bool:
    """Whether of two short words, an error apart, letters were swapped or an inner one was lost."""
    if len(a) == len(b):
        return len(a) >= BEGINS_FROM and sorted(a) == sorted(b)
    return a[0] == b[0] and a[-1] == b[-1]


def _spelt_alike(a: str, b: str) -> bool:
    """Whether two words with each sound written in one way are equal, or a typing error apart."""
    if min(len(a), len(b)) < ONE_ERROR_FROM:
        return a == b
    return OSA.distance(a, b, score_cutoff=1) <= 1


def is_spelling(a: str, b: str) -> bool:
    """Whether two words are one that is spelt in several ways; of blind ones their sound tells."""
    if not isinstance(a, str):
        return bool(a.sound == b.sound)
    if spelling(a) == spelling(b) or b in _SPELT.get(a, ()):
        return True
    return _is_j_for_z(a, b) and _with_j(a) == _with_j(b)


def alike(a: str, b: str) -> str | None:
    """How two different tokens may be one: nickname, fuzzy, initial, or not (None).

    A token is a word, or the blind tokens of one, which are asked themselves.
    """
    if not isinstance(a, str):
        return a.alike(b)
    return _alike(a, b) if a < b else _alike(b, a)


def few_errors(a: str, b: str) -> bool:
    """Whether two errors of a hand, or of a scanner, make one word of the other; no blind ones."""
    if not isinstance(a, str):
        return False
    if OSA.distance(a, b, score_cutoff=TWO_ERRORS) <= TWO_ERRORS:
        return True
    return OSA.distance(scanned(a), scanned(b), score_cutoff=TWO_ERRORS) <= TWO_ERRORS


def is_initial(token: str) -> bool:
    """Whether a word, blind or not, is a single letter."""
    return len(token) == 1 if isinstance(token, str) else token.is_initial


def is_distant(a: str, b: str) -> bool:
    """Whether half of a word is left by typing errors; of blind ones it is not known."""
    if not isinstance(a, str) or min(len(a), len(b)) < BEGINS_FROM:
        return False
    return OSA.normalized_similarity(a, b, score_cutoff=HALF) >= HALF
