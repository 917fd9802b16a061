"""The Avro schemas of the hub, as they lie in this folder, and the loader that makes them whole."""

import json
from functools import cache
from importlib import resources
from typing import Any, Literal

Kind = Literal["types", "events", "views", "decisions"]
KINDS: tuple[Kind, ...] = ("types", "events", "views", "decisions")
Schema = dict[str, Any]


@cache
def names(kind: Kind) -> tuple[str, ...]:
    """The full names of all schemas in one folder, sorted."""
    folder = resources.files("schemas") / kind
    return tuple(
        sorted(file.name.removesuffix(".avsc") for file in folder.iterdir() if file.is_file())
    )


def raw(full_name: str) -> Schema:
    """One schema as its file has it: named types appear by name. KeyError if there is none."""
    for kind in KINDS:
        if full_name in names(kind):
            text = (resources.files("schemas") / kind / f"{full_name}.avsc").read_text()
            schema: Schema = json.loads(text)
            return schema
    raise KeyError(full_name)


def load(full_name: str) -> Schema:
    """One self-contained schema: each named type is written out where it is first used."""
    whole = _inline(raw(full_name), {full_name})
    if not isinstance(whole, dict):
        raise TypeError(full_name)
    return whole


def _inline(schema: Any, seen: set[str]) -> Any:
    if isinstance(schema, str):
        if "." not in schema or schema in seen:
            return schema
        seen.add(schema)
        return _inline(raw(schema), seen)
    if isinstance(schema, list):
        return [_inline(branch, seen) for branch in schema]
    whole = dict(schema)
    for key in ("items", "values"):
        if key in whole:
            whole[key] = _inline(whole[key], seen)
    if "fields" in whole:
        whole["fields"] = [
            {**field, "type": _inline(field["type"], seen)} for field in whole["fields"]
        ]
    return whole
