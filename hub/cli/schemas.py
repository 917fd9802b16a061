"""`hub schemas`: register the schemas, and check that they stay compatible."""

import typer

import schemas as library
from hub.canon import evolution, registry
from hub.cli.output import Format, FormatOption, SettingsOption, rows
from hub.settings import load_settings

app = typer.Typer(help="The Avro schemas of the hub.", no_args_is_help=True)


@app.command("list", epilog="Example: hub schemas list -o json")
def list_(output: FormatOption = Format.TEXT) -> None:
    """Show every event and view schema; asks no registry."""
    rows(
        output,
        ["name", "kind", "doc"],
        (
            {"name": name, "kind": kind, "doc": library.load(name)["doc"]}
            for kind in ("events", "views", "decisions")
            for name in library.names(kind)
        ),
        "no schemas",
    )


@app.command(epilog="Example: hub schemas register --settings hub.toml")
def register(settings: SettingsOption = None, output: FormatOption = Format.TEXT) -> None:
    """Register every schema under its full name; does nothing where it is there already."""
    hub = load_settings(settings)
    ids = registry.register_all(hub.registry_url, lambda _: None)
    rows(
        output,
        ["name", "schema_id"],
        ({"name": name, "schema_id": number} for name, number in sorted(ids.items())),
        "no schemas",
    )


@app.command(epilog="Example: hub schemas check")
def check(settings: SettingsOption = None, output: FormatOption = Format.TEXT) -> None:
    """Check the schemas against the rules, all released versions and the registry."""
    hub = load_settings(settings)
    problems = [*evolution.check_released(), *registry.check_all(hub.registry_url)]
    rows(
        output,
        ["problem"],
        ({"problem": problem} for problem in problems),
        "all schemas are compatible",
    )
    if problems:
        raise typer.Exit(1)
