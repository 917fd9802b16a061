"""Named, pure helpers of translation: what departments write, as canonical values.

Those that take the record and the field's name give None for a blank. Those named `as_` take the
text itself, with the name of the field it comes from, so that an error names it; mappings call
them. All raise `UnreadableRecord` with a code where the text is not what it should be.
"""

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from decimal import Context, Decimal, Inexact, InvalidOperation
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType
from typing import NoReturn, TypeVar
from zoneinfo import ZoneInfo

from hub.canon.model import Moment, Money, Precision
from hub.connect.contract import Record
from hub.errors import UnreadableRecord

UTC = dt.UTC
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = dt.timedelta(microseconds=1)
_MONEY = re.compile(r"[$£€]?\s*(-?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?)")
_WHOLE = re.compile(r"-?\d{1,18}", re.ASCII)
_RUN_TOGETHER = re.compile(r"%[a-zA-Z]%[a-zA-Z]")
_EXACT = Context(prec=60, traps=[InvalidOperation, Inexact])
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_FLAGS = {"y": True, "yes": True, "t": True, "true": True, "1": True} | {
    "n": False, "no": False, "f": False, "false": False, "0": False,
}  # fmt: skip
Symbol = TypeVar("Symbol", bound=StrEnum)
CACHED = 50_000


def text(record: Record, field: str) -> str | None:
    """The field without surrounding white space; None for a blank or a field that is not there."""
    value = record.get(field)
    if value is None:
        return None
    if not isinstance(value, str):
        value = str(value)
    return value.strip() or None


def required(record: Record, field: str) -> str:
    """The field as text; UnreadableRecord E-FIELD-MISSING where it is blank or not there."""
    value = text(record, field)
    if value is None:
        raise UnreadableRecord(
            f"field {field!r} is blank", code="E-FIELD-MISSING", field=field, rule="required"
        )
    return value


def date(record: Record, field: str, pattern: str) -> Moment | None:
    """A date in the strptime pattern, for example %m/%d/%Y, with the precision of a day."""
    value = text(record, field)
    return None if value is None else as_date(value, field, (pattern,))


def as_date(value: str, field: str, patterns: Sequence[str]) -> Moment:
    """A date in the first strptime pattern that fits, as precise as that pattern: %Y is a year."""
    for pattern in patterns:
        moment = _date(value, pattern)
        if moment is not None:
            return moment
    raise _unreadable(field, "E-DATE", f"a date as {' or '.join(patterns)}")


@lru_cache(CACHED)
def _date(value: str, pattern: str) -> Moment | None:
    day = _parsed(value, pattern)
    if day is None:
        return None
    return date_of_parts(day.year, *_known(pattern, day))


def _known(pattern: str, day: dt.datetime) -> tuple[int | None, int | None]:
    """Month and day, as far as a pattern tells them."""
    if "%d" in pattern or "%j" in pattern:
        return day.month, day.day
    return (day.month if "%m" in pattern or "%b" in pattern or "%B" in pattern else None), None


def _parsed(value: str, pattern: str) -> dt.datetime | None:
    try:
        found = dt.datetime.strptime(value, pattern).replace(tzinfo=UTC)
    except ValueError:
        return None
    if _RUN_TOGETHER.search(pattern) and found.strftime(pattern).lstrip("0") != value.lstrip("0"):
        return None  # 2025115 could be two dates
    return found


def date_of_parts(year: int, month: int | None = None, day: int | None = None) -> Moment:
    """A date as precise as its parts. Raises ValueError where there is no such day."""
    first = dt.datetime(year, month or 1, day or 1, tzinfo=UTC)
    iso = first.date().isoformat()
    if month is None:
        return Moment(iso[:4], Precision.YEAR, _microseconds(first))
    if day is None:
        return Moment(iso[:7], Precision.MONTH, _microseconds(first))
    return Moment(iso, Precision.DAY, _microseconds(first))


def instant(record: Record, field: str, zone: str | None = None) -> Moment | None:
    """An ISO 8601 instant; a time without offset is taken in `zone`, or refused where that is None.

    A date alone stays a day.
    In the hour that a zone repeats in autumn the first of the two is meant; in the hour it skips in
    spring the offset before the change holds. Sources which send no offset cannot say more.
    """
    value = text(record, field)
    return None if value is None else as_instant(value, field, zone)


def as_instant(
    value: str, field: str, zone: str | None = None, patterns: Sequence[str] = ()
) -> Moment:
    """An instant in ISO 8601, or in the first strptime pattern that fits where there are some."""
    if not patterns:
        moment = _instant(value, zone)
        if moment is None:
            rule = "an ISO 8601 instant with offset" if zone is None else "an ISO 8601 time"
            raise _unreadable(field, "E-TIME", rule)
        return moment
    for pattern in patterns:
        moment = _time(value, zone, pattern)
        if moment is not None:
            return moment
    raise _unreadable(field, "E-TIME", f"a time as {' or '.join(patterns)}")


