"""CSV from outside, row by row, with the exact bytes of each row.

The csv module is fed line by line, so that what belongs to a row (several lines, where a cell has
line ends) is known byte for byte. Memory does not grow with the file.
"""

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import IO, NamedTuple

from hub.connect.contract import Record
from hub.connect.sources.encodings import UTF_8, decode, remedy
from hub.errors import ContractBreach, UnreadableRecord

FIELD_CHARACTERS_MAX = 1_000_000
ROW_BYTES_MAX = 900_000
COLUMNS_MAX = 500
UTF16 = (b"\xff\xfe", b"\xfe\xff")
UTF8_MARK = b"\xef\xbb\xbf"
csv.field_size_limit(FIELD_CHARACTERS_MAX)


class Dialect(NamedTuple):
    """How rows are written: what parts their cells, and the encoding, one of `encodings`."""

    delimiter: str = ","
    encoding: str = UTF_8

    def told(self) -> dict[str, str]:
        """What is not as it is by default."""
        return {name: said for name, said in self._asdict().items() if said != getattr(PLAIN, name)}


PLAIN = Dialect()


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
    """The lines of a file as text, remembering the bytes of the row being read.

    No line is held that is longer than a row may be: its end is read over.
    """

    def __init__(self, file: IO[bytes], encoding: str) -> None:
        self._file = file
        self._encoding = encoding
        self.pending: list[bytes] = []
        self.bytes_pending = 0
        self.broken: str = ""
        self.number = 0
        self.offset = 0
        self.ended = False

    def __iter__(self) -> Iterator[str]:
        readline = self._file.readline
        while raw := readline(ROW_BYTES_MAX + 1):
            self.number += 1
            self.bytes_pending += len(raw)
            if self.bytes_pending <= ROW_BYTES_MAX:
                self.pending.append(raw)
            else:
                self._too_long(raw)
            try:
                text = raw.decode() if self._encoding == UTF_8 else decode(raw, self._encoding)
            except UnicodeDecodeError:
                self.broken = self.broken or "E-ENCODING"
                text = raw.decode(self._encoding, "replace")
            if "\0" in text:
                self.broken = self.broken or "E-NUL"
                text = text.replace("\0", "")
            if self.number == 1:
                text = text.removeprefix("\ufeff")
            yield text
        self.ended = True

    def _too_long(self, raw: bytes) -> None:
        """Keep what fits of a row that is too long, and read to the end of this line."""
        self.broken = "E-ROW-SIZE"
        kept = sum(map(len, self.pending))
        self.pending.append(raw[: ROW_BYTES_MAX - kept])
        while raw and not raw.endswith(b"\n"):
            raw = self._file.readline(ROW_BYTES_MAX)
            self.bytes_pending += len(raw)

    def take(self) -> tuple[bytes, str]:
        """The bytes of the row just read and what broke in it; the next row begins empty."""
        raw, broken = b"".join(self.pending), self.broken
        self.pending.clear()
        self.offset += self.bytes_pending
        self.bytes_pending, self.broken = 0, ""
        return raw, broken


_RULES = {
    "E-NUL": "text without NUL bytes",
    "E-ROW-SIZE": f"a row of at most {ROW_BYTES_MAX} bytes",
    "E-QUOTE": "a row whose quotes are closed before the file ends",
}


def columns_of(path: Path, dialect: Dialect = PLAIN, name: str = "") -> tuple[str, ...]:
    """The column names in the first row.

    Raises ContractBreach for a file that is no such CSV, which calls it `name`.
    """
    with path.open("rb") as file:
        lines = _Lines(file, dialect.encoding)
        return _header(_reader(lines, dialect), lines, dialect, name or path.name)


def rows(path: Path, dialect: Dialect = PLAIN) -> Iterator[Row]:
    """Every row of a file after the header, readable or not; blank lines are no rows.

    Raises ContractBreach where the file as a whole cannot be: no header, of another encoding by its
    mark or header, a column twice, too many columns.
    """
    with path.open("rb") as file:
        lines = _Lines(file, dialect.encoding)
        reader = _reader(lines, dialect)
        columns = _header(reader, lines, dialect, path.name)
        while (row := _next(reader, lines, columns, dialect)) is not None:
            if row is not _BLANK:
                yield row


