"""A folder on an SFTP server: each file is copied to this machine, then read as a local one.

The server is known by its host key, which is a setting: an unknown one is refused. Every call has a
time limit, and a copy one as a whole.
"""

import binascii
import fnmatch
import io
import logging
import stat
import tempfile
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import paramiko

from hub import clock
from hub.connect.sources.folder import UNFINISHED
from hub.connect.sources.places import FILE_BYTES_MAX, Listed
from hub.errors import ContractBreach, SettingsError, SourceUnavailable

SSH_PORT = 22
CONNECT_S = 10.0
CALL_S = 20.0
COPY_S_MAX = 900.0
SETTLED_S = 1.0
REST_S = 10.0
BLOCK_BYTES = 1 << 18
ENTRIES_MAX = 100_000
logging.getLogger("paramiko").setLevel(logging.CRITICAL)  # what it meets is raised, told once by us


class Sftp(NamedTuple):
    """A folder on a server.

    `host_key` is the server's public key as `ssh-keyscan` writes it: type and base64. `key` is the
    text of a private key, or `password` is set. With a `marker` a file is complete when one of its
    name and the marker lies beside it; otherwise when its size and time stay the same for
    SETTLED_S and its name is not that of an unfinished transfer. Between two looks the connection
    rests for `rest_s`.
    """

    host: str
    port: int
    user: str
    host_key: str
    folder: str
    pattern: str
    key: str = ""
    password: str = ""
    marker: str = ""
    rest_s: float = REST_S

    @contextmanager
    def open(self) -> Iterator["_Session"]:
        """A session.

        Raises SourceUnavailable; ContractBreach E-ACCESS where either side refuses the other;
        SettingsError where a key cannot be read.
        """
        with paramiko.SSHClient() as client, _failures():
            client.set_missing_host_key_policy(paramiko.RejectPolicy())
            there = (
                self.host if self.port == paramiko.config.SSH_PORT else f"[{self.host}]:{self.port}"
            )
            host_key = _host_key(self.host_key)
            client.get_host_keys().add(there, host_key.get_name(), host_key)
            client.connect(
                self.host,
                self.port,
                self.user,
                self.password or None,
                _private_key(self.key) if self.key else None,
                timeout=CONNECT_S,
                banner_timeout=CONNECT_S,
                auth_timeout=CONNECT_S,
                channel_timeout=CONNECT_S,
                allow_agent=False,
                look_for_keys=False,
            )
            with client.open_sftp() as sftp:
                channel = sftp.get_channel()
                if channel is not None:
                    channel.settimeout(CALL_S)
                yield _Session(self, sftp)


class _Session(NamedTuple):
    """An open connection."""

    place: Sftp
    sftp: Any

    def listing(self) -> list[Listed]:
        """The complete files."""
        names = self._all()
        if self.place.marker:
            return [
                one for one in self._matching(names) if f"{one.name}{self.place.marker}" in names
            ]
        first = self._matching(names)
        if not first:
            return []
        clock.sleep_s(SETTLED_S)
        again = set(self._matching(self._all()))
        return [one for one in first if one in again]

    def _all(self) -> dict[str, Listed]:
        """Every plain file of the folder, by name."""
        found: dict[str, Listed] = {}
        for entry in self.sftp.listdir_iter(self.place.folder):
            if len(found) > ENTRIES_MAX:
                raise ContractBreach(
                    f"more than {ENTRIES_MAX} files are there",
                    code="E-FILES",
                    remedy="move files that were taken to another folder",
                )
            name = entry.filename
            if stat.S_ISREG(entry.st_mode or 0) and "/" not in name:
                found[name] = Listed(name, entry.st_size or 0, float(entry.st_mtime or 0))
        return found

    def _matching(self, names: dict[str, Listed]) -> list[Listed]:
        return [
            one
            for name, one in sorted(names.items())
            if fnmatch.fnmatchcase(name, self.place.pattern)
            and not name.startswith((".", "~"))
            and not name.endswith((*UNFINISHED, *filter(None, [self.place.marker])))
        ]

    @contextmanager
    def fetch(self, listed: Listed) -> Iterator[Path | None]:
        """A copy of the file."""
        with tempfile.TemporaryDirectory() as folder:
            target = Path(folder) / "file"
            yield target if self._copied(listed, target) else None

    def _copied(self, listed: Listed, target: Path) -> bool:
        """Whether a copy has the size that was listed, and the file still has it too."""
        deadline_s = clock.monotonic_s() + COPY_S_MAX
        size = 0
        try:
            with self.sftp.open(f"{self.place.folder}/{listed.name}", "rb") as source:
                source.prefetch(listed.size)
                with target.open("wb") as file:
                    while block := source.read(BLOCK_BYTES):
                        size += len(block)
                        if size > min(listed.size, FILE_BYTES_MAX):
                            return False
                        if clock.monotonic_s() > deadline_s:
                            raise TimeoutError
                        file.write(block)
        except FileNotFoundError:
            return False
        return size == listed.size


@contextmanager
def _failures() -> Iterator[None]:
    """What the library raises, as errors of the hub."""
    try:
        yield
    except (paramiko.BadHostKeyException, paramiko.AuthenticationException) as error:
        raise _access(error) from None
    except (paramiko.SSHException, EOFError, OSError) as error:
        if isinstance(error, paramiko.SSHException) and "not found in known_hosts" in str(error):
            raise _access(error) from None
        raise SourceUnavailable(
            f"the SFTP server does not answer ({type(error).__name__})",
            remedy="check host, port and folder, and that the server runs",
        ) from error


def _access(error: Exception) -> ContractBreach:
    if isinstance(error, paramiko.AuthenticationException):
        return ContractBreach(
            "the SFTP server refuses the user", code="E-ACCESS", remedy="check user and key"
        )
    return ContractBreach(
        "the SFTP server is not the one whose host key is set",
        code="E-ACCESS",
        remedy="ask its owner whether the key was changed; then set the new one",
    )


def _host_key(text: str) -> paramiko.PKey:
    try:
        kind, data = text.split()[:2]
        return paramiko.PKey.from_type_string(kind, b64decode(data, validate=True))
    except (ValueError, binascii.Error, paramiko.SSHException):
        raise SettingsError(
            "the host key cannot be read",
            remedy="set it as ssh-keyscan writes it, without the host",
        ) from None


def _private_key(text: str) -> paramiko.PKey:
    for kind in (paramiko.Ed25519Key, paramiko.ECDSAKey, paramiko.RSAKey):
        try:
            return kind.from_private_key(io.StringIO(text))
        except (paramiko.SSHException, ValueError):
            continue
    raise SettingsError("the private key cannot be read", remedy="write it anew, without password")
