"""Addresses: streets made comparable, and what a whole address says besides."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.identity.addresses import Where, address, completed, town, where
from hub.identity.levels import address_level
from hub.identity.record import Address

text = st.text(max_size=40)


@pytest.mark.parametrize(
    ("street", "number", "expected"),
    [
        ("12 North Oak Street Apt 3B", None, Address("12", "n oak st")),
        ("Oak St.", "12", Address("12", "oak st")),
        ("P.O. Box 441", None, Address("441", "pobox")),
        ("Postfach 12", None, Address("12", "pobox")),
        ("Hauptstraße 12", None, Address("12", "haupt st")),
        ("Hauptstr. 12", None, Address("12", "haupt st")),
        ("12 Oak St, Springfield, IL 62704", None, Address("12", "oak st")),
        ("12 First Avenue", None, Address("12", "1st ave")),
        ("21st Street", None, Address("", "21st st")),
        ("7g72 21st Street", None, Address("7g72", "21st st")),
        ("A12 Bypass", None, Address("", "a12 bypass")),
        ("12 0ak 5treet", None, Address("12", "oak st")),
        ("747 9th ave. between 50th and 51st sts.", None, Address("747", "9th ave")),
        ("747 Ninth Ave. at 50th St., New York", None, Address("747", "9th ave")),
        ("12 Near Mill Lane", None, Address("12", "near mill ln")),
        ("Oak St at 5th Ave", None, Address("", "oak st at 5th ave")),
        ("Enterprise House, 12 High Street, Leeds", None, Address("12", "high st")),
        ("The Mill, 1600 Oak Avenue, Springfield", None, Address("1600", "oak ave")),
        ("Level 3, 12 George St, Sydney", None, Address("12", "george st")),
        ("Hauptstraße, 80331 München", None, Address("", "haupt st")),
        ("57 Castle Road, 20288", None, Address("57", "castle rd")),
        ("First Floor North\nStation House\n500 Elder Gate", None, Address("500", "elder gate")),
        ("Ground Floor 12 High St", None, Address("12", "high st")),
        ("9th floor, Millbank Tower\n21-24 Millbank", None, Address("21-24", "millbank")),
        ("Third Fl\n12 High St", None, Address("12", "high st")),
        ("Floor\n12 High St", None, Address("12", "high st")),
        ("Floor 3 12 High St", None, Address("12", "high st")),
        ("Via Roma, 12, 00100 Roma", None, Address("12", "via roma")),
        ("12 Oak St Springfield IL 62704", None, Address("12", "oak st springfield")),
        ("Plot No. 312, Sector 13, Bengaluru, 560001", None, Address("312", "sector 13")),
        ("PLOT NO 312 SECTOR 13 BENGALURU 560001", None, Address("312", "sector 13 bengaluru")),
        ("H.No. 13-127, Sec 66, Mysuru", None, Address("13-127", "sector 66")),
        ("E-91, Tandon Ngr, Coimbatore", None, Address("e91", "tandon nagar")),
        ("12/B Ring Road, Surat", None, Address("12b", "ring rd")),
        ("12A, High Street, Leeds", None, Address("12a", "high st")),
        ("Shop No 16, Coimbatore", None, None),
        ("9/D, Coimbatore, Tamil Nadu - 602982", None, None),
        ("E-91, Tandon Ngr", None, Address("e91", "tandon nagar")),
        ("Plot No 12, 411001", None, None),
        ("Plot No 312", "5", Address("5", "plot no 312")),
        ("163 R. de la Gare, 34613 Nantes", None, Address("163", "r de la gare")),
        ("163 rue de la Gare 34613 Nantes", None, Address("163", "r de la gare")),
        ("12 R Street", None, Address("12", "r st")),
        ("273 King Street", "273", Address("273", "king st")),
        ("King Street 273", "273", Address("273", "king st")),
        ("268 King Street", "286", Address("268", "king st")),
        ("12 Mile Road", "500", Address("500", "12 mile rd")),
        ("7 Oak Street", "9", Address("9", "7 oak st")),
        ("Sector 21, Pune, Maharashtra", None, Address("", "sector 21")),
        ("Miami, FL, 33101", None, None),
        ("WA, 98101", None, None),
        ("Boston, 02108", None, None),
        ("Broad Street, FL, 33101", None, Address("", "broad st")),
        ("Kirchgasse, 80331", None, Address("", "kirchgasse")),
        ("12 Main St Fl 3, Miami FL 33101", None, Address("12", "main st")),
        ("滨江路861号", None, Address("", "binjianglu 861 hao")),
        ("12 Hbr Ln", None, Address("12", "harbor ln")),
    ],
)
def test_addresses(street: str, number: str | None, expected: Address | None) -> None:
    """Number and street, in the usual short forms; the unit is left away."""
    assert address(street, number) == expected


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        ("61 Princes Way", "61 Princes Way Wimbledon Park", "near"),
        ("61 Princes Way", "61 Rpinces Way Wimbledon Park", "near"),
        ("Woods Lane", "Woods Lane Cheadle Hulme Cheadle Cheshire", "near"),
        ("61 Princes Way", "62 Princes Way Wimbledon Park", "part"),
        ("61 Princes Way", "61 Queens Way Wimbledon Park", "other"),
        ("61 Millbank", "61 Millbank Tower Gardens Westminster", "other"),
    ],
)
def test_a_town_behind_a_street_is_no_part_of_it(one: str, other: str, level: str) -> None:
    """Of a street of two words or more, mistyped or not; of one word it is another street."""
    a, b = address(one), address(other)
    assert a is not None
    assert b is not None
    assert address_level(a, b) == address_level(b, a) == level


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        ("7g72 Lake St", "7672 Lake St", "near"),
        ("b0902 Lake St", "0902 Lake Strt", "near"),
        ("4g421 Lake St", "4421 Lake St", "near"),
        ("12a Lake St", "12b Lake St", "part"),
        ("7672 Lake St", "7872 Lake St", "part"),
        ("7 Lake St", "8 Lake St", "part"),
        ("7g72 Lake St", "7672 Elm Rd", "other"),
    ],
)
def test_a_letter_in_a_houses_number_is_a_typing_error(one: str, other: str, level: str) -> None:
    """But for one at its end, which is a part of the house, and for ordinals."""
    a, b = address(one), address(other)
    assert a is not None
    assert b is not None
    assert address_level(min(a, b), max(a, b)) == level


@given(st.one_of(text, st.from_regex(r"(\d{1,4} )?[A-Za-z ,.#]{0,30}( \d{1,3})?", fullmatch=True)))
def test_addresses_of_any_text_are_none_or_stay(value: str) -> None:
    """A street's number and name, told apart, are its own outcome."""
    found = address(value)
    if found is not None and found.street != "pobox":
        assert address(found.street, found.number or None) in (
            found,
            address(found.street),
        )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("12 Oak St, Springfield, IL 62704-1234", Where("62704-1234", ("springfield",), "il")),
        ("12 Oak St Apt 4B, Springfield IL", Where("", ("springfield",), "il")),
        ("12 Oak St, Springfield, Illinois, USA", Where("", ("springfield",), "illinois")),
        ("12 Oak St Springfield IL 62704", Where("62704", (), "il")),
        ("12 High St, Headingley, Leeds LS1 4AB", Where("ls1 4ab", ("headingley", "leeds"), "")),
        ("Mill House, 12 High St, Leeds, LS1 4AB, UK", Where("ls1 4ab", ("leeds",), "")),
        ("1 Mill Yard, Mill Quarter, Otley, Leeds LS1 4AB", Where("ls1 4ab", ("otley", "leeds"))),
        ("12 Oak St, Port Victoria", Where("", ("port victoria",))),
        ("12 High St Leeds LS1 4AB", Where("ls1 4ab", (), "")),
        ("Miami, FL, 33101", Where("33101", ("miami",), "fl")),
        ("WA, 98101", Where("98101", (), "wa")),
        ("Boston, 02108", Where("02108", ("boston",))),
        ("Hauptstraße, 80331", Where("80331")),
        ("12 Main St Fl 3, Miami FL 33101", Where("33101", ("miami",), "fl")),
        ("12 Main St, Toronto, ON M5V 2T6", Where("m5v 2t6", ("toronto",), "on")),
        ("Level 3, 12 George St, Sydney NSW 2000", Where("2000", ("sydney",), "nsw")),
        ("Musterstr. 12, D-80331 München, Germany", Where("80331", ("munchen",), "")),
        ("Keizersgracht 12, 1015 CJ Amsterdam", Where("1015 cj", ("amsterdam",), "")),
        ("Rua Augusta 12, 1000-205 Lisboa", Where("1000-205", ("lisboa",), "")),
        ("ul. Prosta 3, 00-950 Warszawa", Where("00-950", ("warszawa",), "")),
        ("12 MG Road, Bengaluru - 560001", Where("560001", ("bengaluru",), "")),
        ("Via Roma, 12, 00100 Roma", Where("00100", ("roma",), "")),
        ("57 Castle Road, 20288", Where("20288", (), "")),
        ("12 Oak St\nSpringfield", Where("", ("springfield",), "")),
        ("PO Box 12, Leeds", Where("", ("leeds",), "")),
        ("204 RUE DE LA PAIX 71460 MARSEILLE", Where("71460", ("marseille",))),
        ("Hauptstraße 12 10115 Berlin", Where("10115", ("berlin",))),
        ("1672 N OAK BLVD SEATTLE 51027", Where("51027")),
        ("Plot No 312 Sector 13 Bengaluru - 560001", Where("560001")),
        ("Plot No 312, Sector 13, Pune, Maharashtra", Where("", ("pune",), "maharashtra")),
        ("9/D, Coimbatore, Tamil Nadu - 602982", Where("602982", ("coimbatore",), "tamil nadu")),
        ("450 Highway 62704", Where()),
        ("Highway 62704", Where()),
        ("12 Oak St", Where()),
        ("450 Route 62704", Where()),
        ("12 Oak St, Rear", Where()),
        ("12 Oak St, 2nd Floor", Where()),
        ("Suite 5, 12 Oak St", Where()),
        ("", Where()),
    ],
)
def test_what_stands_behind_a_street(text: str, expected: Where) -> None:
    """Postcode, places and region, as countries write them; nothing where a street is all."""
    assert where(text) == expected


