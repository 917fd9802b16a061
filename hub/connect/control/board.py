"""What is wanted and told of every connector now: a memory of two topics, no truth of its own."""

import threading
from collections.abc import Callable, Mapping
from typing import NamedTuple

from hub import clock
from hub.bus.follow import Follower
from hub.bus.reader import Message
from hub.bus.topics import CONTROL, STATUS
from hub.connect.control import told, wanted
from hub.connect.control.told import Told
from hub.connect.control.wanted import Kind, Target, Wanted
from hub.errors import Unavailable
from hub.telemetry.signals_control import ControlIgnored

TURN_S = 0.2
ASK_EVERY_S = 2.0
ANSWER_WAIT_S = 1.5
SILENCE_S = 8.0
"""A Kafka that has not answered for so long is told to be away."""
HEARTBEATS_MISSED_MAX = 3
START_WAIT_S = 30.0


class Heard(NamedTuple):
    """The last word about a connector and when it was heard, by the monotonic clock."""

    told: Told
    at_s: float

    def silent(self, now_s: float) -> bool:
        """Whether so many heartbeats are missing that the worker is taken for dead."""
        return now_s - self.at_s > self.told.heartbeat_s * HEARTBEATS_MISSED_MAX


class Seen(NamedTuple):
    """All that is known of one connector: asked, told, and how long ago it was told."""

    name: str
    wanted: Wanted
    told: Told | None
    silent_s: float

    @property
    def stale(self) -> bool:
        """Whether what was told cannot be relied on any more."""
        limit_s = 0.0 if self.told is None else self.told.heartbeat_s * HEARTBEATS_MISSED_MAX
        return self.silent_s > limit_s


class Board:
    """Follows the control and the status topic in a thread of its own."""

    def __init__(self, bootstrap_servers: str, kafka: Mapping[str, str]) -> None:
        """Nothing is read before `start`."""
        self._follower = Follower(bootstrap_servers, kafka, [CONTROL, STATUS], "civic-board")
        self._wanted: dict[str, Wanted] = {}
        self._listed: set[str] = set()
        self._heard: dict[str, Heard] = {}
        self._changed = threading.Condition()
        self._ending = threading.Event()
        self._answered_s = clock.monotonic_s()
        self._problem = ""
        self._caught_up = False
        self._thread = threading.Thread(target=self._work, name="board")

    def start(self) -> None:
        """Begin to follow; returns once what is there has been read.

        Raises Unavailable where that takes longer than START_WAIT_S.
        """
        self._thread.start()
        if not self.until(lambda: self._caught_up or bool(self._problem), START_WAIT_S):
            raise Unavailable("the control topics are not read", remedy="check the brokers")
        if self._problem:
            raise Unavailable(self._problem, remedy="hub topics apply")

    def stop(self) -> None:
        """End the thread."""
        self._ending.set()
        if self._thread.ident is not None:
            self._thread.join()
        self._follower.close()

    def names(self) -> list[str]:
        """The connectors a worker has told of, or somebody has asked for, except deleted ones."""
        with self._changed:
            known = self._listed | set(self._heard)
            return sorted(name for name in known if not self._deleted(name))

    def _deleted(self, name: str) -> bool:
        return self._wanted.get(name, Wanted()).target is Target.DELETED

    def seen(self, name: str) -> Seen:
        """What is known of a connector. Raises Unavailable where Kafka is away: then nothing is."""
        self.check()
        return self._seen(name)

    def _seen(self, name: str) -> Seen:
        with self._changed:
            asked, heard = self._wanted.get(name, Wanted()), self._heard.get(name)
        if heard is None:
            return Seen(name, asked, None, 0.0)
        return Seen(name, asked, heard.told, clock.monotonic_s() - heard.at_s)

    def problem(self) -> str:
        """Why nothing is known now: a topic is not there, or Kafka was not heard for SILENCE_S."""
        silent_s = clock.monotonic_s() - self._answered_s
        away = f"Kafka has not answered for {silent_s:.0f} s" if silent_s > SILENCE_S else ""
        return self._problem or away

    def check(self) -> None:
        """Raises Unavailable where nothing is known now."""
        if why := self.problem():
            raise Unavailable(f"{why}: how connectors are is not known", remedy="check the brokers")

    def until(self, holds: Callable[[], bool], wait_s: float) -> bool:
        """Wait until something holds of what is known; False where it does not in time."""
        with self._changed:
            return self._changed.wait_for(holds, wait_s)

    def known(self, name: str) -> Seen:
        """What is known of a connector, of whatever age; for conditions of `until`."""
        return self._seen(name)

    def _work(self) -> None:
        asked_s = 0.0
        while not self._ending.is_set():
            live = self._follower.caught_up
            try:
                messages = self._follower.read(TURN_S)
                self._problem = ""
            except Unavailable as error:
                messages, self._problem = [], error.message
                self._ending.wait(TURN_S)
            now_s = clock.monotonic_s()
            if messages:
                self._answered_s = now_s
            elif now_s - asked_s > ASK_EVERY_S:
                asked_s = now_s
                if self._follower.answers(ANSWER_WAIT_S):
                    self._answered_s = clock.monotonic_s()
            with self._changed:
                for message in messages:
                    self._take(message, live=live)
                self._caught_up = self._follower.caught_up
                self._changed.notify_all()

    def _take(self, message: Message, *, live: bool) -> None:
        understood = (
            self._take_wanted(message)
            if message.topic == CONTROL.name
            else self._take_told(message, live=live)
        )
        if not understood:
            ControlIgnored(message.topic, message.offset).emit()

    def _take_wanted(self, message: Message) -> bool:
        name = wanted.name_in(message)
        if name is None:
            return False
        after = wanted.taken(self._wanted.get(name, Wanted()), message)
        if after is None:
            return False
        self._wanted[name] = after
        if (message.key or b"").startswith(f"{Kind.STATE}/".encode()):
            self._listed.add(name)
        return True

    def _take_told(self, message: Message, *, live: bool) -> bool:
        """Keep a word, except that of a worker whose lease another has taken since."""
        found = told.read(message)
        if found is None:
            return False
        name, said = found
        now_s = clock.monotonic_s()
        before = self._heard.get(name)
        if before is not None and said.term < before.told.term and not before.silent(now_s):
            return True
        age_s = 0.0 if live else max(0.0, clock.now_us() / 1e6 - message.timestamp_ms / 1e3)
        self._heard[name] = Heard(said, now_s - age_s)
        return True
