"""Events compiled: when a record is one, its key and version, when it happened, body and claims."""

import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from hub.canon.model import EVENT_NAMES, EventKind, Notice
from hub.connect.contract import Draft, Superseded
from hub.connect.mapping.build import Build, Get, Value, missing, needed
from hub.connect.mapping.claims import claims
from hub.connect.mapping.condition import Test, condition
from hub.connect.mapping.document import Items, Node, Table, Text
from hub.connect.mapping.expression import value
from hub.connect.mapping.keys import Key, check_keys, mark_of, one_key, table_of, text_at, text_of
from hub.connect.mapping.part import spread
from hub.connect.mapping.problem import shown
from hub.connect.mapping.record import record
from hub.connect.mapping.target import EVENTS, MOMENT, Kind, Target

KEYS: Mapping[str, Key] = {
    "event": Key("The event's class, for example LicenceIssued.", required=True),
    "when": Key("A condition; where it does not hold the record is no such event."),
    "withdrawn_when": Key("A condition under which the record withdraws what it said before."),
    "corrected_when": Key(
        "A condition under which the record corrects what it said before; where it does not hold, a"
        " later state tells what has changed since."
    ),
    "supersedes": Key("The earlier record whose place this one takes, as the source says."),
    "record_key": Key("The native key of the record, in the place of the one above."),
    "record_version": Key("The version of the record's state, in the place of the one above."),
    "occurred": Key("When it happened: a date or time.", required=True),
    "body": Key("The fields of the event's class.", required=True),
    "claims": Key("Whom it speaks of, in the place of the claims above."),
}
KINDS_OF_VERSION = ("latest", "whole")
VERSIONS: Mapping[str, Key] = {
    "latest": Key("The latest of some dates or times; blank ones do not count."),
    "final": Key(
        "With latest: a condition; of states of one time those are later for which it holds."
    ),
    "whole": Key("A whole number."),
}
SUPERSEDES: Mapping[str, Key] = {
    "record_key": Key(
        "The native key of that record, written like the one above; where a column is blank there"
        " is none.",
        required=True,
    ),
    "record_version": Key("The last version of it that is meant; all of them."),
}
SOURCE = "source"
KEY_PART = Target("a key", Kind.TEXT, required=True)
RULE_KEYS: Mapping[str, Key] = {
    "rule": Key("What such records are called in the books.", required=True),
    "when": Key("A condition.", required=True),
}
REFUSE_KEYS: Mapping[str, Key] = {
    "rule": Key("What the field must be: the record is refused as not being it.", required=True),
    "field": Key("The field that is named.", required=True),
    "when": Key("A condition.", required=True),
    "code": Key("The code of the refusal; E-RULE."),
}
CODE = re.compile(r"E(-[A-Z][A-Z0-9]*){1,4}")
E_RULE = "E-RULE"
ReadVersion = Callable[[Mapping[str, Any], dict[int, Any], int], int]


Tell = Callable[[Mapping[str, Any], dict[int, Any], int], Draft | None]
"""The draft of a record at a version; None where it is no such event."""


class Defaults(NamedTuple):
    """What events take where they say nothing themselves.

    `versioned` is whether the source knows the order of a record's states.
    """

    record_key: Node | None
    record_version: Node | None
    claims: Get
    versioned: bool
    domain: str
    notice: Notice | None


class Event(NamedTuple):
    """One event compiled: its class, whether it may not hold, and how it is told.

    `tells_corrections` is whether it says itself what is a correction.
    """

    body: type
    conditional: bool
    key: str
    tells_corrections: bool
    tell: Tell


