"""Where files are dropped: what is there and complete, and how one is had as a local file."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple, Protocol

from hub.connect.sources.folder import complete
from hub.errors import SourceUnavailable

FILE_BYTES_MAX = 1_000_000_000


class Listed(NamedTuple):
    """A file that is there: name, size in bytes, and time of its last change as the place says."""

    name: str
    size: int
    changed: float

    @property
    def fingerprint(self) -> str:
        """What stands for this entry in a position: another size or time is another entry."""
        text = f"{self.size}|{self.changed}|{self.name}"
        return blake2b(text.encode("utf-8", "replace"), digest_size=8).hexdigest()


class Opened(Protocol):
    """A place that can be looked at now."""

    def listing(self) -> list[Listed]:
        """The complete files that match, in name order. Raises SourceUnavailable."""

    def fetch(self, listed: Listed) -> AbstractContextManager[Path | None]:
        """A file as a local one, None where it is gone or changes. Raises SourceUnavailable."""


class Place(Protocol):
    """A place where files are dropped."""

    @property
    def rest_s(self) -> float:
        """How long to leave it alone between two looks."""

    def open(self) -> AbstractContextManager[Opened]:
        """Connect. Raises SourceUnavailable."""


class Folder(NamedTuple):
    """A folder of this machine.

    With a `marker`, for example ".done", a file is complete when one of its name and the marker
    lies beside it; otherwise when it has not changed for a moment and its name is not that of an
    unfinished transfer.
    """

    path: Path
    pattern: str
    marker: str = ""
    rest_s: float = 0.0

    @contextmanager
    def open(self) -> Iterator["Folder"]:
        """It is there, or its listing says that it is not."""
        yield self

    def listing(self) -> list[Listed]:
        """The complete files."""
        found = []
        for path in complete(self.path, self.pattern):
            if self.marker and not Path(f"{path}{self.marker}").exists():
                continue
            state = _state(path)
            if state is not None and not (self.marker and path.name.endswith(self.marker)):
                found.append(state)
        return found

    @contextmanager
    def fetch(self, listed: Listed) -> Iterator[Path | None]:
        """The file itself."""
        path = self.path / listed.name
        try:
            yield path if _state(path) == listed else None
        except OSError as error:
            raise SourceUnavailable(
                f"the file {listed.name} cannot be read ({error.strerror})",
                remedy="let the hub's user read it, and leave it there until it has been taken",
            ) from None


def _state(path: Path) -> Listed | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return Listed(path.name, found.st_size, found.st_mtime)
