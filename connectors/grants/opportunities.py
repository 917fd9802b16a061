"""Grant opportunities: the tables of a grants system as CSV extracts in one folder.

An opportunity is told with its current summary. One without a current summary is still an event:
it is public and has a title. Drafts are not public and are left out.
"""

import dataclasses
import html
import re
from collections.abc import Iterator, Mapping
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
from hub.connect.sources.folder import digest_of
from hub.connect.sources.reread import context_of
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
from hub.errors import SourceUnavailable

OPPORTUNITIES = "opportunity.csv"
SUMMARIES = "opportunity_summary.csv"
CURRENT = "current_opportunity_summary.csv"
STATUSES_FILE = "lk_opportunity_status.csv"
CATEGORIES_FILE = "lk_opportunity_category.csv"
DATE = "%Y-%m-%d"
CURRENCY = "USD"
TEXT_CHARACTERS_MAX = 20_000
CATEGORIES: Mapping[str, OpportunityCategory] = {
    member.value: member for member in OpportunityCategory
}
STATUSES: Mapping[str, OpportunityStatus] = {member.value: member for member in OpportunityStatus}
FIELDS = frozenset(
    [
        *("opportunity_id", "legacy_opportunity_id", "opportunity_number", "opportunity_title"),
        *("agency_code", "opportunity_category_id", "category_explanation", "is_draft"),
        *("revision_number", "modified_comments", "created_at", "updated_at"),
        *("category", "status", "summary"),
    ]
)


@dataclasses.dataclass(frozen=True)
class Settings:
    """Where the extracts lie."""

    folder: Path = setting("Folder with the extracts, one CSV for each table.")


def changes(settings: Settings, after: str | None) -> Iterator[Change | Unreadable]:
    """Every opportunity with what belongs to it, when any of the extracts has changed."""
    folder = settings.folder
    try:
        names = (OPPORTUNITIES, SUMMARIES, CURRENT, STATUSES_FILE, CATEGORIES_FILE)
        state = "-".join(digest_of(folder / name)[:12] for name in names)
    except OSError as error:
        raise SourceUnavailable(
            f"an extract cannot be read ({error.strerror})",
            remedy=f"the folder must hold {OPPORTUNITIES} and its companions",
        ) from error
    seen, _, done = (after or "::0").rpartition(":")
    first = int(done) if seen == state else 0
    path = folder / OPPORTUNITIES
    context = context_of(OPPORTUNITIES, "csv", columns_of(path))
    joined = _Joined(folder)
    for number, row in enumerate(rows(path), 1):
        if number <= first:
            continue
        place, position = {**context, "line": row.line}, f"{state}:{number}"
        if row.error is not None:
            yield Unreadable(row.raw, row.error, position, place)
        else:
            yield Change(joined.complete(row.record), row.raw, position, context=place)


class _Joined:
    """The tables an opportunity refers to, by key."""

    def __init__(self, folder: Path) -> None:
        self._summaries = _table(folder / SUMMARIES, "opportunity_summary_id")
        self._current = _table(folder / CURRENT, "opportunity_id")
        self._statuses = _table(folder / STATUSES_FILE, "opportunity_status_id")
        self._categories = _table(folder / CATEGORIES_FILE, "opportunity_category_id")

    def complete(self, row: Record) -> Record:
        """The opportunity with the words of its codes and its current summary."""
        current = self._current.get(row.get("opportunity_id", ""), Record())
        summary = self._summaries.get(current.get("opportunity_summary_id", ""))
        status = self._statuses.get(current.get("opportunity_status_id", ""), Record())
        category = self._categories.get(row.get("opportunity_category_id", ""), Record())
        return Record(
            row,
            status=status.get("description"),
            category=category.get("description"),
            summary=summary,
        )


def _table(path: Path, key: str) -> dict[str, Record]:
    return {row.record[key]: row.record for row in rows(path) if row.error is None}


def translate(change: Change) -> Iterator[Draft | LeftOut]:
    """The opportunity as it is public now, at the version of its last change."""
    row = change.record
    if flag(row, "is_draft"):
        yield LeftOut("draft opportunity")
        return
    identifier = required(row, "opportunity_id")
    summary = Record(row.get("summary") or {})
    created = instant(row, "created_at") or raise_unreadable("created_at", "E-TIME", "a time")
    latest = max(
        moment.earliest
        for moment in (
            created,
            instant(row, "updated_at"),
            instant(summary, "updated_at"),
        )
        if moment is not None
    )
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
    unmapped = extra(row, FIELDS)
    claims = Claims(extra=unmapped) if unmapped else None
    yield Draft(body, f"opportunity/{identifier}", latest, posted or created, claims)


def plain_text(markup: str | None) -> str | None:
    """The words of an HTML text, without markup, at most TEXT_CHARACTERS_MAX characters."""
    if markup is None:
        return None
    spaced = re.sub(r"</?(?:p|br|div|li|tr|h\d)[^<>]{0,200}>", " ", markup, flags=re.IGNORECASE)
    bare = html.unescape(re.sub(r"<[^<>]{0,2000}>", "", spaced))
    return " ".join(bare.split())[:TEXT_CHARACTERS_MAX] or None


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
