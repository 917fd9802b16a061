"""Writers of other schema versions: resolved where that is safe, refused where it is not."""

import io
import json
from collections.abc import Callable
from typing import Any

import fastavro
import pytest
from hypothesis import given
from hypothesis import strategies as st

import schemas
from hub.canon.codec import Codec, parse, wire_names
from hub.canon.model import EVENT_NAMES, Event, LicenceIssued, LicenceStatus, Sealed
from hub.errors import DecodeError, Unavailable
from tests import strategies
from tests.strategies import SAMPLE

NAME = EVENT_NAMES[LicenceIssued]
IDS = {name: number for number, name in enumerate(wire_names(), 1)}
THEIRS = 900
FRAME = b"\0" + THEIRS.to_bytes(4, "big")
OURS = Codec(IDS)
Schema = dict[str, Any]


def codec(schema: Any) -> Codec:
    """A codec whose registry knows one more schema."""
    text = schema if isinstance(schema, str) else json.dumps(schema)
    return Codec(IDS, {THEIRS: text}.__getitem__)


def changed(change: Callable[[Schema], None]) -> Schema:
    """Our schema with a change."""
    schema = schemas.load(NAME)
    change(schema)
    return schema


def part(schema: Any, name: str) -> Schema:
    """The definition of a named type inside a schema."""
    if isinstance(schema, dict):
        if schema.get("name") == name and "type" in schema and "doc" in schema:
            return schema
        schema = list(schema.values())
    found = [part(one, name) for one in schema if isinstance(one, dict | list)]
    return next((one for one in found if one), {})


def plain(event: Event) -> dict[str, Any]:
    """An event as fastavro's dictionary."""
    data = io.BytesIO(OURS.encode(event)[5:])
    parsed = parse(schemas.load(NAME))
    read: Any = fastavro.schemaless_reader(data, parsed, None, return_named_type=True)
    return dict(read)


def written(schema: Schema, value: dict[str, Any]) -> bytes:
    """Framed bytes of another writer."""
    buffer = io.BytesIO()
    fastavro.schemaless_writer(buffer, parse(schema), value)
    return FRAME + buffer.getvalue()


def refused(codec_: Codec, data: bytes) -> DecodeError:
    """The error some bytes are refused with."""
    with pytest.raises(DecodeError) as caught:
        codec_.decode(data)
    return caught.value


@given(strategies.event(NAME))
def test_the_same_schema_under_another_id(event: Event) -> None:
    """An event written under another id of the same schema is the same event."""
    schema = schemas.load(NAME)
    assert codec(schema).decode(written(schema, plain(event))) == event


def test_a_newer_writers_field_is_left_out() -> None:
    """A field we do not know yet is skipped, and what follows it is read rightly."""

    def newer(schema: Schema) -> None:
        added = {"name": "motto", "type": ["null", "string"], "default": None}
        part(schema, "Organisation")["fields"].insert(1, added)

    schema = changed(newer)
    assert codec(schema).decode(written(schema, plain(SAMPLE))) == SAMPLE


def test_an_older_writers_missing_field_is_its_default() -> None:
    """A field an older writer did not have is filled with our default."""

    def older(schema: Schema) -> None:
        fields = part(schema, "Licence")["fields"]
        fields[:] = [field for field in fields if field["name"] != "status_text"]

    schema = changed(older)
    event = codec(schema).decode(written(schema, plain(SAMPLE)))
    assert isinstance(event, Event)
    assert isinstance(event.body, LicenceIssued)
    assert event.body.licence.status_text is None
    assert event.body.licence.term_to is not None


def test_a_newer_writers_symbol_is_unknown() -> None:
    """A symbol we do not know is UNKNOWN, never an error of an index (F5)."""

    def newer(schema: Schema) -> None:
        part(schema, "LicenceStatus")["symbols"].append("suspended")

    schema = changed(newer)
    value = plain(SAMPLE)
    value["licence"]["status"] = "suspended"
    event = codec(schema).decode(written(schema, value))
    assert isinstance(event, Event)
    assert isinstance(event.body, LicenceIssued)
    assert event.body.licence.status is LicenceStatus.UNKNOWN
    assert event.body.licence.status_text == "AAI"


