"""Whether schemas stay compatible, in words that say what to do instead.

The rules are those of the Apache Avro specification, section "Schema Resolution", asked in both
directions (FULL) against every released version (TRANSITIVE): readers of any version read what
writers of any version wrote. Released versions lie in `schemas/released/`, one JSON file each;
`python -m hub.canon.evolution --release VERSION` adds one.
"""

import json
import sys
from collections.abc import Iterator, Mapping
from importlib import resources
from pathlib import Path
from typing import Any

import schemas
from hub.canon.codec import wire_names
from hub.canon.writers import check_writer, full_name
from hub.errors import DecodeError

PERSONAL = frozenset({"identity", "identifier", "contact", "content", "pseudonym"})
_WIDER = {
    "int": ("long", "float", "double"),
    "long": ("float", "double"),
    "float": ("double",),
    "string": ("bytes",),
    "bytes": ("string",),
}
Named = dict[str, Any]


def check_released() -> list[str]:
    """What is wrong with the schemas as they are: rules broken, released versions not readable."""
    problems = [problem for name in _all_names() for problem in check_rules(schemas.raw(name))]
    problems += [problem for name in wire_names() for problem in check_bounds(schemas.load(name))]
    for version, released in sorted(_released().items()):
        for name, old in sorted(released.items()):
            if name not in wire_names():
                problems.append(f"{name} of release {version} is gone; keep it, mark it deprecated")
                continue
            problems += [
                f"{problem} (against release {version})"
                for problem in (
                    *check_compatible(old, schemas.load(name)),
                    *check_capture(old, schemas.load(name)),
                )
            ]
    return problems


def check_bounds(schema: Any) -> list[str]:
    """Whether our own readers would take the schema from another writer; empty is good."""
    try:
        check_writer(json.dumps(schema), 0)
    except DecodeError as error:
        return [f"{full_name(schema, '')}: {error.message.removeprefix('schema id 0 ')}"]
    return []


def check_capture(old: Any, new: Any) -> list[str]:
    """Whether capture, which the digest of an event's content leaves out, is what it was."""
    first, now = ([*schema["fields"], {}][0] for schema in (old, new))
    if first.get("name") != "capture" or _shape(first["type"]) == _shape(now.get("type", "null")):
        return []
    return [f"{full_name(new, '')}.capture: never changes and stays first; add fields elsewhere"]


def _shape(schema: Any) -> Any:
    """Names and types of a record's fields, without what is only for people."""
    if not isinstance(schema, dict):
        return schema
    fields = [(field["name"], _shape(field["type"])) for field in schema.get("fields", [])]
    return schema["type"], fields, _logical(schema)


def check_compatible(old: Any, new: Any) -> list[str]:
    """Where readers of one cannot read what writers of the other wrote; empty is good."""
    return [
        *(f"{problem}; old readers break" for problem in _resolve(new, old, "", {}, {})),
        *(f"{problem}; new readers break" for problem in _resolve(old, new, "", {}, {})),
    ]


def check_rules(schema: Any) -> list[str]:
    """Which of the hub's own rules for schemas are broken; empty is good."""
    name = full_name(schema, "")
    if schema["type"] == "enum":
        good = schema.get("default") == "UNKNOWN" and "UNKNOWN" in schema["symbols"]
        return [] if good else [f"{name}: give the enum a symbol and default UNKNOWN"]
    problems = [] if schema.get("doc") else [f"{name}: say in doc what it is"]
    for field in schema["fields"]:
        where = f"{name}.{field['name']}"
        problems += [f"{where}: give it {part}" for part in ("doc", "term") if not field.get(part)]
        tagged, privacy = "PII" in field.get("confluent:tags", ()), field.get("privacy")
        if tagged != (privacy is not None) or (privacy and privacy not in PERSONAL):
            problems.append(f"{where}: tag PII and a privacy class go together")
        text = json.dumps(field["type"])
        if '"float"' in text or '"double"' in text:
            problems.append(f"{where}: use a decimal or a long, never a float")
    return problems


