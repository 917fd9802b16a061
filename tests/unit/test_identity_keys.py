"""Keys under which records are looked for: who tells little is found by what errors leave."""

import pytest
from people import record

from hub.identity.dataset import record as read
from hub.identity.keys import STRONG, keys
from hub.identity.kind import ENOUGH
from hub.identity.organisation_dataset import record as organisation
from hub.identity.organisation_keys import STRONG as ORGANISATION_STRONG
from hub.identity.organisation_keys import keys as organisation_keys
from hub.identity.person import PERSON
from hub.identity.record import PersonRecord

ENDS = {"ends", "name-start", "name-end", "start-where", "end-where"}


def little(given: str, surname: str, **told: str) -> PersonRecord:
    """Somebody of whom a name and a postcode is known, or what else is told."""
    made = record(given, surname, **{"birth": "", "street": "", "phone": ""} | told)
    return made._replace(postcodes=("60501",))


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (("Robert", "Nowak"), ("Xobert", "Mowak")),
        (("Robert", "Nowak"), ("Roxert", "Noxak")),
        (("Robert", "Nowak"), ("Nowxk", "Xobert")),
    ],
)
def test_errors_in_both_names_leave_ends_by_which_they_are_found(
    a: tuple[str, str], b: tuple[str, str]
) -> None:
    """Neither the sounds nor the beginnings are the same any more."""
    one, other = little(*a), little(*b)
    shared = {key[0] for key in keys(one) & keys(other)}
    assert shared - {"post"}, "a postcode alone is shared by too many"
    assert shared <= {*ENDS, "post"}


@pytest.mark.parametrize(
    ("one", "other", "by"),
    [
        (
            {"given": "Emily", "surname": "Lacerda"},
            {"given": "Emmy", "surname": "Lacerda"},
            "short",
        ),
        ({"given": "Polly", "surname": "Cobb"}, {"given": "Mary", "surname": "Cobb"}, "short"),
        (
            {"given": "Constance", "middle": "Beth", "surname": "Hussein"},
            {"middle": "B", "surname": "Hussein", "birth": "1932-07-06"},
            "name-middle",
        ),
        (
            {"given": "Scott", "middle": "T", "surname": "Grand", "birth": "1959-05-17"},
            {"middle": "Tom", "birth": "1959-05-17"},
            "birth-middle",
        ),
    ],
)
def test_who_tells_little_is_found_where_a_part_of_the_name_is_missing_or_short(
    one: dict[str, str], other: dict[str, str], by: str
) -> None:
    """By the initial of the middle name; by what a given name is short for. Either is enough."""
    shared = {key[0] for key in keys(read(one)) & keys(read(other))}
    assert by in shared
    assert by in STRONG
    whole = {"birth": "1980-03-04", "phone": "(312) 867-5301"}
    assert by not in {key[0] for key in keys(read({**one, **whole}))}


@pytest.mark.parametrize(
    ("more", "count"),
    [
        ({}, 2),
        ({"postcode": "60501"}, 0),
        ({"birth": "1980"}, 0),
        ({"street": "12 Oak St"}, 0),
    ],
)
def test_one_name_and_one_place_are_not_told_twice(more: dict[str, str], count: int) -> None:
    """Both ends of a place are looked for where nothing else is told, else neither.

    Of one name and one place alike there would be two keys, enough to be compared: everybody of a
    town with everybody whose name begins alike.
    """
    one, other = (
        read({"given": given, "surname": surname, "place": "Springfield", **more})
        for given, surname in (("Robert", "Nowak"), ("Robbin", "Garcia"))
    )
    shared = [key for key in keys(one) & keys(other) if key[0] == "start-where"]
    by_place = [key for key in shared if key[2] in ("spri", "ield")]
    assert len(by_place) == count


@pytest.mark.parametrize(
    ("one", "other", "found"),
    [
        (("Benoit", "Sanchez"), ("Ebonit", "Nsachez"), True),
        (("Belinda", "Waluyo"), ("Belindaw", "Aluyo"), True),
        (("Benoit", "Sanchez"), ("Benoit", "Sanches"), False),
        (("Amy", "Ross"), ("May", "Ross"), False),  # too short
        (("", "Sanchezbenoit"), ("Benoit", "Sanchez"), False),  # one word has its letters alone
    ],
)
def test_names_of_the_same_letters_are_found(
    one: tuple[str, str], other: tuple[str, str], *, found: bool
) -> None:
    """In whatever order they are, and wherever a word ends."""
    shared = {key[0] for key in keys(record(*one)) & keys(record(*other))}
    assert ("letters" in shared) == found
    assert "letters" in STRONG


def test_a_day_that_stands_for_a_year_is_nothing_in_common() -> None:
    """Those who tell 1 January share no key by it, however little they tell; by a month they do."""
    for day, by in (("01-01", set()), ("03-04", {"name-day", "start-day"})):
        one, other = (little("Robert", "Nowak", birth=f"{year}-{day}") for year in (1980, 1991))
        assert {key[0] for key in keys(one) & keys(other) if day in key} == by
    one, other = (little("Robert", name, birth="1980-01-01") for name in ("Nowak", "Garcia"))
    assert {"birth", "start-month", "name-year"} <= {key[0] for key in keys(one) & keys(other)}


