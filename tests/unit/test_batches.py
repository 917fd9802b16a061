"""Batches: each record is in one, a file is one, and reverting one is carried out to its end."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from test_connect_runtime import (
    CODEC,
    EVENTS,
    KEY,
    PARKED,
    SOME_DAY,
    Bus,
    Crash,
    connector,
    links,
    once,
    row,
)
from test_identity import told

from connectors.licensing.connector import CONNECTOR
from hub import clock
from hub.bus.topics import BATCHES, POSITIONS, REVERTS, events_topic
from hub.canon.codec import batch_of
from hub.canon.model import EventKind, TextReceived
from hub.connect import batches, positions, replay, runtime
from hub.connect.batches import Batch
from hub.connect.books import Books
from hub.connect.contract import Change, Draft, Unchanged, Unreadable
from hub.connect.publish import Publisher
from hub.connect.quarantine import entries
from hub.connect.revert import LATEST, SUPERSEDED, VOID, Fate
from hub.connect.runtime import Links, run
from hub.errors import EncodeError, SettingsError, Unavailable, UnreadableRecord
from hub.identity import subjects
from hub.operations import reverting
from hub.operations.reverting import Done, Known, World

SUMMED = ("read", "published", "quarantined", "duplicate", "events")


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three records between two positions."""
    monkeypatch.setattr(runtime, "BATCH_RECORDS_MAX", 3)
    monkeypatch.setattr(runtime, "RETRY_FIRST_S", 0.001)


def filed(number: int, file: str, **fields: Any) -> Change:
    """A row of a file."""
    return row(number, **fields)._replace(context={"file": file, "line": number})


def known(bus: Bus) -> Known:
    """What a command would find."""
    last = bus.position().batches
    told = batches.latest(bus.of(BATCHES.name))  # type: ignore[arg-type]
    found = {one.batch_id: one for one in batches.listed(told.values(), last)}
    return Known(found, batches.latest(bus.of(REVERTS.name)))  # type: ignore[arg-type]


def listed(bus: Bus) -> list[Batch]:
    """The batches of sources."""
    return list(known(bus).batches.values())


def files() -> list[Any]:
    """Two files, read together."""
    return [
        *(filed(number, "monday.csv") for number in (1, 2, 3, 4)),
        Unchanged(7, "5"),
        *(filed(number, "tuesday.csv") for number in (6, 7)),
        Unreadable(
            b"?",
            UnreadableRecord("no row", code="E-COLUMNS"),
            "8",
            {"file": "tuesday.csv", "line": 8},
        ),
        filed(9, "tuesday.csv", left_out="draft"),
    ]


def test_a_file_is_one_batch_however_often_its_position_is_remembered() -> None:
    """Two files, six positions, two batches, each with its own books; nothing is left open."""
    bus = Bus()
    books = once(bus, files())
    monday, tuesday = listed(bus)
    assert (monday.file, monday.books) == ("monday.csv", Books(11, 4, 0, 7, {}, 4))
    assert (tuesday.file, tuesday.books) == ("tuesday.csv", Books(4, 2, 1, 0, {"draft": 1}, 2))
    assert monday.books.add(tuesday.books) == books
    assert not monday.open
    assert not tuesday.open
    assert [batch_of(one.value) for one in bus.of(EVENTS)] == [
        *[monday.batch_id] * 4,
        *[tuesday.batch_id] * 2,
    ]
    assert entries(bus.of(PARKED))[0].batch_id == tuesday.batch_id  # type: ignore[arg-type]


@pytest.mark.parametrize("rows", [1, 3])
def test_the_same_name_again_is_another_batch(rows: int) -> None:
    """A system that writes over its file every day gives a batch every day.

    So too where the position was remembered at the very last row.
    """
    bus = Bus()
    monday = [filed(number, "export.csv") for number in range(rows)]
    once(bus, monday)
    once(bus, [*monday, filed(9, "export.csv")])
    assert [(one.file, one.books.read) for one in listed(bus)] == [
        ("export.csv", rows),
        ("export.csv", 1),
    ]


