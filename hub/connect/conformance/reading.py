"""Reading a source as the runtime does, and keeping what became of every item."""

from collections import Counter
from collections.abc import Iterable
from contextlib import closing
from copy import deepcopy
from typing import Any, NamedTuple, cast

from hub.bus.producer import Headers
from hub.canon.codec import Codec, wire_names
from hub.connect.conformance.stand import Source, Subject
from hub.connect.contract import Change, Connector, Draft, Item, LeftOut, Record, Unreadable
from hub.connect.publish import Publisher
from hub.errors import RecordError

KEY = b"a key for conformance only: at least 32 bytes"
CODEC = Codec({name: number for number, name in enumerate(wire_names(), 1)})
ITEMS_MAX = 100_000
REFUSALS_TOLD = 3
_ID = "ce_id"


class Message(NamedTuple):
    """One message as it would go to Kafka."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Headers


class Kept:
    """A sender that keeps what it is given."""

    def __init__(self) -> None:
        """Nothing yet."""
        self.messages: list[Message] = []

    def send(
        self, topic: str, key: bytes | None, value: bytes | None, headers: Headers = ()
    ) -> None:
        """Keep one message."""
        self.messages.append(Message(topic, key, value, headers))

    def heed(self, _stop: object) -> None:
        """There is nothing to wait for."""

    def flush(self) -> None:
        """All is confirmed at once."""


class Told(NamedTuple):
    """One item of a source and what became of it: events by identifier, a rule, or an error.

    An event's bytes hold no time and no batch of reading, so equal events have equal bytes.
    """

    number: int
    item: Item
    drafts: tuple[Draft, ...] = ()
    events: tuple[tuple[str, bytes], ...] = ()
    rule: str = ""
    error: Exception | None = None

    @property
    def change(self) -> Change:
        """The item, which is a change: one of those `changes` gives."""
        if not isinstance(self.item, Change):
            raise TypeError(f"item {self.number} is no change")
        return self.item

    @property
    def where(self) -> str:
        """Which item this is, for people."""
        context = getattr(self.item, "context", {})
        place = ", ".join(f"{name} {context[name]}" for name in ("file", "line") if name in context)
        return f"item {self.number}{f' ({place})' if place else ''}"


def publisher(connector: Connector, sender: Kept | None = None) -> Publisher:
    """A publisher that sends nowhere, or to `sender`."""
    return Publisher(connector, KEY, CODEC, sender or Kept())


def read(
    connector: Connector, source: Source, after: str | None = None, stop: int = ITEMS_MAX
) -> list[Told]:
    """What a source tells after a position, at most `stop` items; the reading is then closed."""
    said: list[Told] = []
    made = publisher(connector)
    with closing(cast("Any", source.read(after))) as items:
        for number, item in enumerate(items, 1):
            said.append(tell(made, item, number))
            if number >= stop:
                break
    return said


def tell(made: Publisher, item: Item, number: int = 0) -> Told:
    """What becomes of one item; an exception other than the hub's is kept as what it is."""
    if isinstance(item, Unreadable):
        return Told(number, item, error=item.error)
    if not isinstance(item, Change):
        return Told(number, item)
    try:
        drafts = made.drafts(item)
        if isinstance(drafts, LeftOut):
            return Told(number, item, rule=drafts.rule)
        prepared = made.prepare(drafts, 0, "b0")
    except Exception as error:  # noqa: BLE001 - what a connector raises is what is looked at
        return Told(number, item, error=error)
    events = tuple((_id(one.headers), one.value) for one in prepared)
    return Told(number, item, tuple(drafts), events)


def _id(headers: Headers) -> str:
    return next(value.decode() for name, value in headers if name == _ID)


def events(said: Iterable[Told]) -> dict[str, bytes]:
    """All events by identifier; of one identifier the first."""
    found: dict[str, bytes] = {}
    for told in said:
        for identifier, value in told.events:
            found.setdefault(identifier, value)
    return found


def last_position(said: Iterable[Told], start: str | None = None) -> str | None:
    """What the runtime would remember after these items."""
    position = start
    for told in said:
        position = told.item.position if told.item.position is not None else position
    return position


def changes(said: Iterable[Told]) -> list[Told]:
    """Those which are changes of a record that is there."""
    return [told for told in said if isinstance(told.item, Change) and told.item.record]


def fresh(change: Change, record: Any = None) -> Change:
    """The same change over a record of its own."""
    return change._replace(
        record=Record(deepcopy(dict(change.record if record is None else record)))
    )


def by_name(error: Exception | None) -> bool:
    """Whether it was refused by a field's name."""
    return isinstance(error, RecordError) and bool(error.field)


def refusals(said: Iterable[Told]) -> str:
    """How many records were refused, by code and field; the most frequent first."""
    counts = Counter(
        f"{told.error.code} {told.error.field}".strip()
        if isinstance(told.error, RecordError)
        else type(told.error).__name__
        for told in said
        if told.error is not None
    )
    return ", ".join(f"{count} {what}" for what, count in counts.most_common(REFUSALS_TOLD))


def whole(subject: Subject) -> list[Told]:
    """All that the samples tell, from the beginning."""
    with subject.stand() as source:
        return read(subject.connector, source)
