"""Names of businesses cut off, or missing, and what stands beside them."""

import pytest
from test_identity_organisation import org, together

from hub.identity.organisation_cut import are_initials, breaks_off, is_cut_off
from hub.identity.organisation_levels import address_level
from hub.identity.organisation_names import words_level
from hub.identity.record import Address

HOUSE = {"street": "12 Oak St", "postcode": "60505", "place": "Aurora"}


@pytest.mark.parametrize(
    ("initials", "words", "same"),
    [
        ("zf", ("zarnow", "fishery"), True),
        ("zlf", ("zarnow", "fishery"), True),
        ("zdlf", ("zarnow", "fishery"), False),
        ("zxf", ("zarnow", "fishery"), False),
        ("zfl", ("zarnow", "fishery"), True),
        ("lzf", ("zarnow", "fishery"), False),
        ("zdfo", ("zarnow", "fishery", "office"), True),
        ("zodf", ("zarnow", "fishery", "office"), False),
    ],
)
def test_initials_may_be_told_of_small_words_too(
    initials: str, words: tuple[str, ...], *, same: bool
) -> None:
    """As those of Societe Le Havre are SLH; not so many, not first, and no other letters."""
    assert are_initials((initials,), words) is same


@pytest.mark.parametrize(
    ("short", "words", "cut", "within"),
    [
        ("zarnowfish", ("zarnow", "fishery"), True, True),
        ("zarnow", ("zarnow", "fishery"), True, False),
        ("zarn", ("zarnow", "fishery"), True, True),
        ("zf", ("zarnow", "fishery"), True, True),
        ("zarnowoff", ("zarnow", "fishery", "office"), True, True),
        ("zarnowfishery", ("zarnow", "fishery", "office"), True, False),
        ("fish", ("zarnow", "fishery"), False, False),
        ("zarnowx", ("zarnow", "fishery"), False, False),
        ("zf", ("zarnowfishery",), True, False),
        ("zx", ("zarnowfishery",), False, False),
        ("fz", ("zarnowfishery",), False, False),
        ("zw", ("zarnow",), False, False),
        ("za", ("zarnow",), True, True),
        ("zarnofishe", ("zarnowfishery",), False, False),
    ],
)
def test_a_name_is_cut_off_and_where(
    short: str, words: tuple[str, ...], *, cut: bool, within: bool
) -> None:
    """In one word of beginnings, within a word or behind one; initials of what was closed up."""
    assert is_cut_off((short,), words) is is_cut_off(words, (short,)) is cut
    assert breaks_off((short,), words) is breaks_off(words, (short,)) is within


def test_what_is_cut_within_a_word_leaves_no_word_away() -> None:
    """`Partners` tells companies apart where it is missing, not where it is cut off."""
    assert words_level(("zarnow", "partner"), ("zarnowpar",)) == "short"
    assert words_level(("zarnow",), ("zarnow", "partner")) == "sibling"
    assert words_level(("american", "kralik"), ("americankra",)) == "short"


def test_a_word_that_says_the_trade_is_no_legal_form_mistyped() -> None:
    """An inn is not Inc; its initial is told."""
    assert words_level(("zi",), ("zarnow", "inn")) == "near"
    assert words_level(("zarnow", "ink"), ("zarnow",)) == "near"


@pytest.mark.parametrize("short", ["ZarnowPar", "ZP", "Zarnow Partners"])
def test_a_name_closed_up_and_cut_off_is_ones_own_at_the_same_premises(short: str) -> None:
    """Also where its initials are told beside it; elsewhere it is another's."""
    whole = org(trade="Zarnow Partners", **HOUSE)
    resolver = together(whole, org(trade=short, **HOUSE), org(trade="ZarnowPartners", **HOUSE))
    assert resolver.entities["a"] == ("a", "b", "c")
    elsewhere = org(trade=short, **{**HOUSE, "street": "900 Elm Ave"})
    assert together(whole, elsewhere).entities["a"] == ("a",)


@pytest.mark.parametrize(
    ("told", "other", "joined"),
    [
        ({"place": "Aurora"}, {"place": "Aurora"}, True),
        ({"place": "Aurora"}, {"place": "Auorra"}, True),
        ({"place": "Aurora"}, {"place": "Tulsa"}, False),
        ({"place": "Aurora", "street": "12 Oak St"}, {"place": "Tulsa"}, False),
        ({"place": "Aurora"}, {"place": "Tulsa", "phone": "3128675301"}, True),
    ],
)
def test_a_trade_name_in_two_towns_is_two_businesses(
    told: dict[str, str], other: dict[str, str], *, joined: bool
) -> None:
    """Also where a record has a town and no address, unless something else reaches both."""
    phone = {name: value for name, value in other.items() if name == "phone"}
    resolver = together(
        org(trade="Zarnow Fisheries", **told, **phone), org(trade="Zarnow Fisheries", **other)
    )
    assert resolver.explain("a", "b").together is joined


@pytest.mark.parametrize(
    ("number", "level"), [("8370", "near"), ("370", "door"), ("8360", "door"), ("9170", "part")]
)
def test_a_number_with_a_wrong_digit_may_be_the_same(number: str, level: str) -> None:
    """On the same street; short numbers differ by a digit anyway."""
    street = "oak st"
    assert address_level(Address("8370", street), Address(number, "oack st")) == level
    assert address_level(Address("12", street), Address("82", street)) == "part"


def test_a_number_and_a_name_that_is_cut_off_are_enough() -> None:
    """Nothing else of the two agrees; the number with no name in common is the agent's."""
    licence = {"licence": "b1234567"}
    whole = org(trade="Zarnow Fisheries", place="Aurora", **licence)
    resolver = together(whole, org(trade="Zar", place="Aurora", **licence))
    assert resolver.entities["a"] == ("a", "b")
    other = together(whole, org(trade="Blue Door", place="Aurora", **licence))
    assert other.explain("a", "b").refusal == "only_a_number"


@pytest.mark.parametrize(
    ("known", "told", "refusal"),
    [
        ({"legal": "Zarnow Inc"}, {}, None),
        ({"trade": "Red Kettle"}, {}, None),
        ({"trade": "Red Kettle"}, {"street": "14 Oak St"}, "other_name"),
        ({"trade": "Red Kettle"}, {"postcode": ""}, "other_name"),
        ({}, {}, "other_name"),
        ({"phone": "3128675301"}, {"phone": "3128675301"}, None),
    ],
)
def test_who_tells_no_name_is_who_is_known_there(
    known: dict[str, str], told: dict[str, str], refusal: str | None
) -> None:
    """At the same premises, or by the same telephone; not next door, and not two without a name."""
    resolver = together(org(**HOUSE, **known), org(**{**HOUSE, **told}))
    found = resolver.explain("a", "b")
    assert found.refusal == refusal
    assert found.together is (refusal is None)


def test_who_tells_no_name_where_two_are_known_is_neither() -> None:
    """Tenants of one landlord: nothing tells whose record it is."""
    tenants = [org(legal=legal, **HOUSE) for legal in ("Zarnow Inc", "Petrov Grill LLC")]
    resolver = together(*tenants, org(**HOUSE))
    assert resolver.entities["c"] == ("c",)
