"""`hub demo` and `hub up`: everything on this machine, on real servers."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from hub import clock
from hub.cli.books import COLUMNS, table
from hub.cli.output import Format as Output
from hub.cli.output import console, rows, safe
from hub.cli.view import lines
from hub.errors import HubError, Unavailable
from hub.local.demo import CONNECTORS, Demo, Moment
from hub.local.deployment import Deployment

STATE_DIR = Path(".civic-hub")
LOOK_EVERY_S = 0.5
TELL_EVERY_S = 5.0
LIMIT_S = 900.0
LINES_SHOWN = 14
StateOption = Annotated[
    Path, typer.Option("--state-dir", help="Where servers and settings are kept.")
]


def demo(
    state_dir: StateOption = STATE_DIR,
    once: Annotated[
        bool, typer.Option("--once", help="End when the backlog is worked off; 0 if balanced.")
    ] = False,
) -> None:
    """Run the main job: departments, connectors, Kafka, unified view.

    Starts real servers on loopback, and everything is stopped again by Ctrl-C. A second run goes on
    where the last one ended and adds no event twice.
    """
    running = Demo(state_dir, _say)
    try:
        running.start()
        moment = _watch(running)
        balanced = _report(running, moment)
        if once:
            raise typer.Exit(0 if balanced else 1)
        console.print("\nEverything keeps running. Ctrl-C stops it.")
        _idle(running)
    except KeyboardInterrupt:
        console.print("stopping")
    finally:
        running.stop()
        console.print("everything is stopped")


def up(state_dir: StateOption = STATE_DIR) -> None:
    """Start Kafka, the registry and PostgreSQL only, with topics and schemas, until Ctrl-C."""
    deployment = Deployment(state_dir, _say)
    try:
        deployment.start_servers({})
        console.print(f"settings: {deployment.settings_file}\nCtrl-C stops the servers.")
        while True:
            clock.sleep_s(LOOK_EVERY_S)
    except KeyboardInterrupt:
        console.print("stopping")
    finally:
        deployment.stop()


def _say(text: str) -> None:
    console.print(Text(f"· {text}", style="dim"))


def _watch(running: Demo) -> Moment:
    """Show progress until the backlog is worked off; HubError where it takes too long."""
    began_s = told_s = clock.monotonic_s()
    last: Moment | None = None
    live = Live(console=console, refresh_per_second=4, transient=True)
    with live if console.is_terminal else _Silent():
        while True:
            try:
                moment = running.look()
            except Unavailable:
                clock.sleep_s(LOOK_EVERY_S)
                continue
            if moment.ended:
                gone = moment.ended[0]
                raise HubError(
                    f"{gone.name} ended:\n{gone.log_tail}", remedy="see the log for the whole"
                )
            if console.is_terminal:
                live.update(_progress(moment, last))
            elif clock.monotonic_s() - told_s > TELL_EVERY_S:
                told_s = clock.monotonic_s()
                console.print(_line(moment))
            if running.worked_off(moment):
                return moment
            if clock.monotonic_s() - began_s > LIMIT_S:
                raise HubError(
                    f"not worked off after {LIMIT_S:.0f} s: {_line(moment)}",
                    remedy="is the machine very busy? See the logs",
                )
            last = moment
            clock.sleep_s(LOOK_EVERY_S)


class _Silent:
    def __enter__(self) -> None:
        """Nothing is drawn where nobody looks."""

    def __exit__(self, *_: object) -> None:
        """Nothing to take down."""


def _line(moment: Moment) -> str:
    return (
        f"{moment.seconds:5.0f} s  {moment.records:,} records read, {moment.pending:,} events to "
        f"apply, {moment.counts['citizens']:,} citizens, {moment.counts['businesses']:,} businesses"
    )


def _progress(moment: Moment, last: Moment | None) -> Group:
    shown = Table(box=None, header_style="bold", pad_edge=False)
    for column in ("connector", "records", "events", "events/s", "quarantined"):
        shown.add_column(column, justify="left" if column == "connector" else "right")
    for name in CONNECTORS:
        position = moment.positions.get(name)
        if position is None:
            shown.add_row(name, "-", "-", "-", "-")
            continue
        books = position.books
        shown.add_row(
            name,
            f"{books.read:,}",
            f"{books.events:,}",
            f"{_rate(moment, last, name):,.0f}",
            f"{books.quarantined:,}",
        )
    return Group(shown, Text(_line(moment), style="dim"))


def _rate(moment: Moment, last: Moment | None, name: str) -> float:
    if last is None or name not in last.positions:
        return 0.0
    events = moment.positions[name].books.events - last.positions[name].books.events
    return events / max(moment.seconds - last.seconds, 0.001)


def _report(running: Demo, moment: Moment) -> bool:
    """What came of it; whether everything balances."""
    console.print(f"\n[bold]Worked off[/bold] after {moment.seconds:.0f} s: {_line(moment)[9:]}\n")
    rows(Output.TEXT, COLUMNS, table(moment.accounts), "nothing was read")
    for number, citizen in enumerate(running.best_known(), 1):
        console.print(
            f"\n[bold]Citizen {number}[/bold]: {len(citizen.record_ids)} records of "
            f"{', '.join(citizen.agencies)}"
        )
        for field, value, source in lines(citizen)[:LINES_SHOWN]:
            console.print(safe(f"  {field:12} {value[:60]:60} {source}"))
    deployment = running.deployment
    console.print("\n[bold]Where to look[/bold]")
    for name, process in deployment.processes.items():
        console.print(f"  {name:24} {process.metrics_url}")
    console.print(f"  logs                     {deployment.state_dir / 'logs'}")
    console.print(f"  settings                 {deployment.settings_file}")
    for failure in running.failures:
        console.print(f"[bold red]{failure}[/bold red]")
    good = moment.balanced and not running.failures
    console.print(
        "\n[bold green]The books balance.[/bold green]"
        if good
        else "\n[bold red]The books do not balance.[/bold red]"
    )
    return good


def _idle(running: Demo) -> None:
    while True:
        clock.sleep_s(TELL_EVERY_S)
        try:
            for gone in running.look().ended:
                console.print(safe(f"{gone.name} ended; see its log"))
        except Unavailable:
            continue
