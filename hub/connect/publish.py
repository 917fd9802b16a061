"""From one change to the messages it becomes: pure but for the producer it hands them to."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple, Protocol

from hub.bus.producer import Headers
from hub.bus.topics import events_topic, quarantine_topic
from hub.canon.codec import Codec
from hub.canon.model import EVENT_NAMES, Capture, Envelope, Event, EventKind, Origin
from hub.connect import derive
from hub.connect.books import Books
from hub.connect.contract import (
    Change,
    Connector,
    Draft,
    LeftOut,
    Record,
    Superseded,
    Unchanged,
    Unreadable,
)
from hub.connect.difference import difference
from hub.connect.drift import drifted
from hub.connect.quarantine import quarantined
from hub.errors import EncodeError, RecordError, UnreadableRecord
from hub.telemetry.signals_connect import RecordQuarantined, SourceDrifted

TRACE_FLAGS = "01"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TYPES = {body: name.encode() for body, name in EVENT_NAMES.items()}
LAST_VERSION = (1 << 63) - 1
"""No state of a record is later: what is withdrawn at it is withdrawn for good."""
DRIFTED_FIELDS_MAX = 100
"""So many unknown fields are told by name in one run; a source that invents names tells no more."""


@lru_cache(maxsize=8)
def rfc3339(now_us: int) -> str:
    """An instant as CloudEvents writes it; the same for a whole batch, so it is kept."""
    return (EPOCH + timedelta(microseconds=now_us)).isoformat().replace("+00:00", "Z")


class Sender(Protocol):
    """The part of the producer that publishing needs."""

    def send(
        self, topic: str, key: bytes | None, value: bytes | None, headers: Headers = ()
    ) -> None:
        """Queue one message."""


class Prepared(NamedTuple):
    """One event ready for Kafka."""

    key: bytes
    value: bytes
    headers: Headers


class Tally:
    """What became of the records of one batch, while it is being counted."""

    __slots__ = ("duplicate", "events", "filtered", "published", "quarantined", "read")

    def __init__(self) -> None:
        """All zero."""
        self.read = self.published = self.quarantined = self.duplicate = self.events = 0
        self.filtered: Counter[str] = Counter()

    def books(self) -> Books:
        """The tally as a page of the books."""
        return Books(
            self.read,
            self.published,
            self.quarantined,
            self.duplicate,
            dict(self.filtered),
            self.events,
        )


class Publisher:
    """Turns the changes of one connector into messages and hands them to a sender."""

    def __init__(self, connector: Connector, key: bytes, codec: Codec, sender: Sender) -> None:
        """`key` is the deployment's identity key."""
        self._connector = connector
        self._key = key
        self._codec = codec
        self._sender = sender
        self._topic = events_topic(connector.domain)
        self._quarantine = quarantine_topic(connector.name)
        self._drifted: set[str] = set()
        self._headers = headers_from(connector.owner, connector.system, connector.name)

    def take(
        self, item: Change | Unreadable | Unchanged, tally: Tally, now_us: int, batch_id: str
    ) -> None:
        """Publish what an item of the source means, or quarantine it, and count it.

        Raises Unavailable only: nothing a source sends stops the stream.
        """
        if type(item) is Unchanged:
            tally.read += item.count
            tally.duplicate += item.count
            return
        tally.read += 1
        if type(item) is Unreadable:
            self._park(item, item.error, tally, now_us, batch_id, "read")
            return
        assert type(item) is Change  # noqa: S101 - the contract's third and last kind
        stage = "translate"
        try:
            said = self.drafts(item)
            if isinstance(said, LeftOut):
                tally.filtered[said.rule] += 1
                return
            if not said:
                tally.duplicate += 1
                return
            stage = "encode"
            prepared = self.prepare(said, now_us, batch_id)
        except RecordError as error:
            self._park(item, error, tally, now_us, batch_id, stage)
            return
        except Exception as error:  # noqa: BLE001 - a fault of the connector costs this record only
            told = UnreadableRecord(
                f"the connector failed with {type(error).__name__}",
                code="E-TRANSLATE",
                rule="translate understands or refuses by name",
                remedy="mend the connector, then: hub quarantine replay",
            )
            self._park(item, told, tally, now_us, batch_id, stage)
            return
        self._watch_drift(item.record, said)
        for event in prepared:
            self._sender.send(self._topic, *event)
        tally.published += 1
        tally.events += len(prepared)

    def drafts(self, change: Change) -> list[Draft] | LeftOut:
        """What has to be said of a change; a rule that leaves it out; empty where nothing is new.

        Raises RecordError where the connector says nothing at all, or whatever translate raises.
        """
        after = self._translate(change) if change.record else []
        if not after and (change.record or change.before is None):
            raise UnreadableRecord(
                "translate gave neither event nor rule",
                code="E-CONTRACT",
                rule="every record becomes events or is left out by a named rule",
            )
        if change.before is None:
            return after
        before = self._translate_last(change)
        if isinstance(after, LeftOut):
            return difference(before, [], change.version) or after
        told = self._connector.tells_corrections_of
        return difference(before, after, change.version, told)

    def _translate(self, change: Change) -> list[Draft] | LeftOut:
        drafts: list[Draft] = []
        left_out: LeftOut | None = None
        for said in self._connector.translate(change):
            if isinstance(said, LeftOut):
                left_out = said
            else:
                drafts.append(said)
        if left_out is None:
            return drafts
        if drafts:
            raise UnreadableRecord(
                "translate gave events and left the record out",
                code="E-CONTRACT",
                rule="every record becomes events or is left out by a named rule",
            )
        return left_out

    def _translate_last(self, change: Change) -> Iterable[Draft]:
        """What was said of the last state; nothing where it was quarantined or left out."""
        last = change._replace(record=change.before or Record(), before=None)
        try:
            said = self._translate(last)
        except Exception:  # noqa: BLE001 - the state before was never published
            return ()
        return () if isinstance(said, LeftOut) else said

    def prepare(self, drafts: list[Draft], now_us: int, batch_id: str) -> list[Prepared]:
        """The messages of one change's drafts, all or none; EncodeError names what does not fit.

        Those of the drafts come first, then those that withdraw the records they supersede.
        """
        connector, capture = self._connector, Capture(now_us, batch_id)
        time = rfc3339(now_us).encode()
        prepared: list[Prepared] = []
        taken: list[Prepared] = []
        origin: Origin | None = None
        seen: set[str] = set()
        for draft in drafts:
            body, record_key, version, occurred, claims, kind, notice, superseded = draft
            name = type(body).__name__
            if type(body) not in connector.emits:
                raise EncodeError(f"{name} is not declared in emits", code="E-CONTRACT")
            if (
                origin is None
                or origin.record_key != record_key
                or origin.record_version != version
            ):
                origin = self._origin(record_key, version)
            event_id = derive.event_id(self._key, connector.name, record_key, version, name, kind)
            if event_id in seen:
                raise EncodeError(f"two {name} of one record in one change", code="E-ID")
            seen.add(event_id)
            envelope = Envelope(event_id, kind, None, occurred, origin, notice)
            event = Event(capture, envelope, claims, body)
            if superseded is not None and (gone := self._superseded(event, superseded)) is not None:
                event = event._replace(
                    envelope=envelope._replace(supersedes=gone.envelope.event_id)
                )
                taken.append(self._message(gone, time))
            prepared.append(self._message(event, time))
        return prepared + taken

    def _message(self, event: Event, time: bytes) -> Prepared:
        event_id, origin = event.envelope.event_id, event.envelope.origin
        value = self._codec.encode(event)
        headers = _headers_of(self._headers, type(event.body), event_id, time)
        return Prepared(origin.record_id.encode(), value, headers)

    def _origin(self, record_key: str, version: int) -> Origin:
        connector = self._connector
        record_id = derive.record_id(self._key, connector.name, record_key)
        return Origin(
            connector.owner, connector.system, connector.name, record_id, record_key, version
        )

    def _superseded(self, event: Event, superseded: Superseded) -> Event | None:
        """What withdraws the record whose place an event takes; None where it takes nobody's.

        A record does not supersede itself: its later states take the place of earlier ones.
        """
        envelope = event.envelope
        record_key, named = superseded
        if record_key == envelope.origin.record_key or envelope.kind is EventKind.WITHDRAWN:
            return None
        version = LAST_VERSION if named is None else named
        event_id = derive.superseding_id(self._key, envelope.event_id, record_key, version)
        origin = self._origin(record_key, version)
        gone = envelope._replace(event_id=event_id, kind=EventKind.WITHDRAWN, origin=origin)
        return event._replace(envelope=gone)

    def _park(
        self,
        item: Change | Unreadable,
        error: RecordError,
        tally: Tally,
        now_us: int,
        batch_id: str,
        stage: str,
    ) -> None:
        entry = quarantined(
            self._key,
            self._connector.name,
            error,
            item.raw,
            _context(item),
            stage=stage,
            batch_id=batch_id,
            now_us=now_us,
        )
        self._sender.send(self._quarantine, entry.entry_id.encode(), entry.raw, entry.headers())
        tally.quarantined += 1
        RecordQuarantined(self._connector.name, error.code, error.field, error.rule).emit()

    def _watch_drift(self, record: Record, drafts: list[Draft]) -> None:
        for claims in {id(draft.claims): draft.claims for draft in drafts}.values() or (None,):
            kept = claims.extra if claims is not None else {}
            for field in drifted(record, self._connector.known_fields, kept) - self._drifted:
                if len(self._drifted) >= DRIFTED_FIELDS_MAX:
                    return
                self._drifted.add(field)
                SourceDrifted(self._connector.name, field).emit()


