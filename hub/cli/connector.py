"""`hub connector`: what there is, whether it is set up, what it reads, running it once."""

import threading
from itertools import islice
from typing import Annotated, Any

import typer

from hub import clock
from hub.bus.producer import Headers
from hub.canon.codec import Codec, wire_names
from hub.cli import roles
from hub.cli.output import Format, FormatOption, SettingsOption, as_json, console, rows, safe
from hub.connect import lint, runtime
from hub.connect.catalogue import broken, connectors
from hub.connect.catalogue import connector as connector_named
from hub.connect.contract import Change, Checkpoint, LeftOut, Unchanged, Unreadable
from hub.connect.publish import Publisher
from hub.errors import RecordError, SettingsError
from hub.settings import connectors_folder, load_settings, settings_path
from hub.telemetry.metrics import Health

app = typer.Typer(help="Connectors to departmental systems.", no_args_is_help=True)
NameArgument = Annotated[str, typer.Argument(help="Which connector; see hub connector list.")]
DRY_KEY = b"only for looking: these identifiers are not the deployment's"


@app.command("list", epilog="Example: hub connector list -o json")
def list_(settings: SettingsOption = None, output: FormatOption = Format.TEXT) -> None:
    """Show the connectors there are: ours, other packages' and the settings' folder's."""
    folder = connectors_folder(settings)
    found = [
        {
            "name": one.name,
            "owner": one.owner,
            "system": one.system,
            "domain": one.domain,
            "way": "is asked" if one.changes is not None else "is pushed to",
            "emits": ", ".join(body.__name__ for body in one.emits),
        }
        for one in connectors(folder).values()
    ]
    found += [{"name": name, "system": reason} for name, reason in broken(folder).items()]
    rows(output, ["name", "owner", "system", "way", "emits"], found, "no connector is installed")


@app.command(epilog="Example: hub connector check licensing --settings hub.toml")
def check(
    name: NameArgument, settings: SettingsOption = None, output: FormatOption = Format.TEXT
) -> None:
    """Check a connector and its settings without starting it; exit code 1 where it cannot run."""
    hub = load_settings(settings)
    found = connector_named(name, hub.connectors_folder)
    problems = [problem._asdict() for problem in lint.problems(found)]
    shown: dict[str, Any] = {}
    try:
        _, own = roles.connector_of(hub, name, settings_path(settings).parent)
        shown = lint.shown(own)
    except SettingsError as error:
        problems.append({"where": name, "what": error.message, "remedy": error.remedy})
    if output is Format.JSON:
        as_json({"name": name, "settings": shown, "problems": problems})
    else:
        for key, value in shown.items():
            console.print(safe(f"{key} = {value}"))
        rows(output, ["where", "what", "remedy"], problems, f"{name} can run")
    if problems:
        raise typer.Exit(1)


@app.command(epilog="Example: hub connector read licensing --limit 3 -o json")
def read(
    name: NameArgument,
    settings: SettingsOption = None,
    limit: Annotated[int, typer.Option(min=1, help="How many records to read.")] = 10,
    output: FormatOption = Format.TEXT,
) -> None:
    """Read from the source and show what records mean. Publishes and remembers nothing."""
    hub = load_settings(settings)
    found, own = roles.connector_of(hub, name, settings_path(settings).parent)
    if found.changes is None:
        raise SettingsError(f"{name} is pushed to", remedy="hub run connector, and push to it")
    publisher = Publisher(found, DRY_KEY, _offline_codec(), _Nowhere())
    items = found.changes(own, None)
    seen = (one for one in items if not isinstance(one, Checkpoint))
    shown = [said for one in islice(seen, limit) for said in _said(publisher, one)]
    rows(output, ["line", "says", "record", "occurred", "detail"], shown, "nothing to read")


def _said(publisher: Publisher, item: Change | Unreadable | Unchanged) -> list[dict[str, object]]:
    if isinstance(item, Unchanged):
        return [{"says": "unchanged", "detail": f"{item.count} records"}] if item.count else []
    line = item.context.get("line", "")
    if isinstance(item, Unreadable):
        return [{"line": line, "says": item.error.code, "detail": item.error.message}]
    try:
        drafts = publisher.drafts(item)
    except RecordError as error:
        return [{"line": line, "says": error.code, "detail": error.message}]
    if isinstance(drafts, LeftOut):
        return [{"line": line, "says": "left out", "detail": drafts.rule}]
    return [
        {
            "line": line,
            "says": type(draft.body).__name__,
            "record": draft.record_key,
            "occurred": draft.occurred.text,
            "detail": str(draft.kind),
        }
        for draft in drafts
    ]


class _Nowhere:
    def send(
        self, topic: str, key: bytes | None, value: bytes | None, headers: Headers = ()
    ) -> None:
        """Nothing is sent from here."""


def _offline_codec() -> Codec:
    return Codec({name: number for number, name in enumerate(wire_names(), 1)})


@app.command("run", epilog="Example: hub connector run licensing --settings hub.toml")
def run_once(
    name: NameArgument, settings: SettingsOption = None, output: FormatOption = Format.TEXT
) -> None:
    """Publish everything the source has to tell now, then end. See hub run connector for ever."""
    hub = load_settings(settings)
    found, own = roles.connector_of(hub, name, settings_path(settings).parent)
    base = settings_path(settings).parent
    links = roles.links_of(hub, name, roles.codec_of(hub), Health(), base)
    stop = threading.Event()
    if links.lease is None or not links.lease.acquire(stop, wait_s=hub.session_timeout_s * 2):
        raise SettingsError(
            f"another worker runs {name}", remedy="stop it first, or leave it the work"
        )
    try:
        began_s, before = clock.monotonic_s(), roles.position_of(hub, name).books
        books = runtime.run(found, own, links, stop=stop, once=True)
    finally:
        links.lease.release()
    told = {
        "connector": name,
        "seconds": round(clock.monotonic_s() - began_s, 2),
        "read": books.read - before.read,
        "events": books.events - before.events,
        "quarantined": books.quarantined - before.quarantined,
        "balanced": books.balanced,
    }
    rows(output, list(told), [told], "")
    if not books.balanced:
        raise typer.Exit(1)


@app.command("test", epilog="Example: hub connector test licensing")
def keeps_contract(
    name: NameArgument, settings: SettingsOption = None, output: FormatOption = Format.TEXT
) -> None:
    """Check a connector as a value: name, way, domain, emits, settings. Asks no server."""
    found = connector_named(name, connectors_folder(settings))
    problems = [problem._asdict() for problem in lint.problems(found)]
    rows(output, ["where", "what", "remedy"], problems, f"{name} keeps the contract")
    if problems:
        raise typer.Exit(1)
