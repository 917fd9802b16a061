"""CSV from outside, row by row, with the exact bytes of each row.

The csv module is fed line by line, so that what belongs to a row (several lines, where a cell has
line ends) is known byte for byte. Memory does not grow with the file.
"""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import IO, NamedTuple

from hub.connect.contract import Record
from hub.errors import ContractBreach, UnreadableRecord

FIELD_CHARACTERS_MAX = 1_000_000
ROW_BYTES_MAX = 900_000
COLUMNS_MAX = 500
BOM = b"\xef\xbb\xbf"
UTF16 = (b"\xff\xfe", b"\xfe\xff")


class Row(NamedTuple):
    """One row: its fields, or why it has none; the exact bytes; where it begins (line, byte)."""

    record: Record
    error: UnreadableRecord | None
    raw: bytes
    line: int
    offset: int
    cells: tuple[str, ...] = ()
    """What could be split of an unreadable row, so that its key may still be recognised."""


class _Lines:
    """The lines of a file as text, remembering the bytes of the row being read."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.pending: list[bytes] = []
        self.bytes_pending = 0
        self.broken: str = ""
        self.number = 0
        self.offset = 0

    def __iter__(self) -> Iterator[str]:
        for raw in self._file:
            self.number += 1
            self.bytes_pending += len(raw)
            if self.bytes_pending <= ROW_BYTES_MAX:
                self.pending.append(raw)
            else:
                self.broken = "E-ROW-SIZE"
            try:
                text = raw.decode("utf-8")
            except UnicodeDecodeError:
                self.broken = "E-ENCODING"
                text = raw.decode("utf-8", "replace")
            if "\0" in text:
                self.broken = "E-NUL"
                text = text.replace("\0", "")
            yield text

    def take(self) -> tuple[bytes, str]:
        """The bytes of the row just read and what broke in it; the next row begins empty."""
        raw, broken = b"".join(self.pending), self.broken
        self.pending.clear()
        self.offset += self.bytes_pending
        self.bytes_pending, self.broken = 0, ""
        return raw, broken


_RULES = {
    "E-ENCODING": "UTF-8",
    "E-NUL": "text without NUL bytes",
    "E-ROW-SIZE": f"a row of at most {ROW_BYTES_MAX} bytes",
}


def columns_of(path: Path) -> tuple[str, ...]:
    """The column names in the first row. Raises ContractBreach for a file that is no such CSV."""
    with path.open("rb") as file:
        lines = _Lines(file)
        return _header(csv.reader(iter(lines)), lines, path.name)


def rows(path: Path, delimiter: str = ",") -> Iterator[Row]:
    """Every row of a file after the header, readable or not.

    Raises ContractBreach where the file as a whole cannot be: no header, not UTF-8 by its mark,
    a column twice, too many columns.
    """
    csv.field_size_limit(FIELD_CHARACTERS_MAX)
    with path.open("rb") as file:
        lines = _Lines(file)
        reader = csv.reader(iter(lines), delimiter=delimiter)
        columns = _header(reader, lines, path.name)
        width = len(columns)
        while True:
            line, offset = lines.number + 1, lines.offset
            try:
                cells = next(reader, None)
            except csv.Error:
                raw, broken = lines.take()
                yield Row(Record(), _broken(broken or "E-CSV", width, 0), raw, line, offset)
                continue
            if cells is None:
                return
            raw, broken = lines.take()
            if broken or len(cells) != width:
                if not cells:
                    continue  # a blank line is no row
                error = _broken(broken or "E-COLUMNS", width, len(cells))
                yield Row(Record(), error, raw, line, offset, tuple(cells))
            else:
                yield Row(Record(zip(columns, cells, strict=True)), None, raw, line, offset)


def row_at(path: Path, offset: int, columns: tuple[str, ...]) -> Record:
    """The readable row that begins at a byte of a file."""
    with path.open("rb") as file:
        file.seek(offset)
        cells = next(csv.reader(iter(_Lines(file))))
    return Record(zip(columns, cells, strict=True))


def parse_row(raw: bytes, columns: tuple[str, ...]) -> Record:
    """One row again from its bytes. Raises UnreadableRecord as reading it the first time did."""
    try:
        cells = next(csv.reader([raw.decode("utf-8")]), [])
    except (UnicodeDecodeError, csv.Error):
        raise _broken("E-ENCODING", len(columns), 0) from None
    if len(cells) != len(columns):
        cells = next(csv.reader(raw.decode("utf-8").splitlines(keepends=True)), [])
    if len(cells) != len(columns):
        raise _broken("E-COLUMNS", len(columns), len(cells))
    return Record(zip(columns, cells, strict=True))


def _header(reader: Iterator[list[str]], lines: _Lines, name: str) -> tuple[str, ...]:
    cells = next(reader, None)
    raw, broken = lines.take()
    if raw.startswith(UTF16):
        raise _refuse(name, "is UTF-16", "ask for UTF-8")
    if cells is None or broken or not any(cells):
        raise _refuse(name, "has no readable header", "ask for the file again")
    cells[0] = cells[0].removeprefix(BOM.decode())
    columns = tuple(cell.strip() for cell in cells)
    if len(set(columns)) != len(columns):
        raise _refuse(name, "has a column name twice", "ask for distinct names")
    if len(columns) > COLUMNS_MAX:
        raise _refuse(name, f"has more than {COLUMNS_MAX} columns", "is it the right file?")
    return columns


def _refuse(name: str, what: str, remedy: str) -> ContractBreach:
    return ContractBreach(f"file {name} {what}", code="E-FILE", remedy=remedy)


def _broken(code: str, width: int, found: int) -> UnreadableRecord:
    rule = _RULES.get(code) or (
        f"{width} columns, not {found}" if code == "E-COLUMNS" else "a CSV row"
    )
    return UnreadableRecord(
        f"the row is not {rule}", code=code, rule=rule, remedy="mend the row in the source"
    )
