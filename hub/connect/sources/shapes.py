"""What is in a file: shapes that are read piece by piece, each piece with its exact bytes.

A shape first checks a file as a whole, so that a file which is broken as a whole is refused before
any piece of it is told; a bad piece among good ones costs that piece only.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from hub.connect.contract import Record
from hub.connect.sources import csv_rows, json_files
from hub.connect.sources.context import context_of
from hub.connect.sources.encodings import UTF_8
from hub.connect.strict_json import loads, loads_text, refused
from hub.errors import ContractBreach, UnreadableRecord

LINE_BYTES_MAX = csv_rows.ROW_BYTES_MAX


class Piece(NamedTuple):
    """One record of a file, or why there is none; `context` is what reading it again needs."""

    record: Record
    error: UnreadableRecord | None
    raw: bytes
    context: Mapping[str, Any]


class Shape(Protocol):
    """How a file is read."""

    def check(self, path: Path, name: str) -> None:
        """Raise ContractBreach E-FILE, which calls the file `name`, where it is broken as a whole.

        In bounded memory; the file is not changed meanwhile.
        """

    def pieces(self, path: Path, name: str) -> Iterator[Piece]:
        """The records of a file that was checked, the same ones in the same order each time."""


class Csv(NamedTuple):
    """Rows below a header of column names, quoted as RFC 4180 has it."""

    delimiter: str = ","
    encoding: str = UTF_8

    def check(self, path: Path, name: str) -> None:
        """Refuse a file without a readable header."""
        csv_rows.columns_of(path, self.dialect, name)

    @property
    def dialect(self) -> csv_rows.Dialect:
        """How its rows are written."""
        return csv_rows.Dialect(self.delimiter, self.encoding)

    def pieces(self, path: Path, name: str) -> Iterator[Piece]:
        """Its rows."""
        columns = csv_rows.columns_of(path, self.dialect)
        context = {**context_of(name, "csv", columns), **self.dialect.told()}
        for row in csv_rows.rows(path, self.dialect):
            yield Piece(row.record, row.error, row.raw, {**context, "line": row.line})


class Json(NamedTuple):
    """A document with a list of objects: at a dotted path of members, or the document itself.

    With `pages` the document is a list of such documents.
    """

    member: str = ""
    pages: bool = False

    def check(self, path: Path, name: str) -> None:
        """Refuse a file that is no such document."""
        for _ in json_files.texts(path, self.member, name, pages=self.pages):
            return

    def pieces(self, path: Path, name: str) -> Iterator[Piece]:
        """The objects of the list."""
        context = context_of(name, "json")
        found = json_files.texts(path, self.member, name, pages=self.pages)
        for number, text in enumerate(found, 1):
            yield json_piece(text, {**context, "line": number})


class JsonLines(NamedTuple):
    """An object in each line."""

    def check(self, path: Path, name: str) -> None:
        """Refuse a file that is not text in UTF-8 by its mark."""
        with path.open("rb") as file:
            if file.read(2) in csv_rows.UTF16:
                raise refuse(name, "is UTF-16", "have the system export UTF-8")

    def pieces(self, path: Path, name: str) -> Iterator[Piece]:
        """The objects; blank lines are none."""
        context = context_of(name, "json")
        for number, raw, whole in lines(path):
            place = {**context, "line": number}
            if not whole:
                error = refused("E-ROW-SIZE", f"a line of at most {LINE_BYTES_MAX} bytes")
                yield Piece(Record(), error, raw, place)
            elif stripped := raw.strip():
                yield json_piece(stripped, place)


def json_piece(text: str | bytes, context: Mapping[str, Any]) -> Piece:
    """One JSON object as a piece."""
    raw = text if isinstance(text, bytes) else text.encode()
    try:
        value = loads(raw) if isinstance(text, bytes) else loads_text(text)
        if not isinstance(value, dict):
            raise refused("E-JSON", "an object")
    except UnreadableRecord as error:
        return Piece(Record(), error, raw, context)
    return Piece(Record(value), None, raw, context)


def lines(path: Path) -> Iterator[tuple[int, bytes, bool]]:
    """Number and bytes of each line, and whether it is whole: no more is kept than LINE_BYTES_MAX.

    A byte order mark is no part of the first line.
    """
    with path.open("rb") as file:
        if file.read(3) != b"\xef\xbb\xbf":
            file.seek(0)
        number = 0
        while raw := file.readline(LINE_BYTES_MAX + 1):
            number += 1
            whole = len(raw) <= LINE_BYTES_MAX
            rest = raw
            while not rest.endswith(b"\n") and len(rest) > LINE_BYTES_MAX:
                rest = file.readline(LINE_BYTES_MAX + 1)
            yield number, raw[:LINE_BYTES_MAX], whole


def refuse(name: str, what: str, remedy: str = "ask for the file again") -> ContractBreach:
    """The error for a file that is broken as a whole."""
    return ContractBreach(f"file {name} {what}", code="E-FILE", remedy=remedy)
