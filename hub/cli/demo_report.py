"""The report of `hub demo`: for people at a terminal, and as one JSON document for programs."""

from collections.abc import Mapping
from typing import Any

from rich.table import Table

from hub.canon.model import Citizen
from hub.cli import identity_told
from hub.cli.books import table
from hub.cli.output import as_json, console, safe
from hub.cli.view import lines
from hub.local.report import LINK, REFUSAL, WAITING, Report, Told, matching

LINES_SHOWN = 14
BOOKS = ("read", "published", "quarantined", "duplicate", "filtered", "balance")
MATCHED = (
    *(("records", "records"), ("entities", "entities")),
    *(("pairwise_precision", "precision"), ("pairwise_recall", "recall")),
    *(("b_cubed_precision", "B³ prec."), ("b_cubed_recall", "B³ rec.")),
)
WHY = {
    LINK: "Why two are one",
    REFUSAL: "Why a rule keeps two apart",
    WAITING: "Why two wait for a person",
}


def show(report: Report, citizens: list[Citizen], places: Mapping[str, object]) -> None:
    """Everything for people, in 80 columns."""
    console.print("\n[bold]The books[/bold]")
    _books(report)
    for number, citizen in enumerate(citizens, 1):
        console.print(
            f"\n[bold]Citizen {number}[/bold]: {len(citizen.record_ids)} records of "
            f"{', '.join(citizen.agencies)}"
        )
        shown = _plain_table("field", "value", "source")
        for line in lines(citizen)[:LINES_SHOWN]:
            shown.add_row(*(safe(cell) for cell in line))
        console.print(shown)
    console.print("\n[bold]How well they are matched[/bold], by what the departments know")
    _matched(report)
    for bar in report.bars:
        mark = "reached" if bar.is_met else "MISSED"
        console.print(f"  {bar.name} {bar.reached:.4f}, needed {bar.least}: {mark}")
    for what in dict.fromkeys(one.what for one in report.told):
        of_kind = [one for one in report.told if one.what == what]
        console.print(f"\n[bold]{WHY[what]}[/bold], the first of {len(of_kind)} that were read")
        _why(of_kind[0])
    console.print("\n[bold]Where to look[/bold]")
    for name, place in places.items():
        console.print(safe(f"  {name:24} {place}"), soft_wrap=True)
    console.print()
    for problem in report.problems:
        console.print(safe(problem), style="bold red", soft_wrap=True)
    if not report.problems:
        console.print(
            "[bold green]The books balance, and people are matched as well as they must be."
            "[/bold green]"
        )


def as_document(report: Report, citizens: list[Citizen], places: Mapping[str, object]) -> None:
    """Everything for programs."""
    as_json(
        {
            "good": not report.problems,
            "problems": report.problems,
            "seconds": round(report.seconds, 1),
            "books": table(report.accounts),
            "citizens": [one.entity_id for one in citizens],
            "matched": matching(report.matched),
            "bars": [{**bar._asdict(), "met": bar.is_met} for bar in report.bars],
            "explanations": [
                {"what": one.what, "named": one.named, **one.words._asdict()} for one in report.told
            ],
            "places": places,
        }
    )


def _books(report: Report) -> None:
    shown = _plain_table("connector", *BOOKS)
    for column in shown.columns[1:]:
        column.justify = "right"
    for row in table(report.accounts):
        shown.add_row(safe(row["connector"]), *(safe(row[name]) for name in BOOKS))
    console.print(shown)


def _matched(report: Report) -> None:
    shown = _plain_table("of", *(title for _, title in MATCHED))
    for column in shown.columns[1:]:
        column.justify = "right"
    for row in matching(report.matched):
        shown.add_row(f"{row['kind']}s: {row['of']}", *(_figure(row[name]) for name, _ in MATCHED))
    console.print(shown)


def _plain_table(*columns: str) -> Table:
    shown = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 1, 0, 0))
    for column in columns:
        shown.add_column(column, overflow="fold")
    return shown


def _figure(value: Any) -> str:
    return f"{value:.4f}" if isinstance(value, float) else f"{value:,}"


def _why(told: Told) -> None:
    said = told.words
    console.print(safe(f"  {said.verdict}"))
    identity_told.evidence(said)
    console.print(safe(f"  hub identity explain {told.named[0]} \\"), soft_wrap=True)
    console.print(safe(f"    {told.named[1]}"), soft_wrap=True)
