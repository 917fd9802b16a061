"""Applications, awards and contacts of a grants-management system, by its database's log."""

import dataclasses
from collections.abc import Iterable, Iterator, Mapping

from hub.canon.model import (
    Address,
    ApplicationDecided,
    ApplicationOutcome,
    ApplicationSubmitted,
    Assurance,
    AwardGranted,
    Claims,
    ContactRecorded,
    EventKind,
    Identifier,
    Organisation,
    Person,
    PersonName,
    Role,
    RoleKind,
)
from hub.connect.contract import Change, Checkpoint, Connector, Draft, LeftOut, Record, setting
from hub.connect.drift import extra
from hub.connect.sources import postgres_log
from hub.connect.values import (
    code_of,
    date,
    flag,
    instant,
    money,
    raise_unreadable,
    required,
    symbol,
    text,
)

ZONE = "America/New_York"
CURRENCY = "USD"
DATE = "%Y-%m-%d"
TABLES = (
    ("tcontact", "contact_id"),
    ("tapplication", "application_id"),
    ("taward", "award_id"),
)
SLOT = "civic_hub_grants"
PUBLICATION = "civic_hub"
INDIVIDUAL = "P"
OUTCOMES: Mapping[str, ApplicationOutcome] = {
    "Approved": ApplicationOutcome.APPROVED,
    "Rejected": ApplicationOutcome.REJECTED,
    "Withdrawn by Applicant": ApplicationOutcome.WITHDRAWN_BY_APPLICANT,
}
UNDECIDED = ("Received", "Received by Agency", "Agency Tracking Number Assigned", "Validated")
FIELDS = frozenset(
    [
        *("table", "application_id", "tracking_number", "opportunity_number", "applicant_type"),
        *("organization_name", "employer_taxpayer_id", "samuei", "street1", "street2", "city"),
        *("state", "zip", "country", "contact_prefix", "contact_first_name"),
        *("contact_middle_name", "contact_last_name", "contact_suffix", "contact_title"),
        *("contact_phone", "contact_email", "contact_login_id", "signatory_full_name"),
        *("project_title", "requested_amount", "delinquent_federal_debt", "is_draft"),
        *("date_received", "status", "status_date", "created_date", "last_upd_date"),
        *("contact_id", "applicant_number", "full_name", "first_name", "middle_name", "last_name"),
        *("email", "phone_number", "login_id", "ssn", "is_duplicate", "is_deleted", "award_id"),
        *("award_number", "award_amount", "disbursed_amount", "award_date"),
        *("project_start_date", "project_end_date"),
    ]
)


@dataclasses.dataclass(frozen=True)
class Settings:
    """How to reach the grants database; its owner makes the publication once."""

    dsn: str = setting("Connection text of the grants database.", secret=True)
    slot: str = setting("Name of the replication slot, made when missing.", default=SLOT)
    publication: str = setting("Publication of the tables.", default=PUBLICATION)

    def log(self) -> postgres_log.Log:
        """What the source reads."""
        return postgres_log.Log(self.dsn, self.slot, self.publication, TABLES)


def changes(settings: Settings, after: str | None) -> Iterator[Change | Checkpoint]:
    """Rows that are there, then rows that change."""
    return postgres_log.changes(settings.log(), after)


def acknowledge(settings: Settings, position: str) -> None:
    """Let the database forget what Kafka has confirmed."""
    postgres_log.acknowledge(settings.log(), position)


def translate(change: Change) -> Iterable[Draft | LeftOut]:
    """What a row of one of the three tables means."""
    table = required(change.record, "table")
    by_table = {"tapplication": _application, "taward": _award, "tcontact": _contact}
    if table not in by_table:
        raise_unreadable("table", "E-TABLE", "one of the three tables")
    return by_table[table](change)


def _application(change: Change) -> Iterator[Draft | LeftOut]:
    row = change.record
    if flag(row, "is_draft"):
        yield LeftOut("draft application")
        return
    number = required(row, "tracking_number")
    key = f"application/{required(row, 'application_id')}"
    received = instant(row, "date_received", ZONE)
    if received is None:
        raise_unreadable("date_received", "E-FIELD-MISSING", "a time")
    claims = _parties(row)
    submitted = ApplicationSubmitted(
        number,
        text(row, "opportunity_number"),
        text(row, "project_title"),
        money(row, "requested_amount", CURRENCY),
        flag(row, "delinquent_federal_debt"),
    )
    yield Draft(submitted, key, change.version, received, claims)
    status = text(row, "status")
    decided_at = instant(row, "status_date", ZONE)
    if status is not None and status not in UNDECIDED and decided_at is not None:
        outcome = symbol(status, OUTCOMES, ApplicationOutcome.UNKNOWN)
        decided = ApplicationDecided(number, outcome, status)
        yield Draft(decided, key, change.version, decided_at, claims)


