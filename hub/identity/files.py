"""Files as somebody sends them: gzipped or not, whole or spoilt."""

import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from gzip import GzipFile
from io import BufferedReader
from pathlib import Path

from hub.errors import SettingsError

_GZIPPED = b"\x1f\x8b"


@contextmanager
def opened(path: Path) -> Iterator[BufferedReader | GzipFile]:
    """The bytes of a file, unpacked where it is gzipped.

    Raises SettingsError where it cannot be read, at once or as far as it is spoilt.
    """
    try:
        with path.open("rb") as raw:
            gzipped = raw.peek(len(_GZIPPED)).startswith(_GZIPPED)
            with GzipFile(fileobj=raw) if gzipped else raw as file:
                yield file
    except (OSError, EOFError, zlib.error) as error:
        raise SettingsError(f"{path.name} cannot be read", remedy="check the path") from error
