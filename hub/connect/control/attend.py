"""The thread beside a running connector: follows what is wanted, tells how it is."""

import dataclasses
import os
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import metadata

from hub import clock
from hub.bus.follow import Follower
from hub.bus.producer import Producer
from hub.bus.reader import Message
from hub.bus.topics import CONTROL, STATUS
from hub.connect.control import told as told_
from hub.connect.control import wanted as wanted_
from hub.connect.control.control import Control
from hub.connect.control.told import State, Told
from hub.connect.control.wanted import Wanted
from hub.errors import Fenced, HubError, Unavailable
from hub.telemetry.signals_control import (
    ConnectorStateChanged,
    ConnectorStateTold,
    ControlIgnored,
    StatusNotTold,
)

HEARTBEAT_S = 4.0
TURN_S = 0.3
START_WAIT_S = 30.0
TELL_WAIT_S = 2.0
CLOSE_WAIT_S = 2.0


def worker_id() -> str:
    """Which process this is."""
    return f"{socket.gethostname()}:{os.getpid()}"


@contextmanager
def attended(
    control: Control,
    bootstrap_servers: str,
    kafka: Mapping[str, str],
    topics: tuple[str, ...],
) -> Iterator[Control]:
    """Attend to a connector whose lease was just taken, until the block ends.

    Raises Unavailable where what is wanted cannot be read at the start.
    """
    attendant = _Attendant(control, bootstrap_servers, kafka, topics)
    attendant.begin()
    try:
        yield control
    except Fenced:
        attendant.end(last_word=False)  # another worker tells now
        raise
    except BaseException:
        attendant.end()
        raise
    attendant.end()


class _Attendant:
    def __init__(
        self,
        control: Control,
        bootstrap_servers: str,
        kafka: Mapping[str, str],
        topics: tuple[str, ...],
    ) -> None:
        self._control = control
        client_id = f"civic-control-{control.name}"
        self._follower = Follower(bootstrap_servers, kafka, [CONTROL], client_id)
        self._status = Follower(bootstrap_servers, kafka, [STATUS], client_id)
        self._producer = Producer(bootstrap_servers, kafka, client_id)
        self._told = Told(
            State.UNASSIGNED,
            worker_id(),
            0,
            0,
            HEARTBEAT_S,
            topics=topics,
            version=metadata.version("civic-hub"),
        )
        self._wanted = Wanted()
        self._told_s = 0.0
        self._heard = True
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._work, name=f"control-{control.name}")

    def begin(self) -> None:
        """Read what is there, tell the first word, and follow from now on."""
        try:
            earlier = self._earlier()
        finally:
            self._status.close()
        self._heed(self._follower.read_all(START_WAIT_S))
        term = 1 if earlier is None else earlier.term + 1
        self._told = dataclasses.replace(self._told, term=term)
        self._control.go_on(earlier, self._wanted)
        self._thread.start()

    def _earlier(self) -> Told | None:
        """The last word of an earlier worker."""
        last: Told | None = None
        for message in self._status.read_all(START_WAIT_S):
            found = told_.read(message)
            if found and found[0] == self._control.name:
                last = found[1] if last is None or found[1].term >= last.term else last
        return last

    def _heed(self, messages: list[Message]) -> None:
        for message in messages:
            if wanted_.name_in(message) != self._control.name:
                continue
            after = wanted_.taken(self._wanted, message)
            if after is None:
                ControlIgnored(message.topic, message.offset).emit()
            else:
                self._wanted = after

    def _work(self) -> None:
        while not self._ending.is_set():
            try:
                self._turn()
                self._heard = True
            except HubError as error:
                self._not_told(error.message)
            except Exception as error:  # noqa: BLE001 - a run nobody attends to could not be stopped
                self._not_told(type(error).__name__)

    def _turn(self) -> None:
        before = self._wanted
        self._heed(self._follower.read(TURN_S))
        if self._wanted != before:
            self._control.want(self._wanted)
        self._control.observe()
        self._tell(self._control.told(self._told))

    def _not_told(self, reason: str) -> None:
        self._heard = False
        StatusNotTold(self._control.name, reason).emit()
        self._control.observe()
        self._ending.wait(TURN_S)

    def _tell(self, told: Told) -> None:
        """Tell what is new at once, and that all is as it was every HEARTBEAT_S."""
        now_s = clock.monotonic_s()
        if not told.differs(self._told) and now_s - self._told_s < HEARTBEAT_S:
            return
        if told.state is not self._told.state:
            _signal(self._control.name, told)
        self._told = told
        self._producer.send(STATUS.name, self._control.name.encode(), told.encode())
        self._producer.flush(TELL_WAIT_S)
        self._told_s = now_s

    def end(self, *, last_word: bool = True) -> None:
        """Say good-bye, so that nobody has to wait for a heartbeat that does not come."""
        self._ending.set()
        self._thread.join(TELL_WAIT_S + CLOSE_WAIT_S)
        self._follower.close()
        last = dataclasses.replace(
            self._control.told(self._told), state=State.UNASSIGNED, reason="its worker let it go"
        )
        _signal(self._control.name, last)
        if not last_word or not self._heard:
            return
        try:
            self._producer.send(STATUS.name, self._control.name.encode(), last.encode())
            self._producer.flush(CLOSE_WAIT_S)
        except Unavailable as error:
            StatusNotTold(self._control.name, error.message).emit()


def _signal(name: str, told: Told) -> None:
    ConnectorStateChanged(name, told.state, told.reason or told.trace).emit()
    for state in State:
        ConnectorStateTold(name, state, int(state is told.state)).emit()
