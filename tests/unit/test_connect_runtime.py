"""The connector runtime on a bus in memory: crashes, outages, poison, positions, books."""

import threading
import time
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from hub.bus.topics import POSITIONS, events_topic, quarantine_topic
from hub.canon.codec import Codec, wire_names
from hub.canon.model import (
    Claims,
    EventKind,
    FreeText,
    MessageStatusReported,
    Moment,
    Precision,
    TextReceived,
)
from hub.connect import positions, replay, runtime
from hub.connect.books import Books
from hub.connect.contract import (
    Change,
    Checkpoint,
    Connector,
    Draft,
    LeftOut,
    Operation,
    Record,
    Unchanged,
    Unreadable,
)
from hub.connect.publish import Publisher
from hub.connect.quarantine import State, entries
from hub.connect.runtime import Links, run
from hub.errors import (
    ContractBreach,
    EncodeError,
    Fenced,
    SourceUnavailable,
    Unavailable,
    UnreadableRecord,
)

KEY = b"k" * 32
CODEC = Codec({name: number for number, name in enumerate(wire_names(), 1)})
SOME_DAY = Moment("2024-01-02", Precision.DAY, 1_704_153_600_000_000)
EVENTS, PARKED = events_topic("messaging"), quarantine_topic("texts")


class Crash(BaseException):
    """The process is killed here."""


class Bus:
    """A producer over a list: sent messages wait, a flush puts them into the log.

    `fault` is asked before each step (`send` or `flush`, counted) and may raise.
    """

    def __init__(self, fault: Callable[[int, str], None] = lambda *_: None) -> None:
        """An empty log."""
        self.log: list[SimpleNamespace] = []
        self.waiting: list[SimpleNamespace] = []
        self.steps = 0
        self.fault = fault

    def heed(self, stop: threading.Event) -> None:
        """Waits are no matter here."""

    def send(self, topic: str, key: bytes, value: bytes | None, headers: Any = ()) -> None:
        """Queue a message."""
        self._step("send")
        message = SimpleNamespace(
            topic=topic, key=key, value=value, headers=tuple(headers), offset=0
        )
        self.waiting.append(message)

    def flush(self) -> None:
        """Confirm what waits."""
        self._step("flush")
        self.deliver()

    def deliver(self) -> None:
        """What waits reaches the log."""
        self.log.extend(self.waiting)
        self.waiting.clear()

    def _step(self, name: str) -> None:
        self.steps += 1
        self.fault(self.steps, name)

    def of(self, topic: str) -> list[SimpleNamespace]:
        """The messages of one topic."""
        return [message for message in self.log if message.topic == topic]

    def events(self) -> list[Any]:
        """The events in the log."""
        return [CODEC.decode(message.value) for message in self.of(EVENTS)]

    def ids(self) -> set[str]:
        """The identifiers of the events in the log."""
        return {event.envelope.event_id for event in self.events()}

    def position(self) -> positions.Position:
        """What is remembered."""
        return positions.latest(self.of(POSITIONS.name)).get("texts", positions.Position())


def row(number: int, **fields: Any) -> Change:
    """One change with a position behind it."""
    return Change(
        Record({"id": str(number), **fields}), f"row {number}".encode(), str(number), number
    )


def translate(change: Change) -> Iterator[Draft | LeftOut]:
    """One event a row; `left_out` and `fail` in a row do what they say."""
    record = change.record
    if "left_out" in record:
        yield LeftOut(record["left_out"])
        return
    if "fail" in record:
        raise record["fail"]
    for _ in range(record.get("times", 1)):
        said = Claims(texts=(FreeText("message", record["text"]),)) if "text" in record else None
        body = record.get("body", TextReceived(record["id"], record.get("service")))
        yield Draft(body, record["id"], change.version, SOME_DAY, said)


def connector(source: Any, **changed: Any) -> Connector:
    """A connector over a list of items, resumed behind the position."""

    def changes(_: Any, after: str | None) -> Iterator[Any]:
        items = source() if callable(source) else source
        start = 0
        if after is not None:
            start = 1 + max(i for i, item in enumerate(items) if item.position == after)
        for item in items[start:]:
            if isinstance(item, Exception):
                raise item
            yield item

    sound: dict[str, Any] = {
        "name": "texts",
        "owner": "Contact Office",
        "system": "texts",
        "purpose": "contact",
        "domain": "messaging",
        "settings": object,
        "translate": translate,
        "emits": (TextReceived,),
        "changes": changes,
    }
    return Connector(**{**sound, **changed})