def test_a_position_that_lags_behind_counts_nothing_twice() -> None:
    """Where one cannot go on within two files, no batch has less than nothing, and sums hold."""
    bus = Bus()
    source = [filed(number, f"{number}.csv")._replace(position=None) for number in range(12)]
    books = once(bus, [filed(99, "first.csv"), *source])
    for message in bus.of(POSITIONS.name):
        found = positions.decode(message.value).batches
        assert all(one.books.read >= 0 and one.books.balanced for one in found)
    assert sum(one.books.read for one in listed(bus)) == books.read


def test_rows_that_are_gone_belong_to_the_file_that_lacks_them() -> None:
    """A withdrawal is told by the later snapshot, though its row is in the earlier one."""
    gone = filed(2, "monday.csv")._replace(context={"file": "monday.csv", "gone_in": "tuesday.csv"})
    bus = Bus()
    once(bus, [filed(1, "tuesday.csv"), gone])
    assert [(one.file, one.books.read) for one in listed(bus)] == [("tuesday.csv", 2)]


def test_without_files_a_batch_is_what_lies_between_two_positions() -> None:
    """Batches of one connector have names that sort by time, begin with its name, never repeat."""
    bus = Bus()
    once(bus, [row(number) for number in range(1, 9)])
    found = listed(bus)
    assert [one.books.read for one in found] == [3, 3, 2]
    names = [one.batch_id for one in found]
    assert names == sorted(set(names))
    assert all(name.startswith("texts-20") for name in names)


def test_many_small_files_are_confirmed_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """A position record holds a bounded number of batches, and none is missing in the end."""
    monkeypatch.setattr(batches, "FINISHED_MAX", 4)
    monkeypatch.setattr(runtime, "BATCH_RECORDS_MAX", 1_000)
    bus = Bus()
    once(bus, [filed(number, f"{number}.csv") for number in range(1, 31)])
    sizes = [len(positions.decode(one.value).batches) for one in bus.of(POSITIONS.name)]
    assert max(sizes) == 5
    assert [one.file for one in listed(bus)] == [f"{number}.csv" for number in range(1, 31)]


def test_no_crash_loses_a_batch_or_counts_a_record_twice() -> None:
    """Killed at any step: batches add up to the books, and each event is of one that is listed."""
    whole = Bus()
    expected = once(whole, files())
    for delivered in (False, True):
        for step in range(1, whole.steps + 1):
            bus = Bus(lambda at, _, step=step: _crash(at, step))
            with pytest.raises(Crash):
                once(bus, files())
            if delivered:
                bus.deliver()
            bus.waiting.clear()
            bus.fault = lambda *_: None
            assert once(bus, files()) == expected
            found = known(bus).batches
            assert len(found) == 2
            books = [one.books for one in found.values()]
            for name in SUMMED:
                total = sum(getattr(one, name) for one in books)
                assert total == getattr(expected, name), (step, name)
            told: dict[str, set[str]] = {}
            for event in bus.events():
                told.setdefault(event.envelope.event_id, set()).add(event.capture.batch_id)
            assert all(names & found.keys() for names in told.values())
            assert {one.file for one in found.values()} == {"monday.csv", "tuesday.csv"}


def _crash(at: int, step: int) -> None:
    if at == step:
        raise Crash


def test_a_batch_that_is_done_is_told_once_it_is_remembered() -> None:
    """Whoever waits for it finds all of it on Kafka; after a start it is told again."""
    bus, told = Bus(), []

    def done(batch: Batch) -> None:
        assert batch in bus.position().batches
        told.append(batch.file)

    for _ in range(2):
        bound = links(bus, batch_done=done)
        run(connector(files()), None, bound, stop=threading.Event(), once=True)
    assert told == ["monday.csv", "tuesday.csv", "tuesday.csv"]


