"""What sources in any SQL database share: connections with limits, rows as records, positions.

SQLAlchemy Core speaks to the database; the address is SQLAlchemy's, for example
`postgresql+psycopg://user:password@host/name`. For databases without an entry in LIMITS the time
limits of the driver are set in the address.
"""

import datetime as dt
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from hub.connect.contract import Change, Operation, Record, Unreadable
from hub.connect.sources.context import context_of
from hub.connect.strict_json import loads
from hub.errors import ContractBreach, SettingsError, SourceUnavailable, UnreadableRecord

LIMITS: Mapping[str, Mapping[str, Any]] = {
    "postgresql": {"connect_timeout": 5, "options": "-c statement_timeout=60000 -c timezone=UTC"},
    "sqlite": {"timeout": 10},
}
"""Time limits of connecting and of a statement, as each database's driver is told."""
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MICROSECOND = dt.timedelta(microseconds=1)


@contextmanager
def connected(url: str) -> Iterator[sa.Connection]:
    """A connection in which each statement is a transaction of its own, so that none stays open.

    Raises SettingsError for an address that cannot be read; SourceUnavailable where the database
    does not answer; ContractBreach E-SCHEMA where it does not understand a statement.
    """
    try:
        dialect = sa.make_url(url).get_backend_name()
        engine = sa.create_engine(
            url,
            poolclass=NullPool,
            hide_parameters=True,
            connect_args=dict(LIMITS.get(dialect, {})),
            isolation_level="AUTOCOMMIT",
        )
    except (sa.exc.ArgumentError, sa.exc.NoSuchModuleError, ImportError):
        raise SettingsError(
            "the address of the database cannot be read, or its driver is not installed",
            remedy="write it as SQLAlchemy does: dialect+driver://user:password@host/name",
        ) from None
    try:
        with engine.connect() as connection:
            yield connection
    except (sa.exc.OperationalError, sa.exc.InterfaceError, sa.exc.TimeoutError) as error:
        raise SourceUnavailable(
            f"the department's database does not answer ({type(error).__name__})",
            remedy="check that it runs and that the address is right",
        ) from error
    except sa.exc.DBAPIError as error:
        if error.connection_invalidated:
            raise SourceUnavailable("the department's database broke off") from error
        raise ContractBreach(
            f"the database refuses a statement ({type(error.orig).__name__})",
            code="E-SCHEMA",
            remedy="check the names of table and columns, and the user's rights",
        ) from error


def table_of(
    connection: sa.Connection, name: str, columns: Sequence[str]
) -> tuple[sa.TableClause, frozenset[str]]:
    """A table or view `schema.name` by its name, and those of `columns` which may hold NULL.

    Raises ContractBreach E-SCHEMA where the table or one of the columns is not there.
    """
    schema, _, bare = name.rpartition(".")
    try:
        found = sa.inspect(connection).get_columns(bare, schema or None)
    except sa.exc.NoSuchTableError:
        raise _missing(f"there is no table {name}") from None
    nullable = {column["name"]: column.get("nullable", True) for column in found}
    for column in columns:
        if column not in nullable:
            raise _missing(f"table {name} has no column {column}")
    table = sa.table(bare, *(sa.column(c) for c in nullable), schema=schema or None)
    return table, frozenset(column for column in columns if nullable[column])


def _missing(what: str) -> ContractBreach:
    return ContractBreach(what, code="E-SCHEMA", remedy="mend the connector's settings")


def told(
    table: str, row: sa.RowMapping, version: int, position: str | None = None
) -> Change | Unreadable:
    """A row as a change; its original is a JSON object, with binary values in hexadecimal."""
    raw = _encode(dict(row)).encode()
    context = {**context_of(table, "json"), "version": version}
    try:
        record = Record(loads(raw))
    except UnreadableRecord as error:
        return Unreadable(raw, error, position, context)
    return Change(record, raw, position, version, Operation.READ, None, context)


def _plain(value: Any) -> Any:
    """A database's value as JSON can say it."""
    if isinstance(value, dt.date | dt.time):  # a datetime is a date
        return value.isoformat()
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value).hex()
    return str(value)


_encode = json.JSONEncoder(ensure_ascii=False, default=_plain).encode


def pack(value: Any) -> Any:
    """A column's value for a position, as JSON; `unpack` gives the same value again.

    Raises ContractBreach E-SCHEMA for a type that has no order one could go on from.
    """
    if value is None or isinstance(value, int | float | str):
        return value
    if isinstance(value, dt.datetime):
        return {"datetime": value.isoformat()}
    if isinstance(value, dt.date):
        return {"date": value.isoformat()}
    if isinstance(value, Decimal):
        return {"decimal": str(value)}
    if isinstance(value, bytes | memoryview):
        return {"bytes": bytes(value).hex()}
    raise ContractBreach(
        f"a key or change column of type {type(value).__name__}",
        code="E-SCHEMA",
        remedy="use a column of whole numbers, text, times or bytes",
    )


def unpack(packed: Any) -> Any:
    """The value that `pack` was given."""
    if not isinstance(packed, dict):
        return packed
    ((kind, text),) = packed.items()
    return _UNPACK[kind](text)


_UNPACK: Mapping[str, Any] = {
    "datetime": dt.datetime.fromisoformat,
    "date": dt.date.fromisoformat,
    "decimal": Decimal,
    "bytes": bytes.fromhex,
}


def version_of(value: Any) -> int:
    """A change column's value as a version.

    Whole numbers as they are, fractions in millionths, times in microseconds since 1970 UTC. A
    time without offset counts as UTC; text is read as ISO 8601. 0 where there is no such order.
    """
    if isinstance(value, int):
        return value
    if isinstance(value, float | Decimal):
        return int(Decimal(str(value)) * 1_000_000)
    if isinstance(value, bytes | memoryview):
        return int.from_bytes(value, "big") & (1 << 63) - 1
    if isinstance(value, str):
        try:
            value = dt.datetime.fromisoformat(value)
        except ValueError:
            return 0
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        value = dt.datetime(value.year, value.month, value.day, tzinfo=dt.UTC)
    if isinstance(value, dt.datetime):
        at = value if value.tzinfo else value.replace(tzinfo=dt.UTC)
        return (at - _EPOCH) // _MICROSECOND
    return 0
