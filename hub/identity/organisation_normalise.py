"""Names of organisations as they are written, made comparable; as `normalise` does for persons.

Each function gives what it was given again; a placeholder becomes unknown. The words and legal
forms are tables of `model/organisation-words.json`.
"""

import json
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib import resources
from typing import Any, NamedTuple

from rapidfuzz.distance import OSA

from hub.identity import normalise
from hub.identity.mended import mended, told_once
from hub.identity.name_words import scanned
from hub.identity.organisation_record import LegalName, Words

CACHED = 200_000
WORDS_MAX = 16
_WORDS: Mapping[str, Any] = json.loads(
    (resources.files("hub.identity") / "model" / "organisation-words.json").read_text()
)
_USUAL_FORMS: Mapping[str, str] = _WORDS["forms"]
_FORMS: Mapping[str, str] = {**_USUAL_FORMS, **_WORDS["rare_forms"]}
"""Legal forms; a word is not taken for a rare one that was mistyped."""
_SIGNS: Mapping[str, str] = _WORDS["form_signs"]
"""Legal forms that are written in one with the name, in other scripts."""
_SIGN = re.compile("|".join(map(re.escape, sorted(_SIGNS, key=len, reverse=True))))
_BETWEEN = frozenset(_WORDS["joins"])
"""Words that say "and" between two others; elsewhere they are initials, or names."""
_PHRASES: Mapping[str, str] = {
    phrase.replace(" ", ""): form for phrase, form in _WORDS["form_phrases"].items()
}
PHRASE_MAX = 8
"""So many words a legal form has at most, with each letter apart."""
_LEADING: Mapping[str, str] = _WORDS["leading_forms"]
_LEADING_ELSEWHERE: Mapping[str, str] = {**_LEADING, **_WORDS["leading_in_other_letters"]}
"""Those of texts in other letters: A O Smith is a name, AO Smirnov in Cyrillic has a form."""
_ABBREVIATIONS: Mapping[str, str] = _WORDS["abbreviations"]
_NUMBERS: Mapping[str, str] = _WORDS["numbers"]
_LEFT_AWAY = frozenset(_WORDS["left_away"])
_NOBODY = frozenset(_WORDS["nobody"])


def table(name: str) -> frozenset[str]:
    """The words of a table."""
    return frozenset(_WORDS[name])


