"""Reading a real PostgreSQL by its log: snapshot and stream, without gap or double."""

import random
import threading
import time
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg import sql

from connectors.grants.applications import CONNECTOR
from hub.canon.model import ApplicationDecided, ApplicationSubmitted
from hub.connect.contract import Change, Checkpoint, Draft, Operation
from hub.connect.publish import Publisher
from hub.connect.sources import postgres_log
from hub.connect.sources.postgres_log import Log
from hub.errors import ContractBreach, SourceUnavailable
from hub.local.departments import population
from hub.local.departments.grants import GrantsDepartment
from hub.local.downloads import LocalStackError
from hub.local.postgres import Postgres
from hub.local.process import free_port

pytestmark = pytest.mark.kafka
KEYS = 60
CHANGES_MIN = 800
State = dict[str, tuple[int, dict[str, Any]]]


@pytest.fixture(scope="module")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    """One server for all tests; each has a database and a slot of its own."""
    folder = tmp_path_factory.mktemp("postgres")
    for parent in (folder, *folder.parents[:2]):
        parent.chmod(0o755)  # as root the server runs under a user of its own
    server = Postgres(folder, free_port(None))
    server.start()
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture
def log(postgres: Postgres, request: pytest.FixtureRequest) -> Iterator[Log]:
    """A table with a key, a text that may be large and a time, published."""
    name = f"t{abs(hash(request.node.name))}"
    dsn = postgres.create_database(name)
    execute(
        dsn,
        "CREATE TABLE thing (id int PRIMARY KEY, note text, at timestamp, yes bool)",
        "ALTER TABLE thing REPLICA IDENTITY FULL",
        "ALTER TABLE thing ALTER note SET STORAGE EXTERNAL",
        "CREATE TABLE other (id int PRIMARY KEY)",
        "CREATE PUBLICATION hub FOR TABLE thing",
    )
    yield Log(dsn, name, "hub", (("thing", "id"),))
    drop = "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots"
    execute(dsn, f"{drop} WHERE slot_name = '{name}'")


def execute(dsn: str, *statements: str) -> None:
    """Each statement in a transaction of its own."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement)


def table(log: Log) -> dict[str, dict[str, Any]]:
    """What the table holds, as text."""
    with psycopg.connect(log.dsn) as connection:
        rows = connection.execute("SELECT id::text, note, at::text, yes::text FROM thing")
        found = {row[0]: dict(zip(("id", "note", "at", "yes"), row, strict=True)) for row in rows}
    for row in found.values():
        row["yes"] = {"true": "t", "false": "f", None: None}[row["yes"]]
    return found


class Reader:
    """Reads as the runtime does: what is confirmed is remembered, and maybe acknowledged."""

    def __init__(self, log: Log) -> None:
        self.log = log
        self.position: str | None = None
        self.told: list[Change] = []
        self.waiting: list[Change] = []

    def read(self, items_max: int = 10**9, *, crash: bool = False) -> bool:
        """At most so many items; with `crash` what has no position yet is forgotten."""
        ended = True
        for number, item in enumerate(postgres_log.changes(self.log, self.position), 1):
            if isinstance(item, Change):
                self.waiting.append(item)
            if item.position is not None:
                self.position = item.position
                self.told += self.waiting
                self.waiting = []
            if number >= items_max:
                ended = False
                break
        if crash:
            self.waiting = []
        return ended

    def acknowledge(self) -> None:
        """As after Kafka's confirmation."""
        if self.position is not None:
            postgres_log.acknowledge(self.log, self.position)

    def versions(self) -> list[tuple[str, int]]:
        """Row and version of everything told."""
        return [(one_id(change), change.version) for change in self.told]

    def rebuilt(self) -> dict[str, dict[str, Any]]:
        """The table as the latest versions tell it."""
        latest: dict[str, Change] = {}
        for change in self.told:
            last = latest.get(one_id(change))
            if last is None or change.version > last.version:
                latest[one_id(change)] = change
        return {
            key: {name: value for name, value in change.record.items() if name != "table"}
            for key, change in latest.items()
            if change.record
        }


def one_id(change: Change) -> str:
    """The key of the row a change is about."""
    return str((change.record or change.before or {})["id"])


