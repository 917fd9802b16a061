"""Grant opportunities: the tables of a grants system as CSV extracts in one folder.

An opportunity is told with its current summary. One without a current summary is still an event:
it is public and has a title. Drafts are not public and are left out.
"""

import dataclasses
import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from hub.connect import mapping
from hub.connect.contract import Change, Record, Unreadable, setting
from hub.connect.sources.csv_rows import columns_of, rows
from hub.connect.sources.folder import complete, digest_of, reachable
from hub.errors import ContractBreach, SourceUnavailable, UnreadableRecord

OPPORTUNITIES = "opportunity.csv"
SUMMARIES = "opportunity_summary.csv"
CURRENT = "current_opportunity_summary.csv"
STATUSES_FILE = "lk_opportunity_status.csv"
CATEGORIES_FILE = "lk_opportunity_category.csv"
FILES = (OPPORTUNITIES, SUMMARIES, CURRENT, STATUSES_FILE, CATEGORIES_FILE)


@dataclasses.dataclass(frozen=True)
class Settings:
    """Where the extracts lie."""

    folder: Path = setting("Folder with the extracts, one CSV for each table.")


def changes(settings: Settings, after: str | None) -> Iterator[Change | Unreadable]:
    """Every opportunity with what belongs to it, when any of the extracts has changed."""
    with reachable():
        yield from _changes(settings.folder, after)


def _changes(folder: Path, after: str | None) -> Iterator[Change | Unreadable]:
    missing = sorted(set(FILES) - {path.name for path in complete(folder, "*.csv")})
    if missing:
        raise SourceUnavailable(
            f"{missing[0]} is not there or not complete",
            remedy=f"the folder must hold {', '.join(FILES)}",
        )
    state = "-".join(digest_of(folder / name)[:12] for name in FILES)
    seen, _, done = (after or ":0").rpartition(":")
    first = int(done) if seen == state else 0
    path = folder / OPPORTUNITIES
    columns = columns_of(path)
    joined: _Joined | None = None
    for number, row in enumerate(rows(path), 1):
        if number <= first:
            continue
        joined = joined or _Joined(folder)
        place, position = {"file": OPPORTUNITIES, "line": row.line}, f"{state}:{number}"
        if row.error is not None:
            place |= {"format": "csv", "columns": columns}
            yield Unreadable(row.raw, row.error, position, place)
            continue
        place["format"] = "json"  # the row alone would not bring its summary back
        try:
            record = joined.complete(row.record)
        except UnreadableRecord as error:
            yield Unreadable(json.dumps(row.record).encode(), error, position, place)
        else:
            yield Change(record, json.dumps(record).encode(), position, context=place)


class _Joined:
    """The tables an opportunity refers to, by key."""

    def __init__(self, folder: Path) -> None:
        self._summaries = _table(folder / SUMMARIES, "opportunity_summary_id")
        self._current = _table(folder / CURRENT, "opportunity_id")
        self._statuses = _table(folder / STATUSES_FILE, "opportunity_status_id")
        self._categories = _table(folder / CATEGORIES_FILE, "opportunity_category_id")

    def complete(self, row: Record) -> Record:
        """The opportunity with the words of its codes and its current summary.

        Raises UnreadableRecord where a row it refers to cannot be read.
        """
        current = _row(self._current, row.get("opportunity_id")) or Record()
        status = _row(self._statuses, current.get("opportunity_status_id")) or Record()
        category = _row(self._categories, row.get("opportunity_category_id")) or Record()
        return Record(
            row,
            status=status.get("description"),
            category=category.get("description"),
            summary=_row(self._summaries, current.get("opportunity_summary_id")),
            current_at=current.get("updated_at"),
        )


Table = Mapping[str, Record | UnreadableRecord]


def _table(path: Path, key: str) -> Table:
    columns = columns_of(path)
    if key not in columns:
        raise ContractBreach(
            f"{path.name} has no column {key}", code="E-FILE", remedy="is it the right file?"
        )
    place = columns.index(key)
    found: dict[str, Record | UnreadableRecord] = {}
    for row in rows(path):
        if row.error is None:
            found[row.record[key]] = row.record
        elif len(row.cells) > place:
            found[row.cells[place]] = row.error
    return found


def _row(table: Table, key: str | None) -> Record | None:
    found = table.get(key or "")
    if isinstance(found, UnreadableRecord):
        raise UnreadableRecord(
            "a row this opportunity refers to cannot be read",
            code=found.code,
            rule=found.rule,
            remedy=found.remedy,
        )
    return found


CONNECTOR = dataclasses.replace(
    mapping.load(Path(__file__).with_suffix(".yaml")), settings=Settings, changes=changes
)
