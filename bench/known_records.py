"""A store and a state that know many people already, made in bulk, not by streaming their events.

Each person has one record, made of the invented register, and one subject, entity and view. Their
rows in PostgreSQL hold what templates of another schema hold, so that they are as large as real
ones; nothing reads their content unless an event is about the same person.
"""

import time
from collections.abc import Iterable, Iterator
from typing import Any
from uuid import UUID

from psycopg import sql

from bench.identity_register import Register
from bench.identity_resolver import fill
from hub.identity.organisation import ORGANISATION
from hub.identity.person import PERSON
from hub.identity.record import PersonRecord
from hub.identity.resolver import Resolver
from hub.identity.state_lmdb import LmdbState
from hub.processor.store import Store
from hub.processor.transaction import Batch
from hub.processor.work import state_secret
from hub.settings import HubSettings

_TEMPLATES = 500
_ROWS = """
CREATE TEMP TABLE told AS
    SELECT number, lpad(to_hex(number), 32, '0')::uuid AS name
    FROM generate_series(1, {known}) AS number;
CREATE TEMP TABLE template AS
    SELECT row_number() OVER () - 1 AS place, state, digest, body
    FROM {templates}.subject JOIN {templates}.view USING (entity_id)
    WHERE subject.kind = 'person' LIMIT {most};
INSERT INTO subject SELECT name, 'person', name, name, state, 1
    FROM told JOIN template ON place = number % {most};
INSERT INTO view SELECT name, 'person', 1, digest, body, false
    FROM told JOIN template ON place = number % {most};
INSERT INTO entity SELECT name, 'person', name, number, NULL, false FROM told;
INSERT INTO membership SELECT name, 1, 0, ARRAY[name], ARRAY[]::uuid[] FROM told;
UPDATE counter SET value = {known} WHERE name = 'entity';
UPDATE counter SET value = 1 WHERE name = 'change';
"""


def load(settings: HubSettings, schema: str, known: int, templates: str) -> dict[str, Any]:
    """Fill a schema and the state that follows it; how long that took."""
    store = Store(settings.postgres_dsn(), schema)
    store.migrate()
    connection = store.connection()
    connection.execute("SET statement_timeout = 0")
    began = time.monotonic()
    connection.execute(
        sql.SQL(_ROWS).format(
            known=sql.Literal(known),
            templates=sql.Identifier(templates),
            most=sql.Literal(_TEMPLATES),
        )
    )
    connection.execute("ANALYZE")
    stored = time.monotonic()
    position = Batch(connection).position()
    secret = state_secret(settings.identity_key())
    folder = settings.state_dir / f"identity-{schema}" / "0"
    states = [LmdbState(folder / kind.name, secret) for kind in (PERSON, ORGANISATION)]
    resolver, others = (
        Resolver(kind=kind, state=state)
        for kind, state in zip((PERSON, ORGANISATION), states, strict=True)
    )
    fill(resolver, _named(Register(known)))
    resolver.commit(position.number)
    others.commit(position.number)
    filled = time.monotonic()
    with connection.transaction():
        Batch(connection).put_frozen("person", resolver.frozen(), 1)
        Batch(connection).put_settled(["person"])
    frozen = time.monotonic()
    for state in states:
        state.close()
    store.close()
    return {
        "known": resolver.known,
        "rows_s": round(stored - began),
        "state_s": round(filled - stored),
        "freeze_s": round(frozen - filled, 2),
    }


def _named(records: Iterable[tuple[str, PersonRecord]]) -> Iterator[tuple[str, PersonRecord]]:
    """Under the names that the rows have."""
    return ((str(UUID(int=number)), record) for number, (_, record) in enumerate(records, 1))
