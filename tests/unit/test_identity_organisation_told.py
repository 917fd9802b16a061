"""What stands beside a name and is none of it: numbers, what became of it, names before."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_identity_organisation import org, together

from hub.identity.organisation_names import words_level
from hub.identity.organisation_normalise import Told, legal_name, name_words, names_in
from hub.identity.organisation_record import LegalName

AURORA = {"street": "12 Oak St", "postcode": "60505", "place": "Aurora"}


@pytest.mark.parametrize(
    "behind",
    [
        "(Registered Charity No. 1101234)",
        "Reg. Charity 1101234",
        "- Co Reg No 01234567",
        "(Company Number: SC123456)",
        "ABN 12 345 678 901",
        "[HRB 12345]",
        "P.IVA 01234567890",
        "EIN 12-3456789",
        "(in liquidation)",
        "- in administration",
        "(Closed)",
        ", dissolved",
        "(Reg. No. 1101234) (in receivership)",
    ],
)
def test_numbers_and_what_became_of_it_are_no_part_of_a_name(behind: str) -> None:
    """Behind it, in brackets or not."""
    assert names_in(f"Zarnow Hospice {behind}") == Told("zarnow hospice", ())


@pytest.mark.parametrize(
    "name",
    ["zarnow store no. 25", "zarnow store #123", "zarnow charity shop 12", "studio 54321",
     "the closed", "zarnow dissolved", "company 12345", "zarnow in liquidation sales"],
)  # fmt: skip
def test_what_a_business_is_called_stays(name: str) -> None:
    """Numbers of shops, and words that are its own."""
    assert names_in(name).first == name


@pytest.mark.parametrize(
    "between",
    [" formerly ", ", formerly known as ", " (previously ", " f/k/a ", " F.K.A. ", " fka "],
)
@pytest.mark.parametrize("column", ["legal", "name"])
def test_a_former_name_is_one_in_law(between: str, column: str) -> None:
    """Who tells it alone, from before, is the same at the same premises."""
    told = org(**{column: f"Zarnow Fisheries Ltd{between}Kralik Ltd"}, **AURORA)
    assert told.legal_names == (
        LegalName(("zarnow", "fishery"), "ltd"),
        LegalName(("kralik",), "ltd"),
    )
    resolver = together(told, org(legal="Kralik Ltd", **AURORA))
    assert resolver.entities["a"] == ("a", "b")


def test_a_name_beside_it_is_no_former_one() -> None:
    """Another company at the premises of one with that trade name is another."""
    told = org(legal="Zarnow Fisheries Ltd dba Kralik Ltd", **AURORA)
    resolver = together(told, org(legal="Kralik Ltd", **AURORA))
    assert resolver.entities["a"] == ("a",)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Zarnow Gesellschaft mbH & Co.KG", LegalName(("zarnow",), "kg")),
        ("Zarnow Ges.m.b.H.", LegalName(("zarnow",), "gmbh")),
        ("Zarnow GmbH u. Co. KG", LegalName(("zarnow",), "kg")),
        ("Zarnow GmbH i.L.", LegalName(("zarnow",), "gmbh")),
        ("Zarnow S.r.l. a socio unico", LegalName(("zarnow",), "srl")),
        ("Zarnow SpA societa unipersonale", LegalName(("zarnow",), "srl")),
        ("Zarnow Gesellschaft", LegalName(("zarnow", "gesellschaft"), "")),
        ("Zarnow Zarnow", LegalName(("zarnow",), "")),
        ("Zarnow Kralik Zarnow Kralik", LegalName(("zarnow", "kralik"), "")),
        ("Zarnow Ltd Zarnow", LegalName(("zarnow",), "ltd")),
        ("Zarnow Kralik Inc Zarnow Kralik Co", LegalName(("zarnow", "kralik"), "inc")),
        ("Zarnow Foods Ltd Zarnow", LegalName(("zarnow", "food", "ltd", "zarnow"), "")),
        ("Zarnow Gesellschaft mbH and Co. KG", LegalName(("zarnow",), "kg")),
        ("Zarnow (P) Ltd", LegalName(("zarnow",), "ltd")),
        ("Zarnow & Zarnow", LegalName(("zarnow", "zarnow"), "")),
        ("Zarnow and Zarnow LLP", LegalName(("zarnow", "zarnow"), "lp")),
    ],
)
def test_forms_in_full_and_words_told_twice(text: str, expected: LegalName) -> None:
    """Partners of one name are two."""
    assert legal_name(text.lower()) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Zarnow Pty Ltd as trustee for the Kralik Family Trust",
            Told("zarnow pty ltd", ("kralik family trust",)),
        ),
        ("Zarnow Pty Ltd ATF Kralik Trust", Told("zarnow pty ltd", ("kralik trust",))),
        ("The Trustee for Kralik Trust", Told("kralik trust", ())),
        ("The Trustees of the Zarnow College", Told("zarnow college", ())),
        ("Trustee Services", Told("trustee services", ())),
    ],
)
def test_who_holds_a_trust_and_the_trust(text: str, expected: Told) -> None:
    """Two names of one, as if it traded as the other."""
    assert names_in(text) == expected


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        ("zarnow mobile satcom", "zarnow mobile satcm", "near"),
        ("zarnow", "zarnow ltx", "near"),
        ("zarnow satcom", "zarnow ltx", "short"),
    ],
)
def test_a_mistyped_word_is_no_mistyped_form_if_the_other_has_it(
    one: str, other: str, level: str
) -> None:
    """Sa with three letters more is a word here."""
    assert words_level(*sorted((name_words(one), name_words(other)))) == level


@given(st.text(max_size=60))
def test_any_text_holds_no_more_than_it_says(text: str) -> None:
    """Names are cut out of it, and none is empty but the first."""
    found = names_in(text)
    assert all((*found.others, *found.former))
    assert sum(map(len, (found.first, *found.others, *found.former))) <= 2 * len(text)


@pytest.mark.timeout(20)
@pytest.mark.parametrize("part", ["co ", "no. ", "1 ", "- ", "(", "reg no 1 "])
def test_no_text_takes_long(part: str) -> None:
    """Whatever is repeated."""
    for _ in range(20):
        names_in(part * 50_000)


@pytest.mark.parametrize("text", ["M/s Zarnow Foods", "M/S. Zarnow Foods", "Messrs. Zarnow Foods"])
def test_messrs_is_no_word_of_a_name(text: str) -> None:
    """As offices in India write before the name of each firm."""
    assert names_in(text).first == "zarnow foods"
    assert names_in("MS Zarnow").first == "ms zarnow"
