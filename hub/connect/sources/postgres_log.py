"""A department's PostgreSQL, read by its log: first what is there, then every change, in order.

A logical decoding slot with the plugin pgoutput is read by ordinary SQL: changes are peeked at, and
the slot is moved on only by `acknowledge`, after Kafka has confirmed. So the log is kept exactly as
long as it is needed.

First reading without gap or double: the slot is made, then the tables are read in one repeatable
read transaction whose snapshot is remembered in the position. A streamed transaction which that
snapshot already saw is skipped. Rows of the first reading have the slot's starting place as version,
so every streamed change is later. Tables need REPLICA IDENTITY FULL, so that a change tells the row
before it.

Positions: `copy|<lsn>|<snapshot>|<table>|<row>` and `log|<lsn>|<snapshot>|<end lsn>`, the LSN being
that of the last change told. Memory is bounded by PEEK_CHANGES and the largest transaction.
"""

import json
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import psycopg
from psycopg import sql

from hub.connect.contract import Change, Operation, Record
from hub.connect.sources import pgoutput
from hub.connect.sources.reread import context_of
from hub.errors import ContractBreach, SourceUnavailable

PEEK_CHANGES = 5_000
COPY_ROWS = 1_000
CONNECT_TIMEOUT_S = 5
STATEMENT_TIMEOUT_MS = 60_000
OPERATIONS = {"I": Operation.CREATED, "U": Operation.UPDATED, "D": Operation.DELETED}


class Log(NamedTuple):
    """What to read: connection, slot and publication names, and each table with its key column."""

    dsn: str
    slot: str
    publication: str
    tables: Sequence[tuple[str, str]]


class _At(NamedTuple):
    phase: str
    lsn: int
    snapshot: str
    table: str = ""
    row: int = 0

    def text(self) -> str:
        return f"{self.phase}|{self.lsn}|{self.snapshot}|{self.table}|{self.row}"


def _parse(text: str) -> _At:
    phase, lsn, snapshot, table, row = text.split("|")
    return _At(phase, int(lsn), snapshot, table, int(row))


def changes(log: Log, after: str | None) -> Iterator[Change]:
    """What the database has to tell after a position.

    Raises SourceUnavailable where it does not answer, ContractBreach E-GAP where the slot is gone.
    """
    try:
        with _connect(log.dsn) as connection:
            at = _parse(after) if after else None
            if at is None or at.phase == "copy":
                at = yield from _copy(connection, log, at)
            yield from _stream(connection, log, at)
    except psycopg.OperationalError as error:
        raise _away(error) from error
    except psycopg.errors.UndefinedObject as error:
        raise _gap(log.slot) from error


def acknowledge(log: Log, position: str) -> None:
    """Let the database forget its log up to a position that Kafka has confirmed."""
    at = _parse(position)
    if at.phase != "log":
        return
    try:
        with _connect(log.dsn) as connection:
            connection.execute(
                "SELECT pg_replication_slot_advance(%s, LEAST(%s::pg_lsn, pg_current_wal_lsn()))",
                [log.slot, _lsn_text(at.row)],
            )
    except psycopg.OperationalError:
        return  # the next acknowledgement covers this one
    except psycopg.Error as error:
        if "cannot advance" not in str(error):
            raise


def _connect(dsn: str) -> psycopg.Connection[tuple[object, ...]]:
    options = f"-c statement_timeout={STATEMENT_TIMEOUT_MS}"
    return psycopg.connect(dsn, autocommit=True, connect_timeout=CONNECT_TIMEOUT_S, options=options)


def _away(error: psycopg.Error) -> SourceUnavailable:
    return SourceUnavailable(
        f"the department's database does not answer ({type(error).__name__})",
        remedy="check that it runs and that the connection text is right",
    )


def _gap(slot: str) -> ContractBreach:
    return ContractBreach(
        f"the replication slot {slot} is gone, so changes may have been missed",
        code="E-GAP",
        remedy="reset the position: everything is read anew, with the same identifiers",
    )


def _lsn_text(lsn: int) -> str:
    return f"{lsn >> 32:X}/{lsn & 0xFFFFFFFF:X}"


def _lsn(text: object) -> int:
    high, low = str(text).split("/")
    return int(high, 16) << 32 | int(low, 16)


def _copy(
    connection: psycopg.Connection[tuple[object, ...]], log: Log, at: _At | None
) -> Iterator[Change]:
    """Read the tables as they are; give the position from which the log goes on.

    After an interruption the tables are read anew under a new snapshot with the same slot, which
    has kept everything since: rows told before are told again with the same version and identifier.
    """
    start = _slot(connection, log.slot)
    with connection.transaction():
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        found = connection.execute("SELECT pg_current_snapshot()::text").fetchone()
        here = _At("copy", start, str(found[0]) if found else "")
        for table, key in log.tables:
            yield from _table(connection, table, key, here)
    return here._replace(phase="log", table="", row=0)  # type: ignore[return-value] # noqa: B901