def links(bus: Bus, **changed: Any) -> Links:
    """The runtime's links to a bus."""
    return Links(bus, CODEC, KEY, bus.position, **changed)  # type: ignore[arg-type]


def once(bus: Bus, source: Any, **changed: Any) -> Books:
    """Run to the end of the source."""
    made = connector(source, **changed)
    return run(made, None, links(bus), stop=threading.Event(), once=True)


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three records a batch, and no waiting."""
    monkeypatch.setattr(runtime, "BATCH_RECORDS_MAX", 3)
    monkeypatch.setattr(runtime, "RETRY_FIRST_S", 0.001)


def mixed() -> list[Any]:
    """Records of every fate."""
    return [
        row(1),
        row(2, left_out="draft"),
        row(3, fail=KeyError("x")),
        row(4),
        Unreadable(b"\xff", UnreadableRecord("not text", code="E-ENCODING"), "5", {"line": 5}),
        Unchanged(10, "6"),
        row(7, times=2),
        row(8),
        row(9),
    ]


def test_every_record_is_accounted_for() -> None:
    """Published, filtered, quarantined and duplicate add up, and each is where it belongs."""
    bus = Bus()
    books = once(bus, mixed())
    assert books == Books(18, 4, 3, 10, {"draft": 1}, 4)
    assert books.balanced
    assert [event.envelope.origin.record_key for event in bus.events()] == ["1", "4", "8", "9"]
    parked = entries(bus.of(PARKED))
    assert [entry.code for entry in parked] == ["E-TRANSLATE", "E-ENCODING", "E-ID"]
    assert [entry.raw for entry in parked] == [b"row 3", b"\xff", b"row 7"]
    assert bus.position()[:2] == ("9", books)


def test_a_crash_between_any_two_steps_loses_and_doubles_nothing() -> None:
    """F18: whatever step the process is killed at, the next run completes the same set."""
    whole = Bus()
    expected = once(whole, mixed())
    for delivered in (False, True):
        for step in range(1, whole.steps + 1):
            bus = Bus(lambda at, _, step=step: _crash(at, step))
            with pytest.raises(Crash):
                once(bus, mixed())
            if delivered:
                bus.deliver()
            bus.waiting.clear()
            _never_ahead(bus)
            bus.fault = lambda *_: None
            assert once(bus, mixed()) == expected
            assert bus.ids() == whole.ids()
            assert len(entries(bus.of(PARKED))) == 3
            _never_ahead(bus)


def _crash(at: int, step: int) -> None:
    if at == step:
        raise Crash


def _never_ahead(bus: Bus) -> None:
    """Wherever a position stands in the log, all events up to it stand before it."""
    there: set[str] = set()
    for message in bus.log:
        if message.topic == EVENTS:
            there.add(CODEC.decode(message.value).envelope.origin.record_key)
        elif message.topic == POSITIONS.name:
            at = int(positions.decode(message.value).text or 0)
            assert {key for key in ("1", "4", "8", "9") if int(key) <= at} <= there


def test_an_outage_of_kafka_is_waited_for() -> None:
    """F20: a batch that is not confirmed is sent again, from the same position, with equal ids."""
    outages = {4, 5, 9}

    def fault(at: int, name: str) -> None:
        if at in outages:
            outages.discard(at)
            raise Unavailable(f"{name} failed")

    bus, whole = Bus(fault), Bus()
    assert once(bus, mixed()) == once(whole, mixed())
    assert bus.ids() == whole.ids()
    assert not outages


def test_a_position_that_cannot_be_read_is_asked_for_again() -> None:
    """Kafka away at the start is waited for: nothing is read from the beginning meanwhile."""
    bus = Bus()
    once(bus, [row(1), row(2)])
    answers: list[Any] = [Unavailable("away"), Unavailable("away"), bus.position()]

    def load() -> positions.Position:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        found: positions.Position = answer
        return found

    bound = Links(bus, CODEC, KEY, load)  # type: ignore[arg-type]
    made = connector([row(1), row(2), row(3)])
    assert run(made, None, bound, stop=threading.Event(), once=True) == Books(3, 3, events=3)
    assert len(bus.of(EVENTS)) == 3


def test_a_source_that_keeps_failing_still_gets_on() -> None:
    """F16: what was read before the source failed is published, and it is asked on from there."""
    calls: list[str] = []

    def source() -> list[Any]:
        calls.append("asked")
        items: list[Any] = [row(1), row(2), row(3), row(4), row(5)]
        if len(calls) < 5:
            items.insert(len(calls), _away())
        return items

    bus = Bus()
    assert once(bus, source) == Books(5, 5, events=5)
    assert len(calls) == 5
    assert len(bus.of(EVENTS)) == 5


@pytest.mark.parametrize(("asked_s", "waited_s"), [(0.0, 0.001), (0.4, 0.4), (99.0, 0.6)])
def test_a_source_is_left_alone_as_long_as_it_asked(
    monkeypatch: pytest.MonkeyPatch, asked_s: float, waited_s: float
) -> None:
    """429 with Retry-After: never asked earlier, but after a limit all the same."""
    monkeypatch.setattr(runtime, "TOLD_WAIT_MAX_S", 0.6)
    asked_at: list[float] = []

    def source() -> list[Any]:
        asked_at.append(time.monotonic())
        if len(asked_at) > 1:
            return [row(1)]
        error: Any = SourceUnavailable("too many", wait_s=asked_s)
        error.position = None
        return [error]

    assert once(Bus(), source).read == 1
    first, second = asked_at
    assert waited_s * 0.8 <= second - first < 50


def test_a_long_rest_ends_when_asked_to_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    """And the lease is kept up meanwhile."""
    monkeypatch.setattr(runtime, "WAIT_TURN_S", 0.02)
    stop, checked = threading.Event(), []

    def source() -> list[Any]:
        threading.Timer(0.2, stop.set).start()
        error: Any = SourceUnavailable("too many", wait_s=600.0)
        error.position = None
        return [error]

    made = connector(source)
    lease: Any = SimpleNamespace(check=lambda: checked.append(1))
    run(made, None, links(Bus(), lease=lease), stop=stop)
    assert len(checked) > 3


def _away() -> Exception:
    error: Any = SourceUnavailable("the source does not answer")
    error.position = None
    return error


def test_a_breach_stops_and_keeps_the_position() -> None:
    """F17: a source that breaks the contract stops the run where Kafka confirmed last."""
    breach: Any = ContractBreach("the list shrank")
    breach.position = None
    bus = Bus()
    with pytest.raises(ContractBreach):
        once(bus, [row(1), row(2), row(3), row(4), breach])
    assert bus.position()[:2] == ("3", Books(3, 3, events=3))


def test_records_one_cannot_resume_after_are_counted_once() -> None:
    """Books are stored for records up to the position only, so a crash does not count twice."""
    items = [row(n)._replace(position=None) for n in range(1, 8)] + [row(8), row(9)]
    items[1] = row(2)

    def at_the_fourth_flush(_: int, name: str) -> None:
        flushes.append(name)
        if flushes.count("flush") == 4:
            raise Crash

    flushes: list[str] = []
    bus = Bus(at_the_fourth_flush)
    with pytest.raises(Crash):
        once(bus, items)
    assert bus.position()[:2] == ("2", Books(2, 2, events=2))
    bus.fault = lambda *_: None
    assert once(bus, items) == Books(9, 9, events=9)


def test_a_checkpoint_is_remembered_before_anything_follows() -> None:
    """A position the source asks to remember is on Kafka before the next record is read."""
    bus = Bus()
    seen: list[str | None] = []

    def source() -> Any:
        return _Watched(
            [row(1), Checkpoint("cp"), row(2)], lambda: seen.append(bus.position().text)
        )

    once(bus, source)
    assert seen == [None, None, "cp"]


class _Watched(list[Any]):
    """A list that tells before it gives each item."""

    def __init__(self, items: list[Any], tell: Callable[[], None]) -> None:
        super().__init__(items)
        self._tell = tell

    def __getitem__(self, index: Any) -> Any:
        return self._each(super().__getitem__(index))

    def _each(self, items: list[Any]) -> Iterator[Any]:
        for item in items:
            self._tell()
            yield item


def test_the_source_may_forget_only_what_is_remembered() -> None:
    """Acknowledged positions were on Kafka first; after a restart the last one is told again."""
    bus = Bus()
    told: list[str] = []

    def acknowledge(_: Any, position: str) -> None:
        assert bus.position().text == position
        told.append(position)

    source = [row(n) for n in range(1, 6)]
    once(bus, source, acknowledge=acknowledge)
    assert told == ["3", "5"]
    once(bus, source, acknowledge=acknowledge)
    assert told == ["3", "5", "5"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (row(1, fail=KeyError("name")), "E-TRANSLATE"),
        (row(1, fail=RecursionError()), "E-TRANSLATE"),
        (row(1, fail=UnreadableRecord("no", code="E-FIELD-MISSING")), "E-FIELD-MISSING"),
        (row(1, times=0), "E-CONTRACT"),
        (row(1, times=2), "E-ID"),
        (row(1, service=5), "E-ENCODE"),
        (row(1, service="\ud800"), "E-ENCODE"),
        (row(1, text="x" * 1_100_000), "E-OVERSIZE"),
        (row(1, body=MessageStatusReported), "E-CONTRACT"),
        (Change(Record(), b"row 1", "1"), "E-CONTRACT"),
    ],
)
def test_poison_is_parked_and_its_neighbours_pass(change: Change, code: str) -> None:
    """F1, F7, F8: a record that cannot be used is kept byte for byte; the ones around it arrive."""
    bus = Bus()
    books = once(bus, [row(10), change, row(11)])
    assert books == Books(3, 2, 1, events=2)
    (entry,) = entries(bus.of(PARKED))
    assert (entry.code, entry.raw, entry.state) == (code, b"row 1", State.PARKED)
    assert [event.envelope.origin.record_key for event in bus.events()] == ["10", "11"]


def test_no_value_of_a_record_is_told_in_the_reason() -> None:
    """What a failure of the connector's code says stays out of headers: it may be personal."""
    bus = Bus()
    once(bus, [row(1, fail=ValueError("Jane Doe")), row(2, service=["Jane Doe"])])
    assert b"Jane" not in b"".join(v for m in bus.of(PARKED) for _, v in m.headers)


