"""Values of a document compiled: a column or path, or a function of one or several others."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from hub.canon.model import Money
from hub.connect.mapping import arguments, functions
from hub.connect.mapping.arguments import Argument
from hub.connect.mapping.build import BROKEN, Build, Get, Value, needed, nothing, path, steps_of
from hub.connect.mapping.document import Items, Node, Table, Text
from hub.connect.mapping.keys import Key, check_keys, one_key, text_of
from hub.connect.mapping.part import spread
from hub.connect.mapping.problem import shown
from hub.connect.mapping.target import TEXT, Kind, Target
from hub.connect.values import as_date, as_flag, as_whole
from hub.errors import UnreadableRecord


class Call(NamedTuple):
    """A function as it is called: where, on what, with which arguments, and what is wanted."""

    build: Build
    table: Table
    subject: Node
    given: Mapping[str, Any]
    target: Target

    def of(self, target: Target = TEXT) -> Value:
        """The subject compiled."""
        return value(self.build, self.subject, target)


class Function(NamedTuple):
    """A function: what it gives, what it is for, its arguments, and how a call is compiled.

    `gives` is empty where it gives whatever its parts give.
    """

    gives: frozenset[Kind]
    doc: str
    example: str
    compile: Callable[[Call], Value]
    arguments: Mapping[str, Argument] = {}


def value(build: Build, node: Node, target: Target) -> Value:
    """A value of a target's kind; BROKEN where it cannot be one, which is reported."""
    build.spend()
    if isinstance(node, Text):
        return _column(build, node, target)
    if isinstance(node, Items):
        if target.kind is Kind.TEXTS:
            return _texts(build, node)
        build.report.error(node.at, f"{target.name} is {target.kind}, not a list", _how(target))
        return BROKEN
    build, node = spread(build, node)
    name = one_key(node, FUNCTIONS, "function", build.report)
    return BROKEN if name is None else _called(build, node, name, target)


def _called(build: Build, node: Table, name: Text, target: Target) -> Value:
    function = FUNCTIONS[name.value]
    if function.gives and target.kind not in function.gives:
        gives = " or ".join(sorted(function.gives))
        what = f"{name.value} gives {gives}, and {target.name} is {target.kind}"
        build.report.error(name.at, what, _how(target))
        return BROKEN
    given = given_of(build, node, name.value, function.arguments)
    if given is None:
        return BROKEN
    return function.compile(Call(build, node, node.get(name.value) or name, given, target))


def given_of(
    build: Build, node: Table, name: str, known: Mapping[str, Argument]
) -> dict[str, Any] | None:
    """The arguments that are given; None where one is missing, which is reported."""
    keys = {key: Key(one.doc, one.required) for key, one in known.items()}
    check_keys(node, keys, name, build.report, frozenset({name}))
    given = {
        key: one.read(held, key, build)
        for key, one in known.items()
        if (held := node.get(key)) is not None
    }
    lacking = any(one.required and key not in given for key, one in known.items())
    return None if lacking else given


def _column(build: Build, node: Text, target: Target) -> Value:
    if not node.value.strip():
        build.report.error(node.at, f"{target.name} is empty", "name a column, or leave it out")
        return BROKEN
    if target.kind is not Kind.TEXT:
        what = f"{target.name} is {target.kind}, and a column is text"
        build.report.error(node.at, what, _how(target, node.value))
        return BROKEN
    return path(steps_of(node.value, build), node.at, build)


_EXAMPLES = {
    Kind.TEXTS: "{{list: {0}, at: '|'}}",
    Kind.MOMENT: "{{date: {0}, format: '%m/%d/%Y'}} or {{time: {0}, zone: Europe/Berlin}}",
    Kind.MONEY: "{{money: {0}, currency: USD}}",
    Kind.FLAG: "{{flag: {0}}}",
    Kind.WHOLE: "{{whole: {0}}}",
    Kind.CODE: "{{code: {0}, table: {{theirs: ours}}}}",
    Kind.TEXT: "a column's name",
    Kind.RECORD: "keys below it",
    Kind.RECORDS: "a list of tables",
}


def _how(target: Target, column: str = "COLUMN") -> str:
    told = _EXAMPLES[target.kind].format(column)
    if target.kind is Kind.CODE:
        told += f"; ours: {', '.join(member.value for member in target.type)}"
    return f"write {told}"


def _texts(build: Build, node: Items) -> Value:
    """A list of values, each a text or a list of texts; blanks are left out."""
    parts = [_one_or_more(build, item) for item in node.items]
    reads = [part.get for part in parts]
    field = next((part.field for part in parts if part.field), "")

    def get(record: Any, memo: Any) -> tuple[str, ...]:
        found: list[str] = []
        for read in reads:
            said = read(record, memo)
            if type(said) is tuple:
                found.extend(said)
            elif said is not None:
                found.append(said)
        return tuple(found)

    return Value(get, field, all(part.constant for part in parts))


