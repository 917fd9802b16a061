"""Conditions of a document compiled: a small closed set, each a question of yes or no."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from hub.connect.mapping import arguments, functions
from hub.connect.mapping.arguments import Argument
from hub.connect.mapping.build import Build, steps_of
from hub.connect.mapping.build import found as found_at
from hub.connect.mapping.document import Items, Node, Table, Text
from hub.connect.mapping.expression import applied, given_of, value
from hub.connect.mapping.keys import one_key, text_of
from hub.connect.mapping.part import spread
from hub.connect.mapping.target import MOMENT, TEXT

Test = Callable[[Mapping[str, Any], dict[int, Any]], bool]


def never(_record: Mapping[str, Any], _memo: dict[int, Any]) -> bool:
    """Does not hold; stands for what could not be compiled."""
    return False


class Condition(NamedTuple):
    """A condition: what it asks, an example, its arguments, and how it is compiled."""

    doc: str
    example: str
    compile: Callable[[Build, Node, Mapping[str, Any]], Test]
    arguments: Mapping[str, Argument] = {}


def condition(build: Build, node: Node) -> Test:
    """A compiled condition, or several in a list that must all hold.

    One that never holds where it cannot be compiled, which is reported.
    """
    build.spend()
    if isinstance(node, Items):
        return _all_of(_tests(build, node))
    if not isinstance(node, Table):
        build.report.error(node.at, "a condition is no table", "for example {present: COLUMN}")
        return never
    build, node = spread(build, node)
    name = one_key(node, CONDITIONS, "condition", build.report)
    if name is None:
        return never
    found = CONDITIONS[name.value]
    given = given_of(build, node, name.value, found.arguments)
    if given is None:
        return never
    return found.compile(build, node.get(name.value) or name, given)


def _all_of(tests: Sequence[Test]) -> Test:
    def test(record: Mapping[str, Any], memo: dict[int, Any]) -> bool:
        for one in tests:  # noqa: SIM110 - a generator takes twice as long
            if not one(record, memo):
                return False
        return True

    return test


def _present(build: Build, node: Node, _given: Mapping[str, Any]) -> Test:
    read = value(build, node, TEXT).get
    if not isinstance(node, Text) or build.flat:
        return lambda record, memo: read(record, memo) is not None
    steps = steps_of(node.value, build)
    return lambda record, _memo: not is_blank(found_at(record, steps, node.value))


def is_blank(value: Any) -> bool:
    """Whether a value of any kind, also a table or a list, holds nothing."""
    return value in (None, "", [], {}) or (isinstance(value, str) and not value.strip())


def _absent(build: Build, node: Node, given: Mapping[str, Any]) -> Test:
    present = _present(build, node, given)
    return lambda record, memo: not present(record, memo)


def _has(build: Build, node: Node, _given: Mapping[str, Any]) -> Test:
    name = text_of(node, "has", build.report)
    if name and build.root:
        value(build, node, TEXT)  # counts as read
    steps = steps_of(name, build)
    if len(steps) != 1:
        build.report.error(node.at, "has asks for a field of the record itself", "use present:")
    return lambda record, _memo: name in record


def _yes(build: Build, node: Node, _given: Mapping[str, Any]) -> Test:
    read = applied(value(build, node, TEXT), functions.flag()).get
    return lambda record, memo: read(record, memo) is True


def _no(build: Build, node: Node, _given: Mapping[str, Any]) -> Test:
    read = applied(value(build, node, TEXT), functions.flag()).get
    return lambda record, memo: read(record, memo) is False


def _equals(build: Build, node: Node, given: Mapping[str, Any]) -> Test:
    read, words = value(build, node, TEXT).get, frozenset(given["to"])
    if given.get("any_case"):
        lower = frozenset(word.lower() for word in words)
        return lambda record, memo: (read(record, memo) or "").lower() in lower
    return lambda record, memo: read(record, memo) in words


def _contains(build: Build, node: Node, given: Mapping[str, Any]) -> Test:
    read, text = value(build, node, TEXT).get, given["text"]
    return lambda record, memo: text in (read(record, memo) or "")


def _starts(build: Build, node: Node, given: Mapping[str, Any]) -> Test:
    read, text = value(build, node, TEXT).get, given["with"]
    return lambda record, memo: (read(record, memo) or "").startswith(text)  # a tuple: any


def _later(build: Build, node: Node, given: Mapping[str, Any]) -> Test:
    read, read_other = value(build, node, MOMENT).get, value(build, given["than"], MOMENT).get

    def test(record: Mapping[str, Any], memo: dict[int, Any]) -> bool:
        one, other = read(record, memo), read_other(record, memo)
        return one is not None and other is not None and one.earliest > other.earliest

    return test


def _tests(build: Build, node: Node) -> list[Test]:
    if not isinstance(node, Items) or not node.items:
        build.report.error(node.at, "a list of conditions is wanted", "[{present: A}, {absent: B}]")
        return [never]
    return [condition(build, item) for item in node.items]


def _any(build: Build, node: Node, _given: Mapping[str, Any]) -> Test:
    tests = _tests(build, node)
    return lambda record, memo: any(test(record, memo) for test in tests)


def _not(build: Build, node: Node, _given: Mapping[str, Any]) -> Test:
    test = condition(build, node)
    return lambda record, memo: not test(record, memo)


def _node(node: Node, _what: str, _build: Build) -> Node:
    return node


CONDITIONS: Mapping[str, Condition] = {
    "present": Condition("Is it there and not blank?", "{present: ended}", _present),
    "absent": Condition("Is it blank?", "{absent: ended}", _absent),
    "has": Condition("Has the record this field, even a blank one?", "{has: permit_no}", _has),
    "yes": Condition("Does it say yes? A blank does not.", "{yes: is_draft}", _yes),
    "no": Condition("Does it say no? A blank does not.", "{no: is_public}", _no),
    "equals": Condition(
        "Is it one of these texts?",
        "{equals: status, to: [VOID, DRAFT]}",
        _equals,
        {
            "to": Argument("One text or a list.", arguments.texts, required=True),
            "any_case": Argument("Whether case does not matter.", arguments.flag),
        },
    ),
    "contains": Condition(
        "Does it hold this text?",
        "{contains: address, text: '[REDACTED]'}",
        _contains,
        {"text": Argument("The text.", arguments.mark, required=True)},
    ),
    "starts": Condition(
        "Does it start with one of these texts?",
        "{starts: id, with: [GB-CHC-, GB-COH-]}",
        _starts,
        {"with": Argument("One text or a list.", arguments.texts, required=True)},
    ),
    "later": Condition(
        "Is one date or time later than another? A blank is not.",
        "{later: {time: changed}, than: {time: opened}}",
        _later,
        {"than": Argument("The other date or time.", _node, required=True)},
    ),
    "any": Condition("Does one of a list hold?", "{any: [{present: a}, {present: b}]}", _any),
    "not": Condition("Does it not hold?", "{not: {yes: is_public}}", _not),
}
