"""A whole deployment on this machine: servers, settings, topics, schemas, processes."""

import dataclasses
import os
import signal
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hub import clock
from hub.bus import admin
from hub.bus.topics import all_topics
from hub.canon import registry
from hub.connect.catalogue import connectors
from hub.local.downloads import Progress
from hub.local.process import Server, free_port
from hub.local.stack import Endpoints, LocalStack
from hub.settings import HubSettings, load_settings

HEALTH_TIMEOUT_S = 1


class HubProcess(Server):
    """One `hub run ...` as a process of its own."""

    def __init__(self, name: str, folder: Path, arguments: list[str], settings: Path) -> None:
        """`arguments` follow `hub run`; nothing is started yet."""
        super().__init__(name, folder, free_port(None))
        self._arguments = arguments
        self._settings = settings

    @property
    def metrics_url(self) -> str:
        """Where Prometheus finds it."""
        return f"http://127.0.0.1:{self.port}/metrics"

    def launch(self) -> None:
        """Start the process; it is ready when its metrics port answers."""
        self.spawn(
            [
                sys.executable,
                *("-m", "hub.cli", "run", *self._arguments),
                *("--settings", self._settings, "--metrics-port", str(self.port)),
                *("--log", self.log),
            ],
            ready=self._answers,
        )

    def stop(self, signal_: int = signal.SIGTERM) -> None:
        """Ask it to stop cleanly."""
        super().stop(signal_)

    def _answers(self) -> bool:
        address = f"http://127.0.0.1:{self.port}/healthz"
        try:
            with urllib.request.urlopen(address, timeout=HEALTH_TIMEOUT_S):
                return True
        except (urllib.error.URLError, OSError):
            return False


class Deployment:
    """Everything below one state folder; start from the main thread."""

    def __init__(self, state_dir: Path, progress: Progress) -> None:
        """Nothing is started yet."""
        self.state_dir = state_dir.resolve()
        self.settings_file = self.state_dir / "hub.toml"
        self.stack = LocalStack(self.state_dir / "servers", progress=progress)
        self.processes: dict[str, HubProcess] = {}
        self._progress = progress
        self.endpoints: Endpoints
        self.settings: HubSettings

    def start_servers(self, connectors_settings: Mapping[str, Mapping[str, Any]]) -> None:
        """Start the servers, write the settings, make topics and register schemas."""
        self.endpoints = self.stack.start()
        self.write_settings(connectors_settings)
        self._progress("making topics and registering schemas")
        topics = all_topics(tuple(connectors(self.settings.connectors_folder)))
        admin.apply_topics(self.endpoints.bootstrap_servers, topics, {})
        registry.register_all(self.endpoints.registry_url)

    def write_settings(self, tables: Mapping[str, Mapping[str, Any]]) -> None:
        """Write the settings file and the secrets it names; the identity key is kept."""
        self.secret("postgres_dsn", self.endpoints.postgres_dsn)
        if not (self.state_dir / "secrets" / "identity_key").exists():
            self.secret("identity_key", clock.random_token(32))
        if not (self.state_dir / "secrets" / "control_token").exists():
            self.secret("control_token", clock.random_token(32))
        lines = [
            f'bootstrap_servers = "{self.endpoints.bootstrap_servers}"',
            f'registry_url = "{self.endpoints.registry_url}"',
            'postgres_dsn_file = "secrets/postgres_dsn"',
            'identity_key_file = "secrets/identity_key"',
            'control_token_file = "secrets/control_token"',
        ]
        for name, table in tables.items():
            lines += ["", f"[connectors.{name}]"]
            lines += [f"{key} = {_toml(value)}" for key, value in table.items()]
        self.settings_file.write_text("\n".join(lines) + "\n")
        self.settings = load_settings(self.settings_file)

    def secret(self, name: str, text: str) -> Path:
        """Write a secret, readable by its owner only; its path."""
        folder = self.state_dir / "secrets"
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = folder / name
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(text)
        return path

    def run(self, name: str, *arguments: str) -> HubProcess:
        """Start `hub run ...` under a name, without waiting."""
        folder = self.state_dir / "processes"
        process = HubProcess(name, folder, list(arguments), self.settings_file)
        self.processes[name] = process
        process.launch()
        return process

    def stop(self) -> None:
        """Stop the processes together, then the servers."""
        for process in self.processes.values():
            process.interrupt()
        for process in self.processes.values():
            process.stop()
        self.stack.stop()


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return str(value)
    return f'"{value}"'


@dataclasses.dataclass(frozen=True)
class Ended:
    """A process that ended by itself, with the end of its log."""

    name: str
    log_tail: str


def ended(deployment: Deployment) -> list[Ended]:
    """The processes that ought to run and do not."""
    return [
        Ended(name, process.log_tail())
        for name, process in deployment.processes.items()
        if not process.running
    ]
