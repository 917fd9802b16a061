"""`hub identity`: how well the resolver does on records whose true entities are known."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from hub import garbage
from hub.cli.output import Format, FormatOption, as_json, errors, rows
from hub.errors import SettingsError
from hub.identity.accuracy import Score
from hub.identity.dataset import COLUMNS, PERSONS, load
from hub.identity.evaluate import Evaluation, evaluate
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
app = typer.Typer(help="Which records are the same person or organisation.", no_args_is_help=True)


@app.callback()
def identity() -> None:
    """Which records are the same person or organisation."""


@app.command(
    "evaluate",
    epilog="Example: hub identity evaluate people.csv --truth truth.csv --column birth=geboren",
)
def evaluate_command(
    dataset: Annotated[Path, typer.Argument(help="CSV or TSV, gzipped or not.", exists=True)],
    truth: Annotated[
        Path | None,
        typer.Option(help="A file with record_id and entity_id, else a column has the entity."),
    ] = None,
    column: Annotated[
        list[str] | None,
        typer.Option(
            help=f"WHAT=COLUMN where names do not tell; of persons WHAT is {', '.join(COLUMNS)};"
            f" of organisations {', '.join(ORGANISATION_COLUMNS)}."
        ),
    ] = None,
    kind: Annotated[Kind, typer.Option(help="What the records are of.")] = Kind.PERSON,
    household_rules: Annotated[
        bool, typer.Option(help="Keep apart who share a home, a name or a birthday only.")
    ] = True,
    seed: Annotated[int, typer.Option(help="The order in which records come.")] = 0,
    output: FormatOption = Format.TEXT,
) -> None:
    """Feed records one at a time in a random order and compare with their true entities."""
    garbage.look_seldom()
    named = dict(_named(one) for one in column or [])
    compared, layout = KINDS[kind]
    data = load(dataset, truth, named, layout)
    resolver = Resolver(kind=compared, household_rules=household_rules)
    found = evaluate(
        data, resolver, seed, lambda done, whole: errors.print(f"{done:,} of {whole:,} records")
    )
    if output is Format.JSON:
        as_json(figures(found))
        return
    told = [{"figure": name, "value": value} for name, value in figures(found).items()]
    rows(output, ("figure", "value"), told, "")


def _named(text: str) -> tuple[str, str]:
    what, equals, name = text.partition("=")
    if not equals:
        raise SettingsError(f"--column {text} has no =", remedy="for example --column birth=born")
    return what, name


def figures(found: Evaluation) -> dict[str, Any]:
    """The figures of an evaluation as plain values, shares to four places."""
    accuracy = found.accuracy
    return {
        "model": found.model,
        "records": accuracy.records,
        "true_entities": accuracy.entities,
        **_scores("pairwise", accuracy.pairs),
        **_scores("b_cubed", accuracy.b_cubed),
        "exact_entities": round(accuracy.exact, 4),
        "pairwise_f1_before_settling": round(found.before_settling.f1, 4),
        "candidate_recall": round(found.candidate_recall, 4),
        "keys_cut": found.keys_cut,
        "possible_links": found.possible,
        "ms_a_record": round(found.mean_ms, 3),
    }


def _scores(name: str, score: Score) -> dict[str, float]:
    return {
        f"{name}_precision": round(score.precision, 4),
        f"{name}_recall": round(score.recall, 4),
        f"{name}_f1": round(score.f1, 4),
    }
