"""Grant awards: JSON files in the shape of the 360Giving standard, dropped in a folder."""

import dataclasses
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from hub.canon.model import (
    Address,
    Assurance,
    AwardGranted,
    Claims,
    FreeText,
    Identifier,
    Moment,
    Organisation,
)
from hub.connect.contract import Change, Connector, Draft, Item, LeftOut, Record, setting
from hub.connect.drift import extra
from hub.connect.sources import json_files
from hub.connect.values import as_instant, date, money, raise_unreadable, required, text
from hub.errors import UnreadableRecord

FIELDS = frozenset(
    [
        *("id", "title", "description", "amountAwarded", "amountDisbursed", "currency"),
        *("awardDate", "dateModified", "recipientOrganization", "fundingOrganization"),
        *("grantProgramme", "additional_data", "plannedDates"),
    ]
)
ORG_SCHEMES = {"GB-CHC": "gb-chc", "GB-COH": "gb-coh", "US-EIN": "us-ein", "360G": "org-360g"}
DATES = ("%Y-%m-%d", "%d/%m/%Y")
TIMES = ("%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%M:%S", "%d/%m/%Y %H:%M", *DATES)


@dataclasses.dataclass(frozen=True)
class Settings:
    """Where the award files appear."""

    folder: Path = setting("Folder in which the award files appear.")
    pattern: str = setting("Which files hold awards.", default="*.json")


def changes(settings: Settings, after: str | None) -> Iterator[Item]:
    """The awards of each file."""
    return json_files.changes(settings.folder, settings.pattern, "grants", after)


def translate(change: Change) -> Iterator[Draft | LeftOut]:
    """An award, at the version its publisher last changed it."""
    award = change.record
    number = required(award, "id")
    currency = text(award, "currency") or raise_unreadable("currency", "E-FIELD", "a currency")
    changed = text(award, "dateModified")
    modified = as_instant(changed, "dateModified", "UTC", TIMES) if changed else None
    awarded_on = _first(award, "awardDate", TIMES)
    if awarded_on is None:
        yield LeftOut("no award date")
        return
    programme = _only(award, "grantProgramme")
    planned = Record(_only(award, "plannedDates"))
    body = AwardGranted(
        award_number=number,
        application_number=None,
        programme=text(Record(programme), "title"),
        title=text(award, "title"),
        awarded=money(award, "amountAwarded", currency),
        disbursed=money(award, "amountDisbursed", currency),
        from_on=_first(planned, "startDate", TIMES),
        to_on=_first(planned, "endDate", TIMES),
    )
    description = text(award, "description")
    claims = Claims(
        organisations=_recipients(award),
        texts=(FreeText("description", description),) if description else (),
        extra=extra(award, FIELDS),
    )
    version = modified.earliest if modified else change.version
    yield Draft(body, f"award/{number}", version, awarded_on, claims)


def _first(award: Record, field: str, patterns: tuple[str, ...]) -> Moment | None:
    """A date in the first pattern that fits; the standard says ISO, publishers often do not."""
    for pattern in patterns[:-1]:
        try:
            return date(award, field, pattern)
        except UnreadableRecord:
            continue
    return date(award, field, patterns[-1])


def _only(award: Record, field: str) -> Mapping[str, Any]:
    """The first of a list of objects; empty where there is none."""
    found = award.get(field) or []
    first = found[0] if isinstance(found, list) and found else found
    return first if isinstance(first, dict) else {}


def _recipients(award: Record) -> tuple[Organisation, ...]:
    """Everybody the money goes to; the first is `recipient`, the next `recipient-2`."""
    found = award.get("recipientOrganization")
    if not isinstance(found, list) or not found or not all(isinstance(one, dict) for one in found):
        raise_unreadable("recipientOrganization", "E-FIELD", "a list of recipients")
    return tuple(
        _recipient(Record(one), "recipient" if number == 1 else f"recipient-{number}")
        for number, one in enumerate(found, 1)
    )


def _recipient(recipient: Record, ref: str) -> Organisation:
    number = text(recipient, "id")
    street = text(recipient, "streetAddress")
    locality = text(recipient, "addressLocality")
    code = text(recipient, "postalCode")
    addresses: tuple[Address, ...] = ()
    if street or locality or code:
        region, country = text(recipient, "addressRegion"), text(recipient, "addressCountry")
        addresses = (Address(None, street, None, locality, region, code, country),)
    return Organisation(
        ref=ref,
        legal_name=text(recipient, "name"),
        identifiers=(_identifier(number),) if number else (),
        addresses=addresses,
    )


def _identifier(number: str) -> Identifier:
    """An organisation identifier of org-id.guide: prefix, dash, number."""
    for prefix, scheme in ORG_SCHEMES.items():
        if number.startswith(f"{prefix}-"):
            value = number.removeprefix(f"{prefix}-").replace("-", "")
            return Identifier(scheme, value if scheme != "org-360g" else number, Assurance.VERIFIED)
    return Identifier("org-id", number, Assurance.CLAIMED)


CONNECTOR = Connector(
    name="grants_awards",
    owner="Grants Office",
    system="award-files",
    purpose="grant-administration",
    domain="grants",
    settings=Settings,
    changes=changes,
    translate=translate,
    emits=(AwardGranted,),
    known_fields=FIELDS,
    doc="Awards in 360Giving-like JSON.",
)
