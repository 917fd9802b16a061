"""A deployment under control: two connectors, the control server, and clients of it."""

import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
import venv
from pathlib import Path
from typing import Any, NamedTuple

from hub import clock
from hub.bus.reader import read_topic
from hub.bus.topics import events_topic
from hub.local.deployment import Deployment
from hub.local.process import free_port, port_open

LOCK = Path(__file__).with_name("connectorctl.lock")
HEAD = "licenseNumber,licenseType,licenseStatus,givenName,familyName,ssn,dateOfIssuance\n"
START_WAIT_S = 30.0
WORD = "a word for callbacks, of tests only"


class Answer(NamedTuple):
    """What a call was answered."""

    status: int
    body: Any
    headers: Any


class Controlled:
    """The processes, and calls of them."""

    def __init__(self, folder: Path) -> None:
        """Starts everything and waits until it answers."""
        self.folder = folder
        self.drop = folder / "drop"
        self.drop.mkdir()
        self.port, self.intake = free_port(None), free_port(None)
        self.deployment = Deployment(folder / "hub", lambda _: None)
        try:
            self._start()
        except BaseException:
            self.deployment.stop()
            raise

    def _start(self) -> None:
        word = self.deployment.secret("word", WORD)
        self.deployment.start_servers(
            {
                "licensing": {"folder": str(self.drop)},
                "messaging_notifications": {"token_file": str(word), "intake_port": self.intake},
            }
        )
        self.start("licensing", "connector", "licensing")
        self.start("notifications", "connector", "messaging_notifications")
        self.start("control", "control", "--port", str(self.port))
        for process in self.deployment.processes.values():
            process.wait()
        until_s = clock.monotonic_s() + START_WAIT_S
        while not port_open(self.port):
            assert clock.monotonic_s() < until_s
            clock.sleep_s(0.1)

    def start(self, name: str, *arguments: str) -> None:
        """Start one process."""
        self.deployment.run(name, *arguments)

    @property
    def token(self) -> str:
        """The token of the control server."""
        return (self.deployment.state_dir / "secrets" / "control_token").read_text()

    def snapshot(self, day: str, count: int) -> Path:
        """A new snapshot of licences 1 to `count`."""
        rows = "".join(
            f"{n},nurse,active,Ada,Example,{900_000_000 + n},2024-01-05\n"
            for n in range(1, count + 1)
        )
        path = self.drop / f"professional-{day}.csv"
        path.with_suffix(".part").write_text(HEAD + rows)
        return path.with_suffix(".part").rename(path)

    def call(self, method: str, path: str, body: Any = None, token: str | None = None) -> Answer:
        """A call of the control server."""
        headers = {"Authorization": f"Bearer {self.token if token is None else token}"}
        data = None if body is None else json.dumps(body).encode()
        return _call(f"http://127.0.0.1:{self.port}{path}", method, data, headers)

    def post_text(self, number: int) -> Answer:
        """A callback of the notification service: a text was received."""
        body = {
            "id": f"{number:08}-0000-4000-8000-000000000000",
            "source_number": "447700900111",
            "destination_number": "07700900222",
            "message": "hello",
            "date_received": "2024-01-05T10:00:00.000000Z",
        }
        return _call(
            f"http://127.0.0.1:{self.intake}/messaging_notifications/received-text",
            "POST",
            json.dumps(body).encode(),
            {"Authorization": f"Bearer {WORD}", "Content-Type": "application/json"},
        )

    def create(self, name: str) -> int:
        """Take a connector into service; the answer's status."""
        return self.call("POST", "/connectors", {"name": name}).status

    def status(self, name: str) -> Any:
        """The status document of a connector."""
        return self.call("GET", f"/connectors/{name}/status").body

    def state(self, name: str) -> str:
        """The state of a connector; empty where none is told."""
        return str(self.status(name).get("connector", {}).get("state", ""))

    def ids(self, domain: str) -> list[str]:
        """The identifiers of the events of a domain, each as often as it lies on Kafka."""
        servers = self.deployment.endpoints.bootstrap_servers
        topic = events_topic(domain)
        return [dict(m.headers)["ce_id"].decode() for m in read_topic(servers, topic)]

    def hub(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Run a command of the hub."""
        return subprocess.run(
            [sys.executable, "-m", "hub.cli", *arguments],
            env={**os.environ, "CIVIC_HUB_SETTINGS": str(self.deployment.settings_file)},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )


def _call(url: str, method: str, data: bytes | None, headers: dict[str, str]) -> Answer:
    request = urllib.request.Request(url, data, headers, method=method)  # noqa: S310 - loopback
    try:
        with urllib.request.urlopen(request, timeout=20) as found:  # noqa: S310 - loopback
            status, text, told = found.status, found.read(), found.headers
    except urllib.error.HTTPError as error:
        with error:
            status, text, told = error.code, error.read(), error.headers
    return Answer(status, json.loads(text) if text else None, told)


class Stranger:
    """connectorctl, a client of Kafka Connect not ours, in an environment of its own."""

    def __init__(self, folder: Path) -> None:
        """Installs it from its lock. Raises OSError where it cannot be fetched."""
        self._home = folder
        venv.create(folder / "venv", with_pip=True)
        program = folder / "venv" / "bin" / "python"
        done = subprocess.run(
            [program, "-m", "pip", "install", "-q", "--require-hashes", "--no-deps", "-r", LOCK],
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        if done.returncode:
            raise OSError(done.stderr[-500:])
        self._program = folder / "venv" / "bin" / "connectorctl"

    def run(self, *arguments: str) -> str:
        """What it shows."""
        done = subprocess.run(
            [self._program, *arguments],
            env={"HOME": str(self._home), "PATH": "", "PYTHONIOENCODING": "utf-8"},
            cwd=self._home,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        return done.stdout + done.stderr


def later(seconds: float) -> float:
    """A moment of the monotonic clock."""
    return clock.monotonic_s() + seconds