def test_an_event_tells_where_it_comes_from() -> None:
    """Key, CloudEvents attributes and envelope agree; nothing native stands outside the value."""
    bus = Bus()
    once(bus, [row(1)])
    (message,), (event,) = bus.of(EVENTS), bus.events()
    told = dict(message.headers)
    assert message.key.decode() == event.envelope.origin.record_id
    assert told["ce_id"].decode() == event.envelope.event_id
    assert told["ce_type"] == b"civic.events.messaging.TextReceived"
    assert told["ce_source"] == b"/contact-office/texts/texts"
    assert told["ce_specversion"] == b"1.0"
    assert told["content-type"] == b"application/avro"
    assert told["ce_time"].endswith(b"Z")
    version, trace, span, flags = told["traceparent"].decode().split("-")
    assert (version, len(trace), len(span), flags) == ("00", 32, 16, "01")


def test_a_change_with_its_last_state_says_only_what_differs() -> None:
    """Same, changed and deleted states of a record become nothing, a correction, a withdrawal."""
    bus = Bus()
    old = Record({"id": "1"})
    books = once(
        bus,
        [
            row(1)._replace(before=old),
            row(2, service="9")._replace(before=Record({"id": "2"})),
            Change(Record(), b"", "3", 3, Operation.DELETED, Record({"id": "3"})),
            row(4, left_out="closed")._replace(before=Record({"id": "4"})),
        ],
    )
    assert books == Books(4, 3, 0, 1, events=3)
    kinds = [(e.envelope.origin.record_key, e.envelope.kind) for e in bus.events()]
    assert kinds == [
        ("2", EventKind.CORRECTED),
        ("3", EventKind.WITHDRAWN),
        ("4", EventKind.WITHDRAWN),
    ]