@given(st.text("0123456789,;\n-. abILms", max_size=60))
def test_of_any_text_no_more_than_it_holds(value: str) -> None:
    """What is said of a place stands in the text, and a place has no digits."""
    found = where(value)
    for part in (found.postcode, found.region, *found.places):
        assert part in value.lower()
    assert not any(map(str.isdigit, "".join(found.places)))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Springfield, IL 62704", Where("62704", ("springfield",), "il")),
        ("Leeds LS1 4AB", Where("ls1 4ab", ("leeds",))),
        ("80331 München", Where("80331", ("munchen",))),
        ("Rosemount", Where("", ("rosemount",))),
        ("Apt 4B", Where()),
        ("Suite 200", Where()),
        ("", Where()),
    ],
)
def test_a_line_without_a_street(text: str, expected: Where) -> None:
    """Says where the street is; a unit is nowhere."""
    assert town(text) == expected


def test_what_is_told_comes_first() -> None:
    """Only what is missing is taken from the next that tells it."""
    whole = where("12 Oak St, Springfield, IL 62704")
    assert completed(Where(), whole) == whole == Where("62704", ("springfield",), "il")
    told = Where("62705", ("chatham",), "")
    assert completed(told, whole) == Where("62705", ("chatham",), "il")
    assert completed(Where(), Where(region="wi"), whole) == whole._replace(region="wi")
