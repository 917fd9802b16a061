"""Service requests from CSV extracts in the columns of New York's 311.

The extract names no citizen, so nothing in it may be linked to a person: addresses and answers
stand in the claims as texts only. Its times have no offset: they are local to a setting's zone.
"""

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hub.connect import mapping
from hub.connect.contract import (
    Change,
    Draft,
    Item,
    LeftOut,
    Operation,
    Record,
    Unchanged,
    Unreadable,
    setting,
)
from hub.connect.sources import csv_snapshots

KEYS = {"unique_key": ("unique_key",)}
ZONE = "America/New_York"


@dataclasses.dataclass(frozen=True)
class Settings:
    """Where the extracts appear."""

    folder: Path = setting("Folder in which the extracts appear; they stay there.")
    pattern: str = setting("Which files are extracts.", default="*.csv")
    time_zone: str = setting("Zone of the times in the extracts.", default=ZONE)
    whole: bool = setting(
        "Each extract holds every request, so that one that is missing was withdrawn;"
        " otherwise extracts are by date and a missing request says nothing.",
        default=False,
    )


def changes(settings: Settings, after: str | None) -> Iterator[Item]:
    """Requests that are new, changed or gone since the last extract."""
    share = csv_snapshots.SHRINK_SHARE_MAX if settings.whole else 1.0
    told: dict[str, Any] = {"time_zone": settings.time_zone}
    if not settings.whole:  # the same request comes again in a later extract: only the record
        told["version"] = 0  # knows its version
    for item in csv_snapshots.changes(settings.folder, settings.pattern, KEYS, after, share):
        if isinstance(item, Unchanged):
            yield item
        elif isinstance(item, Unreadable) or settings.whole:
            yield item._replace(context={**item.context, **told})
        elif item.operation is Operation.DELETED:
            yield Unchanged(0, item.position)
        else:
            yield item._replace(version=0, context={**item.context, **told})


def translate(change: Change) -> Iterator[Draft | LeftOut]:
    """The request opened, moved on or closed, its times in the zone of the settings."""
    row = Record(change.record, time_zone=change.context.get("time_zone", ZONE))
    for said in MAPPED.translate(change._replace(record=row)):
        if isinstance(said, Draft) and change.version:
            yield said._replace(record_version=change.version)
        else:
            yield said


MAPPED = mapping.load(Path(__file__).with_suffix(".yaml"))
CONNECTOR = dataclasses.replace(MAPPED, settings=Settings, changes=changes, translate=translate)
