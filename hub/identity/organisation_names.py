"""How names of businesses agree: word by word, with what is generic in them told apart."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from rapidfuzz.distance import OSA, DamerauLevenshtein

from hub.identity.kind import Exchanged, Same
from hub.identity.name_words import scanned, variants
from hub.identity.organisation_cut import are_initials, breaks_off, is_cut_off
from hub.identity.organisation_normalise import (
    GENERIC,
    WEAK_FORM,
    is_form_mistyped,
    table,
    written,
)
from hub.identity.organisation_record import LEGAL_NAMES, TRADE_NAMES, LegalName, Words

CACHED = 400_000
OTHER_PERSON = table("other_person")
"""Words by which a group's companies differ: Acme Holding is not Acme."""
ERRORS_FROM = (4, 8)
"""From how many letters on one typing error, and two, leave a word recognisable."""
ERRORS_FROM_GLUED = (3, 5, 8)
"""The same of what is left of two names, closed up; the names as a whole must allow as many."""
ERRORS_FROM_WHOLE = (5, 7, 12, 18)
"""The same of whole names, closed up."""
ARTICLE = "the"
"""Mistyped it looks like a word of the name."""
ABBREVIATED_FROM, WRITTEN_OUT_FROM = 3, 6
PREFIX_FROM = 4
BEGINS_FROM = 12
"""A name in one word, such as a domain's, may be cut off after so many letters."""
CUT_OFF_FROM = 24
"""Names of so many letters and more are cut off by narrow fields."""
CLOSE = 0.5
"""From this share of letters alike on two words may be one that was mistyped badly."""
MISREAD_FROM = 4
LOOKS_LIKE = str.maketrans("015i8926", "olslbgzb")
"""What a scanner takes for each other, as one letter, in words of so many letters and more."""
DOMAIN = "@"
"""Before the one word of a name that is read from a domain."""
VOWELS = frozenset("aeiou")
CONTRADICTIONS = ("other", "close", "other_word", "other_generic")
EXCHANGED = Exchanged(LEGAL_NAMES, TRADE_NAMES, lambda legal: legal.words)
"""A clerk wrote the legal name where the trade name belongs, and the other way round."""


class WordAgreement(NamedTuple):
    """What two names have in common, and which words are left on either side.

    `alike` are pairs of words, or of several words that are one on the other side.
    """

    exact: Words
    alike: tuple[tuple[Words, Words], ...]
    left: Words
    right: Words


def _typed(a: str, b: str, errors_from: Sequence[int]) -> bool:
    """Whether two words differ by as many typing errors as their length allows."""
    shorter = min(len(a), len(b))
    allowed = sum(1 for length in errors_from if shorter >= length)
    return allowed > 0 and OSA.distance(a, b, score_cutoff=allowed) <= allowed


@lru_cache(CACHED)
def alike(a: str, b: str) -> bool:
    """Whether two different words may be one: a typing error, an abbreviation, a short form."""
    if a.isdigit() or b.isdigit():
        return False
    if len(b) < len(a):
        a, b = b, a
    if _typed(a, b, ERRORS_FROM) or _abbreviates(a, b) or a in variants(b) or b in variants(a):
        return True
    if scanned(a) == scanned(b):
        return True
    short_forms = ((one, form) for one, other in ((a, b), (b, a)) for form in written(other))
    return any(_typed(one, form, ERRORS_FROM) for one, form in short_forms)


def _is_initial(a: str, b: str) -> bool:
    """Whether one of two words is the other's first letter: J Smith, John Smith."""
    return a[0] == b[0] and a[0].isalpha() and min(len(a), len(b)) == 1


def _abbreviates(short: str, word: str) -> bool:
    if len(short) < ABBREVIATED_FROM or len(word) < WRITTEN_OUT_FROM or short[0] != word[0]:
        return False
    if len(short) >= PREFIX_FROM and word.startswith(short):
        return True
    if VOWELS.intersection(short[1:]) or len(word) > 3 * len(short):
        return False
    if len(word) > 2 * len(short) + 1 and short[-1] != word[-1]:
        return False
    letters = iter(word)
    return all(letter in letters for letter in short)