# carrying a revert out


def versions(*told: tuple[int, int]) -> list[Change]:
    """Changes of records: (record, version), each behind its own position."""
    return [
        row(record)._replace(position=f"{number}", version=version, context={"file": f"{version}"})
        for number, (record, version) in enumerate(told)
    ]


def say_version(change: Change) -> Iterator[Draft]:
    """One event, which says its version."""
    yield Draft(TextReceived(change.record["id"], str(change.version)), change.record["id"],
                change.version, SOME_DAY)  # fmt: skip


def read_two() -> Bus:
    """Two files: records 1 to 3, then 2 to 4 again."""
    bus = Bus()
    source = versions(*((n, 1) for n in (1, 2, 3)), *((n, 2) for n in (2, 3, 4)))
    once(bus, source, translate=say_version)
    return bus


def world(bus: Bus) -> World:
    """The world of a revert, over the log in memory."""
    read: Callable[[int], Iterator[Any]] = lambda _: iter(list(bus.of(EVENTS)))  # noqa: E731
    return World(EVENTS, read, bus, CODEC, KEY)


def revert(bus: Bus, batch: str, **told: Any) -> Done:
    """As the command does it."""
    found = known(bus)
    plan = reverting.planned(batch, found, clock.now_us())
    return reverting.carry_out(plan, found, world(bus), clock.now_us, **told)


def texts(bus: Bus) -> dict[str, str | None]:
    """What stands of each record by the log alone: the version of its latest event not void."""
    void: dict[str, int] = {}
    best: dict[str, tuple[int, str]] = {}
    for event in bus.events():
        envelope = event.envelope
        name = envelope.restores or envelope.supersedes
        if name:
            void[name] = max(envelope.revision, void.get(name, 0))
    for event in bus.events():
        envelope = event.envelope
        name = envelope.restores or envelope.event_id
        if envelope.revision % 2 == 0 and void.get(name, 0) % 2 == 0:
            key, version = envelope.origin.record_key, envelope.origin.record_version
            best[key] = max(best.get(key, (0, "")), (version, event.body.service_number))
    return {key: version for key, (_, version) in sorted(best.items())}


def test_a_batch_is_reverted_once_and_its_revert_reverted() -> None:
    """Before, reverted, reverted again (nothing to say), and the revert reverted: as after."""
    bus = read_two()
    _, second = listed(bus)
    after = texts(bus)
    assert after == {"1": "1", "2": "2", "3": "2", "4": "2"}
    done = revert(bus, second.batch_id)
    assert done[1:] == (3, 3, 0, 2, 5)
    assert texts(bus) == {"1": "1", "2": "1", "3": "1"}
    again = revert(bus, second.batch_id)
    assert again == (done.revert_id, 0, 0, 0, 0, 5)
    back = revert(bus, done.revert_id)
    assert back[1:] == (3, 0, 3, 0, 3)
    assert texts(bus) == after
    assert batches.reverted(known(bus).reverts) == {done.revert_id}
    third = revert(bus, second.batch_id)
    assert third.revert_id not in (done.revert_id, back.revert_id)
    assert texts(bus) == {"1": "1", "2": "1", "3": "1"}


def test_a_dry_run_says_the_same_and_does_nothing() -> None:
    """What would be said is counted; neither events nor a record of the revert are sent."""
    bus = read_two()
    before = list(bus.log)
    dry = revert(bus, listed(bus)[1].batch_id, dry_run=True)
    assert bus.log == before
    assert revert(bus, listed(bus)[1].batch_id)[1:] == dry[1:]


def test_the_books_hold_what_a_revert_said() -> None:
    """Every event of a revert is in its books, so published is applied and pending."""
    bus = read_two()
    done = revert(bus, listed(bus)[1].batch_id)
    (one,) = known(bus).reverts.values()
    assert (one.books, one.open) == (Books(events=5), False)
    said = {e.envelope.event_id for e in bus.events() if e.capture.batch_id == done.revert_id}
    assert len(said) == 5