GENERIC = table("generic")
"""Words that say what a business does, or praise it."""
WEAK_FORM = "co"
"""Says no more than that it is a business; any other form goes with it."""
_BEHIND = r"\b\.?[\s:]*"
_TRADES_AS = re.compile(
    r"(?:^|[\s,;(-])(?:doing business as|trading as|d\s*[./]?\s*b\s*[./]?\s*a|t\s*/\s*a"
    r"|also known as|a\s*[./]\s*k\s*[./]\s*a|aka"
    rf"|as trustees? for(?: the)?|atf){_BEHIND}"
)
_TRUSTEE = re.compile(r"^(?:the )?trustees? (?:for|of) (?:the )?")
"""Of a trust that is called by who holds it."""
_MESSRS = re.compile(r"^(?:m\s*/\s*s|messrs)\b\.?\s*")
"""What offices of India write before the name of each firm."""
_FORMERLY = re.compile(
    r"[\s,;(-]+(?:formerly known as|formerly|previously known as|previously|f\s*[./]\s*k\s*[./]\s*a"
    rf"|fka){_BEHIND}"
)
_REGISTERS = (
    r"registered|registration|reg|charity|charitable|company|co|corp|number|num|nr|no|abn|acn|arbn"
    r"|crn|ein|fein|vat|siren|siret|rcs|hrb|hra|p\.?\s?iva|nif|cif|kvk|cvr|uen|duns"
)
_NUMBERED = re.compile(
    rf"[\s,;(\[-]+(?:(?:{_REGISTERS})\b[\s.:#-]*)+[a-z]{{0,2}}(?:\d[\s./-]?){{5,}}[)\]]?\s*$"
)
"""A number of a register behind a name; that of a shop is shorter."""
_STANDING = re.compile(
    r"[\s,;(\[-]+in (?:liquidation|administration|receivership|bankruptcy)[)\]]?\s*$"
    r"|\s*(?:[(\[]|[-,]\s)(?:closed|inactive|dissolved|ceased|struck off|duplicate)[)\]]?\s*$"
)
"""What became of a business."""
_CARE_OF = re.compile(r"\b(?:c\s*/\s*o|attn|attention)\b.*$")
_CLOSED_UP = re.compile(r"['`]|(?<=\b\w)\.(?=\w\b)")
_OWN = re.compile(r"['`]\s+s\b")
_IN_BRACKETS = re.compile(r"^([^()]*\S)\s*\(([^()]+)\)\s*$")
_IS_NAME = re.compile(r"^(?=\D*$)(?:[^\W\d]{4}|.*\s)")
"""What is no number of a shop, and no country's or state's short name."""
_SHORT_AND = re.compile(r"\b([a-z]{2})\s?&\s?([a-z])\b|\b([a-z])&(?!co\b)([a-z]{2})\b")
"""Letters that are joined in one name (AT&T), of which the first are a word by themselves."""
_TOKEN = re.compile(r"\d+(?:st|nd|rd|th)\b|\d+|[^\W\d_]+|&")
_MISREAD = re.compile(r"(?<=[a-z])[0158](?=[a-z])")
_READ = {"0": "o", "1": "i", "5": "s", "8": "b"}
"""Digits between letters, and what a scanner took them from."""
_MISREAD_FORM = re.compile(r"\b(?=[a-z01]{3,}\b)(?=[a-z01]*[a-z])[a-z01]*[01][a-z01]*$")
_READ_IN_FORM = tuple(str.maketrans("01", f"o{one}") for one in "il")
_NUMBER_MARK = frozenset({"no", "num", "number", "nr"})
GLUED, GLUED_MAX = 2, len("corp")
"""A legal form in two words ("I nc") has no more letters than that."""
FORM_ERRORS_FROM = (10, 18)
"""From how many letters on a legal form with one typing error, and with two, is still one."""
_JOINS = frozenset({"&", "and", "und", "y", "et", "n", "e"})
_JOINS_FORMS = frozenset({"&", "and", "und", "et"})
"""Words that no name ends with: between two forms."""
_BESIDE = " ,;()-"


class Told(NamedTuple):
    """The names in one text: the first, those after "doing business as", those it had before."""

    first: str
    others: tuple[str, ...]
    former: tuple[str, ...] = ()


def names_in(text: str) -> Told:
    """A text that may hold a legal name and trade names ("A dba B", "B (A Ltd)"), apart."""
    # in their own letters, for these tell some legal forms
    written = mended(text[: normalise.TEXT_MAX]).lower().strip()
    plain = _MESSRS.sub("", _TRUSTEE.sub("", _CARE_OF.sub("", written)))
    now, *before = map(_alone, _FORMERLY.split(plain))
    first, *others = [one.strip(_BESIDE) for one in _TRADES_AS.split(_beside_brackets(now))]
    former = (one.strip(_BESIDE) for one in before)
    return Told(first, tuple(filter(None, others)), tuple(filter(None, former)))


def _alone(text: str) -> str:
    """A name without a register's number and what became of it, in either order."""
    for shape in (_STANDING, _NUMBERED, _STANDING):
        text = shape.sub("", text)
    return text


def _beside_brackets(text: str) -> str:
    """A text that ends in brackets, one of its names with a legal form, as a legal name "dba"."""
    found = _IN_BRACKETS.match(text)
    if found is None:
        return text
    before, inside = found.groups()
    if _has_form(before) and not _has_form(inside):
        return f"{before} dba {inside}" if _IS_NAME.match(inside) else before
    if _has_form(inside) and not _has_form(before):
        return f"{inside} dba {before}"
    return text


