"""What a subject claims now, as the resolver's normalised record. Pure."""

from collections.abc import Iterable
from typing import TypeVar

from hub.canon.model import (
    Assurance,
    Identifier,
    Moment,
    Person,
    PersonName,
    Precision,
    SubjectState,
)
from hub.identity import normalise
from hub.identity.record import Name, PersonRecord
from hub.identity.subjects import Claim, current

Value = TypeVar("Value")
_DATED = frozenset({Precision.DAY, Precision.INSTANT})
_DATE = len("YYYY-MM-DD")


def record(state: SubjectState) -> PersonRecord | None:
    """The record of a subject; None where it claims nothing any more."""
    now = current(state)
    return None if now is None else record_of(now.claim, state.agency)


def record_of(claim: Claim, agency: str) -> PersonRecord:
    """The record of what an agency's claim says."""
    if not isinstance(claim, Person):
        raise TypeError("not a person")
    names = claim.names
    return PersonRecord(
        names=_known(_name(name) for name in names),
        middles=_known(
            token for name in names for token in normalise.name_tokens(name.middle or "")[:1]
        ),
        suffixes=_known(normalise.suffix(_suffixed(name)) for name in names),
        births=_known([_birth(claim.born)]),
        identifiers=_known(map(_identifier, claim.identifiers)),
        addresses=_known(
            normalise.address(street)
            for one in claim.addresses
            if (street := one.street or one.full)
        ),
        postcodes=_known(normalise.postcode(one.postal_code or "") for one in claim.addresses),
        places=_known(normalise.place(one.locality or "") for one in claim.addresses),
        regions=_known(normalise.place(one.region or "") for one in claim.addresses),
        phones=_known(normalise.phone(one) for one in claim.phones),
        emails=_known(normalise.email(one) for one in claim.emails),
        agency=agency,
        verified=_known(
            _identifier(one) for one in claim.identifiers if one.assurance is Assurance.VERIFIED
        ),
    )


def _known(values: Iterable[Value | None]) -> tuple[Value, ...]:
    return tuple(dict.fromkeys(value for value in values if value))


def _identifier(told: Identifier) -> tuple[str, str] | None:
    value = normalise.identifier(told.value)
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