@lru_cache(CACHED)
def agreement(a: Words, b: Words) -> WordAgreement:
    """Compare two names word by word, whatever the order; then as letters alone."""
    exact: list[str] = []
    right = list(b)
    left: list[str] = []
    for word in a:
        if word in right:
            right.remove(word)
            exact.append(word)
        else:
            left.append(word)
    same: list[tuple[Words, Words]] = []
    _cut_otherwise(left, right, same)
    if min(len(a), len(b)) == 1 < max(len(left), len(right)) and _are_one(left, right, a, b):
        if left and right:
            same.append((tuple(left), tuple(right)))
        return WordAgreement(tuple(exact), tuple(same), (), ())
    rest: list[str] = []
    for word in left:
        found = next((one for one in right if alike(word, one)), None)
        if found is None and exact:
            found = next((one for one in right if _is_initial(word, one)), None)
        if found is None:
            rest.append(word)
        else:
            right.remove(found)
            same.append(((word,), (found,)))
    if (rest or right) and _are_one(rest, right, a, b):
        if rest and right:
            same.append((tuple(rest), tuple(right)))
        rest, right = [], []
    return WordAgreement(tuple(exact), tuple(same), tuple(rest), tuple(right))


def _are_one(rest: Sequence[str], right: Sequence[str], a: Words, b: Words) -> bool:
    """Whether what is left on both sides is initials, or but for typing errors the same letters."""
    if _numbers(rest) != _numbers(right):
        return False
    if are_initials(rest, right) or are_initials(right, rest):
        return True
    if rest and right:
        ours, theirs = "".join(rest), "".join(right)
        if len(a) == 1 or len(b) == 1:
            begin, whole = sorted((ours, theirs), key=len)
            if len(begin) >= BEGINS_FROM and whole.startswith(begin):
                return True
        return _typed(ours, theirs, ERRORS_FROM_GLUED) and _typed(
            "".join(a), "".join(b), ERRORS_FROM_WHOLE
        )
    (extra, *others) = rest or right
    if not others and extra != ARTICLE and _typed(extra, ARTICLE, (2,)):
        return True
    long = max(map(len, (extra, *others))) >= PREFIX_FROM
    return _typed("".join(a), "".join(b), ERRORS_FROM_WHOLE[: 1 if long else None])


def _cut_otherwise(left: list[str], right: list[str], same: list[tuple[Words, Words]]) -> None:
    """Take from both sides what is one word here and several in a row there."""
    for one, other in ((left, right), (right, left)):
        for word in list(one):
            found = _in_a_row(word, other)
            if found:
                same.append(((word,), tuple(other[found])))
                one.remove(word)
                del other[found]


def _in_a_row(word: str, words: Sequence[str]) -> slice | None:
    """Where several words in a row make one, closed up; a digit may be a letter that was misread.

    Such a digit stands apart from the letters as a word of its own: 8emis, for Bemis.
    """
    for start in range(len(words)):
        for end in range(start + 2, min(start + 4, len(words)) + 1):
            glued = "".join(words[start:end])
            if glued == word or (
                len(glued) == len(word) >= MISREAD_FROM
                and word.isalpha()
                and glued.translate(LOOKS_LIKE) == word.translate(LOOKS_LIKE)
            ):
                return slice(start, end)
    return None


def _numbers(words: Sequence[str]) -> list[str]:
    return sorted(one for one in words if one.isdigit())


def distinctive(words: Words) -> Words:
    """The words that are not generic."""
    return tuple(one for one in words if one not in GENERIC)


def tokens(words: Words) -> Words:
    """What of a name is counted: its words, and it as a whole."""
    return (*words, " ".join(words)) if len(words) > 1 else words


