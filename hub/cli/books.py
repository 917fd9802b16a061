"""`hub books`: does everything that was read stand somewhere."""

import typer

from hub.cli import roles
from hub.cli.output import Format, FormatOption, SettingsOption, rows
from hub.connect.books import Books
from hub.operations.books import Account, accounts, pending_events
from hub.processor.store import Store
from hub.settings import HubSettings, load_settings

COLUMNS = (
    *("connector", "read", "published", "quarantined", "duplicate", "filtered"),
    *("events", "applied", "repeated", "rejected", "balance"),
)


def read_accounts(hub: HubSettings, store: Store) -> list[Account]:
    """The account of every connector, from positions, reverts, the store and the topics' ends."""
    connectors = {name: position.books for name, position in roles.positions_of(hub).items()}
    for one in roles.reverts_of(hub).values():
        connectors[one.connector] = connectors.get(one.connector, Books()).add(one.books)
    return accounts(connectors, store.books(), pending_events(hub, store))


def table(found: list[Account]) -> list[dict[str, object]]:
    """Accounts as rows."""
    return [
        {
            "connector": one.connector,
            "read": one.books.read,
            "published": one.books.published,
            "quarantined": one.books.quarantined,
            "duplicate": one.books.duplicate,
            "filtered": sum(one.books.filtered.values()),
            "events": one.books.events,
            "applied": one.applied,
            "repeated": one.duplicate,
            "rejected": one.rejected,
            "balance": "; ".join(one.problems) or "balanced",
        }
        for one in found
    ]


def books(settings: SettingsOption = None, output: FormatOption = Format.TEXT) -> None:
    """Show the books of every connector; exit code 1 where they do not balance.

    Example: hub books -o json
    """
    hub = load_settings(settings)
    store = roles.store_of(hub)
    found = read_accounts(hub, store)
    store.close()
    rows(output, COLUMNS, table(found), "no connector has read anything yet")
    if any(one.problems for one in found):
        raise typer.Exit(1)
