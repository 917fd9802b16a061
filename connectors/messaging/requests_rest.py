"""Service requests from an Open311 GeoReport v2 server, asked for what changed since last time."""

import dataclasses
from collections.abc import Iterator

from connectors.messaging.service_requests import EMITS, STATUSES, drafts
from hub.canon.model import (
    Address,
    Assurance,
    Claims,
    FreeText,
    Identifier,
    Person,
    PersonName,
    RequestStatus,
    ServiceRequestOpened,
)
from hub.connect.contract import Change, Connector, Draft, Item, LeftOut, Record, setting
from hub.connect.drift import extra
from hub.connect.sources import rest
from hub.connect.values import instant, raise_unreadable, required, symbol, text

FIELDS = frozenset(
    [
        *("service_request_id", "status", "status_notes", "service_name", "service_code"),
        *("description", "agency_responsible", "service_notice", "requested_datetime"),
        *("updated_datetime", "expected_datetime", "address", "address_id", "zipcode", "lat"),
        *("long", "media_url", "email", "device_id", "account_id", "first_name", "last_name"),
        *("phone", "token", "area"),
    ]
)


@dataclasses.dataclass(frozen=True)
class Settings:
    """How to reach the server."""

    base_url: str = setting("Root address of the Open311 server.")
    page_size: int = setting("Requests to ask for at once.", default=200)
    token: str = setting("Access token.", default="", secret=True)


def changes(settings: Settings, after: str | None) -> Iterator[Item]:
    """Requests in the order of their last change."""
    endpoint = rest.Endpoint(
        url=f"{settings.base_url.rstrip('/')}/requests.json",
        since="updated_after",
        changed="updated_datetime",
        identifier="service_request_id",
        page_size=settings.page_size,
        token=settings.token,
    )
    return rest.changes(endpoint, after)


def translate(change: Change) -> Iterator[Draft | LeftOut]:
    """The request opened, moved on or closed, with who asked where the server says so."""
    row = change.record
    if text(row, "service_request_id") is None:
        yield LeftOut("request without a number yet")
        return
    requested = instant(row, "requested_datetime")
    if requested is None:
        raise_unreadable("requested_datetime", "E-FIELD-MISSING", "a time")
    updated = instant(row, "updated_datetime") or requested
    status = text(row, "status")
    opened = ServiceRequestOpened(
        request_id=required(row, "service_request_id"),
        service_code=text(row, "service_code"),
        service_name=text(row, "service_name"),
        detail=None,
        agency_responsible=text(row, "agency_responsible"),
        status=symbol((status or "").lower(), STATUSES, RequestStatus.UNKNOWN),
        status_text=status,
        channel_text=None,
        requested=requested,
        expected=instant(row, "expected_datetime"),
        area=text(row, "area"),
    )
    words = ((name, text(row, name)) for name in ("description", "status_notes", "address"))
    person = _requester(row)
    claims = Claims(
        persons=(person,) if person else (),
        texts=tuple(FreeText(name, said) for name, said in words if said),
        extra=extra(row, FIELDS),
    )
    closed = updated if opened.status is RequestStatus.CLOSED else None
    yield from drafts(
        opened, changed_at=updated, closed_at=closed, version=updated.earliest, claims=claims
    )


def _requester(row: Record) -> Person | None:
    given, family = text(row, "first_name"), text(row, "last_name")
    email, phone, account = text(row, "email"), text(row, "phone"), text(row, "account_id")
    if not any((given, family, email, phone, account)):
        return None
    address = text(row, "address")
    return Person(
        ref="requester",
        names=(PersonName(None, given, None, family, None),) if given or family else (),
        identifiers=((Identifier("civic-login", account, Assurance.VERIFIED),) if account else ()),
        addresses=(
            (Address(address, None, None, None, None, text(row, "zipcode"), None),)
            if address
            else ()
        ),
        emails=(email,) if email else (),
        phones=(phone,) if phone else (),
    )


CONNECTOR = Connector(
    name="messaging_requests",
    owner="Contact Centre",
    system="open311",
    purpose="service-requests",
    domain="messaging",
    settings=Settings,
    changes=changes,
    translate=translate,
    emits=EMITS,
    known_fields=FIELDS,
    doc="Service requests over Open311.",
)
