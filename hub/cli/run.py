"""`hub run`: the long-running processes of a deployment."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from hub.cli import output, roles
from hub.cli.output import SettingsOption
from hub.cli.run_connector import ConnectorWorker
from hub.connect.control import rest
from hub.connect.control.board import Board
from hub.errors import Unavailable
from hub.processor import outbox
from hub.processor.run import run_processor
from hub.processor.store import Store

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
HEALTH_TURN_S = 1.0


@app.command("connector", epilog="Example: hub run connector licensing --settings hub.toml")
def connector(
    name: Annotated[str, typer.Argument(help="Which connector; see hub connector list.")],
    settings: SettingsOption = None,
    log: LogOption = None,
    metrics_port: PortOption = None,
) -> None:
    """Run one connector: as long as another worker holds its lease, this one stands by."""
    with roles.process(f"connector-{name}", settings, log, metrics_port) as process:
        ConnectorWorker(process, settings, name).run()


@app.command(epilog="Example: hub run control --settings hub.toml")
def control(
    settings: SettingsOption = None,
    log: LogOption = None,
    metrics_port: PortOption = None,
    port: Annotated[
        int | None, typer.Option("--port", help="Instead of control_port; 0 for any free one.")
    ] = None,
) -> None:
    """Serve Kafka Connect's REST paths over the connectors; any number of these may run."""
    with roles.process("control", settings, log, metrics_port) as process:
        hub = process.settings
        token_file = (process.base / hub.control_token_file).resolve()
        rest.check_token(token_file)
        wanted = hub.control_port if port is None else port
        while not process.stop.is_set():
            try:
                with roles.board_of(hub) as board, _telling(board, process):
                    app = rest.application(roles.service_of(hub, board), token_file)
                    rest.serve(app, process.stop, hub.control_host, wanted, _say_port)
            except Unavailable as error:
                process.health.turn(error.message)
                process.stop.wait(roles.RETRY_S)


def _say_port(port: int) -> None:
    output.errors.print(f"control listens on port {port}")


@contextmanager
def _telling(board: Board, process: roles.Process) -> Iterator[None]:
    """Tell the process's health while it serves: ready as long as Kafka answers."""
    ended = threading.Event()

    def tell() -> None:
        while not ended.wait(HEALTH_TURN_S):
            process.health.turn(board.problem())

    process.health.turn(board.problem())
    thread = threading.Thread(target=tell, name="health")
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


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
