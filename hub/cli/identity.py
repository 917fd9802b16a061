"""`hub identity`: how well the resolver does on records whose true entities are known."""

import json
import os
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from hub import garbage
from hub.cli import identity_decide, identity_review, identity_why
from hub.cli.output import Format, FormatOption, as_json, errors, rows
from hub.errors import SettingsError
from hub.identity.accuracy import Score
from hub.identity.blind import KEY_BYTES_LEAST, RULES, Blinder
from hub.identity.blind_person import BLIND_PERSON
from hub.identity.blind_vectors import as_plain
from hub.identity.columns import COLUMNS
from hub.identity.dataset import PERSONS, Dataset, load, load_records
from hub.identity.evaluate import Evaluation, evaluate
from hub.identity.file_kind import is_of_organisations
from hub.identity.models import read_model
from hub.identity.organisation import ORGANISATION
from hub.identity.organisation_dataset import COLUMNS as ORGANISATION_COLUMNS
from hub.identity.organisation_dataset import ORGANISATIONS
from hub.identity.person import PERSON
from hub.identity.resolver import Resolver
from hub.identity.train import train


class Kind(StrEnum):
    """What the records are of."""

    PERSON = "person"
    ORGANISATION = "organisation"


KINDS = {Kind.PERSON: (PERSON, PERSONS), Kind.ORGANISATION: (ORGANISATION, ORGANISATIONS)}
ColumnOption = Annotated[
    list[str] | None,
    typer.Option(
        help=f"WHAT=COLUMN where names do not tell; of persons WHAT is {', '.join(COLUMNS)};"
        f" of organisations {', '.join(ORGANISATION_COLUMNS)}."
    ),
]
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
    *,
    truth: Annotated[
        Path | None,
        typer.Option(help="A file with record_id and entity_id, else a column has the entity."),
    ] = None,
    column: ColumnOption = None,
    kind: Annotated[
        Kind | None,
        typer.Option(help="What the records are of; else columns and names tell it."),
    ] = None,
    household_rules: Annotated[
        bool, typer.Option(help="Keep apart who share a home, a name or a birthday only.")
    ] = True,
    seed: Annotated[int, typer.Option(help="The order in which records come.")] = 0,
    blind: Annotated[
        bool, typer.Option(help="Link on keyed tokens alone, as agencies that pool no names.")
    ] = False,
    model: Annotated[
        Path | None, typer.Option(help="A model made by hub identity train.", exists=True)
    ] = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Feed records one at a time in a random order and compare with their true entities."""
    garbage.look_seldom()
    told_columns = _columns(column)
    if kind is None:
        kind = _kind_of(dataset, told_columns)
    if blind and kind is not Kind.PERSON:
        raise SettingsError(
            "tokens are made of persons only", remedy="leave out --blind, or say --kind person"
        )
    compared, layout = KINDS[kind]
    data = load(dataset, truth, told_columns, layout)
    errors.print("read " + ", ".join(f"{w}={c}" for w, c in data.columns.items()), markup=False)
    if data.unread:
        errors.print("not read " + ", ".join(data.unread), markup=False)
    if blind:
        compared = BLIND_PERSON
        blinder = Blinder(os.urandom(KEY_BYTES_LEAST))
        data = Dataset(
            {name: blinder.record(one) for name, one in data.records.items()}, data.truth
        )
    resolver = Resolver(
        read_model(model, compared) if model is not None else None,
        kind=compared,
        household_rules=household_rules,
    )
    found = evaluate(
        data, resolver, seed, lambda done, whole: errors.print(f"{done:,} of {whole:,} records")
    )
    if output is Format.JSON:
        as_json(figures(found))
        return
    told = [{"figure": name, "value": value} for name, value in figures(found).items()]
    rows(output, ("figure", "value"), told, "")


@app.command("train", epilog="Example: hub identity train people.csv --out model.json")
def train_command(
    dataset: Annotated[Path, typer.Argument(help="CSV or TSV, gzipped or not.", exists=True)],
    out: Annotated[Path, typer.Option(help="Where the model goes.")],
    column: ColumnOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Learn weights and frequencies from an agency's own records; nobody says who is who."""
    garbage.look_seldom()
    records = load_records(dataset, _columns(column))
    told = train(records, PERSON)
    out.write_text(json.dumps(told, ensure_ascii=False, indent=1, sort_keys=True) + "\n")
    made = {"model": told["version"], "trained_on": told["trained_on"], "out": str(out)}
    if output is Format.JSON:
        as_json(made)
        return
    rows(output, ("figure", "value"), [{"figure": k, "value": v} for k, v in made.items()], "")


@app.command(
    "blind",
    epilog="Example: hub identity blind people.csv --key-file linkage.key > people.jsonl",
)
def blind_command(
    dataset: Annotated[Path, typer.Argument(help="CSV or TSV, gzipped or not.", exists=True)],
    key_file: Annotated[
        Path, typer.Option(help="32 random bytes or more, shared by the agencies.")
    ],
    column: ColumnOption = None,
) -> None:
    """Write keyed tokens in the place of names and numbers, a JSON object a line."""
    try:
        blinder = Blinder(key_file.read_bytes())
    except OSError as error:
        raise SettingsError("the linkage key cannot be read", remedy="check --key-file") from error
    for name, one in load_records(dataset, _columns(column)).items():
        line = {"record_id": name, "rules": RULES, **as_plain(blinder.record(one))}
        typer.echo(json.dumps(line, separators=(",", ":")))


def _kind_of(dataset: Path, told: Mapping[str, str]) -> Kind:
    """What a file is of: the one kind that all the columns told may be of, else as it looks."""
    fitting = [kind for kind, (_, layout) in KINDS.items() if told.keys() <= layout.columns.keys()]
    if len(fitting) == 1:
        return fitting[0]
    organisations = is_of_organisations(dataset)
    kind, other = list(Kind)[:: -1 if organisations else 1]
    errors.print(f"taken for records of {kind}s; --kind {other} if they are not", markup=False)
    return kind


def _columns(told: list[str] | None) -> dict[str, str]:
    return dict(_named(one) for one in told or [])


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


app.add_typer(identity_review.app, name="review")
identity_why.register(app)
identity_decide.register(app)
