"""What a service request means, whatever way it came: Open311 over HTTP or an extract as CSV."""

from collections.abc import Iterator, Mapping

from hub.canon.model import (
    Claims,
    Moment,
    RequestStatus,
    ServiceRequestChanged,
    ServiceRequestClosed,
    ServiceRequestOpened,
)
from hub.connect.contract import Draft

EMITS = (ServiceRequestOpened, ServiceRequestChanged, ServiceRequestClosed)
STATUSES: Mapping[str, RequestStatus] = {
    "open": RequestStatus.OPEN,
    "assigned": RequestStatus.IN_PROGRESS,
    "in progress": RequestStatus.IN_PROGRESS,
    "started": RequestStatus.IN_PROGRESS,
    "pending": RequestStatus.IN_PROGRESS,
    "closed": RequestStatus.CLOSED,
}


def drafts(
    opened: ServiceRequestOpened,
    *,
    changed_at: Moment | None,
    closed_at: Moment | None,
    version: int,
    claims: Claims | None,
    first_claims: Claims | None = None,
) -> Iterator[Draft]:
    """The request opened; moved on, where its last change is later; and closed, where it is.

    That it moved on is said of a closed request too: closing does not undo it. Where a later event
    says how the request stands, the first one says it was open and stays what it was; so it does
    where `first_claims` leaves out what was said later.
    """
    requested = opened.requested
    if requested is None:
        raise TypeError("a request is made at a time")
    key = f"request/{opened.request_id}"
    moved_at = changed_at if changed_at and changed_at.earliest > requested.earliest else None
    first = opened
    if moved_at or closed_at:
        first = opened._replace(status=RequestStatus.OPEN, status_text=None)
    yield Draft(first, key, version, requested, first_claims or claims)
    if moved_at is not None:
        yield Draft(ServiceRequestChanged(*opened), key, version, moved_at, claims)
    if closed_at is not None:
        yield Draft(ServiceRequestClosed(*opened), key, version, closed_at, claims)
