"""Texts that programs spoilt on their way, as they were meant.

Three things happen to names and addresses between systems: UTF-8 is read as Windows-1252
(GarcÃ­a), signs are told as web pages write them (O&#39;Brien, Smith &amp; Sons), sometimes twice,
and what was pasted once more is told twice (12 Oak St 12 Oak St).
"""

import re
from collections.abc import Sequence
from html import unescape

_REFERENCE = re.compile(r"&(?:#\d{1,6}|#[xX][\da-fA-F]{1,5}|amp|quot|apos|lt|gt|nbsp);")
_TIMES_MAX = 3
"""So many times a text is taken to have been spoilt at most."""
_FIRST_BYTES = re.compile(r"[\u00c2-\u00f4]")
"""What the first byte of a letter in UTF-8 is read as."""


def mended(text: str) -> str:
    """A text without references of web pages, with letters for the signs of their bytes, once."""
    for _ in range(_TIMES_MAX):
        before = text
        if "&" in text:
            text = _REFERENCE.sub(lambda found: unescape(found.group()), text)
        if not text.isascii() and _FIRST_BYTES.search(text):
            text = _as_utf8(text)
        if text == before:
            break
    return _told_once(text)


def _told_once(text: str) -> str:
    """A text that is told twice, or twice as often, once.

    But for a word of letters, which may be a name that is told as it should be: Garcia Garcia.
    """
    words = text.strip().split(" ")
    once = told_once(words, names=True)
    return " ".join(once) if len(once) < len(words) else text


def told_once(words: Sequence[str], *, names: bool = False) -> Sequence[str]:
    """Words that are told twice, or twice as often, once: also a single one, Walla Walla.

    But for a single one of letters where it may be one of the `names` of somebody.
    """
    half = len(words) // 2
    while half and words[:half] == words[half:]:
        if names and half == 1 and words[0].isalpha():
            break
        words = words[:half]
        half = len(words) // 2
    return words


def _as_utf8(text: str) -> str:
    """What a text's bytes in Windows-1252 are in UTF-8; the text itself where they are not."""
    try:
        return b"".join(map(_byte, text)).decode()
    except UnicodeError:
        return text


def _byte(sign: str) -> bytes:
    try:
        return sign.encode("cp1252")
    except UnicodeEncodeError:
        return sign.encode("latin-1")  # what has no sign there is told as its number
