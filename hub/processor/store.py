"""The processor's PostgreSQL: one connection, one transaction for each batch, statements by sets.

Everything lies in one schema, chosen by name, so that a rebuild can fill another beside it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import resources
from typing import Any, NamedTuple

import psycopg
from psycopg import sql

from hub.errors import Fenced, Unavailable
from hub.identity.assign import Entity
from hub.processor.attempts import Attempt
from hub.processor.rows import Outgoing, ViewRow, unpack_headers
from hub.processor.transaction import ENTITY_COLUMNS, Batch

CONNECT_TIMEOUT_S = 5
LOCK_RESOLVER = 0x63697669
LOCK_RELAY = LOCK_RESOLVER + 1
LEASE_NAME = "processor"
STATEMENT_TIMEOUT_MS = 60_000
AWAY = (
    psycopg.OperationalError,
    psycopg.errors.DiskFull,
    psycopg.errors.SerializationFailure,
    psycopg.errors.DeadlockDetected,
    psycopg.InterfaceError,
)


class Assigned(NamedTuple):
    """A partition taken: where to begin (None: nowhere yet), and what is known to be dangerous."""

    next_offset: int | None
    epoch: int
    died_with: Attempt | None
    deadly: frozenset[int]


class Store:
    """One worker's connection. Every method raises Unavailable where PostgreSQL is away."""

    def __init__(self, dsn: str, schema: str = "hub", application: str = "civic-hub") -> None:
        """Connects when first used, as the application named."""
        self._application = application
        self._dsn = dsn
        self.schema = schema
        self._connection: psycopg.Connection[Any] | None = None

    def connection(self) -> psycopg.Connection[Any]:
        """The connection, made anew where the last one is broken."""
        if self._connection is None or self._connection.broken or self._connection.closed:
            with away():
                self._connection = psycopg.connect(
                    self._dsn,
                    autocommit=True,
                    connect_timeout=CONNECT_TIMEOUT_S,
                    application_name=self._application,
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
        with away(), self.connection().transaction():
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

    # positions

    def assign(self, topic: str, partition: int) -> Assigned:
        """Take a partition under a new epoch. What its last holder had in hand, it died with."""
        with away():
            run = self.connection().execute
            row = run(
                "INSERT INTO applied (topic, partition, epoch) VALUES (%s, %s, 1)"
                " ON CONFLICT (topic, partition) DO UPDATE SET epoch = applied.epoch + 1, deaths ="
                " CASE WHEN applied.attempt_last IS NULL THEN 0 ELSE applied.deaths + 1 END"
                " RETURNING next_offset, epoch, attempt_first, attempt_last, deaths",
                [topic, partition],
            ).fetchone()
            assert row is not None  # noqa: S101 - RETURNING gives a row
            next_offset, epoch, first, last, deaths = row
            deadly = run(
                'SELECT "offset" FROM deadly WHERE topic = %s AND partition = %s'
                ' AND "offset" >= %s',
                [topic, partition, next_offset or 0],
            )
            attempt = None if last is None else Attempt(first, last, deaths)
            return Assigned(next_offset, epoch, attempt, frozenset(one for (one,) in deadly))

    def begin(self, attempts: Mapping[tuple[str, int], Attempt], epochs: Iterable[int]) -> None:
        """Tell which messages are in hand from now on, without waiting for the disk.

        A death of PostgreSQL may forget it: then the process dies once more before it is known.
        """
        with away():
            self.connection().execute(
                "UPDATE applied SET attempt_first = told.first, attempt_last = told.last, deaths ="
                " CASE WHEN (attempt_first, attempt_last) IS NOT DISTINCT FROM (told.first,"
                " told.last) THEN deaths ELSE 0 END FROM"
                " (SELECT set_config('synchronous_commit', 'off', true) AS set) AS quick,"
                " unnest(%s::text[], %s::int[], %s::bigint[], %s::bigint[], %s::bigint[])"
                " AS told (topic, partition, first, last, epoch)"
                " WHERE applied.topic = told.topic AND applied.partition = told.partition"
                " AND applied.epoch = told.epoch AND quick.set = 'off'",
                [
                    [topic for topic, _ in attempts],
                    [partition for _, partition in attempts],
                    [one.first for one in attempts.values()],
                    [one.last for one in attempts.values()],
                    list(epochs),
                ],
            )

    def applied(self) -> dict[tuple[str, int], int]:
        """The next offset of every partition."""
        with away():
            rows = self.connection().execute(
                "SELECT topic, partition, next_offset FROM applied WHERE next_offset IS NOT NULL"
            )
            return {(topic, partition): offset for topic, partition, offset in rows}

    # one batch

    @contextmanager
    def batch(
        self,
        offsets: Mapping[tuple[str, int], tuple[int, int]],
        lease_epoch: int | None = None,
    ) -> Iterator[Batch]:
        """The transaction of one batch; `offsets` maps partitions to (next offset, epoch).

        Raises Fenced where another worker has taken a partition, or the lease, since.
        """
        connection = self.connection()
        with away(), connection.transaction():
            connection.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK_RESOLVER])
            self._check_lease(lease_epoch)
            self._apply_offsets(offsets)
            yield Batch(connection)

    def _apply_offsets(self, offsets: Mapping[tuple[str, int], tuple[int, int]]) -> None:
        if not offsets:
            return
        found = self.connection().execute(
            "UPDATE applied SET next_offset = told.next_offset, attempt_first = NULL,"
            " attempt_last = NULL, deaths = 0 FROM"
            " unnest(%s::text[], %s::int[], %s::bigint[], %s::bigint[])"
            " AS told (topic, partition, next_offset, epoch)"
            " WHERE applied.topic = told.topic AND applied.partition = told.partition"
            " AND applied.epoch = told.epoch",
            [
                [topic for topic, _ in offsets],
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

    def _check_lease(self, epoch: int | None) -> None:
        """Raise Fenced unless the lease is still of this epoch: nobody can take it meanwhile."""
        if epoch is None:
            return
        row = (
            self.connection()
            .execute("SELECT epoch FROM lease WHERE name = %s", [LEASE_NAME])
            .fetchone()
        )
        if row is None or row[0] != epoch:
            raise Fenced(
                "another processor has taken the lease",
                remedy="nothing is lost: it goes on from the applied offset",
            )

    @contextmanager
    def snapshot(self) -> Iterator[Batch]:
        """One moment of the store, to read from; nobody waits for it."""
        with away(), self.connection().transaction():
            self.connection().execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield Batch(self.connection())

    @contextmanager
    def beside(self) -> Iterator[Batch]:
        """A transaction beside those of the processor, for tables that it does not write."""
        with away(), self.connection().transaction():
            yield Batch(self.connection())

    # reading

    def view(self, entity_id: str) -> ViewRow | None:
        """The view of an entity, following redirects; None where there is no such entity."""
        with away():
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
            away(),
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

    def all_views(self) -> list[ViewRow]:
        """Every view, also of entities that are no more."""
        with away():
            rows = self.connection().execute(
                "SELECT entity_id::text, kind, version, digest, body, retired FROM view"
            )
            return [ViewRow(*row) for row in rows]

    def all_entities(self) -> dict[str, Entity]:
        """Every entity there ever was."""
        with away():
            rows = self.connection().execute(f"SELECT {ENTITY_COLUMNS} FROM entity")  # noqa: S608 - ours
            return {row[0]: Entity(*row) for row in rows}

    def members(self) -> dict[str, list[str]]:
        """The subjects of every entity."""
        found: dict[str, list[str]] = {}
        with away():
            for entity_id, subject_id in self.connection().execute(
                "SELECT entity_id::text, subject_id::text FROM subject"
                " WHERE entity_id IS NOT NULL ORDER BY subject_id"
            ):
                found.setdefault(entity_id, []).append(subject_id)
        return found

    def event_ids(self) -> set[str]:
        """Every event that was applied; for checks on small stores."""
        with away():
            rows = self.connection().execute("SELECT event_id::text FROM inbox")
            return {row[0] for row in rows}

    def is_settled(self) -> bool:
        """Whether all that is stored is decided under the weights that are frozen now."""
        with away():
            row = self.connection().execute("SELECT bool_and(settled) FROM frozen").fetchone()
        return row is None or row[0] is not False

    def counts(self) -> dict[str, int]:
        """How many citizens and businesses are known, and what waits to be published."""
        with away():
            row = (
                self.connection()
                .execute(
                    "SELECT count(*) FILTER (WHERE kind = 'person'),"
                    " count(*) FILTER (WHERE kind = 'organisation'),"
                    " (SELECT count(*) FROM outbox), (SELECT count(*) FROM possible),"
                    " (SELECT coalesce(extract(epoch FROM now()) - min(since_us) / 1000000, 0)"
                    " FROM possible)::bigint FROM view WHERE NOT retired"
                )
                .fetchone()
            )
        assert row is not None  # noqa: S101 - an aggregate gives a row
        names = ("citizens", "businesses", "outbox", "possible", "possible_oldest_s")
        return dict(zip(names, row, strict=True))

    def books(self) -> dict[str, dict[str, int]]:
        """What became of the events of each connector."""
        found: dict[str, dict[str, int]] = {}
        with away():
            for connector, entry, count in self.connection().execute(
                "SELECT connector, entry, count FROM books ORDER BY connector, entry"
            ):
                found.setdefault(connector, {})[entry] = count
        return found

    # the outbox

    def try_relay_lock(self) -> bool:
        """Whether this connection is now (or already) the one that publishes the outbox."""
        with away():
            row = (
                self.connection()
                .execute("SELECT pg_try_advisory_lock(%s)", [LOCK_RELAY + _number(self.schema)])
                .fetchone()
            )
        return bool(row and row[0])

    def outgoing(self, limit: int) -> list[tuple[int, Outgoing]]:
        """The oldest messages to be published, in the order of their commits."""
        with away():
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
        with away():
            self.connection().execute(
                "DELETE FROM outbox WHERE sequence = ANY(%s)", [list(numbers)]
            )


@contextmanager
def away() -> Iterator[None]:
    """Tell a PostgreSQL that is away from one that refuses what we say."""
    try:
        yield
    except AWAY as error:
        raise Unavailable(
            f"PostgreSQL is away ({type(error).__name__})",
            remedy="nothing is committed; try again once it is there",
        ) from error


def _number(schema: str) -> int:
    return sum(schema.encode()) % 1_000
