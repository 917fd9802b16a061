"""ZIP archives whose members are files of one shape; everything about an archive is bounded.

Refused as a whole, before anything is written or told: too many members, names that lead out of the
folder, members that are archives themselves, links, encrypted ones, and what unpacks to too much or
from too little (a bomb). Sizes that the archive tells are not believed: bytes are counted.
"""

import stat
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from hub.connect.sources.shapes import Piece, Shape, refuse
from hub.errors import ContractBreach

MEMBERS_MAX = 1_000
DIRECTORY_BYTES_MAX = 1_000_000
TOTAL_BYTES_MAX = 2_000_000_000
RATIO_MAX = 200
RATIO_FREE_BYTES = 1_000_000
"""So much may come out of any member, whatever its ratio."""
BLOCK_BYTES = 1 << 20
MAGIC = b"PK\x03\x04"
_END = struct.Struct("<4sHHHHIIH")
_END_MAGIC, _END64_MAGIC = b"PK\x05\x06", b"PK\x06\x07"
_END64_BYTES = 20
_COMMENT_BYTES_MAX = 65_535
_ENCRYPTED = 0x1


class Zipped(NamedTuple):
    """An archive; each member is read as `shape`, in the order of the archive."""

    shape: Shape

    def check(self, path: Path, name: str) -> None:
        """Refuse an archive beyond the limits, or one of whose members is broken as a whole."""
        found = False
        for member, unpacked in _unpacked(path, name):
            found = True
            self.shape.check(unpacked, f"{name}/{member}")
        if not found:
            raise refuse(name, "holds no file")

    def pieces(self, path: Path, name: str) -> Iterator[Piece]:
        """The records of all members."""
        for member, unpacked in _unpacked(path, name):
            yield from self.shape.pieces(unpacked, f"{name}/{member}")


def _unpacked(path: Path, name: str) -> Iterator[tuple[str, Path]]:
    """Each member's name and its content in a file that is gone once the next one is asked for."""
    total = 0
    with _opened(path, name) as archive, tempfile.TemporaryDirectory() as folder:
        members = [info for info in archive.infolist() if not info.is_dir()]
        for info in members:
            _check_member(info, name)
        for info in members:
            target = Path(folder) / "member"
            total += _unpack(archive, info, target, TOTAL_BYTES_MAX - total, name)
            yield info.filename, target


@contextmanager
def _opened(path: Path, name: str) -> Iterator[zipfile.ZipFile]:
    """The archive; whatever the library finds wrong with it refuses it."""
    try:
        _check_directory(path, name)
        with zipfile.ZipFile(path) as archive:
            yield archive
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, struct.error) as error:
        raise refuse(name, "is no ZIP archive that can be read") from error


def _check_directory(path: Path, name: str) -> None:
    """Look at the archive's end before the library reads its whole directory into memory."""
    size = path.stat().st_size
    with path.open("rb") as file:
        file.seek(max(0, size - _END.size - _COMMENT_BYTES_MAX - _END64_BYTES))
        tail = file.read()
    place = tail.rfind(_END_MAGIC)
    if place < 0 or place + _END.size > len(tail):
        raise refuse(name, "is no ZIP archive that can be read")
    _, _, _, _, count, directory_bytes, _, _ = _END.unpack_from(tail, place)
    if tail[max(0, place - _END64_BYTES) : place].startswith(_END64_MAGIC):
        raise refuse(name, "is a ZIP64 archive, larger than the limits")
    if count > MEMBERS_MAX or directory_bytes > DIRECTORY_BYTES_MAX:
        raise refuse(name, f"has more than {MEMBERS_MAX} members")


def _check_member(info: zipfile.ZipInfo, name: str) -> None:
    parts = info.filename.replace("\\", "/").split("/")
    if info.filename.startswith(("/", "\\")) or ".." in parts or ":" in parts[0]:
        raise refuse(name, "has a member whose name leads out of the folder")
    if stat.S_ISLNK(info.external_attr >> 16):
        raise refuse(name, "has a member that is a link")
    if info.flag_bits & _ENCRYPTED:
        raise refuse(name, "has a member that is encrypted", "ask for it without a password")
    if info.filename.lower().endswith(".zip"):
        raise refuse(name, "has an archive inside", "ask for one archive with files")


def _unpack(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, target: Path, left: int, name: str
) -> int:
    """Write a member's content; its size in bytes."""
    bytes_max = min(left, info.compress_size * RATIO_MAX + RATIO_FREE_BYTES)
    written = 0
    with archive.open(info) as member, target.open("wb") as file:
        while block := member.read(BLOCK_BYTES):
            if written == 0 and block.startswith(MAGIC):
                raise refuse(name, "has an archive inside", "ask for one archive with files")
            written += len(block)
            if written > bytes_max:
                raise _bomb(name)
            file.write(block)
    return written


def _bomb(name: str) -> ContractBreach:
    return refuse(
        name,
        f"unpacks to more than {TOTAL_BYTES_MAX} bytes, or more than {RATIO_MAX} times its size",
        "ask for it in smaller parts, if it is no attack",
    )
