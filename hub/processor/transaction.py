"""The statements of one batch's transaction, each over a whole set of rows."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import psycopg
from psycopg import sql

from hub.canon.model import DecisionKind, StewardDecision
from hub.canon.model import Subject as Kind
from hub.identity.assign import Entity
from hub.identity.cluster import Possible, Twosome
from hub.processor.rows import (
    InboxRow,
    MembershipRow,
    Outgoing,
    SubjectRow,
    ViewRow,
    pack_headers,
)

ENTITY_COLUMNS = (
    "entity_id::text, kind, founding_subject_id::text, minted_order, redirect_to::text, retired"
)


SUBJECT_COLUMNS = "subject_id::text, kind, record_id::text, entity_id::text, state"
DECISION_COLUMNS = (
    "event_id::text, decision_id::text, kind, subject, left_ids::text[], right_ids::text[],"
    " steward, reason, decided_at"
)
FETCH = 5_000
LINEAGE_BITS = 44


class Position(NamedTuple):
    """What a cache has of the store: all batches up to `change`, of the store's `lineage`."""

    lineage: int
    change: int

    @property
    def number(self) -> int:
        """One number for both, greater for a later lineage."""
        return (self.lineage << LINEAGE_BITS) + self.change

    @classmethod
    def of(cls, number: int) -> "Position":
        """The inverse of `number`."""
        return cls(number >> LINEAGE_BITS, number & ((1 << LINEAGE_BITS) - 1))


