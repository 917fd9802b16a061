"""The statements of one batch's transaction, each over a whole set of rows."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import psycopg
from psycopg import sql

from hub.identity.plain import Entity
from hub.processor.rows import InboxRow, Outgoing, SubjectRow, ViewRow, pack_headers

ENTITY_COLUMNS = (
    "entity_id::text, kind, founding_subject_id::text, minted_order, redirect_to::text, retired"
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
            f"SELECT {ENTITY_COLUMNS} FROM entity WHERE entity_id = ANY(%s::uuid[])",  # noqa: S608 - ours
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

    def put_deadly(self, rows: Sequence[tuple[str, int, int]]) -> None:
        """Remember messages, by (topic, partition, offset), as never to be touched again."""
        self._insert("deadly", ("text", "int", "bigint"), rows, " ON CONFLICT DO NOTHING")

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
