"""What a subject claims now, as the resolver's normalised record. Pure."""

from collections.abc import Iterable, Mapping

from hub.canon.model import (
    Address,
    Assurance,
    Identifier,
    Moment,
    Organisation,
    Person,
    PersonName,
    Precision,
    RoleKind,
    SubjectState,
)
from hub.identity import normalise
from hub.identity import organisation_contacts as contacts
from hub.identity.addresses import Where, address, completed, where
from hub.identity.organisation_dataset import Names, names
from hub.identity.organisation_record import OrganisationRecord
from hub.identity.record import Name, PersonRecord, known_once
from hub.identity.subjects import Claim, current

Claimed = PersonRecord | OrganisationRecord
OFFICERS = frozenset({RoleKind.OWNER, RoleKind.SIGNATORY, RoleKind.LICENCE_HOLDER})
"""Ties that tell of an organisation; a contact or an employee may be anybody's."""
_DATED = frozenset({Precision.DAY, Precision.INSTANT})
_DATE = len("YYYY-MM-DD")


def records(states: Mapping[str, SubjectState]) -> dict[str, Claimed | None]:
    """The records of subjects; None of those that claim nothing any more.

    Owners and officers of an organisation are persons of the same source record, so they must be
    among the subjects.
    """
    claimed = {name: current(state) for name, state in states.items()}
    people = {
        (states[name].record_id, states[name].ref): now.claim
        for name, now in claimed.items()
        if now is not None and now.assertion.roles and isinstance(now.claim, Person)
    }
    found: dict[str, Claimed | None] = {}
    for name, now in claimed.items():
        state = states[name]
        officers = [
            person
            for role in (() if now is None else now.assertion.roles)
            if role.kind in OFFICERS and role.organisation_ref == state.ref
            if (person := people.get((state.record_id, role.person_ref)))
        ]
        found[name] = None if now is None else record_of(now.claim, state.agency, officers)
    return found


def record_of(claim: Claim, agency: str, officers: Iterable[Person] = ()) -> Claimed:
    """The record of what an agency's claim says; of an organisation also who its officers are."""
    if isinstance(claim, Person):
        return _person(claim, agency)
    owners = known_once(_name(name) for one in officers for name in one.names)
    return _organisation(claim, agency, owners)


def _person(claim: Person, agency: str) -> PersonRecord:
    names, at = claim.names, _at(claim.addresses)
    return PersonRecord(
        names=known_once(_name(name) for name in names),
        middles=known_once(
            token for name in names for token in normalise.name_tokens(name.middle or "")[:1]
        ),
        suffixes=known_once(normalise.suffix(_suffixed(name)) for name in names),
        births=known_once([_birth(claim.born)]),
        identifiers=known_once(map(_identifier, claim.identifiers)),
        addresses=known_once(map(address, _streets(claim.addresses))),
        postcodes=known_once(normalise.postcode(one.postcode) for one in at),
        places=known_once(normalise.place(place) for one in at for place in one.places),
        regions=known_once(normalise.region(one.region) for one in at),
        phones=known_once(one for text in claim.phones for one in normalise.phones(text)),
        emails=known_once(one for text in claim.emails for one in normalise.emails(text)),
        agency=agency,
        verified=known_once(map(_identifier, _verified(claim))),
    )


def _organisation(claim: Organisation, agency: str, owners: tuple[Name, ...]) -> OrganisationRecord:
    legal, trade = [claim.legal_name] if claim.legal_name else [], claim.trading_names
    streets, domains = _streets(claim.addresses), known_once(map(contacts.domain, claim.emails))
    at = _at(claim.addresses)
    return OrganisationRecord(
        *names(Names(legal, trade, domains=domains)),
        owners=owners,
        identifiers=known_once(map(_number, claim.identifiers)),
        addresses=known_once(map(contacts.address, streets)),
        postcodes=known_once(normalise.postcode(one.postcode) for one in at),
        places=known_once(normalise.place(place) for one in at for place in one.places),
        regions=known_once(normalise.region(one.region) for one in at),
        phones=known_once(one for text in claim.phones for one in normalise.phones(text)),
        domains=domains,
        spellings=known_once(
            contacts.spelling(name, street)
            for name in (*trade, *legal)[:1]
            for street in streets[:1]
        ),
        agency=agency,
        verified=known_once(map(_number, _verified(claim))),
    )


def _streets(addresses: Iterable[Address]) -> list[str]:
    return [street for one in addresses if (street := one.street or one.full)]


def _at(addresses: Iterable[Address]) -> list[Where]:
    """Where addresses are, as they tell it, or as stands behind the street of a whole one."""
    return [
        completed(
            Where(one.postal_code or "", known_once([one.locality]), one.region or ""),
            where(one.full or one.street or ""),
        )
        for one in addresses
    ]


def _verified(claim: Claim) -> list[Identifier]:
    return [one for one in claim.identifiers if one.assurance is Assurance.VERIFIED]


def _identifier(told: Identifier) -> tuple[str, str] | None:
    value = normalise.identifier(told.value)
    return (told.scheme, value) if value else None


def _number(told: Identifier) -> tuple[str, str] | None:
    """An identifier of an organisation, which its scheme's check digits allow."""
    value = contacts.identifier(told.scheme, told.value)
    return (told.scheme, value) if value else None


def _name(name: PersonName) -> Name | None:
    if name.given or name.family:
        return normalise.name(name.given, name.family)
    return normalise.full_name(name.full) if name.full else None


def _suffixed(name: PersonName) -> str:
    return f"{name.family or name.full or ''} {name.suffix or ''}"


def _birth(born: Moment | None) -> str | None:
    """The date of birth, where it is known to the day."""
    if born is None or born.precision not in _DATED:
        return None
    return normalise.birth(born.text[:_DATE])
