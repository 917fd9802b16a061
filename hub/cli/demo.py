"""`hub demo` and `hub up`: everything on this machine, on real servers."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from hub import clock
from hub.cli import demo_report
from hub.cli.output import Format as Output
from hub.cli.output import FormatOption, console, errors, safe
from hub.errors import HubError, Unavailable
from hub.local.demo import CONNECTORS, Demo, Moment
from hub.local.deployment import Deployment

STATE_DIR = Path(".civic-hub")
LOOK_EVERY_S = 0.5
TELL_EVERY_S = 5.0
LIMIT_S = 900.0
StateOption = Annotated[
    Path, typer.Option("--state-dir", help="Where servers and settings are kept.")
]


def demo(
    state_dir: StateOption = STATE_DIR,
    once: Annotated[
        bool, typer.Option("--once", help="End when the backlog is worked off.")
    ] = False,
    output: FormatOption = Output.TEXT,
) -> None:
    """Run the main job: departments, connectors, Kafka, unified view; then say what came of it.

    Starts real servers on loopback, and everything is stopped again by Ctrl-C. A second run goes on
    where the last one ended and adds no event twice. At the end it compares what the hub found with
    who is who in the departments, which no part of the hub is told, and explains some pairs. With
    --once the exit code is 1 where the books do not balance, where people are not matched as well
    as they must be, or where an explanation leaves something out; it says which.

    Example: hub demo --once -o json > report.json
    """
    running = Demo(state_dir, _say)
    try:
        running.start()
        moment = _watch(running)
        errors.print(f"\n[bold]Worked off[/bold] after {moment.seconds:.0f} s:")
        errors.print(_line(moment)[9:])
        good = _report(running, moment, output)
        if once:
            raise typer.Exit(0 if good else 1)
        errors.print("\nEverything keeps running. Ctrl-C stops it.")
        _idle(running)
    except KeyboardInterrupt:
        errors.print("stopping")
    finally:
        running.stop()
        errors.print("everything is stopped")


def up(state_dir: StateOption = STATE_DIR) -> None:
    """Start Kafka, the registry and PostgreSQL only, with topics and schemas, until Ctrl-C."""
    deployment = Deployment(state_dir, _say)
    try:
        deployment.start_servers({})
        console.print(f"settings: {deployment.settings_file}\nCtrl-C stops the servers.")
        while True:
            clock.sleep_s(LOOK_EVERY_S)
    except KeyboardInterrupt:
        errors.print("stopping")
    finally:
        deployment.stop()


def _say(text: str) -> None:
    errors.print(Text(f"· {text}", style="dim"))


def _watch(running: Demo) -> Moment:
    """Show progress until the backlog is worked off; HubError where it takes too long."""
    began_s = told_s = clock.monotonic_s()
    last: Moment | None = None
    live = Live(console=errors, refresh_per_second=4, transient=True)
    with live if errors.is_terminal else _Silent():
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
            if errors.is_terminal:
                live.update(_progress(moment, last))
            elif clock.monotonic_s() - told_s > TELL_EVERY_S:
                told_s = clock.monotonic_s()
                errors.print(_line(moment))
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


def _report(running: Demo, moment: Moment, output: Output) -> bool:
    """What came of it; whether it is as it must be."""
    report, citizens = running.report(moment), running.best_known()
    deployment = running.deployment
    places = {name: process.metrics_url for name, process in deployment.processes.items()}
    places |= {"logs": str(deployment.state_dir / "logs")}
    places |= {"settings": str(deployment.settings_file)}
    if output is Output.JSON:
        demo_report.as_document(report, citizens, places)
    else:
        demo_report.show(report, citizens, places)
    return not report.problems


def _idle(running: Demo) -> None:
    while True:
        clock.sleep_s(TELL_EVERY_S)
        try:
            for gone in running.look().ended:
                errors.print(safe(f"{gone.name} ended; see its log"))
        except Unavailable:
            continue
