"""A small mapping that tests change, and what comes of one record by it."""

from collections.abc import Mapping
from typing import Any

from hub.connect import mapping
from hub.connect.contract import Change, Draft, LeftOut, Record
from hub.connect.mapping import Problem

HEAD = """\
mapping: 1
name: permits
owner: Transport Office
system: permit-register
purpose: licence-administration
domain: licensing
"""
SNAPSHOTS = "source: {csv_snapshots: {key: no}}\n"
JSON = "source: {files: {holds: {json: {member: rows}}}}\n"
LICENCE = """\
      licence:
        licence_number: no
        licence_id: no
        licence_class: {constant: business}
        application_type: {constant: issue}
        status: {constant: issued}
"""
ISSUED = f"""\
events:
  - event: LicenceIssued
    record_key: no
    occurred: {{date: issued, format: "%d.%m.%Y"}}
    body:
{LICENCE}"""
CONTACT = """\
events:
  - event: ContactRecorded
    record_key: no
    occurred: {constant: "2026"}
    body: {contact_number: no}
    claims:
"""
"""An event whose claims a test adds; in the domain of grants."""


def grants(claims: str = "", source: str = SNAPSHOTS, more: str = "") -> str:
    """A document in the domain of grants, with these claims."""
    head = HEAD.replace("domain: licensing", "domain: grants")
    lines = "".join(f"      {line}\n" for line in claims.splitlines())
    return f"{head}{source}{CONTACT}{lines or '      {}'}\n{more}"


def document(more: str = "", events: str = ISSUED, source: str = SNAPSHOTS) -> str:
    """A whole document."""
    return f"{HEAD}{source}{events}{more}"


def errors(text: str, sample: list[str] | None = None) -> list[Problem]:
    """The problems of a document that are errors."""
    return [one for one in mapping.lint(text, sample) if one.level == "error"]


def said(text: str, row: Mapping[str, Any], version: int = 7) -> list[Draft | LeftOut]:
    """What a record means by a document."""
    connector = mapping.connector_of(text, "mapping.yaml")
    return list(connector.translate(Change(Record(row), b"", version=version)))


def claimed(claims: str, row: Mapping[str, Any], source: str = SNAPSHOTS) -> Any:
    """The claims of a record by a document that maps nothing but these."""
    (draft,) = said(grants(claims, source), {"no": "1", **row})
    assert isinstance(draft, Draft)
    return draft.claims
