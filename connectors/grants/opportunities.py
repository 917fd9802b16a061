"""Grant opportunities: the tables of a grants system as CSV extracts in one folder.

An opportunity is told with its current summary. One without a current summary is still an event:
it is public and has a title. Drafts are not public and are left out. Columns nobody has mapped, the
agency's contact among them, go into the claims as extra fields.
"""

import dataclasses
import json
from collections.abc import Iterator, Mapping
from html.parser import HTMLParser
from pathlib import Path

from hub.canon.model import (
    Claims,
    OpportunityCategory,
    OpportunityPosted,
    OpportunityStatus,
)
from hub.connect.contract import Change, Connector, Draft, LeftOut, Record, Unreadable, setting
from hub.connect.drift import extra
from hub.connect.sources.csv_rows import columns_of, rows
from hub.connect.sources.folder import complete, digest_of, reachable
from hub.connect.values import (
    date,
    flag,
    instant,
    money,
    raise_unreadable,
    required,
    symbol,
    text,
    whole,
)
from hub.errors import ContractBreach, SourceUnavailable, UnreadableRecord

OPPORTUNITIES = "opportunity.csv"
SUMMARIES = "opportunity_summary.csv"
CURRENT = "current_opportunity_summary.csv"
STATUSES_FILE = "lk_opportunity_status.csv"
CATEGORIES_FILE = "lk_opportunity_category.csv"
FILES = (OPPORTUNITIES, SUMMARIES, CURRENT, STATUSES_FILE, CATEGORIES_FILE)
INLINE = frozenset(("a", "abbr", "b", "em", "i", "s", "small", "span", "strong", "sub", "sup", "u"))
SILENT = ("script", "style")
DATE = "%Y-%m-%d"
CURRENCY = "USD"
TEXT_CHARACTERS_MAX = 20_000
MARKUP_CHARACTERS_MAX = 200_000
CATEGORIES: Mapping[str, OpportunityCategory] = {
    member.value: member for member in OpportunityCategory
}
STATUSES: Mapping[str, OpportunityStatus] = {member.value: member for member in OpportunityStatus}
FIELDS = frozenset(
    [
        *("opportunity_id", "legacy_opportunity_id", "opportunity_number", "opportunity_title"),
        *("agency_code", "opportunity_category_id", "category_explanation", "is_draft"),
        *("revision_number", "modified_comments", "created_at", "updated_at"),
        *("category", "status", "summary", "current_at"),
    ]
)
MAPPED = FIELDS - {"legacy_opportunity_id", "category_explanation", "modified_comments"}
SUMMARY_MAPPED = frozenset(
    [
        *("opportunity_summary_id", "opportunity_id", "legacy_opportunity_id", "post_date"),
        *("close_date", "archive_date", "award_floor", "award_ceiling", "updated_at", "created_at"),
        *("estimated_total_program_funding", "expected_number_of_awards", "summary_description"),
    ]
)


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


def translate(change: Change) -> Iterator[Draft | LeftOut]:
    """The opportunity as it is public now, at the version of its last change."""
    row = change.record
    if flag(row, "is_draft"):
        yield LeftOut("draft opportunity")
        return
    identifier = required(row, "opportunity_id")
    summary = Record(row.get("summary") or {})
    created = instant(row, "created_at") or raise_unreadable("created_at", "E-TIME", "a time")
    touched = ((row, "updated_at"), (summary, "updated_at"), (row, "current_at"))
    moments = (created, *(instant(table, field) for table, field in touched))
    latest = max(moment.earliest for moment in moments if moment is not None)
    category, status = text(row, "category"), text(row, "status")
    posted = date(summary, "post_date", DATE)
    body = OpportunityPosted(
        opportunity_id=identifier,
        opportunity_number=text(row, "opportunity_number"),
        title=text(row, "opportunity_title"),
        agency_code=text(row, "agency_code"),
        category=symbol(category, CATEGORIES, OpportunityCategory.UNKNOWN),
        category_text=category,
        status=symbol(status, STATUSES, OpportunityStatus.UNKNOWN),
        status_text=status,
        posted_on=posted,
        closes_on=date(summary, "close_date", DATE),
        archived_on=date(summary, "archive_date", DATE),
        award_floor=money(summary, "award_floor", CURRENCY),
        award_ceiling=money(summary, "award_ceiling", CURRENCY),
        total_funding=money(summary, "estimated_total_program_funding", CURRENCY),
        expected_awards=whole(summary, "expected_number_of_awards"),
        summary=plain_text(text(summary, "summary_description")),
    )
    unmapped = {**extra(row, MAPPED), **extra(summary, SUMMARY_MAPPED)}
    claims = Claims(extra=unmapped) if unmapped else None
    yield Draft(body, f"opportunity/{identifier}", latest, posted or created, claims)


class _Words(HTMLParser):
    """Collects the words of an HTML text; scripts and styles have none."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002 - as inherited
        """A tag parts words, unless it only marks some."""
        self._silent += tag in SILENT
        if tag not in INLINE:
            self.words.append(" ")

    def handle_endtag(self, tag: str) -> None:
        """The end of a tag parts words likewise."""
        self._silent -= tag in SILENT and self._silent > 0
        if tag not in INLINE:
            self.words.append(" ")

    def handle_data(self, data: str) -> None:
        """Words."""
        if not self._silent:
            self.words.append(data)


def plain_text(markup: str | None) -> str | None:
    """The words of an HTML text, without markup, at most TEXT_CHARACTERS_MAX characters."""
    if markup is None:
        return None
    reader = _Words()
    reader.feed(markup[:MARKUP_CHARACTERS_MAX])
    reader.close()
    return " ".join("".join(reader.words).split())[:TEXT_CHARACTERS_MAX] or None


CONNECTOR = Connector(
    name="grants_opportunities",
    owner="Grants Office",
    system="opportunity-extracts",
    purpose="grant-administration",
    domain="grants",
    settings=Settings,
    changes=changes,
    translate=translate,
    emits=(OpportunityPosted,),
    known_fields=FIELDS,
    doc="Grant opportunities from table extracts.",
)
