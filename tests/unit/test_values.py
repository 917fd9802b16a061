"""The helpers of translation: every value right, or refused with the field's name."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.canon.model import LicenceStatus, Moment, Money, Precision
from hub.connect import values
from hub.connect.contract import Record
from hub.errors import UnreadableRecord

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def test_blank_is_none() -> None:
    """A blank, a missing field and white space are nothing, for every helper."""
    helpers: tuple[Callable[[str], object], ...] = (
        lambda field: values.text(Record(a="  "), field),
        lambda field: values.date(Record(a=""), field, "%Y"),
        lambda field: values.instant(Record(a=None), field),
        lambda field: values.money(Record(), field, "USD"),
        lambda field: values.flag(Record(a=" "), field),
        lambda field: values.whole(Record(a=""), field),
    )
    assert [helper("a") for helper in helpers] == [None] * len(helpers)


def test_required_names_the_blank_field() -> None:
    """A blank where something must stand is an error that names the field."""
    with pytest.raises(UnreadableRecord) as caught:
        values.required(Record(a=" "), "a")
    assert (caught.value.code, caught.value.field) == ("E-FIELD-MISSING", "a")


def test_date_is_a_day() -> None:
    """A date in the pattern is that day in ISO, at its first instant."""
    assert values.date(Record(a="02/16/2005"), "a", "%m/%d/%Y") == Moment(
        "2005-02-16", Precision.DAY, 1_108_512_000_000_000
    )


@given(st.datetimes(datetime(1, 1, 2), datetime(9998, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_instant_keeps_every_microsecond(at: datetime) -> None:
    """Any instant with offset comes through exactly, whatever the century."""
    moment = values.instant(Record(a=at.isoformat()), "a")
    assert moment is not None
    assert moment.earliest == (at - EPOCH) // timedelta(microseconds=1)
    assert datetime.fromisoformat(moment.text) == at


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("2026-01-10T12:00:00.000", "2026-01-10T17:00:00Z"),
        ("2026-07-10T12:00:00.000", "2026-07-10T16:00:00Z"),
        ("2026-11-01T01:30:00", "2026-11-01T05:30:00Z"),  # twice that night: the first
        ("2026-03-08T02:30:00", "2026-03-08T07:30:00Z"),  # never that night: the old offset
        ("2026-01-10T12:00:00+01:00", "2026-01-10T11:00:00Z"),
        ("2026-01-10 12:00:00.5+00", "2026-01-10T12:00:00.500000Z"),
    ],
)
def test_instant_without_offset_is_local(said: str, meant: str) -> None:
    """A local time is read in its zone, also in the hours summer time repeats and skips."""
    moment = values.instant(Record(a=said), "a", "America/New_York")
    assert moment is not None
    assert moment.text == meant


def test_instant_keeps_precision() -> None:
    """A date alone stays a day, and a local time without a known zone is refused."""
    moment = values.instant(Record(a="2026-01-10"), "a", "America/New_York")
    assert moment is not None
    assert (moment.text, moment.precision) == ("2026-01-10", Precision.DAY)
    with pytest.raises(UnreadableRecord, match="E-TIME"):
        values.instant(Record(a="2026-01-10T12:00:00"), "a")


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("125,000.00", "125000"),
        ("$5", "5"),
        ("-0.0001", "-0.0001"),
        ("1E+3", "1000"),
        (Decimal("40000.0"), "40000"),
        (7, "7"),
    ],
)
def test_money_is_exact(said: object, meant: str) -> None:
    """Amounts are exact decimals with four places."""
    money = values.money(Record(a=said), "a", "GBP")
    assert money == Money(Decimal(meant), "GBP")
    assert money is not None
    assert money.amount.as_tuple().exponent == -4


@pytest.mark.parametrize("said", ["1,25", "1.234,56", "1,2,3", "0.00001", "NaN", "1e999", "ten"])
def test_money_is_never_guessed(said: str) -> None:
    """A decimal comma, too many places or no number is refused, not read as something else."""
    with pytest.raises(UnreadableRecord) as caught:
        values.money(Record(a=said), "a", "EUR")
    assert (caught.value.code, caught.value.field) == ("E-MONEY", "a")
    assert said not in str(caught.value)


def test_flags_and_codes() -> None:
    """Flags as text and "code: label" are understood; other words are refused."""
    said = ("Y", "t", "YES", "N: No", "f", "0")
    assert [values.flag(Record(a=one), "a") for one in said] == [True] * 3 + [False] * 3
    assert values.code_of("MA: Massachusetts") == "MA"
    assert values.label_of("MA: Massachusetts") == "Massachusetts"
    with pytest.raises(UnreadableRecord, match="E-FLAG"):
        values.flag(Record(a="maybe"), "a")


def test_unknown_codes_are_no_error() -> None:
    """A code nobody has mapped is UNKNOWN."""
    table = {"AAI": LicenceStatus.ISSUED}
    assert values.symbol("AAI", table, LicenceStatus.UNKNOWN) is LicenceStatus.ISSUED
    assert values.symbol("ZZZ", table, LicenceStatus.UNKNOWN) is LicenceStatus.UNKNOWN
    assert values.symbol(None, table, LicenceStatus.UNKNOWN) is LicenceStatus.UNKNOWN


def test_whole_numbers() -> None:
    """A whole number is read; anything else, or one that would not fit, is refused."""
    assert values.whole(Record(a="-12"), "a") == -12
    for said in ("1.0", "9" * 19, "1_000"):
        with pytest.raises(UnreadableRecord, match="E-NUMBER"):
            values.whole(Record(a=said), "a")