def weigh_words(same: Same, levels: Mapping[str, int], a: Words, b: Words) -> int:
    """What two names weigh: each word that agrees, the more the rarer, and what is left over.

    Two names that are read from domains are compared as domains.
    """
    if is_of_domain(a) and is_of_domain(b):
        return 0
    if is_of_domain(a) or is_of_domain(b):
        a, b = _without_mark(a), _without_mark(b)

    def rarest(words: Words) -> int:
        return max(_weight_of(same, levels, one) for one in words)

    a, b = _without_mistyped(a, b), _without_mistyped(b, a)
    how = agreement(a, b)
    found = sum(rarest((word,)) for word in how.exact)
    for ours, theirs in how.alike:
        found += max(0, min(rarest(ours), rarest(theirs)) + levels["alike"])
    if a == b:
        found = max(found, min(same(" ".join(a)), levels["whole"]))
    found = min(found, levels["most"])
    left, right = distinctive(how.left), distinctive(how.right)
    if how.left and how.right:
        return found + levels[_contradiction(how, a, b, told=bool(left and right))]
    extra = left or right
    found += len(extra) * levels["extra"]
    return found + (len(how.left) + len(how.right) - len(extra)) * levels["extra_generic"]


def _weight_of(same: Same, levels: Mapping[str, int], word: str) -> int:
    """What an agreement in a word weighs; in one that says what a business does, little."""
    return min(same(word), levels["generic_word"]) if word in GENERIC else same(word)


class MostOfWords(NamedTuple):
    """What a name weighs at the most, in millibits.

    `weight`: beside one that has none of its words; `more`: with each that the other has too;
    `whole`: beside one that begins like it, for last words that are mistyped legal forms do not
    count; `most`: beside any; `extra`: of each word that only one of them has; `cut`: where one is
    the other cut off.
    """

    words: Words
    weight: int
    more: Mapping[str, int]
    whole: int
    most: int
    extra: int
    cut: int

    def beside(self, other: Words) -> int:
        """What the two weigh at the most, in millibits."""
        if is_of_domain(other):
            other = _without_mark(other)
        found, more = self.weight, self.more
        for word in other:
            if word in more:
                found += more[word]
        if self.whole > found and other[0] == self.words[0]:
            found = self.whole
        if self.cut > found and 1 in (len(other), len(self.words)):
            found = self.cut
        found = min(found, self.most)
        return found + self.extra * (len(self.words) + len(other)) if self.extra else found


def most_of_words(same: Same, levels: Mapping[str, int], words: Words) -> MostOfWords:
    """What a name weighs at the most, by what `weigh_words` makes of its words."""
    words = _without_mark(words)
    weight, more = 0, dict[str, int]()
    for word in words:
        told = _weight_of(same, levels, word)
        changed = max(0, told + levels["alike"])
        weight += changed
        more[word] = more.get(word, 0) + max(0, told - changed)
    contradiction = max(0, *(levels[one] for one in CONTRADICTIONS))
    whole = levels["whole"] + contradiction
    extra = max(0, levels["extra"], levels["extra_generic"])
    most = levels["most"] + contradiction
    cut = max(0, levels["cut"])
    return MostOfWords(words, weight + contradiction, more, whole, most, extra, cut)


def _contradiction(how: WordAgreement, a: Words, b: Words, *, told: bool) -> str:
    """How names contradict of which each has words that the other has not; `told`: telling ones."""
    if not how.exact and not how.alike:
        return "cut" if is_cut_off(a, b) else "other"
    if _are_close(how.left, how.right):
        return "close"
    return "other_word" if told else "other_generic"


@lru_cache(CACHED)
def legal_level(a: LegalName, b: LegalName) -> str:
    """How two different legal names agree.

    same_words, form: the words, but the form is not told, or another; near: but for typing errors,
    abbreviations, and generic words or the rest of a field at the end of one; close: all but a word
    that may be mistyped badly; short: but for words left away or cut off; part: some of the words;
    number: all but a number; other: nothing that tells.
    """
    a, b = _without_mistyped_form(a, b), _without_mistyped_form(b, a)
    how = agreement(a.words, b.words)
    if how.left or how.right:
        return _left_over(how, a.words, b.words)
    if _forms_differ(a.form, b.form):
        return "form"
    return "near" if how.alike else "same_words"


