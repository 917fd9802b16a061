"""Service requests from CSV extracts in the columns of New York's 311.

The extract names no citizen, so nothing in it may be linked to a person: addresses and answers
stand in the claims as texts only.
"""

import dataclasses
from collections.abc import Iterator
from pathlib import Path

from connectors.messaging.service_requests import EMITS, STATUSES, drafts
from hub.canon.model import Claims, FreeText, RequestStatus, ServiceRequestOpened
from hub.connect.contract import Change, Connector, Draft, LeftOut, Unchanged, Unreadable, setting
from hub.connect.drift import extra
from hub.connect.sources import csv_snapshots
from hub.connect.values import instant, raise_unreadable, required, symbol, text

KEYS = {"unique_key": ("unique_key",)}
ZONE = "America/New_York"
PERSONAL = ("incident_address", "cross_street_1", "cross_street_2", "intersection_street_1")
LOCATION = ("intersection_street_2", "latitude", "longitude", "resolution_description", "landmark")
FIELDS = frozenset(
    [
        *("unique_key", "created_date", "agency", "agency_name", "complaint_type", "descriptor"),
        *("location_type", "incident_zip", "street_name", "address_type", "city", "status"),
        *("resolution_action_updated_date", "community_board", "borough", "location", "bbl"),
        *("x_coordinate_state_plane", "y_coordinate_state_plane", "open_data_channel_type"),
        *("park_facility_name", "park_borough", "vehicle_type", "closed_date", "due_date"),
        *("bridge_highway_name", "bridge_highway_direction", "road_ramp"),
        *("bridge_highway_segment", "taxi_pick_up_location", *PERSONAL, *LOCATION),
        *(f":@computed_region_{code}" for code in ("efsh_h5xi", "f5dn_yrer", "yeji_bk3q")),
        *(f":@computed_region_{code}" for code in ("92fq_4b7q", "sbqj_enih", "7mpf_4k6g")),
    ]
)


@dataclasses.dataclass(frozen=True)
class Settings:
    """Where the extracts appear."""

    folder: Path = setting("Folder in which the extracts appear; they stay there.")
    pattern: str = setting("Which files are extracts.", default="*.csv")


def changes(settings: Settings, after: str | None) -> Iterator[Change | Unreadable | Unchanged]:
    """Requests that are new, changed or gone since the last extract."""
    return csv_snapshots.changes(settings.folder, settings.pattern, KEYS, after)


def translate(change: Change) -> Iterator[Draft | LeftOut]:
    """The request opened, moved on or closed."""
    row = change.record
    status = text(row, "status")
    requested = instant(row, "created_date", ZONE)
    if requested is None:
        raise_unreadable("created_date", "E-FIELD-MISSING", "a time")
    opened = ServiceRequestOpened(
        request_id=required(row, "unique_key"),
        service_code=text(row, "complaint_type"),
        service_name=text(row, "complaint_type"),
        detail=text(row, "descriptor"),
        agency_responsible=text(row, "agency"),
        status=symbol((status or "").lower(), STATUSES, RequestStatus.UNKNOWN),
        status_text=status,
        channel_text=text(row, "open_data_channel_type"),
        requested=requested,
        expected=None,
        area=text(row, "borough"),
    )
    words = ((name, text(row, name)) for name in (*PERSONAL, *LOCATION))
    claims = Claims(
        texts=tuple(FreeText(name, said) for name, said in words if said),
        extra=extra(row, FIELDS),
    )
    yield from drafts(
        opened,
        changed_at=instant(row, "resolution_action_updated_date", ZONE),
        closed_at=instant(row, "closed_date", ZONE),
        version=change.version,
        claims=claims,
    )


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
