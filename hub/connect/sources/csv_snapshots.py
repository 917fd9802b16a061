"""Full snapshots as CSV files in a folder: what changed is found by comparing with the last one.

The system sends no deltas, so each new file is compared with the one of its kind taken before it,
which stays in the folder. Rows are known by key columns. The index of the last file holds, for each
key, a 64-bit digest of the key, one of the row, and where the row begins: some 170 bytes a row. Two
keys with the same digest (3 in 100 million snapshots of a million rows) would show as a duplicate
key, in quarantine, not as a loss.

A position names both files and the row, so after a crash the same comparison goes on with the same
results. A snapshot that lost more than `shrink_share_max` of its rows is refused before anything is
withdrawn: half a file is likelier than half a city closing. So is one that lost a column.
"""

import dataclasses
import json
from collections.abc import Iterator, Mapping, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import IO, NamedTuple

from hub.connect.contract import Change, Operation, Record, Unchanged, Unreadable
from hub.connect.sources.context import context_of
from hub.connect.sources.csv_rows import Row, columns_of, row_at, rows
from hub.connect.sources.folder import complete, digest_of, reachable, stamp_of
from hub.errors import ContractBreach, UnreadableRecord

ROWS_BETWEEN_POSITIONS = 500
SHRINK_SHARE_MAX = 0.5
SHRINK_ROWS_MIN = 20
_OFFSET_BITS = 48
_OFFSET_MASK = (1 << _OFFSET_BITS) - 1
_SEEN = -1
Item = Change | Unreadable | Unchanged


class Snapshot(NamedTuple):
    """A file by name and content; `ordinal` grows with each file of its kind."""

    file: str
    digest: str
    ordinal: int


@dataclasses.dataclass(frozen=True)
class At:
    """A place: the last snapshot taken of each kind, and how far the comparison of `now` is.

    `row` rows of it are done, then `gone` withdrawals.
    """

    taken: Mapping[str, Snapshot] = dataclasses.field(default_factory=dict)
    kind: str = ""
    now: Snapshot | None = None
    row: int = 0
    gone: int = 0

    def text(self, row: int, gone: int = 0) -> str:
        """The position after so many rows and withdrawals."""
        parts = {"taken": self.taken, "kind": self.kind, "now": self.now, "row": row, "gone": gone}
        return json.dumps(parts, separators=(",", ":"))

    def finished(self) -> "At":
        """The place after the comparison."""
        return At(self.taken if self.now is None else {**self.taken, self.kind: self.now})

    def finished_text(self) -> str:
        """The position after the comparison."""
        return json.dumps({"taken": self.finished().taken}, separators=(",", ":"))


def _at(text: str | None) -> At:
    if text is None:
        return At()
    parts = json.loads(text)
    taken = {kind: Snapshot(*found) for kind, found in parts["taken"].items()}
    if "now" not in parts:
        return At(taken)
    return At(taken, parts["kind"], Snapshot(*parts["now"]), parts["row"], parts["gone"])


def changes(
    folder: Path,
    pattern: str,
    keys: Mapping[str, Sequence[str]],
    after: str | None,
    shrink_share_max: float = SHRINK_SHARE_MAX,
) -> Iterator[Item]:
    """What the snapshots in a folder have to tell after a position, file by file in name order.

    `keys` maps a column that tells the kind of file to the columns that make its key; kinds are
    compared apart. A file whose name comes before one taken of its kind came too late: the later
    one has replaced what it says.
    Raises ContractBreach for a file that cannot be read as a whole (E-FILE), that lost a column
    (E-SCHEMA), where the last snapshot is gone or changed (E-GAP), or where too many rows vanished
    (E-SHRUNK); SourceUnavailable where the folder or a file cannot be read.
    """
    with reachable():
        yield from _changes(folder, pattern, keys, _at(after), shrink_share_max)