def _reader(lines: _Lines, dialect: Dialect) -> Iterator[list[str]]:
    return csv.reader(iter(lines), delimiter=dialect.delimiter)


def _next(
    reader: Iterator[list[str]], lines: _Lines, columns: tuple[str, ...], dialect: Dialect
) -> Row | None:
    """The next row, _BLANK for a blank line, None at the end."""
    line, offset, width = lines.number + 1, lines.offset, len(columns)
    try:
        cells = next(reader, None)
    except csv.Error:
        raw, broken = lines.take()
        return Row(Record(), _broken(broken or "E-CSV", dialect, width), raw, line, offset)
    if cells is None:
        return None
    raw, broken = lines.take()
    if lines.ended:
        broken = broken or "E-QUOTE"  # only an open quote asks for more than the last line
    if not broken and len(cells) == width:
        return Row(Record(zip(columns, cells, strict=True)), None, raw, line, offset)
    if not cells and not broken:
        return _BLANK
    error = _broken(broken or "E-COLUMNS", dialect, width, len(cells))
    return Row(Record(), error, raw, line, offset, tuple(cells))


_BLANK = Row(Record(), None, b"", 0, 0)


def row_at(file: IO[bytes], offset: int, columns: tuple[str, ...], dialect: Dialect = PLAIN) -> Row:
    """The row that begins at a byte of an open file, not its first."""
    file.seek(offset)
    lines = _Lines(file, dialect.encoding)
    lines.number = 1
    return _next(_reader(lines, dialect), lines, columns, dialect) or _BLANK


def parse_row(raw: bytes, columns: tuple[str, ...], dialect: Dialect = PLAIN) -> Record:
    """One row again from its bytes. Raises UnreadableRecord as reading it the first time did."""
    row = row_at(io.BytesIO(raw), 0, columns, dialect)
    if row.error is not None:
        raise row.error
    if len(row.raw) != len(raw) or row is _BLANK:
        raise _broken("E-COLUMNS", dialect, len(columns))
    return row.record


def _header(
    reader: Iterator[list[str]], lines: _Lines, dialect: Dialect, name: str
) -> tuple[str, ...]:
    try:
        cells = next(reader, None)
    except csv.Error:
        cells = None
    raw, broken = lines.take()
    check_mark(raw, dialect.encoding, name)
    if broken == "E-ENCODING":
        raise _refuse(name, f"is not {dialect.encoding}", remedy(dialect.encoding))
    if cells is None or broken or not any(cells):
        raise _refuse(name, "has no readable header", "ask for the file again")
    columns = tuple(cell.strip() for cell in cells)
    if len(set(columns)) != len(columns):
        raise _refuse(name, "has a column name twice", "ask for distinct names")
    if len(columns) > COLUMNS_MAX:
        raise _refuse(name, f"has more than {COLUMNS_MAX} columns", "is it the right file?")
    return columns


def check_mark(head: bytes, encoding: str, name: str) -> None:
    """Refuse a file that says by its first bytes that it is in another encoding: ContractBreach."""
    if head.startswith(UTF16):
        raise _refuse(name, "is UTF-16", "have the system export UTF-8")
    if encoding != UTF_8 and head.startswith(UTF8_MARK):
        raise _refuse(
            name, f"has the mark of UTF-8, and is said to be {encoding}", remedy(encoding)
        )


def _refuse(name: str, what: str, remedy: str) -> ContractBreach:
    return ContractBreach(f"file {name} {what}", code="E-FILE", remedy=remedy)


def _broken(code: str, dialect: Dialect, width: int, found: int = 0) -> UnreadableRecord:
    if code == "E-ENCODING":
        return not_text("row", dialect.encoding)
    rule = _RULES.get(code) or (
        f"{width} columns, not {found}" if code == "E-COLUMNS" else "a CSV row"
    )
    return UnreadableRecord(
        f"the row is not {rule}", code=code, rule=rule, remedy="mend the row in the source"
    )


def not_text(what: str, encoding: str) -> UnreadableRecord:
    """The error for a row, or what else it is, that is no text in its encoding."""
    return UnreadableRecord(
        f"the {what} is not {encoding}",
        code="E-ENCODING",
        rule=encoding,
        remedy=f"mend the {what} in the source; or, where all have it, {remedy(encoding)}",
    )