class Batch:
    """The statements of one transaction."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        """Inside the transaction already."""
        self._run = connection.execute
        self._connection = connection

    @property
    def run(self) -> Callable[..., psycopg.Cursor[Any]]:
        """Executes a statement inside the transaction, for what reads beside the batch."""
        return self._run

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
                    f"SELECT {SUBJECT_COLUMNS} FROM subject WHERE {{}} = ANY(%s::uuid[])"  # noqa: S608 - ours
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

    def around(self, subject_ids: Iterable[str]) -> list[SubjectRow]:
        """Stored subjects, and all others of their entities."""
        ids = _array("uuid", list(subject_ids))
        rows = self._run(
            f"SELECT {SUBJECT_COLUMNS} FROM subject WHERE entity_id IN"  # noqa: S608 - ours
            " (SELECT entity_id FROM subject WHERE subject_id = ANY(%s::uuid[]))"
            f" UNION ALL SELECT {SUBJECT_COLUMNS} FROM subject"
            " WHERE subject_id = ANY(%s::uuid[]) AND entity_id IS NULL",
            [ids, ids],
        )
        return [SubjectRow(*row) for row in rows]

    def entities(self, entity_ids: Iterable[str], founders: Iterable[str]) -> dict[str, Entity]:
        """Entities by identifier, and all that were minted from these subjects."""
        rows = self._run(
            f"SELECT {ENTITY_COLUMNS} FROM entity WHERE entity_id = ANY(%s::uuid[])"  # noqa: S608 - ours
            f" UNION SELECT {ENTITY_COLUMNS} FROM entity"
            " WHERE founding_subject_id = ANY(%s::uuid[])",
            [_array("uuid", list(entity_ids)), _array("uuid", list(founders))],
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

    def put_subjects(self, rows: Sequence[SubjectRow], sequence: int) -> None:
        """Store subjects, as changed by the batch of this number."""
        self._insert(
            "subject",
            ("uuid", "text", "uuid", "uuid", "bytea", "bigint"),
            [(*row, sequence) for row in rows],
            " ON CONFLICT (subject_id) DO UPDATE SET entity_id = excluded.entity_id,"
            " state = excluded.state, sequence = excluded.sequence",
        )

    def move_subjects(self, moved: Mapping[str, str | None]) -> None:
        """Give subjects other entities."""
        if moved:
            self._run(
                "UPDATE subject SET entity_id = told.entity_id"
                " FROM unnest(%s::uuid[], %s::uuid[]) AS told (subject_id, entity_id)"
                " WHERE subject.subject_id = told.subject_id",
                [_array("uuid", list(moved)), _array("uuid", list(moved.values()))],
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

    def put_memberships(self, rows: Sequence[MembershipRow]) -> None:
        """Remember who came to entities and who went."""
        if rows:
            given = [
                (one.entity_id, one.version, one.at_us, list(one.joined), list(one.parted))
                for one in rows
            ]
            self._connection.cursor().executemany(
                "INSERT INTO membership VALUES (%s, %s, %s, %s::uuid[], %s::uuid[])"
                " ON CONFLICT (entity_id, version) DO UPDATE SET"
                " joined = membership.joined || excluded.joined,"
                " parted = membership.parted || excluded.parted",
                given,
            )

    def drop_outgoing(self, keys: Iterable[str], topics: Sequence[str]) -> None:
        """Forget messages about these keys that were not published yet."""
        self._run(
            "DELETE FROM outbox WHERE key = ANY(%b::bytea[]) AND topic = ANY(%s)",
            [[key.encode() for key in keys], list(topics)],
        )

    def put_frozen(self, kind: str, data: bytes, sequence: int) -> None:
        """Store what the weights of a kind are frozen on."""
        self._run(
            "INSERT INTO frozen VALUES (%s, %s, %s, false) ON CONFLICT (kind)"
            " DO UPDATE SET data = excluded.data, sequence = excluded.sequence, settled = false",
            [kind, data, sequence],
        )

    def put_unsettled(self, kinds: Iterable[str]) -> None:
        """Remember that weights of these kinds are frozen anew, on what is not stored yet."""
        self._run("UPDATE frozen SET settled = false WHERE kind = ANY(%s)", [list(kinds)])

    def put_settled(self, kinds: Iterable[str]) -> None:
        """Remember that all that is stored of these kinds is decided under the frozen weights."""
        self._run("UPDATE frozen SET settled = true WHERE kind = ANY(%s)", [list(kinds)])

    def unsettled(self) -> set[str]:
        """The kinds of which something may be stored that was decided under other weights."""
        return {kind for (kind,) in self._run("SELECT kind FROM frozen WHERE NOT settled")}

    def put_decisions(self, messages: Sequence[StewardDecision], sequence: int) -> None:
        """Store what stewards said."""
        for one in messages:
            self._run(
                "INSERT INTO decision VALUES"
                " (%s, %s, %s, %s, %s::uuid[], %s::uuid[], %s, %s, %s, %s)",
                [
                    one.event_id,
                    one.decision_id,
                    str(one.kind),
                    str(one.subject),
                    list(one.left),
                    list(one.right),
                    one.steward,
                    one.reason,
                    one.decided_at,
                    sequence,
                ],
            )

    def put_possible(
        self, changed: Mapping[tuple[str, Twosome], Possible | None], now_us: int
    ) -> None:
        """Keep the pairs for review: a pair that stays keeps the time since when it waits."""
        gone = [key for key, one in changed.items() if one is None]
        if gone:
            self._run(
                "DELETE FROM possible USING unnest(%s::text[], %s::uuid[], %s::uuid[])"
                " AS gone (kind, a, b) WHERE (possible.kind, possible.a, possible.b)"
                " = (gone.kind, gone.a, gone.b)",
                [
                    [kind for kind, _ in gone],
                    _array("uuid", [pair[0] for _, pair in gone]),
                    _array("uuid", [pair[1] for _, pair in gone]),
                ],
            )
        rows = [
            (kind, one.a, one.b, one.weight, one.refusal, now_us)
            for (kind, _), one in changed.items()
            if one is not None
        ]
        self._insert(
            "possible",
            ("text", "uuid", "uuid", "int", "text", "bigint"),
            rows,
            " ON CONFLICT (kind, a, b) DO UPDATE SET weight = excluded.weight,"
            " refusal = excluded.refusal",
        )

    # what a cache follows

    def position(self) -> Position:
        """Up to where a cache that follows the store now has it."""
        rows = self._run("SELECT name, value FROM counter WHERE name IN ('lineage', 'change')")
        return Position(**dict(rows.fetchall()))

    def frozen(self, after: int) -> dict[str, bytes]:
        """What weights are frozen on, of the kinds renewed after a position."""
        rows = self._run("SELECT kind, data FROM frozen WHERE sequence > %s", [after])
        return dict(rows.fetchall())

    def subjects_after(self, position: int) -> Iterator[list[SubjectRow]]:
        """Subjects that changed after a position, streamed."""
        with self._connection.cursor(name="civic_subjects") as cursor:
            cursor.execute(
                f"SELECT {SUBJECT_COLUMNS} FROM subject WHERE sequence > %s",  # noqa: S608 - ours
                [position],
            )
            while rows := cursor.fetchmany(FETCH):
                yield [SubjectRow(*row) for row in rows]

    def decisions_after(self, position: int) -> list[StewardDecision]:
        """What stewards said after a position."""
        rows = self._run(
            f"SELECT {DECISION_COLUMNS} FROM decision WHERE sequence > %s",  # noqa: S608 - ours
            [position],
        )
        return [decision_of(row) for row in rows]

    def entity_of_all(self) -> dict[str, str | None]:
        """The entity of every subject."""
        with self._connection.cursor(name="civic_entities") as cursor:
            cursor.execute("SELECT subject_id::text, entity_id::text FROM subject")
            found: dict[str, str | None] = {}
            while rows := cursor.fetchmany(FETCH):
                found.update(rows)
            return found

    def possible(self) -> dict[tuple[str, Twosome], Possible]:
        """All pairs for review."""
        rows = self._run("SELECT kind, a::text, b::text, weight, refusal FROM possible")
        return {(kind, (a, b)): Possible(a, b, *rest) for kind, a, b, *rest in rows}

    # what goes out

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


def decision_of(row: Sequence[Any]) -> StewardDecision:
    """What a steward said, from its row."""
    event_id, decision_id, kind, subject, left, right, *rest = row
    return StewardDecision(
        event_id, decision_id, DecisionKind(kind), Kind(subject), tuple(left), tuple(right), *rest
    )


def _array(kind: str, values: Sequence[Any]) -> Any:
    """A column as a parameter; identifiers and numbers need no escaping, so they are joined."""
    if kind in ("uuid", "bigint", "int"):
        return "{" + ",".join("NULL" if one is None else str(one) for one in values) + "}"
    return list(values)
