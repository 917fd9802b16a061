"""`hub connectors`: how they are, and what is asked of them, over the control topics."""

from collections.abc import Callable
from typing import Annotated, Any

import typer

from hub import clock
from hub.cli import roles
from hub.cli.output import Format, FormatOption, SettingsOption, as_json, console, rows, safe
from hub.connect.control import shapes, wanted
from hub.connect.control.board import Board, Seen
from hub.connect.control.told import State
from hub.connect.control.wanted import Request, Target
from hub.errors import SettingsError
from hub.settings import load_settings

app = typer.Typer(
    help="Running connectors: how they are, pause, resume, stop, restart, rate limit. "
    "Exit code 1 where one is not as it ought to be.",
    no_args_is_help=True,
)
NamesArgument = Annotated[list[str], typer.Argument(help="Which connectors.")]
WaitOption = Annotated[
    float, typer.Option("--timeout", min=0, help="How many seconds to wait until it is so.")
]
WAIT_S = 20.0
GOOD = (State.RUNNING, State.PAUSED, State.STOPPED)


@app.command(epilog="Example: hub connectors get -o json")
def get(
    names: Annotated[
        list[str] | None, typer.Argument(help="Which; all where none is named.")
    ] = None,
    settings: SettingsOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Show how connectors are; exit code 1 where one is FAILED or UNASSIGNED."""
    hub = load_settings(settings)
    with roles.board_of(hub) as board:
        found = [_row(_one(board, name)) for name in names or board.names()]
    rows(output, COLUMNS, found, "no worker has told of a connector")
    if any(row["state"] not in GOOD for row in found):
        raise typer.Exit(1)


COLUMNS = ["name", "state", "behind_by_s", "last_event", "restarts", "worker", "reason"]


def _row(seen: Seen) -> dict[str, Any]:
    found, told = shapes.judged(seen, clock.now_us()), seen.told
    return {
        "name": seen.name,
        "state": found.state.value,
        "behind_by_s": shapes.behind_by_s(seen),
        "last_event": shapes.moment(told.last_event_at_us) if told else None,
        "restarts": told.restarts if told else 0,
        "worker": told.worker_id if told else "",
        "reason": found.reason or found.trace.partition("\n")[0],
    }


def _one(board: Board, name: str) -> Seen:
    known = board.names()
    if name not in known:
        raise SettingsError(
            f"no worker has told of {name}", remedy=f"there are: {', '.join(known) or 'none'}"
        )
    return board.seen(name)


@app.command(epilog="Example: hub connectors describe licensing")
def describe(
    name: Annotated[str, typer.Argument(help="Which connector.")],
    settings: SettingsOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Show all that is known of a connector: status, trace, settings with secrets hidden."""
    with roles.board_of(load_settings(settings)) as board:
        seen = _one(board, name)
    status = shapes.status(seen, clock.now_us())
    told = {**status, "config": shapes.config(seen)}
    if output is Format.JSON:
        as_json(told)
    else:
        for key, value in {**status["connector"], **status["hub"], **told["config"]}.items():
            for line in str(value).splitlines() or [""]:
                console.print(safe(f"{key}: {line}"))
    if status["connector"]["state"] not in GOOD:
        raise typer.Exit(1)


@app.command(epilog="Example: hub connectors pause licensing")
def pause(
    names: NamesArgument,
    settings: SettingsOption = None,
    timeout: WaitOption = WAIT_S,
    output: FormatOption = Format.TEXT,
) -> None:
    """Ask nothing more of the source and take no more calls; resume goes on where it was."""
    _ask(names, settings, timeout, output, Target.PAUSED)


@app.command(epilog="Example: hub connectors resume licensing")
def resume(
    names: NamesArgument,
    settings: SettingsOption = None,
    timeout: WaitOption = WAIT_S,
    output: FormatOption = Format.TEXT,
) -> None:
    """Go on where a paused or stopped connector was."""
    _ask(names, settings, timeout, output, Target.RUNNING)


@app.command(epilog="Example: hub connectors stop licensing")
def stop(
    names: NamesArgument,
    settings: SettingsOption = None,
    timeout: WaitOption = WAIT_S,
    output: FormatOption = Format.TEXT,
) -> None:
    """Like pause, and let go of the source too; the worker waits for resume."""
    _ask(names, settings, timeout, output, Target.STOPPED)


def _ask(
    names: list[str], settings: SettingsOption, timeout: float, output: Format, target: Target
) -> None:
    """Ask for a state and wait until the workers tell it."""
    requests = [wanted.state(name, target) for name in names]

    def so(_: Seen, now: Seen) -> bool:
        judged = shapes.judged(now, clock.now_us()).state
        return now.wanted.target is target and judged.value == target.value

    _until(requests, settings, timeout, output, so)


@app.command(epilog="Example: hub connectors restart licensing --only-failed")
def restart(
    names: NamesArgument,
    settings: SettingsOption = None,
    only_failed: Annotated[
        bool, typer.Option("--only-failed", help="Leave those alone that run.")
    ] = False,
    timeout: WaitOption = WAIT_S,
    output: FormatOption = Format.TEXT,
) -> None:
    """Begin again from the remembered position, with the settings as they are in the file now."""

    def so(before: Seen, now: Seen) -> bool:
        taken = now.told is not None and now.told.restart_done > before.wanted.restart
        return taken and shapes.judged(now, clock.now_us()).state in GOOD

    requests = [wanted.restart(name, only_failed=only_failed) for name in names]
    _until(requests, settings, timeout, output, so)


@app.command(epilog="Example: hub connectors limit licensing 200")
def limit(
    name: Annotated[str, typer.Argument(help="Which connector.")],
    records_per_s: Annotated[
        str, typer.Argument(help="Records a second, 0 for no limit, - for what the settings say.")
    ],
    settings: SettingsOption = None,
    timeout: WaitOption = WAIT_S,
    output: FormatOption = Format.TEXT,
) -> None:
    """Change the rate limit of a running connector."""
    try:
        rate = None if records_per_s == "-" else wanted.checked_rate(records_per_s)
    except ValueError as error:
        raise SettingsError("that is no rate limit", remedy=f"use {error}, or -") from error

    def so(_: Seen, now: Seen) -> bool:
        told = None if now.told is None else now.told.rate_records_per_s
        return now.wanted.rate_records_per_s == rate and (rate is None or told == rate)

    _until([wanted.rate(name, rate)], settings, timeout, output, so)


def _until(
    requests: list[Request],
    settings: SettingsOption,
    timeout: float,
    output: Format,
    so: Callable[[Seen, Seen], bool],
) -> None:
    """Ask, wait until all is so, show; exit code 1 where one is not in time."""
    hub = load_settings(settings)
    with roles.board_of(hub) as board:
        before = {one.name: _one(board, one.name) for one in requests}
        roles.asker_of(hub).ask(*requests)
        done = board.until(
            lambda: all(so(before[name], board.known(name)) for name in before), timeout
        )
        found = [_row(board.known(name)) for name in before]
    rows(output, COLUMNS, found, "")
    if not done:
        raise typer.Exit(1)
