"""Kafka Connect's paths over HTTP: shapes, refusals, the token, limits; the topics in memory."""

import base64
import dataclasses
import http.client
import json
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from control_log import Log

from hub.bus.topics import STATUS
from hub.connect.catalogue import connectors
from hub.connect.control import board as board_
from hub.connect.control import rest
from hub.connect.control.ask import Asker
from hub.connect.control.board import Board
from hub.connect.control.service import Service
from hub.connect.control.told import State, Told
from hub.connect.positions import Position
from hub.errors import SettingsError

TOKEN = "a token of tests only"
LICENSING = {"name": "licensing", "connector.class": "licensing", "folder": "/in"}
GOOD = Told(
    State.RUNNING,
    "host:1",
    1,
    time.time_ns() // 1_000,
    60.0,
    config=LICENSING,
    topics=("t",),
    version="0.9",
)


class Answer(NamedTuple):
    """What a call was answered."""

    status: int
    body: Any
    headers: Any


class Server:
    """The control server on a free port, over topics in memory."""

    def __init__(self, log: Log, folder: Path) -> None:
        """Starts it."""
        self.log = log
        self.stop = threading.Event()
        self.token_file = folder / "token"
        self.token_file.write_text(TOKEN)
        self.positions = {"licensing": Position("at 7")}
        self.board = Board("", {})
        self.board.start()
        asker = Asker("", {})
        service = Service(
            self.board, asker.ask, connectors(), lambda: self.positions, version="1.2.3"
        )
        up = threading.Event()

        def ready(port: int) -> None:
            self.port = port
            up.set()

        app = rest.application(service, self.token_file)
        self._thread = threading.Thread(
            target=rest.serve, args=(app, self.stop, "127.0.0.1", 0, ready)
        )
        self._thread.start()
        assert up.wait(10)

    def end(self) -> None:
        """Stop it."""
        self.stop.set()
        self._thread.join(15)
        self.board.stop()
        assert not self._thread.is_alive()

    def tell(self, said: Told = GOOD, name: str = "licensing") -> None:
        """A worker tells of a connector."""
        self.log.write(STATUS.name, name.encode(), said.encode())
        assert self.board.until(lambda: self.board.known(name).told == said, 5)

    def call(
        self, method: str, path: str, body: Any = None, authorization: str = f"Bearer {TOKEN}"
    ) -> Answer:
        """One call."""
        data = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        client = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            client.request(method, path, data, {"Authorization": authorization})
            found = client.getresponse()
            text = found.read()
        finally:
            client.close()
        return Answer(found.status, json.loads(text) if text else None, found.headers)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Server]:
    """A server that knows of one running connector."""
    made = Server(Log(monkeypatch), tmp_path)
    made.tell()
    yield made
    made.end()