def _changes(
    folder: Path,
    pattern: str,
    keys: Mapping[str, Sequence[str]],
    at: At,
    shrink_share_max: float,
) -> Iterator[Item]:
    if at.now is not None:
        yield from _compare(folder, at, keys, shrink_share_max)
        at = at.finished()
    for path in complete(folder, pattern):
        kind = _kind(columns_of(path), keys, path.name)
        last = at.taken.get(kind)
        if last is not None and path.name <= last.file:
            if path.name == last.file:
                _path_of(folder, last)
            continue
        ordinal = max(stamp_of(path.name) or 0, last.ordinal + 1 if last else 1)
        now = Snapshot(path.name, digest_of(path), ordinal)
        at = dataclasses.replace(at, kind=kind, now=now)
        yield from _compare(folder, at, keys, shrink_share_max)
        at = at.finished()


def _path_of(folder: Path, snapshot: Snapshot) -> Path:
    """The file of a snapshot, if it is what it was."""
    path = folder / snapshot.file
    if path.exists() and digest_of(path) == snapshot.digest:
        return path
    raise ContractBreach(
        f"the snapshot {snapshot.file} taken last is gone or was changed",
        code="E-GAP",
        remedy="put it back and give each snapshot a name of its own;"
        " or reset the position to take the next snapshot as a first one",
    )


def _kind(columns: tuple[str, ...], keys: Mapping[str, Sequence[str]], file: str) -> str:
    for kind, key in keys.items():
        if kind in columns:
            if missing := [name for name in key if name not in columns]:
                raise ContractBreach(f"{file} has no column {missing[0]}", code="E-FILE")
            return kind
    raise ContractBreach(
        f"{file} has none of the columns {', '.join(keys)}",
        code="E-FILE",
        remedy="is it the right file?",
    )


def _compare(
    folder: Path, at: At, keys: Mapping[str, Sequence[str]], shrink_share_max: float
) -> Iterator[Item]:
    if at.now is None:
        raise TypeError("a comparison without a snapshot")
    path, last = _path_of(folder, at.now), at.taken.get(at.kind)
    columns, key = columns_of(path), tuple(keys[at.kind])
    if last is None:
        yield from _Comparison(at, at.now, columns, key, {}, None).tell(rows(path), 1.0)
        return
    last_path = _path_of(folder, last)
    last_columns = columns_of(last_path)
    _check_columns(last_columns, columns, at.now.file)
    index = _index(last_path, key)
    size, last_size = path.stat().st_size, last_path.stat().st_size
    if len(index) > SHRINK_ROWS_MIN and size < last_size * (1 - shrink_share_max):
        raise _shrunk(f"{last_size - size} of {last_size} bytes", at.now.file)
    with last_path.open("rb") as file:
        before = _Before(file, last.file, last_columns)
        comparison = _Comparison(at, at.now, columns, key, index, before)
        yield from comparison.tell(rows(path), shrink_share_max)


def _check_columns(last: tuple[str, ...], columns: tuple[str, ...], file: str) -> None:
    """New columns are welcome; a lost one would look as if all its values had been withdrawn."""
    if missing := [name for name in last if name not in columns]:
        raise ContractBreach(
            f"{file} has no column {missing[0]!r} as the last snapshot had",
            code="E-SCHEMA",
            remedy="ask what changed; then reset the position to read it as a first one",
        )


def _shrunk(what: str, file: str) -> ContractBreach:
    return ContractBreach(
        f"{what} are gone in {file}",
        code="E-SHRUNK",
        remedy="is the file whole? If so raise shrink_share_max for this run",
    )


def _hash(text: str) -> int:
    return int.from_bytes(blake2b(text.encode("utf-8", "replace"), digest_size=8).digest(), "big")


def _content(record: Record) -> int:
    return _hash("\x1f".join(record.values()))


def _index(path: Path, key: tuple[str, ...]) -> dict[int, int]:
    """Key digest to row digest and offset, in the order of the file; the first of a key counts."""
    found: dict[int, int] = {}
    for row in rows(path):
        if row.error is None:
            name = _hash("\x1f".join([row.record[column] for column in key]))
            if name not in found:
                found[name] = _content(row.record) << _OFFSET_BITS | row.offset
    return found


class _Before(NamedTuple):
    """The last snapshot, open, to look up what it said of a row."""

    file: IO[bytes]
    name: str
    columns: tuple[str, ...]

    def row(self, entry: int) -> Row:
        """The row an index entry is about."""
        return row_at(self.file, entry & _OFFSET_MASK, self.columns)


