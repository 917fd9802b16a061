"""A state in a folder: an LMDB file, larger than memory, that a killed process leaves whole.

It is a cache. Commits are not forced to the disk, so after the machine itself has stopped without
closing it, it is made anew. Values of persons are sealed, each record under a key of its own that
follows from a secret outside the folder and from a salt in a file beside. Removing a record wipes
its salt: what is left of it on free pages cannot be read any more, whoever has the secret.
"""

import fcntl
import os
from collections.abc import Iterator, Mapping
from hashlib import blake2b
from heapq import merge
from io import FileIO
from itertools import islice
from mmap import mmap
from pathlib import Path
from shutil import rmtree
from typing import Any

import lmdb
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from hub import clock
from hub.errors import Fenced
from hub.identity.state import KEY_BYTES, TABLES, TOKENS, Rows, derived

MAP_BYTES = 1 << 37
"""How large the file may grow; addresses are set aside for it, not memory."""
SALT_BYTES = 16
SALTS_STEP = 1 << 16
RECORDS, GONE = "records", "gone"
BOOT = Path("/proc/sys/kernel/random/boot_id")
CLOSED = "closed"
_NONCE = bytes(12)
"""A record's key seals one text only."""
_Transaction = Any
"""lmdb.Transaction is generic for mypy alone."""


class LmdbRows:
    """A table in the file, with what is pending in memory."""

    def __init__(self, database: Any, reading: _Transaction) -> None:
        """`reading` sees what was committed."""
        self.pending: dict[bytes, bytes | None] = {}
        self._database = database
        self.read(reading)

    def read(self, reading: _Transaction) -> None:
        """From now on see what this transaction does; nothing is pending."""
        self.pending.clear()
        self._reading = reading
        self._get = reading.get

    def get(self, key: bytes) -> bytes | None:
        """A row; None where there is none."""
        if key in self.pending:
            return self.pending[key]
        found: bytes | None = self._get(key, None, self._database)
        return found

    def put(self, key: bytes, row: bytes) -> None:
        """Put a row in the place of the one there may be."""
        self.pending[key] = row

    def remove(self, key: bytes) -> None:
        """Remove a row that may be there."""
        self.pending[key] = None

    def items(self) -> Iterator[tuple[bytes, bytes]]:
        """All rows, in the order of their keys."""
        return self._items(b"")

    def some(self, after: bytes, count: int) -> list[tuple[bytes, bytes]]:
        """So many rows, in the order of their keys."""
        return list(islice(self._items(after), count))

    def _items(self, after: bytes) -> Iterator[tuple[bytes, bytes]]:
        pending = {key: row for key, row in self.pending.items() if key > after}
        with self._reading.cursor(self._database) as cursor:
            rows = cursor if cursor.set_range(after + b"\0") else ()
            committed = (one for one in rows if one[0] not in pending)
            for key, row in merge(committed, sorted(pending.items())):
                if row is not None:
                    yield key, row

    def clear(self, writing: _Transaction) -> None:
        """Remove all rows."""
        writing.drop(self._database, delete=False)

    def write(self, writing: _Transaction) -> None:
        """Write what is pending."""
        rows = sorted(self.pending.items())
        with writing.cursor(self._database) as cursor:
            cursor.putmulti([(key, row) for key, row in rows if row is not None])
        for key, row in rows:
            if row is None:
                writing.delete(key, db=self._database)


class Salts:
    """A salt for each number, in a file in which they are overwritten in place."""

    def __init__(self, path: Path) -> None:
        """Made where it does not exist."""
        self._file = path.open("a+b")
        self._grow(SALTS_STEP)

    def __getitem__(self, number: int) -> bytes:
        place = number * SALT_BYTES
        return self._map[place : place + SALT_BYTES]

    def put(self, number: int, salt: bytes) -> None:
        """Put a salt in the place of the one there may be."""
        place = number * SALT_BYTES
        if place >= len(self._map):
            self._map.close()
            self._grow(number + SALTS_STEP)
        self._map[place : place + SALT_BYTES] = salt

    def wipe(self, number: int) -> None:
        """Overwrite a salt."""
        self.put(number, bytes(SALT_BYTES))

    def wipe_all(self) -> None:
        """Overwrite all salts, on the disk too."""
        self._map[:] = bytes(len(self._map))
        self._map.flush()

    def close(self) -> None:
        """Let everything reach the disk."""
        self._map.flush()
        self._map.close()
        os.fsync(self._file.fileno())
        self._file.close()

    def _grow(self, salts: int) -> None:
        size = max(self._file.seek(0, os.SEEK_END), salts * SALT_BYTES)
        self._file.truncate(size)
        self._map = mmap(self._file.fileno(), size)


