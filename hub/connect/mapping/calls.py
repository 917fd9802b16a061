"""How calls of the functions are compiled, one for each kind of call."""

from collections.abc import Callable, Mapping
from typing import Any

from hub.canon.model import Money
from hub.connect.mapping import arguments, functions
from hub.connect.mapping.build import (
    BROKEN,
    TEXT_STEP,
    Build,
    Get,
    Value,
    list_at,
    needed,
    nothing,
    path,
)
from hub.connect.mapping.condition import condition
from hub.connect.mapping.document import Items, Node, Table, Text
from hub.connect.mapping.expression import Call, applied, how, value
from hub.connect.mapping.keys import Key, check_keys, text_of
from hub.connect.mapping.problem import shown
from hub.connect.mapping.target import TEXT, Kind, Target
from hub.connect.values import as_date, as_flag, as_whole
from hub.errors import UnreadableRecord


def of_text(make: Callable[..., functions.Apply]) -> Callable[[Call], Value]:
    """A function of one text whose maker takes the arguments by their names."""

    def compile_(call: Call) -> Value:
        return applied(call.of(), make(**call.given))

    return compile_


def date(call: Call) -> Value:
    """A date, as precise as its format or less."""
    formats = call.given["format"]
    if ("years_from" in call.given) != any("%y" in one for one in formats):
        call.build.report.error(
            call.table.at,
            "years of two digits and years_from need each other",
            "with %y say years_from: 1930 for 1930 to 2029",
        )
    clock = any(f"%{one}" in pattern for pattern in formats for one in arguments.TIME_DIRECTIVES)
    if clock and "precision" not in call.given:
        told = "use time: in the place of date:, or add precision: day"
        call.build.report.error(call.table.at, "a format has a time of day", told)
    precision = call.given.get("precision", functions.PRECISIONS[-1])
    return applied(call.of(), functions.date(formats, call.given.get("years_from", 0), precision))


def time(call: Call) -> Value:
    """A time, its zone from the mapping or from the record."""
    formats, zone = call.given.get("format", ()), call.given.get("zone")
    timed = [one for one in formats if "%H" in one or "%I" in one]
    if zone is None and any("%z" not in one for one in timed):
        call.build.report.error(
            call.table.at, "a time without offset needs a zone", "add zone: America/New_York"
        )
    source, apply = call.of(), functions.time(formats)
    read, field = source.get, source.field
    if isinstance(zone, Table):
        read_zone = value(call.build, zone, TEXT).get
        return source._replace(get=_at_zone(read, field, apply, read_zone))
    return applied(source, lambda text, name: apply(text, name, zone))


def _at_zone(read: Get, field: str, apply: Callable[..., Any], read_zone: Get) -> Get:
    def get(record: Any, memo: Any) -> Any:
        text = read(record, memo)
        return None if text is None else apply(text, field, read_zone(record, memo))

    return get


def date_parts(call: Call) -> Value:
    """A date told in columns of its own."""
    build, table = call.build, call.subject
    keys = {
        "year": Key("the year", required=True),
        "month": Key("the month"),
        "day": Key("the day"),
    }
    if not isinstance(table, Table):
        build.report.error(table.at, "date_parts is no table", "{date_parts: {year: COLUMN}}")
        return BROKEN
    check_keys(table, keys, "date_parts", build.report)
    parts = {key: value(build, held, TEXT) for key in keys if (held := table.get(key)) is not None}
    blank = Value(nothing)
    year, month, day = (parts.get(key, blank) for key in keys)
    names = (month.field, day.field)

    def get(record: Any, memo: Any) -> Any:
        said = year.get(record, memo)
        if said is None:
            return None
        told = (month.get(record, memo), day.get(record, memo))
        return functions.date_parts(said, *told, year.field, names)

    return Value(get, year.field)


def money(call: Call) -> Value:
    """An amount, its currency from the mapping or from the record."""
    source = call.of()
    apply = functions.money(
        call.given.get("decimal", "."), call.given.get("units", arguments.UNITS[0])
    )
    currency: Value = call.given["currency"]
    read, field, read_currency, currency_field = (
        source.get,
        source.field,
        currency.get,
        currency.field,
    )

    def get(record: Any, memo: Any) -> Money | None:
        text = read(record, memo)
        if text is None:
            return None
        in_ = read_currency(record, memo)
        if in_ is None or len(in_) != CURRENCY_LETTERS:
            raise UnreadableRecord(
                f"field {currency_field!r} is no currency",
                code="E-MONEY",
                field=currency_field,
                rule="a currency of three letters (ISO 4217)",
                remedy="mend it in the source",
            )
        return apply(text, field, in_)

    return Value(get, field)


CURRENCY_LETTERS = 3


def currency(node: Node, what: str, build: Build) -> Value:
    """A currency as it is written, or how it is found in the record."""
    if not isinstance(node, Text):
        return value(build, node, TEXT)
    name = text_of(node, what, build.report)
    if name and not (len(name) == CURRENCY_LETTERS and name.isascii() and name.isupper()):
        told = "three letters as ISO 4217 has it, USD; or {path: COLUMN}"
        build.report.error(node.at, f"{shown(name)} is no currency", told)
    return Value(lambda _record, _memo: name, "", constant=True)


