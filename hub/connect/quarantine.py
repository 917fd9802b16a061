"""What could not be used: kept byte for byte, with the reason, until somebody sorts it out.

Headers follow Kafka Connect's dead-letter names (`__connect.errors.*`), and `hub.*` for what
Connect has no name for. None of them holds personal data; the value is the original.
"""

import json
from collections.abc import Iterable, Mapping
from enum import StrEnum
from hashlib import sha256
from typing import Any, NamedTuple

from hub.bus.reader import Message
from hub.connect.derive import derive_id
from hub.errors import RecordError

RAW_BYTES_MAX = 900_000
Headers = tuple[tuple[str, bytes], ...]


class State(StrEnum):
    """Where a quarantined record stands."""

    PARKED = "parked"
    REPLAYED = "replayed"
    DISCARDED = "discarded"


class Quarantined(NamedTuple):
    """One record in quarantine. `raw` is complete unless `raw_bytes` says there was more."""

    entry_id: str
    connector: str
    stage: str
    code: str
    field: str
    rule: str
    message: str
    hint: str
    batch_id: str
    first_at_us: int
    context: Mapping[str, Any]
    raw: bytes
    raw_bytes: int
    raw_sha256: str
    state: State = State.PARKED

    def headers(self) -> Headers:
        """The Kafka headers that tell why."""
        told = {
            "__connect.errors.connector.name": self.connector,
            "__connect.errors.stage": self.stage,
            "__connect.errors.exception.class.name": "hub.errors.RecordError",
            "__connect.errors.exception.message": self.message,
            "hub.error.code": self.code,
            "hub.error.field": self.field,
            "hub.error.rule": self.rule,
            "hub.error.hint": self.hint,
            "hub.batch.id": self.batch_id,
            "hub.first.at": str(self.first_at_us),
            "hub.source.context": json.dumps(dict(self.context), default=str),
            "hub.raw.bytes": str(self.raw_bytes),
            "hub.raw.sha256": self.raw_sha256,
            "hub.state": str(self.state),
        }
        return tuple((name, text.encode()) for name, text in told.items())


def quarantined(
    key: bytes,
    connector: str,
    error: RecordError,
    raw: bytes,
    context: Mapping[str, Any],
    *,
    stage: str,
    batch_id: str,
    now_us: int,
) -> Quarantined:
    """The quarantine record of an original and the error it caused.

    The same original at the same place in the source has the same entry id, so that reading it
    again adds nothing new.
    """
    digest = sha256(raw).hexdigest()
    place = json.dumps(
        {name: context[name] for name in ("file", "line", "table", "lsn") if name in context},
        default=str,
    )
    return Quarantined(
        derive_id(key, "quarantine", connector, digest, place),
        connector,
        stage,
        error.code,
        error.field,
        error.rule,
        error.message,
        error.remedy,
        batch_id,
        now_us,
        context,
        raw[:RAW_BYTES_MAX],
        len(raw),
        digest,
    )


def parse(message: Message) -> Quarantined:
    """The quarantine record in a message of a quarantine topic."""
    told = {name: value.decode() for name, value in message.headers}
    return Quarantined(
        (message.key or b"").decode(),
        told["__connect.errors.connector.name"],
        told["__connect.errors.stage"],
        told["hub.error.code"],
        told["hub.error.field"],
        told["hub.error.rule"],
        told["__connect.errors.exception.message"],
        told["hub.error.hint"],
        told["hub.batch.id"],
        int(told["hub.first.at"]),
        json.loads(told["hub.source.context"]),
        message.value or b"",
        int(told["hub.raw.bytes"]),
        told["hub.raw.sha256"],
        State(told["hub.state"]),
    )


def entries(messages: Iterable[Message]) -> list[Quarantined]:
    """The records of a quarantine topic, each once in its latest state, oldest first."""
    found: dict[str, Quarantined] = {}
    for message in messages:
        entry = parse(message)
        first = found.get(entry.entry_id)
        if first is None:
            found[entry.entry_id] = entry
        elif entry.state is not State.PARKED:
            found[entry.entry_id] = first._replace(state=entry.state)
    return list(found.values())