def test_reading_has_connects_shapes(server: Server) -> None:
    """Each document has the names that clients of Connect look for."""
    info = {
        "name": "licensing",
        "config": {**LICENSING, "tasks.max": "1", "rate_records_per_s": "0"},
        "tasks": [{"connector": "licensing", "task": 0}],
        "type": "source",
    }
    part = {"state": "RUNNING", "worker_id": "host:1", "version": "0.9"}
    assert server.call("GET", "/").body["version"] == "1.2.3"
    assert server.call("GET", "/health").body["status"] == "healthy"
    assert server.call("GET", "/connectors").body == ["licensing"]
    assert server.call("GET", "/connectors/").body == ["licensing"]
    expanded = server.call("GET", "/connectors?expand=status&expand=info&expand=x").body
    assert set(expanded["licensing"]) == {"status", "info"}
    assert expanded["licensing"]["info"] == info
    assert expanded["licensing"]["status"]["connector"] == part
    assert server.call("GET", "/connectors/licensing").body == info
    assert server.call("GET", "/connectors/licensing/config").body == info["config"]
    status = server.call("GET", "/connectors/licensing/status").body
    assert (status["connector"], status["tasks"]) == (part, [{"id": 0, **part}])
    tasks = server.call("GET", "/connectors/licensing/tasks").body
    assert tasks == [{"id": info["tasks"][0], "config": info["config"]}]  # type: ignore[index]
    assert server.call("GET", "/connectors/licensing/tasks/0/status").body == {"id": 0, **part}
    topics = server.call("GET", "/connectors/licensing/topics").body
    assert topics == {"licensing": {"topics": ["t"]}}
    offset = {"partition": {"connector": "licensing"}, "offset": {"position": "at 7"}}
    assert server.call("GET", "/connectors/licensing/offsets").body == {"offsets": [offset]}
    plugins = server.call("GET", "/connector-plugins").body
    assert {"class": "licensing", "type": "source", "version": "1.2.3"} in plugins
    keys = {one["name"] for one in server.call("GET", "/connector-plugins/licensing/config").body}
    assert {"folder", "connector.class", "rate_records_per_s"} <= keys
    checked = server.call("PUT", "/connector-plugins/licensing/config/validate", {"folder": "/a"})
    assert (checked.body["name"], checked.body["error_count"]) == ("licensing", 2)
    assert server.call("HEAD", "/connectors").status == 200


NEW = {"name": "grants_awards", "config": {"connector.class": "grants_awards"}}
PATHS = "/connectors/licensing"


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "says"),
    [
        ("GET", "/connectors/nobody", None, 404, "Connector nobody not found"),
        ("GET", "/connectors/nobody/status", None, 404, "No status found for connector nobody"),
        ("PUT", "/connectors/nobody/pause", None, 404, "not found"),
        ("POST", "/connectors/nobody/restart", None, 404, "not found"),
        ("GET", "/connectors/..%2f..%2fetc/status", None, 404, "Not Found"),
        ("GET", "/nothing", None, 404, "Not Found"),
        ("POST", f"{PATHS}/pause", None, 405, "Method Not Allowed"),
        ("GET", f"{PATHS}/tasks/1/status", None, 404, "No status found for task licensing-1"),
        ("POST", f"{PATHS}/tasks/1/restart", None, 404, "Unknown task: licensing-1"),
        ("POST", "/connectors", {"name": "licensing"}, 409, "already exists"),
        ("POST", "/connectors", {"name": "nobody"}, 400, "Failed to find any class"),
        ("POST", "/connectors", {**NEW, "initial_state": "ON"}, 400, "initial_state"),
        ("POST", "/connectors", {**NEW, "config": {"folder": "/etc"}}, 400, "1 error(s):\nfolder"),
        ("POST", "/connectors", {**NEW, "config": {"a": [1]}}, 400, "settings are texts"),
        ("POST", "/connectors", b"[" * 100, 400, ""),
        ("POST", "/connectors", b"\xff", 400, ""),
        ("POST", "/connectors", b'{"name": "a", "name": "b"}', 400, ""),
        ("POST", "/connectors", None, 400, "JSON object"),
        ("PUT", f"{PATHS}/config", {"folder": "/etc"}, 400, "in the settings file beside"),
        ("PUT", f"{PATHS}/config", {"name": "other"}, 400, "doesn't match"),
        ("PUT", f"{PATHS}/config", {"rate_records_per_s": "-1"}, 400, "rate_records_per_s is"),
        ("PATCH", f"{PATHS}/config", {"rate_records_per_s": "x"}, 400, "rate_records_per_s is"),
        ("DELETE", f"{PATHS}/offsets", None, 400, "STOPPED state"),
        ("PATCH", f"{PATHS}/offsets", {"offsets": []}, 400, "cannot be set"),
        ("PUT", "/connector-plugins/nobody/config/validate", {}, 404, "plugin nobody not found"),
        ("PUT", "/connector-plugins/licensing/config/validate", {"a": {}}, 400, "settings are"),
        ("POST", "/connectors", b" " * 200_000, 413, "at most"),
    ],
)
def test_refusals_have_connects_form(
    server: Server, method: str, path: str, body: Any, status: int, says: str
) -> None:
    """The caller's fault is named with its status and changes nothing."""
    written = len(server.log.messages)
    answer = server.call(method, path, body)
    assert (answer.status, answer.body["error_code"]) == (status, status)
    assert says in answer.body["message"]
    assert set(answer.body) == {"error_code", "message"}
    assert len(server.log.messages) == written


