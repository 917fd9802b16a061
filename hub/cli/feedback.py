"""`hub connector feedback`: what the sender of a connector's records is told of refused ones."""

from typing import Annotated

import typer

from hub.bus.reader import read_topic
from hub.bus.topics import quarantine_topic
from hub.cli.output import Format, FormatOption, SettingsOption, as_json, rows
from hub.connect.catalogue import connector
from hub.connect.feedback import PAGE_MAX, Ledger
from hub.settings import load_settings

FEEDBACK_EXAMPLE = "Example: hub connector feedback licensing -o json"
COLUMNS = ("file", "row", "field", "code", "rule", "hint", "state")


def feedback(
    name: Annotated[str, typer.Argument(help="Which connector; see hub connector list.")],
    settings: SettingsOption = None,
    since: Annotated[int, typer.Option(min=0, help="Go on from this cursor (next).")] = 0,
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = PAGE_MAX,
    output: FormatOption = Format.TEXT,
) -> None:
    """Show which records were refused, by file, row, field and rule, and what to do about them.

    No value of a record is shown. Records that could be read after a fix show as resolved.
    """
    hub = load_settings(settings)
    topic = quarantine_topic(connector(name, hub.connectors_folder).name)
    ledger = Ledger()
    for message in read_topic(hub.bootstrap_servers, topic, hub.kafka):
        ledger.take(message)
    page = ledger.page(since, limit)
    if output is Format.JSON:
        as_json({"connector": name, **page.as_record()})
    else:
        rows(output, COLUMNS, (one._asdict() for one in page.findings), "nothing was refused")
