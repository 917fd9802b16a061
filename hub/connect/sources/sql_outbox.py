"""An outbox in any SQL database: the system writes a row with each change, the hub takes it out.

What Kafka has confirmed is deleted, row by row, so the order in which transactions commit does not
matter: a row that appears late is still there to be found. The position holds the keys of the batch
confirmed last; should the hub die before it deletes them, the next run deletes them first, and
should the database not hear of it, they are known and counted as unchanged.
"""

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

import sqlalchemy as sa

from hub.connect.contract import Change, Checkpoint, Unchanged, Unreadable
from hub.connect.sources.sql import connected, pack, table_of, told, unpack
from hub.errors import SourceUnavailable

BATCH_ROWS = 500
Item = Change | Unreadable | Unchanged | Checkpoint


class Outbox(NamedTuple):
    """A table: its address, its name, and the column that numbers its rows in order of writing."""

    url: str
    table: str
    key: str


class _At(NamedTuple):
    """How many rows were told in all, and the keys of the batch told last."""

    told: int = 0
    keys: tuple[Any, ...] = ()

    def text(self) -> str:
        return json.dumps([self.told, [pack(key) for key in self.keys]], separators=(",", ":"))


def _at(text: str | None) -> _At:
    if text is None:
        return _At()
    told_rows, keys = json.loads(text)
    return _At(told_rows, tuple(unpack(key) for key in keys))


def changes(outbox: Outbox, after: str | None) -> Iterator[Item]:
    """The rows in the outbox in the order of their keys, batch by batch, until it is empty.

    A row's version is its key where that is a whole number. Raises SourceUnavailable where the
    database does not answer or keeps rows that were acknowledged, ContractBreach E-SCHEMA where
    table or key is not there.
    """
    at = _at(after)
    with connected(outbox.url) as connection:
        table, _ = table_of(connection, outbox.table, (outbox.key,))
        key = table.c[outbox.key]
        query = sa.select(table).order_by(key).limit(BATCH_ROWS)
        while rows := connection.execute(query).mappings().all():
            known = set(at.keys)
            fresh = [row for row in rows if row[outbox.key] not in known]
            if len(fresh) < len(rows):
                yield Unchanged(len(rows) - len(fresh))
            for row in fresh:
                version = row[outbox.key]
                yield told(outbox.table, row, version if isinstance(version, int) else 0)
            at = _At(at.told + len(rows), tuple(row[outbox.key] for row in rows))
            yield Checkpoint(at.text())
            if not fresh and len(rows) == BATCH_ROWS:
                raise SourceUnavailable(
                    f"rows acknowledged in {outbox.table} are still there",
                    remedy="may the hub's user delete there?",
                )
            if len(rows) < BATCH_ROWS:
                return


def acknowledge(outbox: Outbox, position: str) -> None:
    """Delete the rows of a batch that Kafka has confirmed.

    Raises ContractBreach E-SCHEMA where the user may not.
    """
    keys = _at(position).keys
    if not keys:
        return
    try:
        with connected(outbox.url) as connection:
            table, _ = table_of(connection, outbox.table, (outbox.key,))
            connection.execute(sa.delete(table).where(table.c[outbox.key].in_(keys)))
    except SourceUnavailable:
        return  # the reading finds out, and knows them
