"""One connector under control, while its worker holds the lease: wanted here, told there.

The connector runs in one thread; another follows what is wanted and tells how it is (attend.py).
What they share is here, behind a lock. No Kafka and no clock of its own: a test moves both.
"""

import dataclasses
import threading
from collections.abc import Callable, Mapping
from typing import NamedTuple

from hub import clock
from hub.bus.lease import Lease
from hub.connect.control.throttle import Throttle
from hub.connect.control.told import State, Told, trace_of
from hub.connect.control.wanted import NEVER, Wanted
from hub.connect.progress import Progress
from hub.errors import ContractBreach, Fenced, SettingsError, Unavailable
from hub.telemetry.metrics import Health
from hub.telemetry.signals_control import ConnectorFailed, ConnectorRestarted, HeldByRateLimit

TURN_S = 0.3
AWAY_FAILED_S = 60.0
"""A source that does not answer for so long is told as FAILED; it is asked again all the same."""
RETRY_FIRST_S = 60.0
RETRY_MAX_S = 3_600.0


class Failure(NamedTuple):
    """Why the connector does not run, and when it is tried again by itself: None for never."""

    trace: str
    again_at_s: float | None


class Control:
    """What the run of a connector and the thread that attends to it share."""

    def __init__(
        self,
        name: str,
        stop: threading.Event,
        health: Health,
        lease: Lease | None = None,
        throttle: Throttle | None = None,
        now_s: Callable[[], float] = clock.monotonic_s,
    ) -> None:
        """Nobody has asked anything yet, and it does not run."""
        self.name = name
        self.throttle = throttle or Throttle()
        self.progress = Progress()
        self.pause = threading.Event()
        self.halt = threading.Event()
        """The run must end: a restart, a state at rest, or the process stops."""
        self._stop = stop
        self._health = health
        self._lease = lease
        self._now_s = now_s
        self._lock = threading.RLock()
        self._wanted = Wanted()
        self._setting_per_s = self.throttle.rate_per_s
        self._config: Mapping[str, str] = {}
        self._running = False
        self._reading = False
        self._failure: Failure | None = None
        self._failures = 0
        self._away_since_s: float | None = None
        self._restart_done = NEVER
        self._reset_done = NEVER
        self._restarts = 0
        self._restarted_at_us = 0

    def configure(self, config: Mapping[str, str], rate_per_s: float) -> None:
        """What the settings say: to be told, and the limit where nobody asks for another."""
        with self._lock:
            self._config, self._setting_per_s = config, rate_per_s
            self.want(self._wanted)

    def go_on(self, earlier: Told | None, wanted: Wanted) -> None:
        """Take over from an earlier worker; a start is what a restart asked before it wants."""
        with self._lock:
            if earlier is not None:
                self._restarts = earlier.restarts
                self._restarted_at_us = earlier.restarted_at_us
                self._restart_done, self._reset_done = earlier.restart_done, earlier.reset_done
                self.progress.last_event_at_us = earlier.last_event_at_us
            self.want(wanted)

    def want(self, wanted: Wanted) -> None:
        """Heed what is wanted now."""
        with self._lock:
            self._wanted = wanted
            limit = wanted.rate_records_per_s
            self.throttle.rate_per_s = self._setting_per_s if limit is None else limit
            (self.pause.clear if wanted.target == "RUNNING" else self.pause.set)()
            if wanted.restart > self._restart_done and wanted.only_failed and not self._is_failed():
                self._restart_done = wanted.restart  # it runs well: nothing to do
            self._look()

    def _look(self) -> None:
        """End the run where it must end."""
        asked = self._wanted.restart > self._restart_done
        if self._stop.is_set() or self._wanted.at_rest or asked:
            self.halt.set()

    def _is_failed(self) -> bool:
        return self._failure is not None or self._away_too_long()

    def _away_too_long(self) -> bool:
        since_s = self._away_since_s
        return since_s is not None and self._now_s() - since_s >= AWAY_FAILED_S

    # the thread of the run

    def supervise(self, run: Callable[[], object], reset: Callable[[], None]) -> None:
        """Call `run` whenever the connector is wanted, until the process stops.

        `run` ends when `halt` is set. What it raises makes the connector FAILED until a restart is
        asked for; a fault nobody foresaw is tried again by itself too. Fenced and Unavailable pass.
        `reset` forgets the position; it is called at rest only.
        """
        while not self._stop.is_set():
            if self._rests(reset):
                self._idle("" if self._failure is None else "failed; see its status")
                continue
            self._begin()
            try:
                run()
            except (Fenced, Unavailable):
                raise
            except Exception as error:  # noqa: BLE001 - told with its trace, and not hidden
                self._fail(error)
            finally:
                self._running = False

    def _rests(self, reset: Callable[[], None]) -> bool:
        """Whether nothing is to be run now."""
        with self._lock:
            at_rest, failure = self._wanted.at_rest, self._failure
            if at_rest:
                self._failure, self._failures = None, 0
            elif failure is not None and self._wanted.restart <= self._restart_done:
                return failure.again_at_s is None or self._now_s() < failure.again_at_s
        if at_rest and self._wanted.reset > self._reset_done:
            asked = self._wanted.reset
            reset()
            self._reset_done = asked
        return at_rest

    def _begin(self) -> None:
        with self._lock:
            asked = self._wanted.restart > self._restart_done
            if asked or self._failure is not None:
                self._restarts += 1
                ConnectorRestarted(self.name).emit()
            self._failures = 0 if asked else self._failures
            self._restart_done = self._wanted.restart
            self._restarted_at_us = clock.now_us()
            self._failure = None
            self._away_since_s = None
            self.halt.clear()
            self._look()
            self._running = True

    def _fail(self, error: Exception) -> None:
        """A broken promise or wrong settings wait for a person; other faults are tried again."""
        with self._lock:
            told = trace_of(error)
            again_at_s = None
            if not isinstance(error, (ContractBreach, SettingsError)):
                wait_s = min(RETRY_FIRST_S * 2.0**self._failures, RETRY_MAX_S)
                self._failures = min(self._failures + 1, 30)
                again_at_s = self._now_s() + wait_s
            self._failure = Failure(told, again_at_s)
        ConnectorFailed(self.name, told).emit()

    def _idle(self, reason_not_ready: str) -> None:
        self._health.turn(reason_not_ready)
        if self._lease is not None:
            self._lease.check()
        self._stop.wait(TURN_S)

    def interrupted(self) -> bool:
        """Whether a reading ought to end soon."""
        return self.halt.is_set() or self.pause.is_set()

    def rest(self, seconds: float) -> None:
        """Wait for the rate limit, holding the lease; Fenced where it is lost."""
        HeldByRateLimit(self.name, seconds).emit()
        until_s = self._now_s() + seconds
        while (left_s := until_s - self._now_s()) > 0 and not self.interrupted():
            if left_s > TURN_S:
                self._health.turn()
                if self._lease is not None:
                    self._lease.check()
            self.halt.wait(min(left_s, TURN_S))

    def reading(self, reads: bool) -> None:
        """The source is read from now on, or not any more."""
        self._reading = reads

    def unready(self) -> str:
        """Why nothing pushed can be taken now; empty where it can."""
        with self._lock:
            if not self._running:
                return "the connector does not run; send it again"
            if self.pause.is_set():
                return f"the connector is {self._wanted.target.lower()}; send it again"
        return ""

    def refusal(self, count: int) -> tuple[str, float]:
        """Why so many pushed records are not taken and when to come again; empty: they are."""
        if reason := self.unready():
            return reason, 0.0
        if wait_s := self.throttle.admit(count):
            self.throttle.held_s += wait_s
            HeldByRateLimit(self.name, wait_s).emit()
            return "over the connector's rate limit; send it again", wait_s
        return "", 0.0

    # the thread that attends

    def observe(self) -> None:
        """Look how long the source has been away, and whether the process stops."""
        with self._lock:
            reason = self._reason()
            if not reason or not self._running or self.pause.is_set():
                self._away_since_s = None
            elif self._away_since_s is None:
                self._away_since_s = self._now_s()
            self._look()

    def _reason(self) -> str:
        ready, reason = self._health.ready()
        return "" if ready else reason

    def state(self) -> tuple[State, str, str]:
        """The state, why it is so, and the trace of a failure."""
        with self._lock:
            if self._failure is not None:
                return State.FAILED, _again(self._failure, self._now_s()), self._failure.trace
            if self._wanted.at_rest and not self._running:
                return State.STOPPED, "", ""
            alive, silence = self._health.alive()
            if not alive:
                trace = f"E-STALLED: {silence}. The process has to be ended and started again"
                return State.FAILED, silence, trace
            reason = self._reason()
            if self._away_too_long():
                return State.FAILED, reason, f"E-SOURCE: {reason}. It is asked again all the time"
            if self._wanted.target == "PAUSED" and not self._reading:
                return State.PAUSED, "", ""
            return State.RUNNING, reason, ""

    def told(self, told: Told) -> Told:
        """What is to be told now, over what stays the same."""
        with self._lock:
            state, reason, trace = self.state()
            return dataclasses.replace(
                told,
                state=state,
                reason=reason,
                trace=trace,
                told_at_us=clock.now_us(),
                restarts=self._restarts,
                restarted_at_us=self._restarted_at_us,
                last_event_at_us=self.progress.last_event_at_us,
                caught_up_at_us=self.progress.caught_up_at_us,
                restart_done=self._restart_done,
                reset_done=self._reset_done,
                rate_records_per_s=self.throttle.rate_per_s,
                held_s=round(self.throttle.held_s, 3),
                config=self._config,
            )


def _again(failure: Failure, now_s: float) -> str:
    """What happens next; rounded up to minutes, so that it does not change at each look."""
    if failure.again_at_s is None:
        return "it waits for a restart"
    minutes = max(0, int((failure.again_at_s - now_s) // 60)) + 1
    return f"it is tried again within {minutes} min; a restart does it at once"
