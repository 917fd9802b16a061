"""What a connector is: a value with two functions, and nothing of the hub's machinery.

`changes` does the I/O: it yields what the departmental system has to tell after a position, oldest
first, and returns when there is no more for now; the runtime calls it again later. `translate` is
pure: no clock, no chance, no I/O. It says what one change means, as drafts of canonical events, or
names the rule by which it is left out. A system that calls us instead of being asked has `receive`
in the place of `changes`.

The runtime alone derives identifiers, publishes, waits for Kafka's confirmation and only then
remembers the position. So a connector cannot lose or double anything as long as

- a position it yields means: all up to and including this change has been yielded, and
- `record_version` grows with every later state of the same record.
"""

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import StrEnum
from typing import Any, NamedTuple

from hub.canon.model import Body, Claims, EventKind, Moment, Notice
from hub.errors import UnreadableRecord


class Record(dict[str, Any]):
    """A source record by field name; asking for a field it lacks is an `UnreadableRecord`."""

    __slots__ = ()

    def __missing__(self, key: str) -> Any:
        """Name the missing field, so that quarantine can say which one."""
        raise UnreadableRecord(
            f"no field {key!r}", code="E-FIELD-MISSING", field=key, rule="field is required"
        )


class Operation(StrEnum):
    """What the source says happened to the record."""

    READ = "read"  # found in a first or full reading
    CREATED = "created"
    UPDATED = "updated"
    DELETED = "deleted"


class Change(NamedTuple):
    """One thing a departmental system has to tell.

    `record` is what the source says now; `before` what it said last, where the source or a snapshot
    comparison knows it. With `before`, the runtime publishes only what differs: the translations of
    both are compared, and what is gone is withdrawn. A `DELETED` change has its last known state in
    `before` and an empty `record`.
    `raw` is the original byte for byte, for quarantine; with `context` (not personal: file name,
    line, format, columns) it can be read again after a fix.
    `version` is the source's own order of this record's states, 0 where only the record can tell.
    `position` is where to go on after this change, None where one cannot go on from here.
    """

    record: Record
    raw: bytes
    position: str | None = None
    version: int = 0
    operation: Operation = Operation.READ
    before: Record | None = None
    context: Mapping[str, Any] = {}


class Unreadable(NamedTuple):
    """A piece of the source that could not even be split into fields: straight to quarantine."""

    raw: bytes
    error: UnreadableRecord
    position: str | None = None
    context: Mapping[str, Any] = {}


class Unchanged(NamedTuple):
    """`count` records that say what they said last time; counted as duplicates in the books."""

    count: int  # type: ignore[assignment] # hides a tuple's method that nobody calls
    position: str | None = None


class Checkpoint(NamedTuple):
    """Remember this position, and all before it, before anything that follows is read."""

    position: str


class LeftOut(NamedTuple):
    """A record that is no event by a named rule, such as `draft opportunity`; counted by rule."""

    rule: str


class Superseded(NamedTuple):
    """An earlier record whose place another one takes, by the source's own key.

    With `record_version` only that state of it and those before are meant, without it all of them.
    """

    record_key: str
    record_version: int | None = None


class Draft(NamedTuple):
    """An event as the connector says it, before the hub gives it an identity.

    `record_key` is the native key of the source record (never a personal number: it stands in the
    event in the clear); `record_version` grows with later states of that record. At most one draft
    for each body class and record in one change.
    `supersedes` names the record whose event of the same class no longer stands, because the source
    says that this one takes its place: an amended application the one it replaces.
    """

    body: Body
    record_key: str
    record_version: int
    occurred: Moment
    claims: Claims | None = None
    kind: EventKind = EventKind.ASSERTED
    notice: Notice | None = None
    supersedes: Superseded | None = None


class Request(NamedTuple):
    """One call of a system that pushes: path below the connector, lower-case header names."""

    path: str
    headers: Mapping[str, str]
    body: bytes


class Refused(Exception):
    """The caller is at fault: answered with this 4xx status; nothing is taken.

    Never raised for a body that cannot be read: that is taken and goes to quarantine, because
    senders do not repeat after a 4xx.
    """

    def __init__(self, status: int, reason: str) -> None:
        """A 4xx status and a reason without personal data."""
        super().__init__(reason)
        self.status = status
        self.reason = reason


Item = Change | Unreadable | Unchanged | Checkpoint


def setting(
    doc: str,
    *,
    default: Any = dataclasses.MISSING,
    secret: bool = False,
) -> Any:
    """Declare one setting: what it is for, its default, and whether it is a secret.

    A secret is configured as `<name>_file`, the path of a file that holds it, and is never shown.
    """
    return dataclasses.field(
        default=default, repr=not secret, metadata={"doc": doc, "secret": secret}
    )


@dataclasses.dataclass(frozen=True)
class Connector:
    """A departmental system's way into the hub, as one value.

    Exactly one of `changes` and `receive` is given. `acknowledge` tells the source, after Kafka has
    confirmed, that everything up to a position may be forgotten (a replication slot, a queue).
    `tells_corrections_of` holds the body classes of which translate says itself what is corrected;
    of all others a change that can be compared with what was said before counts as corrected.
    """

    name: str
    owner: str
    system: str
    purpose: str
    domain: str
    settings: type
    translate: Callable[[Change], Iterable[Draft | LeftOut]]
    emits: tuple[type, ...]
    changes: Callable[[Any, str | None], Iterator[Item]] | None = None
    receive: Callable[[Any, Request], Iterable[Change | Unreadable]] | None = None
    acknowledge: Callable[[Any, str], None] | None = None
    known_fields: frozenset[str] | None = None
    tells_corrections_of: frozenset[type] = frozenset()
    doc: str = ""
