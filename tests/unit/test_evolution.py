"""Compatibility: what the checker lets pass, fastavro really reads, in both directions."""

import io
import json
from typing import Any

import fastavro
import pytest
from hypothesis import given
from hypothesis import strategies as st

import schemas
from hub.canon import evolution
from hub.canon.codec import wire_names
from hub.canon.evolution import (
    check_bounds,
    check_capture,
    check_compatible,
    check_released,
    check_rules,
)

Schema = dict[str, Any]
NAME = "civic.events.licensing.LicenceIssued"
DEFAULTS: dict[str, Any] = {"long": 0, "int": 0, "string": "", "boolean": False, "double": 0.0}
VALUES: dict[str, Any] = {
    "null": st.none(),
    "int": st.integers(-(1 << 31), (1 << 31) - 1),
    "long": st.integers(-(1 << 53), 1 << 53),
    "string": st.text(max_size=5),
    "bytes": st.binary(max_size=5).filter(lambda data: data.isascii()),
    "boolean": st.booleans(),
    "float": st.floats(width=32, allow_nan=False, allow_infinity=False),
    "double": st.floats(width=32, allow_nan=False, allow_infinity=False),
}
SYMBOLS = ("a", "b", "c", "UNKNOWN")


@st.composite
def types(draw: st.DrawFn, name: str, depth: int = 0) -> Any:  # noqa: PLR0911 - one for each kind
    """Any type; a named one takes `name`."""
    kinds = ["plain", "plain", "nullable", "array", "map", "enum", "fixed", "record"]
    kind = draw(st.sampled_from(kinds[: 5 if depth else None]))
    plain = draw(st.sampled_from([kind for kind in VALUES if kind != "null"]))
    if kind == "nullable":
        return ["null", plain]
    if kind == "array":
        return {"type": "array", "items": plain}
    if kind == "map":
        return {"type": "map", "values": plain}
    if kind == "enum":
        return {"type": "enum", "name": f"t.{name}", "symbols": [*SYMBOLS], "default": "UNKNOWN"}
    if kind == "fixed":
        return {"type": "fixed", "name": f"t.{name}", "size": draw(st.integers(1, 3))}
    if kind == "record":
        return draw(records(name, depth + 1))
    return plain


@st.composite
def fields(draw: st.DrawFn, index: int, depth: int, *, optional: bool = False) -> Schema:
    """A field, perhaps with a default."""
    if optional:
        return {"name": f"f{index}", "type": ["null", "string"], "default": None}
    avro = draw(types(f"N{depth}{index}", depth))
    found = {"name": f"f{index}", "type": avro}
    if isinstance(avro, str) and avro in DEFAULTS and draw(st.booleans()):
        found["default"] = DEFAULTS[avro]
    if isinstance(avro, list) and draw(st.booleans()):
        found["default"] = None
    return found


@st.composite
def records(draw: st.DrawFn, name: str = "Top", depth: int = 0) -> Schema:
    """A record of one to four fields."""
    count = draw(st.integers(1, 4))
    own = [draw(fields(index, depth)) for index in range(count)]
    return {"type": "record", "name": f"t.{name}", "fields": own}


@st.composite
def any_change(draw: st.DrawFn, schema: Schema) -> Schema:
    """The schema after some change, good or bad."""
    new: Schema = json.loads(json.dumps(schema))
    own = new["fields"]
    field = draw(st.sampled_from(own))
    kind = draw(st.sampled_from(["add", "drop", "type", "default", "symbols", "order", "name"]))
    if kind == "add":
        own.append(draw(fields(7, 0)))
    elif kind == "drop" and len(own) > 1:
        own.remove(field)
    elif kind == "type":
        field["type"] = draw(types("X", 0))
        field.pop("default", None)
    elif kind == "default":
        field.pop("default", None)
    elif kind == "symbols" and isinstance(field["type"], dict) and "symbols" in field["type"]:
        field["type"]["symbols"] = draw(st.permutations([*SYMBOLS, "d"]).map(lambda one: one[1:]))
        field["type"].pop("default")
    elif kind == "order":
        own.reverse()
    elif kind == "name":
        new["name"] = "t.Other"
    return new


@st.composite
def good_change(draw: st.DrawFn, schema: Schema) -> Schema:
    """The schema after a change both sides can live with."""
    new: Schema = json.loads(json.dumps(schema))
    own = new["fields"]
    kind = draw(st.sampled_from(["add", "drop", "symbols", "order", "doc"]))
    if kind == "add":
        own.insert(draw(st.integers(0, len(own))), draw(fields(7, 0, optional=True)))
    elif kind == "drop":
        kept = [field for field in own if "default" not in field]
        own[:] = kept or own
    elif kind == "symbols":
        for field in own:
            if isinstance(field["type"], dict) and "symbols" in field["type"]:
                field["type"]["symbols"] = draw(st.permutations([*SYMBOLS, "d"]))
    elif kind == "order":
        own.reverse()
    else:
        new["doc"] = "other words"
    return new


