"""Every kind of source a mapping can name."""

import dataclasses
from collections.abc import Mapping

from hub.connect.mapping import asked_sources, file_sources, pushed_sources
from hub.connect.mapping.document import Table
from hub.connect.mapping.keys import Key, flag_of, text_at
from hub.connect.mapping.problem import Report
from hub.connect.mapping.source import Source, SourceKind

COLUMNS, TABLES = "columns", "tables"


@dataclasses.dataclass(frozen=True)
class NoSettings:
    """The settings of a source that is not here."""


def own(options: Table, report: Report, _name: str) -> Source:
    """Records that code of the connector's own reads; it gives settings and changes itself."""
    records, node = text_at(options, "records", report), options.get("versioned")
    if records not in (COLUMNS, TABLES, ""):
        report.unknown(options.at, records, "kind of records", (COLUMNS, TABLES))
    versioned = node is None or flag_of(node, "versioned", report)
    return Source(NoSettings, flat=records != TABLES, versioned=versioned)


SOURCES: Mapping[str, SourceKind] = {
    **file_sources.KINDS,
    **asked_sources.KINDS,
    **pushed_sources.KINDS,
    "own": SourceKind(
        "Code of the connector's own: Python replaces settings and changes of what is loaded.",
        {
            "records": Key("columns, or tables for tables inside tables.", required=True),
            "versioned": Key("Whether changes tell which state is later: yes or no; yes."),
        },
        NoSettings,
        "own: {records: columns}",
        own,
    ),
}
