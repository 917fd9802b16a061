"""The views do not depend on the order of arrival or the size of batches, on a real PostgreSQL."""

import random
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from made_events import KEY, event, many, message

from hub.bus.reader import Message
from hub.canon.codec import Codec, wire_names
from hub.canon.model import Capture, Event
from hub.connect.revert import Reverts, compensations
from hub.local.postgres import Postgres
from hub.local.process import free_port
from hub.processor.digest import state_digest
from hub.processor.store import Store
from hub.processor.work import Worker
from hub.telemetry.metrics import Health

pytestmark = pytest.mark.kafka
CODEC = Codec({name: number for number, name in enumerate(wire_names(), 1)})
BATCHES = (1_000, 100, 333, 7)


@pytest.fixture
def postgres(tmp_path: Path) -> Iterator[Postgres]:
    """A PostgreSQL of this test's own."""
    server = Postgres(tmp_path / "postgres", free_port(None))
    server.start()
    yield server
    server.stop()


def applied(postgres: Postgres, schema: str, made: list[Event], size: int) -> tuple[str, Store]:
    """The digest after these events in this order, in batches of this size."""
    store = Store(postgres.dsn("postgres"), schema)
    store.migrate()
    worker = Worker(store, CODEC, KEY, threading.Event(), Health())
    worker.assign("order", 0)
    messages = [
        Message("order", 0, number, *message(CODEC, one)[:2], (), 0)
        for number, one in enumerate(made)
    ]
    for first in range(0, len(messages), size):
        worker.process(messages[first : first + size])
    worker.renew_weights()
    return state_digest(store, CODEC), store


def test_any_order_and_batch_size_gives_the_same_views(postgres: Postgres) -> None:
    """Corrections, withdrawals, shared identifiers and roles: four random orders, one digest."""
    made = list(many(800, seed=11))
    first, store = applied(postgres, "first", made, 500)
    assert store.counts()["businesses"] > 60
    store.close()
    for number, size in enumerate(BATCHES):
        order = list(made)
        random.Random(number).shuffle(order)
        digest, store = applied(postgres, f"order{number}", order, size)
        store.close()
        assert digest == first, f"order {number}"


def test_the_whole_topic_twice_changes_nothing(postgres: Postgres) -> None:
    """Replaying everything leaves views, versions and outbox as they were (F34)."""
    made = list(many(600, seed=12))
    _, store = applied(postgres, "twice", made, 200)
    before = (sorted(store.all_views()), counts(store), state_digest(store, CODEC))
    store.close()
    digest, store = applied(postgres, "twice", made, 150)
    assert (sorted(store.all_views()), counts(store), digest) == before
    assert store.books()["licensing"]["duplicate"] == 600
    store.close()


def counts(store: Store) -> dict[str, int]:
    """How many there are of everything, whenever it is asked."""
    return {name: count for name, count in store.counts().items() if not name.endswith("_s")}


def test_merge_then_correction_gives_back_the_start(postgres: Postgres) -> None:
    """A shared number merges two businesses, its correction splits them; old ids still resolve."""
    apart = [event(1, account=1), event(2, account=2)]
    start, store = applied(postgres, "apart", apart, 10)
    ids = sorted(row.entity_id for row in store.views())
    store.close()
    merged = [*apart, event(1, 2, account=2)]
    _, store = applied(postgres, "apart", merged[2:], 10)
    (only,) = store.views()
    assert all(store.view(name).entity_id == only.entity_id for name in ids)  # type: ignore[union-attr]
    store.close()
    digest, store = applied(postgres, "apart", [event(1, 3, account=1)], 10)
    assert sorted(row.entity_id for row in store.views()) == ids
    assert digest != start  # the record says the same, by a later event
    store.close()


def test_an_exclusive_number_keeps_two_businesses_apart(postgres: Postgres) -> None:
    """One account under two tax numbers: the tax numbers win, in whatever order they come."""
    made = [event(1, account=9, ein=10), event(2, account=9, ein=25), event(3, account=9)]
    for number, order in enumerate((made, made[::-1], [made[2], made[0], made[1]])):
        _, store = applied(postgres, f"veto{number}", order, 1)
        assert store.counts()["businesses"] == 2
        store.close()


def test_reverts_in_any_order_give_the_views_without_the_batches(postgres: Postgres) -> None:
    """Three batches, one reverted, one reverted and brought back: as if the first never was."""
    made = [
        one._replace(capture=one.capture._replace(batch_id="abc"[number % 3]))
        for number, one in enumerate(many(600, seed=13))
    ]
    without = [one for one in made if one.capture.batch_id != "a"]
    wanted, store = applied(postgres, "without", without, 500)
    store.close()
    log = list(made)
    for number, reverted in enumerate(("b", "ab", "a")):
        log += compensated(log, reverted, f"revert {number}")
    assert len(log) > 1_000
    for number, size in enumerate((500, 100, 33)):
        order = list(log)
        if number:
            random.Random(number).shuffle(order)
        digest, store = applied(postgres, f"reverts{number}", order, size)
        store.close()
        assert digest == wanted, f"order {number}"


def compensated(log: list[Event], reverted: str, batch: str) -> list[Event]:
    """What has to be said of every record when these batches are reverted."""
    records: dict[str, list[Event]] = {}
    for one in log:
        records.setdefault(one.envelope.origin.record_id, []).append(one)
    state, capture = Reverts(reverted, lambda _: True), Capture(1_700_000_000_000_000, batch)
    return [
        found.event
        for events in records.values()
        for found in compensations(KEY, events, state, capture)
    ]