def values(avro: Any) -> Any:  # noqa: PLR0911 - one for each kind
    """Any value of a type, as fastavro takes it."""
    if isinstance(avro, str):
        return VALUES[avro]
    if isinstance(avro, list):
        return st.one_of([values(branch) for branch in avro])
    if avro["type"] == "array":
        return st.lists(values(avro["items"]), max_size=2)
    if avro["type"] == "map":
        return st.dictionaries(st.text(max_size=3), values(avro["values"]), max_size=2)
    if avro["type"] == "enum":
        return st.sampled_from(avro["symbols"])
    if avro["type"] == "fixed":
        return st.binary(min_size=avro["size"], max_size=avro["size"])
    return st.fixed_dictionaries({one["name"]: values(one["type"]) for one in avro["fields"]})


def read(writer: Schema, reader: Schema, value: Any) -> Any:
    """What a reader makes of what a writer wrote, by fastavro."""
    theirs, ours = (fastavro.parse_schema(json.loads(json.dumps(one))) for one in (writer, reader))
    buffer = io.BytesIO()
    fastavro.schemaless_writer(buffer, theirs, value)
    buffer.seek(0)
    return fastavro.schemaless_reader(buffer, theirs, ours)


def agrees(writer: Schema, reader: Schema, value: Any) -> None:
    """The reader gets every field it knows; those of the same type unchanged."""
    found = read(writer, reader, value)
    types_ = {field["name"]: field["type"] for field in writer["fields"]}
    assert set(found) == {field["name"] for field in reader["fields"]}
    for field in reader["fields"]:
        if types_.get(field["name"]) == field["type"]:
            assert found[field["name"]] == value[field["name"]]


@given(st.data())
def test_what_passes_is_read_both_ways(data: st.DataObject) -> None:
    """Wherever the checker finds nothing, fastavro reads old bytes as new and new bytes as old."""
    old = data.draw(records())
    new = data.draw(any_change(old))
    if not check_compatible(old, new):
        agrees(old, new, data.draw(values(old)))
        agrees(new, old, data.draw(values(new)))


@given(st.data())
def test_a_good_change_passes(data: st.DataObject) -> None:
    """Optional fields, symbols with a default, order and words may change; nothing is made up."""
    old = data.draw(records())
    new = data.draw(good_change(old))
    assert check_compatible(old, new) == []
    agrees(old, new, data.draw(values(old)))
    agrees(new, old, data.draw(values(new)))


def record(avro: Any, **more: Any) -> Schema:
    """A record of one field."""
    return {"type": "record", "name": "t.R", "fields": [{"name": "f", "type": avro, **more}]}


def enum(*symbols: str, **more: Any) -> Schema:
    """An enum."""
    return {"type": "enum", "name": "t.E", "symbols": list(symbols), **more}


DECIMAL = {"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 2}
UUID = {"type": "string", "logicalType": "uuid"}
TWO = {"type": "record", "name": "t.R", "fields": [{"name": "g", "type": "long"}]}


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (record("long"), TWO, "g: added or removed without a default; give it one"),
        (record("long"), record("string"), "f: was long, is string; add a new field instead"),
        (record("int"), record("long"), "f: was long, is int; add a new field instead"),
        (record("string"), record("bytes"), None),
        (record("long"), record(["null", "long"]), "f: was null, is long"),
        (record("long"), {**record("long"), "name": "t.S"}, "the schema: was t.R, is t.S"),
        (record(enum("a", "b")), record(enum("a")), "f: symbol b is not known"),
        (record(enum("a")), record({**enum("a"), "name": "t.F"}), "f: was t.E, is t.F"),
        (
            record({"type": "array", "items": "long"}),
            record({"type": "map", "values": "long"}),
            "f: was",
        ),
        (
            record({"type": "array", "items": "long"}),
            record({"type": "array", "items": "string"}),
            "f[]: was",
        ),
        (
            record({"type": "fixed", "name": "F", "size": 2}),
            record({"type": "fixed", "name": "F", "size": 3}),
            "size",
        ),
        (record(DECIMAL), record({**DECIMAL, "scale": 3}), "precision or scale"),
        (record(UUID), record("string"), "logical type"),
        (
            record(["null", "long"]),
            record(["null", "string"]),
            "f: no branch of the union takes long",
        ),
    ],
)
def test_a_broken_rule_is_told_in_words(old: Schema, new: Schema, words: str | None) -> None:
    """Each broken rule is told with the field and, where there is one, what to do instead."""
    problems = check_compatible(old, new)
    if words is None:
        assert problems == []
    else:
        assert any(words in problem for problem in problems), problems
        assert all(problem.endswith("readers break") for problem in problems)


