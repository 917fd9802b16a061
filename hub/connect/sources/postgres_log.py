"""A department's PostgreSQL, read by its log: first what is there, then every change, in order.

A logical decoding slot with the plugin pgoutput is read by ordinary SQL: changes are peeked at, and
the slot is moved on only by `acknowledge`, after Kafka has confirmed. So the log is kept exactly as
long as it is needed.

First reading without gap or double: the slot is made, then a snapshot of PostgreSQL is taken and
remembered *before* the first row is told. The tables are read, leaving out rows which that snapshot
does not see: those were written later and the log tells them in full. Streamed transactions which
the snapshot saw are skipped. So after a crash the reading begins again with the same rows, versions
and identifiers, whatever was written meanwhile. An update that was committed while the tables were
read tells the row before it too, as a reading of its own: that row may have been left out.

A change's version is its transaction's commit LSN (a multiple of LSN_STEP) counted in units of
LSN_STEP, times VERSION_STEP, plus CHANGE_STEP for each change in it: commits are in the order in
which changes of one row become visible, change LSNs are not. It fits 63 bits up to 73 TB of log
written since the database was made. Rows of the first reading have the slot's starting LSN, so
every streamed change is later. Tables need REPLICA IDENTITY FULL, so that a change tells the row
before it.
"""

import json
from collections.abc import Iterator, Sequence
from typing import LiteralString, NamedTuple

import psycopg
from psycopg import sql
from psycopg.types.string import TextLoader

from hub.connect.contract import Change, Checkpoint, Operation, Record
from hub.connect.sources import pgoutput
from hub.connect.sources.context import context_of
from hub.errors import ContractBreach, SourceUnavailable

PEEK_CHANGES = 5_000
COPY_ROWS = 1_000
CONNECT_TIMEOUT_S = 5
STATEMENT_TIMEOUT_MS = 60_000
SESSION = "-c timezone=UTC -c datestyle=ISO -c intervalstyle=iso_8601 -c bytea_output=hex"
"""Values are text as PostgreSQL writes them, whatever the department's own settings are."""
VERSION_STEP = 1_000_000
CHANGE_STEP = 2
"""A withdrawal has the version after its change's, and what comes next must be later still."""
LSN_STEP = 8
"""Log records begin at multiples of it."""
FIRST_NORMAL_XID = 3
"""Lower transaction numbers mark rows frozen or made with the database: everybody sees them."""
Connection = psycopg.Connection[tuple[object, ...]]
_encode = json.JSONEncoder(ensure_ascii=False, sort_keys=True).encode
OPERATIONS = {"I": Operation.CREATED, "U": Operation.UPDATED, "D": Operation.DELETED}


class Log(NamedTuple):
    """What to read: connection, slot and publication names, and each table with its key column."""

    dsn: str
    slot: str
    publication: str
    tables: Sequence[tuple[str, str]]


class _At(NamedTuple):
    """A position: phase, slot's start, snapshot, version told last, end of the first reading."""

    phase: str
    slot_lsn: int
    snapshot: str
    version: int = 0
    copied_lsn: int = 0

    def text(self) -> str:
        return "|".join(str(part) for part in self)


def _parse(text: str) -> _At:
    phase, lsn, snapshot, version, copied_lsn = text.split("|")
    return _At(phase, int(lsn), snapshot, int(version), int(copied_lsn))


def changes(log: Log, after: str | None) -> Iterator[Change | Checkpoint]:
    """What the database has to tell after a position.

    Raises SourceUnavailable where it does not answer, ContractBreach E-GAP where the slot is gone.
    """
    try:
        with _connect(log.dsn) as connection:
            at = _parse(after) if after else _begin(connection, log.slot)
            if at.phase == "copy":
                yield Checkpoint(at.text())
                for table, key in log.tables:
                    yield from _table(connection, table, key, at)
                end = connection.execute("SELECT pg_current_wal_insert_lsn()").fetchone()
                at = at._replace(phase="log", copied_lsn=_lsn((end or ("0/0",))[0]))
                yield Checkpoint(at.text())
            yield from _stream(connection, log, at)
    except (psycopg.errors.UndefinedObject, psycopg.errors.ObjectNotInPrerequisiteState) as error:
        raise _gap(log.slot) from error
    except psycopg.OperationalError as error:
        raise _away(error) from error


