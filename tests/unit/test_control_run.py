"""A connector under control: runs, rests, fails, is restarted; and what its worker tells."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from typing import Any

import pytest
from control_log import Log

from hub.bus.topics import STATUS
from hub.connect.contract import Change, Checkpoint, Connector, Item, Record, Unchanged
from hub.connect.control import attend, told, wanted
from hub.connect.control.ask import Asker
from hub.connect.control.control import AWAY_FAILED_S, RETRY_FIRST_S, Control
from hub.connect.control.throttle import Throttle, paced
from hub.connect.control.told import State, Told
from hub.connect.control.wanted import Target, Wanted
from hub.errors import ContractBreach, Fenced, Unavailable
from hub.telemetry.metrics import STALLED_AFTER_S, Health

LIMIT_S = 10.0


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        """At 100 s."""
        self.at_s = 100.0

    def __call__(self) -> float:
        """Now."""
        return self.at_s


class Worker:
    """A control whose connector does what `does` says, in a thread of its own."""

    def __init__(self) -> None:
        """Nothing runs yet."""
        self.stop = threading.Event()
        self.clock = Clock()
        self.health = Health()
        self.control = Control("texts", self.stop, self.health, now_s=self.clock)
        self.does: Callable[[], None] = self.wait
        self.runs = 0
        self.resets = 0
        self.ended: BaseException | None = None
        self._thread = threading.Thread(target=self._work, daemon=True)

    def wait(self) -> None:
        """Run until halted."""
        while not self.control.halt.wait(0.01):
            self.health.turn()

    def _run(self) -> None:
        self.runs += 1
        self.does()

    def _reset(self) -> None:
        self.resets += 1

    def _work(self) -> None:
        try:
            self.control.supervise(self._run, self._reset)
        except BaseException as error:  # noqa: BLE001 - looked at by the test
            self.ended = error

    def start(self) -> None:
        """Begin to supervise."""
        self._thread.start()

    def end(self) -> None:
        """Stop and wait."""
        self.stop.set()
        self.control.halt.set()
        self._thread.join(LIMIT_S)
        assert not self._thread.is_alive()

    def is_(self, state: State) -> bool:
        """Whether it is in a state."""
        self.control.observe()
        return self.control.state()[0] is state


@pytest.fixture
def worker() -> Iterator[Worker]:
    """A worker, stopped afterwards."""
    made = Worker()
    yield made
    if made._thread.ident is not None:
        made.end()


def until(holds: Callable[[], bool]) -> None:
    """Wait until something holds."""
    deadline = time.monotonic() + LIMIT_S
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def breach() -> None:
    """Break a promise."""
    raise ContractBreach("a column is gone", code="E-SCHEMA", remedy="ask")


def test_a_broken_promise_waits_for_a_restart(worker: Worker) -> None:
    """FAILED with its trace, however long; a restart runs it again and is counted."""
    worker.does = breach
    worker.start()
    until(lambda: worker.is_(State.FAILED))
    assert worker.control.state()[2] == "E-SCHEMA: a column is gone. ask"
    assert not worker.health.ready()[0]
    worker.clock.at_s += 1e6
    time.sleep(0.5)
    assert worker.runs == 1
    worker.does = worker.wait
    worker.control.want(Wanted(restart=5))
    until(lambda: worker.is_(State.RUNNING))
    said = worker.control.told(BLANK)
    assert (worker.runs, said.restarts, said.restart_done) == (2, 1, 5)


BLANK = Told(State.UNASSIGNED, "w", 1, 0, 4.0)


def test_a_fault_nobody_foresaw_is_tried_again_ever_later(worker: Worker) -> None:
    """FAILED in between, without the text of the error; the wait doubles."""

    def fails() -> None:
        raise RuntimeError("Jane Doe")

    worker.does = fails
    worker.start()
    until(lambda: worker.is_(State.FAILED))
    assert "Jane" not in worker.control.state()[2]
    worker.clock.at_s += RETRY_FIRST_S
    until(lambda: worker.runs == 2)
    until(lambda: worker.is_(State.FAILED))
    worker.clock.at_s += RETRY_FIRST_S
    time.sleep(0.5)
    assert worker.runs == 2
    worker.clock.at_s += RETRY_FIRST_S
    until(lambda: worker.runs == 3)
    assert worker.control.told(BLANK).restarts == 2


def test_restarts_of_what_failed_only_leave_a_running_one_alone(worker: Worker) -> None:
    """It is taken note of and nothing is restarted; without the flag it is."""
    worker.start()
    until(lambda: worker.runs == 1)
    worker.control.want(Wanted(restart=3, only_failed=True))
    assert worker.control.told(BLANK).restart_done == 3
    assert not worker.control.halt.is_set()
    worker.control.want(Wanted(restart=4))
    until(lambda: worker.runs == 2)


def test_stopped_ends_the_run_and_running_begins_it_again(worker: Worker) -> None:
    """STOPPED is told only once the run has ended; the position is forgotten only then, once."""
    leave = threading.Event()

    def slow() -> None:
        worker.control.halt.wait(LIMIT_S)
        leave.wait(LIMIT_S)

    worker.does = slow
    worker.start()
    until(lambda: worker.runs == 1)
    worker.control.want(Wanted(Target.STOPPED, reset=9))
    assert worker.is_(State.RUNNING)
    assert worker.resets == 0
    leave.set()
    until(lambda: worker.is_(State.STOPPED) and worker.resets == 1)
    assert worker.control.told(BLANK).reset_done == 9
    worker.control.want(Wanted(Target.DELETED, reset=9))
    time.sleep(0.4)
    assert (worker.runs, worker.resets) == (1, 1)
    worker.does = worker.wait
    worker.control.want(Wanted(reset=9))
    until(lambda: worker.is_(State.RUNNING) and worker.runs == 2)


def test_paused_is_told_once_nothing_is_read(worker: Worker) -> None:
    """A reading that has not ended yet is no pause."""
    worker.start()
    until(lambda: worker.runs == 1)
    worker.control.reading(True)
    worker.control.want(Wanted(Target.PAUSED))
    assert worker.control.interrupted()
    assert worker.is_(State.RUNNING)
    worker.control.reading(False)
    assert worker.is_(State.PAUSED)
    worker.control.want(Wanted())
    assert worker.is_(State.RUNNING)
    assert worker.runs == 1


def test_a_source_away_too_long_is_told_as_failed(worker: Worker) -> None:
    """RUNNING with the reason at first, FAILED after AWAY_FAILED_S, RUNNING when it answers."""
    worker.does = lambda: worker.control.halt.wait(LIMIT_S) and None
    worker.start()
    until(lambda: worker.runs == 1)
    worker.health.turn("the service does not answer")
    worker.control.observe()
    assert worker.control.state()[:2] == (State.RUNNING, "the service does not answer")
    worker.clock.at_s += AWAY_FAILED_S
    assert worker.control.state()[2].startswith("E-SOURCE: the service does not answer")
    assert worker.is_(State.FAILED)
    worker.health.turn()
    assert worker.is_(State.RUNNING)


def test_a_loop_that_hangs_is_no_running_one(
    worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """FAILED as soon as the loop has not turned for as long as liveness allows."""
    worker.does = lambda: worker.control.halt.wait(LIMIT_S) and None
    worker.start()
    until(lambda: worker.runs == 1)
    worker.health.turn()
    now_s = time.monotonic()
    monkeypatch.setattr("hub.clock.monotonic_s", lambda: now_s + STALLED_AFTER_S + 1)
    assert worker.control.state()[2].startswith("E-STALLED")


@pytest.mark.parametrize("error", [Fenced("another"), Unavailable("away")])
def test_a_lost_lease_ends_it(worker: Worker, error: Exception) -> None:
    """Fenced and Unavailable are for whoever holds the lease, not for a restart."""

    def ends() -> None:
        raise error

    worker.does = ends
    worker.start()
    until(lambda: worker.ended is error)


def test_the_limit_asked_for_stands_over_the_setting() -> None:
    """Taken back, the setting holds again."""
    control = Control("texts", threading.Event(), Health(), throttle=Throttle(5.0))
    control.want(Wanted(rate_records_per_s=7.0))
    control.configure({"folder": "/in"}, 6.0)
    assert control.throttle.rate_per_s == 7.0
    control.want(Wanted())
    assert control.throttle.rate_per_s == 6.0
    assert control.told(BLANK).config == {"folder": "/in"}


def source(count: int) -> Connector:
    """A connector of so many changes with positions, one in three without news."""

    def changes(_: Any, after: str | None) -> Iterator[Item]:
        for number in range(int(after or 0) + 1, count + 1):
            yield Change(Record(id=str(number)), b"", str(number))
            yield Unchanged(5)

    made: Any = Connector
    return made("texts", "o", "s", "p", "messaging", object, lambda _: (), (), changes)  # type: ignore[no-any-return]


def test_a_paced_source_gives_the_same_with_waits_between() -> None:
    """All items in order; what is confirmed before a long wait is what was read."""
    at, rests = Clock(), []
    throttle = Throttle(1.0, at)

    def rest(seconds: float) -> None:
        rests.append(seconds)
        at.at_s += seconds

    made = paced(source(5), throttle, lambda: False, rest)
    assert made.changes is not None
    items = list(made.changes(None, None))
    assert [one for one in items if not isinstance(one, Checkpoint)] == list(
        source(5).changes(None, None)  # type: ignore[misc]
    )
    assert sum(rests) == pytest.approx(4.0, abs=0.2)
    assert throttle.held_s == pytest.approx(sum(rests))
    for before, one in pairwise(items):
        if isinstance(one, Checkpoint):
            assert one.position == before.position


def test_an_interrupted_reading_offers_an_end_after_the_next_change() -> None:
    """The runtime ends a reading at a checkpoint: one follows at once."""
    asked = threading.Event()
    reads: list[bool] = []
    made = paced(source(100), Throttle(), asked.is_set, lambda _: None, reads.append)
    assert made.changes is not None
    reading: Any = made.changes(None, "40")
    next(reading)
    asked.set()
    following = [next(reading) for _ in range(4)]
    assert Checkpoint("42") in following
    reading.close()
    assert reads == [True, False]


@contextmanager
def attended(log: Log, stop: threading.Event) -> Iterator[Control]:
    """A connector attended to, over the list in memory."""
    control = Control("texts", stop, Health())
    control._health.turn()
    with attend.attended(control, "", {}, ("t",)) as made:
        yield made


def statuses(log: Log) -> list[Told]:
    """All that was told."""
    found = [told.read(one) for one in log.messages if one.topic == STATUS.name]
    return [one[1] for one in found if one]


def test_a_worker_tells_changes_at_once_and_heartbeats_seldom(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What is asked is heeded; each word has the term; the last is a good-bye."""
    log, stop = Log(monkeypatch), threading.Event()
    asker = Asker("", {})
    monkeypatch.setattr(attend, "HEARTBEAT_S", 0.3)
    with attended(log, stop) as control:
        until(lambda: len(statuses(log)) >= 3)
        asker.ask(wanted.state("texts", Target.PAUSED), wanted.state("other", Target.STOPPED))
        until(lambda: statuses(log)[-1].state is State.PAUSED)
        assert control.pause.is_set()
        log.write(STATUS.name, b"texts", b"no status")
        asker.ask(wanted.rate("texts", 5.0))
        until(lambda: statuses(log)[-1].rate_records_per_s == 5.0)
    assert [one.term for one in statuses(log)] == [1] * len(statuses(log))
    assert statuses(log)[-1].state is State.UNASSIGNED
    with attended(log, stop) as control:
        assert control.pause.is_set()  # what was asked of the last worker holds for the next
        until(lambda: statuses(log)[-1].term == 2)


def test_a_worker_outlives_a_kafka_that_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """What cannot be told is told later; the process can still be stopped meanwhile."""
    log, stop = Log(monkeypatch), threading.Event()
    with attended(log, stop) as control:
        until(lambda: bool(statuses(log)))
        log.down = True
        control.want(Wanted(Target.PAUSED))
        time.sleep(0.5)
        log.down = False
        until(lambda: statuses(log)[-1].state is State.PAUSED)
        log.down = True
        stop.set()
        until(control.halt.is_set)


def test_who_lost_the_lease_says_no_good_bye(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another worker tells now; a late word of this one would be a lie."""
    log = Log(monkeypatch)

    def loses_it() -> None:
        with attended(log, threading.Event()):
            until(lambda: bool(statuses(log)))
            raise Fenced("another worker")

    with pytest.raises(Fenced):
        loses_it()
    assert State.UNASSIGNED not in {one.state for one in statuses(log)}
