"""Service requests from CSV extracts in the columns of New York's 311.

The extract names no citizen, so nothing in it may be linked to a person: addresses and answers
stand in the claims as texts only. Its times have no offset: they are local to a setting's zone.
"""

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from connectors.messaging.service_requests import EMITS, STATUSES, drafts
from hub.canon.model import Claims, FreeText, RequestStatus, ServiceRequestOpened
from hub.connect.contract import (
    Change,
    Connector,
    Draft,
    Item,
    LeftOut,
    Operation,
    Record,
    Unchanged,
    Unreadable,
    setting,
)
from hub.connect.drift import extra
from hub.connect.sources import csv_snapshots
from hub.connect.values import instant, raise_unreadable, required, symbol, text

KEYS = {"unique_key": ("unique_key",)}
ZONE = "America/New_York"
PERSONAL = ("incident_address", "cross_street_1", "cross_street_2", "intersection_street_1")
LOCATION = ("intersection_street_2", "latitude", "longitude", "landmark")
ANSWER = ("resolution_description",)
MAPPED = frozenset(
    [
        *("unique_key", "created_date", "agency", "complaint_type", "descriptor", "borough"),
        *("status", "resolution_action_updated_date", "open_data_channel_type", "closed_date"),
        *("due_date", *PERSONAL, *LOCATION, *ANSWER),
    ]
)
FIELDS = frozenset(
    [
        *("unique_key", "created_date", "agency", "agency_name", "complaint_type", "descriptor"),
        *("location_type", "incident_zip", "street_name", "address_type", "city", "status"),
        *("resolution_action_updated_date", "community_board", "borough", "location", "bbl"),
        *("x_coordinate_state_plane", "y_coordinate_state_plane", "open_data_channel_type"),
        *("park_facility_name", "park_borough", "vehicle_type", "closed_date", "due_date"),
        *("bridge_highway_name", "bridge_highway_direction", "road_ramp"),
        *("bridge_highway_segment", "taxi_pick_up_location", *MAPPED),
        *(f":@computed_region_{code}" for code in ("efsh_h5xi", "f5dn_yrer", "yeji_bk3q")),
        *(f":@computed_region_{code}" for code in ("92fq_4b7q", "sbqj_enih", "7mpf_4k6g")),
    ]
)


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
    """The request opened, moved on or closed."""
    row, zone = change.record, change.context.get("time_zone", ZONE)
    status = text(row, "status")
    requested = instant(row, "created_date", zone)
    if requested is None:
        raise_unreadable("created_date", "E-FIELD-MISSING", "a time")
    changed = instant(row, "resolution_action_updated_date", zone)
    closed = instant(row, "closed_date", zone)
    opened = ServiceRequestOpened(
        request_id=required(row, "unique_key"),
        service_code=None,
        service_name=text(row, "complaint_type"),
        detail=text(row, "descriptor"),
        agency_responsible=text(row, "agency"),
        status=symbol((status or "").lower(), STATUSES, RequestStatus.UNKNOWN),
        status_text=status,
        channel_text=text(row, "open_data_channel_type"),
        requested=requested,
        expected=instant(row, "due_date", zone),
        area=text(row, "borough"),
    )
    asked = Claims(texts=_texts(row, (*PERSONAL, *LOCATION)), extra=extra(row, MAPPED))
    yield from drafts(
        opened,
        changed_at=changed,
        closed_at=closed,
        version=change.version or max(at.earliest for at in (requested, changed, closed) if at),
        claims=asked._replace(texts=asked.texts + _texts(row, ANSWER)),
        first_claims=asked,
    )


def _texts(row: Record, fields: tuple[str, ...]) -> tuple[FreeText, ...]:
    words = ((name, text(row, name)) for name in fields)
    return tuple(FreeText(name, said) for name, said in words if said)


CONNECTOR = Connector(
    name="messaging_requests_file",
    owner="Contact Centre",
    system="service-requests-extract",
    purpose="service-requests",
    domain="messaging",
    settings=Settings,
    changes=changes,
    translate=translate,
    emits=EMITS,
    known_fields=FIELDS,
    doc="Service requests from 311 extracts.",
)
