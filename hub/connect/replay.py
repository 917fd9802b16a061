"""Quarantined records once more, after a fix: translated, published, and marked as done.

The books are not touched: a record stays counted where it was counted when it was read. Events keep
the identifiers they would have had, so a replay done twice changes nothing.
"""

from collections.abc import Callable, Container, Iterable, Mapping
from typing import Any, NamedTuple, Protocol

from hub.bus.producer import Headers
from hub.bus.topics import events_topic, quarantine_topic
from hub.connect.contract import Change, Connector, LeftOut, Operation, Record
from hub.connect.publish import Prepared, Publisher
from hub.connect.quarantine import Quarantined, State
from hub.connect.sources.reread import reread
from hub.errors import RecordError, SettingsError, UnreadableRecord

Reread = Callable[[bytes, Mapping[str, Any]], Record]


class Confirming(Protocol):
    """The part of the producer that a replay needs."""

    def send(
        self, topic: str, key: bytes | None, value: bytes | None, headers: Headers = ()
    ) -> None:
        """Queue one message."""

    def flush(self) -> None:
        """Wait until everything sent is confirmed."""


class Outcome(NamedTuple):
    """What became of one entry: its events, or the code, field and rule it still breaks."""

    entry_id: str
    events: int
    code: str = ""
    field: str = ""
    rule: str = ""

    @property
    def done(self) -> bool:
        """Whether the entry can be understood now."""
        return not self.code


def replay(
    entries: Iterable[Quarantined],
    connector: Connector,
    publisher: Publisher,
    producer: Confirming,
    *,
    now_us: int,
    reverted: Container[str] = (),
    dry_run: bool = False,
    read_again: Reread = reread,
) -> list[Outcome]:
    """Try the parked entries again, oldest first, and say for each what became of it.

    What came with a batch that is `reverted` stays where it is: it would bring part of it back.
    Events are confirmed by Kafka before their entries are marked as replayed. With `dry_run`
    nothing is published. Raises Unavailable where Kafka does not confirm; then repeat the replay.
    """
    outcomes: list[Outcome] = []
    done: list[Quarantined] = []
    for entry in entries:
        if entry.state is not State.PARKED:
            continue
        if entry.batch_id in reverted:
            rule = f"{entry.batch_id} is reverted"
            outcomes.append(Outcome(entry.entry_id, 0, "E-REVERTED", "", rule))
            continue
        try:
            prepared = _prepared(entry, publisher, now_us, read_again)
        except RecordError as error:
            outcomes.append(Outcome(entry.entry_id, 0, error.code, error.field, error.rule))
            continue
        except Exception as error:  # noqa: BLE001 - a connector may fail in any way
            kind = type(error).__name__
            outcomes.append(Outcome(entry.entry_id, 0, "E-TRANSLATE", "", kind))
            continue
        outcomes.append(Outcome(entry.entry_id, len(prepared)))
        done.append(entry)
        if not dry_run:
            for event in prepared:
                producer.send(events_topic(connector.domain), *event)
    if done and not dry_run:
        producer.flush()
        for entry in done:
            _mark(entry, State.REPLAYED, producer)
        producer.flush()
    return outcomes


def discard(entry: Quarantined, producer: Confirming, person: str, reason: str) -> None:
    """Mark an entry as given up, by a named person for a reason; its bytes stay in the topic.

    Raises SettingsError where either is missing or the entry is not parked.
    """
    if not person.strip() or not reason.strip():
        raise SettingsError(
            "a record is discarded by a named person for a reason", remedy="give both"
        )
    if entry.state is not State.PARKED:
        raise SettingsError(f"entry {entry.entry_id} is {entry.state} already")
    told = (("hub.state.by", person.encode()), ("hub.state.reason", reason.encode()))
    _mark(entry, State.DISCARDED, producer, told)
    producer.flush()


def _mark(
    entry: Quarantined, state: State, producer: Confirming, told: Iterable[tuple[str, bytes]] = ()
) -> None:
    headers = [*entry._replace(state=state).headers(), *told]
    producer.send(quarantine_topic(entry.connector), entry.entry_id.encode(), None, headers)


def _prepared(
    entry: Quarantined, publisher: Publisher, now_us: int, read_again: Reread
) -> list[Prepared]:
    if entry.raw_bytes > len(entry.raw):
        raise UnreadableRecord(
            f"only {len(entry.raw)} of {entry.raw_bytes} bytes were kept",
            code="E-OVERSIZE",
            rule="size",
            remedy="have the source send it in parts, then discard this entry",
        )
    said = publisher.drafts(change_of(entry, read_again))
    return [] if isinstance(said, LeftOut) else publisher.prepare(said, now_us, entry.batch_id)


def change_of(entry: Quarantined, read_again: Reread = reread) -> Change:
    """The change an entry was, read again from its bytes."""
    record = read_again(entry.raw, entry.context)
    operation = Operation(entry.context.get("operation", Operation.READ))
    version = int(entry.context.get("version", 0))
    if operation is Operation.DELETED:
        return Change(Record(), entry.raw, None, version, operation, record, entry.context)
    return Change(record, entry.raw, None, version, operation, None, entry.context)
