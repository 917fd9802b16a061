"""The processor's PostgreSQL: one connection, one transaction for each batch, statements by sets.

Everything lies in one schema, chosen by name, so that a rebuild can fill another beside it.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import resources
from typing import Any, NamedTuple

import psycopg
from psycopg import sql

from hub.errors import Fenced, Unavailable
from hub.identity.plain import Entity

CONNECT_TIMEOUT_S = 5
LOCK_RESOLVER = 0x63697669
LOCK_RELAY = LOCK_RESOLVER + 1
STATEMENT_TIMEOUT_MS = 60_000
AWAY = (
    psycopg.OperationalError,
    psycopg.errors.DiskFull,
    psycopg.errors.SerializationFailure,
    psycopg.errors.DeadlockDetected,
    psycopg.InterfaceError,
)


_ENTITY = (
    "entity_id::text, kind, founding_subject_id::text, minted_order, redirect_to::text, retired"
)


class SubjectRow(NamedTuple):
    """A stored subject."""

    subject_id: str
    kind: str
    record_id: str
    entity_id: str | None
    state: bytes


class ViewRow(NamedTuple):
    """A stored view; `digest` is that of its content without the version."""

    entity_id: str
    kind: str
    version: int
    digest: bytes
    body: bytes
    retired: bool


class Outgoing(NamedTuple):
    """A message to be published, once the transaction is committed."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]]


class InboxRow(NamedTuple):
    """An event that was applied, with the digest of its content and the schema it came in."""

    event_id: str
    digest: bytes
    schema_id: int


