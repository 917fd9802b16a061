"""`hub quarantine`: see what could not be used and why, and try it again after a fix."""

from typing import Annotated

import typer

from hub import clock
from hub.bus.reader import Message, read_topic
from hub.bus.topics import PROCESSOR, quarantine_topic
from hub.cli import roles
from hub.cli.output import Format, FormatOption, SettingsOption, as_json, console, rows, safe
from hub.connect import batches
from hub.connect.catalogue import connector, connectors
from hub.connect.publish import Publisher
from hub.connect.quarantine import Quarantined, State, entries
from hub.connect.replay import discard as discard_entry
from hub.connect.replay import replay as replay_entries
from hub.errors import SettingsError
from hub.settings import HubSettings, load_settings

app = typer.Typer(help="What could not be used, and why.", no_args_is_help=True)
ORIGIN_HEADER = "hub.origin.header."
NameArgument = Annotated[
    str, typer.Argument(help="A connector's name, or processor; see hub quarantine list.")
]


@app.command("list", epilog="Example: hub quarantine list -o json")
def list_(
    name: Annotated[str, typer.Argument(help="Only this connector, or processor.")] = "",
    settings: SettingsOption = None,
    state: Annotated[str, typer.Option(help="Only in this state; blank for all.")] = "parked",
    output: FormatOption = Format.TEXT,
) -> None:
    """List quarantined records with the reason, never their content."""
    hub = load_settings(settings)
    names = [name] if name else [*connectors(hub.connectors_folder), PROCESSOR]
    found = [
        {
            "entry": entry.entry_id,
            "from": one,
            "code": entry.code,
            "field": entry.field,
            "rule": entry.rule,
            "place": f"{entry.context.get('file', '')}:{entry.context.get('line', '')}".strip(":"),
            "bytes": entry.raw_bytes,
            "state": str(entry.state),
        }
        for one in names
        for entry in _entries(hub, one)
        if not state or entry.state == state
    ]
    columns = ["entry", "from", "code", "field", "rule", "place", "state"]
    rows(output, columns, found, "nothing is in quarantine")


@app.command(epilog="Example: hub quarantine show licensing ENTRY")
def show(
    name: NameArgument,
    entry: Annotated[str, typer.Argument(help="The entry's identifier.")],
    settings: SettingsOption = None,
    raw: Annotated[
        bool, typer.Option("--raw", help="Show the original, which may be personal.")
    ] = False,
    output: FormatOption = Format.TEXT,
) -> None:
    """Show one entry; its original only with --raw."""
    found = _one(load_settings(settings), name, entry)
    told = found._asdict()
    told["raw"] = found.raw.decode("utf-8", "backslashreplace") if raw else "(hidden; --raw)"
    if output is Format.JSON:
        as_json(told)
        return
    for key, value in told.items():
        console.print(safe(f"{key:12} {value}"))


@app.command(epilog="Example: hub quarantine replay licensing --dry-run")
def replay(
    name: NameArgument,
    settings: SettingsOption = None,
    entry: Annotated[str, typer.Option(help="Only this entry.")] = "",
    code: Annotated[str, typer.Option(help="Only entries with this code.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would happen.")] = False,
    output: FormatOption = Format.TEXT,
) -> None:
    """Try parked records again; twice changes nothing. Exit code 1 where some still fail."""
    hub = load_settings(settings)
    chosen = [
        one
        for one in _entries(hub, name)
        if one.state is State.PARKED and entry in ("", one.entry_id) and code in ("", one.code)
    ]
    if name == PROCESSOR:
        count = 0 if dry_run else _resend(hub, {one.entry_id for one in chosen})
        rows(output, ["sent"], [{"sent": count, "parked": len(chosen)}], "")
        return
    found, codec = connector(name, hub.connectors_folder), roles.codec_of(hub)
    producer = roles.producer_of(hub, f"replay-{name}")
    publisher = Publisher(found, hub.identity_key(), codec, producer)
    outcomes = replay_entries(
        chosen,
        found,
        publisher,
        producer,
        now_us=clock.now_us(),
        reverted=batches.reverted(roles.reverts_of(hub)),
        dry_run=dry_run,
    )
    told = [
        {
            "entry": one.entry_id,
            "outcome": f"{one.events} events" if one.done else one.code,
            "field": one.field,
            "rule": one.rule,
        }
        for one in outcomes
    ]
    rows(output, ["entry", "outcome", "field", "rule"], told, "nothing is parked")
    if any(not one.done for one in outcomes):
        raise typer.Exit(1)


@app.command(epilog='Example: hub quarantine discard licensing ENTRY --by "A. Clerk" --reason spam')
def discard(
    name: NameArgument,
    entry: Annotated[str, typer.Argument(help="The entry's identifier.")],
    by: Annotated[str, typer.Option("--by", help="Who decides; kept with the entry.")],
    reason: Annotated[str, typer.Option(help="Why; kept with the entry.")],
    settings: SettingsOption = None,
) -> None:
    """Give an entry up, by a named person for a reason. Its bytes stay where they are."""
    hub = load_settings(settings)
    found = _one(hub, name, entry)
    discard_entry(found, roles.producer_of(hub, f"discard-{name}"), by, reason)
    console.print(safe(f"{entry} is discarded"))


def _entries(hub: HubSettings, name: str) -> list[Quarantined]:
    return entries(read_topic(hub.bootstrap_servers, quarantine_topic(name), hub.kafka))


def _one(hub: HubSettings, name: str, entry: str) -> Quarantined:
    for found in _entries(hub, name):
        if found.entry_id == entry:
            return found
    raise SettingsError(f"{name} has no entry {entry}", remedy="see hub quarantine list")


def _resend(hub: HubSettings, chosen: set[str]) -> int:
    """Send the processor's originals to their topics again, with their own keys and headers."""
    producer = roles.producer_of(hub, "replay-processor")
    topic = quarantine_topic(PROCESSOR)
    sent: list[Message] = []
    for message in read_topic(hub.bootstrap_servers, topic, hub.kafka):
        told = dict(message.headers)
        if (message.key or b"").decode() in chosen and told["hub.state"] == b"parked":
            headers = [
                (name.removeprefix(ORIGIN_HEADER), value)
                for name, value in message.headers
                if name.startswith(ORIGIN_HEADER)
            ]
            key = told["hub.origin.key"].decode().encode("latin-1")
            origin = told["__connect.errors.topic"].decode()
            producer.send(origin, key, message.value, headers)
            sent.append(message)
    producer.flush()
    for message in sent:
        headers = [
            (name, b"replayed" if name == "hub.state" else value) for name, value in message.headers
        ]
        producer.send(topic, message.key, None, headers)
    producer.flush()
    return len(sent)
