"""Avro on the wire, strict both ways.

Generated code (`records.py`) writes and reads the hub's own schemas and checks each value and each
byte as it goes: several times quicker than fastavro, which needs a dictionary first, searches each
union's branch, and lets pass what then has to be looked for (trailing bytes, negative indexes,
long forms of numbers, booleans beyond 1). fastavro reads what writers of other versions wrote, and
resolves it to our schemas; `docs/decisions/0002-codec.md` has the measurements.

Framing is Confluent's: a zero byte, the schema id as four bytes big-endian, then Avro.
"""

import io
import json
import struct
from collections.abc import Callable, Mapping
from hashlib import blake2b
from typing import Any

import fastavro

import schemas
from hub.canon import records
from hub.canon.checks import Broken, Unfit, take_rest, take_size, take_text
from hub.canon.model import DECISION_NAMES, EVENT_NAMES, VIEW_NAMES, Event, StewardDecision, View
from hub.canon.writers import check_writer
from hub.errors import DecodeError, EncodeError

MESSAGE_BYTES_MAX = 1_000_000
FOREIGN_SCHEMAS_MAX = 1_000
DIGEST_BYTES = 16
_HEADER = struct.Struct(">bI")
_NAMES: dict[type, str] = {**EVENT_NAMES, **VIEW_NAMES, **DECISION_NAMES}
_EVENTS = frozenset(EVENT_NAMES.values())
Value = Event | View | StewardDecision


class Codec:
    """Encodes and decodes everything the hub puts on Kafka.

    `ids` maps full names to the schema ids the registry gave them. `fetch` gives the text of
    another writer's schema by id; it raises LookupError where there is none and Unavailable
    where the registry is away.
    """

    def __init__(self, ids: Mapping[str, int], fetch: Callable[[int], str] | None = None) -> None:
        """Know our own ids; schemas are parsed when another writer's message needs them."""
        self._fetch = fetch
        self._headers = {name: _HEADER.pack(0, number) for name, number in ids.items()}
        self._own = {number: name for name, number in ids.items()}
        self._foreign: dict[int, _Writer] = {}

    def encode(self, value: Value) -> bytes:
        """The framed bytes of an event or view.

        Raises EncodeError naming field and rule, with code E-OVERSIZE past MESSAGE_BYTES_MAX.
        """
        body = value.body if isinstance(value, Event) else value
        name = _NAMES.get(type(body), "")
        if name not in self._headers:
            raise EncodeError(f"{type(body).__name__} has no registered schema", code="E-SCHEMA")
        parts = [self._headers[name]]
        try:
            _put(name, value, parts.append)
        except UnicodeEncodeError:
            field = _not_unicode(value)
            raise EncodeError(
                f"{field} holds text that is not Unicode", field=field, rule="no lone surrogates"
            ) from None
        data = b"".join(parts)
        if len(data) > MESSAGE_BYTES_MAX:
            raise EncodeError(
                f"{name} takes {len(data)} bytes, more than {MESSAGE_BYTES_MAX}",
                code="E-OVERSIZE",
                rule=f"at most {MESSAGE_BYTES_MAX} bytes",
            )
        return data

    def decode(self, data: bytes) -> Value:
        """The event or view in framed bytes.

        Raises DecodeError: E-DECODE for bytes that are not exactly a value of their schema,
        E-SCHEMA-ID for an id the registry does not know, E-SCHEMA for a schema that cannot be read
        as one of ours, E-OVERSIZE. Raises Unavailable while the registry is needed and away.
        """
        number = schema_id(data)
        name = self._own.get(number)
        if name is not None:
            return _take(name, data)
        writer = self._foreign.get(number) or self._fetched(number)
        return _take(writer.name, writer.resolved(data))

    def _fetched(self, number: int) -> "_Writer":
        """Another writer's schema, fetched once and checked before anything is read with it."""
        unknown = DecodeError(f"schema id {number} is unknown", code="E-SCHEMA-ID")
        if self._fetch is None:
            raise unknown
        try:
            text = self._fetch(number)
        except LookupError:
            raise unknown from None
        writer = _Writer(text, number)
        if len(self._foreign) < FOREIGN_SCHEMAS_MAX:
            self._foreign[number] = writer
        return writer


class _Writer:
    """Another writer's schema: its bytes made into bytes of ours."""

    def __init__(self, text: str, number: int) -> None:
        """Raises DecodeError E-SCHEMA where it may not or cannot be used."""
        self.name, schema = check_writer(text, number)
        if self.name not in _NAMES.values():
            raise DecodeError(f"schema id {number} is not one of the hub's", code="E-SCHEMA")
        self._ours = parse(schemas.load(self.name))
        try:
            self._theirs = parse(schema)
        except Exception:  # noqa: BLE001 - whatever a parser says of a broken schema
            raise DecodeError(f"schema id {number} cannot be parsed", code="E-SCHEMA") from None
        if self.name in _EVENTS and not _capture_first(self._theirs, self._ours):
            raise DecodeError(
                f"schema id {number} does not begin with the hub's capture", code="E-SCHEMA"
            )

    def resolved(self, data: bytes) -> bytes:
        """The same value in our schema. Raises DecodeError where the bytes are not exact."""
        try:
            plain = _read(self._theirs, None, data)
            exact = _write(self._theirs, plain) == data[_HEADER.size :]
        except Exception as error:  # noqa: BLE001 - fastavro fails in six different ways
            raise _not_a(self.name, type(error).__name__) from None
        if not exact:
            raise _not_a(self.name, "more than one value, or not in its shortest form")
        try:
            ours = _write(self._ours, _read(self._theirs, self._ours, data))
        except Exception as error:  # noqa: BLE001 - fastavro fails in six different ways
            raise DecodeError(
                f"the writer's {self.name} cannot be read as ours: {type(error).__name__}",
                code="E-SCHEMA",
                rule="schema resolution",
            ) from None
        return data[: _HEADER.size] + ours