def acknowledge(log: Log, position: str) -> None:
    """Let the database forget its log up to a position that Kafka has confirmed."""
    at = _parse(position)
    if at.version == 0:
        return
    try:
        with _connect(log.dsn) as connection:
            _advance(connection, log.slot, at.version // VERSION_STEP * LSN_STEP)
    except psycopg.OperationalError:
        return  # the next acknowledgement covers this one


def _advance(connection: Connection, slot: str, lsn: int) -> None:
    connection.execute(
        "SELECT pg_replication_slot_advance(%(slot)s, %(lsn)s::pg_lsn) FROM pg_replication_slots"
        " WHERE slot_name = %(slot)s AND confirmed_flush_lsn < %(lsn)s::pg_lsn",
        {"slot": slot, "lsn": f"{lsn >> 32:X}/{lsn & 0xFFFFFFFF:X}"},
    )


def _connect(dsn: str) -> Connection:
    options = f"{SESSION} -c statement_timeout={STATEMENT_TIMEOUT_MS}"
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


def _lsn(text: object) -> int:
    high, low = str(text).split("/")
    return int(high, 16) << 32 | int(low, 16)


def _begin(connection: Connection, slot: str) -> _At:
    """The first position: a new slot, and a snapshot taken after it.

    A slot that is there was left by a reading whose position is gone. It is made anew: what it
    still holds is in the snapshot, with versions that would be older than what was told of it.
    """
    drop = "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots"
    connection.execute(f"{drop} WHERE slot_name = %s", [slot])
    make = "SELECT lsn FROM pg_create_logical_replication_slot(%s, 'pgoutput')"
    found = connection.execute(make, [slot]).fetchone()
    snapshot = connection.execute("SELECT pg_current_snapshot()::text").fetchone()
    if found is None or snapshot is None:
        raise _gap(slot)
    return _At("copy", _lsn(found[0]), str(snapshot[0]))


def _table(connection: Connection, table: str, key: str, at: _At) -> Iterator[Change]:
    """The rows of a table that the snapshot sees, by key."""
    snapshot = _Snapshot(at.snapshot)
    columns = connection.execute(_select("SELECT * FROM {} LIMIT 0", table)).description or ()
    names = [column.name for column in columns]
    query = sql.SQL("SELECT xmin::text, * FROM {} ORDER BY {}").format(
        sql.Identifier(table), sql.Identifier(key)
    )
    version = at.slot_lsn // LSN_STEP * VERSION_STEP
    with connection.transaction(), connection.cursor(name=f"civic_{table}") as cursor:
        for column in columns:
            cursor.adapters.register_loader(column.type_code, TextLoader)
        cursor.itersize = COPY_ROWS
        cursor.execute(query)
        now = connection.execute("SELECT pg_current_snapshot()::text").fetchone()
        until = _Snapshot(str((now or ("",))[0])).last
        for number, (xid, *row) in enumerate(cursor, 1):
            if snapshot.missed(int(str(xid)), until):
                continue
            record = Record(zip(names, row, strict=True))
            yield _change(table, record, None, Operation.READ, version, None, number)


def _select(text: LiteralString, table: str) -> sql.Composed:
    return sql.SQL(text).format(sql.Identifier(table))


def _change(
    table: str,
    record: Record,
    before: Record | None,
    operation: Operation,
    version: int,
    position: str | None,
    line: int,
) -> Change:
    told = Record(record, table=table) if record else record
    last = Record(before, table=table) if before is not None else None
    raw = _encode(told or last).encode()
    context = {**context_of(table, "json"), "table": table, "lsn": version, "line": line}
    return Change(told, raw, position, version, operation, last, context)


def _stream(connection: Connection, log: Log, at: _At) -> Iterator[Change]:
    """Every change after a position that is in the log now."""
    reader = _StreamReader(log, at)
    end = connection.execute("SELECT pg_current_wal_flush_lsn()").fetchone()
    query = (
        "SELECT data FROM pg_logical_slot_peek_binary_changes(%s, NULL, NULL,"
        " 'proto_version', '1', 'publication_names', %s)"
    )
    quiet = True
    with connection.transaction(), connection.cursor(name="civic_log") as cursor:
        cursor.itersize = PEEK_CHANGES
        cursor.execute(query, [log.slot, log.publication])
        for (data,) in cursor:
            for change in reader.take(bytes(data)):  # type: ignore[call-overload] # bytea
                quiet = False
                yield change
    if quiet and end is not None and at.phase == "log":
        # nothing of ours is in the log up to here: do not keep the database from forgetting it
        _advance(connection, log.slot, _lsn(end[0]))


class _StreamReader:
    """Turns log messages into changes: relations remembered, transactions already seen skipped."""

    def __init__(self, log: Log, at: _At) -> None:
        self._at = at
        self._begin, self._end = f"log|{at.slot_lsn}|{at.snapshot}|", f"|{at.copied_lsn}"
        self._tables = {table for table, _ in log.tables}
        self._relations: dict[int, pgoutput.Relation] = {}
        self._snapshot = _Snapshot(at.snapshot)
        self._skip = False
        self._commit_lsn = 0
        self._version = 0

    def take(self, data: bytes) -> Iterator[Change]:
        """The changes in one message that have not been told."""
        message = pgoutput.parse(data)
        if isinstance(message, pgoutput.Relation):
            self._relations[message.oid] = self._checked(message)
        elif isinstance(message, pgoutput.Begin):
            self._skip = self._snapshot.saw(message.xid)
            self._commit_lsn = message.commit_lsn
            self._version = message.commit_lsn // LSN_STEP * VERSION_STEP
        elif isinstance(message, pgoutput.RowChange) and not self._skip:
            relation = self._relations.get(message.oid)
            if relation is None:
                raise ContractBreach("a row of a table nobody told", code="E-PGOUTPUT")
            if relation.table in self._tables:
                yield from self._row(relation, message)

    def _checked(self, relation: pgoutput.Relation) -> pgoutput.Relation:
        if relation.table in self._tables and relation.identity != "f":
            raise ContractBreach(
                f"table {relation.table} does not tell its rows before a change",
                code="E-REPLICA-IDENTITY",
                remedy=f"ALTER TABLE {relation.table} REPLICA IDENTITY FULL; reset the position",
            )
        return relation

    def _row(self, relation: pgoutput.Relation, message: pgoutput.RowChange) -> Iterator[Change]:
        before = _record(relation, message.before, None)
        record = _record(relation, message.after, message.before) or Record()
        if record and before is not None and self._commit_lsn < self._at.copied_lsn:
            yield from self._tell(relation.table, before, None, Operation.READ)
        yield from self._tell(relation.table, record, before, OPERATIONS[message.kind])

    def _tell(
        self, table: str, record: Record, before: Record | None, operation: Operation
    ) -> Iterator[Change]:
        """The change under the next version, where it has not been told."""
        self._version += CHANGE_STEP
        if self._version % VERSION_STEP == 0:
            raise ContractBreach(
                f"a transaction of {VERSION_STEP // CHANGE_STEP} changes or more",
                code="E-TRANSACTION",
                remedy="reset the position: everything is read anew",
            )
        if self._version > self._at.version:
            position = f"{self._begin}{self._version}{self._end}"
            yield _change(table, record, before, operation, self._version, position, 0)


def _record(
    relation: pgoutput.Relation, values: pgoutput.Values | None, before: pgoutput.Values | None
) -> Record | None:
    if values is None:
        return None
    if len(values) != len(relation.columns) or (before and len(before) != len(values)):
        raise ContractBreach(f"a row of {relation.table} has other columns", code="E-PGOUTPUT")
    if before is not None and pgoutput.UNCHANGED in values:
        values = tuple(
            last if value == pgoutput.UNCHANGED else value
            for value, last in zip(values, before, strict=True)
        )
    return Record(zip(relation.columns, values, strict=True))


class _Snapshot:
    """What a snapshot saw, from PostgreSQL's text form xmin:xmax:xip_list.

    Log messages and rows carry the low 32 bits of a transaction's number, so they are compared
    within a distance of 2^31.
    """

    def __init__(self, text: str) -> None:
        first, last, running = (text or "0:0:").split(":")
        self._first, self.last = int(first), int(last)
        self._running = {int(part) & 0xFFFFFFFF for part in running.split(",") if part}

    def saw(self, xid: int) -> bool:
        """Whether the snapshot sees the effects of a transaction that committed lately."""
        if self.last == 0:
            return False
        if xid < FIRST_NORMAL_XID:
            return True
        distance = (xid - self.last) & 0xFFFFFFFF
        before_last = distance >= 1 << 31
        return before_last and xid not in self._running

    def missed(self, xid: int, until: int) -> bool:
        """Whether a row's last writer is one of those before `until` that the snapshot missed.

        A row's number may be from any time, even from before the numbers began again.
        """
        recent = (xid - self._first) & 0xFFFFFFFF < (until - self._first) & 0xFFFFFFFF
        return recent and not self.saw(xid)