def wanted(server: Server, name: str = "licensing") -> Any:
    """What is wanted of a connector."""
    return server.board.known(name).wanted


def test_asking_is_seen_by_whoever_asks_next(server: Server) -> None:
    """States, restarts and the limit are on the topic when the answer comes."""
    for verb, state in (("pause", "PAUSED"), ("stop", "STOPPED"), ("resume", "RUNNING")):
        answer = server.call("PUT", f"{PATHS}/{verb}")
        assert (answer.status, answer.body) == (204 if verb == "stop" else 202, None)
        assert wanted(server).target == state
    assert server.call("POST", f"{PATHS}/restart").status == 204
    assert server.call("POST", f"{PATHS}/tasks/0/restart").status == 204
    shown = server.call("POST", f"{PATHS}/restart?includeTasks=true&onlyFailed=true")
    assert (shown.status, shown.body["connector"]["state"]) == (202, "RESTARTING")
    assert wanted(server).only_failed
    config = server.call("GET", f"{PATHS}/config").body
    sent_back = {**config, "rate_records_per_s": 25}
    put = server.call("PUT", f"{PATHS}/config", sent_back)
    assert (put.status, put.body["config"]["rate_records_per_s"]) == (200, "25")
    assert server.call("PATCH", f"{PATHS}/config", {}).body["config"]["rate_records_per_s"] == "25"
    assert wanted(server).rate_records_per_s == 25
    server.call("PATCH", f"{PATHS}/config", {"rate_records_per_s": None})
    assert wanted(server).rate_records_per_s is None


def test_a_connector_is_taken_out_of_service_and_into_it(server: Server) -> None:
    """A deleted one is not there any more; what is installed can be created, also by PUT."""
    assert server.call("DELETE", PATHS).status == 204
    assert server.call("GET", "/connectors").body == []
    assert server.call("GET", f"{PATHS}/status").status == 404
    assert server.call("DELETE", PATHS).status == 404
    made = server.call("POST", "/connectors", {"name": "licensing", "initial_state": "paused"})
    assert (made.status, made.headers["Location"]) == (201, PATHS)
    assert wanted(server).target == "PAUSED"
    made = server.call("PUT", "/connectors/grants_awards/config", {"rate_records_per_s": "3"})
    assert (made.status, made.body["config"]["rate_records_per_s"]) == (201, "3")
    status = server.call("GET", "/connectors/grants_awards/status").body
    assert status["connector"]["state"] == "UNASSIGNED"
    assert "no worker has told" in status["connector"]["trace"]
    assert server.call("GET", "/connectors").body == ["grants_awards", "licensing"]


