"""The intake: what a system that pushes is answered, and when."""

import contextlib
import http.client
import json
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

import pytest

from hub.bus.topics import POSITIONS, events_topic, quarantine_topic
from hub.canon.codec import Codec, wire_names
from hub.canon.model import Moment, Precision, TextReceived
from hub.connect import intake, positions
from hub.connect.books import Books
from hub.connect.contract import (
    Change,
    Connector,
    Draft,
    Record,
    Refused,
    Request,
    Unreadable,
)
from hub.connect.control.control import Control
from hub.connect.control.told import State
from hub.connect.control.wanted import Target, Wanted
from hub.connect.runtime import Links
from hub.errors import SettingsError, Unavailable

CODEC = Codec({name: number for number, name in enumerate(wire_names(), 1)})
SOME_DAY = Moment("2024-01-02", Precision.DAY, 1_704_153_600_000_000)
EVENTS, PARKED = events_topic("messaging"), quarantine_topic("texts")


class Bus:
    """A producer over a list; `down` refuses, `slow_s` delays each flush."""

    def __init__(self) -> None:
        """Up, quick and empty."""
        self.log: list[tuple[str, bytes | None]] = []
        self.waiting: list[tuple[str, bytes | None]] = []
        self.down = False
        self.slow_s = 0.0
        self.flushes = 0

    def heed(self, stop: threading.Event) -> None:
        """Nothing waits long here."""

    def send(self, topic: str, _: bytes, value: bytes | None, __: Any = ()) -> None:
        """Queue a message."""
        self.waiting.append((topic, value))

    def flush(self) -> None:
        """Confirm, or say that Kafka is away."""
        self.flushes += 1
        time.sleep(self.slow_s)
        waiting, self.waiting = self.waiting, []
        if self.down:
            raise Unavailable("Kafka is away")
        self.log.extend(waiting)

    def count(self, topic: str) -> int:
        """How many messages a topic holds."""
        return sum(1 for name, _ in self.log if name == topic)

    def books(self) -> Books:
        """The books that are remembered."""
        values = [value for name, value in self.log if name == POSITIONS.name]
        return positions.decode(values[-1] or b"").books if values else Books()


def receive(_: Any, request: Request) -> list[Change | Unreadable]:
    """Texts as JSON lists; `secret` must be right."""
    if request.headers.get("authorization") != "Bearer right":
        raise Refused(401, "the token is not right")
    if request.path == "fail":
        raise KeyError("Jane Doe")
    return [
        Change(Record(item), json.dumps(item).encode(), None, 1)
        for item in json.loads(request.body)
    ]


def translate(change: Change) -> list[Draft]:
    """One event a text."""
    return [Draft(TextReceived(change.record["id"]), change.record["id"], 1, SOME_DAY)]


CONNECTOR = Connector(
    name="texts",
    owner="Contact Office",
    system="texts",
    purpose="contact",
    domain="messaging",
    settings=object,
    translate=translate,
    emits=(TextReceived,),
    receive=receive,
)


class Office:
    """A running intake with its bus."""

    def __init__(self, bus: Bus, port: int, desk: intake.Desk) -> None:
        """Where it listens."""
        self.bus = bus
        self.port = port
        self.desk = desk

    def want(self, wanted: Wanted) -> Control:
        """Somebody asks something of the connector."""
        control = self.desk._control
        assert control is not None
        control.want(wanted)
        return control

    def post(self, body: bytes, path: str = "/texts/new", word: str = "right") -> Any:
        """One call: status and headers."""
        return self.call("POST", path, body, {"authorization": f"Bearer {word}"})

    def call(self, method: str, path: str, body: bytes | None = None, headers: Any = None) -> Any:
        """Any call."""
        client = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            client.request(method, path, body, headers or {})
            answer = client.getresponse()
            return SimpleNamespace(status=answer.status, headers=answer.headers)
        finally:
            client.close()


