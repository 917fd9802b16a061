"""The log of a department's PostgreSQL, killed at random points while it is read."""

import itertools
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import psycopg
import pytest
from source_kills import (
    EXPECTED,
    KILLS,
    ROWS,
    kill,
    rows,
    run_to_the_end,
)
from worker_processes import Workers

from hub.local.kafka import Kafka
from hub.local.postgres import Postgres
from hub.local.process import free_port

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(int(os.environ.get("LIMIT_S", "300")))]
MANY = 20
HALF = ROWS // 2
CASES = (
    list(itertools.product([0, HALF], ["worker", "server"]))
    if KILLS >= MANY
    else [(0, "server"), (HALF, "worker")]
)
"""How many rows were told before the kills, and what is killed; all of it where much is killed."""


@pytest.fixture
def postgres(tmp_path: Path) -> Iterator[Postgres]:
    """A server of this test's own, so that it may kill it."""
    for parent in (tmp_path, *tmp_path.parents[:2]):
        parent.chmod(0o755)  # as root the server runs under a user of its own
    server = Postgres(tmp_path, free_port(None))
    server.start()
    try:
        yield server
    finally:
        server.stop()


def write(dsn: str, letters: Sequence[dict[str, str]]) -> None:
    """New rows, each in a transaction of its own, as the log tells them."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("SET synchronous_commit = off")
        for one in letters:
            connection.execute(
                "INSERT INTO letter VALUES (%s, %s, %s)", [one["id"], one["text"], int(one["id"])]
            )


@pytest.mark.parametrize(("told_before", "disturbed"), CASES)
def test_kills_lose_and_double_nothing(
    kafka: Kafka, postgres: Postgres, workers: Workers, disturbed: str, told_before: int
) -> None:
    """F16, F18: in the first reading or in the log, worker or database killed; books are exact."""
    dsn = postgres.create_database("department")
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("CREATE TABLE letter (id text, text text, number int PRIMARY KEY)")
        connection.execute("ALTER TABLE letter REPLICA IDENTITY FULL")
        connection.execute("CREATE PUBLICATION hub FOR TABLE letter")
    source = {"kind": "postgres_log", "dsn": dsn, "slot": "hub", "publication": "hub"}
    letters = rows()
    if told_before:
        write(dsn, letters[:told_before])
        run_to_the_end(kafka, workers, dict(source))
    write(dsn, letters[told_before:])
    killed = postgres if disturbed == "server" else None
    books = kill(kafka, workers, source, killed, away_s=0.5)
    assert books == EXPECTED
