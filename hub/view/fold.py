"""The view of an entity: a pure fold of what its records claim now.

Every value carries who says so. Values that are the same but for case and spacing stand once, under
the best source; the best value comes first.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple, TypeVar

from hub.canon.model import (
    Assurance,
    Business,
    Citizen,
    Dealing,
    Organisation,
    Person,
    Role,
    Source,
    SourcedAddress,
    SourcedIdentifier,
    SourcedMoment,
    SourcedName,
    SourcedRole,
    SourcedText,
    SubjectState,
)
from hub.identity.schemes import scheme
from hub.identity.subjects import NO_CLAIM, ORGANISATION, PERSON, Claim, current, subject_id
from hub.view.authority import Authority

VALUES_MAX = 20
DEALINGS_MAX = 50
RECORDS_MAX = 5_000
View = Citizen | Business
Value = TypeVar("Value")


class Part(NamedTuple):
    """One record's contribution."""

    state: SubjectState
    claim: Claim
    source: Source
    roles: tuple[Role, ...]


def fold(
    entity_id: str,
    kind: str,
    states: Iterable[SubjectState],
    entity_of: Mapping[str, str | None],
    authority: Authority,
) -> View:
    """The view of an entity, version 0, from the states of its subjects in any order.

    `entity_of` gives the entities of other subjects of the same source records, for roles.
    `authority` says which agency is believed about which field.
    """
    parts = sorted(_parts(states), key=lambda part: (part.source.record_id, part.state.ref))
    values = _Values(parts, authority)
    common = _common(values, entity_of)
    if kind == PERSON:
        return _citizen(entity_id, values, common)
    return _business(entity_id, values, common)


def _parts(states: Iterable[SubjectState]) -> Iterable[Part]:
    for state in states:
        now = current(state)
        if now is not None:
            source = Source(
                state.agency,
                state.system,
                state.record_id,
                now.assertion.event_id,
                Assurance.CLAIMED,
                now.assertion.occurred.earliest,
            )
            yield Part(state, now.claim, source, now.assertion.roles)


def _citizen(entity_id: str, values: "_Values", common: dict[str, Any]) -> Citizen:
    names = values.of("name", lambda claim: _person(claim).names, _name_key)
    born = values.of("born", lambda claim: _one(_person(claim).born), lambda at: at.text)
    died = values.of("born", lambda claim: _one(_person(claim).died), lambda at: at.text)
    conflicts = [*common.pop("conflicts")]
    conflicts += [field for field, held in (("born", born), ("died", died)) if len(held) > 1]
    return Citizen(
        entity_id=entity_id,
        version=0,
        retired=False,
        redirect_to=None,
        names=tuple(SourcedName(*value) for value in names),
        born=tuple(SourcedMoment(*value) for value in born),
        died=tuple(SourcedMoment(*value) for value in died),
        conflicts=tuple(sorted(conflicts)),
        **common,
    )


def _business(entity_id: str, values: "_Values", common: dict[str, Any]) -> Business:
    legal = values.of("legal_name", lambda claim: _one(_organisation(claim).legal_name), plain)
    trading = values.of("trading_name", lambda claim: _organisation(claim).trading_names, plain)
    conflicts = [*common.pop("conflicts")] + (["legal_names"] if len(legal) > 1 else [])
    return Business(
        entity_id=entity_id,
        version=0,
        retired=False,
        redirect_to=None,
        legal_names=tuple(SourcedText(*value) for value in legal),
        trading_names=tuple(SourcedText(*value) for value in trading),
        conflicts=tuple(sorted(conflicts)),
        **common,
    )


def _common(values: "_Values", entity_of: Mapping[str, str | None]) -> dict[str, Any]:
    parts = values.parts
    identifiers = values.identifiers()
    addresses = values.of("address", lambda claim: claim.addresses, _address_key)
    emails = values.of("email", lambda claim: claim.emails, plain)
    phones = values.of("phone", lambda claim: claim.phones, _digits)
    return {
        "identifiers": identifiers,
        "addresses": tuple(SourcedAddress(*value) for value in addresses),
        "emails": tuple(SourcedText(*value) for value in emails),
        "phones": tuple(SourcedText(*value) for value in phones),
        "roles": _roles(parts, entity_of),
        "dealings": _dealings(parts),
        "conflicts": _identifier_conflicts(identifiers),
        "record_ids": tuple(sorted({part.source.record_id for part in parts}))[:RECORDS_MAX],
        "agencies": tuple(sorted({part.source.agency for part in parts})),
        "protected": any(part.claim.protected for part in parts),
    }


