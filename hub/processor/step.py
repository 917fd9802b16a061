"""The pure part of the processor: what a batch of events changes, given what is stored.

    messages --read--> events --told--> states of subjects --resolve, fold--> effects

`work.py` loads what is needed between these steps and commits the effects.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from hashlib import blake2b
from typing import NamedTuple

from hub.bus.reader import Message
from hub.bus.topics import BUSINESSES, CITIZENS, IDENTITY, PROCESSOR, quarantine_topic
from hub.canon.checks import put_long
from hub.canon.codec import Codec, content_digest, schema_id
from hub.canon.model import (
    VIEW_NAMES,
    Business,
    Citizen,
    Event,
    IdentityChange,
    Subject,
    SubjectState,
)
from hub.canon.state import decode_state, encode_state
from hub.errors import DecodeError, RecordError
from hub.identity import plain, subjects
from hub.identity.subjects import PERSON, Token
from hub.processor.rows import InboxRow, Outgoing, SubjectRow, ViewRow
from hub.view.fold import View, fold

Tokens = Callable[[str, list[tuple[str, str]]], tuple[Token, ...]]
UNKNOWN = "unknown"
CONNECTOR_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
VERSION_AT = 5 + 1 + 36
"""Where a view's version begins: after the frame, and the identifier's length and text."""


class Incoming(NamedTuple):
    """A message that is an event."""

    message: Message
    event: Event
    digest: bytes
    schema_id: int


class Refusal(NamedTuple):
    """A message that cannot be used, and why."""

    message: Message
    error: RecordError
    stage: str


def read(codec: Codec, messages: Iterable[Message]) -> tuple[list[Incoming], list[Refusal]]:
    """Messages told apart: events, and what is none. Raises Unavailable for the registry."""
    events: list[Incoming] = []
    refused: list[Refusal] = []
    for message in messages:
        data = message.value or b""
        try:
            value = codec.decode(data)
            if not isinstance(value, Event):
                raise DecodeError("a view, not an event", code="E-SCHEMA", rule="an event")
            events.append(Incoming(message, value, content_digest(data), schema_id(data)))
        except RecordError as error:
            refused.append(Refusal(message, error, "decode"))
    return events, refused


class Sorted(NamedTuple):
    """Events by what their identifiers say: new, seen before, or in conflict with one seen."""

    fresh: list[Incoming]
    duplicates: list[Incoming]
    conflicts: list[Refusal]


def sort_out(events: Iterable[Incoming], inbox: Mapping[str, InboxRow]) -> Sorted:
    """Keep the first of each identifier; the same content again is a duplicate, other a conflict.

    Contents are compared only where they came in the same schema.
    """
    seen = dict(inbox)
    found = Sorted([], [], [])
    for incoming in events:
        name = incoming.event.envelope.event_id
        row = InboxRow(name, incoming.digest, incoming.schema_id)
        first = seen.setdefault(name, row)
        if first is row:
            found.fresh.append(incoming)
        elif bytes(first.digest) == row.digest or first.schema_id != row.schema_id:
            found.duplicates.append(incoming)
        else:
            error = DecodeError(
                f"content {row.digest.hex()} under the identifier of {bytes(first.digest).hex()}",
                code="E-ID-CONFLICT",
                field="envelope.event_id",
                rule="one identifier, one content; the first stands",
                remedy="the source changed a record without a new version: mend its connector",
            )
            found.conflicts.append(Refusal(incoming.message, error, "inbox"))
    return found


class Held(NamedTuple):
    """A subject in hand: as it is stored, with what is derived from it."""

    subject_id: str
    kind: str
    entity_id: str | None
    state: SubjectState
    tokens: tuple[Token, ...]
    live: bool


def hold(row: SubjectRow, tokens: Tokens) -> Held:
    """A stored subject in hand."""
    return held(row.subject_id, row.kind, row.entity_id, decode_state(bytes(row.state)), tokens)


def held(
    subject_id: str, kind: str, entity_id: str | None, state: SubjectState, tokens: Tokens
) -> Held:
    """A subject in hand with its identifiers' tokens."""
    now = subjects.current(state)
    known = tokens(kind, subjects.verified(now.claim)) if now is not None else ()
    return Held(subject_id, kind, entity_id, state, known, now is not None)