def _slot(connection: psycopg.Connection[tuple[object, ...]], name: str) -> int:
    """The place where the slot begins; made here where it is not there."""
    query = "SELECT confirmed_flush_lsn FROM pg_replication_slots WHERE slot_name = %s"
    found = connection.execute(query, [name]).fetchone()
    if found is None:
        make = "SELECT lsn FROM pg_create_logical_replication_slot(%s, 'pgoutput')"
        found = connection.execute(make, [name]).fetchone()
    return _lsn(found[0]) if found else 0


def _table(
    connection: psycopg.Connection[tuple[object, ...]], table: str, key: str, here: _At
) -> Iterator[Change]:
    query = sql.SQL("SELECT * FROM {} ORDER BY {}").format(
        sql.Identifier(table), sql.Identifier(key)
    )
    with connection.cursor(name=f"civic_{table}") as cursor:
        cursor.itersize = COPY_ROWS
        cursor.execute(query)
        columns = [column.name for column in cursor.description or ()]
        for number, row in enumerate(cursor, 1):
            record = Record(
                (name, None if value is None else str(value))
                for name, value in zip(columns, row, strict=True)
            )
            yield _change(table, record, None, Operation.READ, here.lsn, None, number)


def _change(
    table: str,
    record: Record,
    before: Record | None,
    operation: Operation,
    version: int,
    position: str | None,
    line: int,
) -> Change:
    told = Record(record, **{"table": table}) if record else record
    last = Record(before, **{"table": table}) if before is not None else None
    raw = json.dumps(told or last, ensure_ascii=False, sort_keys=True).encode()
    context = {**context_of(table, "json"), "table": table, "lsn": version, "line": line}
    return Change(told, raw, position, version, operation, last, context)


def _stream(
    connection: psycopg.Connection[tuple[object, ...]], log: Log, at: _At
) -> Iterator[Change]:
    """Every change after a position; the rest of what is in the log now."""
    reader = _StreamReader(connection, log, at)
    query = (
        "SELECT lsn, data FROM pg_logical_slot_peek_binary_changes(%s, NULL, NULL,"
        " 'proto_version', '1', 'publication_names', %s)"
    )
    with connection.transaction(), connection.cursor(name="civic_log") as cursor:
        cursor.itersize = PEEK_CHANGES
        cursor.execute(query, [log.slot, log.publication])
        for lsn, data in cursor:
            change = reader.take(_lsn(lsn), bytes(data))  # type: ignore[arg-type] # bytea
            if change is not None:
                yield change


class _StreamReader:
    """Turns log messages into changes: relations remembered, seen transactions skipped."""

    def __init__(
        self, connection: psycopg.Connection[tuple[object, ...]], log: Log, at: _At
    ) -> None:
        self._at = at
        self._tables = {table for table, _ in log.tables}
        self._relations: dict[int, pgoutput.Relation] = {}
        self._snapshot = _Snapshot(at.snapshot)
        self._skip = False
        self._end = at.row

    def take(self, lsn: int, data: bytes) -> Change | None:
        """The change in one message, where it is one and has not been told."""
        message = pgoutput.parse(data)
        if isinstance(message, pgoutput.Relation):
            self._relations[message.oid] = message
        elif isinstance(message, pgoutput.Begin):
            self._skip = self._snapshot.saw(message.xid)
            self._end = message.commit_lsn
        elif isinstance(message, pgoutput.RowChange) and not self._skip and lsn > self._at.lsn:
            return self._row(lsn, message)
        return None

    def _row(self, lsn: int, message: pgoutput.RowChange) -> Change | None:
        relation = self._relations[message.oid]
        if relation.table not in self._tables:
            return None
        before = _record(relation, message.before, None)
        record = _record(relation, message.after, message.before) or Record()
        position = _At("log", lsn, self._at.snapshot, relation.table, self._end).text()
        return _change(relation.table, record, before, OPERATIONS[message.kind], lsn, position, 0)


def _record(
    relation: pgoutput.Relation, values: pgoutput.Values | None, before: pgoutput.Values | None
) -> Record | None:
    if values is None:
        return None
    if before is not None:
        values = tuple(
            last if value == pgoutput.UNCHANGED else value
            for value, last in zip(values, before, strict=True)
        )
    return Record(zip(relation.columns, values, strict=True))


class _Snapshot:
    """What a snapshot saw, from PostgreSQL's text form xmin:xmax:xip_list.

    Log messages carry the low 32 bits of a transaction's number, so those of the snapshot are
    compared within the same 2^31 distance.
    """

    def __init__(self, text: str) -> None:
        first, last, running = (text or "0:0:").split(":")
        self._first, self._last = int(first), int(last)
        self._running = {int(part) & 0xFFFFFFFF for part in running.split(",") if part}

    def saw(self, xid: int) -> bool:
        """Whether the snapshot sees the effects of a committed transaction."""
        if self._last == 0:
            return False
        distance = (xid - self._last) & 0xFFFFFFFF
        before_last = distance >= 1 << 31
        return before_last and xid not in self._running
