"""What a scanner or a hand reads for something else: letters, digits and signs, read back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.identity import dates, normalise
from hub.identity.levels import place_level
from hub.identity.name_words import alike, scanned
from hub.identity.organisation_names import alike as alike_words
from hub.identity.organisation_names import words_level
from hub.identity.organisation_normalise import legal_name
from hub.identity.record import Name


@pytest.mark.parametrize(
    ("given_name", "surname", "expected"),
    [
        ("Ro8ert", "Br0wn", Name(("robert",), ("brown",))),
        ("2ara", "Mar7in", Name(("ara",), ("martin",))),
        ("5usan", "0akes", Name(("susan",), ("oakes",))),
        ("Ro1>ert", "Fi|es", Name(("robert",), ("files",))),
        ("1>ella", "Da:sy", Name(("bella",), ("daisy",))),
        ("Ann|", "|ee", Name(("annl",), ("lee",))),
    ],
)
def test_digits_and_signs_inside_names_are_letters(
    given_name: str, surname: str, expected: Name
) -> None:
    """At the beginning only those that look most like letters; others are left away."""
    assert normalise.name(given_name, surname) == expected


def test_codes_name_nobody() -> None:
    """As programs make up for guests: three digits among letters, eight signs and more."""
    assert normalise.name("Guest", "anon55b1e0b4d3") is None
    assert normalise.name("a1b2c3d4", "Roe") == Name((), ("roe",))
    assert normalise.name("R0b1n50n", "") is None
    assert normalise.name("R0b1n50", "Roe") != Name((), ("roe",))


@given(st.text("abciol1058|:!> ", max_size=12))
def test_names_that_were_read_stay(value: str) -> None:
    """Reading them again changes nothing."""
    tokens = normalise.name_tokens(value)
    assert not tokens or normalise.name_tokens(" ".join(tokens)) == tokens


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("6o5O1", "60501"),
        ("|0001", "10001"),
        ("2o17g", "20179"),
        ("6O5O", "6o5o"),
        ("sw1a1", "sw1a1"),
        ("k1a0b", "k1a0b"),
        ("60501-1234", "60501"),
        ("123x5", "123x5"),
    ],
)
def test_letters_in_postcodes_of_five_digits_are_digits(written: str, expected: str) -> None:
    """Where three are digits and the letters look like some: a British one has its own letters."""
    assert normalise.postcode(written) == expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("198o-o3-l2", "1980-03-12"),
        ("l2/31/1g8O", "1980-12-31"),
        ("i961", "1961"),
        ("Sept 4 1980", "1980-09-04"),
        ("4 Oct 1980", "1980-10-04"),
        ("soil", None),
    ],
)
def test_letters_in_dates_are_digits(written: str, expected: str | None) -> None:
    """Where that makes a date of it; names of months are no digits."""
    assert dates.birth(written) == expected


def test_letters_a_scanner_takes_for_one_another_are_one() -> None:
    """Rn and m, cl and d, li and h: of people, places and businesses."""
    for a, b in (("emily", "crnily"), ("claude", "daude"), ("kevin", "kcvin"), ("hal", "lial")):
        assert (scanned(a) == scanned(b)) == (a in ("claude", "hal")), (a, b)
    assert alike("hal", "lial") == alike("amy", "arny") == "fuzzy"
    assert alike("hal", "lisl") is None
    assert place_level("bern", "bem") == "near"
    assert place_level("bern", "bonn") == "other"
    assert alike_words("corn", "com")
    assert not alike_words("corn", "cobs")


def test_letters_in_another_order_are_the_same_word() -> None:
    """But for one that is lost; of names of three letters and fewer too many are made of them."""
    for one, other in (("harry", "yarh"), ("francesca", "nfraccesa"), ("lewis", "wlis")):
        assert alike(one, other) == alike(other, one) == "fuzzy", one
    assert alike("harry", "yrh") is None
    assert alike("eva", "vae") is None
    assert alike("amos", "mson") is None
    assert place_level("london", "nodoln") == place_level("bolton", "blotn") == "near"
    assert place_level("bern", "nerb") == "other"


def test_two_errors_in_a_long_place_are_forgiven() -> None:
    """One in a shorter one, none in a short one."""
    assert place_level("oakland", "pqkland") == "near"
    assert place_level("denver", "benvur") == place_level("york", "cork") == "other"
    assert place_level("denver", "benver") == "near"


def test_legal_forms_are_known_when_misread() -> None:
    """Ltcl is ltd."""
    found = legal_name("Zorn Foods Ltcl")
    assert found is not None
    assert (found.words, found.form) == (("zorn", "food"), "ltd")


def test_trade_names_with_a_legal_form_mistyped_at_the_end_are_near() -> None:
    """Told as if it were a word of the name, on one side or on both."""
    one, other = ("zorn", "food"), ("zorn", "food", "llx")
    assert words_level(one, other) == words_level(("zorn", "food", "lxc"), other) == "near"
    assert words_level(one, ("zorn", "food", "north")) != "near"