class SealedRows:
    """The records, sealed."""

    def __init__(self, rows: LmdbRows, gone: LmdbRows, salts: Salts, key: bytes) -> None:
        """`gone` are records removed since the last commit but one, whose salts are to be wiped."""
        self._rows = rows
        self._gone = gone
        self._salts = salts
        self._key = key

    def get(self, key: bytes) -> bytes | None:
        """A record; None where there is none."""
        row = self._rows.get(key)
        return None if row is None else self._seal(key).decrypt(_NONCE, row, key)

    def put(self, key: bytes, row: bytes) -> None:
        """Put a record; a number is never used again once this was committed."""
        self._salts.put(int.from_bytes(key, "big"), bytes.fromhex(clock.random_token(SALT_BYTES)))
        self._rows.put(key, self._seal(key).encrypt(_NONCE, row, key))

    def remove(self, key: bytes) -> None:
        """Remove a record."""
        self._rows.remove(key)
        self._gone.put(key, b"")

    def items(self) -> Iterator[tuple[bytes, bytes]]:
        """All records, by their numbers."""
        for key, row in self._rows.items():
            yield key, self._seal(key).decrypt(_NONCE, row, key)

    def some(self, after: bytes, count: int) -> list[tuple[bytes, bytes]]:
        """So many records, by their numbers."""
        return [
            (key, self._seal(key).decrypt(_NONCE, row, key))
            for key, row in self._rows.some(after, count)
        ]

    def wipe_gone(self) -> None:
        """Wipe the salts of the records whose removal was committed; the next commit forgets it."""
        for key, _ in list(self._gone.items()):
            self._salts.wipe(int.from_bytes(key, "big"))
            self._gone.remove(key)

    def _seal(self, key: bytes) -> AESGCM:
        salt = self._salts[int.from_bytes(key, "big")]
        return AESGCM(blake2b(salt, digest_size=KEY_BYTES, key=self._key).digest())


class LmdbState:
    """A state in a folder. One process has it at a time."""

    def __init__(self, folder: Path, secret: bytes) -> None:
        """Open or make it. Raises Fenced where another process has it open."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._lock = _lock(folder / "lock")
        self._boot = folder / "boot"
        self.key = derived(secret, TOKENS)
        sealing = derived(secret, b"records")
        if not _trusted(self._boot):
            _discard(folder)
        _mark(self._boot, _boot())
        self._env = lmdb.open(
            str(folder / "rows"),
            map_size=MAP_BYTES,
            max_dbs=len(TABLES) + 2,
            sync=False,
            metasync=False,
            readahead=False,
        )
        names = (RECORDS, GONE, *TABLES)
        databases = {name: self._env.open_db(name.encode()) for name in names}
        self._reading: _Transaction = self._env.begin()
        self._all: dict[str, LmdbRows] = {
            name: LmdbRows(one, self._reading) for name, one in databases.items()
        }
        self._salts = Salts(folder / "salts")
        self._records = SealedRows(self._all[RECORDS], self._all[GONE], self._salts, sealing)
        self._records.wipe_gone()

    @property
    def records(self) -> Rows:
        """Records by number: the only table with values of persons in it."""
        return self._records

    @property
    def tables(self) -> Mapping[str, Rows]:
        """The others."""
        return {name: self._all[name] for name in TABLES}

    def commit(self) -> None:
        """Write what is pending, whole or not at all."""
        with self._env.begin(write=True) as writing:
            for rows in self._all.values():
                rows.write(writing)
        self._read_anew()
        self._records.wipe_gone()

    def rollback(self) -> None:
        """Forget what is pending."""
        for rows in self._all.values():
            rows.pending.clear()
        self._records.wipe_gone()

    def clear(self) -> None:
        """Forget everything."""
        with self._env.begin(write=True) as writing:
            for rows in self._all.values():
                rows.clear(writing)
        self._salts.wipe_all()
        self._read_anew()

    def _read_anew(self) -> None:
        self._reading.abort()
        self._reading = self._env.begin()
        for rows in self._all.values():
            rows.read(self._reading)

    def close(self) -> None:
        """Let everything reach the disk, so that it can be trusted whatever happens."""
        self._env.sync(True)
        self._reading.abort()
        self._env.close()
        self._salts.close()
        _mark(self._boot, CLOSED)
        self._lock.close()


def _lock(path: Path) -> FileIO:
    """The lock, held until it is closed or the process ends."""
    file = FileIO(path, "a")
    try:
        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        raise Fenced(
            "another process has the identity state open",
            remedy="stop it, or give each process a folder of its own",
        ) from None
    return file


def _boot() -> str:
    """Which start of the machine this is; empty where it does not say."""
    return BOOT.read_text().strip() if BOOT.exists() else ""


def _mark(marker: Path, text: str) -> None:
    """Write the marker; it is on the disk before anything else is."""
    with marker.open("w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _trusted(marker: Path) -> bool:
    """Whether what was written is there: closed, or the machine has run ever since."""
    told = marker.read_text() if marker.exists() else ""
    return told == CLOSED or (bool(told) and told == _boot())


def _discard(folder: Path) -> None:
    """Remove the files, and before the salts are removed overwrite them."""
    path = folder / "salts"
    if path.exists():
        salts = Salts(path)
        salts.wipe_all()
        salts.close()
        path.unlink()
    rmtree(folder / "rows", ignore_errors=True)
