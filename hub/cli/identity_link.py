"""`hub identity link`: which records of several files are one, where nobody knows the truth."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from hub import garbage
from hub.cli.identity_files import (
    KINDS,
    ColumnOption,
    HouseholdOption,
    KindOption,
    ModelOption,
    check_folder,
    columns_of,
    kind_of,
    resolver_of,
    say_columns,
    show_figures,
    tell_records,
)
from hub.cli.output import Format, FormatOption
from hub.errors import SettingsError
from hub.identity.blind_file import is_of_tokens, read_tokens
from hub.identity.blind_person import BLIND_PERSON
from hub.identity.dataset import load_records
from hub.identity.kind import Kind
from hub.identity.link import Linked, link
from hub.identity.resolver import Resolver
from hub.identity.weigh import MILLI
from hub.processor.rows import SHORT


def link_command(
    dataset: Annotated[
        list[Path],
        typer.Argument(
            help="One file for each agency, called as the agency is: CSV or TSV, or tokens of"
            " hub identity blind, gzipped or not.",
            exists=True,
            dir_okay=False,
        ),
    ],
    *,
    out: Annotated[Path, typer.Option(help="Where agency, record and entity go, as CSV.")],
    review: Annotated[
        Path | None, typer.Option(help="Where the pairs go that a person should look at.")
    ] = None,
    column: ColumnOption = None,
    kind: KindOption = None,
    household_rules: HouseholdOption = True,
    model: ModelOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Say which records are one, of clear files or of tokens alone; the truth is not needed."""
    garbage.look_seldom()
    for path in (out, review):
        if path is not None:
            check_folder(path)
    agencies = _agencies(dataset)
    blind = {is_of_tokens(path) for path in dataset}
    if len(blind) > 1:
        raise SettingsError(
            "some files are of tokens and some are not",
            remedy="make tokens of all with hub identity blind, under the same key",
        )
    compared, records = _tokens(agencies) if blind == {True} else _clear(agencies, column, kind)
    resolver = resolver_of(compared, model, household_rules=household_rules)
    found = link(records, resolver, tell_records)
    _write(out, ("agency", "record_id", "entity_id"), _entities(found))
    if review is not None:
        _write(
            review,
            ("agency", "record_id", "other_agency", "other_record_id", "bits", "why"),
            _pairs(found),
        )
    show_figures(output, _figures(found, resolver))


def _agencies(files: Sequence[Path]) -> dict[str, Path]:
    named = {path.name.partition(".")[0]: path for path in files}
    if len(named) < len(files):
        raise SettingsError(
            "two files are called the same, as if they were of one agency",
            remedy="give each file its agency's name",
        )
    return named


def _tokens(agencies: Mapping[str, Path]) -> tuple[Kind, Mapping[str, Mapping[str, Any]]]:
    return BLIND_PERSON, {agency: read_tokens(path) for agency, path in agencies.items()}


def _clear(
    agencies: Mapping[str, Path], column: list[str] | None, told: Any
) -> tuple[Kind, Mapping[str, Mapping[str, Any]]]:
    columns = columns_of(column)
    kinds = {agency: told or kind_of(path, columns) for agency, path in agencies.items()}
    if len({*kinds.values()}) > 1:
        raise SettingsError(
            "some files look as of persons and some as of organisations",
            remedy="say --kind person or --kind organisation, or link them apart",
        )
    compared, layout = KINDS[next(iter(kinds.values()))]
    records = {}
    for agency, path in agencies.items():
        data = load_records(path, columns, layout)
        say_columns(data, path.name)
        records[agency] = data.records
    return compared, records


def _figures(found: Linked, resolver: Resolver) -> dict[str, Any]:
    return {
        "model": resolver.model.version,
        "records": resolver.known,
        "entities": len(found.entities),
        "linked_records": found.linked,
        "entities_across_agencies": found.across,
        "possible_links": len(found.possible),
    }


def _entities(found: Linked) -> Iterable[Sequence[str]]:
    return ((*record, "/".join(entity[0])) for entity in found.entities for record in entity)


def _pairs(found: Linked) -> Iterable[Sequence[object]]:
    return (
        (*one, *other, round(pair.weight / MILLI, 1), pair.refusal or SHORT)
        for one, other, pair in found.possible
    )


def _write(path: Path, columns: Sequence[str], lines: Iterable[Sequence[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(columns)
        table.writerows(lines)
