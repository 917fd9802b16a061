"""What commands show: tables for people, JSON for programs, errors in one line."""

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from hub.errors import HubError


class Format(StrEnum):
    """How a result is written."""

    TEXT = "text"
    JSON = "json"


FormatOption = Annotated[
    Format, typer.Option("--output", "-o", help="text for people, json for programs.")
]
SettingsOption = Annotated[
    Path | None,
    typer.Option(
        "--settings",
        help="The settings file; else CIVIC_HUB_SETTINGS names it; else hub.toml.",
        show_default=False,
    ),
]

WIDTH_ELSEWHERE = 160
"""Columns where output goes to a file or another program, which has no width of its own."""


def _console(*, stderr: bool = False) -> Console:
    found = Console(stderr=stderr, highlight=False)
    if not found.is_terminal and "COLUMNS" not in os.environ:
        found.width = WIDTH_ELSEWHERE
    return found


console = _console()
errors = _console(stderr=True)


def error(problem: HubError) -> None:
    """Show an error: what is wrong, then what to do."""
    errors.print(Text(f"{problem.code}: {problem.message}", style="bold red"))
    if problem.remedy:
        errors.print(Text(f"  {problem.remedy}"))


def as_json(value: Any) -> None:
    """Write one JSON document to standard output, for programs."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2, default=str))


def rows(
    format_: Format,
    columns: Sequence[str],
    found: Iterable[Mapping[str, Any]],
    empty: str,
    whole: Sequence[str] = (),
) -> None:
    """Show rows as a table or as a JSON list; `empty` is what people read when there are none.

    The columns that are `whole` are never folded, so that they can be copied.
    """
    listed = list(found)
    if format_ is Format.JSON:
        as_json(listed)
        return
    if not listed:
        console.print(empty)
        return
    table = Table(box=None, header_style="bold", pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold", no_wrap=column in whole)
    for row in listed:
        table.add_row(*(safe(row.get(column, "")) for column in columns))
    console.print(table)


def paragraphs(format_: Format, found: Iterable[Mapping[str, Any]], empty: str) -> None:
    """Show rows as paragraphs of a line for each fact that is known, or as a JSON list.

    For what has more columns than fit a terminal. The first fact is the heading, whole.
    """
    listed = list(found)
    if format_ is Format.JSON:
        as_json(listed)
    elif not listed:
        console.print(empty)
    for row in listed if format_ is Format.TEXT else ():
        (_, heading), *facts = row.items()
        console.print(safe(heading), style="bold", soft_wrap=True)
        for name, value in facts:
            if value not in ("", None):
                console.print(safe(f"  {name.replace('_', ' '):13} {value}"), soft_wrap=True)


def safe(value: object) -> Text:
    """Any value as text that a terminal shows and never obeys: controls are made visible."""
    text = "" if value is None else f"{value:,}" if type(value) is int else str(value)
    shown = "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in text)
    return Text(shown)