def _one_or_more(build: Build, node: Node) -> Value:
    several = isinstance(node, Table) and spread(build, node)[1].get("list") is not None
    return value(build, node, Target("a text", Kind.TEXTS) if several else TEXT)


def applied(source: Value, apply: functions.Apply) -> Value:
    """A function of one text; a blank stays blank."""
    read, field = source.get, source.field

    def get(record: Any, memo: Any) -> Any:
        text = read(record, memo)
        return None if text is None else apply(text, field)

    return Value(get, field, source.constant)


def _of_text(make: Callable[..., functions.Apply]) -> Callable[[Call], Value]:
    """A function of one text whose maker takes the arguments by their names."""

    def compile_(call: Call) -> Value:
        return applied(call.of(), make(**call.given))

    return compile_


def _date(call: Call) -> Value:
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


def _time(call: Call) -> Value:
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


def _date_parts(call: Call) -> Value:
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


def _money(call: Call) -> Value:
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


def _currency(node: Node, what: str, build: Build) -> Value:
    """A currency as it is written, or how it is found in the record."""
    if not isinstance(node, Text):
        return value(build, node, TEXT)
    name = text_of(node, what, build.report)
    if name and not (len(name) == CURRENCY_LETTERS and name.isascii() and name.isupper()):
        told = "three letters as ISO 4217 has it, USD; or {path: COLUMN}"
        build.report.error(node.at, f"{shown(name)} is no currency", told)
    return Value(lambda _record, _memo: name, "", constant=True)


def _code(call: Call) -> Value:
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


def _constant(call: Call) -> Value:
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
        build.report.error(node.at, f"the constant is not {error.rule}", _how(target))
    return Value(lambda _record, _memo: made, "", constant=True)


def _several(call: Call, target: Target) -> list[Value]:
    nodes = call.subject.items if isinstance(call.subject, Items) else (call.subject,)
    if not isinstance(call.subject, Items) or not nodes:
        told = "name several: [one, other]"
        call.build.report.error(call.subject.at, "a list of values is wanted", told)
    return [value(call.build, node, target) for node in nodes]


def _join(call: Call) -> Value:
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


def _first(call: Call) -> Value:
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


def _required(call: Call) -> Value:
    return needed(call.of(call.target), call.target.name)


def _path(call: Call) -> Value:
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


def _node(node: Node, _what: str, _build: Build) -> Node:
    return node


def name_value(build: Build, node: Node, order: str) -> Value:
    """A person's name from one field, taken apart."""
    return applied(value(build, node, TEXT), functions.name(order))


def _conditional(call: Call) -> Value:
    from hub.connect.mapping.condition import condition  # noqa: PLC0415 - the two need each other

    return _choice(
        call, condition(call.build, call.subject), call.given["then"], call.given.get("else")
    )