class Store:
    """One worker's connection. Every method raises Unavailable where PostgreSQL is away."""

    def __init__(self, dsn: str, schema: str = "hub") -> None:
        """Connects when first used."""
        self._dsn = dsn
        self.schema = schema
        self._connection: psycopg.Connection[Any] | None = None

    def connection(self) -> psycopg.Connection[Any]:
        """The connection, made anew where the last one is broken."""
        if self._connection is None or self._connection.broken or self._connection.closed:
            with _away():
                self._connection = psycopg.connect(
                    self._dsn,
                    autocommit=True,
                    connect_timeout=CONNECT_TIMEOUT_S,
                    options=f"-c search_path={self.schema} -c timezone=UTC"
                    f" -c statement_timeout={STATEMENT_TIMEOUT_MS}",
                )
        return self._connection

    def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def migrate(self) -> None:
        """Bring the schema up to date; does nothing where it is."""
        with _away(), self.connection().transaction():
            run = self.connection().execute
            run("SELECT pg_advisory_xact_lock(%s)", [LOCK_RESOLVER])
            run(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(sql.Identifier(self.schema)))
            run("CREATE TABLE IF NOT EXISTS migration (name text PRIMARY KEY)")
            done = {row[0] for row in run("SELECT name FROM migration")}
            folder = resources.files("hub.processor") / "migrations"
            for file in sorted(folder.iterdir(), key=lambda file: file.name):
                if file.name.endswith(".sql") and file.name not in done:
                    run(file.read_text())
                    run("INSERT INTO migration VALUES (%s)", [file.name])

    def drop(self) -> None:
        """Remove the whole schema: only a rebuild's scratch space is ever dropped."""
        if self.schema == "hub":
            raise ValueError("the live schema is never dropped")
        with _away():
            self.connection().execute(
                sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(sql.Identifier(self.schema))
            )

    # rebuilding

    def all_views(self) -> list[ViewRow]:
        """Every view, also of entities that are no more."""
        with _away():
            rows = self.connection().execute(
                "SELECT entity_id::text, kind, version, digest, body, retired FROM view"
            )
            return [ViewRow(*row) for row in rows]

    def all_entities(self) -> dict[str, Entity]:
        """Every entity there ever was."""
        with _away():
            rows = self.connection().execute(f"SELECT {_ENTITY} FROM entity")  # noqa: S608 - ours
            return {row[0]: Entity(*row) for row in rows}

    @contextmanager
    def take_place_of(self, schema: str, names: Mapping[str, str]) -> Iterator["Batch"]:
        """Become the schema named; what the caller puts into the batch is part of the change.

        `names` gives entities of this schema the identifiers they had in the other. What that had
        not published yet goes first; its workers are fenced off.
        """
        old, mine = sql.Identifier(schema), sql.Identifier(self.schema)
        with _away(), self.connection().transaction():
            run = self.connection().execute
            run("SELECT pg_advisory_xact_lock(%s)", [LOCK_RESOLVER])
            for table in ("outbox", "entity", "counter"):
                other = sql.Identifier(table)
                run(sql.SQL("DELETE FROM {}").format(other))
                run(sql.SQL("INSERT INTO {} SELECT * FROM {}.{}").format(other, old, other))
            run(
                sql.SQL(
                    "UPDATE applied SET epoch = applied.epoch + other.epoch"
                    " FROM {}.applied AS other"
                    " WHERE (applied.topic, applied.partition) = (other.topic, other.partition)"
                ).format(old)
            )
            run(
                "UPDATE subject SET entity_id = told.after"
                " FROM unnest(%s::uuid[], %s::uuid[]) AS told (before, after)"
                " WHERE subject.entity_id = told.before",
                [list(names.keys()), list(names.values())],
            )
            run("DELETE FROM view")
            yield Batch(self.connection())
            run(sql.SQL("DROP SCHEMA {} CASCADE").format(old))
            run(sql.SQL("ALTER SCHEMA {} RENAME TO {}").format(mine, old))
        self.close()

    # positions

    def assign(self, topic: str, partition: int) -> tuple[int | None, int]:
        """Take a partition: the next offset to apply (None: none yet) and the new epoch."""
        with _away():
            row = (
                self.connection()
                .execute(
                    "INSERT INTO applied (topic, partition, epoch) VALUES (%s, %s, 1)"
                    " ON CONFLICT (topic, partition) DO UPDATE SET epoch = applied.epoch + 1"
                    " RETURNING next_offset, epoch",
                    [topic, partition],
                )
                .fetchone()
            )
        assert row is not None  # noqa: S101 - RETURNING gives a row
        return row[0], row[1]

    def applied(self) -> dict[tuple[str, int], int]:
        """The next offset of every partition."""
        with _away():
            rows = self.connection().execute(
                "SELECT topic, partition, next_offset FROM applied WHERE next_offset IS NOT NULL"
            )
            return {(topic, partition): offset for topic, partition, offset in rows}

    # one batch

    @contextmanager
    def batch(self, offsets: Mapping[tuple[str, int], tuple[int, int]]) -> Iterator["Batch"]:
        """The transaction of one batch; `offsets` maps partitions to (next offset, epoch).

        Raises Fenced where another worker has taken a partition since.
        """
        connection = self.connection()
        with _away(), connection.transaction():
            connection.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK_RESOLVER])
            topics = [topic for topic, _ in offsets]
            found = connection.execute(
                "UPDATE applied SET next_offset = told.next_offset FROM"
                " unnest(%s::text[], %s::int[], %s::bigint[], %s::bigint[])"
                " AS told (topic, partition, next_offset, epoch)"
                " WHERE applied.topic = told.topic AND applied.partition = told.partition"
                " AND applied.epoch = told.epoch",
                [
                    topics,
                    [partition for _, partition in offsets],
                    [offset for offset, _ in offsets.values()],
                    [epoch for _, epoch in offsets.values()],
                ],
            )
            if found.rowcount != len(offsets):
                raise Fenced(
                    "another worker has taken a partition",
                    remedy="nothing is lost: it goes on from the applied offset",
                )
            yield Batch(connection)

    # reading

    def view(self, entity_id: str) -> ViewRow | None:
        """The view of an entity, following redirects; None where there is no such entity."""
        with _away():
            row = (
                self.connection()
                .execute(
                    "WITH RECURSIVE way (entity_id, redirect_to) AS ("
                    " SELECT entity_id, redirect_to FROM entity WHERE entity_id = %s"
                    " UNION SELECT entity.entity_id, entity.redirect_to FROM entity"
                    " JOIN way ON entity.entity_id = way.redirect_to)"
                    " SELECT view.entity_id::text, kind, version, digest, body, retired FROM view"
                    " JOIN way USING (entity_id) WHERE way.redirect_to IS NULL",
                    [entity_id],
                )
                .fetchone()
            )
        return None if row is None else ViewRow(*row)

    def views(self, kind: str | None = None) -> Iterator[ViewRow]:
        """Every view that stands for an entity now, streamed."""
        connection = self.connection()
        with (
            _away(),
            connection.transaction(),
            connection.cursor(name="civic_views") as cursor,
        ):
            cursor.execute(
                "SELECT entity_id::text, kind, version, digest, body, retired FROM view"
                " WHERE NOT retired AND (%s::text IS NULL OR kind = %s) ORDER BY entity_id",
                [kind, kind],
            )
            for row in cursor:
                yield ViewRow(*row)

    def members(self) -> dict[str, list[str]]:
        """The subjects of every entity."""
        found: dict[str, list[str]] = {}
        with _away():
            for entity_id, subject_id in self.connection().execute(
                "SELECT entity_id::text, subject_id::text FROM subject"
                " WHERE entity_id IS NOT NULL ORDER BY subject_id"
            ):
                found.setdefault(entity_id, []).append(subject_id)
        return found

    def event_ids(self) -> set[str]:
        """Every event that was applied; for checks on small stores."""
        with _away():
            rows = self.connection().execute("SELECT event_id::text FROM inbox")
            return {row[0] for row in rows}

    def counts(self) -> dict[str, int]:
        """How many citizens and businesses are known, and what waits to be published."""
        with _away():
            row = (
                self.connection()
                .execute(
                    "SELECT count(*) FILTER (WHERE kind = 'person'),"
                    " count(*) FILTER (WHERE kind = 'organisation'),"
                    " (SELECT count(*) FROM outbox) FROM view WHERE NOT retired"
                )
                .fetchone()
            )
        assert row is not None  # noqa: S101 - an aggregate gives a row
        return {"citizens": row[0], "businesses": row[1], "outbox": row[2]}

    def books(self) -> dict[str, dict[str, int]]:
        """What became of the events of each connector."""
        found: dict[str, dict[str, int]] = {}
        with _away():
            for connector, entry, count in self.connection().execute(
                "SELECT connector, entry, count FROM books ORDER BY connector, entry"
            ):
                found.setdefault(connector, {})[entry] = count
        return found

    # the outbox

    def try_relay_lock(self) -> bool:
        """Whether this connection is now (or already) the one that publishes the outbox."""
        with _away():
            row = (
                self.connection()
                .execute("SELECT pg_try_advisory_lock(%s)", [LOCK_RELAY + _number(self.schema)])
                .fetchone()
            )
        return bool(row and row[0])

    def outgoing(self, limit: int) -> list[tuple[int, Outgoing]]:
        """The oldest messages to be published, in the order of their commits."""
        with _away():
            rows = self.connection().execute(
                "SELECT sequence, topic, key, value, headers FROM outbox"
                " ORDER BY sequence LIMIT %s",
                [limit],
            )
            return [
                (number, Outgoing(topic, key, value, unpack_headers(headers)))
                for number, topic, key, value, headers in rows
            ]

    def published(self, numbers: Sequence[int]) -> None:
        """Forget messages that Kafka has confirmed."""
        with _away():
            self.connection().execute(
                "DELETE FROM outbox WHERE sequence = ANY(%s)", [list(numbers)]
            )


