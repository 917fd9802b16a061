"""Business licences in the columns Chicago publishes: one row is up to six dated events."""

from collections.abc import Iterator, Mapping
from typing import Any

from hub.canon.model import (
    Address,
    ApplicationType,
    Assurance,
    Claims,
    Identifier,
    Licence,
    LicenceApplicationCompleted,
    LicenceApplied,
    LicenceApproved,
    LicenceClass,
    LicenceEnded,
    LicenceFeePaid,
    LicenceIssued,
    LicenceStatus,
    Organisation,
)
from hub.connect.contract import Change, Draft, LeftOut, Record
from hub.connect.drift import extra
from hub.connect.values import date, required, symbol, text

KEY = ("ID",)
DATE = "%m/%d/%Y"
REDACTED = "[REDACTED FOR PRIVACY]"
ACCOUNT_SCHEME = "licensing-account"
EVENTS = (
    ("APPLICATION CREATED DATE", LicenceApplied),
    ("APPLICATION REQUIREMENTS COMPLETE", LicenceApplicationCompleted),
    ("PAYMENT DATE", LicenceFeePaid),
    ("LICENSE APPROVED FOR ISSUANCE", LicenceApproved),
    ("DATE ISSUED", LicenceIssued),
)
FIELDS = frozenset(
    [
        *("ID", "LICENSE ID", "ACCOUNT NUMBER", "SITE NUMBER", "LEGAL NAME"),
        *("DOING BUSINESS AS NAME", "ADDRESS", "CITY", "STATE", "ZIP CODE", "WARD", "PRECINCT"),
        *("WARD PRECINCT", "POLICE DISTRICT", "LICENSE CODE", "LICENSE DESCRIPTION"),
        *("BUSINESS ACTIVITY ID", "BUSINESS ACTIVITY", "LICENSE NUMBER", "APPLICATION TYPE"),
        *(column for column, _ in EVENTS),
        *("CONDITIONAL APPROVAL", "LICENSE TERM START DATE", "LICENSE TERM EXPIRATION DATE"),
        *("LICENSE STATUS", "LICENSE STATUS CHANGE DATE", "SSA", "LATITUDE", "LONGITUDE"),
        *("LOCATION", "EIN"),
    ]
)
STATUSES: Mapping[str, LicenceStatus] = {
    "AAI": LicenceStatus.ISSUED,
    "AAC": LicenceStatus.CANCELLED,
    "REV": LicenceStatus.REVOKED,
    "REA": LicenceStatus.APPEALED,
}
ENDED = (LicenceStatus.CANCELLED, LicenceStatus.REVOKED)
APPLICATION_TYPES: Mapping[str, ApplicationType] = {
    "ISSUE": ApplicationType.ISSUE,
    "RENEW": ApplicationType.RENEW,
    "C_LOC": ApplicationType.CHANGE_OF_LOCATION,
    "C_CAPA": ApplicationType.CHANGE_OF_CAPACITY,
    "C_EXPA": ApplicationType.EXPANSION,
    "C_SBA": ApplicationType.CHANGE_OF_AREA,
}


def translate(change: Change) -> Iterator[Draft | LeftOut]:
    """Up to six events, in the order in which a licence is dealt with."""
    row = change.record
    key = f"business/{required(row, 'ID')}"
    body: dict[str, Any] = {"licence": _licence(row)}
    claims = Claims(organisations=(_holder(row),), extra=extra(row, FIELDS), persons=(), roles=())
    status = body["licence"].status
    said = False
    for column, event in EVENTS:
        occurred = date(row, column, DATE)
        if occurred is not None:
            said = True
            yield Draft(event(**body), key, change.version, occurred, claims)
    ended = date(row, "LICENSE STATUS CHANGE DATE", DATE)
    if status in ENDED and ended is not None:
        said = True
        yield Draft(LicenceEnded(**body), key, change.version, ended, claims)
    if not said:
        yield LeftOut("no dated event")


def _licence(row: Record) -> Licence:
    status, kind = text(row, "LICENSE STATUS"), text(row, "APPLICATION TYPE")
    activities = text(row, "BUSINESS ACTIVITY")
    return Licence(
        required(row, "LICENSE NUMBER"),
        required(row, "LICENSE ID"),
        LicenceClass.BUSINESS,
        text(row, "ACCOUNT NUMBER"),
        text(row, "SITE NUMBER"),
        text(row, "LICENSE CODE"),
        text(row, "LICENSE DESCRIPTION"),
        tuple(part.strip() for part in activities.split("|")) if activities else (),
        symbol(kind, APPLICATION_TYPES, ApplicationType.UNKNOWN),
        kind,
        date(row, "LICENSE TERM START DATE", DATE),
        date(row, "LICENSE TERM EXPIRATION DATE", DATE),
        symbol(status, STATUSES, LicenceStatus.UNKNOWN),
        status,
    )


def _holder(row: Record) -> Organisation:
    account = required(row, "ACCOUNT NUMBER")
    identifiers = [Identifier(ACCOUNT_SCHEME, account, Assurance.VERIFIED)]
    ein = text(row, "EIN")
    if ein is not None:
        identifiers.append(Identifier("us-ein", ein.replace("-", ""), Assurance.VERIFIED))
    trading = text(row, "DOING BUSINESS AS NAME")
    return Organisation(
        "holder",
        text(row, "LEGAL NAME"),
        (trading,) if trading else (),
        tuple(identifiers),
        _addresses(row),
        (),
        (),
        protected=False,
    )


def _addresses(row: Record) -> tuple[Address, ...]:
    street = text(row, "ADDRESS")
    if street is None or REDACTED in street:
        return ()
    street, mark, unit = street.partition("#")
    return (
        Address(
            None,
            street.strip() or None,
            unit.strip() or None if mark else None,
            text(row, "CITY"),
            text(row, "STATE"),
            text(row, "ZIP CODE"),
            "US",
        ),
    )