def _parties(row: Record) -> Claims:
    """Applicant, contact and signatory with the roles that tie them."""
    signatory = text(row, "signatory_full_name")
    contact = _application_contact(row)
    individual = code_of(text(row, "applicant_type") or "") == INDIVIDUAL
    if individual:
        tax = _digits(text(row, "employer_taxpayer_id"))
        applicant = contact._replace(
            ref="applicant",
            identifiers=(*contact.identifiers, *_identifiers(("us-ssn", tax))),
            addresses=_address(row),
        )
        return Claims(persons=(applicant,), extra=extra(row, FIELDS))
    persons = [contact]
    roles = [Role("contact", "applicant", RoleKind.CONTACT, text(row, "contact_title"))]
    if signatory is not None:
        name = PersonName(signatory, None, None, None, None)
        persons.append(Person("signatory", (name,)))
        roles.append(Role("signatory", "applicant", RoleKind.SIGNATORY, None))
    organisation = _organisation(row, "applicant", _address(row))
    return Claims(tuple(persons), (organisation,), tuple(roles), extra=extra(row, FIELDS))


def _application_contact(row: Record) -> Person:
    email, phone = text(row, "contact_email"), text(row, "contact_phone")
    name = PersonName(
        None,
        text(row, "contact_first_name"),
        text(row, "contact_middle_name"),
        text(row, "contact_last_name"),
        text(row, "contact_suffix"),
    )
    return Person(
        ref="contact",
        names=(name,),
        identifiers=_identifiers(("civic-login", text(row, "contact_login_id"))),
        emails=(email,) if email else (),
        phones=(phone,) if phone else (),
    )


def _organisation(row: Record, ref: str, addresses: tuple[Address, ...]) -> Organisation:
    ein, uei = _digits(text(row, "employer_taxpayer_id")), text(row, "samuei")
    return Organisation(
        ref=ref,
        legal_name=text(row, "organization_name"),
        identifiers=_identifiers(("us-ein", ein), ("us-uei", uei)),
        addresses=addresses,
    )


def _identifiers(*pairs: tuple[str, str | None]) -> tuple[Identifier, ...]:
    return tuple(Identifier(scheme, value, Assurance.VERIFIED) for scheme, value in pairs if value)


def _digits(value: str | None) -> str | None:
    return value.replace("-", "").replace(" ", "") if value else None


def _address(row: Record) -> tuple[Address, ...]:
    state, country = text(row, "state"), text(row, "country")
    return (
        Address(
            None,
            text(row, "street1"),
            text(row, "street2"),
            text(row, "city"),
            code_of(state) if state else None,
            text(row, "zip"),
            {"USA": "US"}.get(code_of(country), code_of(country)) if country else None,
        ),
    )


def _award(change: Change) -> Iterator[Draft | LeftOut]:
    row = change.record
    if flag(row, "is_draft"):
        yield LeftOut("draft award")
        return
    awarded_at = instant(row, "award_date", ZONE)
    if awarded_at is None:
        raise_unreadable("award_date", "E-FIELD-MISSING", "a time")
    body = AwardGranted(
        award_number=required(row, "award_number"),
        application_number=text(row, "tracking_number"),
        programme=None,
        title=None,
        awarded=money(row, "award_amount", CURRENCY),
        disbursed=money(row, "disbursed_amount", CURRENCY),
        from_on=date(row, "project_start_date", DATE),
        to_on=date(row, "project_end_date", DATE),
    )
    recipient = _organisation(row, "recipient", ())
    claims = Claims(organisations=(recipient,), extra=extra(row, FIELDS))
    yield Draft(body, f"award/{required(row, 'award_id')}", change.version, awarded_at, claims)


def _contact(change: Change) -> Iterator[Draft | LeftOut]:
    row = change.record
    if flag(row, "is_duplicate"):
        yield LeftOut("duplicate contact")
        return
    number = required(row, "contact_id")
    recorded = instant(row, "last_upd_date", ZONE) or instant(row, "created_date", ZONE)
    if recorded is None:
        raise_unreadable("created_date", "E-FIELD-MISSING", "a time")
    email, phone = text(row, "email"), text(row, "phone_number")
    name = PersonName(
        text(row, "full_name"),
        text(row, "first_name"),
        text(row, "middle_name"),
        text(row, "last_name"),
        None,
    )
    person = Person(
        ref="contact",
        names=(name,),
        identifiers=_identifiers(
            ("us-ssn", _digits(text(row, "ssn"))), ("civic-login", text(row, "login_id"))
        ),
        emails=(email,) if email else (),
        phones=(phone,) if phone else (),
    )
    kind = EventKind.WITHDRAWN if flag(row, "is_deleted") else EventKind.ASSERTED
    claims = Claims(persons=(person,), extra=extra(row, FIELDS))
    body = ContactRecorded(number, text(row, "applicant_number"))
    yield Draft(body, f"contact/{number}", change.version, recorded, claims, kind)


CONNECTOR = Connector(
    name="grants_applications",
    owner="Grants Office",
    system="grants-management",
    purpose="grant-administration",
    domain="grants",
    settings=Settings,
    changes=changes,
    translate=translate,
    acknowledge=acknowledge,
    emits=(ApplicationSubmitted, ApplicationDecided, AwardGranted, ContactRecorded),
    known_fields=FIELDS,
    doc="Applications, awards and contacts, by the log of a PostgreSQL database.",
)
