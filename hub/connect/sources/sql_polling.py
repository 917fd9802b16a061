"""A table in any SQL database, polled by a column that grows with each change of a row.

Nothing is told twice and nothing is left out that becomes visible late: each reading goes up to a
*mark*, the highest value that was there `settle_s` seconds ago. A transaction takes its value while
it works and shows it when it commits, so values below the highest one may still appear; once
`settle_s` have passed none does, as long as `settle_s` is longer than the longest transaction and
than the column's resolution. Rows with equal values are told apart by the key. So the position is
one row's value and key, and the mark; it does not grow.

A change column cannot tell of rows that were deleted, and of several changes of a row between two
readings it tells the last. Where that matters use an outbox (`sql_outbox`) or the database's log.
A table that only grows, numbered by the database, is polled by its number.
"""

import json
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa

from hub import clock
from hub.connect.contract import Change, Checkpoint, Unreadable
from hub.connect.sources.sql import connected, pack, table_of, told, unpack, version_of
from hub.errors import ContractBreach

PAGE_ROWS = 1_000
SETTLE_S = 5.0
TICK_S = 0.25
Item = Change | Unreadable | Checkpoint


class Polled(NamedTuple):
    """A table or view: its address, name, change column, and the columns that make a row's key."""

    url: str
    table: str
    changed: str
    key: Sequence[str]
    settle_s: float = SETTLE_S


class _At(NamedTuple):
    """A position: value and key of the row told last, the mark, and when it was taken.

    Without a mark, everything up to the last one is told.
    """

    last: tuple[Any, ...] | None = None
    mark: Any = None
    marked_us: int = 0

    def text(self) -> str:
        last = None if self.last is None else [pack(value) for value in self.last]
        return json.dumps([last, pack(self.mark), self.marked_us], separators=(",", ":"))


def _at(text: str | None) -> _At:
    if text is None:
        return _At()
    last, mark, marked_us = json.loads(text)
    return _At(
        None if last is None else tuple(unpack(value) for value in last), unpack(mark), marked_us
    )


def changes(polled: Polled, after: str | None) -> Iterator[Item]:
    """The rows changed after a position, in the order of the change column.

    Raises SourceUnavailable where the database does not answer; ContractBreach E-SCHEMA where table
    or column is not there or a row has no value in the change column, E-CONTRACT where a page
    repeats.
    """
    at = _at(after)
    with connected(polled.url) as connection:
        table, nullable = table_of(connection, polled.table, (polled.changed, *polled.key))
        if nullable:
            _refuse_nulls(connection, table, sorted(nullable))
        changed = table.c[polled.changed]
        if at.mark is None:
            mark = connection.scalar(sa.select(sa.func.max(changed)))
            if mark is None or (at.last is not None and not mark > at.last[0]):
                return
            at = at._replace(mark=mark, marked_us=clock.now_us())
            yield Checkpoint(at.text())
        yield from _settle(polled, at)
        order = (changed, *(table.c[name] for name in polled.key))
        yield from _pages(connection, polled, sa.select(table), order, at)


def _settle(polled: Polled, at: _At) -> Iterator[Checkpoint]:
    """Wait until nothing below the mark can appear any more; the runtime may look around."""
    passed_s = max(0.0, (clock.now_us() - at.marked_us) / 1_000_000)
    until_s = clock.monotonic_s() + polled.settle_s - passed_s
    while (left_s := until_s - clock.monotonic_s()) > 0:
        clock.sleep_s(min(left_s, TICK_S))
        yield Checkpoint(at.text())


def _pages(
    connection: sa.Connection,
    polled: Polled,
    query: sa.Select[Any],
    order: Sequence[sa.ColumnElement[Any]],
    at: _At,
) -> Iterator[Item]:
    """The rows after the last one told, up to the mark, page by page."""
    query = query.where(order[0] <= at.mark).order_by(*order).limit(PAGE_ROWS)
    while True:
        rows = connection.execute(query.where(_after(order, at.last))).mappings().all()
        for row in rows:
            place = tuple(row[column.name] for column in order)
            if place == at.last:
                raise ContractBreach(
                    f"table {polled.table} gives the row told last again",
                    code="E-CONTRACT",
                    remedy=f"is {polled.changed} finer than microseconds? poll a view that rounds",
                )
            at = at._replace(last=place)
            yield told(polled.table, row, version_of(place[0]), at.text())
        if len(rows) < PAGE_ROWS:
            yield Checkpoint(at._replace(mark=None).text())
            return


def _after(
    order: Sequence[sa.ColumnElement[Any]], last: tuple[Any, ...] | None
) -> sa.ColumnElement[bool]:
    """What comes after a row in the order of several columns."""
    if last is None:
        return sa.true()
    return sa.or_(
        *(
            sa.and_(
                *(one == value for one, value in zip(order[:n], last[:n], strict=True)),
                column > last[n],
            )
            for n, column in enumerate(order)
        )
    )


def _refuse_nulls(connection: sa.Connection, table: sa.TableClause, names: Sequence[str]) -> None:
    """A row without a value would never be told, and nobody would know."""
    for name in names:
        found = connection.execute(
            sa.select(sa.literal(1)).select_from(table).where(table.c[name].is_(None)).limit(1)
        )
        if found.first() is not None:
            raise ContractBreach(
                f"rows of {table.name} have nothing in {name}, so they cannot be told in order",
                code="E-SCHEMA",
                remedy="fill them in, or poll a view that does (COALESCE)",
            )
