"""Lines of fields between a header and a trailer that says how many there are.

The shape of bulk files between administrations: a first line with a mark, one line for each record,
a last line with a mark, the number of records and often the total of their amounts. Fields are not
quoted. A file whose trailer is missing or says something else is refused as a whole: it is not all
there.
"""

from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, NamedTuple

from hub.connect.contract import Record
from hub.connect.sources.context import context_of
from hub.connect.sources.csv_rows import check_mark, not_text
from hub.connect.sources.encodings import UTF_8, decode
from hub.connect.sources.shapes import Piece, lines, refuse
from hub.errors import UnreadableRecord


class Delimited(NamedTuple):
    """How such a file is read.

    `columns` names the fields of a record by position. `header` and `trailer` are the first fields
    of their lines, which may be split by white space instead of the delimiter. `count_at` is which
    field of the trailer is the number of records, from 0; `total_at` which is the exact decimal sum
    of the column `total_of`, where there is one.
    """

    columns: tuple[str, ...]
    delimiter: str = "|"
    header: str = "H"
    trailer: str = "T"
    count_at: int = 1
    total_at: int | None = None
    total_of: str = ""
    encoding: str = UTF_8

    def check(self, path: Path, name: str) -> None:
        """Refuse a file whose header or trailer is missing or whose trailer does not agree."""
        count, total, last = 0, Decimal(0), ""
        with path.open("rb") as file:
            check_mark(file.read(3), self.encoding, name)
        for number, raw, whole in lines(path):
            if number == 1:
                if not self._marked(raw, self.header):
                    raise refuse(name, f"does not begin with {self.header}")
                continue
            if last:
                if raw.strip():
                    raise refuse(name, f"goes on after its trailer {self.trailer}")
                continue
            if whole and self._marked(raw, self.trailer):
                last = raw.decode(self.encoding, "replace")
            elif raw.strip():
                count += 1
                total += self._amount(raw) if self.total_at is not None else 0
        if not last:
            raise refuse(name, f"does not end with {self.trailer}")
        self._agree(last, count, total, name)

    def _agree(self, last: str, count: int, total: Decimal, name: str) -> None:
        fields = self._split(last)
        if _number(fields, self.count_at) != count:
            raise refuse(name, f"has {count} records, and its trailer says another number")
        if self.total_at is not None and _number(fields, self.total_at) != total:
            raise refuse(name, f"has a total of {self.total_of} that its trailer does not say")

    def _amount(self, raw: bytes) -> Decimal:
        """A record's part of the total; one that has none that can be read adds nothing."""
        fields = self._split(raw.decode(self.encoding, "replace"))
        return _number(fields, self.columns.index(self.total_of)) or Decimal(0)

    def _marked(self, raw: bytes, mark: str) -> bool:
        return self._split(raw.decode(self.encoding, "replace"))[0] == mark

    def _split(self, text: str) -> list[str]:
        text = text.rstrip("\r\n")
        return text.split(self.delimiter) if self.delimiter in text else text.split() or [""]

    def pieces(self, path: Path, name: str) -> Iterator[Piece]:
        """The records between header and trailer."""
        context = self._context(name)
        for number, raw, whole in lines(path):
            if number > 1 and whole and self._marked(raw, self.trailer):
                return
            if number == 1 or not raw.strip():
                continue
            place = {**context, "line": number}
            try:
                yield Piece(fields_of(raw, context, whole=whole), None, raw, place)
            except UnreadableRecord as error:
                yield Piece(Record(), error, raw, place)

    def _context(self, name: str) -> dict[str, Any]:
        context = context_of(name, "delimited", self.columns)
        return {**context, "delimiter": self.delimiter, "encoding": self.encoding}


def fields_of(raw: bytes, context: Any, *, whole: bool = True) -> Record:
    """One line as a record, by the columns, delimiter and encoding in its context.

    Raises UnreadableRecord E-ROW-SIZE, E-ENCODING or E-COLUMNS.
    """
    columns, delimiter = context["columns"], context["delimiter"]
    encoding = context.get("encoding", UTF_8)
    if not whole:
        raise _broken("E-ROW-SIZE", "a line of a size that can be")
    try:
        text = decode(raw, encoding)
    except UnicodeDecodeError:
        raise not_text("line", encoding) from None
    fields = text.rstrip("\r\n").split(delimiter)
    if "\0" in text:
        raise _broken("E-NUL", "text without NUL bytes")
    if len(fields) != len(columns):
        raise _broken("E-COLUMNS", f"{len(columns)} fields, not {len(fields)}")
    return Record(zip(columns, fields, strict=True))


def _number(fields: list[str], at: int) -> Decimal | None:
    try:
        return Decimal(fields[at].strip())
    except (IndexError, InvalidOperation):
        return None


def _broken(code: str, rule: str) -> UnreadableRecord:
    return UnreadableRecord(
        f"the line is not {rule}", code=code, rule=rule, remedy="mend the line in the source"
    )
