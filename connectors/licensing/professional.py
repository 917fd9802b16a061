"""Professional licences in the columns of CompactConnect's bulk files."""

from collections.abc import Iterator, Mapping

from hub.canon.model import (
    Address,
    ApplicationType,
    Assurance,
    Claims,
    Identifier,
    Licence,
    LicenceClass,
    LicenceEnded,
    LicenceIssued,
    LicenceStatus,
    Person,
    PersonName,
)
from hub.connect.contract import Change, Draft, LeftOut, Record
from hub.connect.drift import extra
from hub.connect.values import date, required, symbol, text

KEY = ("licenseNumber", "licenseType")
DATE = "%Y-%m-%d"
FIELDS = frozenset(
    [
        *("ssn", "npi", "licenseNumber", "licenseType", "licenseStatus", "licenseStatusName"),
        *("compactEligibility", "givenName", "middleName", "familyName", "suffix", "dateOfBirth"),
        *("dateOfIssuance", "dateOfRenewal", "dateOfExpiration", "homeAddressStreet1"),
        *("homeAddressStreet2", "homeAddressCity", "homeAddressState", "homeAddressPostalCode"),
        *("emailAddress", "phoneNumber"),
    ]
)
STATUSES: Mapping[str, LicenceStatus] = {
    "active": LicenceStatus.ISSUED,
    "inactive": LicenceStatus.EXPIRED,
    "revoked": LicenceStatus.REVOKED,
    "surrendered": LicenceStatus.CANCELLED,
}
ENDED = (LicenceStatus.REVOKED, LicenceStatus.CANCELLED)


def translate(change: Change) -> Iterator[Draft | LeftOut]:
    """The licence issued, and ended where its status says so."""
    row = change.record
    number, kind = required(row, "licenseNumber"), required(row, "licenseType")
    key = f"professional/{kind}/{number}"
    status_text = text(row, "licenseStatus")
    status = symbol(status_text, STATUSES, LicenceStatus.UNKNOWN)
    issued = date(row, "dateOfIssuance", DATE)
    expires = date(row, "dateOfExpiration", DATE)
    licence = Licence(
        licence_number=number,
        licence_id=number,
        licence_class=LicenceClass.PROFESSIONAL,
        account_number=None,
        site_number=None,
        licence_code=kind,
        description=text(row, "licenseStatusName"),
        activities=(),
        application_type=(
            ApplicationType.RENEW if text(row, "dateOfRenewal") else ApplicationType.ISSUE
        ),
        application_type_text=None,
        term_from=date(row, "dateOfRenewal", DATE) or issued,
        term_to=expires,
        status=status,
        status_text=status_text,
    )
    claims = Claims(persons=(_holder(row, kind, number),), extra=extra(row, FIELDS))
    if issued is None:
        yield LeftOut("no dated event")
        return
    yield Draft(LicenceIssued(licence), key, change.version, issued, claims)
    if status in ENDED:
        yield Draft(LicenceEnded(licence), key, change.version, expires or issued, claims)


def _holder(row: Record, kind: str, number: str) -> Person:
    identifiers = [Identifier(f"licence-{kind.replace(' ', '-')}", number, Assurance.VERIFIED)]
    for column, scheme in (("ssn", "us-ssn"), ("npi", "us-npi")):
        value = text(row, column)
        if value is not None:
            identifiers.append(Identifier(scheme, value.replace("-", ""), Assurance.VERIFIED))
    email, phone = text(row, "emailAddress"), text(row, "phoneNumber")
    name = PersonName(
        None,
        text(row, "givenName"),
        text(row, "middleName"),
        text(row, "familyName"),
        text(row, "suffix"),
    )
    return Person(
        ref="holder",
        names=(name,),
        born=date(row, "dateOfBirth", DATE),
        identifiers=tuple(identifiers),
        addresses=_addresses(row),
        emails=(email,) if email else (),
        phones=(phone,) if phone else (),
    )


def _addresses(row: Record) -> tuple[Address, ...]:
    street = text(row, "homeAddressStreet1")
    city = text(row, "homeAddressCity")
    if street is None and city is None:
        return ()
    return (
        Address(
            None,
            street,
            text(row, "homeAddressStreet2"),
            city,
            text(row, "homeAddressState"),
            text(row, "homeAddressPostalCode"),
            "US",
        ),
    )
