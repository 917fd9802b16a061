"""A department's table is read for the first time while its people go on working in it.

BACKFILL_ROWS sets the size of the table, LIMIT_S how long a test may take.
"""

import dataclasses
import os
import random
import threading
from collections.abc import Callable, Iterator
from decimal import Decimal

import psycopg
import pytest
from hub_under_test import Hub, Threads

from hub.bus.producer import Producer
from hub.bus.reader import read_topic
from hub.bus.topics import POSITIONS, events_topic
from hub.canon.model import (
    Assurance,
    AwardGranted,
    Citizen,
    Claims,
    Event,
    EventKind,
    Identifier,
    Moment,
    Money,
    Person,
    PersonName,
    Precision,
)
from hub.connect import positions
from hub.connect.contract import Change, Connector, Draft
from hub.connect.runtime import Links, run
from hub.connect.sources import postgres_log
from hub.connect.sources.postgres_log import Log
from hub.processor.run import run_processor
from hub.processor.store import Store
from hub.telemetry.metrics import Health

LIMIT_S = int(os.environ.get("LIMIT_S", "300"))
pytestmark = [pytest.mark.kafka, pytest.mark.timeout(LIMIT_S)]
ROWS = int(os.environ.get("BACKFILL_ROWS", "4000"))
SCHEME = "civic-login"
SOME_DAY = Moment("2024-01-02", Precision.DAY, 1_704_153_600_000_000)
Row = tuple[str, str, Decimal]


def letters(number: int) -> str:
    """A number as a word of its own."""
    word = ""
    while number or not word:
        number, digit = divmod(number, 26)
        word += chr(ord("a") + digit)
    return word


def translate(change: Change) -> Iterator[Draft]:
    """Each row is one award to one person."""
    row = change.record
    name = PersonName(given=row["given"], family=row["surname"])
    person = Person(
        "recipient",
        (name,),
        identifiers=(Identifier(SCHEME, row["id"], Assurance.VERIFIED),),
        emails=(row["email"],),
    )
    body = AwardGranted(row["id"], awarded=Money(Decimal(row["amount"]), "EUR"))
    yield Draft(body, f"award/{row['id']}", change.version, SOME_DAY, Claims((person,)))


CONNECTOR = Connector(
    name="backfill",
    owner="Grants Office",
    system="awards",
    purpose="grant-administration",
    domain="grants",
    settings=Log,
    translate=translate,
    emits=(AwardGranted,),
    changes=postgres_log.changes,
    acknowledge=postgres_log.acknowledge,
)


@pytest.fixture
def log(hub: Hub) -> Log:
    """A table full of awards, published."""
    dsn = hub.stack.postgres.create_database("awards")
    with psycopg.connect(dsn) as connection:
        connection.execute(
            "CREATE TABLE award (id int PRIMARY KEY, given text, surname text, email text,"
            " amount numeric(12, 2))"
        )
        connection.execute("ALTER TABLE award REPLICA IDENTITY FULL")
        connection.execute("CREATE PUBLICATION hub FOR TABLE award")
        with connection.cursor() as cursor, cursor.copy("COPY award FROM STDIN") as copy:
            for number in range(ROWS):
                copy.write_row(row(number))
    return Log(dsn, "hub", "hub", (("award", "id"),))


def row(number: int) -> tuple[int, str, str, str, Decimal]:
    """A new award."""
    given, surname = letters(number * 7_919 + 11), letters(number * 104_729 + 13)
    amount = Decimal(number * 37 % 100_000) + Decimal("0.01") * (number % 100)
    return number, given, surname, f"{given}.{surname}@example.org", amount


