"""Avro on the wire, strict both ways.

Events are written by generated code which checks each value as it goes (`records.py`): several
times quicker than checking first and handing a dictionary to fastavro, which then searches
each union's branch. fastavro reads, and resolves what writers of other versions wrote.

Framing is Confluent's: a zero byte, the schema id as four bytes big-endian, then Avro. What
fastavro lets pass (trailing bytes, negative indexes, booleans as numbers, unknown fields) is
refused here: values are checked before they are written, and bytes are accepted only if
writing what was read gives the same bytes again.
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
from hub.canon.model import EVENT_NAMES, VIEW_NAMES, Event, View
from hub.canon.writers import check_writer
from hub.errors import DecodeError, EncodeError

MESSAGE_BYTES_MAX = 1_000_000
FOREIGN_SCHEMAS_MAX = 1_000
DIGEST_BYTES = 16
_HEADER = struct.Struct(">bI")
_NAMES: dict[type, str] = {**EVENT_NAMES, **VIEW_NAMES}
_BODIES = {name: body for body, name in EVENT_NAMES.items()}
Value = Event | View


class Codec:
    """Encodes and decodes everything the hub puts on Kafka.

    `ids` maps full names to the schema ids the registry gave them. `fetch` gives the text of
    another writer's schema by id; it raises LookupError where there is none and Unavailable
    where the registry is away.
    """

    def __init__(self, ids: Mapping[str, int], fetch: Callable[[int], str] | None = None) -> None:
        """Parse our own schemas once."""
        self._fetch = fetch
        self._own: dict[str, tuple[bytes, Any]] = {}
        self._by_id: dict[int, tuple[str, Any]] = {}
        for name, number in ids.items():
            parsed = parse(schemas.load(name))
            self._own[name] = (_HEADER.pack(0, number), parsed)
            self._by_id[number] = (name, parsed)
        self._own_ids = frozenset(self._by_id)

    def encode(self, value: Value) -> bytes:
        """The framed bytes of an event or view.

        Raises EncodeError naming field and rule, with code E-OVERSIZE past MESSAGE_BYTES_MAX.
        """
        body = value.body if isinstance(value, Event) else value
        name = _NAMES.get(type(body), "")
        if name not in self._own:
            raise EncodeError(f"{type(body).__name__} has no registered schema", code="E-SCHEMA")
        parts = [self._own[name][0]]
        try:
            if isinstance(value, Event):
                records.put_capture(value.capture, "capture", parts.append)
                records.put_envelope(value.envelope, "envelope", parts.append)
                records.put_claims_union(value.claims, "claims", parts.append)
            records.PUT[name](body, type(body).__name__, parts.append)
        except UnicodeEncodeError:
            raise EncodeError(
                f"{name} holds text that is not Unicode", rule="no lone surrogates"
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
        name, writer = self._by_id.get(number) or self._foreign(number)
        try:
            return self._decode(name, writer, number, data)
        except DecodeError:
            raise
        except Exception as error:  # noqa: BLE001 - fastavro fails in six different ways
            raise DecodeError(
                f"not a {name}: {type(error).__name__}", rule="bytes of the named schema"
            ) from None

    def _decode(self, name: str, writer: Any, number: int, data: bytes) -> Value:
        if number in self._own_ids:
            value = _value(name, _read(writer, None, data))
            if self.encode(value) != data:
                raise DecodeError(
                    f"not a canonical {name}", rule="no trailing bytes, no index out of range"
                )
            return value
        plain = _read(writer, None, data)
        if _write(writer, plain, data[: _HEADER.size]) != data:
            raise DecodeError(f"not a canonical {name}", rule="no trailing bytes")
        value = _value(name, _read(writer, self._own[name][1], data))
        self.encode(value)
        return value

    def _foreign(self, number: int) -> tuple[str, Any]:
        """Another writer's schema, fetched once and checked before anything is read with it."""
        if self._fetch is None:
            raise DecodeError(f"schema id {number} is unknown", code="E-SCHEMA-ID")
        try:
            text = self._fetch(number)
        except LookupError:
            raise DecodeError(f"schema id {number} is unknown", code="E-SCHEMA-ID") from None
        name, schema = check_writer(text, number)
        if name not in self._own:
            raise DecodeError(f"schema id {number} is not one of the hub's", code="E-SCHEMA")
        try:
            found = (name, parse(schema))
        except Exception:  # noqa: BLE001 - whatever a parser says of a broken schema
            raise DecodeError(f"schema id {number} cannot be parsed", code="E-SCHEMA") from None
        if len(self._by_id) < FOREIGN_SCHEMAS_MAX:
            self._by_id[number] = found
        return found


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

    `data` is the frame of a decoded event, so its first field is capture: a varint and a string.
    """
    position = _HEADER.size
    while data[position] & 0x80:
        position += 1
    position += 1
    length = shift = 0
    while True:
        byte = data[position]
        position += 1
        length |= (byte & 0x7F) << shift
        shift += 7
        if not byte & 0x80:
            break
    return blake2b(data[position + (length >> 1) :], digest_size=DIGEST_BYTES).digest()


def parse(schema: Any) -> Any:
    """A schema in fastavro's form, without logical types: we convert those ourselves, exactly."""
    return fastavro.parse_schema(_plain_types(schema), _force=True)


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


def _write(parsed: Any, plain: dict[str, Any], header: bytes) -> bytes:
    buffer = io.BytesIO()
    buffer.write(header)
    fastavro.schemaless_writer(buffer, parsed, plain)
    return buffer.getvalue()


def _read(writer: Any, reader: Any, data: bytes) -> Any:
    buffer = io.BytesIO(data)
    buffer.seek(_HEADER.size)
    return fastavro.schemaless_reader(buffer, writer, reader)


def _value(name: str, plain: Any) -> Value:
    value = records.TAKE[name](plain)
    if name not in _BODIES:
        known: View = value
        return known
    return Event(
        records.take_capture(plain["capture"]),
        records.take_envelope(plain["envelope"]),
        records.take_claims_union(plain["claims"]),
        value,
    )


def registered_schema(full_name: str) -> str:
    """The text of a schema as it is registered."""
    return json.dumps(schemas.load(full_name), ensure_ascii=False)


def wire_names() -> tuple[str, ...]:
    """The full names of everything that goes on Kafka, sorted."""
    return tuple(sorted(_NAMES.values()))
