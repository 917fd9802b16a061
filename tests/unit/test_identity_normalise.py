"""Normalising: what people write is made comparable, and placeholders are unknown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.identity import dates, normalise
from hub.identity.names import agreement
from hub.identity.record import Address, Name
from hub.identity.weigh import email_level

text = st.text(max_size=40)


@given(text)
def test_normalising_again_changes_nothing(value: str) -> None:
    """Each function gives what it was given, where that is its own result."""
    for function in (normalise.plain, normalise.identifier, normalise.email, normalise.postcode):
        once = function(value)
        assert once is None or function(once) == once
    place = normalise.place(value)
    assert place is None or normalise.place(place) == place
    tokens = normalise.name_tokens(value)
    assert not tokens or normalise.name_tokens(" ".join(tokens)) == tokens
    phone = normalise.phone(value)
    assert phone is None or normalise.phone(phone) == phone


@given(st.dates().map(str))
def test_a_date_stays_one(value: str) -> None:
    """ISO dates are taken as they are, but for default dates."""
    found = normalise.birth(value)
    assert found in (value, None)
    assert (found is None) == (value in normalise.DEFAULT_DATES)


@pytest.mark.parametrize(
    ("written", "day_first", "expected"),
    [
        ("03/04/1980", False, "1980-03-04"),
        ("03/04/1980", True, "1980-04-03"),
        ("19800304", False, "1980-03-04"),
        ("03041980", False, "1980-03-04"),
        ("3001-19-66", False, "1966-01-30"),
        ("1900-01-01", False, None),
        ("unknown", False, None),
    ],
)
def test_dates_of_birth(written: str, *, day_first: bool, expected: str | None) -> None:
    """Each agency's order of day and month; digits run together or into the wrong places."""
    assert normalise.birth(written, day_first=day_first) == expected


@pytest.mark.parametrize(
    ("given_name", "surname", "expected"),
    [
        ("Dr. María José", "O\u2019Neil-Smith Jr.", Name(("maria", "jose"), ("oneil", "smith"))),
        ("帅", "黄", Name(("shuai",), ("huang",))),
        ("RESPONDENT", "Garcia", Name((), ("garcia",))),
        ("unknown", "N/A", None),
    ],
)
def test_names(given_name: str, surname: str, expected: Name | None) -> None:
    """Titles, suffixes, marks and scripts are taken off; a role is no name."""
    assert normalise.name(given_name, surname) == expected


def test_names_in_one_field() -> None:
    """With a comma the surname is first, without it last."""
    assert normalise.full_name("GARCIA, Maria") == Name(("maria",), ("garcia",))
    assert normalise.full_name("Maria Garcia") == Name(("maria",), ("garcia",))


@pytest.mark.parametrize(
    ("street", "number", "expected"),
    [
        ("12 North Oak Street Apt 3B", None, Address("12", "n oak st")),
        ("Oak St.", "12", Address("12", "oak st")),
        ("P.O. Box 441", None, Address("441", "pobox")),
    ],
)
def test_addresses(street: str, number: str | None, expected: Address) -> None:
    """Number and street, in the usual short forms; the unit is left away."""
    assert normalise.address(street, number) == expected


@pytest.mark.parametrize("value", ["000-00-0000", "123456789", "999999999", "12"])
def test_placeholders_are_no_numbers(value: str) -> None:
    """Repeated and counting digits identify nobody."""
    assert normalise.identifier(value) is None


def test_telephone_numbers_are_one_however_written() -> None:
    """To E.164; a number of one digit is none."""
    assert {
        normalise.phone(one) for one in ("(907) 743-6858", "+1 907 743 6858", "9077436858")
    } == {"+19077436858"}
    assert normalise.phone("5550000000") is None


def test_names_agree_token_by_token() -> None:
    """Swapped parts, nicknames, typing errors, initials and words cut elsewhere; and conflicts."""
    one = Name(("robert",), ("smith",))
    assert agreement(one, Name(("smith",), ("robert",))).exact == ("robert", "smith")
    assert agreement(one, Name(("bob",), ("smith",))).nickname == 1
    assert agreement(one, Name(("robrt",), ("smith",))).fuzzy == 1
    assert agreement(one, Name(("r",), ("smith",))).initial == 1
    assert agreement(one, Name(("olga",), ("smith",))).other_given
    assert agreement(one, Name(("robert",), ("nowak",))).other_surname
    assert agreement(Name((), ("vandam",)), Name((), ("van", "dam"))).fuzzy == 1


def test_levels_of_dates_and_addresses_of_e_mail() -> None:
    """Day and month swapped are near; namesakes' addresses, which differ by digits, are not."""
    assert dates.level("1980-03-04", "1980-04-03") == "near"
    assert dates.level("1980-03-04", "1981-03-04") == "near"
    assert dates.level("1980-03-04", "1980-03-15") == "two_parts"
    assert dates.level("1980-03-04", "1952-11-20") == "other"
    assert email_level("jo.smith7@a.example", "jo.smith@a.example") == "other"
    assert email_level("jo.smith@a.example", "jo.smiht@a.example") == "near"
    assert email_level("jo.smith@a.example", "jo.smith@b.example") == "user"