def _without_mistyped_form(one: LegalName, other: LegalName) -> LegalName:
    """A name without last words that may be the form that only the other name has."""
    words = _without_mistyped(one.words, other.words)
    return one if words == one.words else LegalName(words, one.form or WEAK_FORM)


@lru_cache(CACHED)
def words_level(a: Words, b: Words) -> str:
    """How two different trade names agree, as `legal_level`; sibling: companies of a group."""
    a, b = _without_mark(a), _without_mark(b)
    how = agreement(_without_mistyped(a, b), _without_mistyped(b, a))
    if not how.left and not how.right:
        return "near"
    level = _left_over(how, a, b)
    extra = (*how.left, *how.right)
    siblings = level == "part" and _is_another(extra) and not distinctive(extra)
    return "sibling" if siblings else level


def _without_mistyped(words: Words, others: Words) -> Words:
    """A name without last words that the other has not, and that may be legal forms mistyped."""
    while (
        len(words) > 1
        and words[-1] not in others
        and _may_be_form(words[-1])
        and not any(alike(words[-1], one) for one in others)
    ):
        words = words[:-1]
    return words


def _may_be_form(word: str) -> bool:
    return word not in GENERIC and is_form_mistyped(word)


def _left_over(how: WordAgreement, a: Words, b: Words) -> str:
    """The level of names of which one has words that the other has not."""
    extra = how.left or how.right
    if any(one.isdigit() for one in (*how.left, *how.right)):
        return "number"
    if _are_close(how.left, how.right):
        return "close"
    common = (*how.exact, *(one for pair in how.alike for one in pair[0]))
    telling = bool(distinctive(common))
    if telling and not (how.left and how.right):
        longer = a if how.left else b
        generic = all(one in GENERIC and one not in OTHER_PERSON for one in extra)
        if generic and longer[-len(extra) :] == extra:
            return "near"
    glued = sorted(("".join(a), "".join(b)), key=len)
    another = _is_another((*how.left, *how.right))
    if not another and len(glued[0]) >= CUT_OFF_FROM and glued[1].startswith(glued[0]):
        return "near"
    cut = _is_cut(how) and not another if telling else is_cut_off(a, b) and not common
    if cut or breaks_off(a, b):
        return "short"
    return "part" if telling else "other"


def _is_another(words: Words) -> bool:
    """Whether one of the words is one by which a group's companies differ, mistyped or not."""
    return any(map(_says_another, words))


@lru_cache(CACHED)
def _says_another(word: str) -> bool:
    return word in OTHER_PERSON or any(_typed(word, one, ERRORS_FROM) for one in OTHER_PERSON)


def _is_cut(how: WordAgreement) -> bool:
    """Whether one side has words more, or the other breaks off in one of them."""
    begin, whole = sorted(("".join(how.left), "".join(how.right)), key=len)
    return whole.startswith(begin)


def is_of_domain(words: Words) -> bool:
    """Whether a name is read from a domain."""
    return words[0].startswith(DOMAIN)


def _without_mark(words: Words) -> Words:
    return (words[0].removeprefix(DOMAIN), *words[1:])


def _are_close(left: Words, right: Words) -> bool:
    """Whether what is left on both sides may be one word that was mistyped more than once."""
    if _is_another((*left, *right)):
        return False
    ours, theirs = "".join(left), "".join(right)
    if not ours or not theirs:
        return len(ours or theirs) < PREFIX_FROM - 1
    return DamerauLevenshtein.normalized_similarity(ours, theirs) >= CLOSE


def _forms_differ(a: str, b: str) -> bool:
    return a != b and a not in ("", WEAK_FORM) and b not in ("", WEAK_FORM)