def _resolve(writer: Any, reader: Any, path: str, written: Named, read: Named) -> Iterator[str]:
    """Where the reader cannot read the writer's values."""
    writer, reader = _named(writer, written), _named(reader, read)
    where = path or "the schema"
    if isinstance(writer, list):
        for branch in writer:
            yield from _resolve(branch, reader, path, written, read)
        return
    if isinstance(reader, list):
        branches = [list(_resolve(writer, branch, path, written, read)) for branch in reader]
        if all(branches):
            yield f"{where}: no branch of the union takes {_kind(writer)}"
        return
    kind, wanted = _kind(writer), _kind(reader)
    if kind != wanted:
        if wanted not in _WIDER.get(kind, ()):
            yield f"{where}: was {kind}, is {wanted}; add a new field instead"
        return
    yield from _resolve_same(kind, writer, reader, path, written, read)


def _resolve_same(
    kind: str, writer: Any, reader: Any, path: str, written: Named, read: Named
) -> Iterator[str]:
    where = path or "the schema"
    if kind in ("record", "enum", "fixed") and full_name(writer, "") != full_name(reader, ""):
        yield f"{where}: was {full_name(writer, '')}, is {full_name(reader, '')}; keep the name"
    elif kind == "record":
        yield from _resolve_fields(writer, reader, path, written, read)
    elif kind == "enum":
        missing = set(writer["symbols"]) - set(reader["symbols"])
        if missing and "default" not in reader:
            yield f"{path}: symbol {min(missing)} is not known and there is no default"
    elif kind == "fixed" and writer["size"] != reader["size"]:
        yield f"{path}: another size; add a new field instead"
    elif kind in ("array", "map"):
        part = "items" if kind == "array" else "values"
        yield from _resolve(writer[part], reader[part], f"{path}[]", written, read)
    elif _logical(writer) != _logical(reader):
        yield f"{path}: another logical type, precision or scale; add a new field instead"


def _logical(schema: Any) -> Any:
    """What the values of a primitive mean; None where they mean just themselves."""
    parts = ("logicalType", "precision", "scale")
    told = schema if isinstance(schema, dict) else {}
    return tuple(told.get(part) for part in parts) if "logicalType" in told else None


def _resolve_fields(
    writer: Any, reader: Any, path: str, written: Named, read: Named
) -> Iterator[str]:
    fields = {field["name"]: field for field in writer["fields"]}
    for field in reader["fields"]:
        name = f"{path}.{field['name']}".lstrip(".")
        found = fields.get(field["name"]) or next(
            (fields[alias] for alias in field.get("aliases", ()) if alias in fields), None
        )
        if found is not None:
            yield from _resolve(found["type"], field["type"], name, written, read)
        elif "default" not in field:
            yield f"{name}: added or removed without a default; give it one"


def _named(schema: Any, known: Named) -> Any:
    """The definition of a type that is named, remembered from where it was first written out."""
    if isinstance(schema, str):
        return known.get(schema, schema)
    if isinstance(schema, dict) and schema.get("type") in ("record", "enum", "fixed"):
        known[full_name(schema, "")] = schema
    return schema


def _kind(schema: Any) -> str:
    return str(schema if isinstance(schema, str) else schema["type"])


def _all_names() -> list[str]:
    return [name for kind in schemas.KINDS for name in schemas.names(kind)]


def _released() -> dict[str, Mapping[str, Any]]:
    folder = resources.files("schemas") / "released"
    return {
        file.name.removesuffix(".json"): json.loads(file.read_text())
        for file in folder.iterdir()
        if file.name.endswith(".json")
    }


def release(version: str) -> Path:
    """Freeze the schemas as they are under a version; FileExistsError where it is released."""
    path = Path(schemas.__file__).parent / "released" / f"{version}.json"
    path.parent.mkdir(exist_ok=True)
    frozen = {name: schemas.load(name) for name in wire_names()}
    with path.open("x") as file:
        json.dump(frozen, file, indent=1, sort_keys=True, ensure_ascii=False)
        file.write("\n")
    return path


if __name__ == "__main__" and sys.argv[1:2] == ["--release"]:
    release(sys.argv[2])