def test_who_tells_a_birthday_and_a_contact_needs_no_keys_by_ends() -> None:
    """They cost, and what else is told finds the record."""
    whole = little("Robert", "Nowak", birth="1980-03-04", phone="(312) 867-5301")
    assert not ENDS & {key[0] for key in keys(whole)}
    for less in ({"phone": "(312) 867-5301"}, {"birth": "1980-03-04"}, {"birth": "1980"}):
        assert {key[0] for key in keys(little("Robert", "Nowak", **less))} >= ENDS
    assert PERSON.strong_keys == STRONG


def test_businesses_are_found_by_ends_of_words_beside_parts_of_where_they_are() -> None:
    """By the whole name's ends where nothing else is told."""
    one = organisation({"legal": "Zorn Fisheries", "phone": "(312) 867-5301"})
    other = organisation({"legal": "Xorn Fizheries", "phone": "(312) 867-0000"})
    shared = {key[0] for key in organisation_keys(one) & organisation_keys(other)}
    assert shared == {"end-where"}
    alone = organisation_keys(organisation({"legal": "Zorn Fisheries"}))
    mistyped = organisation_keys(organisation({"legal": "Zxrn Fisheries"}))
    assert "end" in {key[0] for key in alone & mistyped}
    assert not {"start", "end", "both"} & {key[0] for key in organisation_keys(one)}


def near(one: dict[str, str], other: dict[str, str]) -> int:
    """The strength of the keys that two businesses share."""
    shared = organisation_keys(organisation(one)) & organisation_keys(organisation(other))
    return sum(2 if key[0] in ORGANISATION_STRONG else 1 for key in shared)


def test_one_end_of_a_word_in_one_town_is_not_enough() -> None:
    """Postcode and town are one thing; a word alike at both ends, or two words, are more."""
    town = {"postcode": "60501", "place": "Springfield"}
    assert near({"trade": "Zornhill", **town}, {"trade": "Zorbcreek", **town}) < ENOUGH
    assert near({"trade": "Zornhill", **town}, {"trade": "Zornxill", **town}) >= ENOUGH
    assert near({"trade": "Zorn Barelli", **town}, {"trade": "Zomn Barexxi", **town}) >= ENOUGH


def test_what_hundreds_say_of_themselves_is_not_enough() -> None:
    """Two generic words, in any town; with a place they are, and a name that tells is alone."""
    one, other = {"trade": "Tax Service"}, {"trade": "Service Tax"}
    assert 0 < near(one, other) < ENOUGH
    assert near(one | {"place": "Springfield"}, other | {"place": "Springfield"}) >= ENOUGH
    assert near({"trade": "Zorn Tax Service"}, {"trade": "Service Tax Zorn"}) >= ENOUGH
    zorn = {"place": "Springfield", "legal": "Zorn Tax Service LLC", "street": "Oak St"}
    zorn |= {"phone": "(312) 867-5301"}
    neighbour = {"legal": "Barelli Tax Service LLC", "street": "Elm St", "phone": "(708) 555-0123"}
    assert near(zorn, zorn | neighbour) < ENOUGH


def test_a_business_that_tells_two_contacts_needs_no_keys_by_ends() -> None:
    """One that tells an address, or a telephone alone, has them."""
    told = {"legal": "Zorn Fisheries", "phone": "(312) 867-5301"}
    for more in ({"street": "Oak St", "number": "12"}, {"website": "zornfish.com"}):
        both = {key[0] for key in organisation_keys(organisation({**told, **more}))}
        assert not {"start-where", "end-where", "start", "end", "both"} & both
        one = {"legal": "Zorn Fisheries", "postcode": "60501", **more}
        assert {"start-where", "end-where"} <= {
            key[0] for key in organisation_keys(organisation(one))
        }


def test_one_word_in_one_town_and_two_words_alone_are_not_told_twice() -> None:
    """A town and its postcode are one thing, and so are two words, however they begin."""
    town = {"postcode": "60501", "place": "Springfield", "phone": "(312) 867-5301"}
    elsewhere = {"postcode": "10001", "place": "Albany", "phone": "(518) 867-0000"}
    address = {"street": "12 Oak St"}, {"street": "900 Elm Rd"}
    one, other = ({**town, **where} for where in address)
    other["phone"] = elsewhere["phone"]
    assert near({"trade": "Abra Zornhill Tok", **one}, {"trade": "Quin Zornhill Vek", **other}) == 1
    far = {**elsewhere, **address[1]}
    assert near({"trade": "Zorn Barelli Tok", **one}, {"trade": "Zorn Barelli Vek", **far}) == 1
    alone = organisation_keys(organisation({"trade": "Abra Zornhill", "postcode": "60501"}))
    assert {"word-post", "word-place"} & {key[0] for key in alone} == {"word-post"}
    assert near({"trade": "Zornhills", **one}, {"trade": "Zornhillx", **far}) == 1