_TEXT, _ANY = frozenset({Kind.TEXT}), frozenset[Kind]()
_MOMENT = frozenset({Kind.MOMENT})
_AT = Argument("The mark that parts them.", arguments.mark, required=True)
_SEPARATOR = Argument("What stands between code and label; a colon.", arguments.mark)
FUNCTIONS: Mapping[str, Function] = {
    "path": Function(
        _TEXT,
        "A column, or what stands at a path; as a list of steps where a name holds a dot.",
        "{path: [applicant, tax.id]}",
        _path,
    ),
    "required": Function(
        _ANY,
        "The value itself; where it is blank the record is refused.",
        "{required: account_no}",
        _required,
    ),
    "constant": Function(
        frozenset({Kind.TEXT, Kind.CODE, Kind.FLAG, Kind.WHOLE, Kind.MOMENT, Kind.TEXTS}),
        "Always the same.",
        "{constant: US}",
        _constant,
    ),
    "date": Function(
        _MOMENT,
        "A date as precise as the format that fits: a format of the year alone gives a year.",
        "{date: issued, format: '%m/%d/%Y'}",
        _date,
        {
            "format": Argument(
                "How it is written, one or a list; the first that fits counts.",
                arguments.formats,
                required=True,
            ),
            "years_from": Argument(
                "With %y: the first of the hundred years that are meant.", arguments.year
            ),
            "precision": Argument(
                "No more precise than this: year, month or day.",
                arguments.one_of(*functions.PRECISIONS),
            ),
        },
    ),
    "time": Function(
        _MOMENT,
        "An instant, in ISO 8601 where no format is given. A wall clock without offset is taken in"
        " the zone, or refused where none is given; a date alone stays a date.",
        "{time: received, zone: America/New_York}",
        _time,
        {
            "format": Argument("How it is written, one or a list.", arguments.formats),
            "zone": Argument(
                "Where the wall clock hangs, as IANA names it, or {path: COLUMN}.", arguments.zone
            ),
        },
    ),
    "epoch": Function(
        _MOMENT,
        "An instant as a whole number since 1970 UTC.",
        "{epoch: updated, unit: ms}",
        _of_text(functions.epoch),
        {"unit": Argument("s, ms or us.", arguments.one_of(*functions.EPOCH_UNITS), required=True)},
    ),
    "date_parts": Function(
        _MOMENT,
        "A date told in columns of its own, as precise as what is there.",
        "{date_parts: {year: birth_year, month: birth_month, day: birth_day}}",
        _date_parts,
    ),
    "money": Function(
        frozenset({Kind.MONEY}),
        "An exact amount, never rounded.",
        "{money: fee, currency: USD}",
        _money,
        {
            "currency": Argument("ISO 4217, or {path: COLUMN}.", _currency, required=True),
            "decimal": Argument(
                "The mark before the fraction, '.' or ','.", arguments.one_of(".", ",")
            ),
            "units": Argument("What one is worth; 0.01 for cents.", arguments.units),
        },
    ),
    "flag": Function(
        frozenset({Kind.FLAG}),
        "Yes or no: y, yes, t, true, 1 and n, no, f, false, 0, or words of the source's own.",
        "{flag: veteran, yes: [J], no: [N]}",
        _of_text(functions.flag),
        {
            "yes": Argument("Words that mean yes.", arguments.texts),
            "no": Argument("Words that mean no.", arguments.texts),
        },
    ),
    "whole": Function(
        frozenset({Kind.WHOLE}),
        "A whole number.",
        "{whole: copies}",
        lambda call: applied(call.of(), as_whole),
    ),
    "code": Function(
        frozenset({Kind.CODE, Kind.TEXT}),
        "A code by a table. One nobody has mapped is UNKNOWN, and its text is kept in the field"
        " beside it (status_text); where a text is wanted it stays as it was sent. Without a table"
        " the source uses our codes.",
        "{code: status, table: {A: issued, R: revoked}}",
        _code,
        {
            "table": Argument("Their codes and ours, or a name under tables:.", arguments.table),
            "any_case": Argument("Whether case does not matter.", arguments.flag),
        },
    ),
    "code_of": Function(
        _TEXT,
        'The code of a "code: label".',
        "{code_of: state}",
        _of_text(functions.code_of),
        {"separator": _SEPARATOR},
    ),
    "label_of": Function(
        _TEXT,
        'The label of a "code: label".',
        "{label_of: state}",
        _of_text(functions.label_of),
        {"separator": _SEPARATOR},
    ),
    "clean": Function(
        _TEXT,
        "Text without control characters, white space as single spaces.",
        "{clean: remarks, none: [N/A, unknown]}",
        _of_text(functions.clean),
        {"none": Argument("Words that stand for nothing.", arguments.texts)},
    ),
    "words": Function(
        _TEXT,
        f"The words of an HTML text, at most {functions.WORDS_CHARACTERS_MAX} characters.",
        "{words: description}",
        lambda call: applied(call.of(), functions.words),
    ),
    "replace": Function(
        _TEXT,
        "A text in which another is replaced.",
        "{replace: ein, what: '-'}",
        _of_text(functions.replace),
        {
            "what": Argument("What is replaced.", arguments.mark, required=True),
            "by": Argument("What stands there instead; nothing.", arguments.text),
        },
    ),
    "keep": Function(
        _TEXT,
        "The digits, or the letters and digits, of a text.",
        "{keep: ssn, characters: digits}",
        _of_text(functions.keep),
        {
            "characters": Argument(
                "digits, or letters and digits.",
                arguments.one_of(*arguments.CHARACTERS),
                required=True,
            )
        },
    ),
    "split": Function(
        _TEXT,
        "One of the parts of a text.",
        "{split: address, at: '#', place: 1}",
        _of_text(functions.split),
        {"at": _AT, "place": Argument("Which, from 1.", arguments.part, required=True)},
    ),
    "rest": Function(
        _TEXT,
        "What stands behind the first mark.",
        "{rest: address, at: '#'}",
        _of_text(functions.rest),
        {"at": _AT},
    ),
    "list": Function(
        frozenset({Kind.TEXTS}),
        "All parts of a text.",
        "{list: activities, at: '|'}",
        _of_text(functions.list_),
        {"at": _AT},
    ),
    "join": Function(
        _TEXT,
        "Several texts as one; blanks are left out.",
        "{join: [name, name_overflow], with: ' '}",
        _join,
        {"with": Argument("What stands between them; a space.", arguments.text)},
    ),
    "first": Function(
        _ANY,
        "The first of several values that is not blank.",
        "{first: [mobile, landline]}",
        _first,
    ),
    "phone": Function(
        _TEXT,
        "A telephone number in E.164 where it can be one, else as it was sent.",
        "{phone: tel, region: US}",
        _of_text(functions.phone),
        {
            "region": Argument(
                "Where numbers without a country's are.", arguments.region, required=True
            )
        },
    ),
    "if": Function(
        _ANY,
        "One value where a condition holds, else another.",
        "{if: {present: renewed}, then: {constant: renew}, else: {constant: issue}}",
        _conditional,
        {
            "then": Argument("The value where it holds.", _node, required=True),
            "else": Argument("The value where it does not; nothing.", _node),
        },
    ),
}
