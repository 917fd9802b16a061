"""`hub batch`: what was read together, and taking it back as a whole."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import typer

from hub import clock
from hub.bus.reader import Message, read_topic
from hub.bus.topics import events_topic
from hub.canon.codec import Codec
from hub.cli import roles
from hub.cli.output import (
    Format,
    FormatOption,
    SettingsOption,
    as_json,
    console,
    errors,
    rows,
    safe,
)
from hub.connect import batches
from hub.connect.batches import Batch
from hub.connect.catalogue import connector as connector_named
from hub.connect.publish import rfc3339
from hub.operations import reverting
from hub.operations.reverting import World
from hub.settings import HubSettings, load_settings

app = typer.Typer(
    help="What connectors read together, a file for instance, and taking it back.",
    no_args_is_help=True,
)
BatchArgument = Annotated[str, typer.Argument(help="A batch's identifier; see hub batch list.")]
COLUMNS = ("batch", "file", "read", "published", "quarantined", "events", "state")
DAYS = 7


@app.command("list", epilog="Example: hub batch list licensing --days 30 -o json")
def list_(
    connector: Annotated[str, typer.Argument(help="Only this connector's.")] = "",
    settings: SettingsOption = None,
    file: Annotated[str, typer.Option(help="Only with this in the file's name.")] = "",
    days: Annotated[int, typer.Option(min=1, help="Only of the last days.")] = DAYS,
    limit: Annotated[int, typer.Option(min=1, help="At most so many, the latest.")] = 50,
    output: FormatOption = Format.TEXT,
) -> None:
    """List batches and reverts, oldest first. Reads the record of batches, not the events."""
    hub = load_settings(settings)
    since = datetime.fromtimestamp(clock.now_us() / 1_000_000, UTC) - timedelta(days=days)
    known = roles.batches_of(hub, int(since.timestamp() * 1_000))
    every = [*known.batches.values(), *known.reverts.values()]
    chosen = [
        one
        for one in sorted(every, key=lambda one: one.began_us)
        if one.began_us >= since.timestamp() * 1_000_000
        and connector in ("", one.connector)
        and file in one.file
    ]
    off = batches.reverted(known.reverts)
    shown = [_row(one, off) for one in chosen[-limit:]]
    rows(output, COLUMNS, shown, "no batch was read")


@app.command(epilog="Example: hub batch show licensing-20250107T060000.000000Z")
def show(
    batch: BatchArgument, settings: SettingsOption = None, output: FormatOption = Format.TEXT
) -> None:
    """Show one batch: its books, and what became of its events: latest, superseded or void."""
    hub = load_settings(settings)
    known = roles.batches_of(hub)
    one = known.one(batch)
    world = _world(hub, one.connector, roles.codec_of(hub), roles.producer_of(hub, "batch"))
    found = {} if one.reverts else reverting.fates_of(one, world)
    told: dict[str, Any] = {
        **_row(one, batches.reverted(known.reverts)),
        "connector": one.connector,
        "began": rfc3339(one.began_us),
        "books": one.books.as_record(),
        "by": one.by,
        "reason": one.reason,
        "reverted_by": [r.batch_id for r in known.reverts.values() if r.reverts == batch],
        "told": [{**fate._asdict(), "count": count} for fate, count in sorted(found.items())],
    }
    if output is Format.JSON:
        as_json(told)
        return
    for key, value in told.items():
        console.print(safe(f"{key:14} {value}"))


@app.command(
    epilog='Example: hub batch revert BATCH --by "A. Clerk" --reason "wrong file" --dry-run'
)
def revert(
    batch: BatchArgument,
    settings: SettingsOption = None,
    by: Annotated[str, typer.Option("--by", help="Who decides; kept with the revert.")] = "",
    reason: Annotated[str, typer.Option(help="Why; kept with the revert.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would happen.")] = False,
    output: FormatOption = Format.TEXT,
) -> None:
    """Take back what a batch told: the views become what they would be without it.

    Twice is once; a revert has an identifier of its own, and reverting it brings the batch back.
    What broke off is finished by the same command.
    """
    hub = load_settings(settings)
    known = roles.batches_of(hub)
    source = known.source(batch)
    plan = reverting.planned(batch, known, clock.now_us(), by, reason)
    producer = roles.producer_of(hub, "revert")
    world = _world(hub, source.connector, roles.codec_of(hub), producer)
    done = reverting.carry_out(plan, known, world, clock.now_us, dry_run=dry_run)
    told = {
        **done._asdict(),
        "batch": batch,
        "dry_run": dry_run,
        "file": source.file,
        "still_read": source.open,
    }
    if output is Format.JSON:
        as_json(told)
        return
    rows(output, ["revert_id", "records", "voided", "brought_back", "told_again"], [told], "")
    if source.open:
        note = f"{source.file} is still being read: once it is done, give the same command again"
        errors.print(safe(note))


def _row(one: Batch, off: frozenset[str]) -> dict[str, object]:
    return {
        "batch": one.batch_id,
        "file": one.file,
        "read": one.books.read,
        "published": one.books.published,
        "quarantined": one.books.quarantined,
        "events": one.books.events,
        "state": _state(one, off),
    }


def _state(one: Batch, off: frozenset[str]) -> str:
    said = "reverted" if one.batch_id in off else f"reverts {one.reverts}" if one.reverts else ""
    if one.open:
        said = f"{said}, unfinished: revert again" if one.reverts else said or "being read"
    return said or "stands"


def _world(hub: HubSettings, connector: str, codec: Codec, producer: reverting.Confirming) -> World:
    topic = events_topic(connector_named(connector, hub.connectors_folder).domain)

    def read(since_us: int) -> Iterator[Message]:
        return read_topic(hub.bootstrap_servers, topic, hub.kafka, since_us // 1_000)

    key = hub.identity_key()
    return World(topic, read, producer, codec, key, lambda told: errors.print(f"  {told}"))