def test_a_revert_that_broke_off_is_finished() -> None:
    """Killed at any step, confirmed or not: the next call ends as if nothing had happened."""
    whole = read_two()
    name = listed(whole)[1].batch_id
    began = whole.steps
    revert(whole, name)
    for delivered in (False, True):
        for step in range(began + 1, whole.steps + 1):
            bus = read_two()
            bus.fault = lambda at, _, step=step: _crash(at, step)
            with pytest.raises(Crash):
                revert(bus, listed(bus)[1].batch_id)
            if delivered:
                bus.deliver()
            bus.waiting.clear()
            bus.fault = lambda *_: None
            revert(bus, listed(bus)[1].batch_id)
            (one,) = known(bus).reverts.values()
            assert (one.books.events, one.open) == (5, False)
            assert texts(bus) == texts(whole)


def test_a_large_batch_is_reverted_in_portions(monkeypatch: pytest.MonkeyPatch) -> None:
    """However few records are held at once, all are said."""
    monkeypatch.setattr(reverting, "RECORDS_AT_ONCE", 2)
    monkeypatch.setattr(reverting, "FLUSH_EVERY", 1)
    bus = read_two()
    assert revert(bus, listed(bus)[1].batch_id)[1:] == (3, 3, 0, 2, 5)
    assert texts(bus) == {"1": "1", "2": "1", "3": "1"}


def test_kafka_away_leaves_the_revert_unfinished_and_known() -> None:
    """The record says that it is not finished, so that nobody takes it for done."""
    bus = read_two()
    steps = bus.steps

    def fault(at: int, name: str) -> None:
        if at > steps + 6:
            raise Unavailable(f"{name} failed")

    bus.fault = fault
    with pytest.raises(Unavailable):
        revert(bus, listed(bus)[1].batch_id)
    (one,) = known(bus).reverts.values()
    assert one.open


def test_no_such_batch_is_said() -> None:
    """A wrong identifier is the caller's fault."""
    with pytest.raises(SettingsError, match="no batch"):
        reverting.planned("b1", Known({}, {}), 1)


def test_what_became_of_the_events_of_a_batch() -> None:
    """The latest of their record, superseded by a later batch, or void."""
    bus = read_two()
    first, second = listed(bus)
    asserted = EventKind.ASSERTED
    latest = Fate("TextReceived", asserted, LATEST)
    assert reverting.fates_of(first, world(bus)) == {
        latest: 1,
        Fate("TextReceived", asserted, SUPERSEDED): 2,
    }
    revert(bus, second.batch_id)
    assert reverting.fates_of(first, world(bus)) == {latest: 3}
    assert reverting.fates_of(second, world(bus)) == {Fate("TextReceived", asserted, VOID): 3}


def test_a_replay_does_not_bring_a_reverted_batch_back() -> None:
    """Its entries stay parked, with the reason, until the revert is reverted."""
    bus = Bus()
    once(bus, [filed(1, "monday.csv"), filed(2, "monday.csv", fail=EncodeError("no"))])
    parked = entries(bus.of(PARKED))  # type: ignore[arg-type]
    made = connector([])
    publisher = Publisher(made, KEY, CODEC, bus)

    def again(reverted: frozenset[str]) -> replay.Outcome:
        (outcome,) = replay.replay(
            parked, made, publisher, bus, now_us=1, reverted=reverted,
            read_again=lambda *_: row(2).record,
        )  # fmt: skip
        return outcome

    (batch,) = listed(bus)
    done = revert(bus, batch.batch_id)
    outcome = again(batches.reverted(known(bus).reverts))
    assert (outcome.code, outcome.done) == ("E-REVERTED", False)
    assert not [e for e in bus.events() if e.envelope.origin.record_key == "2"]
    revert(bus, done.revert_id)
    assert again(batches.reverted(known(bus).reverts)).done


