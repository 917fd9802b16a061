"""Where organisations are: campuses and floors without numbers, towns in columns, saints."""

from pathlib import Path

import pytest
from test_identity_organisation import org, together

from hub.identity import normalise
from hub.identity.dataset import load_records
from hub.identity.organisation_dataset import ORGANISATIONS
from hub.identity.organisation_names import words_level
from hub.identity.organisation_normalise import name_words

CAMPUS = {"street": "Southgate Campus", "postcode": "N14 6BS", "place": "London"}
NAME = "Zarnow Kralik College"


@pytest.mark.parametrize(
    ("told", "joined"),
    [
        ({"street": "Science Block Annexe"}, True),
        ({"street": "9 Elm Road"}, True),
        ({"street": ""}, True),
        ({"street": "", "place": "Enfield"}, True),
        ({"street": "9 Elm Road", "postcode": "EN1 1AA"}, False),
        ({"street": "Science Block Annexe", "postcode": "EN1 1AA"}, False),
    ],
)
def test_a_campus_has_many_names(told: dict[str, str], *, joined: bool) -> None:
    """A rare name at a rare postcode is one, unless both tell a house's number."""
    resolver = together(org(trade=NAME, **CAMPUS), org(trade=NAME, **{**CAMPUS, **told}))
    assert (resolver.entities["a"] == ("a", "b")) is joined


def test_a_usual_name_needs_more_than_a_postcode() -> None:
    """With seven more of its name; its town besides is enough."""
    for place, joined in (("", False), ("London", True)):
        both = [
            org(trade="City Cafe", **{**CAMPUS, "place": place, "street": street})
            for street in ("Southgate Campus", "Science Block Annexe")
        ]
        others = [
            org(trade="City Cafe", street=f"{n} Elm Rd", postcode=f"EN{n} 1AA", place="Enfield")
            for n in range(1, 8)
        ]
        assert (together(*both, *others).entities["a"] == ("a", "b")) is joined


@pytest.mark.parametrize(
    ("name", "streets", "postcode", "joined"),
    [
        ("Zarnow Kralik", ("", ""), "N14 6BS", True),
        ("Zarnow Kralik", ("", ""), "EN1 1AA", False),
        ("Zarnow Kralik", ("12 Oak St", "900 Elm Ave"), "N14 6BS", False),
        ("Zarnow Kralik Partners", ("", ""), "N14 6BS", False),
    ],
)
def test_a_name_that_begins_a_rare_one_at_its_postcode(
    name: str, streets: tuple[str, str], postcode: str, *, joined: bool
) -> None:
    """Enough where no house's number says more; not if it tells companies of a group apart."""
    one = org(trade="Zarnow Kralik Intelligence", **{**CAMPUS, "street": streets[0]})
    other = org(trade=name, **{**CAMPUS, "street": streets[1], "postcode": postcode})
    others = (org(trade=f"Petrov{n}", postcode=f"EN{n} 1AA", place="Enfield") for n in range(2, 9))
    resolver = together(one, other, *others)
    assert (resolver.entities["a"] == ("a", "b")) is joined


def test_a_short_word_mistyped_in_law_at_a_rare_postcode() -> None:
    """Enough where no house's number says more."""
    where = {**CAMPUS, "street": ""}
    others = (org(trade=f"Petrov{n}", postcode=f"EN{n} 1AA", place="Enfield") for n in range(2, 9))
    two = org(legal="ZK 2 Cloud Inc", **where), org(legal="K 2 Cloud Inc", **where)
    assert together(*two, *others).entities["a"] == ("a", "b")


@pytest.mark.parametrize("place", ["Walla Walla", "walla", "Walla Walla Walla Walla"])
def test_a_place_told_twice_is_told_once(place: str) -> None:
    """On both sides, also where it is called so."""
    assert normalise.place(place) == "walla"


def test_two_houses_of_one_postcode_are_two_shops() -> None:
    """A chain has some in one town."""
    shops = [
        org(trade=NAME, **{**CAMPUS, "street": street}) for street in ("12 Oak St", "900 Elm Ave")
    ]
    assert together(*shops).entities["a"] == ("a",)


@pytest.mark.parametrize(
    ("towns", "expected"),
    [
        (("Stourbridge", "Dudley", ""), [("stourbridge",), ("dudley",), ()]),
        (("", "", "Stourbridge"), [("oldswinford",), ("oldswinford",), ("stourbridge",)]),
    ],
)
def test_where_towns_have_a_column_no_place_stands_behind_a_street(
    tmp_path: Path, towns: tuple[str, ...], expected: list[tuple[str, ...]]
) -> None:
    """It is a part of a town, and no other town; where most rows tell none it is all there is."""
    path = tmp_path / "charities.csv"
    rows = [f'{NAME},"221 Hagley Road, Oldswinford",{town}\n' for town in towns]
    path.write_text("charity_name,address,town\n" + "".join(rows))
    records = load_records(path, {}, ORGANISATIONS).records
    assert [one.places for one in records.values()] == expected


def test_a_saint_is_a_street_where_both_are_abbreviated() -> None:
    """St Mary's became Street Mary's where a program wrote abbreviations out."""
    told = [name_words(f"{one} Mary's School") for one in ("St", "Saint", "Street", "St.")]
    assert {words_level(told[0], one) if one != told[0] else "same" for one in told} == {"same"}


@pytest.mark.parametrize("other", ["name", "title"])
def test_a_bare_name_beside_that_of_the_company_is_anothers(tmp_path: Path, other: str) -> None:
    """Of whom to write to, or of what was asked for."""
    path = tmp_path / "firms.csv"
    path.write_text(f"{other},company_name\nMaria Garcia,Zarnow Fisheries Inc\n")
    found = load_records(path, {}, ORGANISATIONS)
    assert found.columns == {"name": "company_name"}
    path.write_text(f"{other},town\nZarnow Fisheries Inc,Aurora\n")
    assert load_records(path, {}, ORGANISATIONS).columns["name"] == other