def event(build: Build, node: Node, defaults: Defaults) -> Event | None:
    """One event of the document; None where it cannot be compiled, which is reported."""
    table = table_of(node, "an event", build.report)
    if table is None:
        return None
    build, table = spread(build, table)
    check_keys(table, KEYS, "an event", build.report)
    when, kind = _test(build, table, "when"), _event_kind(build, table)
    key = _key(build, table, defaults)
    version = _version(build, table, defaults)
    superseded = _superseded(build, table, defaults)
    at, body_at = table.get("occurred"), table.get("body")
    occurred = needed(value(build, at, MOMENT), "when it happened") if at is not None else None
    claimed = claims(build, own).get if (own := table.get("claims")) else defaults.claims
    told = _class(build, table, defaults.domain)
    body = record(build, body_at, told) if told is not None and body_at is not None else None
    if told is None or body is None or occurred is None or key is None:
        return None
    says = _Says(
        body.get, key.get, version, occurred.get, claimed, kind, defaults.notice, superseded
    )
    corrects = table.get("corrected_when") is not None
    return Event(told, when is not None, key.field, corrects, _tell(when, says))


class _Says(NamedTuple):
    """What a draft is made of, in the order of its fields."""

    body: Get
    key: Get
    version: ReadVersion
    occurred: Get
    claims: Get
    kind: Get
    notice: Notice | None
    superseded: Get


def _tell(when: Test | None, says: _Says) -> Tell:
    body, key, version, occurred, claimed, kind, notice, superseded = says

    def tell(row: Mapping[str, Any], memo: dict[int, Any], told: int) -> Draft | None:
        if when is not None and not when(row, memo):
            return None
        at = occurred(row, memo)
        return Draft(
            body(row, memo),
            key(row, memo),
            version(row, memo, told),
            at,
            claimed(row, memo),
            kind(row, memo),
            notice,
            superseded(row, memo),
        )

    return tell


def _event_kind(build: Build, table: Table) -> Get:
    """Whether a record withdraws, corrects or says what it said before."""
    withdrawn, corrected = (
        _test(build, table, "withdrawn_when"),
        _test(build, table, "corrected_when"),
    )
    asserted = EventKind.ASSERTED

    def kind(row: Mapping[str, Any], memo: dict[int, Any]) -> EventKind:
        if withdrawn is not None and withdrawn(row, memo):
            return EventKind.WITHDRAWN
        corrects = corrected is not None and corrected(row, memo)
        return EventKind.CORRECTED if corrects else asserted

    return kind


def _superseded(build: Build, table: Table, defaults: Defaults) -> Get:
    """The earlier record that one takes the place of; None where its key is blank."""
    node = table.get("supersedes")
    held = table_of(node, "supersedes", build.report) if node is not None else None
    if held is None:
        return _nobody
    check_keys(held, SUPERSEDES, "supersedes", build.report)
    at = held.get("record_key")
    if at is None:
        return _nobody
    reads = [part.get for part in _key_parts(build, at)]
    versioned = held.get("record_version") is not None
    version = _version(build, held, defaults) if versioned else None

    def superseded(row: Mapping[str, Any], memo: dict[int, Any]) -> Superseded | None:
        parts = [read(row, memo) for read in reads]
        if not all(parts):
            return None
        return Superseded("/".join(parts), version(row, memo, 0) if version is not None else None)

    return superseded


def _nobody(_row: Mapping[str, Any], _memo: dict[int, Any]) -> None:
    return None


def _test(build: Build, table: Table, key: str) -> Test | None:
    node = table.get(key)
    return None if node is None else condition(build, node)


def _class(build: Build, table: Table, domain: str) -> type | None:
    """The event's class, which must be of the domain."""
    node = table.get("event")
    name = text_of(node, "event", build.report) if node is not None else ""
    if node is None or not name:
        return None
    ours = {
        one: kind
        for one, kind in EVENTS.items()
        if EVENT_NAMES[kind].startswith(f"civic.events.{domain}.") or not domain
    }
    if name not in ours:
        build.report.unknown(node.at, name, f"event of {domain or 'any domain'}", ours)
    return ours.get(name)


def _key(build: Build, table: Table, defaults: Defaults) -> Value | None:
    """The record's key: parts joined by a slash, each of which must be there."""
    node = table.get("record_key") or defaults.record_key
    if node is None:
        told = "add record_key: COLUMN, or a list of columns and {constant: WORD}"
        build.report.error(table.at, "an event has no record_key", told)
        return None
    parts = [needed(part, "the key of the record") for part in _key_parts(build, node)]
    fields = "/".join(part.field for part in parts)
    reads = [part.get for part in parts]
    if len(reads) == 1:
        return Value(reads[0], fields)
    return Value(lambda row, memo: "/".join([read(row, memo) for read in reads]), fields)


