"""A subject: one person or organisation as one source record claims it.

Its state keeps, for each type of event, the latest ones of its record: latest by version, a
withdrawal before anything else of the same version, then by event id. What counts is the latest
that is not void. So a state is a maximum of what was told: telling it again or in another order
gives the same state.

An event is made void, and brought back, by events of their own (`Envelope.revision`): the highest
revision of an event says which it is, whichever comes first. What it hid stands again at once, for
it is still kept (KEPT_MAX), and is told once more for whoever does not keep it.
"""

from collections.abc import Iterable, Iterator, Mapping
from hashlib import blake2b
from typing import NamedTuple

from hub.canon.model import (
    Assertion,
    Claims,
    Event,
    EventKind,
    Organisation,
    Person,
    Revision,
    Role,
    SubjectState,
)

NO_CLAIM = -1
KEPT_MAX = 4
"""So many standing events of a type are kept: the one that counts, and what it hides."""
KEPT_WITH_VOID_MAX = 64
PERSON, ORGANISATION = "person", "organisation"
Claim = Person | Organisation


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


class _Told(NamedTuple):
    """One event as one subject knows it; `claim` is None where it claims nothing of it."""

    assertion: Assertion
    claim: Claim | None


def apply(state: SubjectState, event: Event, claim: Claim) -> SubjectState:
    """The state with an event told, not settled yet; the same state where it was told before."""
    envelope = event.envelope
    revised = envelope.supersedes if is_void(envelope.revision) else envelope.restores
    if envelope.revision and revised is not None:
        state = _revised(state, Revision(revised, envelope.revision))
    if is_void(envelope.revision):
        return state
    name = envelope.restores or envelope.event_id
    withdrawn = envelope.kind is EventKind.WITHDRAWN
    claims = None if withdrawn else event.claims
    assertion = Assertion(
        type(event.body).__name__,
        name,
        envelope.origin.record_version,
        withdrawn,
        envelope.occurred,
        NO_CLAIM,
        _roles_of(claims, state.ref) if isinstance(claims, Claims) else (),
    )
    known = _told(state)
    told = _Told(assertion, None if withdrawn else claim)
    if known.get(name) == told:
        return state
    return _packed(
        state, {**known, name: told}, {one.event_id: one.revision for one in state.revisions}
    )


def is_void(revision: int) -> bool:
    """Whether an event of this revision is reverted."""
    return revision % 2 == 1


def is_older(state: SubjectState, event: Event) -> bool:
    """Whether an event of a source tells less than what is known of its type already."""
    name = type(event.body).__name__
    if event.envelope.revision or event.envelope.restores:
        return False
    return any(
        assertion.event_type == name and assertion.version > event.envelope.origin.record_version
        for assertion in state.assertions
    )


def standing_order(version: int, event_id: str, *, withdrawn: bool) -> tuple[int, bool, str]:
    """What later events of one type and record have more of."""
    return version, withdrawn, event_id


def _order(assertion: Assertion) -> tuple[int, bool, str]:
    return standing_order(assertion.version, assertion.event_id, withdrawn=assertion.withdrawn)


def settle(states: dict[str, SubjectState]) -> dict[str, SubjectState]:
    """The states of all subjects of one record, each knowing the same events of the record.

    A subject which the latest event of a type no longer speaks of is withdrawn by it, whether the
    earlier event that did came before or after.
    """
    revisions: dict[str, int] = {}
    known: dict[str, dict[str, Assertion]] = {}
    for state in states.values():
        for one in state.revisions:
            revisions[one.event_id] = max(one.revision, revisions.get(one.event_id, 0))
        for assertion in (*state.assertions, *state.earlier):
            known.setdefault(assertion.event_type, {})[assertion.event_id] = assertion
    kept = {name: _kept(found.values(), revisions) for name, found in known.items()}
    return {name: _settled(state, kept, revisions) for name, state in states.items()}


def _kept(found: Iterable[Assertion], revisions: Mapping[str, int]) -> list[Assertion]:
    """What is kept of one type, latest first: KEPT_MAX that stand, and the void ones among them."""
    kept: list[Assertion] = []
    standing = 0
    for assertion in sorted(found, key=_order, reverse=True):
        kept.append(assertion)
        standing += not is_void(revisions.get(assertion.event_id, 0))
        if standing == KEPT_MAX or len(kept) == KEPT_WITH_VOID_MAX:
            break
    return kept


def _settled(
    state: SubjectState, kept: Mapping[str, list[Assertion]], revisions: Mapping[str, int]
) -> SubjectState:
    types = {assertion.event_type for assertion in (*state.assertions, *state.earlier)}
    wanted = [assertion for name in types for assertion in kept[name]]
    if len(wanted) == len(types) and not state.earlier and not revisions:
        mine = {assertion.event_id for assertion in state.assertions}
        if all(assertion.event_id in mine for assertion in wanted):
            return state
    known = _told(state)
    told = {
        # what does not speak of the subject stands there all the same, and claims nothing
        one.event_id: known.get(one.event_id) or _Told(one._replace(roles=()), None)
        for one in wanted
    }
    return _packed(state, told, revisions)


def _told(state: SubjectState) -> dict[str, _Told]:
    """Everything a state knows, by event."""
    claims = _claims(state)
    return {
        one.event_id: _Told(one, None if one.claim == NO_CLAIM else claims[one.claim])
        for one in (*state.assertions, *state.earlier)
    }


def _claims(state: SubjectState) -> tuple[Claim, ...]:
    return state.persons or state.organisations


def _revised(state: SubjectState, revision: Revision) -> SubjectState:
    found = {one.event_id: one.revision for one in state.revisions}
    found[revision.event_id] = max(revision.revision, found.get(revision.event_id, 0))
    return _packed(state, _told(state), found)


def _packed(
    state: SubjectState, told: Mapping[str, _Told], revisions: Mapping[str, int]
) -> SubjectState:
    """The state with each distinct claim once: the latest standing event of each type, the rest."""
    first: dict[str, _Told] = {}
    rest: list[_Told] = []
    latest_first = sorted(told.values(), key=lambda one: _order(one.assertion), reverse=True)
    for one in sorted(latest_first, key=lambda one: one.assertion.event_type):
        name = one.assertion.event_type
        if name in first or is_void(revisions.get(one.assertion.event_id, 0)):
            rest.append(one)
        else:
            first[name] = one
    distinct: list[Claim] = []
    assertions = tuple(_placed(one, distinct) for one in first.values())
    earlier = tuple(_placed(one, distinct) for one in rest)
    return state._replace(
        assertions=assertions,
        earlier=earlier,
        persons=tuple(claim for claim in distinct if isinstance(claim, Person)),
        organisations=tuple(claim for claim in distinct if isinstance(claim, Organisation)),
        revisions=tuple(Revision(*pair) for pair in sorted(revisions.items())),
    )


def _placed(told: _Told, distinct: list[Claim]) -> Assertion:
    """The assertion with the place of its claim among the distinct ones, which may grow."""
    if told.claim is None:
        return told.assertion._replace(claim=NO_CLAIM)
    if told.claim not in distinct:
        distinct.append(told.claim)
    return told.assertion._replace(claim=distinct.index(told.claim))


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
