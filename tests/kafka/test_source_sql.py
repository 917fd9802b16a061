"""Polling a change column and an outbox, in a real PostgreSQL and in SQLite."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from source_kills import EXPECTED, kill, rows
from worker_processes import Workers

from hub.connect.books import Books
from hub.connect.contract import Change, Checkpoint, Unchanged
from hub.connect.sources import sql_outbox, sql_polling
from hub.connect.sources.reread import reread
from hub.connect.sources.sql_outbox import Outbox
from hub.connect.sources.sql_polling import Polled
from hub.errors import ContractBreach, SettingsError, SourceUnavailable
from hub.local.kafka import Kafka
from hub.local.postgres import Postgres
from hub.local.process import free_port

pytestmark = pytest.mark.kafka
SETTLE_S = 0.3


@pytest.fixture(scope="module")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    """One server; each test has a database of its own."""
    folder = tmp_path_factory.mktemp("postgres")
    for parent in (folder, *folder.parents[:2]):
        parent.chmod(0o755)  # as root the server runs under a user of its own
    server = Postgres(folder, free_port(None))
    server.start()
    try:
        yield server
    finally:
        server.stop()


def url_in(postgres: Postgres, name: str) -> str:
    """The address of a new database, as SQLAlchemy writes it."""
    return postgres.create_database(name).replace("postgresql://", "postgresql+psycopg://")


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path, postgres: Postgres) -> str:
    """An empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/department.db"
    return url_in(postgres, f"t{abs(hash(request.node.name))}")


def execute(url: str, *statements: str, **values: Any) -> None:
    """Statements as the department makes them, in one transaction."""
    engine = sa.create_engine(url, poolclass=sa.pool.NullPool)
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(sa.text(statement), values)


def thing(url: str, kind: str = "timestamp") -> Polled:
    """A table with a change column."""
    execute(url, f"CREATE TABLE thing (id int NOT NULL, at {kind} NOT NULL, note text)")
    return Polled(url, "thing", "at", ("id",), SETTLE_S)


def put(url: str, *rows: tuple[int, str]) -> None:
    """Rows with these keys and times."""
    for number, at in rows:
        execute(url, f"INSERT INTO thing VALUES ({number}, '{at}', 'note')")  # noqa: S608 - ours


def ids(items: list[Any]) -> list[int]:
    """The rows told."""
    return [item.record["id"] for item in items if isinstance(item, Change)]


def read(polled: Polled, after: str | None = None) -> tuple[list[Any], str | None]:
    """All that is told after a position, and the position then."""
    items = list(sql_polling.changes(polled, after))
    return items, next((item.position for item in reversed(items)), after)