def test_the_side_that_breaks_is_named() -> None:
    """A new field without default breaks new readers of old events; a dropped one old readers."""
    wide = {**TWO, "fields": [*record("long")["fields"], *TWO["fields"]]}
    assert check_compatible(record("long"), wide) == [
        "g: added or removed without a default; give it one; new readers break"
    ]
    assert check_compatible(wide, record("long")) == [
        "g: added or removed without a default; give it one; old readers break"
    ]


def test_the_schemas_are_compatible_with_every_release() -> None:
    """What is in the tree keeps the rules and reads, and is read by, every released version."""
    assert check_released() == []


def released(monkeypatch: pytest.MonkeyPatch, old: dict[str, Any]) -> list[str]:
    """The problems against one release of one schema."""
    monkeypatch.setattr(evolution, "_released", lambda: {"0.0.1": {NAME: old}})
    return check_released()


def test_every_release_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """A field a released version had and needed may not go; the problem names the release."""
    old = schemas.load(NAME)
    old["fields"].append({"name": "gone", "type": "string"})
    (problem,) = released(monkeypatch, old)
    assert problem.startswith("gone: added or removed without a default")
    assert problem.endswith("old readers break (against release 0.0.1)")


def test_a_released_message_does_not_go(monkeypatch: pytest.MonkeyPatch) -> None:
    """An event type once released stays."""
    monkeypatch.setattr(evolution, "_released", lambda: {"0.0.1": {"civic.events.a.Gone": {}}})
    assert check_released() == [
        "civic.events.a.Gone of release 0.0.1 is gone; keep it, mark it deprecated"
    ]


def test_capture_never_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Even an optional field more in capture is refused: the digest starts behind it."""
    old = schemas.load(NAME)
    more = {"name": "more", "type": ["null", "string"], "default": None}
    old["fields"][0]["type"]["fields"].append(more)
    (problem,) = released(monkeypatch, old)
    assert problem.startswith(f"{NAME}.capture: never changes")
    assert check_capture(schemas.load(NAME), schemas.load(NAME)) == []


def test_every_message_was_released_or_is_new() -> None:
    """The first release holds every event and view there was, each complete by itself."""
    for version, frozen in evolution._released().items():
        assert set(frozen) <= set(wire_names()), version
        for schema in frozen.values():
            fastavro.parse_schema(json.loads(json.dumps(schema)))


def test_a_release_is_written_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    """Freezing a version writes all messages; a version that is there is not written over."""
    monkeypatch.setattr(evolution.schemas, "__file__", str(tmp_path / "__init__.py"))
    path = evolution.release("1.0.0")
    assert set(json.loads(path.read_text())) == set(wire_names())
    with pytest.raises(FileExistsError):
        evolution.release("1.0.0")


GOOD_FIELD = {"name": "f", "type": "string", "doc": "It.", "term": "none: ours"}


@pytest.mark.parametrize(
    ("field", "words"),
    [
        ({}, None),
        ({"doc": ""}, "give it doc"),
        ({"term": ""}, "give it term"),
        ({"confluent:tags": ["PII"]}, "go together"),
        ({"privacy": "contact"}, "go together"),
        ({"privacy": "secret", "confluent:tags": ["PII"]}, "go together"),
        ({"privacy": "contact", "confluent:tags": ["PII"]}, None),
        ({"type": "double"}, "never a float"),
        ({"type": ["null", {"type": "array", "items": "float"}]}, "never a float"),
    ],
)
def test_the_rules_for_fields(field: Schema, words: str | None) -> None:
    """Every field has doc and term, tag and privacy class together, and is no float."""
    schema = {"type": "record", "name": "t.R", "doc": "It.", "fields": [GOOD_FIELD | field]}
    problems = check_rules(schema)
    assert [words in problem for problem in problems] == ([True] if words else [])


@pytest.mark.parametrize(
    "schema",
    [enum("a"), enum("a", "UNKNOWN"), enum("a", default="a"), enum("a", default="UNKNOWN")],
)
def test_an_enum_has_an_unknown(schema: Schema) -> None:
    """An enum without the symbol UNKNOWN as its default is refused."""
    assert len(check_rules(schema)) == 1
    assert check_rules(enum("a", "UNKNOWN", default="UNKNOWN")) == []


@pytest.mark.parametrize(
    ("avro", "why"),
    [
        (["null", "t.R"], "recursive"),
        ({"type": "array", "items": "null"}, "no bytes"),
        ({"type": "array", "items": {"type": "record", "name": "t.N", "fields": []}}, "no bytes"),
        ("long", None),
    ],
)
def test_our_own_schemas_are_bounded(avro: Any, why: str | None) -> None:
    """A schema our own readers would refuse from another writer is refused in the tree too."""
    problems = check_bounds(record(avro))
    assert [why in problem for problem in problems] == ([True] if why else [])
