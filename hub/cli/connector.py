"""`hub connector`: what there is, whether it is set up, what it reads, running it once."""

import threading
from collections.abc import Mapping
from itertools import islice
from pathlib import Path
from typing import Annotated, Any

import typer

from hub import clock
from hub.bus.producer import Headers
from hub.canon.codec import Codec, wire_names
from hub.cli import roles
from hub.cli.connector_at import located
from hub.cli.connector_new import discover, new
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
from hub.cli.view import leaves, plain
from hub.connect import lint, runtime
from hub.connect.catalogue import broken, connectors
from hub.connect.catalogue import connector as connector_named
from hub.connect.conformance import reading, recorded
from hub.connect.conformance.outcome import Outcome
from hub.connect.conformance.samples import expected_file, subject
from hub.connect.conformance.suite import CHECKS, examine
from hub.connect.contract import Change, Checkpoint, Draft, LeftOut, Unchanged, Unreadable
from hub.connect.publish import Publisher
from hub.connect.spec import spec
from hub.errors import RecordError, SettingsError
from hub.settings import connector_settings, connectors_folder, load_settings, settings_path
from hub.telemetry.metrics import Health

app = typer.Typer(help="Connectors to departmental systems.", no_args_is_help=True)
app.command("new", epilog="Example: hub connector new dog_licences --from sample.csv")(new)
app.command("discover", epilog="Example: hub connector discover sample.csv")(discover)
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
    """Check a connector and its settings without starting it; exit code 1 where it cannot run.

    Needs no hub: of the settings file, only what it says of connectors.
    """
    hub = connector_settings(settings)
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


@app.command(epilog="Example: hub connector read licensing --limit 3 --values")
def read(
    name: NameArgument,
    settings: SettingsOption = None,
    limit: Annotated[int, typer.Option(min=1, help="How many records to read.")] = 10,
    values: Annotated[
        bool, typer.Option("--values", help="Show every value as it is translated: of real people.")
    ] = False,
    output: FormatOption = Format.TEXT,
) -> None:
    """Read from the source and show what records mean. Publishes and remembers nothing.

    With --values, what each event says and claims, field by field: names, dates, codes. Needs no
    hub: of the settings file, only what it says of connectors.
    """
    hub = connector_settings(settings)
    found, own = roles.connector_of(hub, name, settings_path(settings).parent)
    if found.changes is None:
        raise SettingsError(f"{name} is pushed to", remedy="hub run connector, and push to it")
    publisher = Publisher(found, DRY_KEY, _offline_codec(), _Nowhere())
    items = found.changes(own, None)
    seen = (one for one in items if not isinstance(one, Checkpoint))
    shown = [said for one in islice(seen, limit) for said in _said(publisher, one, values=values)]
    columns = ["line", "says", "record", "occurred", "detail"]
    if output is Format.JSON or not values:
        rows(output, columns, shown, "nothing to read")
        return
    for one in shown:
        heading = "  ".join(str(one[name]) for name in columns if one.get(name))
        console.print(safe(heading), style="bold", soft_wrap=True)
        for path, value in leaves(one.get("values")):
            console.print(safe(f"  {path:40} {value}"), soft_wrap=True)


def _said(
    publisher: Publisher, item: Change | Unreadable | Unchanged, *, values: bool
) -> list[dict[str, object]]:
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
            "detail": _detail(draft),
            **({"values": _values(draft)} if values else {}),
        }
        for draft in drafts
    ]


def _values(draft: Draft) -> dict[str, object]:
    return {"body": plain(draft.body), "claims": plain(draft.claims)}


def _detail(draft: Draft) -> str:
    if draft.supersedes is None:
        return str(draft.kind)
    return f"{draft.kind}, in the place of {draft.supersedes.record_key}"


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


SamplesOption = Annotated[
    Path | None,
    typer.Option("--samples", help="The samples folder; else the one beside the connector."),
]


@app.command("test", epilog="Example: hub connector test licensing")
def keeps_contract(
    name: NameArgument,
    samples: SamplesOption = None,
    settings: SettingsOption = None,
    record: Annotated[
        bool, typer.Option("--record", help="Record what the samples mean now, then test.")
    ] = False,
    output: FormatOption = Format.TEXT,
) -> None:
    """Check that a connector keeps the contract, with its recorded samples. Asks no server.

    Exit code 1 where a check failed; one that does not apply is skipped with its reason.
    """
    found, home = located(name, settings)
    folder = samples or home / "samples"
    examined = subject(found, folder)
    if record:
        path = expected_file(found, folder)
        drafts = [draft for told in reading.whole(examined) for draft in told.drafts]
        count = recorded.write(path, drafts)
        errors.print(safe(f"{count} events recorded in {path}: look whether they are right"))
        examined = subject(found, folder)
    proves = {check.name: check.proves for check in CHECKS}
    shown = [{**one._asdict(), "proves": proves[one.check]} for one in examine(examined)]
    if output is Format.JSON:
        as_json(shown)
    else:
        for one in shown:
            _show(one)
    if any(one["outcome"] is Outcome.FAILED for one in shown):
        raise typer.Exit(1)


def _show(result: Mapping[str, str]) -> None:
    console.print(safe(f"{result['outcome']:8} {result['check']:13} {result['proves']}"))
    if result["what"]:
        where = f" ({result['where']})" if result["where"] else ""
        console.print(safe(f"{'':22} {result['what']}{where}"))
    if result["remedy"]:
        console.print(safe(f"{'':22} {result['remedy']}"))


@app.command("spec", epilog="Example: hub connector spec licensing -o json")
def spec_(
    name: NameArgument, settings: SettingsOption = None, output: FormatOption = Format.TEXT
) -> None:
    """Say what a connector needs and gives: settings, events, fields. Asks no server."""
    told = spec(located(name, settings).connector)
    if output is Format.JSON:
        as_json(told)
        return
    for key in ("name", "doc", "owner", "system", "purpose", "domain", "way"):
        console.print(safe(f"{key:8} {told[key]}"))
    console.print(f"\n[connectors.{told['name']}]", markup=False)
    needed = told["settings"]["required"]
    settings_ = [
        {
            "setting": key,
            "type": one.get("type", ""),
            "default": "required" if key in needed else one.get("default", ""),
            "what": one["description"],
        }
        for key, one in told["settings"]["properties"].items()
    ]
    rows(output, ["setting", "type", "default", "what"], settings_, "no settings")
    console.print()
    rows(output, ["event", "schema", "doc"], told["emits"], "no events")
    console.print()
    console.print(safe(f"fields   {', '.join(told['fields']['properties'])}"))
