"""Full snapshots as CSV files in a folder: what changed is found by comparing with the last one.

The system sends no deltas, so each new file is compared with the one of its kind taken before it,
which stays in the folder. Rows are known by key columns. The index of the last file holds, for each
key, a 64-bit digest of the key, one of the row, and where the row begins: some 170 bytes a row. Two
keys with the same digest (3 in 100 million snapshots of a million rows) would show as a duplicate
key, in quarantine, not as a loss.

A position names both files and the row, so after a crash the same comparison goes on with the same
results. A snapshot that lost more than `shrink_share_max` of its rows is refused before anything of
it is told: half a file is likelier than half a city closing. So is one that lost a column, and one
that cannot be read as a whole. Each becomes one entry in quarantine with one reason, of which its
sender is told, and the next snapshot is compared with the last one that was taken.
"""

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import IO, Any, NamedTuple, Self

from hub.connect.contract import Change, Operation, Record, Unchanged, Unreadable
from hub.connect.sources.context import WHOLE, context_of, refused_file
from hub.connect.sources.csv_rows import PLAIN, Dialect, Row, columns_of, row_at, rows
from hub.connect.sources.folder import complete, digest_of, head_of, reachable, stamp_of
from hub.connect.sources.snapshot_place import At, Snapshot, place
from hub.errors import ContractBreach, UnreadableRecord

ROWS_BETWEEN_POSITIONS = 500
SHRINK_SHARE_MAX = 0.5
SHRINK_ROWS_MIN = 20
_OFFSET_BITS = 48
_OFFSET_MASK = (1 << _OFFSET_BITS) - 1
_SEEN = -1
Item = Change | Unreadable | Unchanged


def changes(
    folder: Path,
    pattern: str,
    keys: Mapping[str, Sequence[str]],
    after: str | None,
    shrink_share_max: float = SHRINK_SHARE_MAX,
    dialect: Dialect = PLAIN,
) -> Iterator[Item]:
    """What the snapshots in a folder have to tell after a position, file by file in name order.

    `keys` maps a column that tells the kind of file to the columns that make its key; kinds are
    compared apart. A file whose name comes before one taken of its kind came too late: the later
    one has replaced what it says. One that cannot be read as a whole (E-FILE), that lost a column
    (E-SCHEMA) or too many rows (E-SHRUNK) is refused: a file of another name or content is looked
    at again.
    Raises ContractBreach where the last snapshot is gone or changed (E-GAP); SourceUnavailable
    where the folder or a file cannot be read.
    """
    with reachable():
        yield from _changes(folder, pattern, keys, place(after), shrink_share_max, dialect)


def _changes(
    folder: Path,
    pattern: str,
    keys: Mapping[str, Sequence[str]],
    at: At,
    shrink_share_max: float,
    dialect: Dialect,
) -> Iterator[Item]:
    if at.now is not None:
        yield from _comparison(folder, at, keys, dialect).tell()
        at = at.finished()
    listed = complete(folder, pattern)
    there = {path.name for path in listed}
    for path in listed:
        if path.name in at.refused and at.refused[path.name] == digest_of(path):
            continue
        try:
            kind = _kind(columns_of(path, dialect), keys, path.name)
        except ContractBreach as error:
            at = at.refusing(path, there)
            yield _refused(path, error, at)
            continue
        last = at.taken.get(kind)
        if last is not None and path.name <= last.file:
            if path.name == last.file:
                _path_of(folder, last)
            continue
        ordinal = max(stamp_of(path.name) or 0, last.ordinal + 1 if last else 1)
        now = Snapshot(path.name, digest_of(path), ordinal)
        begun = dataclasses.replace(at, kind=kind, now=now)
        comparison = _comparison(folder, begun, keys, dialect)
        try:
            comparison.check(shrink_share_max)
        except ContractBreach as error:
            at = at.refusing(path, there)
            yield _refused(path, error, at)
            continue
        yield from comparison.tell()
        at = begun.finished()


RULES = {
    "E-FILE": WHOLE,
    "E-SCHEMA": "the columns of the last snapshot",
    "E-SHRUNK": "most of the rows of the last snapshot",
}


def _refused(path: Path, error: ContractBreach, at: At) -> Unreadable:
    size, digest = path.stat().st_size, at.refused[path.name]
    rule = RULES[error.code]
    return refused_file(path.name, size, head_of(path), digest, error, rule, at.between_text())


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


def _comparison(
    folder: Path, at: At, keys: Mapping[str, Sequence[str]], dialect: Dialect
) -> "_Comparison":
    if at.now is None:
        raise TypeError("a comparison without a snapshot")
    path, last = _path_of(folder, at.now), at.taken.get(at.kind)
    key, new = tuple(keys[at.kind]), _File.of(path, dialect)
    before = None if last is None else _File.of(_path_of(folder, last), dialect)
    return _Comparison(at, at.now, new, key, before)


