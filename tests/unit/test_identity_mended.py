"""Texts that programs spoilt on their way are read as they were meant."""

import html

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.identity import normalise
from hub.identity.mended import mended
from hub.identity.record import Name

LETTERS = st.text(st.characters(categories=("L",), max_codepoint=0xFFFF), max_size=30)


def misread(text: str) -> str:
    """UTF-8 as a program shows it that takes it for Windows-1252, as browsers do."""
    signs = (bytes((one,)) for one in text.encode())
    return "".join(one.decode("cp1252", "ignore") or one.decode("latin-1") for one in signs)


@pytest.mark.parametrize(
    ("spoilt", "meant"),
    [
        ("Jos\u00c3\u00a9 Garc\u00c3\u00ada", "Jos\u00e9 Garc\u00eda"),
        ("PE\u00c3\u2018A", "PE\u00d1A"),
        ("O&#39;Brien", "O'Brien"),
        ("Smith &amp; Sons", "Smith & Sons"),
        ("Smith &amp;amp; Sons", "Smith & Sons"),
        ("&#x4F;tto", "Otto"),
        ("\u00c5ngstr\u00f6m", "\u00c5ngstr\u00f6m"),
        ("AT&T; Inc", "AT&T; Inc"),
        ("R&copy Ltd", "R&copy Ltd"),
        ("\u9ec4\u5e05", "\u9ec4\u5e05"),
        ("&#55296;", "\ufffd"),
        ("12 Oak St 12 Oak St", "12 Oak St"),
        (" Ivo Kral Ivo Kral Ivo Kral Ivo Kral ", "Ivo Kral"),
        ("60505 60505", "60505"),
        ("Garcia Garcia", "Garcia Garcia"),
        ("12 Oak St 12 Oak Ave", "12 Oak St 12 Oak Ave"),
        ("Ivo Ivo Ivo", "Ivo Ivo Ivo"),
        ("60505  60505", "60505  60505"),
        ("6050560505", "6050560505"),
    ],
)
def test_texts_are_read_as_they_were_meant(spoilt: str, meant: str) -> None:
    """Bytes taken for signs, references of web pages, also twice, and what was pasted once more."""
    assert mended(spoilt) == meant


@given(LETTERS)
def test_what_was_misread_once_or_twice_is_what_it_was(text: str) -> None:
    """Of any letters of any script, and of references to all that web pages tell by one."""
    meant = mended(text)
    assert mended(misread(meant)) == meant
    assert mended(misread(misread(meant))) == meant
    assert mended(html.escape(f"<{meant}> & 'co'")) == f"<{meant}> & 'co'"


@given(st.text(max_size=40))
def test_any_text_is_mended_once(text: str) -> None:
    """Nothing breaks, nothing grows, and plain text stays but for what is told twice."""
    found = mended(text)
    assert len(found) <= len(text)
    if text.isascii() and "&" not in text and found != text:
        often = (len(text.strip()) + 1) // (len(found) + 1)
        assert " ".join([found] * often) == text.strip()


@given(st.text("Ivo 12", max_size=6).map(lambda text: f"1{text}".strip()), st.integers(0, 3))
def test_what_is_told_twice_is_told_once(text: str, times: int) -> None:
    """However often it was doubled; mended again it stays."""
    told = text
    for _ in range(times):
        told = f"{told} {told}"
    assert mended(told) == mended(text) == mended(mended(text))


def test_names_and_addresses_of_spoilt_texts() -> None:
    """All that is normalised is mended first."""
    assert normalise.full_name("Jos\u00c3\u00a9 O&#39;Brien") == Name(("jose",), ("obrien",))
    assert normalise.place("M\u00c3\u00bcnchen") == "munchen"