def schema_id(data: bytes) -> int:
    """The schema id of framed bytes. Raises DecodeError where there is no frame."""
    if len(data) > MESSAGE_BYTES_MAX:
        raise DecodeError(f"{len(data)} bytes", code="E-OVERSIZE", rule="size limit")
    if len(data) <= _HEADER.size or data[0] != 0:
        raise DecodeError("no Confluent frame", rule="zero byte, schema id, Avro")
    number: int = _HEADER.unpack_from(data)[1]
    return number


def content_digest(data: bytes) -> bytes:
    """A digest of what an event says, without when and in which batch it was read.

    `data` is the frame of a decoded event, so its first field is capture: a number and a text.
    """
    position = _HEADER.size
    number = data[position]
    position += 1
    if number & 0x80:
        _, position = take_rest(data, position, number)
    size = data[position]
    position += 1
    if size & 0x81:
        size, position = take_size(data, position, size)
    return blake2b(data[position + (size >> 1) :], digest_size=DIGEST_BYTES).digest()


def batch_of(data: bytes) -> str:
    """The batch that framed bytes of an event name; empty where they are none.

    Nothing else is read, so that a batch is found among many quickly.
    """
    position = _HEADER.size
    try:
        number = data[position]
        position += 1
        if number & 0x80:
            _, position = take_rest(data, position, number)
        return take_text(data, position)[0]
    except (Broken, IndexError, UnicodeDecodeError):
        return ""


def parse(schema: Any) -> Any:
    """A schema in fastavro's form, without logical types: we convert those ourselves, exactly."""
    return fastavro.parse_schema(_plain_types(schema), _force=True)


def registered_schema(full_name: str) -> str:
    """The text of a schema as it is registered."""
    return json.dumps(schemas.load(full_name), ensure_ascii=False)


def wire_names() -> tuple[str, ...]:
    """The full names of everything that goes on Kafka, sorted."""
    return tuple(sorted(_NAMES.values()))


def _put(name: str, value: Value, o: Callable[[bytes], None]) -> None:
    if not isinstance(value, Event):
        records.PUT[name](value, o)
        return
    records.put_head(value, o)
    try:
        records.PUT[name](value.body, o)
    except Unfit as unfit:
        raise unfit.within("body") from None


def _take(name: str, data: bytes) -> Value:
    """The value in the bytes of our own schema, all of them."""
    value: Value
    try:
        if name in _EVENTS:
            capture, envelope, claims, position = records.take_head(data, _HEADER.size)
            body, position = records.TAKE[name](data, position)
            value = Event(capture, envelope, claims, body)
        else:
            value, position = records.TAKE[name](data, _HEADER.size)
    except Broken as broken:
        raise _not_a(name, str(broken)) from None
    except (IndexError, KeyError, ValueError, OverflowError, MemoryError) as error:
        raise _not_a(name, _RULES.get(type(error), "bytes of the named schema")) from None
    if position != len(data):
        raise _not_a(name, "no byte less and none more")
    return value


_RULES: dict[type, str] = {
    IndexError: "no byte less",
    KeyError: "an index of the enum",
    UnicodeDecodeError: "texts in UTF-8",
}


def _not_a(name: str, rule: str) -> DecodeError:
    return DecodeError(f"not a {name}: {rule}", rule=rule)


def _not_unicode(value: Any, path: str = "") -> str:
    """Where a lone surrogate is."""
    if isinstance(value, str):
        return "" if value.isprintable() or _encodes(value) else path
    if hasattr(value, "_fields"):
        parts = [(f"{path}.{name}".lstrip("."), part) for name, part in value._asdict().items()]
    elif isinstance(value, tuple):
        parts = [(f"{path}[{index}]", part) for index, part in enumerate(value)]
    elif isinstance(value, Mapping):
        parts = [(path, part) for pair in value.items() for part in pair]
    else:
        return ""
    return next((found for name, part in parts if (found := _not_unicode(part, name))), "")


def _encodes(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _capture_first(theirs: Any, ours: Any) -> bool:
    """Whether an event of theirs begins with the same capture: content_digest relies on it."""
    first, wanted = theirs["fields"][0], ours["fields"][0]
    kinds = [
        [(field["name"], field["type"]) for field in one["type"]["fields"]]
        for one in (first, wanted)
        if isinstance(one["type"], dict) and "fields" in one["type"]
    ]
    return first["name"] == wanted["name"] and len(kinds) == 2 and kinds[0] == kinds[1]  # noqa: PLR2004


def _plain_types(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_plain_types(branch) for branch in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {key: value for key, value in schema.items() if key != "logicalType"}
    for key in ("type", "items", "values"):
        if key in kept:
            kept[key] = _plain_types(kept[key])
    if "fields" in kept:
        kept["fields"] = [_plain_types(field) for field in kept["fields"]]
    return kept


def _write(parsed: Any, plain: Any) -> bytes:
    buffer = io.BytesIO()
    fastavro.schemaless_writer(buffer, parsed, plain)
    return buffer.getvalue()


def _read(writer: Any, reader: Any, data: bytes) -> Any:
    buffer = io.BytesIO(data)
    buffer.seek(_HEADER.size)
    return fastavro.schemaless_reader(buffer, writer, reader, return_named_type=True)
