"""The functions of mappings, each by itself: what they give, and what they refuse by code."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.canon.model import LicenceStatus, Money, PersonName
from hub.connect.mapping import FUNCTIONS, functions
from hub.errors import UnreadableRecord

DAY_US = 86_400_000_000
TEXTS = st.text(min_size=1, max_size=40).map(str.strip).filter(bool)


def refused(apply: Any, *given_: Any) -> tuple[str, str]:
    """Code and field of a refusal, whose message has no value in it."""
    with pytest.raises(UnreadableRecord) as caught:
        apply(*given_)
    assert given_[0] not in str(caught.value)
    return caught.value.code, caught.value.field


@pytest.mark.parametrize(
    ("formats", "text", "told", "precision"),
    [
        (["%m/%d/%Y"], "02/29/2024", "2024-02-29", "day"),
        (["%d.%m.%Y", "%Y"], "1980", "1980", "year"),
        (["%d.%m.%Y", "%m/%Y"], "7/1980", "1980-07", "month"),
        (["%b %Y"], "Mar 2020", "2020-03", "month"),
        (["%Y%m%d"], "20240229", "2024-02-29", "day"),
        (["%d %B %Y"], "3 May 2021", "2021-05-03", "day"),
        (["%Y-%m-%dT%H:%M:%S"], "2024-03-01T23:59:59", "2024-03-01", "day"),
        (["%Y-%j"], "2024-060", "2024-02-29", "day"),
    ],
)
def test_a_date_is_as_precise_as_its_format(
    formats: list[str], text: str, told: str, precision: str
) -> None:
    """A year stays a year, a month a month; the earliest instant is its first day."""
    moment = functions.date(formats)(text, "f")
    assert (moment.text, moment.precision) == (told, precision)
    assert moment.earliest % DAY_US == 0


@pytest.mark.parametrize(
    ("formats", "text"),
    [
        (["%m/%d/%Y"], "31/12/2024"),
        (["%m/%d/%Y"], "02/30/2024"),
        (["%m/%d/%Y"], "1/1/24"),
        (["%Y%m%d"], "2025115"),
        (["%Y"], "1980-01"),
        (["%d.%m.%Y"], "gestern"),
    ],
)
def test_a_date_is_never_guessed(formats: list[str], text: str) -> None:
    """Another order, a day there is not, and what could be two dates are refused by the field."""
    assert refused(functions.date(formats), text, "born") == ("E-DATE", "born")


def test_a_date_can_be_held_to_less() -> None:
    """A source that writes the first of January for a year alone is told as the year."""
    assert functions.date(["%m/%d/%Y"], precision="year")("01/01/1980", "f").text == "1980"
    assert functions.date(["%m/%d/%Y"], precision="month")("01/02/1980", "f").text == "1980-01"
    assert functions.date(["%Y"], precision="month")("1980", "f").text == "1980"


@pytest.mark.parametrize(
    ("years_from", "text", "year"),
    [(1930, "29", "2029"), (1930, "30", "1930"), (1900, "00", "1900"), (1950, "49", "2049")],
)
def test_two_digits_fall_into_the_hundred_years_that_are_said(
    years_from: int, text: str, year: str
) -> None:
    """The century is the mapping's, not the machine's."""
    assert functions.date(["%d.%m.%y"], years_from)(f"01.02.{text}", "f").text == f"{year}-02-01"


@pytest.mark.parametrize(
    ("text", "formats", "zone", "told"),
    [
        ("2025-07-15T12:00:00", (), "America/New_York", "2025-07-15T16:00:00Z"),
        ("2025-01-15 12:00:00", (), "America/New_York", "2025-01-15T17:00:00Z"),
        ("2025-01-15T12:00:00+02:00", (), None, "2025-01-15T10:00:00Z"),
        ("2025-01-15T12:00:00Z", (), "Europe/Berlin", "2025-01-15T12:00:00Z"),
        ("07/15/2025 01:30 PM", ["%m/%d/%Y %I:%M %p"], "UTC", "2025-07-15T13:30:00Z"),
        ("15.07.2025 13:30 +0200", ["%d.%m.%Y %H:%M %z"], None, "2025-07-15T11:30:00Z"),
        ("2025-01-15", (), None, "2025-01-15"),
        ("15.07.2025", ["%d.%m.%Y %H:%M", "%d.%m.%Y"], "UTC", "2025-07-15"),
    ],
)
def test_a_wall_clock_hangs_in_its_zone(
    text: str, formats: list[str], zone: str | None, told: str
) -> None:
    """Summer and winter by the zone; an offset in the text counts before it."""
    assert functions.time(formats)(text, "f", zone).text == told


@pytest.mark.parametrize(
    ("text", "formats", "zone"),
    [
        ("2025-01-15T12:00:00", (), None),
        ("2025-01-15T12:00:00", (), "Mars/Olympus"),
        ("noon", (), "UTC"),
        ("25:00 01.01.2025", ["%H:%M %d.%m.%Y"], "UTC"),
    ],
)
def test_a_time_is_never_guessed(text: str, formats: list[str], zone: str | None) -> None:
    """Without offset and zone it could be hours off."""
    assert refused(functions.time(formats), text, "at", zone) == ("E-TIME", "at")


@pytest.mark.parametrize(("unit", "number"), [("s", "1"), ("ms", "1000"), ("us", "1000000")])
def test_an_epoch_is_an_instant(unit: str, number: str) -> None:
    """In each unit; what is past all years is refused."""
    assert functions.epoch(unit)(number, "f").text == "1970-01-01T00:00:01Z"
    assert refused(functions.epoch(unit), "9" * 18, "f")[0] == "E-TIME"
    assert refused(functions.epoch(unit), "1.5", "f")[0] == "E-NUMBER"


@pytest.mark.parametrize(
    ("parts", "told"),
    [
        (("1950", None, None), "1950"),
        (("1950", "2", None), "1950-02"),
        (("1950", "02", "9"), "1950-02-09"),
    ],
)
def test_parts_of_a_date_are_as_precise_as_they_are(
    parts: tuple[str, str | None, str | None], told: str
) -> None:
    """A partial date of a register stays partial."""
    assert functions.date_parts(*parts, "y").text == told


@pytest.mark.parametrize(
    ("parts", "field"),
    [
        (("1950", None, "9"), "m"),
        (("1950", "13", None), "y"),
        (("1950", "0", None), "y"),
        (("1950", "2", "30"), "y"),
        (("0", None, None), "y"),
        (("1950", "two", None), "m"),
    ],
)
def test_parts_that_are_no_date_are_refused(
    parts: tuple[str, str | None, str | None], field: str
) -> None:
    """A day without a month, and a day there is not."""
    with pytest.raises(UnreadableRecord) as caught:
        functions.date_parts(*parts, "y", ("m", "d"))
    assert caught.value.field == field


@pytest.mark.parametrize(
    ("arguments", "text", "amount"),
    [
        ({}, "125,000.00", "125000"),
        ({}, "$5", "5"),
        ({}, "-0.1250", "-0.125"),
        ({"units": Decimal("0.01")}, "1999", "19.99"),
        ({"units": Decimal(1000)}, "1.5", "1500"),
        ({"decimal": ","}, "1.234.567,89", "1234567.89"),
        ({"decimal": ","}, "1 234,5", "1234.5"),
        ({"decimal": ","}, "12", "12"),
    ],
)
def test_money_is_exact(arguments: dict[str, Any], text: str, amount: str) -> None:
    """In units, cents or thousands, with either mark before the fraction."""
    money = functions.money(**arguments)(text, "f", "EUR")
    assert money == Money(Decimal(amount), "EUR")


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({}, "1,25"),
        ({}, "1.23456"),
        ({}, "five"),
        ({}, "1,00,000"),
        ({}, "NaN"),
        ({}, "Infinity"),
        ({"decimal": ","}, "1.25"),
        ({"decimal": ","}, "1,234,5"),
        ({"units": Decimal("0.001")}, "0.11"),
    ],
)
def test_money_is_never_rounded_or_guessed(arguments: dict[str, Any], text: str) -> None:
    """What the marks do not settle, and fractions beyond four places, are refused."""
    assert refused(functions.money(**arguments), text, "fee", "EUR") == ("E-MONEY", "fee")


@given(st.decimals(min_value=-(10**9), max_value=10**9, places=4))
def test_money_is_conserved(amount: Decimal) -> None:
    """Whatever the notation, the amount comes out to the last place."""
    assert functions.money()(f"{amount:,}", "f", "USD").amount == amount
    turned = f"{amount:,}".translate(str.maketrans(",.", ".,"))
    assert functions.money(",")(turned, "f", "USD").amount == amount


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("(614) 555-0101", "+16145550101"),
        ("+44 20 7946 0958", "+442079460958"),
        ("555-0101 ext. 7", "555-0101 ext. 7"),
        ("ask at the desk", "ask at the desk"),
        ("12", "12"),
    ],
)
def test_a_phone_is_e164_or_stays(text: str, told: str) -> None:
    """What could be no number, or has an extension, is kept as it was sent."""
    assert functions.phone("US")(text, "f") == told


def test_a_flag_takes_words_of_the_source() -> None:
    """Ours where none are given; others are refused, not taken for no."""
    assert functions.flag()("Y: Yes", "f") is True
    assert functions.flag(["Ja"], ["Nein"])("nein", "f") is False
    assert refused(functions.flag(["Ja"], ["Nein"]), "Yup", "vet") == ("E-FLAG", "vet")
    assert refused(functions.flag(), "perhaps", "vet") == ("E-FLAG", "vet")


def test_a_code_nobody_mapped_is_unknown_or_stays() -> None:
    """UNKNOWN where ours is wanted, the text where a text is."""
    table = {"A": LicenceStatus.ISSUED}
    look = functions.code(table, unknown=LicenceStatus.UNKNOWN, any_case=True)
    assert look("a", "f") is LicenceStatus.ISSUED
    assert look("b", "f") is LicenceStatus.UNKNOWN
    assert functions.code({"USA": "US"})("DE", "f") == "DE"


@pytest.mark.parametrize(
    ("text", "code", "label"),
    [
        ("MA: Massachusetts", "MA", "Massachusetts"),
        ("MA", "MA", "MA"),
        ("N: No: not", "N", "No: not"),
    ],
)
def test_code_and_label(text: str, code: str, label: str) -> None:
    """Either part; the whole where there is only one."""
    assert functions.code_of()(text, "f") == code
    assert functions.label_of()(text, "f") == label
    assert functions.code_of("-")("MA-x", "f") == "MA"


def test_text_is_cleaned() -> None:
    """Control characters and runs of white space go; words that stand for nothing are blank."""
    assert functions.clean()(" a\u0000b \n\t c\u200b", "f") == "ab c"
    assert functions.clean(["N/A", "-"])("n/a", "f") is None
    assert functions.clean()("\u0007", "f") is None


def test_texts_are_taken_apart() -> None:
    """Parts by a mark, from one; blanks are blank; the rest is all behind the first mark."""
    assert functions.split("#", 1)("12 A ST # 2 # 3", "f") == "12 A ST"
    assert functions.split("#", 2)("12 A ST # 2 # 3", "f") == "2"
    assert functions.split("#", 4)("12 A ST # 2 # 3", "f") is None
    assert functions.split("#", 1)("#2", "f") is None
    assert functions.rest("#")("12 A ST # 2 # 3", "f") == "2 # 3"
    assert functions.rest("#")("12 A ST", "f") is None
    assert functions.list_("|")("a | | b|", "f") == ("a", "b")
    assert functions.replace("-")("1-2-3", "f") == "123"
    assert functions.replace(" ", "-")("a b", "f") == "a-b"
    assert functions.replace("-")("-", "f") is None
    assert functions.keep("digits")("900-12-3456", "f") == "900123456"
    assert functions.keep("letters and digits")("a-1 ß", "f") == "a1ß"
    assert functions.keep("digits")("none", "f") is None


@pytest.mark.parametrize(
    ("order", "text", "name"),
    [
        ("family first", "MENDEZ, ORLA", ("ORLA", None, "MENDEZ", None)),
        ("family first", "MENDEZ, ORLA M ANN", ("ORLA", "M ANN", "MENDEZ", None)),
        ("family first", "MENDEZ, ORLA M, JR", ("ORLA", "M", "MENDEZ", "JR")),
        ("family first", "MENDEZ JR, ORLA", ("ORLA", None, "MENDEZ", "JR")),
        ("family first", "DE LA CRUZ, JUAN III", ("JUAN", None, "DE LA CRUZ", "III")),
        ("family first", "ORLA MENDEZ", (None, None, None, None)),
        ("family first", "SMITH, JONES, AND CO", (None, None, None, None)),
        ("family first", ", ORLA", (None, None, None, None)),
        ("given first", "Orla Mendez", ("Orla", None, "Mendez", None)),
        ("given first", "Orla M. Mendez Jr.", ("Orla", "M.", "Mendez", "Jr.")),
        ("given first", "Juan de la Cruz", (None, None, None, None)),
        ("given first", "Juan de Cruz", (None, None, None, None)),
        ("given first", "Anna Maria Luise Koch", (None, None, None, None)),
        ("given first", "Cher", (None, None, None, None)),
    ],
)
def test_a_name_is_taken_apart_only_where_it_is_sure(
    order: str, text: str, name: tuple[str | None, ...]
) -> None:
    """The whole is always kept; what could be cut in two ways is not cut."""
    assert functions.name(order)(text, "f") == PersonName(text, *name)


@given(TEXTS, st.sampled_from(["family first", "given first"]))
def test_a_name_loses_no_word(text: str, order: str) -> None:
    """The whole is there, and the parts together are its words or nothing."""
    name = functions.name(order)(text, "f")
    assert name.full == text
    parts = " ".join(part for part in name[1:] if part)
    assert not parts or sorted(parts.split()) == sorted(text.replace(",", " ").split())


PURE = [
    functions.clean(),
    functions.replace("a", "b"),
    functions.keep("digits"),
    functions.split("a", 2),
    functions.rest("a"),
    functions.list_("a"),
    functions.phone("GB"),
    functions.code_of(),
    functions.label_of(),
    functions.words,
    functions.family_first,
    functions.given_first,
    functions.flag(),
    functions.date(["%m/%d/%Y", "%y%m%d"], 1930),
    functions.epoch("ms"),
]


@given(TEXTS, st.sampled_from(PURE))
def test_any_text_is_a_value_or_a_refusal(text: str, apply: functions.Apply) -> None:
    """No function fails in another way, none gives an empty text, each says the same again."""
    try:
        value = apply(text, "f")
    except UnreadableRecord as error:
        assert error.field == "f"
        assert error.rule
    else:
        assert value != ""
        assert apply(text, "f") == value


def test_every_function_has_an_example_that_names_it() -> None:
    """The reference shows how each is written."""
    for name, function in FUNCTIONS.items():
        assert function.example.startswith(f"{{{name}: ")
        assert function.doc.endswith(".")