class Writer(threading.Thread):
    """Writes at random, in transactions of all sizes, two at a time, some of them rolled back."""

    def __init__(self, log: Log, seed: int) -> None:
        super().__init__()
        self.log, self.chance, self.ended = log, random.Random(seed), threading.Event()
        self.problem: Exception | None = None

    def run(self) -> None:
        """Until told to end."""
        try:
            while not self.ended.is_set():
                self.round()
        except psycopg.Error as error:  # told by the test
            self.problem = error

    def round(self) -> None:
        """One long transaction on even keys while others are committed on odd ones."""
        chance = self.chance
        with psycopg.connect(self.log.dsn) as long, psycopg.connect(self.log.dsn) as short:
            for _ in range(chance.randrange(1, 6)):
                write(long, chance, 0)
                for _ in range(chance.randrange(4)):
                    write(short, chance, 1)
                if chance.random() < 0.2:
                    short.rollback()
                short.commit()
            if chance.random() < 0.2:
                long.rollback()


def write(connection: Any, chance: random.Random, odd: int) -> None:
    """One write of a row."""
    key = 2 * chance.randrange(KEYS // 2) + odd
    note = "x" * chance.choice((1, 10, 5_000)) + str(chance.random())
    drawn = chance.random()
    if drawn < 0.15:
        connection.execute("DELETE FROM thing WHERE id = %s", [key])
    elif drawn < 0.4:
        connection.execute("UPDATE thing SET at = now(), yes = NOT yes WHERE id = %s", [key])
    else:
        connection.execute(
            "INSERT INTO thing VALUES (%s, %s, now(), true)"
            " ON CONFLICT (id) DO UPDATE SET note = excluded.note",
            [key, note],
        )


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_table_is_rebuilt_from_what_was_told_while_it_was_written(log: Log, seed: int) -> None:
    """Killed and resumed anywhere, with or without acknowledgement: no gap, no double."""
    chance = random.Random(seed)
    with psycopg.connect(log.dsn) as connection:
        for _ in range(200):
            write(connection, chance, chance.randrange(2))
    reader, writer = Reader(log), Writer(log, seed)
    writer.start()
    try:
        while len(reader.told) < CHANGES_MIN:
            reader.read(chance.randrange(1, 120), crash=True)
            if chance.random() < 0.5:
                reader.acknowledge()
    finally:
        writer.ended.set()
        writer.join(30)
    assert writer.problem is None
    while not reader.read():
        pass
    assert reader.rebuilt() == table(log)
    streamed = [pair for pair in reader.versions() if pair[1] > int(reader.told[0].version)]
    assert len(set(streamed)) == len(streamed)


def test_every_position_is_a_place_to_go_on(log: Log) -> None:
    """From each position, in the middle of a transaction too, exactly the rest is told."""
    reader = Reader(log)
    reader.read()
    with psycopg.connect(log.dsn) as connection:
        for key in range(20):
            connection.execute("INSERT INTO thing VALUES (%s, 'a')", [key])
    execute(log.dsn, "UPDATE thing SET note = 'b'", "DELETE FROM thing WHERE id < 5")
    whole = list(postgres_log.changes(log, reader.position))
    assert len(whole) == 45
    for number, item in enumerate(whole, 1):
        assert item.position is not None
        assert list(postgres_log.changes(log, item.position)) == whole[number:]


def test_a_crash_in_the_first_reading_reads_the_same_rows_again(log: Log) -> None:
    """Rows told before the crash have the same content and version when they are told again."""
    execute(log.dsn, "INSERT INTO thing SELECT n, 'first' FROM generate_series(1, 30) n")
    source = postgres_log.changes(log, None)
    start = next(source)
    assert isinstance(start, Checkpoint)
    before = [next(source) for _ in range(10)]
    source.close()
    execute(log.dsn, "UPDATE thing SET note = 'changed' WHERE id IN (3, 25)")
    again = [item for item in postgres_log.changes(log, start.position) if isinstance(item, Change)]
    kept = {one_id(item): item for item in again if item.operation is Operation.READ}
    assert [kept[one_id(item)].record["note"] for item in before if isinstance(item, Change)] == [
        "first"
    ] * 10
    assert {one_id(item): item.record["note"] for item in again} == {
        str(key): "changed" if key in (3, 25) else "first" for key in range(1, 31)
    }


def test_a_row_changed_while_the_tables_are_read_is_told_in_full(postgres: Postgres) -> None:
    """What the change left as it was is published too, though the first reading left the row out.

    Only the difference to `before` is published, so without the row before it would be missing.
    """
    dsn = postgres.create_database("straddle")
    department = GrantsDepartment(dsn, population.make(people=5, businesses=0))
    department.create()
    execute(
        dsn,
        "DELETE FROM tcontact",
        "INSERT INTO tapplication (application_id, tracking_number, is_draft, date_received,"
        " status, status_date, applicant_type) VALUES"
        " (1, 'GRANT1', 'N', '2025-03-03 10:00', 'Received', '2025-03-03 10:00', 'P: Individual')",
    )
    log = Log(dsn, "straddle", "civic_hub", (("tapplication", "application_id"),))
    publisher = Publisher(CONNECTOR, b"k" * 32, None, None)  # type: ignore[arg-type]
    drafts: list[Draft] = []
    for item in postgres_log.changes(log, None):
        if isinstance(item, Checkpoint) and not drafts:
            execute(dsn, "UPDATE tapplication SET status = 'Approved' WHERE application_id = 1")
        if isinstance(item, Change):
            said = publisher.drafts(item)
            assert isinstance(said, list)
            drafts += said
    execute(dsn, "SELECT pg_drop_replication_slot('straddle')")
    assert [type(draft.body) for draft in drafts] == [ApplicationSubmitted, ApplicationDecided]
    assert len({draft.record_version for draft in drafts}) == 2


def test_before_and_after_are_whole(log: Log) -> None:
    """Updates and deletes tell the row before; a large value that did not change is there."""
    reader = Reader(log)
    reader.read()
    large = "y" * 100_000
    execute(
        log.dsn,
        "INSERT INTO thing VALUES (1, repeat('y', 100000), '2025-03-03 10:00:00.5', true)",
        "UPDATE thing SET yes = false",
        "DELETE FROM thing",
    )
    reader.read()
    created, updated, deleted = reader.told
    row = {"id": "1", "note": large, "at": "2025-03-03 10:00:00.5", "yes": "t", "table": "thing"}
    assert (created.record, created.before) == (row, None)
    assert (updated.record, updated.before) == ({**row, "yes": "f"}, row)
    assert (deleted.record, deleted.before) == ({}, {**row, "yes": "f"})
    assert created.version < updated.version < deleted.version


def test_the_first_reading_and_the_log_write_values_alike(log: Log) -> None:
    """Text is what PostgreSQL writes, whatever the department's settings, infinity included."""
    execute(
        log.dsn,
        f"ALTER DATABASE {psycopg.conninfo.conninfo_to_dict(log.dsn)['dbname']}"
        " SET datestyle = 'SQL, DMY'",
        "INSERT INTO thing VALUES (1, 'a', '2025-03-03 10:00:00.5', true)",
        "INSERT INTO thing VALUES (2, 'b', 'infinity', false)",
    )
    reader = Reader(log)
    reader.read()
    first = {one_id(change): change.record for change in reader.told}
    execute(log.dsn, "UPDATE thing SET note = note")
    reader.told.clear()
    reader.read()
    assert {one_id(change): change.record for change in reader.told} == first
    assert first["1"]["at"] == "2025-03-03 10:00:00.5"
    assert first["2"]["at"] == "infinity"


def test_a_restart_of_the_department_is_waited_out(postgres: Postgres, log: Log) -> None:
    """Killed in the middle of reading: the source is unavailable, then goes on where it was."""
    execute(log.dsn, "INSERT INTO thing SELECT n, 'a' FROM generate_series(1, 500) n")
    reader = Reader(log)
    reader.read()
    execute(log.dsn, "UPDATE thing SET note = 'b'")
    reader.read(200)
    reader.acknowledge()
    postgres.kill()
    with pytest.raises(SourceUnavailable):
        reader.read()
    reader.acknowledge()
    start_again(postgres)
    reader.read()
    assert reader.rebuilt() == table(log)
    assert len(reader.told) == 1_000


def start_again(postgres: Postgres) -> None:
    """Start after a kill, once the processes of the dead server have noticed its end."""
    for _ in range(20):
        try:
            postgres.start()
        except LocalStackError:
            time.sleep(0.2)
        else:
            return
    pytest.fail("PostgreSQL does not start again")


def test_a_quiet_table_does_not_hold_the_log(log: Log) -> None:
    """While others write, the slot moves on although nothing of ours happens."""
    Reader(log).read()
    reader = Reader(log)
    reader.read()
    execute(log.dsn, "INSERT INTO other SELECT generate_series(1, 50000)")
    start = confirmed(log)
    reader.read()
    assert confirmed(log) - start > 1_000_000
    execute(log.dsn, "INSERT INTO thing VALUES (1, 'a')")
    reader.read()
    assert [change.record["note"] for change in reader.told] == ["a"]


def confirmed(log: Log) -> int:
    """How far the slot is."""
    with psycopg.connect(log.dsn) as connection:
        query = "SELECT confirmed_flush_lsn - '0/0' FROM pg_replication_slots WHERE slot_name = %s"
        found = connection.execute(query, [log.slot]).fetchone()
    assert found is not None
    return int(found[0])


def test_nothing_is_forgotten_before_it_was_acknowledged(log: Log) -> None:
    """Reading again and again does not move the slot; acknowledging does."""
    reader = Reader(log)
    reader.read()
    execute(log.dsn, "INSERT INTO thing VALUES (1, 'a')", "INSERT INTO thing VALUES (2, 'b')")
    start, position = confirmed(log), reader.position
    assert len(list(postgres_log.changes(log, position))) == 2
    assert len(list(postgres_log.changes(log, position))) == 2
    assert confirmed(log) == start
    reader.read()
    reader.acknowledge()
    assert confirmed(log) > start


def test_a_position_that_was_reset_reads_everything_as_later(log: Log) -> None:
    """What is read anew has higher versions than all that was told before."""
    reader = Reader(log)
    reader.read()
    execute(log.dsn, "INSERT INTO thing VALUES (1, 'a')", "UPDATE thing SET note = 'b'")
    reader.read()
    told = max(change.version for change in reader.told)
    execute(log.dsn, "UPDATE thing SET note = 'c'")
    again = Reader(log)
    again.read()
    assert again.rebuilt() == table(log)
    assert min(change.version for change in again.told) > told


def test_a_lost_slot_is_a_gap(log: Log) -> None:
    """Dropped by somebody: the connector stops and says what to do, and loses nothing silently."""
    reader = Reader(log)
    reader.read()
    execute(log.dsn, f"SELECT pg_drop_replication_slot('{log.slot}')")
    with pytest.raises(ContractBreach) as caught:
        reader.read()
    assert caught.value.code == "E-GAP"
    assert "reset" in caught.value.remedy


def test_an_invalidated_slot_is_a_gap(log: Log) -> None:
    """The database threw its log away: a gap, not an outage to wait out for ever."""
    reader = Reader(log)
    reader.read()
    execute(log.dsn, "ALTER SYSTEM SET max_slot_wal_keep_size = '1MB'", "SELECT pg_reload_conf()")
    try:
        for _ in range(4):
            execute(
                log.dsn,
                "INSERT INTO other SELECT generate_series(1, 100000)",
                "TRUNCATE other",
                "SELECT pg_switch_wal()",
                "CHECKPOINT",
            )
        with pytest.raises(ContractBreach) as caught:
            reader.read()
        assert caught.value.code == "E-GAP"
    finally:
        execute(log.dsn, "ALTER SYSTEM RESET max_slot_wal_keep_size", "SELECT pg_reload_conf()")


def test_truncation_is_a_gap(log: Log) -> None:
    """A table emptied at once tells no rows, so it is read anew after a reset."""
    reader = Reader(log)
    reader.read()
    execute(log.dsn, "INSERT INTO thing VALUES (1, 'a')", "TRUNCATE thing")
    with pytest.raises(ContractBreach) as caught:
        reader.read()
    assert caught.value.code == "E-GAP"


def test_the_stand_in_can_be_run_again(postgres: Postgres) -> None:
    """The grants department stopped anywhere goes on there, and done again it does nothing."""
    people = population.make(people=60, businesses=30)
    dsn = postgres.create_database("grants_again")
    department = GrantsDepartment(dsn, people)
    department.create()
    left = iter([False, False, True])
    part = department.work(stop=lambda: next(left))
    department.create()
    rest = GrantsDepartment(dsn, people).work()
    whole = GrantsDepartment(postgres.create_database("grants_whole"), people)
    whole.create()
    assert part + rest == whole.work()
    assert department.work() == 0
    assert rows(dsn) == rows(postgres.dsn("grants_whole"))
    assert len(rows(dsn)) > 20


def rows(dsn: str) -> list[Any]:
    """All applications and contacts."""
    with psycopg.connect(dsn) as connection:
        found: list[Any] = []
        for name, key in (("tapplication", "application_id"), ("tcontact", "contact_id")):
            query = sql.SQL("SELECT * FROM {} ORDER BY {}")
            query = query.format(sql.Identifier(name), sql.Identifier(key))
            found += connection.execute(query).fetchall()
    return found