class Batch:
    """The statements of one transaction."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        """Inside the transaction already."""
        self._run = connection.execute
        self._connection = connection

    def inbox(self, event_ids: Sequence[str]) -> dict[str, InboxRow]:
        """Which of these events were applied before."""
        rows = self._run(
            "SELECT event_id::text, digest, schema_id FROM inbox WHERE event_id = ANY(%s::uuid[])",
            [_array("uuid", event_ids)],
        )
        return {row[0]: InboxRow(*row) for row in rows}

    def subjects(
        self,
        subject_ids: Iterable[str] = (),
        entity_ids: Iterable[str] = (),
        record_ids: Iterable[str] = (),
    ) -> list[SubjectRow]:
        """Stored subjects by their own, their entities' or their records' identifiers."""
        found: list[SubjectRow] = []
        asked = (("subject_id", subject_ids), ("entity_id", entity_ids), ("record_id", record_ids))
        for column, wanted in asked:
            ids = list(wanted)
            if ids:
                query = sql.SQL(
                    "SELECT subject_id::text, kind, record_id::text, entity_id::text, state"
                    " FROM subject WHERE {} = ANY(%s::uuid[])"
                ).format(sql.Identifier(column))
                found += [SubjectRow(*row) for row in self._run(query, [_array("uuid", ids)])]
        return found

    def entity_of(self, subject_ids: Iterable[str]) -> dict[str, str | None]:
        """The entity of each of these subjects."""
        ids = list(subject_ids)
        if not ids:
            return {}
        rows = self._run(
            "SELECT subject_id::text, entity_id::text FROM subject"
            " WHERE subject_id = ANY(%s::uuid[])",
            [ids],
        )
        return dict(rows.fetchall())

    def holders(self, tokens: Iterable[str]) -> set[str]:
        """The subjects that hold any of these identifiers."""
        ids = list(tokens)
        if not ids:
            return set()
        rows = self._run(
            "SELECT DISTINCT subject_id::text FROM identifier WHERE token = ANY(%s::uuid[])",
            [_array("uuid", ids)],
        )
        return {row[0] for row in rows}

    def entities(self, entity_ids: Iterable[str]) -> dict[str, Entity]:
        """Entities by identifier."""
        rows = self._run(
            f"SELECT {_ENTITY} FROM entity WHERE entity_id = ANY(%s::uuid[])",  # noqa: S608 - ours
            [_array("uuid", list(entity_ids))],
        )
        return {row[0]: Entity(*row) for row in rows}

    def views(self, entity_ids: Iterable[str]) -> dict[str, tuple[int, bytes]]:
        """Version and digest of the views of entities."""
        rows = self._run(
            "SELECT entity_id::text, version, digest FROM view WHERE entity_id = ANY(%s::uuid[])",
            [_array("uuid", list(entity_ids))],
        )
        return {name: (version, digest) for name, version, digest in rows}

    def take_numbers(self, name: str, count: int) -> int:
        """The first of `count` gapless numbers; safe because batches run one at a time."""
        row = self._run(
            "UPDATE counter SET value = value + %s WHERE name = %s RETURNING value - %s",
            [count, name, count],
        ).fetchone()
        assert row is not None  # noqa: S101 - the counters are made with the schema
        return int(row[0])

    def put_inbox(self, rows: Sequence[InboxRow]) -> None:
        """Remember events as applied."""
        self._insert("inbox", ("uuid", "bytea", "int"), rows)

    def put_subjects(self, rows: Sequence[SubjectRow]) -> None:
        """Store subjects."""
        self._insert(
            "subject",
            ("uuid", "text", "uuid", "uuid", "bytea"),
            rows,
            " ON CONFLICT (subject_id) DO UPDATE SET entity_id = excluded.entity_id,"
            " state = excluded.state",
        )

    def put_identifiers(self, rows: Sequence[tuple[str, str]]) -> None:
        """Index subjects by (token, subject)."""
        self._insert("identifier", ("uuid", "uuid"), rows, " ON CONFLICT DO NOTHING")

    def remove_identifiers(self, rows: Sequence[tuple[str, str]]) -> None:
        """Forget (token, subject) pairs."""
        if rows:
            self._run(
                "DELETE FROM identifier USING unnest(%s::uuid[], %s::uuid[]) AS gone (token, id)"
                " WHERE identifier.token = gone.token AND identifier.subject_id = gone.id",
                [[row[0] for row in rows], [row[1] for row in rows]],
            )

    def put_entities(self, rows: Sequence[Entity]) -> None:
        """Store entities."""
        self._insert(
            "entity",
            ("uuid", "text", "uuid", "bigint", "uuid", "boolean"),
            rows,
            " ON CONFLICT (entity_id) DO UPDATE SET redirect_to = excluded.redirect_to,"
            " retired = excluded.retired",
        )

    def put_views(self, rows: Sequence[ViewRow]) -> None:
        """Store views."""
        self._insert(
            "view",
            ("uuid", "text", "bigint", "bytea", "bytea", "boolean"),
            rows,
            " ON CONFLICT (entity_id) DO UPDATE SET version = excluded.version,"
            " digest = excluded.digest, body = excluded.body, retired = excluded.retired",
        )

    def put_outgoing(self, messages: Sequence[Outgoing]) -> None:
        """Queue messages, in this order, behind everything committed before."""
        if messages:
            first = self.take_numbers("outbox", len(messages))
            rows = [
                (number, one.topic, one.key, one.value, pack_headers(one.headers))
                for number, one in enumerate(messages, first)
            ]
            self._insert("outbox", ("bigint", "text", "bytea", "bytea", "bytea"), rows)

    def add_books(self, counts: Mapping[tuple[str, str], int]) -> None:
        """Add to the books of connectors."""
        rows = [(connector, entry, count) for (connector, entry), count in sorted(counts.items())]
        self._insert(
            "books",
            ("text", "text", "bigint"),
            rows,
            " ON CONFLICT (connector, entry) DO UPDATE SET count = books.count + excluded.count",
        )

    def _insert(
        self, table: str, types: Sequence[str], rows: Sequence[Any], conflict: str = ""
    ) -> None:
        """Insert rows as one statement over arrays."""
        if not rows:
            return
        arrays = ", ".join(f"%{'b' if kind == 'bytea' else 's'}::{kind}[]" for kind in types)
        columns = list(zip(*rows, strict=True))
        statement = f"INSERT INTO {table} SELECT * FROM unnest({arrays}){conflict}"  # noqa: S608 - our own names
        given = [_array(kind, column) for kind, column in zip(types, columns, strict=True)]
        self._run(statement, given)


def _array(kind: str, values: Sequence[Any]) -> Any:
    """A column as a parameter; identifiers and numbers need no escaping, so they are joined."""
    if kind in ("uuid", "bigint", "int"):
        return "{" + ",".join("NULL" if one is None else str(one) for one in values) + "}"
    return list(values)


@contextmanager
def _away() -> Iterator[None]:
    """Tell a PostgreSQL that is away from one that refuses what we say."""
    try:
        yield
    except AWAY as error:
        raise Unavailable(
            f"PostgreSQL is away ({type(error).__name__})",
            remedy="nothing is committed; the same batch is tried again",
        ) from error


def _number(schema: str) -> int:
    return sum(schema.encode()) % 1_000


def pack_headers(headers: Sequence[tuple[str, bytes]]) -> bytes:
    """Kafka headers as bytes; their values here are always text or, for originals, hex."""
    return json.dumps([(name, value.hex()) for name, value in headers]).encode()


def unpack_headers(data: bytes) -> list[tuple[str, bytes]]:
    """The inverse of pack_headers."""
    return [(name, bytes.fromhex(value)) for name, value in json.loads(data)]
