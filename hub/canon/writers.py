"""Another writer's schema is hostile until it was looked at: bounds before reading with it."""

import json
from typing import Any

from hub.errors import DecodeError

SCHEMA_BYTES_MAX = 500_000
SCHEMA_DEPTH_MAX = 32
ZERO_BYTE = frozenset({"null"})


def check_writer(text: str, number: int) -> tuple[str, Any]:
    """The full name and the schema of a registered text.

    Raises DecodeError E-SCHEMA where it is no record, too large or deep, recursive, or holds arrays
    whose items take no bytes (a message of a few bytes could claim a billion of them).
    """
    if len(text) > SCHEMA_BYTES_MAX:
        raise _refused(number, "too large")
    try:
        schema = json.loads(text)
        _walk(schema, 0, frozenset(), {}, number)
    except (ValueError, RecursionError):
        raise _refused(number, "not readable") from None
    if not isinstance(schema, dict) or schema.get("type") != "record":
        raise _refused(number, "not a record")
    return full_name(schema, ""), schema


def full_name(schema: dict[str, Any], namespace: str) -> str:
    """The full name of a named type inside a namespace, by the specification's rules."""
    name = str(schema.get("name", ""))
    if "." in name:
        return name
    space = schema.get("namespace", namespace)
    return f"{space}.{name}" if space else name


def _refused(number: int, why: str) -> DecodeError:
    return DecodeError(f"schema id {number} is {why}", code="E-SCHEMA", rule="bounded schema")


def _walk(
    schema: Any, depth: int, within: frozenset[str], sizes: dict[str, bool], number: int
) -> bool:
    """Whether a value of the schema takes at least one byte; raises where a rule is broken."""
    if depth > SCHEMA_DEPTH_MAX:
        raise _refused(number, "too deep")
    if isinstance(schema, str):
        if schema in within:
            raise _refused(number, "recursive")
        return sizes.get(schema, schema not in ZERO_BYTE)
    if isinstance(schema, list):
        for branch in schema:
            _walk(branch, depth + 1, within, sizes, number)
        return True
    if not isinstance(schema, dict):
        raise _refused(number, "not readable")
    return _walk_complex(schema, depth, within, sizes, number)


def _walk_complex(
    schema: dict[str, Any],
    depth: int,
    within: frozenset[str],
    sizes: dict[str, bool],
    number: int,
) -> bool:
    kind = schema.get("type")
    if kind == "array":
        if not _walk(schema.get("items"), depth + 1, within, sizes, number):
            raise _refused(number, "an array of nothing")
        return True
    if kind == "map":
        _walk(schema.get("values"), depth + 1, within, sizes, number)
        return True
    if kind == "record":
        name = full_name(schema, "")
        inner = within | {name, str(schema.get("name"))}
        fields = schema.get("fields", [])
        taken = [_walk(field.get("type"), depth + 1, inner, sizes, number) for field in fields]
        sizes[name] = sizes[str(schema.get("name"))] = any(taken)
        return any(taken)
    if kind == "fixed":
        return int(schema.get("size", 0)) > 0
    if kind == "enum":
        return True
    return _walk(kind, depth + 1, within, sizes, number)
