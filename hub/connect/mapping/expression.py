"""Values of a document compiled: a column or path, or a function of one or several others."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from hub.connect.mapping import functions
from hub.connect.mapping.arguments import Argument
from hub.connect.mapping.build import BROKEN, Build, Value, path, steps_of
from hub.connect.mapping.document import Items, Node, Table, Text
from hub.connect.mapping.keys import Key, check_keys, one_key
from hub.connect.mapping.part import spread
from hub.connect.mapping.target import TEXT, Kind, Target


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


FUNCTIONS: dict[str, Function] = {}
"""Every function by its name; filled by `function_table`."""


def value(build: Build, node: Node, target: Target) -> Value:
    """A value of a target's kind; BROKEN where it cannot be one, which is reported."""
    build.spend()
    if isinstance(node, Text):
        return _column(build, node, target)
    if isinstance(node, Items):
        if target.kind is Kind.TEXTS:
            return _texts(build, node)
        build.report.error(node.at, f"{target.name} is {target.kind}, not a list", how(target))
        return BROKEN
    build, node = spread(build, node)
    name = one_key(node, FUNCTIONS, "function", build.report)
    return BROKEN if name is None else _called(build, node, name, target)


def _called(build: Build, node: Table, name: Text, target: Target) -> Value:
    function = FUNCTIONS[name.value]
    if function.gives and target.kind not in function.gives:
        gives = " or ".join(sorted(function.gives))
        what = f"{name.value} gives {gives}, and {target.name} is {target.kind}"
        build.report.error(name.at, what, how(target))
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
        build.report.error(node.at, what, how(target, node.value))
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


def how(target: Target, column: str = "COLUMN") -> str:
    """What to write where a value of the target's kind is wanted."""
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
    keys = [key.value for key, _ in spread(build, node)[1].pairs] if isinstance(node, Table) else []
    several = any(key in FUNCTIONS and FUNCTIONS[key].gives == {Kind.TEXTS} for key in keys)
    return value(build, node, Target("a text", Kind.TEXTS) if several else TEXT)


def applied(source: Value, apply: functions.Apply) -> Value:
    """A function of one text; a blank stays blank."""
    read, field = source.get, source.field

    def get(record: Any, memo: Any) -> Any:
        text = read(record, memo)
        return None if text is None else apply(text, field)

    return Value(get, field, source.constant)
