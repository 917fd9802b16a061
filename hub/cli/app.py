"""The command line: `hub`. Each group of commands is a file beside this one."""

import sys

import typer

from hub.cli import (
    batch,
    connector,
    connectors,
    identity,
    output,
    quarantine,
    run,
    schemas,
    topics,
    view,
)
from hub.cli.books import books
from hub.cli.demo import demo, up
from hub.cli.feedback import FEEDBACK_EXAMPLE, feedback
from hub.errors import HubError, SettingsError, Unavailable
from hub.telemetry.logs import configure_logs

EXIT_FINDINGS = 1
EXIT_USAGE = 2
EXIT_UNAVAILABLE = 3
EXIT_FAILED = 4
EXIT_INTERRUPTED = 130

app = typer.Typer(
    name="hub",
    help="The civic integration hub: departmental systems in, one view of each citizen out.",
    epilog=(
        "Exit codes: 0 done, 1 done and something was found wrong, 2 wrong usage or settings, "
        "3 Kafka, the registry or PostgreSQL is away, 4 failed, 130 interrupted."
    ),
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.command("demo")(demo)
app.command("up")(up)
app.add_typer(run.app, name="run")
app.add_typer(topics.app, name="topics")
app.add_typer(schemas.app, name="schemas")
app.add_typer(connector.app, name="connector")
connector.app.command("feedback", epilog=FEEDBACK_EXAMPLE)(feedback)
app.add_typer(connectors.app, name="connectors")
app.add_typer(batch.app, name="batch")
app.add_typer(quarantine.app, name="quarantine")
app.add_typer(view.app, name="view")
app.add_typer(identity.app, name="identity")
app.command("books")(books)


def main() -> None:
    """Run the command line; an error of the hub becomes one line and an exit code."""
    configure_logs("cli", level="error")
    try:
        app(standalone_mode=True)
    except HubError as error:
        output.error(error)
        sys.exit(exit_code(error))
    except KeyboardInterrupt:
        sys.exit(EXIT_INTERRUPTED)


def exit_code(error: HubError) -> int:
    """The exit code that tells a script what kind of error it was."""
    if isinstance(error, SettingsError):
        return EXIT_USAGE
    return EXIT_UNAVAILABLE if isinstance(error, Unavailable) else EXIT_FAILED