def test_silence_of_translate_does_not_withdraw() -> None:
    """A connector that says nothing about a record with a last state is refused, not believed."""
    bus = Bus()
    once(bus, [row(1, times=0)._replace(before=Record({"id": "1"}))])
    assert not bus.events()
    assert [entry.code for entry in entries(bus.of(PARKED))] == ["E-CONTRACT"]


def test_who_lost_the_lease_publishes_no_position() -> None:
    """A worker that was replaced stops before it remembers anything."""

    def lost() -> None:
        raise Fenced("another worker")

    bus = Bus()
    bound = links(bus, lease=SimpleNamespace(check=lost))
    with pytest.raises(Fenced):
        run(connector([row(1)]), None, bound, stop=threading.Event(), once=True)
    assert not bus.log


def test_a_paused_connector_reads_nothing_until_resumed() -> None:
    """The pause flag holds reading; clearing it goes on."""
    bus = Bus()
    bound = links(bus)
    bound.pause.set()
    stop = threading.Event()
    made = connector([row(1)])
    thread = threading.Thread(
        target=lambda: run(made, None, bound, stop=stop, once=True, poll_interval_s=0.01)
    )
    thread.start()
    thread.join(0.1)
    assert thread.is_alive()
    assert not bus.log
    bound.pause.clear()
    thread.join(5)
    assert len(bus.events()) == 1