@lru_cache(CACHED)
def _time(value: str, zone: str | None, pattern: str) -> Moment | None:
    if "%H" not in pattern and "%I" not in pattern:
        return _date(value, pattern)
    try:
        found = dt.datetime.strptime(value, pattern)  # noqa: DTZ007 - its zone is told apart
    except ValueError:
        return None
    return _in_utc(found, zone)


@lru_cache(CACHED)
def _instant(value: str, zone: str | None) -> Moment | None:
    if _DAY.fullmatch(value):
        return _date(value, "%Y-%m-%d")
    try:
        found = dt.datetime.fromisoformat(_full_offset(value))
    except ValueError:
        return None
    return _in_utc(found, zone)


def _in_utc(found: dt.datetime, zone: str | None) -> Moment | None:
    if found.tzinfo is None:
        if zone is None:
            return None
        found = found.replace(tzinfo=ZoneInfo(zone))
    try:
        at = found.astimezone(UTC)
    except OverflowError:
        return None
    return Moment(at.isoformat().replace("+00:00", "Z"), Precision.INSTANT, _microseconds(at))


def _full_offset(value: str) -> str:
    """PostgreSQL writes +00 for an offset; ISO 8601 in Python wants +00:00."""
    return f"{value}:00" if re.search(r"[ T]\d\d:\d\d:\d\d(\.\d+)?[+-]\d\d$", value) else value


def _microseconds(at: dt.datetime) -> int:
    return (at - _EPOCH) // _MICROSECOND


def moment_of_us(microseconds: int) -> Moment:
    """The instant of microseconds since 1970 UTC."""
    at = _EPOCH + microseconds * _MICROSECOND
    return Moment(at.isoformat().replace("+00:00", "Z"), Precision.INSTANT, microseconds)


def money(record: Record, field: str, currency: str) -> Money | None:
    """An exact amount from text like 125,000.00, $5 or a number; never through a float."""
    value = text(record, field)
    return None if value is None else as_money(value, field, currency)


def as_money(value: str, field: str, currency: str, units: Decimal = Decimal(1)) -> Money:
    """An exact amount; `units` is what one of the number is worth, 0.01 for cents."""
    found = _MONEY.fullmatch(value)
    try:
        amount = Decimal(value if found is None else found[1].replace(",", ""))
        return Money(_four_places(_EXACT.multiply(amount, units)), currency)
    except (InvalidOperation, Inexact):
        raise _unreadable(field, "E-MONEY", "an amount with at most 4 decimal places") from None


def _four_places(amount: Decimal) -> Decimal:
    exact = amount.quantize(Decimal("0.0001"))
    if exact != amount:
        raise InvalidOperation
    return exact


def flag(record: Record, field: str) -> bool | None:
    """Y/N, t/f, true/false, also as the code of a "code: label"."""
    value = text(record, field)
    return None if value is None else as_flag(value, field)


def as_flag(value: str, field: str, words: Mapping[str, bool] = MappingProxyType(_FLAGS)) -> bool:
    """Yes or no by a table of words in lower case."""
    known = words.get(value.lower())
    if known is None:
        known = words.get(code_of(value).lower())
    if known is None:
        raise _unreadable(field, "E-FLAG", "yes or no")
    return known


def whole(record: Record, field: str) -> int | None:
    """A whole number."""
    value = text(record, field)
    return None if value is None else as_whole(value, field)


def as_whole(value: str, field: str) -> int:
    """A whole number of at most 18 digits."""
    if not _WHOLE.fullmatch(value):
        raise _unreadable(field, "E-NUMBER", "a whole number")
    return int(value)


def code_of(value: str) -> str:
    """The code of a "code: label", or the whole text where there is no label."""
    return value.partition(":")[0].strip()


def label_of(value: str) -> str:
    """The label of a "code: label", or the whole text where there is no code."""
    return value.partition(":")[2].strip() or value.strip()


def symbol(value: str | None, table: Mapping[str, Symbol], unknown: Symbol) -> Symbol:
    """The member for a source's code; `unknown` for one nobody has mapped, never an error."""
    return unknown if value is None else table.get(value, unknown)


def raise_unreadable(field: str, code: str, rule: str) -> NoReturn:
    """Refuse a record for a rule of its own."""
    raise _unreadable(field, code, rule)


def _unreadable(field: str, code: str, rule: str) -> UnreadableRecord:
    return UnreadableRecord(
        f"field {field!r} is not {rule}",
        code=code,
        field=field,
        rule=rule,
        remedy="mend it in the source, or the connector's mapping, then: hub quarantine replay",
    )