def tell(
    stored: Mapping[str, Held], events: Iterable[Incoming], tokens: Tokens
) -> tuple[dict[str, Held], int]:
    """The subjects that events change, after them; and how many events came out of order.

    `stored` holds all subjects of the events' records.
    """
    records: dict[str, dict[str, SubjectState]] = {}
    kinds = {name: one.kind for name, one in stored.items()}
    for name, one in stored.items():
        records.setdefault(one.state.record_id, {})[name] = one.state
    older = 0
    for incoming in events:
        event = incoming.event
        states = records.setdefault(event.envelope.origin.record_id, {})
        late = False
        for name, kind, claim in subjects.told_by(event):
            kinds[name] = kind
            before = states.get(name) or subjects.fresh(event, claim.ref)
            late = late or subjects.is_older(before, event)
            states[name] = subjects.apply(before, event, claim)
        older += late
    changed: dict[str, Held] = {}
    for states in records.values():
        for name, state in subjects.settle(states).items():
            last = stored.get(name)
            if last is None or last.state != state:
                entity = last.entity_id if last else None
                changed[name] = held(name, kinds[name], entity, state, tokens)
    return changed, older


def decide(
    neighbours: Iterable[Held], entities: Mapping[str, plain.Entity], next_order: int
) -> plain.Decision:
    """Whose the subjects are now."""
    return plain.resolve(
        (plain.Subject(one.subject_id, one.kind, one.tokens, one.entity_id, one.live)
         for one in neighbours),
        entities,
        next_order,
    )  # fmt: skip


def views_of(
    entity_ids: Iterable[str],
    members: Mapping[str, list[Held]],
    entity_of: Mapping[str, str | None],
) -> dict[str, View]:
    """The views of entities, version 0."""
    return {
        name: fold(name, members[name][0].kind, [one.state for one in members[name]], entity_of)
        for name in sorted(entity_ids)
    }


def gone_view(entity: plain.Entity) -> View:
    """What is left of an entity that was merged or retired: no value of anybody."""
    if entity.kind == PERSON:
        return Citizen(entity.entity_id, 0, retired=True, redirect_to=entity.redirect_to)
    return Business(entity.entity_id, 0, retired=True, redirect_to=entity.redirect_to)


class Published(NamedTuple):
    """Views that changed, as rows and as messages."""

    rows: list[ViewRow]
    messages: list[Outgoing]


def publish(
    codec: Codec, views: Mapping[str, View], stored: Mapping[str, tuple[int, bytes]]
) -> Published:
    """The views whose content differs from what is stored, one version on."""
    found = Published([], [])
    for name, view in views.items():
        version, last = stored.get(name, (0, b""))
        told = view._replace(version=version + 1)
        body = codec.encode(told)
        digest = view_digest(body, version + 1)
        if digest == bytes(last):
            continue
        person = isinstance(told, Citizen)
        kind = PERSON if person else subjects.ORGANISATION
        found.rows.append(ViewRow(name, kind, version + 1, digest, body, told.retired))
        topic = CITIZENS if person else BUSINESSES
        headers = _headers(VIEW_NAMES[type(told)], f"{name}-{version + 1}", version + 1)
        found.messages.append(Outgoing(topic.name, name.encode(), body, headers))
    return found


def view_digest(body: bytes, version: int) -> bytes:
    """A digest of an encoded view without its version, which follows the entity's identifier."""
    end = VERSION_AT + len(put_long(version))
    return blake2b(body[:VERSION_AT] + body[end:], digest_size=16).digest()