def test_symbols_in_another_order_are_told_by_name() -> None:
    """An index means what the writer's schema says, not what ours says."""

    def other(schema: Schema) -> None:
        part(schema, "LicenceStatus")["symbols"].reverse()

    schema = changed(other)
    assert codec(schema).decode(written(schema, plain(SAMPLE))) == SAMPLE


def test_sealed_claims_of_another_writer_stay_sealed() -> None:
    """The branch of a union is told by its name."""
    event = SAMPLE._replace(claims=Sealed("key-1", b"n", b"c"))
    schema = changed(lambda schema: schema.update(doc="other"))
    assert codec(schema).decode(written(schema, plain(event))) == event


def test_a_branch_is_told_by_its_name_not_its_fields() -> None:
    """A writer's branch with the fields of another one does not stand for it."""
    event = SAMPLE._replace(claims=Sealed("key-1", b"n", b"c"))

    def newer(schema: Schema) -> None:
        branches = schema["fields"][2]["type"]
        branches.insert(1, json.loads(json.dumps(part(schema, "Sealed")).replace("Sealed", "Wax")))

    schema = changed(newer)
    assert codec(schema).decode(written(schema, plain(event))) == event
    wax = plain(event) | {"claims": ("civic.Wax", plain(event)["claims"][1])}
    assert refused(codec(schema), written(schema, wax)).code == "E-SCHEMA"


def test_a_missing_field_without_default_is_refused() -> None:
    """A schema that lacks what we must have cannot be read as ours: E-SCHEMA."""

    def lacking(schema: Schema) -> None:
        fields = part(schema, "Licence")["fields"]
        fields[:] = [field for field in fields if field["name"] != "licence_number"]

    schema = changed(lacking)
    assert refused(codec(schema), written(schema, plain(SAMPLE))).code == "E-SCHEMA"


def test_an_event_must_begin_with_capture() -> None:
    """A writer whose events begin otherwise is refused: the content's digest relies on it."""
    schema = changed(lambda schema: schema["fields"].append(schema["fields"].pop(0)))
    assert refused(codec(schema), written(schema, plain(SAMPLE))).code == "E-SCHEMA"


def test_other_writers_bytes_are_as_strict() -> None:
    """Truncated anywhere, one byte more, an index of -1: refused also for their schemas."""

    def newer(schema: Schema) -> None:
        schema["fields"].append({"name": "motto", "type": "string", "default": ""})

    schema = changed(newer)
    data = written(schema, plain(SAMPLE) | {"motto": "as ever, as ever"})
    other = codec(schema)
    assert other.decode(data) == SAMPLE
    codes = {refused(other, data[:end]).code for end in range(5, len(data))}
    codes |= {refused(other, data + b"\0").code}
    codes |= {refused(other, data.replace(b"\x02\x06AAI", b"\x01\x06AAI")).code}
    assert codes == {"E-DECODE"}


@given(st.binary(max_size=200))
def test_random_bytes_of_another_writer_are_refused(tail: bytes) -> None:
    """Whatever fastavro raises on random bytes, the codec raises DecodeError."""
    schema = changed(lambda schema: schema.update(doc="other"))
    assert refused(codec(schema), FRAME + b"\xff" + tail).code == "E-DECODE"


def record(*types: Any) -> Schema:
    """A hostile schema under one of our names: fields of these types."""
    fields = [{"name": f"f{index}", "type": one} for index, one in enumerate(types)]
    return {"type": "record", "namespace": "civic.views", "name": "Citizen", "fields": fields}


def named(name: str, *types: Any) -> Schema:
    """A record inside another, in its namespace."""
    return {**record(*types), "name": name} | {"namespace": "civic.views"}


def nested(depth: int) -> Any:
    """Arrays in arrays."""
    schema: Any = "long"
    for _ in range(depth):
        schema = {"type": "array", "items": schema}
    return schema


def bare(schema: Schema) -> Schema:
    """Without a namespace of its own: the one around it counts."""
    return {key: value for key, value in schema.items() if key != "namespace"}