@pytest.mark.parametrize(
    "data", [b"", b"\0", b"\0\0\0\0\1", b"\0\0\0\0\1\x80", b"\0\0\0\0\1\2\2\xff"]
)
def test_what_is_no_event_names_no_batch(data: bytes) -> None:
    """Bytes of others in the topic are passed over."""
    assert batch_of(data) == ""


HEAD = "licenseNumber,licenseType,licenseStatus,givenName,familyName,ssn,dateOfIssuance"
MONDAY = {1: "Ada", 2: "Bo", 3: "Cy", 4: "Di"}
TUESDAY = {1: "Ada Two", 2: "Bo Two", 3: "Cy Two", 5: "Ed"}  # 4 is gone
WEDNESDAY = {1: "Ada Two", 2: "Bo", 3: "Cy Three", 4: "Di", 5: "Ed"}


def snapshot(folder: Path, day: int, names: dict[int, str]) -> Path:
    """One day's snapshot of the register of nurses."""
    rows = [
        f"{number},nurse,active,{name},Example,90000000{number},2024-01-05"
        for number, name in names.items()
    ]
    path = folder / f"professional-2025-01-0{day}.csv"
    path.write_text("\n".join((HEAD, *rows)) + "\n")
    return path


def read_folder(bus: Bus, folder: Path) -> None:
    """Read what is new in the folder."""

    def position() -> positions.Position:
        return positions.latest(bus.of(POSITIONS.name)).get("licensing", positions.Position())

    bound = Links(bus, CODEC, KEY, position)  # type: ignore[arg-type]
    own = CONNECTOR.settings(folder)
    run(CONNECTOR, own, bound, stop=threading.Event(), once=True)


def claimed(bus: Bus) -> list[str]:
    """What stands of each record: the names, sorted."""
    records: dict[str, list[Any]] = {}
    for message in bus.of(events_topic("licensing")):
        event = CODEC.decode(message.value)
        records.setdefault(event.envelope.origin.record_id, []).append(event)  # type: ignore[union-attr]
    return sorted(
        repr(now.claim)
        for events in records.values()
        for state in told(events).values()
        if (now := subjects.current(state)) is not None  # type: ignore[arg-type]
    )


def test_a_reverted_snapshot_taken_away_leaves_the_others(tmp_path: Path) -> None:
    """Reverted, the file removed, the position reset: as if only the other snapshots had come.

    Without the reset, what the reverted one told rightly would be missing: the next was compared
    with it.
    """
    folder, other = tmp_path / "drop", tmp_path / "other"
    folder.mkdir()
    other.mkdir()
    bus, wanted = Bus(), Bus()
    files = [snapshot(folder, day, names)
             for day, names in enumerate((MONDAY, TUESDAY, WEDNESDAY), 6)]  # fmt: skip
    read_folder(bus, folder)
    snapshot(other, 6, MONDAY)
    snapshot(other, 8, WEDNESDAY)
    read_folder(wanted, other)
    last = positions.latest(bus.of(POSITIONS.name))["licensing"]
    found = Known({one.batch_id: one for one in batches.listed(
        batches.latest(bus.of(BATCHES.name)).values(), last.batches)}, {})  # fmt: skip
    (tuesday,) = [one for one in found.batches.values() if "07" in one.file]
    plan = reverting.planned(tuesday.batch_id, found, clock.now_us())
    topic = events_topic("licensing")
    read: Callable[[int], Iterator[Any]] = lambda _: iter(list(bus.of(topic)))  # noqa: E731
    reverting.carry_out(plan, found, World(topic, read, bus, CODEC, KEY), clock.now_us)
    assert claimed(bus) != claimed(wanted)
    files[1].unlink()
    reset = positions.latest(bus.of(POSITIONS.name))["licensing"]._replace(text=None)
    bus.send(POSITIONS.name, b"licensing", reset.encode())
    bus.flush()
    read_folder(bus, folder)
    assert claimed(bus) == claimed(wanted)
