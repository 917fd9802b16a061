"""`hub topics`: make the topics that are missing, and say what differs."""

from typing import Annotated

import typer

from hub.bus import admin
from hub.bus.topics import all_topics
from hub.cli.output import Format, FormatOption, SettingsOption, rows
from hub.connect.catalogue import connectors
from hub.settings import connectors_folder, load_settings

app = typer.Typer(help="The topics of the hub.", no_args_is_help=True)


@app.command("list", epilog="Example: hub topics list -o json")
def list_(settings: SettingsOption = None, output: FormatOption = Format.TEXT) -> None:
    """Show every topic the hub declares; asks no broker."""
    names = tuple(connectors(connectors_folder(settings)))
    rows(
        output,
        ["name", "key", "partitions", "cleanup", "privacy", "doc"],
        (
            {
                "name": topic.name,
                "key": topic.key,
                "partitions": topic.partitions,
                "cleanup": topic.config()["cleanup.policy"],
                "privacy": topic.privacy,
                "doc": topic.doc,
            }
            for topic in all_topics(names)
        ),
        "no topics",
    )


@app.command(epilog="Example: hub topics apply --settings hub.toml")
def apply(
    settings: SettingsOption = None,
    replication: Annotated[int, typer.Option(min=1, help="Copies of each partition.")] = 1,
    output: FormatOption = Format.TEXT,
) -> None:
    """Make the topics that are missing. Never deletes and never lowers anything."""
    hub = load_settings(settings)
    found = admin.apply_topics(
        hub.bootstrap_servers,
        all_topics(tuple(connectors(hub.connectors_folder))),
        hub.kafka,
        replication=replication,
    )
    _show(found, output)


@app.command(epilog="Example: hub topics check || hub topics apply")
def check(settings: SettingsOption = None, output: FormatOption = Format.TEXT) -> None:
    """Compare the broker with what is declared; exit code 1 where they differ."""
    hub = load_settings(settings)
    found = admin.describe_topics(
        hub.bootstrap_servers, all_topics(tuple(connectors(hub.connectors_folder))), hub.kafka
    )
    _show(found, output)
    if any(state != "present" for _, state in found):
        raise typer.Exit(1)


def _show(found: list[tuple[str, str]], output: Format) -> None:
    rows(
        output,
        ["name", "state"],
        ({"name": name, "state": state} for name, state in found),
        "no topics",
    )
