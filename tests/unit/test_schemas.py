"""The schemas: complete when loaded, kept to the hub's rules, and what is made of them is fresh."""

import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fastavro
import pytest

import schemas
from hub.canon import generate, generate_model, model
from hub.canon.codec import wire_names
from hub.canon.evolution import check_rules

ROOT = Path(__file__).parents[2]
ALL = [name for kind in schemas.KINDS for name in schemas.names(kind)]
RECORDS = [name for name in ALL if schemas.raw(name)["type"] == "record"]


def definitions(schema: Any) -> Iterator[str]:
    """The full name of every definition inside a schema."""
    if isinstance(schema, list):
        for branch in schema:
            yield from definitions(branch)
    if isinstance(schema, dict):
        if "namespace" in schema:
            yield f"{schema['namespace']}.{schema['name']}"
        for part in (schema.get("items"), schema.get("values"), schema.get("type")):
            yield from definitions(part)
        for field in schema.get("fields", []):
            yield from definitions(field["type"])


@pytest.mark.parametrize("name", ALL)
def test_a_loaded_schema_is_complete(name: str) -> None:
    """Every schema parses by itself, and defines each type once, itself first."""
    schema = schemas.load(name)
    fastavro.parse_schema(json.loads(json.dumps(schema)))
    found = list(definitions(schema))
    assert found[0] == name
    assert len(found) == len(set(found))
    assert set(found) == {name} | used(name)


def used(name: str) -> set[str]:
    """The full names of the types a schema is made of."""
    found: set[str] = set()
    for part in generate_model.uses(schemas.raw(name)):
        found |= {part} | used(part)
    return found


@pytest.mark.parametrize("name", ALL)
def test_every_schema_keeps_the_rules(name: str) -> None:
    """Every field says what it is, to which term it maps, and whether it is personal."""
    assert check_rules(schemas.raw(name)) == []


@pytest.mark.parametrize("name", ALL)
def test_a_file_is_named_as_its_type(name: str) -> None:
    """A schema lies under its full name."""
    schema = schemas.raw(name)
    assert f"{schema['namespace']}.{schema['name']}" == name


@pytest.mark.parametrize("name", RECORDS)
def test_a_text_beside_an_enum_keeps_the_sources_words(name: str) -> None:
    """An enum a source fills has a text beside it, so that UNKNOWN loses nothing (F5)."""
    fields = {field["name"]: field["type"] for field in schemas.raw(name)["fields"]}
    for field, avro in fields.items():
        if isinstance(avro, str) and avro in FILLED_BY_SOURCES:
            assert {f"{field}_text", "title"} & set(fields), field


FILLED_BY_SOURCES = frozenset(
    f"civic.{name}"
    for name in (
        "ApplicationOutcome",
        "ApplicationType",
        "LicenceStatus",
        "MessageChannel",
        "MessageStatus",
        "OpportunityCategory",
        "OpportunityStatus",
        "RequestStatus",
        "RoleKind",
    )
)


@pytest.mark.parametrize("name", sorted(FILLED_BY_SOURCES))
def test_enums_filled_by_sources_exist(name: str) -> None:
    """The names above are enums of the hub."""
    assert schemas.raw(name)["type"] == "enum"


def test_only_messages_are_events_views_and_decisions() -> None:
    """What lies in these folders travels by itself; parts of others lie in types."""
    parts = set().union(*(used(name) for name in ALL))
    assert sorted(wire_names()) == sorted(
        name for kind in ("events", "views", "decisions") for name in schemas.names(kind)
    )
    assert not parts & set(wire_names())


def test_an_unknown_name_is_a_key_error() -> None:
    """Asking for a schema nobody wrote says which one."""
    with pytest.raises(KeyError, match=r"civic\.Nobody"):
        schemas.load("civic.Nobody")


def test_a_loaded_schema_may_be_changed() -> None:
    """Changing what was loaded changes nothing for the next one who loads it."""
    schemas.load("civic.Moment")["fields"].clear()
    assert schemas.load("civic.Moment")["fields"]


def test_generated_files_are_fresh() -> None:
    """The committed classes, writers and readers are what the schemas give."""
    stale = [path.name for path, text in generate.files().items() if path.read_text() != text]
    assert stale == []


def test_a_stale_file_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """With --check a file that differs is named and nothing is written; without, it is written."""
    path = tmp_path / "model.py"
    path.write_text("old")
    monkeypatch.setattr(generate, "files", lambda: {path: "new"})
    monkeypatch.setattr(sys, "argv", ["generate", "--check"])
    assert (generate.main(), path.read_text()) == (1, "old")
    monkeypatch.setattr(sys, "argv", ["generate"])
    assert (generate.main(), path.read_text()) == (0, "new")
    monkeypatch.setattr(sys, "argv", ["generate", "--check"])
    assert generate.main() == 0


@pytest.mark.parametrize("field", ["count", "index", "class", "_hidden"])
def test_a_field_python_cannot_have_is_refused(field: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A field that would hide a tuple's method, or is no name in Python, is refused when made."""
    schema = schemas.raw("civic.Moment")
    schema["fields"][0]["name"] = field
    monkeypatch.setattr(generate_model.schemas, "raw", lambda _: schema)
    monkeypatch.setattr(generate_model, "ordered", lambda: ["civic.Moment"])
    with pytest.raises(ValueError, match=field):
        generate_model.check_names()


def test_defaults_are_those_of_the_schema() -> None:
    """A field has its default where all later ones have theirs, as a named tuple demands."""
    assert model.Person("a") == model.Person("a", (), None, None, (), (), (), (), False)
    assert model.Claims().extra == {}
    later = {"notice": None, "restores": None, "revision": 0}
    assert model.Envelope._field_defaults == later


def test_values_are_frozen() -> None:
    """No field of an event can be set after it was made, and an empty map cannot be filled."""
    with pytest.raises(AttributeError):
        model.Person("a").ref = "b"  # type: ignore[misc]
    with pytest.raises(TypeError):
        model.Claims().extra["a"] = "b"  # type: ignore[index]


def test_the_schemas_are_in_the_wheel(tmp_path: Path) -> None:
    """Installed from a wheel, the loader and the released versions are there."""
    hatchling = Path(sys.executable).with_name("hatchling")
    command = [hatchling, "build", "-t", "wheel", "-d", tmp_path]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=120)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as opened:
        opened.extractall(tmp_path / "installed")
    program = (
        "import schemas, json; from hub.canon import evolution;"
        "print(json.dumps([schemas.__file__, evolution.check_released(),"
        " len(schemas.load('civic.views.Citizen')['fields'])]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path / "installed",
        env={**os.environ, "PYTHONPATH": str(tmp_path / "installed")},
        check=True,
        capture_output=True,
        timeout=60,
    )
    file, problems, fields = json.loads(done.stdout)
    assert Path(file).is_relative_to(tmp_path)
    assert problems == []
    assert fields == len(schemas.load("civic.views.Citizen")["fields"])
