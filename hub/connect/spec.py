"""What a connector is, as data: its settings, events and source fields as JSON Schema, offline."""

import dataclasses
from pathlib import Path
from typing import Any, get_type_hints

from hub.canon.model import EVENT_NAMES
from hub.connect.contract import Connector

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_TYPES = {str: "string", int: "integer", float: "number", bool: "boolean", Path: "string"}


def spec(connector: Connector) -> dict[str, Any]:
    """Everything a stranger needs to set a connector up, as JSON values."""
    return {
        "name": connector.name,
        "owner": connector.owner,
        "system": connector.system,
        "purpose": connector.purpose,
        "domain": connector.domain,
        "doc": connector.doc,
        "way": "is asked" if connector.changes is not None else "is pushed to",
        "acknowledges": connector.acknowledge is not None,
        "settings": settings_schema(connector),
        "emits": [
            {"event": body.__name__, "schema": EVENT_NAMES.get(body, ""), "doc": body.__doc__}
            for body in connector.emits
        ],
        "fields": fields_schema(connector),
    }


def settings_schema(connector: Connector) -> dict[str, Any]:
    """The connector's table of the settings file; a secret is the path of a file that holds it."""
    hints = get_type_hints(connector.settings)
    properties: dict[str, Any] = {}
    required = []
    for field in dataclasses.fields(connector.settings):
        secret = bool(field.metadata.get("secret"))
        key = f"{field.name}_file" if secret else field.name
        hint = hints[field.name]
        properties[key] = {"description": field.metadata.get("doc", "")}
        if hint in _TYPES:
            properties[key]["type"] = "string" if secret else _TYPES[hint]
        if secret:
            properties[key]["writeOnly"] = True
        if secret or hint is Path:
            properties[key]["format"] = "path"
        if field.default is dataclasses.MISSING:
            required.append(key)
        elif not secret:
            value = field.default
            properties[key]["default"] = str(value) if isinstance(value, Path) else value
    return {
        "$schema": DIALECT,
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }


def fields_schema(connector: Connector) -> dict[str, Any]:
    """The source fields the connector knows; others are kept in `extra` and told once."""
    names = sorted(connector.known_fields or ())
    return {
        "$schema": DIALECT,
        "type": "object",
        "properties": {name: {} for name in names},
        "additionalProperties": True,
    }
