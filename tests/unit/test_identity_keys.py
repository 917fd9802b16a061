"""Keys under which records are looked for: who tells little is found by what errors leave."""

import pytest
from people import record

from hub.identity.keys import STRONG, keys
from hub.identity.organisation_dataset import record as organisation
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
