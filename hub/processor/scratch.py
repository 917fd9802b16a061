"""A rebuild's scratch store: filled in a schema of its own, then put in the place of another.

Every function raises Unavailable where PostgreSQL is away.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from psycopg import sql

from hub.processor.store import LOCK_RESOLVER, Store, away
from hub.processor.transaction import Batch


def drop(store: Store) -> None:
    """Remove the whole schema: only a rebuild's scratch space is ever dropped."""
    if store.schema == "hub":
        raise ValueError("the live schema is never dropped")
    with away():
        store.connection().execute(
            sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(sql.Identifier(store.schema))
        )


def copy_frozen(store: Store, schema: str) -> None:
    """Weigh as the schema named weighs."""
    with away():
        store.connection().execute(
            sql.SQL("INSERT INTO frozen SELECT kind, data, 0, false FROM {}.frozen").format(
                sql.Identifier(schema)
            )
        )


def copy_deadly(store: Store, schema: str) -> None:
    """Know the deadly messages that the schema named knows."""
    with away():
        store.connection().execute(
            sql.SQL("INSERT INTO deadly SELECT * FROM {}.deadly").format(sql.Identifier(schema))
        )


@contextmanager
def take_place_of(store: Store, schema: str, names: Mapping[str, str]) -> Iterator[Batch]:
    """Become the schema named; what the caller puts into the batch is part of the change.

    `names` gives entities of this schema the identifiers they had in the other. What that had
    not published yet goes first; its workers are fenced off.
    """
    old, mine = sql.Identifier(schema), sql.Identifier(store.schema)
    with away(), store.connection().transaction():
        run = store.connection().execute
        run("SELECT pg_advisory_xact_lock(%s)", [LOCK_RESOLVER])
        for table in ("outbox", "entity", "counter", "membership", "reveal"):
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
        run("UPDATE counter SET value = value + 1 WHERE name = 'lineage'")
        run(
            sql.SQL(
                "UPDATE possible SET since_us = other.since_us FROM {}.possible AS other"
                " WHERE (possible.kind, possible.a, possible.b)"
                " = (other.kind, other.a, other.b)"
            ).format(old)
        )
        run("DELETE FROM view")
        yield Batch(store.connection())
        run(sql.SQL("DROP SCHEMA {} CASCADE").format(old))
        run(sql.SQL("ALTER SCHEMA {} RENAME TO {}").format(mine, old))
    store.close()
