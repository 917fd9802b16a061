"""Kafka, the schema registry and PostgreSQL together, on loopback, in one folder."""

import dataclasses
import fcntl
import json
import os
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from hub import clock
from hub.local.downloads import LocalStackError, Progress, cache_folder, kafka_jars, registry_folder
from hub.local.kafka import Kafka
from hub.local.postgres import Postgres
from hub.local.process import free_port
from hub.local.registry import Registry

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
        self._take_lock()
        try:
            return self._start()
        except BaseException:
            self.stop()
            raise

    def _start(self) -> Endpoints:
        began_s = clock.monotonic_s()
        jars = kafka_jars(self._cache, self._progress)
        program = registry_folder(self._cache, self._progress)
        ports = self._ports()
        folder = self.state_dir
        self.postgres = Postgres(folder / "postgres", ports["postgres"])
        self.kafka = Kafka(folder / "kafka", ports["kafka"], ports["controller"], jars)
        self.registry = Registry(
            folder / "registry",
            ports["registry"],
            ports["management"],
            program,
            self.postgres.jdbc_url("registry"),
        )
        self._progress("starting PostgreSQL, Kafka and the schema registry")
        self.postgres.start()
        dsn = self.postgres.create_database("hub")
        self.postgres.create_database("registry")
        self.kafka.launch()
        self.registry.launch()
        self.kafka.wait()
        self.registry.wait()
        self._progress(f"servers are up after {clock.monotonic_s() - began_s:.1f} s")
        return Endpoints(f"127.0.0.1:{self.kafka.port}", self.registry.url, dsn)

    def stop(self) -> None:
        """Stop what runs, registry first, and give the folder free."""
        for name in ("registry", "kafka", "postgres"):
            server = getattr(self, name, None)
            if server is not None:
                server.stop()
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
        last: dict[str, int] = json.loads(file.read_text()) if file.exists() else {}
        ports: dict[str, int] = {}
        for name in PORTS:
            port = free_port(last.get(name))
            while port in ports.values():
                port = free_port(None)
            ports[name] = port
        file.write_text(json.dumps(ports))
        return ports
