"""Checks of how a connector reads: positions, repeats, outages, endings."""

import gc
import threading
from collections.abc import Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Any, cast

from hub import clock
from hub.canon.model import EventKind
from hub.connect.conformance import reading
from hub.connect.conformance.outcome import fail, skip
from hub.connect.conformance.reading import Told
from hub.connect.conformance.stand import Source, Subject
from hub.connect.contract import Change, Unreadable
from hub.errors import SourceUnavailable

STOPS_MAX = 100
CUTS_MAX = 10
CLOSE_S_MAX = 2.0
SETTLE_S = 2.0
TICK_S = 0.02
_DESCRIPTORS = (Path("/proc/self/fd"), Path("/dev/fd"))


def _asked(subject: Subject, source: Source) -> None:
    if subject.connector.changes is None:
        skip("it is pushed to: the sender repeats what was not answered")
    if not source.real:
        skip("the samples are records: reading needs the real server")


def _stops(count: int) -> list[int]:
    """After which items to stop: all, or as many as there is time for."""
    step = max(1, -(-count // STOPS_MAX))
    return sorted({*range(1, count + 1, step), count} - {0})


def resume(subject: Subject) -> None:
    """Stopped after any item and started again, nothing is missing and nothing else is told."""
    with subject.stand() as source:
        _asked(subject, source)
        said = reading.read(subject.connector, source)
        for stop in _stops(len(said)):
            _resumed(subject, source, said, said[:stop])


def _resumed(subject: Subject, source: Source, whole: list[Told], before: list[Told]) -> None:
    wanted, found = _traces(whole), _resumed_after(subject, source, before)
    if lost := wanted - found:
        fail(
            f"{len(lost)} of {len(wanted)} outcomes are lost when it is stopped there",
            before[-1].where,
            "a position may say no more than: all up to and including this item was told",
        )
    if new := found - wanted:
        fail(
            f"{len(new)} outcomes are told again as something else after a stop there",
            before[-1].where,
            "key and version may not depend on where the reading began",
        )


def _resumed_after(subject: Subject, source: Source, before: list[Told]) -> set[object]:
    """All outcomes of a reading that stopped there and of the one after it."""
    rest = reading.read(subject.connector, source, reading.last_position(before))
    return _traces([*before, *rest])


def _traces(said: list[Told]) -> set[object]:
    """What is left of items on Kafka: events by identifier, refused originals by their bytes."""
    found: set[object] = set(reading.events(said))
    for told in said:
        if told.error is not None and isinstance(told.item, Change | Unreadable):
            found.add(told.item.raw)
    return found


def again(subject: Subject) -> None:
    """What was told is not told again: read on from the end, or delivered once more."""
    with subject.stand() as source:
        _asked(subject, source)
        first = reading.read(subject.connector, source)
        at = reading.last_position(first)
        if at is None:
            fail(
                "no item has a position",
                "the end",
                "give positions, at the latest on the last item",
            )
        known = reading.events(first)
        if reading.events(reading.read(subject.connector, source, at)):
            fail("read on from the end it tells something", "the end", "remember what was told")
        if source.repeat is None:
            return
        source.repeat()
        later = reading.events(reading.read(subject.connector, source, at))
        if new := later.keys() - known.keys():
            fail(
                f"the last delivery, come once more, gives {len(new)} new events",
                "repeated delivery",
                "take the version from the record, or compare with the last delivery",
            )


def versions(subject: Subject) -> None:
    """A later state of a record has a higher version."""
    with subject.stand() as source:
        _asked(subject, source)
        said = reading.read(subject.connector, source)
    last: dict[tuple[str, type], Any] = {}
    states = 0
    for told in said:
        for draft in told.drafts:
            name = (draft.record_key, type(draft.body))
            before = last.get(name)
            last[name] = draft
            if before is None or _same(before, draft):
                continue
            states += 1
            if draft.record_version < before.record_version:
                fail(
                    f"a later {type(draft.body).__name__} of a record has a lower version",
                    told.where,
                    "record_version must grow with the states of a record: a number, not a text",
                )
    if not states:
        skip("no record of the samples has two states: record one that changes")


def _same(before: Any, after: Any) -> bool:
    plain = {"record_version": 0, "kind": EventKind.ASSERTED}
    return bool(before._replace(**plain) == after._replace(**plain)) and (
        EventKind.WITHDRAWN not in (before.kind, after.kind)
    )


def broken(subject: Subject) -> None:
    """A broken record costs only itself, and is in quarantine byte for byte."""
    way = 0
    while _broken(subject, way):
        way += 1
    if not way:
        skip("the stand cannot break a record of these samples")


def _broken(subject: Subject, way: int) -> bool:
    """Read with one record broken in this way; False where there is no such way."""
    with subject.stand() as source:
        if source.spoil is None:
            return False
        said = reading.read(subject.connector, source)
    for told in reversed([one for one in reading.changes(said) if one.drafts]):
        with subject.stand() as source:
            if source.spoil is None or (raw := source.spoil(told.change, way)) is None:
                continue
            try:
                found = reading.read(subject.connector, source)
            except Exception as error:  # noqa: BLE001 - whatever a reading dies of is the finding
                fail(
                    f"one broken record ends the reading with {type(error).__name__}",
                    told.where,
                    "yield Unreadable(raw, error) for it and read on",
                )
        _cost_only_itself(said, told, found, raw)
        return True
    return False


def _cost_only_itself(said: list[Told], told: Told, found: list[Told], raw: bytes) -> None:
    wanted = reading.events([one for one in said if one is not told])
    if reading.events(found).keys() != wanted.keys():
        fail(
            "one broken record takes others with it, or is understood",
            told.where,
            "yield Unreadable(raw, error) for it and read on",
        )
    kept = [
        one.item.raw
        for one in found
        if one.error is not None and isinstance(one.item, Change | Unreadable)
    ]
    if kept.count(raw) != 1:
        fail(
            "the broken record is not in quarantine byte for byte",
            told.where,
            "give the original bytes as raw",
        )


def stops(subject: Subject) -> None:
    """Closed at any item, it ends in time and leaves no connection, file or thread open."""
    with subject.stand() as source:
        _asked(subject, source)
        count = len(reading.read(subject.connector, source))
        for stop in sorted({1, count // 2, count} - {0}):
            _ended(source, stop)


def _ended(source: Source, stop: int) -> None:
    gc.collect()
    before = _open()
    items = cast("Any", source.read(None))
    for _ in range(stop):
        next(items, None)
    closing_ = threading.Thread(target=items.close, daemon=True)
    closing_.start()
    closing_.join(CLOSE_S_MAX)
    where = f"item {stop}"
    if closing_.is_alive():
        fail(
            f"closed, the reading takes longer than {CLOSE_S_MAX:.0f} s",
            where,
            "wait nowhere without a limit; let GeneratorExit through",
        )
    del items, closing_
    until_s = clock.monotonic_s() + SETTLE_S
    while (left := _open()) > before and clock.monotonic_s() < until_s:
        clock.sleep_s(TICK_S)
    if left > before:
        fail(
            "closed, the reading leaves files, connections or threads open",
            where,
            "open them in a with statement inside changes",
        )


def _open() -> int:
    """How many descriptors and threads this process has."""
    here = next((path for path in _DESCRIPTORS if path.is_dir()), None)
    return threading.active_count() + (len(list(here.iterdir())) if here else 0)


def unavailable(subject: Subject) -> None:
    """A system that is away is asked again from the same position: nothing is lost."""
    with subject.stand() as source:
        _asked(subject, source)
        if source.away is None:
            skip("the stand cannot take the system away")
        said = reading.read(subject.connector, source)
        with source.away():
            told, error = _until_error(source, None)
        if not isinstance(error, SourceUnavailable):
            what = type(error).__name__ if error else f"{told} items and no error"
            fail(
                f"while the system is away, reading gives {what}",
                "the beginning",
                "raise SourceUnavailable for everything that passes by itself",
            )
        for cut in _stops(len(said))[:: max(1, len(said) // CUTS_MAX)]:
            _cut_off(subject, source, said, cut)


def _until_error(source: Source, after: str | None) -> tuple[int, Exception | None]:
    count = 0
    try:
        with closing(cast("Any", source.read(after))) as items:
            for _ in items:
                count += 1
    except Exception as error:  # noqa: BLE001 - what it raises is what is looked at
        return count, error
    return count, None


def _cut_off(subject: Subject, source: Source, said: list[Told], cut: int) -> None:
    """The system goes away after so many items of a reading."""
    made, before = reading.publisher(subject.connector), list[Told]()
    away = source.away
    assert away is not None  # noqa: S101 - asked before
    try:
        with closing(cast("Any", source.read(None))) as items:
            for number, item in enumerate(_then_away(items, away, cut), 1):
                before.append(reading.tell(made, item, number))
    except SourceUnavailable:
        pass
    except Exception as error:  # noqa: BLE001 - what it raises is what is looked at
        fail(
            f"a system that goes away in the middle ends the reading with {type(error).__name__}",
            f"item {len(before) + 1}",
            "raise SourceUnavailable for everything that passes by itself",
        )
    plain = _resumed_after(subject, source, said[: len(before)])
    if lost := plain - _resumed_after(subject, source, before):
        fail(
            f"an outage loses {len(lost)} outcomes", f"item {len(before)}", "move no position then"
        )


def _then_away(items: Iterator[Any], away: Any, count: int) -> Iterator[Any]:
    for _ in range(count):
        yield next(items)
    with away():
        yield from items


def acknowledges(subject: Subject) -> None:
    """Nothing is forgotten before it is acknowledged, and no more than the position says."""
    if subject.connector.acknowledge is None:
        skip("its source forgets nothing: there is no acknowledge")
    with subject.stand() as source:
        _asked(subject, source)
        said = reading.read(subject.connector, source)
        if _traces(reading.read(subject.connector, source)) != _traces(said):
            fail(
                "what was read and not acknowledged is gone",
                "the beginning",
                "let the system forget in acknowledge only",
            )
    for stop in _stops(len(said)):
        with subject.stand() as source:
            plain = _resumed_after(subject, source, said[:stop])
        with subject.stand() as source:
            before = _confirmed(subject, source, stop)
            if lost := plain - _resumed_after(subject, source, before):
                fail(
                    f"{len(lost)} outcomes are forgotten that the position does not cover",
                    before[-1].where,
                    "acknowledge up to the position given, and no further",
                )


def _confirmed(subject: Subject, source: Source, stop: int) -> list[Told]:
    """Read so many items, and acknowledge the last position while the reading is open, twice."""
    made, said = reading.publisher(subject.connector), list[Told]()
    with closing(cast("Any", source.read(None))) as items:
        for number, item in enumerate(islice(items, stop), 1):
            said.append(reading.tell(made, item, number))
        position = reading.last_position(said)
        if position is not None and subject.connector.acknowledge is not None:
            subject.connector.acknowledge(source.settings, position)
            subject.connector.acknowledge(source.settings, position)
    return said
