"""Files dropped in a folder: which are complete, in which order, each taken once by content."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path

from hub import clock
from hub.errors import SourceUnavailable

SETTLED_S = 0.3
UNFINISHED = (".part", ".tmp", ".partial", ".filepart", ".crdownload")
DIGEST_BYTES = 16
HEAD_BYTES = 900_000
_STAMP = re.compile(r"(\d{4})-?(\d{2})-?(\d{2})(?:[T_-]?(\d{2})-?(\d{2})(?:-?(\d{2}))?)?")


def complete(folder: Path, pattern: str) -> list[Path]:
    """The files that match and are not being written, in name order.

    A file counts as complete when its name is not that of a partial transfer and its size and time
    stay the same for SETTLED_S. Raises SourceUnavailable where the folder cannot be read.
    """
    try:
        with os.scandir(folder):  # glob would call a folder that is not there an empty one
            pass
        first = {path: _state(path) for path in sorted(folder.glob(pattern)) if _finished(path)}
        fresh = [path for path, (_, changed_s) in first.items() if _age_s(changed_s) < SETTLED_S]
        if fresh:
            clock.sleep_s(SETTLED_S)
        return [path for path, state in first.items() if path not in fresh or _state(path) == state]
    except OSError as error:
        raise SourceUnavailable(
            f"the folder cannot be read ({error.strerror})",
            remedy="check that it exists and that the hub's user may read it",
        ) from error


@contextmanager
def reachable() -> Iterator[None]:
    """A folder or file that cannot be read inside is a source that is away: SourceUnavailable."""
    try:
        yield
    except OSError as error:
        raise SourceUnavailable(
            f"a file cannot be read ({error.strerror})",
            remedy="check that the folder is there and that the hub's user may read its files",
        ) from error


def _finished(path: Path) -> bool:
    name = path.name
    return path.is_file() and not name.startswith((".", "~")) and not name.endswith(UNFINISHED)


def _state(path: Path) -> tuple[int, float]:
    found = path.stat()
    return found.st_size, found.st_mtime


def _age_s(changed_s: float) -> float:
    return clock.now_us() / 1_000_000 - changed_s


def digest_of(path: Path) -> str:
    """A digest of the content, in hexadecimal; computed once while size and time stay the same."""
    found = path.stat()
    return _digest(path, found.st_size, found.st_mtime_ns, found.st_ctime_ns)


@lru_cache(64)
def _digest(path: Path, _size: int, _changed_ns: int, _touched_ns: int) -> str:
    digest = blake2b(digest_size=DIGEST_BYTES)
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def head_of(path: Path) -> bytes:
    """The beginning of a file: as much as quarantine keeps of one that is broken as a whole."""
    with path.open("rb") as file:
        return file.read(HEAD_BYTES)


def stamp_of(name: str) -> int | None:
    """The date (and time) in a file's name as YYYYMMDDhhmmss, or None where there is none."""
    found = _STAMP.search(name)
    if found is None:
        return None
    return int("".join(part or "00" for part in found.groups()))
