"""`hub identity`: how well the resolver does on records whose true entities are known."""

import json
import os
from pathlib import Path
from typing import Annotated, Any

import typer

from hub import garbage
from hub.cli import identity_decide, identity_link, identity_review, identity_why
from hub.cli.identity_files import (
    KINDS,
    ColumnOption,
    DatasetArgument,
    HouseholdOption,
    Kind,
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
from hub.cli.output import Format, FormatOption, errors
from hub.errors import SettingsError
from hub.identity.accuracy import Score
from hub.identity.blind import KEY_BYTES_LEAST, RULES, Blinder
from hub.identity.blind_person import BLIND_PERSON
from hub.identity.blind_vectors import as_plain
from hub.identity.dataset import PERSONS, Dataset, load, load_records
from hub.identity.evaluate import Evaluation, evaluate
from hub.identity.train import train
from hub.identity.weigh import MILLI

app = typer.Typer(help="Which records are the same person or organisation.", no_args_is_help=True)


@app.callback()
def identity() -> None:
    """Which records are the same person or organisation."""


@app.command(
    "evaluate",
    epilog="Example: hub identity evaluate people.csv --truth truth.csv --column birth=geboren",
)
def evaluate_command(
    dataset: DatasetArgument,
    *,
    truth: Annotated[
        Path | None,
        typer.Option(help="A file with record_id and entity_id, else a column has the entity."),
    ] = None,
    column: ColumnOption = None,
    kind: KindOption = None,
    household_rules: HouseholdOption = True,
    seed: Annotated[int, typer.Option(help="The order in which records come.")] = 0,
    blind: Annotated[
        bool, typer.Option(help="Link on keyed tokens alone, as agencies that pool no names.")
    ] = False,
    model: ModelOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Feed records one at a time in a random order and compare with their true entities."""
    garbage.look_seldom()
    told_columns = columns_of(column)
    if kind is None:
        kind = kind_of(dataset, told_columns)
    if blind and kind is not Kind.PERSON:
        raise SettingsError(
            "tokens are made of persons only", remedy="leave out --blind, or say --kind person"
        )
    compared, layout = KINDS[kind]
    data = load(dataset, truth, told_columns, layout)
    say_columns(data)
    if blind:
        compared = BLIND_PERSON
        blinder = Blinder(os.urandom(KEY_BYTES_LEAST))
        data = Dataset(
            {name: blinder.record(one) for name, one in data.records.items()}, data.truth
        )
    resolver = resolver_of(compared, model, household_rules=household_rules)
    found = evaluate(data, resolver, seed, tell_records)
    show_figures(output, figures(found))


@app.command("train", epilog="Example: hub identity train people.csv --out model.json")
def train_command(
    dataset: DatasetArgument,
    out: Annotated[Path, typer.Option(help="Where the model goes.")],
    column: ColumnOption = None,
    kind: KindOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Learn weights and frequencies from an agency's own records; nobody says who is who."""
    garbage.look_seldom()
    check_folder(out)
    told_columns = columns_of(column)
    compared, layout = KINDS[kind_of(dataset, told_columns) if kind is None else kind]
    data = load_records(dataset, told_columns, layout)
    say_columns(data)
    told = train(data.records, compared, lambda what: errors.print(what, markup=False))
    out.write_text(json.dumps(told, ensure_ascii=False, indent=1, sort_keys=True) + "\n")
    made = {"model": told["version"], "trained_on": told["trained_on"], "out": str(out)}
    show_figures(output, made)


@app.command(
    "blind",
    epilog="Example: hub identity blind people.csv --key-file linkage.key > people.jsonl",
)
def blind_command(
    dataset: DatasetArgument,
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
    data = load_records(dataset, columns_of(column), PERSONS)
    say_columns(data)
    for name, one in data.records.items():
        line = {"record_id": name, "rules": RULES, **as_plain(blinder.record(one))}
        typer.echo(json.dumps(line, separators=(",", ":")))


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
        **found.assumptions,
        "threshold_bits": round(found.threshold / MILLI, 2),
        "ms_a_record": round(found.mean_ms, 3),
    }


def _scores(name: str, score: Score) -> dict[str, float]:
    return {
        f"{name}_precision": round(score.precision, 4),
        f"{name}_recall": round(score.recall, 4),
        f"{name}_f1": round(score.f1, 4),
    }


app.command(
    "link",
    epilog="Example: hub identity link grants.jsonl licensing.jsonl --out entities.csv",
)(identity_link.link_command)
app.add_typer(identity_review.app, name="review")
identity_why.register(app)
identity_decide.register(app)