@pytest.mark.parametrize("page_rows", [1, 2, 3, 100])
def test_rows_that_share_a_time_are_told_once_each(
    url: str, page_rows: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Over page ends, and from any place on, in the order of time and key."""
    monkeypatch.setattr(sql_polling, "PAGE_ROWS", page_rows)
    polled = thing(url)
    put(url, *((number, f"2025-03-03 10:00:0{number // 4}") for number in (5, 3, 4, 1, 7, 6, 2)))
    items, last = read(polled)
    assert ids(items) == [1, 2, 3, 4, 5, 6, 7]
    changes = [item for item in items if isinstance(item, Change)]
    for place, item in enumerate(changes):
        assert ids(read(polled, item.position)[0]) == ids(changes[place + 1 :])
    assert ids(read(polled, last)[0]) == []


def test_changes_and_new_rows_are_told_with_later_versions(url: str) -> None:
    """A row that is written again is told again; its version has grown."""
    polled = thing(url)
    put(url, (1, "2025-03-03 10:00:00"), (2, "2025-03-03 10:00:01"))
    first, position = read(polled)
    execute(url, "UPDATE thing SET at = '2025-03-03 10:00:02', note = 'other' WHERE id = 1")
    put(url, (3, "2025-03-03 10:00:02"))
    second, _ = read(polled, position)
    assert ids(second) == [1, 3]
    latest = max(item.version for item in first if isinstance(item, Change))
    assert all(item.version > latest for item in second if isinstance(item, Change))


def test_a_transaction_that_commits_late_is_not_passed_over(postgres: Postgres) -> None:
    """It took its time before a row that was visible earlier: nothing of it is lost."""
    url = url_in(postgres, "late")
    polled = thing(url)._replace(settle_s=1.5)
    put(url, (1, "2025-03-03 10:00:00"))
    engine = sa.create_engine(url, poolclass=sa.pool.NullPool)
    with engine.connect() as slow:
        slow.execute(sa.text("INSERT INTO thing VALUES (2, '2025-03-03 10:00:05', 'slow')"))
        put(url, (3, "2025-03-03 10:00:09"))
        threading.Timer(0.5, slow.commit).start()
        items, position = read(polled)
        assert ids(items) == [1, 2, 3]
    assert ids(read(polled, position)[0]) == []


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("bigint", ["7", "8", "8", "9007199254740993"]),
        ("date", ["2025-03-03", "2025-03-04", "2025-03-04", "2025-03-05"]),
        ("timestamp with time zone", [f"2025-03-03 10:00:0{n}.123456+02:00" for n in (1, 2, 2, 3)]),
        ("numeric(30,3)", ["1.5", "2.5", "2.5", "10.125"]),
        ("text", [f"2025-03-03T10:00:0{n}Z" for n in (1, 2, 2, 3)]),
    ],
)
def test_any_column_with_an_order_will_do(url: str, kind: str, values: list[str]) -> None:
    """Numbers, days, times with offset, text: each place can be gone on from."""
    polled = thing(url, kind)
    put(url, *enumerate(values, 1))
    items, _ = read(polled)
    changes = [item for item in items if isinstance(item, Change)]
    assert ids(items) == [1, 2, 3, 4]
    for place, item in enumerate(changes):
        assert ids(read(polled, item.position)[0]) == ids(changes[place + 1 :])


def test_a_wait_is_gone_on_with_after_a_crash(url: str) -> None:
    """The mark stands in the position, so a restart does not wait anew nor look further."""
    polled = thing(url)._replace(settle_s=600.0)
    put(url, (1, "2025-03-03 10:00:00"))
    position = next(sql_polling.changes(polled, None)).position
    put(url, (2, "2025-03-03 10:00:01"))
    items, last = read(polled._replace(settle_s=0.01), position)
    assert ids(items) == [1]
    assert ids(read(polled._replace(settle_s=0.01), last)[0]) == [2]


def test_what_cannot_be_told_in_order_is_refused(url: str) -> None:
    """No such table, no such column, a row without a value: by name, before anything is told."""
    polled = thing(url)
    execute(url, "CREATE TABLE loose (id int, at timestamp)", "INSERT INTO loose (id) VALUES (1)")
    for wrong in (
        polled._replace(table="nobody"),
        polled._replace(changed="nobody"),
        polled._replace(table="loose"),
    ):
        with pytest.raises(ContractBreach) as caught:
            read(wrong)
        assert caught.value.code == "E-SCHEMA"


def test_values_are_kept_exactly_and_read_again_alike(url: str) -> None:
    """Bytes, money, text of any kind; the original reads back to the same record."""
    execute(url, "CREATE TABLE thing (id int NOT NULL, at int NOT NULL, price numeric(12,2))")
    execute(url, "ALTER TABLE thing ADD COLUMN note text")
    note = 'It\'s "quoted"; DROP TABLE thing; ümlaut \U0001f600 \n'
    execute(url, "INSERT INTO thing VALUES (1, 1, 19.99, :note)", note=note)
    items, _ = read(Polled(url, "thing", "at", ("id",), SETTLE_S))
    (change,) = [item for item in items if isinstance(item, Change)]
    assert change.record["note"] == note
    assert str(change.record["price"]).rstrip("0") == "19.99"
    assert reread(change.raw, change.context) == change.record


def test_a_database_that_is_away_is_an_outage(tmp_path: Path, postgres: Postgres) -> None:
    """Nobody there, a wrong password, a folder that is not there; no password is told."""
    for url in (
        f"postgresql+psycopg://hub:hush-hush@127.0.0.1:{free_port(None)}/x",
        f"sqlite:///{tmp_path}/no/such/folder/x.db",
    ):
        with pytest.raises(SourceUnavailable) as caught:
            read(Polled(url, "thing", "at", ("id",)))
        assert "hush" not in str(caught.value)
    with pytest.raises(SettingsError):
        read(Polled("no address", "thing", "at", ("id",)))


def outbox(url: str, *numbers: int) -> Outbox:
    """An outbox with some rows."""
    execute(url, "CREATE TABLE outbox (id int PRIMARY KEY, body text NOT NULL)")
    fill(url, *numbers)
    return Outbox(url, "outbox", "id")


def fill(url: str, *numbers: int) -> None:
    """More rows."""
    for number in numbers:
        execute(url, "INSERT INTO outbox VALUES (:number, 'a letter')", number=number)


def left(url: str) -> list[int]:
    """The rows that are still in the outbox."""
    engine = sa.create_engine(url, poolclass=sa.pool.NullPool)
    with engine.connect() as connection:
        return list(connection.scalars(sa.text("SELECT id FROM outbox ORDER BY id")))


def take(box: Outbox, after: str | None = None) -> tuple[list[Any], str | None]:
    """All that the outbox holds, confirmed batch by batch."""
    items = []
    for item in sql_outbox.changes(box, after):
        items.append(item)
        if isinstance(item, Checkpoint):
            sql_outbox.acknowledge(box, item.position)
            after = item.position
    return items, after


def test_an_outbox_is_emptied_batch_by_batch(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only what was confirmed is deleted, and a row that commits late is found."""
    monkeypatch.setattr(sql_outbox, "BATCH_ROWS", 3)
    box = outbox(url, 1, 2, 4, 5, 6, 7, 8)
    found = sql_outbox.changes(box, None)
    told = [next(found) for _ in range(4)]
    assert isinstance(told[-1], Checkpoint)
    assert left(url) == [1, 2, 4, 5, 6, 7, 8]
    found.close()
    fill(url, 3)
    sql_outbox.acknowledge(box, told[-1].position)
    assert left(url) == [3, 5, 6, 7, 8]
    items, _ = take(box, told[-1].position)
    assert ids(items) == [3, 5, 6, 7, 8]
    assert left(url) == []


def test_what_was_confirmed_and_not_deleted_is_known(url: str) -> None:
    """A crash between Kafka's confirmation and the deletion doubles nothing."""
    box = outbox(url, 1, 2, 3)
    position = next(i.position for i in sql_outbox.changes(box, None) if isinstance(i, Checkpoint))
    fill(url, 4)
    items, _ = take(box, position)
    assert ids(items) == [4]
    assert [item.count for item in items if isinstance(item, Unchanged)] == [3]
    assert left(url) == []


def test_rows_that_stay_are_told_as_an_outage(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are not read for ever."""
    monkeypatch.setattr(sql_outbox, "BATCH_ROWS", 3)
    box = outbox(url, 1, 2, 3, 4)
    with pytest.raises(SourceUnavailable):
        list(sql_outbox.changes(box, None))


@pytest.mark.parametrize("kind", ["sql_polling", "sql_outbox"])
@pytest.mark.parametrize("disturbed", ["worker", "server"])
def test_kills_lose_and_double_nothing(
    kafka: Kafka, postgres: Postgres, workers: Workers, kind: str, disturbed: str
) -> None:
    """F16, F18: worker or database killed at random points; books and events are exact."""
    url = url_in(postgres, f"k{kind}{disturbed}")
    execute(
        url,
        "CREATE TABLE letter (id text NOT NULL, text text, number int PRIMARY KEY, at timestamp"
        " NOT NULL DEFAULT now())",
    )
    engine = sa.create_engine(url, poolclass=sa.pool.NullPool)
    with engine.begin() as connection:
        connection.execute(
            sa.text("INSERT INTO letter (id, text, number) VALUES (:id, :text, :number)"),
            [{**row, "number": int(row["id"])} for row in rows()],
        )
    source: dict[str, Any] = {"kind": kind, "url": url, "table": "letter"}
    if kind == "sql_polling":
        source |= {"changed": "at", "key": ["number"], "settle_s": 0.5}
    else:
        source |= {"key": "number"}
    killed = postgres if disturbed == "server" else None
    books = kill(kafka, workers, source, killed, away_s=0.5)
    # an outbox that did not hear of a batch gives it again: known, and counted as unchanged
    again = books.duplicate if kind == "sql_outbox" else 0
    assert books == EXPECTED.add(Books(read=again, duplicate=again))