def test_a_reset_waits_for_the_worker(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """200 only once the worker says that it forgot the position; else 503."""
    monkeypatch.setattr("hub.connect.control.service.RESET_WAIT_S", 0.5)
    stopped = dataclasses.replace(GOOD, state=State.STOPPED)
    server.tell(stopped)
    assert server.call("DELETE", f"{PATHS}/offsets").status == 503
    ended = threading.Event()

    def works() -> None:
        while not ended.wait(0.02):
            asked = wanted(server).reset
            if asked > server.board.known("licensing").told.reset_done:  # type: ignore[union-attr]
                said = dataclasses.replace(stopped, reset_done=asked)
                server.log.write(STATUS.name, b"licensing", said.encode())

    worker = threading.Thread(target=works)
    worker.start()
    answer = server.call("DELETE", f"{PATHS}/offsets")
    ended.set()
    worker.join()
    assert answer.status == 200
    assert "reset successfully" in answer.body["message"]


def basic(token: str) -> str:
    """Basic authentication with the token as the password."""
    return "Basic " + base64.b64encode(f"any one:{token}".encode()).decode()


@pytest.mark.parametrize(
    "authorization",
    ["", "Bearer", f"Bearer {TOKEN}x", "Bearer a", f"Token {TOKEN}", basic("x"), "Basic %", TOKEN],
)
def test_nothing_without_the_token(server: Server, authorization: str) -> None:
    """Every path asks for it, in Connect's form of an error."""
    for method, path in (("GET", "/"), ("GET", "/connectors"), ("DELETE", PATHS)):
        answer = server.call(method, path, authorization=authorization)
        assert (answer.status, answer.body["error_code"]) == (401, 401)
    assert wanted(server).target == "RUNNING"


def test_the_token_is_taken_in_both_forms_and_can_be_rotated(server: Server) -> None:
    """Bearer, or the password of Basic; the file is read at each call."""
    assert server.call("GET", "/", authorization=basic(TOKEN)).status == 200
    server.token_file.write_text("another token of tests")
    assert server.call("GET", "/").status == 401
    assert server.call("GET", "/", authorization="bearer another token of tests").status == 200


def test_a_short_token_is_refused_at_the_start(tmp_path: Path) -> None:
    """A token that can be guessed opens nothing, because nothing is served."""
    (tmp_path / "token").write_text("short")
    with pytest.raises(SettingsError, match="fewer than"):
        rest.check_token(tmp_path / "token")


def test_nothing_old_is_told_while_kafka_is_away(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """503 for what cannot be known and what cannot be asked; afterwards all is told again."""
    monkeypatch.setattr(board_, "SILENCE_S", 0.2)
    monkeypatch.setattr(board_, "ASK_EVERY_S", 0.05)
    until(lambda: server.call("GET", "/connectors").status == 200)
    server.log.down = True
    for method, path in (
        ("GET", "/connectors"),
        ("GET", f"{PATHS}/status"),
        ("PUT", f"{PATHS}/stop"),
    ):
        until(lambda method=method, path=path: server.call(method, path).status == 503)
    assert server.call("GET", "/connectors?expand=status").status == 503
    server.log.down = False
    until(lambda: server.call("GET", "/connectors").status == 200)
    assert wanted(server).target == "RUNNING"


def until(holds: Callable[[], bool]) -> None:
    """Wait until something holds."""
    deadline = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_late_word_of_an_earlier_worker_is_passed_over(server: Server) -> None:
    """Who has lost the lease tells nothing any more; who has it is believed."""
    server.tell(dataclasses.replace(GOOD, term=5, worker_id="new:1"))
    server.log.write(STATUS.name, b"licensing", GOOD.encode())
    server.log.write(STATUS.name, b"licensing", b"\x00 no status")
    server.tell(name="grants_awards")
    status = server.call("GET", f"{PATHS}/status").body
    assert status["connector"]["worker_id"] == "new:1"


def test_what_lies_there_at_the_start_is_as_old_as_it_is(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A server that has just started takes no old word for a new one."""
    log = Log(monkeypatch)
    log.write(STATUS.name, b"licensing", GOOD.encode())
    old = int(time.time() * 1_000) - 3_600_000
    log.messages[0] = log.messages[0]._replace(timestamp_ms=old)
    server = Server(log, tmp_path)
    try:
        status = server.call("GET", f"{PATHS}/status").body
        assert status["connector"]["state"] == "UNASSIGNED"
        assert status["hub"]["stale"]
        server.tell(dataclasses.replace(GOOD, told_at_us=GOOD.told_at_us + 1))
        assert server.call("GET", f"{PATHS}/status").body["connector"]["state"] == "RUNNING"
    finally:
        server.end()