def test_a_stop_is_heeded_after_the_batch() -> None:
    """A source that never ends is left at a confirmed position."""
    stop = threading.Event()

    def endless() -> Any:
        def each() -> Iterator[Change]:
            for number in range(1, 1_000_000):
                if number == 5:
                    stop.set()
                yield row(number)

        return _Sliced(each)

    bus = Bus()
    books = run(connector(endless), None, links(bus), stop=stop)
    assert books.read == 6
    assert bus.position().text == "6"


class _Sliced:
    """An endless source that can only be asked for everything."""

    def __init__(self, each: Callable[[], Iterator[Change]]) -> None:
        self._each = each

    def __getitem__(self, _: Any) -> Iterator[Change]:
        return self._each()


def test_a_fixed_mapping_replays_what_was_parked() -> None:
    """A replay gives the events the record would have had, once, and marks the entries."""
    bus = Bus()
    bad = row(1)._replace(raw=b'{"id": "1"}', context={"format": "json", "line": 3})
    once(bus, [row(2)], translate=translate)
    refusing = {"translate": lambda _: (_ for _ in ()).throw(ValueError)}
    broken = Bus()
    once(broken, [bad], **refusing)
    good = connector([bad])
    publisher = Publisher(good, KEY, CODEC, broken)
    parked = entries(broken.of(PARKED))
    (tried,) = replay.replay(parked, good, publisher, broken, now_us=5, dry_run=True)
    assert (tried.done, tried.events) == (True, 1)
    assert not broken.events()
    replay.replay(parked, good, publisher, broken, now_us=5)
    expected = Bus()
    once(expected, [bad])
    assert broken.ids() == expected.ids()
    (after,) = entries(broken.of(PARKED))
    assert (after.state, after.raw) == (State.REPLAYED, bad.raw)
    assert replay.replay([after], good, publisher, broken, now_us=6) == []


def test_a_replay_tells_what_is_still_wrong() -> None:
    """An entry that still cannot be read stays parked and says why; the others go on."""
    bus = Bus()
    context = {"format": "json"}
    once(
        bus,
        [
            row(1)._replace(raw=b"{", context={**context, "line": 1}),
            row(2)._replace(raw=b'{"id": "2"}', context={**context, "line": 2}),
        ],
        translate=lambda _: (_ for _ in ()).throw(ValueError),
    )
    good = connector([])
    outcomes = replay.replay(
        entries(bus.of(PARKED)), good, Publisher(good, KEY, CODEC, bus), bus, now_us=5
    )
    assert [outcome.done for outcome in outcomes] == [False, True]
    states = [entry.state for entry in entries(bus.of(PARKED))]
    assert states == [State.PARKED, State.REPLAYED]


def test_a_record_is_discarded_by_a_person_for_a_reason() -> None:
    """Nobody discards without a name and a reason."""
    bus = Bus()
    once(bus, [row(1, fail=ValueError())])
    (entry,) = entries(bus.of(PARKED))
    with pytest.raises(Exception, match="named person"):
        replay.discard(entry, bus, "", "test data")
    replay.discard(entry, bus, "A. Steward", "test data")
    (after,) = entries(bus.of(PARKED))
    assert after.state is State.DISCARDED
    assert dict(bus.of(PARKED)[-1].headers)["hub.state.by"] == b"A. Steward"


def test_an_oversize_original_does_not_stop_the_stream() -> None:
    """The quarantine takes what Kafka can hold, and the stream goes on."""
    bus = Bus()

    def too_large(_: int, __: str) -> None:
        if bus.waiting and len(bus.waiting[-1].value or b"") > 1_000_000:
            raise EncodeError("too large", code="E-OVERSIZE")

    bus.fault = too_large
    huge = row(1, fail=ValueError())._replace(raw=b"x" * 3_000_000)
    assert once(bus, [huge, row(2)]) == Books(2, 1, 1, events=1)
