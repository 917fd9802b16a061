"""Kafka Connect's definition and validation of settings, from what a connector declares. Pure.

The settings stay in the file beside the worker, so what is checked here is names and types: a
folder or a secret's file lies on the worker's machine and is looked at there.
"""

import dataclasses
import difflib
import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple, get_type_hints

from hub.connect import lint
from hub.connect.contract import Connector
from hub.connect.control.wanted import checked_rate

GROUPS = ("Connector", "Worker", "Source")
TYPES: Mapping[Any, str] = {int: "LONG", float: "DOUBLE", bool: "BOOLEAN"}

NOBODYS = "Not a setting of this connector."


class Declared(NamedTuple):
    """One setting as Connect's clients see it; `check` raises ValueError saying what is wanted."""

    key: str
    type: str
    group: str
    doc: str
    check: Callable[[str], object]
    default: str | None = None
    required: bool = False

    @property
    def hidden(self) -> bool:
        """Whether its value is never shown."""
        return self.type == "PASSWORD"

    def definition(self, order: int) -> dict[str, Any]:
        """Connect's description of a setting."""
        return {
            "name": self.key,
            "type": self.type,
            "required": self.required,
            "default_value": self.default,
            "importance": "HIGH" if self.required else "MEDIUM",
            "documentation": self.doc,
            "group": self.group,
            "order": order,
            "width": "MEDIUM",
            "display_name": self.key,
            "dependents": [],
        }


def declared(connector: Connector) -> list[Declared]:
    """All settings of a connector, Connect's own first."""
    same = _one_of(connector.name)
    first = [
        Declared("name", "STRING", GROUPS[0], "Name of the connector.", same, required=True),
        Declared("connector.class", "STRING", GROUPS[0], "The same name.", same, required=True),
        Declared("tasks.max", "INT", GROUPS[0], "A connector has one task.", _one_of("1"), "1"),
        Declared(
            "rate_records_per_s",
            "DOUBLE",
            GROUPS[1],
            "At most so many records a second; 0 for no limit. The one setting changed from here.",
            checked_rate,
            "0",
        ),
    ]
    fields = {field.name: field for field in dataclasses.fields(connector.settings)}
    hints = get_type_hints(connector.settings)
    return first + [
        _own(key, fields[name], hints[name]) for key, name in lint.keys(connector.settings).items()
    ]


def _own(key: str, field: Any, hint: Any) -> Declared:
    secret = bool(field.metadata.get("secret"))
    given = field.default is not dataclasses.MISSING
    return Declared(
        key,
        "PASSWORD" if secret else TYPES.get(hint, "STRING"),
        GROUPS[2],
        str(field.metadata.get("doc", "")),
        _typed(str if secret else hint),
        str(field.default) if given and field.default is not None and not secret else None,
        required=not given,
    )


def _one_of(wanted: str) -> Callable[[str], object]:
    def check(text: str) -> None:
        if text != wanted:
            raise ValueError(wanted)

    return check


def _typed(hint: Any) -> Callable[[str], object]:
    def check(text: str) -> None:
        if hint is bool and text not in ("true", "false"):
            raise ValueError("true or false")
        if hint is int and not text.removeprefix("-").isdecimal():
            raise ValueError("a whole number")
        if hint is float and not _finite(text):
            raise ValueError("a number")
        if hint in (str, Path) and "\x00" in text:
            raise ValueError("text")

    return check


def _finite(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def validated(connector: Connector, given: Mapping[str, str]) -> dict[str, Any]:
    """`PUT /connector-plugins/TYPE/config/validate`: every setting with what is wrong with it."""
    known = declared(connector)
    names = [one.key for one in known]
    configs: list[dict[str, Any]] = [
        {"definition": one.definition(order), "value": _value(one, given.get(one.key))}
        for order, one in enumerate(known, 1)
    ]
    strange = [
        Declared(key, "STRING", GROUPS[2], NOBODYS, str) for key in given if key not in names
    ]
    configs += [
        {
            "definition": one.definition(0),
            "value": _shown(one.key, None, [_unknown(one.key, names)]),
        }
        for one in strange
    ]
    return {
        "name": connector.name,
        "error_count": sum(len(one["value"]["errors"]) for one in configs),
        "groups": list(GROUPS),
        "configs": configs,
    }


def _value(one: Declared, text: str | None) -> dict[str, Any]:
    if text is None:
        missing = f'Missing required configuration "{one.key}": {one.doc}'
        return _shown(one.key, one.default, [missing] if one.required else [])
    try:
        one.check(text)
    except ValueError as error:
        wanted = f"Invalid value for configuration {one.key}: must be {error}"
        return _shown(one.key, lint.HIDDEN if one.hidden else text, [wanted])
    return _shown(one.key, lint.HIDDEN if one.hidden else text, [])


def _unknown(key: str, names: list[str]) -> str:
    """A key nobody declared; its value is not shown, since it may be a secret in the clear."""
    if f"{key}_file" in names:
        return f"Configuration is not defined: {key}: put it in a file and name that in {key}_file"
    near = difflib.get_close_matches(key, names, n=1)
    return f"Configuration is not defined: {key}" + (f": did you mean {near[0]}?" if near else "")


def _shown(key: str, value: str | None, errors: list[str]) -> dict[str, Any]:
    return {
        "name": key,
        "value": value,
        "recommended_values": [],
        "errors": errors,
        "visible": True,
    }


def text_of(value: Any) -> str:
    """A JSON scalar as the text Connect holds settings in. Raises ValueError for anything else."""
    if isinstance(value, bool):
        return str(value).lower()
    if value is None or isinstance(value, dict | list):
        raise ValueError("settings are texts, numbers, true or false")
    return str(value)
