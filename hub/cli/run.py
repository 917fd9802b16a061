"""`hub run`: the long-running processes of a deployment."""

from pathlib import Path
from typing import Annotated

import typer

from hub.cli import roles
from hub.cli.output import SettingsOption
from hub.connect import intake, runtime
from hub.errors import Fenced, SettingsError, Unavailable
from hub.processor import outbox
from hub.processor.run import run_processor
from hub.processor.store import Store
from hub.telemetry.signals_connect import ConnectorStopped, LeaseHeld

app = typer.Typer(
    help="Run one part of a deployment until SIGTERM or Ctrl-C. Each serves /metrics, /healthz "
    "and /readyz on its metrics port.",
    no_args_is_help=True,
)
LogOption = Annotated[
    Path | None, typer.Option("--log", help="Append the log here instead of standard error.")
]
PortOption = Annotated[
    int | None,
    typer.Option("--metrics-port", help="Instead of the settings' port; 0 for any free one."),
]
FENCED_WAIT_S = 1.0


@app.command("connector", epilog="Example: hub run connector licensing --settings hub.toml")
def connector(
    name: Annotated[str, typer.Argument(help="Which connector; see hub connector list.")],
    settings: SettingsOption = None,
    log: LogOption = None,
    metrics_port: PortOption = None,
) -> None:
    """Run one connector: as long as another worker holds its lease, this one stands by."""
    with roles.process(f"connector-{name}", settings, log, metrics_port) as process:
        found, own = roles.connector_of(process.settings, name, process.base)
        codec = roles.codec_of(process.settings, process.stop)
        if found.receive is not None:
            desk = intake.Desk(
                found,
                own,
                lambda: roles.links_of(process.settings, name, codec, process.health),
                process.stop,
            )
            table = process.settings.connectors.get(name, {})
            desk.start()
            intake.serve(
                {name: desk},
                process.stop,
                str(table.get("intake_host", "127.0.0.1")),
                int(table.get("intake_port", 0)),
            )
            process.stop.set()
            desk.join()
            return
        while not process.stop.is_set():
            links = roles.links_of(process.settings, name, codec, process.health)
            if links.lease is None:
                raise SettingsError("a connector runs under its lease")
            try:
                standing_by = process.health.turn
                if links.lease.acquire(process.stop, waiting=standing_by):
                    LeaseHeld(name).emit()
                    runtime.run(found, own, links, stop=process.stop)
            except Fenced as error:
                ConnectorStopped(name, error.message).emit()
                process.stop.wait(FENCED_WAIT_S)
            finally:
                links.lease.release()


@app.command(epilog="Example: hub run processor --settings hub.toml")
def processor(
    settings: SettingsOption = None, log: LogOption = None, metrics_port: PortOption = None
) -> None:
    """Run the processor: events to views, with the runner the settings name."""
    with roles.process("processor", settings, log, metrics_port) as process:
        codec = roles.codec_of(process.settings, process.stop)
        run_processor(process.settings, codec, process.stop, process.health)


@app.command(epilog="Example: hub run relay --settings hub.toml")
def relay(
    settings: SettingsOption = None, log: LogOption = None, metrics_port: PortOption = None
) -> None:
    """Publish what the processor committed; a second relay stands by."""
    with roles.process("relay", settings, log, metrics_port) as process:
        store = Store(process.settings.postgres_dsn())
        producer = roles.producer_of(process.settings, "relay")
        while not process.stop.is_set() and not _migrated(store, process):
            continue
        outbox.run(store, producer, process.stop, process.health)
        store.close()


def _migrated(store: Store, process: roles.Process) -> bool:
    """Whether the store is there; waits a moment where PostgreSQL is away."""
    try:
        store.migrate()
    except Unavailable as error:
        process.health.turn(error.message)
        process.stop.wait(roles.RETRY_S)
        return False
    return True