class _Comparison:
    """One new snapshot against the index of the last one."""

    def __init__(
        self,
        at: At,
        now: Snapshot,
        columns: tuple[str, ...],
        key: tuple[str, ...],
        index: dict[int, int],
        before: _Before | None,
    ) -> None:
        self._at = at
        self._key = key
        self._places = [columns.index(name) for name in key]
        self._index = index
        self._rows_before = len(index)
        self._before = before
        self._now = now
        self._context = {**context_of(now.file, "csv", columns), "version": now.ordinal}
        self._row = 0

    def tell(self, found: Iterator[Row], shrink_share_max: float) -> Iterator[Item]:
        """All that differs, and in the end the position after the whole snapshot."""
        yield from self._read(found)
        yield from self._gone(shrink_share_max)
        yield Unchanged(0, self._at.finished_text())

    def _read(self, found: Iterator[Row]) -> Iterator[Item]:
        """What the rows of the new snapshot tell, with a position every so often and at the end."""
        unchanged = 0
        next_position = self._at.row + ROWS_BETWEEN_POSITIONS
        for row in found:
            self._row += 1
            item = self._look(row)
            if self._row <= self._at.row:
                continue  # told before the position
            if item is None:
                unchanged += 1
                if self._row < next_position:
                    continue
                yield Unchanged(unchanged, self._at.text(self._row))
                unchanged = 0
            elif self._row < next_position:
                yield item
                continue
            else:
                if unchanged:
                    yield Unchanged(unchanged)
                    unchanged = 0
                yield item._replace(position=self._at.text(self._row))
            next_position = self._row + ROWS_BETWEEN_POSITIONS
        if self._row > self._at.row:
            yield Unchanged(unchanged, self._at.text(self._row))

    def _look(self, row: Row) -> Change | Unreadable | None:
        """What one row tells; None where it says what it said in the last snapshot."""
        if row.error is not None:
            self._recognise(row)
            return Unreadable(row.raw, row.error, None, {**self._context, "line": row.line})
        record = row.record
        name = _hash("\x1f".join([record[column] for column in self._key]))
        last = self._index.get(name)
        if last is not None and last >> _OFFSET_BITS == _content(record):
            self._index[name] = _SEEN
            return None
        context = {**self._context, "line": row.line}
        if last == _SEEN:
            error = UnreadableRecord(
                "a second row with the same key",
                code="E-DUPLICATE-KEY",
                field=self._key[0],
                rule="each key once in a snapshot; the first row counts",
            )
            return Unreadable(row.raw, error, None, context)
        self._index[name] = _SEEN
        version = self._now.ordinal
        if last is None or self._before is None:
            operation = Operation.READ if self._before is None else Operation.CREATED
            return Change(record, row.raw, None, version, operation, None, context)
        before = self._before.row(last).record
        return Change(record, row.raw, None, version, Operation.UPDATED, before, context)

    def _recognise(self, row: Row) -> None:
        """Keep a record whose row cannot be read from being taken for gone."""
        if len(row.cells) > max(self._places):
            name = _hash("\x1f".join([row.cells[place] for place in self._places]))
            if self._index.get(name, _SEEN) != _SEEN:
                del self._index[name]

    def _gone(self, shrink_share_max: float) -> Iterator[Item]:
        """The rows of the last snapshot that the new one has not, in their old order."""
        if self._before is None:
            return
        left = [entry for entry in self._index.values() if entry != _SEEN]
        if len(left) > max(SHRINK_ROWS_MIN, self._rows_before * shrink_share_max):
            raise _shrunk(f"{len(left)} of {self._rows_before} rows", self._now.file)
        context = {
            **context_of(self._before.name, "csv", self._before.columns),
            "line": 0,
            "version": self._now.ordinal,
            "operation": Operation.DELETED,
            "gone_in": self._now.file,
        }
        for number, entry in enumerate(left[self._at.gone :], self._at.gone + 1):
            row = self._before.row(entry)
            yield Change(
                Record(),
                row.raw,
                self._at.text(self._row, number),
                self._now.ordinal,
                Operation.DELETED,
                row.record,
                context,
            )
