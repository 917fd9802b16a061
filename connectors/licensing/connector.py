"""Licensing: full CSV snapshots of business and professional licences, dropped in a folder."""

import dataclasses
from collections.abc import Iterable, Iterator
from pathlib import Path

from connectors.licensing import business, professional
from hub.canon.model import (
    LicenceApplicationCompleted,
    LicenceApplied,
    LicenceApproved,
    LicenceEnded,
    LicenceFeePaid,
    LicenceIssued,
)
from hub.connect.contract import Change, Connector, Draft, LeftOut, Unchanged, Unreadable, setting
from hub.connect.sources import csv_snapshots


@dataclasses.dataclass(frozen=True)
class Settings:
    """Where the licensing office drops its snapshots."""

    folder: Path = setting("Folder in which the snapshots appear; they stay there.")
    pattern: str = setting("Which files are snapshots.", default="*.csv")
    shrink_share_max: float = setting(
        "Refuse a snapshot that lost more than this share of its rows.", default=0.5
    )


def changes(settings: Settings, after: str | None) -> Iterator[Change | Unreadable | Unchanged]:
    """Rows that are new, changed or gone; each kind of file is compared with its own last one."""
    keys = {business.KEY[0]: business.KEY, professional.KEY[0]: professional.KEY}
    return csv_snapshots.changes(
        settings.folder, settings.pattern, keys, after, settings.shrink_share_max
    )


def translate(change: Change) -> Iterable[Draft | LeftOut]:
    """The dated events of one row, by the kind of licence its columns tell."""
    if business.KEY[0] in change.record:
        return business.translate(change)
    return professional.translate(change)


CONNECTOR = Connector(
    name="licensing",
    owner="Licensing Office",
    system="licence-register",
    purpose="licence-administration",
    domain="licensing",
    settings=Settings,
    changes=changes,
    translate=translate,
    emits=(
        LicenceApplied,
        LicenceApplicationCompleted,
        LicenceFeePaid,
        LicenceApproved,
        LicenceIssued,
        LicenceEnded,
    ),
    known_fields=business.FIELDS | professional.FIELDS,
    doc="Business licences in Chicago's columns, professional ones in CompactConnect's.",
)
