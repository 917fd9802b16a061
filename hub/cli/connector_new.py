"""`hub connector new` and `discover`: a connector from a sample, and what a sample holds."""

from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from hub.cli.connector_at import located
from hub.cli.output import (
    Format,
    FormatOption,
    SettingsOption,
    as_json,
    console,
    rows,
    safe,
)
from hub.connect.conformance import reading
from hub.connect.conformance.outcome import Outcome, Result
from hub.connect.conformance.samples import subject
from hub.connect.conformance.suite import examine
from hub.connect.lint import NAME
from hub.connect.scaffold import project
from hub.connect.scaffold.document import Place
from hub.connect.scaffold.plan import Plan, plan
from hub.connect.scaffold.readme import warnings
from hub.connect.scaffold.roles import Guess, guess
from hub.connect.scaffold.sample import Found, fields, look
from hub.connect.scaffold.ways import FILES, WAYS
from hub.errors import SettingsError
from hub.settings import connectors_folder

DEFAULT_FOLDER = Path("connectors")
MAPPING_SUFFIX = ".yaml"
FromOption = Annotated[
    Path, typer.Option("--from", help="A sample file: .csv, .tsv, .json, .jsonl or .xml.")
]


def new(  # noqa: PLR0917 - what a person may say on the command line
    name: Annotated[str, typer.Argument(help="Name of the connector: a-z, 0-9 and _.")],
    sample: FromOption,
    into: Annotated[
        Path | None,
        typer.Option("--into", help="Folder to write to; else connectors_folder, or connectors."),
    ] = None,
    source: Annotated[
        str, typer.Option("--source", help=f"How records come in: {', '.join(WAYS)}.")
    ] = FILES,
    package: Annotated[
        bool, typer.Option("--package", help="Write a repository that can be installed.")
    ] = False,
    key: Annotated[str, typer.Option("--key", help="The field that tells records apart.")] = "",
    owner: Annotated[str, typer.Option("--owner", help="The agency.")] = "The Agency",
    zone: Annotated[str, typer.Option("--zone", help="Zone of times without offset.")] = "UTC",
    country: Annotated[str, typer.Option("--country", help="Country of addresses, as DE.")] = "",
    currency: Annotated[str, typer.Option("--currency", help="Of bare amounts.")] = "USD",
    keep_values: Annotated[
        bool, typer.Option("--keep-values", help="Record the sample's own values, not fakes.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Overwrite without asking.")] = False,
    non_interactive: Annotated[
        bool, typer.Option("--non-interactive", help="Ask nothing: refuse to overwrite.")
    ] = False,
    settings: SettingsOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Write a connector from a sample file: mapping, samples, README, test. Needs no server.

    The sample shows what records are; --source says how they come in, which is files where it is
    left out. What a sample cannot show of a source (a path, a table) is a guess to be mended.

    What it guesses is said with a confidence; what a person should look at stands in its README.
    The samples it records hold fakes of the same shape. Exit code 1 where the conformance suite
    finds something wrong with what was written.
    """
    if not NAME.fullmatch(name):
        raise SettingsError(
            "the name is not a plain one", remedy="use a-z, 0-9 and _, at most 40, a letter first"
        )
    if source not in WAYS:
        raise SettingsError(f"{source} is no way in", remedy=f"one of: {', '.join(WAYS)}")
    made = plan(name, look(sample), key)
    wanted = project.Wanted(Place(owner, zone, country, currency), package, keep_values, source)
    above = into or (Path() if package else connectors_folder(settings) or DEFAULT_FOLDER)
    folder = above / (f"civic-{name.replace('_', '-')}" if package else name)
    texts = project.files(made, wanted)
    _may_write(folder, texts, yes=yes, ask=not non_interactive and output is Format.TEXT)
    events = project.write(folder, texts, made)
    home = folder / f"civic_{name}" if package else folder
    found = list(examine(subject(project.load(home / "mapping.yaml"), home / "samples")))
    _tell(made, folder, events, warnings(made, keep_values=keep_values), found, output)
    if any(one.outcome is Outcome.FAILED for one in found):
        raise typer.Exit(1)


def _may_write(folder: Path, texts: dict[str, str], *, yes: bool, ask: bool) -> None:
    there = sorted(name for name in texts if (folder / name).exists())
    if not there or yes:
        return
    if ask and typer.confirm(f"{folder} holds {', '.join(there)}. Overwrite?"):
        return
    raise SettingsError(
        f"{folder} holds {', '.join(there)} already", remedy="overwrite with --yes, or use --into"
    )


def _tell(
    made: Plan,
    folder: Path,
    events: int,
    doubts: list[str],
    found: list[Result],
    output: Format,
) -> None:
    failed = [one for one in found if one.outcome is Outcome.FAILED]
    if output is Format.JSON:
        as_json(
            {
                "name": made.name,
                "folder": str(folder),
                "files": sorted(str(path) for path in folder.rglob("*") if path.is_file()),
                "events": events,
                "choices": [choice._asdict() for choice in made.choices],
                "fields": _guesses(made.guesses),
                "look_at": doubts,
                "checks": [one._asdict() for one in found],
            }
        )
        return
    rows(output, COLUMNS, _guesses(made.guesses), "no fields")
    console.print()
    for choice in made.choices:
        told = f"{choice.what:18} {choice.chosen}  {choice.confidence:.0%}, {choice.reason}"
        console.print(safe(told))
    console.print()
    console.print(safe(f"Written to {folder}: {events} events of the samples are recorded."))
    for doubt in doubts:
        console.print(safe(f"  look at: {doubt}"))
    for one in failed:
        console.print(safe(f"  failed: {one.check}: {one.what} ({one.where}). {one.remedy}"))
    counts = Counter(str(one.outcome) for one in found)
    console.print(safe(f"Checks: {', '.join(f'{n} {name}' for name, n in counts.items())}."))


COLUMNS = ["field", "values", "taken for", "confidence", "because"]


def _guesses(guesses: list[Guess]) -> list[dict[str, object]]:
    return [
        {
            "field": one.field.path,
            "values": f"{one.looked.kind} {one.looked.format}".strip(),
            "taken for": str(one.role),
            "confidence": one.confidence,
            "because": one.reason,
        }
        for one in guesses
    ]


def discover(
    name: Annotated[
        str, typer.Argument(help="A connector, whose samples are looked at; or a sample file.")
    ],
    settings: SettingsOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Show the fields a source has, with types and what they seem to say. Asks no server."""
    guesses = [guess(one) for one in _fields(name, settings)]
    shown = _guesses(guesses)
    for row, one in zip(shown, guesses, strict=True):
        row["filled"] = f"{len(one.field.values)} of {one.field.records}"
    rows(output, ["field", "values", "filled", *COLUMNS[2:]], shown, "no fields")


def _fields(name: str, settings: Path | None) -> list[Found]:
    """The fields of a sample file, of a connector's samples, or those it declares."""
    path = Path(name)
    if path.is_file() and path.suffix != MAPPING_SUFFIX:
        sample = look(path)
        return fields(sample.records, flat=sample.flat)
    connector, home = located(name, settings)
    samples = home / "samples"
    if not (samples / f"{connector.name}.toml").is_file():
        return [Found((field,), [], 0) for field in sorted(connector.known_fields or ())]
    told = reading.whole(subject(connector, samples))
    return fields([one.change.record for one in reading.changes(told)], flat=False)
