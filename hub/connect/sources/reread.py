"""Reads a quarantined original again, after a fix."""

from collections.abc import Mapping
from typing import Any

from hub.connect.contract import Record
from hub.connect.sources.csv_rows import parse_row
from hub.connect.strict_json import loads, refused


def reread(raw: bytes, context: Mapping[str, Any]) -> Record:
    """The record in `raw`, by the format its context names. Raises UnreadableRecord."""
    if context.get("format") == "csv":
        return parse_row(raw, tuple(context["columns"]))
    value = loads(raw)
    if not isinstance(value, dict):
        raise refused("E-JSON", "a JSON object")
    return Record(value)


def context_of(file: str, format_: str, columns: tuple[str, ...] | None = None) -> dict[str, Any]:
    """What is needed to read a piece of this file again; copy it and add the line."""
    context: dict[str, Any] = {"file": file, "format": format_}
    if columns is not None:
        context["columns"] = columns
    return context