def _key_parts(build: Build, node: Node) -> list[Value]:
    """The parts of a key; a key of constants alone is reported."""
    items = node.items if isinstance(node, Items) else (node,)
    parts = [value(build, item, KEY_PART) for item in items]
    if all(part.constant for part in parts):
        build.report.error(node.at, "every record would have the same key", "name a column in it")
    return parts


def _version(build: Build, table: Table, defaults: Defaults) -> ReadVersion:
    """Which state of a record is the later one: as the source says, or as the record does."""
    node = table.get("record_version") or defaults.record_version
    if node is None or (isinstance(node, Text) and node.value == SOURCE):
        if not defaults.versioned:
            told = "add record_version: {latest: [{time: COLUMN}]}, or {whole: COLUMN}"
            build.report.error(
                (node or table).at, "this source does not know which state is later", told
            )
        return _told
    if not isinstance(node, Table):
        told = f"write {SOURCE}, or {{latest: [{{time: COLUMN}}]}}"
        build.report.error(node.at, "record_version must be a table", told)
        return _told
    check_keys(node, VERSIONS, "record_version", build.report)
    name = one_key(node, dict.fromkeys(KINDS_OF_VERSION), "version", build.report)
    held, final = node.get("latest"), _test(build, node, "final")
    if name is None:
        return _told
    if held is None:
        return _whole(build, node)
    version = _latest(build, held, versioned=defaults.versioned)
    if final is None:
        return version
    return lambda row, memo, told: version(row, memo, told) * 2 + final(row, memo)


def _told(_row: Mapping[str, Any], _memo: dict[int, Any], told: int) -> int:
    return told


def _whole(build: Build, node: Table) -> ReadVersion:
    number = needed(value(build, node, Target("record_version", Kind.WHOLE)), "the version").get
    return lambda row, memo, _told: int(number(row, memo))


def _latest(build: Build, node: Node, *, versioned: bool) -> ReadVersion:
    """The latest of some moments; where all are blank, the version the source tells."""
    items = node.items if isinstance(node, Items) else (node,)
    parts = [value(build, item, MOMENT) for item in items]
    reads, field = (
        [part.get for part in parts],
        next((p.field for p in reversed(parts) if p.field), ""),
    )

    def version(row: Mapping[str, Any], memo: dict[int, Any], told: int) -> int:
        moments = [said for read in reads if (said := read(row, memo)) is not None]
        if not moments and not versioned:
            missing(field, "the version")
        return max(said.earliest for said in moments) if moments else told

    return version


class Rule(NamedTuple):
    """A rule by which a record is left out, or refused for a field."""

    name: str
    test: Test
    field: str = ""
    code: str = E_RULE


def rules(build: Build, node: Node, keys: Mapping[str, Key]) -> list[Rule]:
    """The rules of the document, which are asked before any event."""
    if not isinstance(node, Items):
        told = "write a list: - {rule: NAME, when: CONDITION}"
        build.report.error(node.at, "rules are a list", told)
        return []
    return [rule for item in node.items if (rule := _rule(build, item, keys)) is not None]


def _rule(build: Build, node: Node, keys: Mapping[str, Key]) -> Rule | None:
    table = table_of(node, "a rule", build.report)
    if table is None:
        return None
    check_keys(table, keys, "a rule", build.report)
    name, when = table.get("rule"), _test(build, table, "when")
    if name is None or when is None:
        return None
    field = text_at(table, "field", build.report)
    code = text_at(table, "code", build.report, E_RULE)
    if not CODE.fullmatch(code):
        build.report.error(mark_of(table, "code"), f"{shown(code)} is no code", "E-WORD")
    return Rule(text_of(name, "rule", build.report), when, field, code)
