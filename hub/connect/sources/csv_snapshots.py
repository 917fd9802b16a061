"""Full snapshots as CSV files in a folder: what changed is found by comparing with the last one.

The system sends no deltas, so each new file is compared with the one taken before it, which stays in
the folder. Rows are known by key columns. The index of the last file holds, for each key, a 64-bit
digest of the key, one of the row, and where the row begins: some 130 bytes a row, so a million rows
take 130 MB. Two keys with the same digest (3 in 100 million snapshots of a million rows) would show
as a duplicate key, in quarantine, not as a loss.

A position names both files and the row, so after a crash the same comparison goes on with the same
results. A snapshot that lost more than `shrink_share_max` of its rows is refused before anything is
withdrawn: half a file is likelier than half a city closing.
"""

import dataclasses
import json
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from typing import Any

from hub.connect.contract import Change, Operation, Record, Unchanged, Unreadable
from hub.connect.sources.csv_rows import Row, columns_of, row_at, rows
from hub.connect.sources.folder import complete, digest_of, stamp_of
from hub.connect.sources.reread import context_of
from hub.errors import ContractBreach, UnreadableRecord

ROWS_BETWEEN_POSITIONS = 500
SHRINK_SHARE_MAX = 0.5
SHRINK_ROWS_MIN = 20
_OFFSET_BITS = 48
_OFFSET_MASK = (1 << _OFFSET_BITS) - 1
Item = Change | Unreadable | Unchanged


@dataclasses.dataclass(frozen=True)
class At:
    """A place in a comparison: `row` rows of `file` done, then `gone` withdrawals done."""

    file: str
    digest: str
    ordinal: int
    row: int = 0
    gone: int = 0
    done: bool = False
    last_file: str | None = None
    last_digest: str | None = None

    def text(self, **changes: Any) -> str:
        """The position after these changes."""
        return json.dumps({**dataclasses.asdict(self), **changes}, separators=(",", ":"))


def changes(
    folder: Path,
    pattern: str,
    keys: Mapping[str, Sequence[str]],
    after: str | None,
    shrink_share_max: float = SHRINK_SHARE_MAX,
) -> Iterator[Item]:
    """What the snapshots in a folder have to tell after a position, file by file in name order.

    `keys` maps a column that tells the kind of file to the columns that make its key.
    Raises ContractBreach for a file that cannot be read as a whole (E-FILE), where the last snapshot
    is gone or changed (E-GAP), or where too many rows vanished (E-SHRUNK).
    """
    at = At(**json.loads(after)) if after else None
    if at is not None and not at.done:
        path = folder / at.file
        if not path.exists() or _digest(path, *_stat(path)) != at.digest:
            raise _gap(at.file)
        yield from _compare(folder, at, keys, shrink_share_max)
        at = dataclasses.replace(at, done=True)
    for path in complete(folder, pattern):
        digest = _digest(path, *_stat(path))
        if at is not None and (path.name < at.file or (path.name, digest) == (at.file, at.digest)):
            continue
        fresh = At(
            path.name,
            digest,
            at.ordinal + 1 if at else 1,
            last_file=at.file if at else None,
            last_digest=at.digest if at else None,
        )
        yield from _compare(folder, fresh, keys, shrink_share_max)
        at = dataclasses.replace(fresh, done=True)