@pytest.fixture
def office() -> Iterator[Office]:
    """An intake on a free port, stopped afterwards."""
    bus, stop, ports = Bus(), threading.Event(), []
    links = Links(bus, CODEC, b"k" * 32, positions.Position)  # type: ignore[arg-type]
    desk = intake.Desk(CONNECTOR, None, lambda: links, stop)
    up = threading.Event()

    def ready(port: int) -> None:
        ports.append(port)
        up.set()

    desk.start()  # serving starts it too, which must not hurt
    thread = threading.Thread(
        target=intake.serve, args=({"texts": desk}, stop), kwargs={"ready": ready}
    )
    thread.start()
    assert up.wait(10)
    made = Office(bus, ports[0], desk)
    _until(lambda: made.call("GET", "/healthz").status == 200)
    yield made
    stop.set()
    thread.join(15)
    assert not thread.is_alive()


def _until(true: Any) -> None:
    deadline = time.monotonic() + 10
    while not _answers(true):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def _answers(true: Any) -> bool:
    try:
        return bool(true())
    except OSError:
        return False


def test_200_means_on_kafka(office: Office) -> None:
    """The answer comes after the events and the books were confirmed."""
    answer = office.post(b'[{"id": "1"}, {"id": "2"}]')
    assert answer.status == 200
    assert office.bus.count(EVENTS) == 2
    assert office.bus.books() == Books(2, 2, events=2)


def test_kafka_away_is_503_and_nothing_is_claimed(office: Office) -> None:
    """F20: not confirmed is not taken; health says so, and recovers by itself without a call."""
    office.bus.down = True
    answer = office.post(b'[{"id": "1"}]')
    assert answer.status == 503
    assert int(answer.headers["retry-after"]) > 0
    assert office.call("GET", "/healthz").status == 503
    assert office.bus.books() == Books()
    office.bus.down = False
    _until(lambda: office.call("GET", "/healthz").status == 200)
    assert office.post(b'[{"id": "1"}]').status == 200
    assert office.bus.books() == Books(1, 1, events=1)


def test_a_slow_kafka_is_answered_in_time(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """The caller hears 503 before its patience ends, although the hub still waits."""
    monkeypatch.setattr(intake, "ANSWER_WAIT_S", 0.3)
    office.bus.slow_s = 1.0
    began = time.monotonic()
    assert office.post(b'[{"id": "1"}]').status == 503
    assert time.monotonic() - began < 1.0


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/texts/new", b"\xff\xfe not json"),
        ("/texts/new", b""),
        ("/texts/new", b'{"id"'),
        ("/texts/fail", b"[]"),
        ("/texts/new", b"[5]"),
        ("/texts/new", b'[{"no": "id"}]'),
    ],
)
def test_what_cannot_be_read_is_kept_and_taken(office: Office, path: str, body: bytes) -> None:
    """F1: a bad body is in quarantine before the sender hears 200, and the next one passes."""
    assert office.post(body, path).status == 200
    assert office.bus.count(PARKED) == 1
    assert office.bus.books() == Books(1, 0, 1)
    assert office.post(b'[{"id": "1"}]').status == 200


def test_who_is_at_fault_is_told(office: Office) -> None:
    """Wrong token, unknown connector, wrong method and too much: 4xx, and nothing is kept."""
    assert office.post(b"[]", word="wrong").status == 401
    assert office.post(b"[]", "/nobody/new").status == 404
    assert office.call("GET", "/texts/new").status == 405
    assert office.post(b"x" * (intake.BODY_BYTES_MAX + 1)).status == 413
    assert not office.bus.log


def test_an_endless_body_is_cut_off(office: Office) -> None:
    """A body without a length is counted while it comes, and refused past the limit."""
    with socket.create_connection(("127.0.0.1", office.port), timeout=10) as caller:
        caller.sendall(b"POST /texts/new HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n")
        chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
        with contextlib.suppress(OSError):  # it hangs up on us, as it should
            for _ in range(40):
                caller.sendall(chunk)
        caller.settimeout(10)
        with contextlib.suppress(ConnectionResetError):
            assert b" 413 " in caller.recv(100)
    assert not office.bus.log