def code(call: Call) -> Value:
    """A code by a table of the mapping, with its text beside it."""
    source, target, build = call.of(), call.target, call.build
    any_case = call.given.get("any_case", False)
    table: Mapping[str, Any] = call.given.get("table", {})
    unknown = None
    if target.kind is Kind.CODE:
        ours = functions.members(target.type)
        for meant in set(table.values()) - set(ours):
            build.report.unknown(call.table.at, meant, f"code of {target.name}", ours)
        table = {theirs: ours[meant] for theirs, meant in table.items() if meant in ours}
        table = table if "table" in call.given else ours
        unknown = ours.get(functions.UNKNOWN)
    elif "table" not in call.given:
        build.report.error(call.table.at, "code has no table", "add table: {theirs: ours}")
    look = functions.code(table, unknown=unknown, any_case=any_case)
    read, field = source.get, source.field

    def get(record: Any, memo: Any) -> Any:
        text = read(record, memo)
        return unknown if text is None else look(text, field)

    return Value(get, field, raw=read)


def constant(call: Call) -> Value:
    """Always the same, as the target takes it."""
    target, build, node = call.target, call.build, call.subject
    text = text_of(node, "constant", build.report)
    made: Any = text
    try:
        if target.kind is Kind.CODE:
            made = functions.members(target.type).get(text)
            if text and made is None:
                known = functions.members(target.type)
                build.report.unknown(node.at, text, f"code of {target.name}", known)
        elif target.kind is Kind.FLAG:
            made = as_flag(text, target.name)
        elif target.kind is Kind.WHOLE:
            made = as_whole(text, target.name)
        elif target.kind is Kind.MOMENT:
            made = as_date(text, target.name, ("%Y-%m-%d", "%Y-%m", "%Y"))
        elif target.kind is Kind.TEXTS:
            made = (text,)
    except UnreadableRecord as error:
        build.report.error(node.at, f"the constant is not {error.rule}", how(target))
    return Value(lambda _record, _memo: made, "", constant=True)


def _several(call: Call, target: Target) -> list[Value]:
    nodes = call.subject.items if isinstance(call.subject, Items) else (call.subject,)
    if not isinstance(call.subject, Items) or not nodes:
        told = "name several: [one, other]"
        call.build.report.error(call.subject.at, "a list of values is wanted", told)
    return [value(call.build, node, target) for node in nodes]


def join(call: Call) -> Value:
    """Several texts as one; blank where all that vary are blank."""
    parts = _several(call, TEXT)
    reads, with_ = [part.get for part in parts], call.given.get("with", " ")
    varying = [part.get for part in parts if not part.constant]
    field = next((part.field for part in parts if part.field), "")

    def get(record: Any, memo: Any) -> str | None:
        found = [text for read in reads if (text := read(record, memo)) is not None]
        if len(varying) < len(reads) and all(read(record, memo) is None for read in varying):
            return None
        return with_.join(found) or None

    return Value(get, field, not varying)


def first(call: Call) -> Value:
    """The first of several that is not blank."""
    parts = _several(call, call.target)
    reads = [part.get for part in parts]
    field = next((part.field for part in reversed(parts) if part.field), "")

    def get(record: Any, memo: Any) -> Any:
        for read in reads:
            found = read(record, memo)
            if found is not None and found != ():
                return found
        return None

    return Value(get, field)


def required(call: Call) -> Value:
    """A value without which the record is refused."""
    return needed(call.of(call.target), call.target.name)


def each(call: Call) -> Value:
    """A text of each entry of a list."""
    steps = list_at(call.build, call.subject)
    inner = call.build.item(steps)
    said, asked = call.given.get("value"), call.given.get("where")
    one = value(inner, said or Text(TEXT_STEP, call.subject.at), TEXT)
    where = condition(inner, asked) if asked is not None else None
    read, listed = one.get, inner.list_of(steps)

    def get(record: Any, _memo: Any) -> tuple[str, ...]:
        found: list[str] = []
        for item in listed.of(record):
            within: dict[int, Any] = {}
            text = read(item, within) if where is None or where(item, within) else None
            if text is not None:
                found.append(text)
        return tuple(found)

    return Value(get, listed.field)


def path_(call: Call) -> Value:
    """A column, or a path as a list of steps."""
    node = call.subject
    if isinstance(node, Items):
        steps = tuple(text_of(item, "a step", call.build.report) for item in node.items)
        return path(steps, node.at, call.build)
    return value(call.build, node, TEXT)


def _choice(call: Call, test: Any, then: Node, otherwise: Node | None) -> Value:
    yes = value(call.build, then, call.target)
    no = value(call.build, otherwise, call.target) if otherwise is not None else Value(nothing)
    read_yes, read_no = yes.get, no.get

    def get(record: Any, memo: Any) -> Any:
        return read_yes(record, memo) if test(record, memo) else read_no(record, memo)

    return Value(get, yes.field or no.field)


def node(node: Node, _what: str, _build: Build) -> Node:
    """An argument that is compiled by the function itself."""
    return node


def conditional(call: Call) -> Value:
    """One value where a condition holds, else another."""
    return _choice(
        call, condition(call.build, call.subject), call.given["then"], call.given.get("else")
    )