def headers_from(agency: str, system: str, connector: str) -> Headers:
    """The headers that all events of one connector have."""
    source = f"/{agency}/{system}/{connector}".replace(" ", "-").lower()
    return (
        ("ce_specversion", b"1.0"),
        ("content-type", b"application/avro"),
        ("ce_source", source.encode()),
    )


def _headers_of(common: Headers, body: type, event_id: str, time: bytes) -> Headers:
    trace = event_id.replace("-", "")
    return [
        *common,
        ("ce_time", time),
        ("ce_id", event_id.encode()),
        ("ce_type", _TYPES[body]),
        ("traceparent", f"00-{trace}-{trace[:16]}-{TRACE_FLAGS}".encode()),
    ]


def prepared(event: Event, codec: Codec) -> Prepared:
    """The message of an event that is whole already. Raises EncodeError where it does not fit."""
    envelope = event.envelope
    origin = envelope.origin
    common = headers_from(origin.agency, origin.system, origin.connector)
    time = rfc3339(event.capture.captured_at).encode()
    headers = _headers_of(common, type(event.body), envelope.event_id, time)
    return Prepared(origin.record_id.encode(), codec.encode(event), headers)


def _context(item: Change | Unreadable) -> Mapping[str, Any]:
    """What a replay needs beside the bytes."""
    if isinstance(item, Unreadable):
        return item.context
    return {**item.context, "operation": item.operation, "version": item.version}
