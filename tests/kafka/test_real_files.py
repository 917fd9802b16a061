"""The real sample files, each connector run twice through real Kafka into the views."""

import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from hub_under_test import Hub
from real_files import CASES, Case

from hub.bus.admin import apply_topics
from hub.bus.producer import Producer
from hub.bus.reader import read_topic
from hub.bus.topics import POSITIONS, all_topics, event_topics
from hub.canon.model import Event
from hub.connect import positions
from hub.connect.books import Books
from hub.connect.runtime import Links, run
from hub.processor.run import run_processor
from hub.telemetry.metrics import Health

pytestmark = pytest.mark.kafka
REAL = Path(__file__).parents[3] / "shared" / "data"
Wait = Callable[..., None]


def run_once(hub: Hub, case: Case) -> Books:
    """`hub connector run --once` with the real producer and remembered positions."""
    bootstrap = hub.settings.bootstrap_servers

    def load() -> positions.Position:
        found = positions.latest(read_topic(bootstrap, POSITIONS.name))
        return found.get(case.connector.name, positions.Position())

    producer = Producer(bootstrap, {}, case.connector.name)
    links = Links(producer, hub.codec, hub.settings.identity_key(), load)
    settings = case.settings(REAL)
    return run(case.connector, settings, links, stop=threading.Event(), once=True)


def told(hub: Hub) -> Counter[str]:
    """The events on Kafka by type."""
    found: Counter[str] = Counter()
    for topic in event_topics():
        for message in read_topic(hub.settings.bootstrap_servers, topic.name):
            event = hub.codec.decode(message.value or b"")
            assert isinstance(event, Event)
            found[type(event.body).__name__] += 1
    return found


@pytest.mark.skipif(not REAL.is_dir(), reason="no real sample files beside the checkout")
def test_the_second_run_of_each_connector_tells_nothing(hub: Hub, eventually: Wait) -> None:
    """Every row is accounted for in the books, every event is applied once, and that is all."""
    names = tuple(case.connector.name for case in CASES)
    apply_topics(hub.settings.bootstrap_servers, all_topics(names), {})
    expected: Counter[str] = Counter()
    for case in CASES:
        books = run_once(hub, case)
        assert books.balanced
        assert books.read == case.rows(REAL)
        assert books.events == sum(case.events.values())
        expected.update(case.events)
    assert told(hub) == expected
    for case in CASES:
        again = run_once(hub, case)
        assert again.balanced
        assert again.events == sum(case.events.values())
    assert told(hub) == expected
    store, stop = hub.store(), threading.Event()
    worker = threading.Thread(
        target=run_processor, args=(hub.settings, hub.codec, stop, Health()), daemon=True
    )
    worker.start()
    try:
        eventually(lambda: len(store.event_ids()) == expected.total())
    finally:
        stop.set()
        worker.join(20)
    assert store.books() == {
        case.connector.name: {"applied": sum(case.events.values())} for case in CASES
    }
