"""Reads a quarantined original again, after a fix."""

from collections.abc import Mapping
from typing import Any

from hub.connect.contract import Record
from hub.connect.sources import delimited, xml_records
from hub.connect.sources.csv_rows import Dialect, parse_row
from hub.connect.sources.encodings import UTF_8
from hub.connect.strict_json import loads, refused


def reread(raw: bytes, context: Mapping[str, Any]) -> Record:
    """The record in `raw`, by the format its context names. Raises UnreadableRecord."""
    form = context.get("format")
    if form == "csv":
        dialect = Dialect(context.get("delimiter", ","), context.get("encoding", UTF_8))
        return parse_row(raw, tuple(context["columns"]), dialect)
    if form == "delimited":
        return delimited.fields_of(raw, context)
    if form == "xml":
        return xml_records.record_of(raw, context)
    value = loads(raw)
    if not isinstance(value, dict):
        raise refused("E-JSON", "a JSON object")
    return Record(value)
