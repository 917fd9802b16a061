"""Another writer's schema is hostile until it was looked at: bounds before reading with it."""

import json
from typing import Any

from hub.errors import DecodeError

SCHEMA_CHARACTERS_MAX = 500_000
SCHEMA_DEPTH_MAX = 32
PRIMITIVES = frozenset({"boolean", "int", "long", "float", "double", "bytes", "string"})
"""All that take at least one byte; null, which takes none, stands in unions only."""
EMPTY = "one with parts of no bytes, or of no known type"


def check_writer(text: str, number: int) -> tuple[str, Any]:
    """The full name and the schema of a registered text.

    Every part must take at least one byte of a message: then no message makes more work than its
    bytes times the depth. Raises DecodeError E-SCHEMA where it is no record, too large or deep,
    recursive, or holds parts of no bytes (a message of a few bytes could claim a billion of them).
    """
    try:
        schema = _Walk().whole(text)
    except _Refused as refused:
        why = str(refused)
    except (ValueError, TypeError, RecursionError):
        why = "not readable"
    else:
        return full_name(schema, ""), schema
    raise DecodeError(f"schema id {number} is {why}", code="E-SCHEMA", rule="bounded schema")


def full_name(schema: dict[str, Any], namespace: str) -> str:
    """The full name of a named type inside a namespace, by the specification's rules."""
    name = str(schema.get("name", ""))
    if "." in name:
        return name
    space = schema.get("namespace", namespace)
    return f"{space}.{name}" if space else name


class _Refused(Exception):
    """Why a schema is refused, in words without its content."""


class _Walk:
    """One look over one schema."""

    def __init__(self) -> None:
        self._done: set[str] = set()
        self._open: set[str] = set()

    def whole(self, text: str) -> dict[str, Any]:
        """The schema of a text; it must be one record."""
        if len(text) > SCHEMA_CHARACTERS_MAX:
            raise _Refused("too large")
        schema = json.loads(text)
        if not isinstance(schema, dict) or schema.get("type") != "record":
            raise _Refused("not a record")
        self._part(schema, "", 0)
        return schema

    def _part(self, schema: Any, namespace: str, depth: int) -> None:
        if depth > SCHEMA_DEPTH_MAX:
            raise _Refused("too deep")
        if isinstance(schema, str):
            self._name(schema, namespace)
        elif isinstance(schema, list):
            self._union(schema, namespace, depth)
        elif isinstance(schema, dict):
            self._complex(schema, namespace, depth)
        else:
            raise _Refused("not readable")

    def _name(self, name: str, namespace: str) -> None:
        if name in PRIMITIVES:
            return
        whole = name if "." in name or not namespace else f"{namespace}.{name}"
        if whole in self._open or name in self._open:
            raise _Refused("recursive")
        if whole not in self._done and name not in self._done:
            raise _Refused(EMPTY)

    def _union(self, branches: list[Any], namespace: str, depth: int) -> None:
        for branch in branches:
            if isinstance(branch, list):
                raise _Refused("not readable")
            if branch not in ("null", {"type": "null"}):
                self._part(branch, namespace, depth + 1)

    def _complex(self, schema: dict[str, Any], namespace: str, depth: int) -> None:
        kind = schema.get("type")
        if kind == "array":
            self._part(schema.get("items"), namespace, depth + 1)
        elif kind == "map":
            self._part(schema.get("values"), namespace, depth + 1)
        elif kind == "record":
            self._record(schema, namespace, depth)
        elif kind in ("enum", "fixed"):
            self._leaf(schema, namespace)
        elif isinstance(kind, str) and kind in PRIMITIVES:
            return
        else:
            raise _Refused(EMPTY)

    def _record(self, schema: dict[str, Any], namespace: str, depth: int) -> None:
        name = self._new(schema, namespace)
        fields = schema.get("fields")
        if not isinstance(fields, list) or not fields:
            raise _Refused(EMPTY)
        self._open.add(name)
        inner = name.rpartition(".")[0]
        for field in fields:
            self._part(field.get("type") if isinstance(field, dict) else None, inner, depth + 1)
        self._open.discard(name)
        self._done.add(name)

    def _leaf(self, schema: dict[str, Any], namespace: str) -> None:
        size, symbols = schema.get("size"), schema.get("symbols")
        if schema["type"] == "fixed" and not (type(size) is int and size > 0):
            raise _Refused(EMPTY)
        if schema["type"] == "enum" and not (isinstance(symbols, list) and symbols):
            raise _Refused(EMPTY)
        self._done.add(self._new(schema, namespace))

    def _new(self, schema: dict[str, Any], namespace: str) -> str:
        name = full_name(schema, namespace)
        if name in self._done or name in self._open:
            raise _Refused("one that gives a name twice")
        return name