@lru_cache(CACHED)
def legal_name(text: str) -> LegalName | None:
    """A name with its legal form apart; None for a placeholder."""
    tokens, form = _without_forms(_tokens(text))
    for count in range((len(tokens) - 1) // 2, 0, -1):
        # with its form, and once more without: Acme Ltd Acme
        if tokens[:count] == tokens[-count:]:
            once, told = _without_forms(tokens[:-count])
            if told and once == tokens[:count]:
                tokens, form = once, told if form in ("", WEAK_FORM) else form
                break
    leading = _LEADING if text.isascii() else _LEADING_ELSEWHERE
    if len(tokens) > 1 and tokens[0] in leading:
        form = form or leading[tokens[0]]
        tokens = tokens[1:]
    if len(tokens) == 1 and len(tokens[0]) > len("pt") and tokens[0] in leading:
        return None  # a form without a name
    words = _words(tokens)
    return LegalName(words, form) if words else None


def _without_forms(tokens: list[str]) -> tuple[list[str], str]:
    """A name without the legal forms behind it, and the last of them that is not the weak one."""
    form = ""
    while len(tokens) > 1:
        cut, found = _ending(tokens)
        if not cut:
            break
        tokens = tokens[:-cut]
        form = found if form in ("", WEAK_FORM) else form
    return tokens, form


def name_words(text: str) -> Words:
    """The words of a name without legal form; empty for a placeholder."""
    found = legal_name(text)
    return found.words if found else ()


def _tokens(text: str) -> list[str]:
    """Words, numbers and single letters in a row glued together, with what joins letters."""
    if not text.isascii():
        text = _SIGN.sub(lambda found: f" {_SIGNS[found.group()]} ", text)
    plain = _CLOSED_UP.sub("", _OWN.sub("s", normalise.signs_as_read(normalise.plain(text))))
    plain = _MISREAD.sub(lambda found: _READ[found.group()], plain)
    plain = _MISREAD_FORM.sub(_form_read, plain.rstrip(" .,"))
    plain = _SHORT_AND.sub(r"\1\2\3\4", plain)
    raw = _TOKEN.findall(plain)[: 2 * WORDS_MAX]
    found: list[str] = []
    letters = ""
    place = 0
    while place < len(raw):
        one = raw[place]
        if len(one) == 1 and one.isalpha():
            letters += one
        elif letters and one in _JOINS and _is_letter(raw, place + 1):
            pass
        else:
            if letters:
                found.append(letters)
                letters = ""
            found.append(one)
        place += 1
    return [*found, letters] if letters else found


def name_and_address(text: str) -> tuple[str, str]:
    """A name up to its legal form, or else to the first number, and what stands behind it."""
    tokens = _tokens(text)
    end = next((one for one in range(2, len(tokens) + 1) if _is_form(tokens[:one])), 0)
    while end and end < len(tokens):
        more = end + 1 + (tokens[end] == "&")
        if not _is_form(tokens[:more]):
            break
        end = more
    if not end:
        numbers = (place for place, one in enumerate(tokens) if place and one[0].isdigit())
        end = next(numbers, len(tokens))
    return " ".join(tokens[:end]), " ".join(tokens[end:])


def _is_form(tokens: Sequence[str]) -> bool:
    """Whether a name ends with a legal form, rightly written."""
    return tokens[-1] in _FORMS or _written_ending(_endings(tokens)) is not None


def _has_form(text: str) -> bool:
    """Whether a text ends with a legal form, rightly written."""
    tokens = _tokens(text)
    return len(tokens) > 1 and _is_form(tokens)


def _form_read(found: re.Match[str]) -> str:
    """A legal form at the end in which a scanner read a digit; what else it is, as it is."""
    read = (found.group().translate(one) for one in _READ_IN_FORM)
    return next((one for one in read if one in _FORMS), found.group())


def _is_letter(raw: Sequence[str], place: int) -> bool:
    return place < len(raw) and len(raw[place]) == 1 and raw[place].isalpha()


def _ending(tokens: Sequence[str]) -> tuple[int, str]:
    """How many words at the end are a legal form, and which; 0 where none are."""
    phrases = _endings(tokens)
    written = _written_ending(phrases)
    if written is not None:
        return written
    mistyped = [
        (*found, count) for count, glued in phrases if (found := _mistyped(glued, _PHRASES))
    ]
    if mistyped:
        _, form, count = min(mistyped)
        return count, _FORMS.get(form, form)
    last = _FORMS.get(tokens[-1]) or _FORMS.get(scanned(tokens[-1]))
    if last is None and (found := _mistyped(tokens[-1], _FORMS)):
        last = found[1]
    if last is not None:
        return 1, last
    return (1, "") if tokens[-1] in _JOINS_FORMS else (0, "")


def _endings(tokens: Sequence[str]) -> list[tuple[int, str]]:
    """The last words run together, the most first, with how many they are."""
    most = min(PHRASE_MAX, len(tokens) - 1)
    return [(count, "".join(tokens[-count:])) for count in range(most, 0, -1)]


def _written_ending(phrases: Sequence[tuple[int, str]]) -> tuple[int, str] | None:
    """How many words are a form of several words, rightly written, and which."""
    for count, glued in phrases:
        form = _PHRASES.get(glued)
        if form is None and count == GLUED and len(glued) <= GLUED_MAX:
            form = _FORMS.get(glued)
        if form is not None:
            return count, _FORMS.get(form, form)
    return None


def _mistyped(glued: str, forms: Mapping[str, str]) -> tuple[int, str] | None:
    """With how few typing errors a text is a legal form that is long enough to be known so."""
    allowed = sum(1 for length in FORM_ERRORS_FROM if len(glued) >= length)
    if not allowed:
        return None
    return min(
        (
            (errors, form)
            for written, form in forms.items()
            if len(written) >= FORM_ERRORS_FROM[0]
            and (errors := OSA.distance(glued, written, score_cutoff=allowed)) <= allowed
        ),
        default=None,
    )


def _words(tokens: Sequence[str]) -> Words:
    kept: list[str] = []
    tokens = told_once(tokens)
    for place, one in enumerate(tokens):
        following = tokens[place + 1] if place + 1 < len(tokens) else ""
        if one == "&" or (one in _NUMBER_MARK and following.isdigit()):
            continue
        if one in _BETWEEN and following and kept:
            continue
        if one == following:  # told twice, as a local union's number is
            continue
        kept.append(one)
    named = [one for one in kept if one not in _LEFT_AWAY] or kept
    found = tuple(canonical(one) for one in named)[:WORDS_MAX]
    return () if "".join(kept) in _NOBODY or all(one in _NOBODY for one in kept) else found


@lru_cache(CACHED)
def canonical(word: str) -> str:
    """A word written out, in the singular; a number in digits."""
    for _ in range(4):
        before = word
        word = _NUMBERS.get(word, word)
        word = _ABBREVIATIONS.get(word, word)
        word = _singular(word)
        if word == before:
            break
    return word


@lru_cache(CACHED)
def written(word: str) -> Words:
    """The short forms of which a canonical word is the long one; they may be mistyped too."""
    return _SHORT_FORMS.get(word, ())


def _singular(word: str) -> str:
    if len(word) < len("cars") or not word.endswith("s") or word[-2:] in ("ss", "us", "is"):
        return word
    return f"{word[:-3]}y" if word.endswith("ies") and len(word) > len("ties") else word[:-1]


@lru_cache(CACHED)
def is_form_mistyped(word: str) -> bool:
    """Whether a word is a legal form but for a typing error, or two letters too many."""
    return any(
        OSA.distance(word, form, score_cutoff=1) <= 1
        or (
            word[0] == form[0]
            and 0 < len(word) - len(form) <= len(form) - 1
            and _within(form, word)
        )
        for form in _USUAL_FORMS
        if len(form) > len("co")
    )


def _short_forms() -> Mapping[str, Words]:
    found: dict[str, list[str]] = {}
    for short in _ABBREVIATIONS:
        found.setdefault(canonical(short), []).append(short)
    return {word: tuple(sorted(forms)) for word, forms in found.items()}


_SHORT_FORMS = _short_forms()


def _within(form: str, word: str) -> bool:
    letters = iter(word)
    return all(letter in letters for letter in form)
