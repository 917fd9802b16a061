"""The Avro schemas: the only source of what an event or a view looks like.

`types/` holds the parts, `events/` and `views/` the messages that travel, each on its own in
`<full name>.avsc`. A file names other types by their full name; `load` puts them in their places,
so that one schema is complete by itself. `released/<version>/` holds the messages of every release
as they were, complete, for the compatibility test; nothing there is ever changed.
"""

import functools
import json
from collections.abc import Iterator, Mapping
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any, Literal

Kind = Literal["types", "events", "views"]
Schema = dict[str, Any]
KINDS: tuple[Kind, ...] = ("types", "events", "views")
_SUFFIX = ".avsc"


def names(kind: Kind) -> tuple[str, ...]:
    """The full names of all schemas of a kind, sorted."""
    return tuple(sorted(_stems(_folder(kind))))


def source(full_name: str) -> Schema:
    """One schema as its file says it, other types by name only; `LookupError` if there is none."""
    if full_name not in _sources():
        raise LookupError(f"no schema {full_name}")
    return _copy(_sources()[full_name])


def load(full_name: str) -> Schema:
    """One schema complete by itself: every named type stands where it is used first."""
    complete: Schema = _inline(source(full_name), set())
    return complete


def releases() -> tuple[str, ...]:
    """The versions in `released/`, oldest first."""
    folder = _folder("released")
    found = [entry.name for entry in folder.iterdir() if entry.is_dir()] if folder.is_dir() else []
    return tuple(sorted((name for name in found if name[0].isdigit()), key=_version))


def released(version: str) -> dict[str, Schema]:
    """The complete schemas of one release by full name."""
    folder = _folder("released") / version
    return {name: _read(folder, name) for name in sorted(_stems(folder))}


def full_name(schema: Mapping[str, Any]) -> str:
    """The full name of a named type's definition."""
    name: str = schema["name"]
    namespace = schema.get("namespace")
    return f"{namespace}.{name}" if namespace and "." not in name else name


def _version(name: str) -> tuple[int, ...]:
    return tuple(int(part) for part in name.split("."))


def _folder(name: str) -> Traversable:
    return resources.files(__name__) / name


def _stems(folder: Traversable) -> Iterator[str]:
    return (
        entry.name.removesuffix(_SUFFIX)
        for entry in folder.iterdir()
        if entry.name.endswith(_SUFFIX)
    )


def _read(folder: Traversable, name: str) -> Schema:
    schema: Schema = json.loads((folder / f"{name}{_SUFFIX}").read_text("utf-8"))
    if full_name(schema) != name:
        raise LookupError(f"{name}{_SUFFIX} defines {full_name(schema)}")
    return schema


@functools.cache
def _sources() -> Mapping[str, Schema]:
    return {name: _read(_folder(kind), name) for kind in KINDS for name in names(kind)}


def _copy(schema: Schema) -> Schema:
    copied: Schema = json.loads(json.dumps(schema))
    return copied


def _inline(schema: Any, seen: set[str]) -> Any:
    """Replace names by definitions, each at its first use; `seen` grows along the way."""
    if isinstance(schema, str):
        if "." not in schema or schema in seen:
            return schema
        return _inline(source(schema), seen)
    if isinstance(schema, list):
        return [_inline(branch, seen) for branch in schema]
    if "name" in schema:
        seen.add(full_name(schema))
    parts = {key: _inline(schema[key], seen) for key in ("items", "values") if key in schema}
    if "fields" in schema:
        parts["fields"] = [_field(field, seen) for field in schema["fields"]]
    return schema | parts


def _field(field: Schema, seen: set[str]) -> Schema:
    return field | {"type": _inline(field["type"], seen)}