def _stat(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_size, found.st_mtime_ns


@lru_cache(64)
def _digest(path: Path, _size: int, _changed_ns: int) -> str:
    return digest_of(path)


def _gap(file: str) -> ContractBreach:
    return ContractBreach(
        f"the snapshot {file} taken last is gone or was changed",
        code="E-GAP",
        remedy="put it back; or reset the position to take the next snapshot as a first one",
    )


def _compare(
    folder: Path, at: At, keys: Mapping[str, Sequence[str]], shrink_share_max: float
) -> Iterator[Item]:
    path = folder / at.file
    columns = columns_of(path)
    key = _key_columns(columns, keys, at.file)
    index: dict[int, int] | None = None
    last_path = None
    if at.last_file is not None:
        last_path = folder / at.last_file
        if last_path == path:
            index = {}  # the same name with other content: nothing left to compare with
        elif not last_path.exists() or _digest(last_path, *_stat(last_path)) != at.last_digest:
            raise _gap(at.last_file)
        elif columns_of(last_path) == columns:
            index = _index(last_path, key)
        else:
            raise ContractBreach(
                f"the columns of {at.file} differ from those of the last snapshot",
                code="E-SCHEMA",
                remedy="look at what changed; then reset the position to read it as a first one",
            )
    comparison = _Comparison(at, columns, key, index, last_path)
    yield from comparison.read(rows(path))
    yield from comparison.gone(shrink_share_max)


def _key_columns(
    columns: tuple[str, ...], keys: Mapping[str, Sequence[str]], file: str
) -> tuple[str, ...]:
    for mark, key in keys.items():
        if mark in columns:
            if missing := [name for name in key if name not in columns]:
                raise ContractBreach(f"{file} has no column {missing[0]}", code="E-FILE")
            return tuple(key)
    raise ContractBreach(
        f"{file} has none of the columns {', '.join(keys)}",
        code="E-FILE",
        remedy="is it the right file?",
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


class _Comparison:
    """One new snapshot against the index of the last one."""

    def __init__(
        self,
        at: At,
        columns: tuple[str, ...],
        key: tuple[str, ...],
        index: dict[int, int] | None,
        last_path: Path | None,
    ) -> None:
        self._at = at
        self._columns = columns
        self._key = key
        self._places = [columns.index(name) for name in key]
        self._index = index
        self._rows_before = len(index or ())
        self._last_path = last_path
        self._version = stamp_of(at.file) or at.ordinal
        self._context = context_of(at.file, "csv", columns)
        self._seen: set[int] = set()
        self._row = 0

    def read(self, found: Iterator[Row]) -> Iterator[Item]:
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
                yield Unchanged(unchanged, self._at.text(row=self._row))
                unchanged = 0
            elif self._row < next_position:
                yield item
                continue
            else:
                if unchanged:
                    yield Unchanged(unchanged)
                    unchanged = 0
                yield item._replace(position=self._at.text(row=self._row))
            next_position = self._row + ROWS_BETWEEN_POSITIONS
        done = not self._index
        yield Unchanged(unchanged, self._at.text(row=self._row, done=done))

    def _look(self, row: Row) -> Change | Unreadable | None:
        """What one row tells; None where it says what it said in the last snapshot."""
        context = {**self._context, "line": row.line}
        if row.error is not None:
            self._recognise(row)
            return Unreadable(row.raw, row.error, None, context)
        name = _hash("\x1f".join([row.record[column] for column in self._key]))
        if name in self._seen:
            error = UnreadableRecord(
                "a second row with the same key",
                code="E-DUPLICATE-KEY",
                field=self._key[0],
                rule="each key once in a snapshot; the first row counts",
            )
            return Unreadable(row.raw, error, None, context)
        self._seen.add(name)
        last = self._index.pop(name, None) if self._index is not None else None
        if last is None:
            operation = Operation.READ if self._at.last_file is None else Operation.CREATED
            return Change(row.record, row.raw, None, self._version, operation, None, context)
        if last >> _OFFSET_BITS == _content(row.record):
            return None
        before = self._before(last & _OFFSET_MASK)
        return Change(row.record, row.raw, None, self._version, Operation.UPDATED, before, context)

    def _recognise(self, row: Row) -> None:
        """Keep a record whose row cannot be read from being taken for gone."""
        if self._index is not None and len(row.cells) > max(self._places):
            name = _hash("\x1f".join([row.cells[place] for place in self._places]))
            self._index.pop(name, None)

    def _before(self, offset: int) -> Record:
        if self._last_path is None:
            raise TypeError("an index without a last snapshot")
        return row_at(self._last_path, offset, self._columns)

    def gone(self, shrink_share_max: float) -> Iterator[Item]:
        """The rows of the last snapshot that the new one has not, in their old order."""
        left = self._index or {}
        if len(left) > max(SHRINK_ROWS_MIN, self._rows_before * shrink_share_max):
            raise ContractBreach(
                f"{len(left)} of {self._rows_before} rows are gone in {self._at.file}",
                code="E-SHRUNK",
                remedy="is the file whole? If so raise shrink_share_max for this run",
            )
        for number, entry in enumerate(left.values(), 1):
            if number <= self._at.gone:
                continue
            before = self._before(entry & _OFFSET_MASK)
            yield Change(
                Record(),
                "\x1f".join(before.values()).encode(),
                self._at.text(row=self._row, gone=number, done=number == len(left)),
                self._version,
                Operation.DELETED,
                before,
                {**self._context, "line": 0},
            )
