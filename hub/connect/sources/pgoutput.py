"""Reads the messages of PostgreSQL's logical decoding plugin pgoutput, protocol version 1.

Source of the format: PostgreSQL documentation, "Logical Replication Message Formats". Strict: a
message that does not fit is a ContractBreach, never a guess.
"""

import struct
from typing import NamedTuple

from hub.errors import ContractBreach

_TEXT, _NULL, _SAME = b"tnu"
_SHORT, _LONG = struct.Struct(">H"), struct.Struct(">I")
Values = tuple[str | None, ...]
UNCHANGED = "\0unchanged"
"""Stands for a large value that was not changed and is therefore not in the message."""


class Relation(NamedTuple):
    """A table and its columns, told before its first row; `identity` f: rows before are whole."""

    oid: int
    schema: str
    table: str
    columns: tuple[str, ...]
    identity: str


class Begin(NamedTuple):
    """A transaction begins; `xid` is its 32-bit number."""

    commit_lsn: int
    xid: int


class Commit(NamedTuple):
    """A transaction ends; what follows begins at `end_lsn`."""

    commit_lsn: int
    end_lsn: int


class RowChange(NamedTuple):
    """A row of a relation before and after; `kind` is I, U or D."""

    kind: str
    oid: int
    before: Values | None
    after: Values | None


Message = Relation | Begin | Commit | RowChange | None


def parse(data: bytes) -> Message:
    """One message; None for kinds that change no row. Raises ContractBreach E-PGOUTPUT."""
    try:
        return _Reader(data).whole_message()
    except (struct.error, IndexError, UnicodeDecodeError, ValueError) as error:
        raise ContractBreach(
            f"a log message cannot be read ({type(error).__name__})",
            code="E-PGOUTPUT",
            remedy="is the plugin pgoutput and the protocol version 1?",
        ) from None


class _Reader:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def _take(self, size: int) -> bytes:
        part = self._data[self._at : self._at + size]
        if len(part) != size:
            raise ValueError(size)
        self._at += size
        return part

    def _number(self, code: str) -> int:
        number: int = struct.unpack(f">{code}", self._take(struct.calcsize(f">{code}")))[0]
        return number

    def _text(self) -> str:
        end = self._data.index(b"\0", self._at)
        text = self._data[self._at : end].decode()
        self._at = end + 1
        return text

    def whole_message(self) -> Message:
        message = self._message()
        if message is not None and self._at != len(self._data):
            raise ValueError(self._at)
        return message

    def _message(self) -> Message:
        kind = chr(self._take(1)[0])
        if kind == "B":
            commit_lsn, _, xid = self._number("Q"), self._number("q"), self._number("I")
            return Begin(commit_lsn, xid)
        if kind == "C":
            self._take(1)
            commit = Commit(self._number("Q"), self._number("Q"))
            self._take(8)
            return commit
        if kind == "R":
            return self._relation()
        if kind in "IUD":
            return self._row(kind)
        if kind == "T":
            raise ContractBreach(
                "a table was truncated", code="E-GAP", remedy="reset the position to read it anew"
            )
        if kind in "YOM":
            return None
        raise ValueError(kind)

    def _relation(self) -> Relation:
        oid, schema, table = self._number("I"), self._text(), self._text()
        identity = chr(self._take(1)[0])
        columns = []
        for _ in range(self._number("H")):
            self._take(1)
            columns.append(self._text())
            self._take(8)
        return Relation(oid, schema, table, tuple(columns), identity)

    def _row(self, kind: str) -> RowChange:
        oid = self._number("I")
        before = after = None
        part = chr(self._take(1)[0])
        if part in "KO":
            before = self._values()
            part = chr(self._take(1)[0]) if kind == "U" else ""
        if part == "N" and kind != "D":
            after = self._values()
        elif kind != "D" or before is None:
            raise ValueError(part)
        return RowChange(kind, oid, before, after)

    def _values(self) -> Values:
        data, at = self._data, self._at + _SHORT.size
        values: list[str | None] = []
        for _ in range(_SHORT.unpack_from(data, self._at)[0]):
            kind = data[at]
            at += 1
            if kind == _TEXT:
                start = at + _LONG.size
                at = start + _LONG.unpack_from(data, at)[0]
                if at > len(data):
                    raise ValueError(at)
                values.append(data[start:at].decode())
            elif kind == _NULL:
                values.append(None)
            elif kind == _SAME:
                values.append(UNCHANGED)
            else:
                raise ValueError(kind)
        self._at = at
        return tuple(values)
