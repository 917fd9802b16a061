"""The pure part of the processor: what a batch of events changes, given what is stored.

    messages --read--> events --tell--> states of subjects --resolve, fold--> effects

`change.py` loads what is needed between these steps and stores the effects.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from hashlib import blake2b
from typing import Generic, NamedTuple, TypeVar

from hub.bus.reader import Message
from hub.bus.topics import BUSINESSES, CITIZENS, IDENTITY, PROCESSOR, quarantine_topic
from hub.canon.checks import put_long
from hub.canon.codec import DIGEST_BYTES, Codec, content_digest, schema_id
from hub.canon.model import (
    VIEW_NAMES,
    Business,
    Citizen,
    Event,
    IdentityChange,
    StewardDecision,
    Subject,
    SubjectState,
)
from hub.canon.state import decode_state, encode_state
from hub.errors import DecodeError, RecordError
from hub.identity import decisions, subjects
from hub.identity.assign import Entity, IdentityStep
from hub.identity.subjects import PERSON
from hub.processor.rows import InboxRow, Outgoing, SubjectRow, ViewRow
from hub.view.authority import Authority
from hub.view.fold import View, fold

UNKNOWN = "unknown"
Told = TypeVar("Told", Event, StewardDecision)
CONNECTOR_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
VERSION_AT = 5 + 1 + 36
"""Where a view's version begins: after the frame, and the identifier's length and text."""


class Incoming(NamedTuple, Generic[Told]):
    """A message that is an event, or what a steward says."""

    message: Message
    event: Told
    event_id: str
    digest: bytes
    schema_id: int


class Refusal(NamedTuple):
    """A message that cannot be used, and why."""

    message: Message
    error: RecordError
    stage: str


class Read(NamedTuple):
    """Messages told apart."""

    events: list[Incoming[Event]]
    decisions: list[Incoming[StewardDecision]]
    refused: list[Refusal]


def read(codec: Codec, messages: Iterable[Message]) -> Read:
    """Events, what stewards say, and what is neither. Raises Unavailable for the registry."""
    found = Read([], [], [])
    for message in messages:
        data = message.value or b""
        try:
            value = codec.decode(data)
            number = schema_id(data)
            if isinstance(value, Event):
                name, digest = value.envelope.event_id, content_digest(data)
                found.events.append(Incoming(message, value, name, digest, number))
            elif isinstance(value, StewardDecision):
                digest = blake2b(data, digest_size=DIGEST_BYTES).digest()
                told = decisions.check(value)
                found.decisions.append(Incoming(message, told, told.event_id, digest, number))
            else:
                raise DecodeError("a view, not an event", code="E-SCHEMA", rule="an event")
        except RecordError as error:
            found.refused.append(Refusal(message, error, "decode"))
    return found


class Sorted(NamedTuple, Generic[Told]):
    """Messages by what their identifiers say: new, seen before, or in conflict with one seen."""

    fresh: list[Incoming[Told]]
    duplicates: list[Incoming[Told]]
    conflicts: list[Refusal]


def sort_out(incoming: Iterable[Incoming[Told]], inbox: Mapping[str, InboxRow]) -> Sorted[Told]:
    """Keep the first of each identifier; the same content again is a duplicate, other a conflict.

    Contents are compared only where they came in the same schema.
    """
    seen = dict(inbox)
    found: Sorted[Told] = Sorted([], [], [])
    for one in incoming:
        row = InboxRow(one.event_id, one.digest, one.schema_id)
        first = seen.setdefault(one.event_id, row)
        if first is row:
            found.fresh.append(one)
        elif bytes(first.digest) == row.digest or first.schema_id != row.schema_id:
            found.duplicates.append(one)
        else:
            error = DecodeError(
                f"content {row.digest.hex()} under the identifier of {bytes(first.digest).hex()}",
                code="E-ID-CONFLICT",
                field="envelope.event_id",
                rule="one identifier, one content; the first stands",
                remedy="the source changed a record without a new version: mend its connector",
            )
            found.conflicts.append(Refusal(one.message, error, "inbox"))
    return found


def inbox_rows(found: Sorted[Told]) -> list[InboxRow]:
    """The new messages as rows."""
    return [InboxRow(one.event_id, one.digest, one.schema_id) for one in found.fresh]


class Held:
    """A subject in hand. Its state is decoded when first asked for."""

    __slots__ = ("_state", "data", "entity_id", "kind", "record_id", "subject_id")

    def __init__(self, row: SubjectRow, state: SubjectState | None = None) -> None:
        """As it is stored; with a state, as it is from now on."""
        self.subject_id, self.kind, self.record_id, self.entity_id, self.data = row
        self._state = state

    @property
    def state(self) -> SubjectState:
        """What is known of it."""
        if self._state is None:
            self._state = decode_state(bytes(self.data))
        return self._state


def tell(
    stored: Mapping[str, Held], events: Iterable[Incoming[Event]]
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
                data = encode_state(state)
                row = SubjectRow(name, kinds[name], state.record_id, entity, data)
                changed[name] = Held(row, state)
    return changed, older


def views_of(
    members: Mapping[str, list[Held]],
    entity_of: Mapping[str, str | None],
    authority: Authority,
) -> dict[str, View]:
    """The views of entities, version 0, from their subjects."""
    return {
        name: fold(name, held[0].kind, [one.state for one in held], entity_of, authority)
        for name, held in sorted(members.items())
    }


def gone_view(entity: Entity) -> View:
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
    codec: Codec, steps: Iterable[IdentityStep], records: Mapping[str, str], first: int
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


def book_entries(
    found: Sorted[Event], refused: Iterable[Refusal], older: int
) -> Counter[tuple[str, str]]:
    """What became of the events, by connector; `refused` are all that were."""
    counts: Counter[tuple[str, str]] = Counter()
    for entry, events in (("applied", found.fresh), ("duplicate", found.duplicates)):
        for incoming in events:
            counts[incoming.event.envelope.origin.connector, entry] += 1
    for refusal in refused:
        counts[_connector_of(refusal.message), "quarantined"] += 1
    if older and found.fresh:
        counts[found.fresh[0].event.envelope.origin.connector, "older"] += older
    return counts


def _connector_of(message: Message) -> str:
    """The connector a message says it is from, in its CloudEvents source."""
    source = dict(message.headers).get("ce_source", b"").decode("utf-8", "replace")
    name = source.rpartition("/")[2]
    return name if CONNECTOR_NAME.fullmatch(name) else UNKNOWN