def identity_messages(
    codec: Codec, steps: Iterable[plain.IdentityStep], records: Mapping[str, str], first: int
) -> list[Outgoing]:
    """The changes of identity as messages; `records` gives the source record of each subject."""
    messages = []
    for number, step in enumerate(steps, first):
        change = IdentityChange(
            entity_id=step.entity.entity_id,
            sequence=number,
            kind=step.kind,
            subject=Subject.PERSON if step.entity.kind == PERSON else Subject.ORGANISATION,
            founding_subject_id=step.entity.founding_subject_id,
            into=step.other,
            record_ids=tuple(sorted({records[name] for name in step.subject_ids})),
            reason=step.reason,
        )
        name = step.entity.entity_id
        headers = _headers(VIEW_NAMES[IdentityChange], f"identity-{number}", number)
        messages.append(Outgoing(IDENTITY.name, name.encode(), codec.encode(change), headers))
    return messages


def _headers(type_: str, event_id: str, version: int) -> list[tuple[str, bytes]]:
    told = {
        "ce_specversion": "1.0",
        "content-type": "application/avro",
        "ce_source": "/civic-hub/processor",
        "ce_id": event_id,
        "ce_type": type_,
        "hub.view.version": str(version),
    }
    return [(name, text.encode()) for name, text in told.items()]


def quarantine_message(refusal: Refusal, now_us: int) -> Outgoing:
    """The original of a refused message, byte for byte, with the reason in headers."""
    message, error = refusal.message, refusal.error
    origin = f"{message.topic}-{message.partition}-{message.offset}"
    told = {
        "__connect.errors.topic": message.topic,
        "__connect.errors.partition": str(message.partition),
        "__connect.errors.offset": str(message.offset),
        "__connect.errors.connector.name": PROCESSOR,
        "__connect.errors.stage": refusal.stage,
        "__connect.errors.exception.class.name": f"hub.errors.{type(error).__name__}",
        "__connect.errors.exception.message": error.message,
        "hub.error.code": error.code,
        "hub.error.field": error.field,
        "hub.error.rule": error.rule,
        "hub.error.hint": error.remedy,
        "hub.batch.id": "",
        "hub.first.at": str(now_us),
        "hub.source.context": "{}",
        "hub.raw.bytes": str(len(message.value or b"")),
        "hub.raw.sha256": "",
        "hub.state": "parked",
        "hub.origin.timestamp": str(message.timestamp_ms),
        "hub.origin.key": (message.key or b"").decode("latin-1"),
    }
    headers = [(name, text.encode()) for name, text in told.items()]
    headers += [(f"hub.origin.header.{name}", value) for name, value in message.headers if value]
    return Outgoing(quarantine_topic(PROCESSOR), origin.encode(), message.value, headers)


def book_entries(found: Sorted, refused: Iterable[Refusal], older: int) -> Counter[tuple[str, str]]:
    """What became of the events, by connector."""
    counts: Counter[tuple[str, str]] = Counter()
    for entry, events in (("applied", found.fresh), ("duplicate", found.duplicates)):
        for incoming in events:
            counts[incoming.event.envelope.origin.connector, entry] += 1
    for refusal in (*found.conflicts, *refused):
        counts[_connector_of(refusal.message), "quarantined"] += 1
    if older and found.fresh:
        counts[found.fresh[0].event.envelope.origin.connector, "older"] += older
    return counts


def _connector_of(message: Message) -> str:
    """The connector a message says it is from, in its CloudEvents source."""
    source = dict(message.headers).get("ce_source", b"").decode("utf-8", "replace")
    name = source.rpartition("/")[2]
    return name if CONNECTOR_NAME.fullmatch(name) else UNKNOWN


def stored_rows(changed: Iterable[Held], assignments: Mapping[str, str | None]) -> list[SubjectRow]:
    """Subjects as rows."""
    return [
        SubjectRow(
            one.subject_id,
            one.kind,
            one.state.record_id,
            assignments.get(one.subject_id, one.entity_id),
            encode_state(one.state),
        )
        for one in changed
    ]
