"""What the store holds, as frozen values."""

import json
from collections.abc import Sequence
from typing import NamedTuple


class SubjectRow(NamedTuple):
    """A stored subject."""

    subject_id: str
    kind: str
    record_id: str
    entity_id: str | None
    state: bytes


class MembershipRow(NamedTuple):
    """Which subjects came to an entity, and which went, with a version of its view."""

    entity_id: str
    version: int
    at_us: int
    joined: tuple[str, ...]
    parted: tuple[str, ...]


class Waiting(NamedTuple):
    """A pair of entities, by their first subjects, that a person may look at.

    `pair_id` names it as long as it waits. `weight` is in millibits; `refusal` names what spoke
    against where it is enough.
    """

    pair_id: str
    kind: str
    a: str
    b: str
    weight: int
    refusal: str | None
    since_us: int


class Wanted(NamedTuple):
    """Which of the pairs for review are asked for; None: all.

    `refusal` is a rule, or SHORT where the evidence is. `before_us` is since when they wait at
    least.
    """

    kind: str | None = None
    refusal: str | None = None
    before_us: int | None = None


SHORT = "short_of_evidence"


class Reveal(NamedTuple):
    """That a steward saw the values of subjects, and why."""

    reveal_id: str
    at_us: int
    steward: str
    reason: str
    subject_ids: tuple[str, ...]


class Disclosure(NamedTuple):
    """Views of an entity that showed two subjects as one: the first and last version, and when.

    `last` and `until_us` are None where the latest still does.
    """

    entity_id: str
    first: int
    last: int | None
    since_us: int
    until_us: int | None


class ViewRow(NamedTuple):
    """A stored view; `digest` is that of its content without the version."""

    entity_id: str
    kind: str
    version: int
    digest: bytes
    body: bytes
    retired: bool


class Outgoing(NamedTuple):
    """A message to be published, once the transaction is committed."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]]


class InboxRow(NamedTuple):
    """An event that was applied, with the digest of its content and the schema it came in."""

    event_id: str
    digest: bytes
    schema_id: int


def pack_headers(headers: Sequence[tuple[str, bytes]]) -> bytes:
    """Kafka headers as bytes; their values here are always text or, for originals, hex."""
    return json.dumps([(name, value.hex()) for name, value in headers]).encode()


def unpack_headers(data: bytes) -> list[tuple[str, bytes]]:
    """The inverse of pack_headers."""
    return [(name, bytes.fromhex(value)) for name, value in json.loads(data)]