def work(dsn: str, ended: threading.Event, seed: int) -> None:
    """Change, add and remove rows in small transactions until told to end."""
    chance = random.Random(seed)
    new = ROWS
    with psycopg.connect(dsn) as connection:
        while not ended.is_set():
            for _ in range(chance.randrange(1, 20)):
                number, drawn = chance.randrange(ROWS), chance.random()
                if drawn < 0.1:
                    connection.execute("DELETE FROM award WHERE id = %s", [number])
                elif drawn < 0.3:
                    connection.execute("INSERT INTO award VALUES (%s, %s, %s, %s, %s)", row(new))
                    new += 1
                else:
                    connection.execute(
                        "UPDATE award SET email = %s, amount = amount + 0.07 WHERE id = %s",
                        [f"changed{chance.randrange(10**6)}@example.org", number],
                    )
            (connection.rollback if chance.random() < 0.1 else connection.commit)()
            ended.wait(0.01)


def table(dsn: str) -> dict[str, Row]:
    """What the department holds: name, address and amount by number."""
    with psycopg.connect(dsn) as connection:
        rows = connection.execute(
            "SELECT id::text, given || ' ' || surname, email, amount FROM award"
        )
        return {number: (name, email, amount) for number, name, email, amount in rows}


def view(hub: Hub, store: Store) -> dict[str, tuple[str, str]]:
    """What the hub shows: the best name and address by number."""
    found: dict[str, tuple[str, str]] = {}
    for stored in store.views("person"):
        citizen = hub.codec.decode(bytes(stored.body))
        assert isinstance(citizen, Citizen)
        (number,) = [one.value.value for one in citizen.identifiers if one.value.scheme == SCHEME]
        name = citizen.names[0].value
        assert number not in found
        assert len(citizen.emails) == 1  # nothing of an earlier state is left
        found[number] = (f"{name.given} {name.family}", citizen.emails[0].value)
    return found


def awarded(hub: Hub) -> Decimal:
    """The sum of all awards that stand, by the events alone."""
    latest: dict[str, Event] = {}
    for message in read_topic(hub.settings.bootstrap_servers, events_topic("grants")):
        event = hub.codec.decode(message.value or b"")
        assert isinstance(event, Event)
        envelope = event.envelope
        last = latest.get(envelope.origin.record_key)
        if last is None or last.envelope.origin.record_version < envelope.origin.record_version:
            latest[envelope.origin.record_key] = event
    return sum(
        (one.body.awarded.amount for one in latest.values() if is_standing(one)), start=Decimal(0)
    )


def is_standing(event: Event) -> bool:
    """Whether the event's award was not withdrawn."""
    return event.envelope.kind is not EventKind.WITHDRAWN


def test_the_view_equals_the_table_that_was_written_while_it_was_read(
    hub: Hub, log: Log, eventually: Callable[..., None]
) -> None:
    """Every row and no other, each as it is now; the money adds up to the cent."""
    store, writing, running = hub.store(), Threads(), Threads()
    settings = dataclasses.replace(hub.settings, runner="batch")
    bootstrap = hub.settings.bootstrap_servers
    producer = Producer(bootstrap, {}, CONNECTOR.name)

    def position() -> positions.Position:
        found = positions.latest(read_topic(bootstrap, POSITIONS.name))
        return found.get(CONNECTOR.name, positions.Position())

    links = Links(producer, hub.codec, hub.settings.identity_key(), position)
    writing.start(lambda: work(log.dsn, writing.ended, seed=5))
    running.start(lambda: run_processor(settings, hub.codec, running.ended, Health()))
    running.start(lambda: run(CONNECTOR, log, links, stop=running.ended))
    try:
        eventually(lambda: (position().text or "").startswith("log"), LIMIT_S)
        writing.join()  # the first reading is done, and people worked all the time
        held = table(log.dsn)
        expected = {number: (name, email) for number, (name, email, _) in held.items()}
        eventually(lambda: store.counts()["citizens"] == len(held), LIMIT_S)
        eventually(lambda: view(hub, store) == expected, 60)
    finally:
        writing.ended.set()
        running.join()
    assert position().books.balanced
    assert awarded(hub) == sum(amount for _, _, amount in held.values())