def _person(claim: Claim) -> Person:
    if not isinstance(claim, Person):
        raise TypeError("a person's entity holds an organisation")
    return claim


def _organisation(claim: Claim) -> Organisation:
    if not isinstance(claim, Organisation):
        raise TypeError("an organisation's entity holds a person")
    return claim


def _one(value: Value | None) -> tuple[Value, ...]:
    return () if value is None else (value,)


class _Values:
    """The parts of an entity, asked for the values of one field after another."""

    def __init__(self, parts: list[Part], authority: Authority) -> None:
        self.parts = parts
        self._rank = authority.rank

    def of(
        self,
        field: str,
        values: Callable[[Claim], Iterable[Value]],
        key: Callable[[Value], str],
    ) -> list[tuple[Value, Source]]:
        """The distinct values of a field with their best sources, best first."""
        best: dict[str, tuple[tuple[Any, ...], Value, Source]] = {}
        for part in self.parts:
            source = part.source
            standing = (self._rank(field, source.agency), -source.as_of, source.record_id)
            for value in values(part.claim):
                name = key(value)
                if name and (name not in best or (standing, name) < best[name][0]):
                    best[name] = ((standing, name), value, source)
        ordered = sorted(best.values(), key=lambda entry: entry[0])
        return [(value, source) for _, value, source in ordered[:VALUES_MAX]]

    def identifiers(self) -> tuple[SourcedIdentifier, ...]:
        """The distinct identifiers with their best sources, verified ones first."""
        best: dict[tuple[str, str], tuple[tuple[Any, ...], SourcedIdentifier]] = {}
        for part in self.parts:
            for identifier in part.claim.identifiers:
                claimed = identifier.assurance is not Assurance.VERIFIED
                source = part.source._replace(assurance=identifier.assurance)
                standing = (
                    claimed,
                    -scheme(identifier.scheme).strength,
                    self._rank("identifier", source.agency),
                    identifier.scheme,
                    identifier.value,
                    -source.as_of,
                    source.record_id,
                )
                name = (identifier.scheme, identifier.value)
                if name not in best or standing < best[name][0]:
                    best[name] = (standing, SourcedIdentifier(identifier, source))
        ordered = sorted(best.values(), key=lambda entry: entry[0])
        return tuple(value for _, value in ordered[:VALUES_MAX])


def plain(text: str) -> str:
    """A text without regard to case and spacing."""
    return " ".join(text.casefold().split())


def _digits(text: str) -> str:
    return "".join(character for character in text if character.isdigit()) or plain(text)


def _name_key(name: Any) -> str:
    return plain(" ".join(part for part in (name.full or "", *name[1:]) if part))


def _address_key(address: Any) -> str:
    return plain(" ".join(part for part in address if part))


def _identifier_conflicts(identifiers: tuple[SourcedIdentifier, ...]) -> list[str]:
    seen: dict[str, set[str]] = {}
    for identifier in identifiers:
        if scheme(identifier.value.scheme).exclusive:
            seen.setdefault(identifier.value.scheme, set()).add(identifier.value.value)
    return [f"identifiers.{name}" for name, values in seen.items() if len(values) > 1]


def _roles(parts: list[Part], entity_of: Mapping[str, str | None]) -> tuple[SourcedRole, ...]:
    found: dict[tuple[Any, ...], SourcedRole] = {}
    for part in parts:
        for role in part.roles:
            mine = isinstance(part.claim, Person)
            other = role.organisation_ref if mine else role.person_ref
            kind = ORGANISATION if mine else PERSON
            entity = entity_of.get(subject_id(part.state.record_id, kind, other))
            name = (role.kind, role.title or "", entity or "")
            last = found.get(name)
            if last is None or last.source.as_of < part.source.as_of:
                found[name] = SourcedRole(role.kind, role.title, entity, part.source)
    return tuple(found[name] for name in sorted(found))[:VALUES_MAX]


def _dealings(parts: list[Part]) -> tuple[Dealing, ...]:
    found = [
        Dealing(
            assertion.event_type,
            assertion.event_id,
            part.source.agency,
            part.source.record_id,
            assertion.occurred,
        )
        for part in parts
        for assertion in part.state.assertions
        if assertion.claim != NO_CLAIM
    ]
    found.sort(key=lambda dealing: (-dealing.occurred.earliest, dealing.event_id))
    return tuple(found[:DEALINGS_MAX])
