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
) -> Iterator[Draft]:
    """The request opened; moved on, where its last change is later; and closed, where it is."""
    requested = opened.requested
    if requested is None:
        raise TypeError("a request is made at a time")
    key = f"request/{opened.request_id}"
    yield Draft(opened, key, version, requested, claims)
    if closed_at is not None:
        yield Draft(ServiceRequestClosed(*opened), key, version, closed_at, claims)
    elif changed_at is not None and changed_at.earliest > requested.earliest:
        yield Draft(ServiceRequestChanged(*opened), key, version, changed_at, claims)