def test_a_body_that_never_comes_is_given_up(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A caller that stops in the middle gets an answer and holds nothing."""
    monkeypatch.setattr(intake, "ANSWER_WAIT_S", 0.3)
    with socket.create_connection(("127.0.0.1", office.port), timeout=10) as caller:
        caller.sendall(b"POST /texts/new HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\n[")
        assert b" 503 " in caller.recv(100)


def test_many_callers_share_a_batch(office: Office) -> None:
    """A hundred callers at once cost few confirmations, and each is answered for its own."""
    office.bus.slow_s = 0.05
    before = office.bus.flushes
    with ThreadPoolExecutor(50) as pool:
        bodies = [json.dumps([{"id": str(number)}]).encode() for number in range(100)]
        statuses = [answer.status for answer in pool.map(office.post, bodies)]
    assert statuses == [200] * 100
    assert office.bus.books() == Books(100, 100, events=100)
    assert office.bus.flushes - before < 50


def test_a_full_queue_refuses_and_forgets_nothing(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Past the bytes that may wait, callers hear 503 and come again."""
    monkeypatch.setattr(intake, "WAITING_BYTES_MAX", 5)
    assert office.post(b'[{"id": "1"}]').status == 503
    monkeypatch.setattr(intake, "WAITING_BYTES_MAX", 1_000)
    assert office.post(b'[{"id": "1"}]').status == 200


def test_a_taken_port_is_a_wrong_setting() -> None:
    """The error says what to change; nothing was started."""
    with (
        socket.create_server(("127.0.0.1", 0)) as holder,
        pytest.raises(SettingsError, match="port"),
    ):
        intake.serve({}, threading.Event(), port=holder.getsockname()[1])


@pytest.mark.parametrize("target", [Target.PAUSED, Target.STOPPED])
def test_at_rest_senders_are_asked_to_come_again(office: Office, target: Target) -> None:
    """503 with Retry-After and nothing on Kafka; afterwards all is taken again."""
    office.want(Wanted(target))
    _until(lambda: office.call("GET", "/healthz").status == 503)
    answer = office.post(b'[{"id": "1"}]')
    assert answer.status == 503
    assert int(answer.headers["Retry-After"]) >= 1
    assert office.bus.count(EVENTS) == 0
    office.want(Wanted())
    _until(lambda: office.post(b'[{"id": "1"}]').status == 200)
    assert office.bus.count(EVENTS) == 1


def test_over_the_limit_senders_are_told_when_to_come(office: Office) -> None:
    """503 and the seconds until there is room; what was admitted is on Kafka."""
    office.want(Wanted(rate_records_per_s=0.1))
    statuses = [office.post(b'[{"id": "1"}]') for _ in range(3)]
    assert [one.status for one in statuses] == [200, 503, 503]
    assert int(statuses[1].headers["Retry-After"]) in (9, 10)
    assert office.bus.count(EVENTS) == 1
    office.want(Wanted(rate_records_per_s=0.0))
    assert office.post(b'[{"id": "2"}]').status == 200


def test_an_intake_that_failed_is_restarted(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fault nobody foresaw is FAILED and answered with 503; a restart takes calls again."""

    def fails(*_: Any) -> None:
        raise RuntimeError("Jane Doe")

    with monkeypatch.context() as patched:
        patched.setattr(intake.Run, "push", fails)
        assert office.post(b'[{"id": "1"}]').status == 503
        control = office.want(Wanted())
        assert control.state()[0] is State.FAILED
        assert "Jane" not in control.state()[2]
        assert office.post(b'[{"id": "1"}]').status == 503
    office.want(Wanted(restart=1))
    _until(lambda: office.post(b'[{"id": "1"}]').status == 200)
    assert control.state()[0] is State.RUNNING