class _File(NamedTuple):
    """A snapshot as a table: its file, its columns, and how its rows are written."""

    path: Path
    columns: tuple[str, ...]
    dialect: Dialect

    @classmethod
    def of(cls, path: Path, dialect: Dialect) -> Self:
        """The file with the columns in its first row."""
        return cls(path, columns_of(path, dialect), dialect)

    def rows(self) -> Iterator[Row]:
        """Its rows."""
        return rows(self.path, self.dialect)

    def context(self) -> dict[str, Any]:
        """What is needed to read a row of it again."""
        return {**context_of(self.path.name, "csv", self.columns), **self.dialect.told()}


def _check_columns(last: tuple[str, ...], columns: tuple[str, ...], file: str) -> None:
    """New columns are welcome; a lost one would look as if all its values had been withdrawn."""
    if missing := [name for name in last if name not in columns]:
        raise ContractBreach(
            f"{file} has no column {missing[0]!r} as the last snapshot had",
            code="E-SCHEMA",
            remedy="send it with all columns; where one is gone for good, ask the operator to reset"
            " the position and read it as a first one",
        )


def _shrunk(what: str, file: str) -> ContractBreach:
    return ContractBreach(
        f"{what} are gone in {file}",
        code="E-SHRUNK",
        remedy="send the whole file under a later name; where it is whole, ask the operator to"
        " raise shrink_share_max first",
    )


def _hash(text: str) -> int:
    return int.from_bytes(blake2b(text.encode("utf-8", "replace"), digest_size=8).digest(), "big")


def _content(record: Record) -> int:
    return _hash("\x1f".join(record.values()))


def _index(file: _File, key: tuple[str, ...]) -> dict[int, int]:
    """Key digest to row digest and offset, in the order of the file; the first of a key counts."""
    found: dict[int, int] = {}
    for row in file.rows():
        if row.error is None:
            name = _hash("\x1f".join([row.record[column] for column in key]))
            if name not in found:
                found[name] = _content(row.record) << _OFFSET_BITS | row.offset
    return found


class _Before(NamedTuple):
    """The last snapshot, open, to look up what it said of a row."""

    file: IO[bytes]
    of: _File

    def row(self, entry: int) -> Row:
        """The row an index entry is about."""
        return row_at(self.file, entry & _OFFSET_MASK, self.of.columns, self.of.dialect)


class _Comparison:
    """One new snapshot against the index of the last one."""

    def __init__(
        self,
        at: At,
        now: Snapshot,
        new: _File,
        key: tuple[str, ...],
        last: _File | None,
    ) -> None:
        self._at = at
        self._new = new
        self._key = key
        self._places = [new.columns.index(name) for name in key]
        self._last = last
        self._index = {} if last is None else _index(last, key)
        self._before: _Before | None = None
        self._now = now
        self._context = {**new.context(), "version": now.ordinal}
        self._row = 0

    def check(self, shrink_share_max: float) -> None:
        """Raise ContractBreach E-SCHEMA or E-SHRUNK where too much of the last snapshot is gone.

        Reads no further than is needed to be sure that enough is there.
        """
        if self._last is None:
            return
        _check_columns(self._last.columns, self._new.columns, self._now.file)
        count = len(self._index)
        size, last_size = self._new.path.stat().st_size, self._last.path.stat().st_size
        if count > SHRINK_ROWS_MIN and size < last_size * (1 - shrink_share_max):
            raise _shrunk(f"{last_size - size} of {last_size} bytes", self._now.file)
        wanted = count - max(SHRINK_ROWS_MIN, int(count * shrink_share_max))
        found: set[int] = set()
        names = self._names() if wanted > 0 else iter(())
        while len(found) < wanted and (name := next(names, None)) is not None:
            if name in self._index:
                found.add(name)
        if len(found) < wanted:
            raise _shrunk(f"{count - len(found)} of {count} rows", self._now.file)

    def _names(self) -> Iterator[int]:
        """The key of each row, also of those that cannot be read but for it."""
        for row in self._new.rows():
            if row.error is None:
                yield _hash("\x1f".join([row.record[column] for column in self._key]))
            elif len(row.cells) > max(self._places):
                yield _hash("\x1f".join([row.cells[place] for place in self._places]))

    def tell(self) -> Iterator[Item]:
        """All that differs, and in the end the position after the whole snapshot."""
        if self._last is None:
            yield from self._read(self._new.rows())
        else:
            with self._last.path.open("rb") as file:
                self._before = _Before(file, self._last)
                yield from self._read(self._new.rows())
                yield from self._gone(self._last, self._before)
        yield Unchanged(0, self._at.finished().between_text())

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

    def _gone(self, last: _File, before: _Before) -> Iterator[Item]:
        """The rows of the last snapshot that the new one has not, in their old order."""
        left = [entry for entry in self._index.values() if entry != _SEEN]
        context = {
            **last.context(),
            "line": 0,
            "version": self._now.ordinal,
            "operation": Operation.DELETED,
            "gone_in": self._now.file,
        }
        for number, entry in enumerate(left[self._at.gone :], self._at.gone + 1):
            row = before.row(entry)
            yield Change(
                Record(),
                row.raw,
                self._at.text(self._row, number),
                self._now.ordinal,
                Operation.DELETED,
                row.record,
                context,
            )
