"""What the commands of `hub identity` that read files have in common."""

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from hub.cli.output import Format, as_json, errors, rows
from hub.errors import SettingsError
from hub.identity.columns import COLUMNS
from hub.identity.dataset import PERSONS, Dataset
from hub.identity.file_kind import is_of_organisations
from hub.identity.kind import Kind as Compared
from hub.identity.models import read_model
from hub.identity.organisation import ORGANISATION
from hub.identity.organisation_dataset import COLUMNS as ORGANISATION_COLUMNS
from hub.identity.organisation_dataset import ORGANISATIONS
from hub.identity.person import PERSON
from hub.identity.resolver import Resolver


class Kind(StrEnum):
    """What the records are of."""

    PERSON = "person"
    ORGANISATION = "organisation"


KINDS = {Kind.PERSON: (PERSON, PERSONS), Kind.ORGANISATION: (ORGANISATION, ORGANISATIONS)}
DatasetArgument = Annotated[
    Path, typer.Argument(help="CSV or TSV, gzipped or not.", exists=True, dir_okay=False)
]
ColumnOption = Annotated[
    list[str] | None,
    typer.Option(
        help=f"WHAT=COLUMN where names do not tell; of persons WHAT is {', '.join(COLUMNS)};"
        f" of organisations {', '.join(ORGANISATION_COLUMNS)}."
    ),
]
KindOption = Annotated[
    Kind | None, typer.Option(help="What the records are of; else columns and names tell it.")
]
HouseholdOption = Annotated[
    bool, typer.Option(help="Keep apart who share a home, a name or a birthday only.")
]
ModelOption = Annotated[
    Path | None,
    typer.Option(help="A model made by hub identity train.", exists=True, dir_okay=False),
]


def kind_of(dataset: Path, told: Mapping[str, str]) -> Kind:
    """What a file is of: the one kind that all the columns told may be of, else as it looks."""
    fitting = [kind for kind, (_, layout) in KINDS.items() if told.keys() <= layout.columns.keys()]
    if len(fitting) == 1:
        return fitting[0]
    organisations = is_of_organisations(dataset)
    kind, other = list(Kind)[:: -1 if organisations else 1]
    errors.print(f"taken for records of {kind}s; --kind {other} if they are not", markup=False)
    return kind


def columns_of(told: list[str] | None) -> dict[str, str]:
    """The columns of `--column`, by what they hold. SettingsError where one has no equals sign."""
    return dict(_named(one) for one in told or [])


def _named(text: str) -> tuple[str, str]:
    what, equals, name = text.partition("=")
    if not equals:
        raise SettingsError(f"--column {text} has no =", remedy="for example --column birth=born")
    return what, name


def say_columns(data: Dataset, file: str = "") -> None:
    """Say which columns were read for what, and which were not; of which file where several are."""
    of = f"{file}: " if file else ""
    read = ", ".join(
        f"{what}={' or '.join((column, *data.instead.get(what, ())))}"
        for what, column in data.columns.items()
    )
    errors.print(f"{of}read {read}", markup=False)
    if data.unread:
        errors.print(f"{of}not read {', '.join(data.unread)}", markup=False)


def tell_records(done: int, whole: int) -> None:
    """Say how far a long work is."""
    errors.print(f"{done:,} of {whole:,} records")


def resolver_of(compared: Compared, model: Path | None, *, household_rules: bool) -> Resolver:
    """A resolver in memory. Raises SettingsError where the model is none for the kind."""
    return Resolver(
        read_model(model, compared) if model is not None else None,
        kind=compared,
        household_rules=household_rules,
    )


def show_figures(output: Format, told: Mapping[str, Any]) -> None:
    """Show figures by name: as a table for people, as an object for programs."""
    if output is Format.JSON:
        as_json(told)
        return
    rows(output, ("figure", "value"), [{"figure": k, "value": v} for k, v in told.items()], "")


def check_folder(path: Path) -> None:
    """Raise SettingsError where a result could not be written, before it is worked for."""
    if path.is_dir() or not path.parent.is_dir():
        raise SettingsError(f"{path} cannot be written", remedy="name a file in a folder there is")