def bomb(levels: int) -> Any:
    """Records that hold the next one twice, the last of them nothing."""
    schema: Any = {"type": "record", "name": "L0", "fields": []}
    for level in range(1, levels):
        inner: list[Any] = [schema, f"L{level - 1}"]
        schema = bare(named(f"L{level}", *inner))
    return schema


ERROR = {"type": "error", "name": "E", "fields": [{"name": "e", "type": ["null", "E"]}]}
HOSTILE: dict[str, Any] = {
    "recursive": record(["null", "civic.views.Citizen"]),
    "recursive by the short name": record(["null", "Citizen"]),
    "recursive inside": record(named("Node", ["null", "Node"])),
    "recursive in the namespace around": record(bare(named("Node", ["null", "civic.views.Node"]))),
    "recursive through two": record(bare(named("A", bare(named("B", ["null", "A"]))))),
    "recursive as an error": record(ERROR),
    "recursive in an array": record({"type": "array", "items": "Citizen"}),
    "array of null": record({"type": "array", "items": "null"}),
    "array of null written long": record({"type": "array", "items": {"type": "null"}}),
    "array of empty records": record({"type": "array", "items": bare(named("Empty"))}),
    "array of a named empty record": record(
        bare(named("Empty")), {"type": "array", "items": "civic.views.Empty"}
    ),
    "array of fixed 0": record(
        {"type": "array", "items": {"type": "fixed", "name": "F", "size": 0}}
    ),
    "array of no-symbol enums": record({"type": "enum", "name": "E", "symbols": []}),
    "null field": record("null", "long"),
    "bomb of nothing": record(bomb(30)),
    "deep": record(nested(100)),
    "very deep": json.dumps(record("@")).replace(
        '"@"', '{"type": "array", "items": ' * 100_000 + '"long"' + "}" * 100_000
    ),
    "large": record(*(["long"] * 50_000)),
    "no record": "long",
    "a union": [record("long")],
    "unknown type": record("quaternion"),
    "type a number": record(5),
    "fields a number": {**record(), "fields": 5},
    "field a text": {**record(), "fields": ["long"]},
    "no JSON": "{",
    "name twice": record(named("A", "long"), named("A", "long")),
    "union in a union": record(["null", ["null", "long"]]),
    "not ours": {**record("long"), "name": "Stranger"},
}


@pytest.mark.parametrize("schema", HOSTILE.values(), ids=HOSTILE.keys())
@pytest.mark.timeout(10)
def test_a_hostile_schema_is_refused_before_use(schema: Any) -> None:
    """Recursion, parts of no bytes and sizes past the limits are refused: E-SCHEMA (F2)."""
    text = schema if isinstance(schema, str) and schema[0] in "{[" else json.dumps(schema)
    error = refused(codec(text), FRAME + b"\x02" * 5_000)
    assert error.code == "E-SCHEMA"
    assert "Stranger" not in str(error)


def test_an_unknown_id_is_refused_and_asked_again() -> None:
    """An id the registry does not know is refused, and not remembered: it may be known later."""
    known: dict[int, str] = {}
    other = Codec(IDS, known.__getitem__)
    data = FRAME + OURS.encode(SAMPLE)[5:]
    assert refused(other, data).code == "E-SCHEMA-ID"
    known[THEIRS] = json.dumps(schemas.load(NAME))
    assert other.decode(data) == SAMPLE


def test_a_registry_away_is_no_fault_of_the_bytes() -> None:
    """While the registry is away an unknown id is Unavailable, and known ids work on (F21)."""

    def away(number: int) -> str:
        raise Unavailable("away")

    other = Codec(IDS, away)
    with pytest.raises(Unavailable):
        other.decode(FRAME + OURS.encode(SAMPLE)[5:])
    assert other.decode(OURS.encode(SAMPLE)) == SAMPLE


def test_a_schema_is_fetched_once() -> None:
    """A writer's schema is fetched for its first message only."""
    asked: list[int] = []

    def fetch(number: int) -> str:
        asked.append(number)
        return json.dumps(schemas.load(NAME))

    other = Codec(IDS, fetch)
    for _ in range(3):
        other.decode(FRAME + OURS.encode(SAMPLE)[5:])
    assert asked == [THEIRS]
