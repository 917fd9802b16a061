"""A subject: one person or organisation as one source record claims it.

Its state keeps, for each type of event, the latest one: latest by version, a withdrawal before
anything else of the same version, then by event id. So a state is the maximum of what was told:
telling it again or in another order gives the same state.
"""

from collections.abc import Iterator
from hashlib import blake2b
from typing import NamedTuple

from hub.canon.model import (
    Assertion,
    Assurance,
    Claims,
    Event,
    EventKind,
    Organisation,
    Person,
    Role,
    SubjectState,
)

NO_CLAIM = -1
PERSON, ORGANISATION = "person", "organisation"
Claim = Person | Organisation


class Token(NamedTuple):
    """A verified identifier: its scheme, and a blind token of its value."""

    scheme: str
    token: str


class Current(NamedTuple):
    """What a subject claims now, and the event that says so."""

    claim: Claim
    assertion: Assertion


def derived(kind: str, *parts: str) -> str:
    """A UUIDv8 (RFC 9562) from parts that are opaque already."""
    data = "\x1f".join((kind, *parts)).encode()
    number = int.from_bytes(blake2b(data, digest_size=16).digest(), "big")
    number = number & ~((0xF << 76) | (0x3 << 62)) | (0x8 << 76) | (0x2 << 62)
    text = f"{number:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def subject_id(record_id: str, kind: str, ref: str) -> str:
    """The identifier of a subject; `kind` is PERSON or ORGANISATION."""
    return derived("subject", record_id, kind, ref)


def entity_id(founding_subject_id: str, before: int = 0) -> str:
    """The identifier of the entity minted from a subject, `before` others having been."""
    return derived("entity", founding_subject_id, *([str(before)] if before else []))


def told_by(event: Event) -> Iterator[tuple[str, str, Claim]]:
    """The subjects an event speaks of: identifier, kind and what it claims."""
    if isinstance(event.claims, Claims):
        record_id = event.envelope.origin.record_id
        for person in event.claims.persons:
            yield subject_id(record_id, PERSON, person.ref), PERSON, person
        for organisation in event.claims.organisations:
            yield subject_id(record_id, ORGANISATION, organisation.ref), ORGANISATION, organisation


def fresh(event: Event, ref: str) -> SubjectState:
    """The state of a subject nothing is known of yet."""
    origin = event.envelope.origin
    return SubjectState(origin.record_id, ref, origin.agency, origin.system)


def apply(state: SubjectState, event: Event, claim: Claim) -> SubjectState:
    """The state after an event; the same state where the event is older than what is known."""
    name = type(event.body).__name__
    envelope = event.envelope
    told = Assertion(
        name,
        envelope.event_id,
        envelope.origin.record_version,
        envelope.kind is EventKind.WITHDRAWN,
        envelope.occurred,
        NO_CLAIM,
        _roles_of(event.claims, state.ref) if isinstance(event.claims, Claims) else (),
    )
    if told.withdrawn:
        told = told._replace(roles=())
    known = {assertion.event_type: assertion for assertion in state.assertions}
    last = known.get(name)
    if last is not None and _order(last) >= _order(told):
        return state
    claims = {
        assertion.event_type: _claims(state)[assertion.claim]
        for assertion in state.assertions
        if assertion.claim != NO_CLAIM
    }
    claims.pop(name, None)
    if not told.withdrawn:
        claims[name] = claim
    known[name] = told
    return _packed(state, known, claims)


def is_older(state: SubjectState, event: Event) -> bool:
    """Whether an event tells less than what is known of its type already."""
    name = type(event.body).__name__
    return any(
        assertion.event_type == name and assertion.version > event.envelope.origin.record_version
        for assertion in state.assertions
    )


def _order(assertion: Assertion) -> tuple[int, bool, str]:
    return assertion.version, assertion.withdrawn, assertion.event_id


def settle(states: dict[str, SubjectState]) -> dict[str, SubjectState]:
    """The states of all subjects of one record, so that each type of event has one latest one.

    A subject which the latest event of a type no longer speaks of is withdrawn by it, whether the
    earlier event that did came before or after.
    """
    latest: dict[str, Assertion] = {}
    for state in states.values():
        for assertion in state.assertions:
            top = latest.get(assertion.event_type)
            if top is None or _order(assertion) > _order(top):
                latest[assertion.event_type] = assertion
    return {name: _settled(state, latest) for name, state in states.items()}


def _settled(state: SubjectState, latest: dict[str, Assertion]) -> SubjectState:
    if all(
        assertion.event_id == latest[assertion.event_type].event_id
        for assertion in state.assertions
    ):
        return state
    known: dict[str, Assertion] = {}
    claims: dict[str, Claim] = {}
    for assertion in state.assertions:
        top = latest[assertion.event_type]
        if assertion.event_id == top.event_id:
            known[assertion.event_type] = assertion
            if assertion.claim != NO_CLAIM:
                claims[assertion.event_type] = _claims(state)[assertion.claim]
        else:
            # it stands where the latest event stands, neither before nor after it
            known[assertion.event_type] = top._replace(claim=NO_CLAIM, roles=())
    return _packed(state, known, claims)


def _claims(state: SubjectState) -> tuple[Claim, ...]:
    return state.persons or state.organisations


def _packed(
    state: SubjectState, known: dict[str, Assertion], claims: dict[str, Claim]
) -> SubjectState:
    """The state with each distinct claim once, in the order of the event types."""
    distinct: list[Claim] = []
    packed: list[Assertion] = []
    for name in sorted(known):
        place = NO_CLAIM
        if name in claims:
            claim = claims[name]
            if claim not in distinct:
                distinct.append(claim)
            place = distinct.index(claim)
        packed.append(known[name]._replace(claim=place))
    return state._replace(
        assertions=tuple(packed),
        persons=tuple(claim for claim in distinct if isinstance(claim, Person)),
        organisations=tuple(claim for claim in distinct if isinstance(claim, Organisation)),
    )


def _roles_of(claims: Claims, ref: str) -> tuple[Role, ...]:
    return tuple(role for role in claims.roles if ref in (role.person_ref, role.organisation_ref))


def current(state: SubjectState) -> Current | None:
    """What the subject claims now: the latest claim not withdrawn; None where nothing is left."""
    best: Assertion | None = None
    for assertion in state.assertions:
        if assertion.claim != NO_CLAIM and (best is None or _standing(assertion) > _standing(best)):
            best = assertion
    return None if best is None else Current(_claims(state)[best.claim], best)


def _standing(assertion: Assertion) -> tuple[int, int, str]:
    return assertion.version, assertion.occurred.earliest, assertion.event_id


def roles(state: SubjectState) -> tuple[Role, ...]:
    """The ties of a subject now, as the event says that speaks for its claims."""
    now = current(state)
    return () if now is None else now.assertion.roles


def is_tied(state: SubjectState) -> bool:
    """Whether any event about the subject told of ties, so that others may name it."""
    return any(assertion.roles for assertion in state.assertions)


def verified(claim: Claim) -> list[tuple[str, str]]:
    """The verified identifiers of a claim as (scheme, value)."""
    return [
        (identifier.scheme, identifier.value)
        for identifier in claim.identifiers
        if identifier.assurance is Assurance.VERIFIED
    ]
