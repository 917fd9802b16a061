"""The processor on real Kafka and PostgreSQL: faults change nothing, nothing is lost or doubled.

Each fault test ends in the same checks: the same event ids, the same digest of the views as an
undisturbed run, and books that balance. KILLS sets how many kills a test
makes (2 by default), EVENTS how many events there are, AWAY_S how long PostgreSQL is away.
"""

import os
import random
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Self

import pytest
from confluent_kafka import Consumer, TopicPartition
from hub_under_test import Hub
from made_events import called, event, many, message
from made_people import crowd, subject

from hub.bus.producer import Producer
from hub.bus.reader import Message, read_topic
from hub.bus.topics import (
    BUSINESSES,
    CITIZENS,
    DECISIONS,
    IDENTITY,
    PROCESSOR,
    events_topic,
    quarantine_topic,
)
from hub.canon.model import (
    Business,
    Citizen,
    DecisionKind,
    EventKind,
    LicenceApplied,
    Subject,
)
from hub.connect.quarantine import entries
from hub.errors import Fenced
from hub.identity.decisions import propose
from hub.processor import outbox, step
from hub.processor.digest import state_digest
from hub.processor.lease_row import lease_holder
from hub.processor.rebuild import rebuild, replace
from hub.processor.run import run_processor
from hub.processor.store import Store
from hub.processor.work import Worker
from hub.telemetry.metrics import Health

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(int(os.environ.get("LIMIT_S", "300")))]
KILLS = int(os.environ.get("KILLS", "2"))
TWENTY = 20
EVENTS = int(os.environ.get("EVENTS", "3000"))
TOPIC = events_topic("licensing")
RUNNERS = ("batch", "faust")
LOOKS_AT_REST = 10
WORKER = Path(__file__).with_name("processor_worker.py")
Wait = Callable[..., None]


def publish(hub: Hub, made: list, topic: str = TOPIC) -> None:
    """Put events on Kafka."""
    producer = Producer(hub.settings.bootstrap_servers, {}, "test")
    for one in made:
        producer.send(topic, *message(hub.codec, one))
    producer.flush()


def handled(store: Store) -> int:
    """Events that were applied, absorbed or quarantined."""
    return sum(
        sum(count for entry, count in one.items() if entry != "older")
        for one in store.books().values()
    )


def at_rest(store: Store) -> Callable[[], bool]:
    """Whether all is settled, and was at the looks before: weights are renewed when idle."""
    looks = 0

    def at_rest_now() -> bool:
        nonlocal looks
        looks = looks + 1 if store.is_settled() else 0
        return looks >= LOOKS_AT_REST

    return at_rest_now


def undisturbed(hub: Hub, made: list) -> tuple[set[str], str]:
    """Event ids and digest of a run without faults or Kafka, into a store of its own."""
    store = hub.store("undisturbed")
    worker = Worker(store, hub.codec, hub.settings.identity_key(), threading.Event(), Health())
    worker.assign("calm", 0)
    messages = []
    for number, one in enumerate(made):
        key, value, headers = message(hub.codec, one)
        messages.append(Message("calm", 0, number, key, value, tuple(headers), 0))
    for first in range(0, len(messages), 1_000):
        worker.process(messages[first : first + 1_000])
    return store.event_ids(), settled_digest(hub, store)


def settled_digest(hub: Hub, store: Store) -> str:
    """The digest once everything is weighed by what is known now, whatever was frozen when."""
    worker = Worker(store, hub.codec, hub.settings.identity_key(), threading.Event(), Health())
    worker.renew_weights()
    return state_digest(store, hub.codec)


def settings_file(hub: Hub) -> Path:
    """The test's settings as a file for processes."""
    path = hub.folder / "hub.toml"
    path.write_text(
        f'bootstrap_servers = "{hub.settings.bootstrap_servers}"\n'
        f'registry_url = "{hub.settings.registry_url}"\n'
        'postgres_dsn_file = "dsn"\nidentity_key_file = "key"\n'
        'state_dir = "state"\nsession_timeout_s = 6.0\nbatch_events_max = 200\n'
    )
    return path


def start(hub: Hub, runner: str, *more: str) -> "subprocess.Popen[bytes]":
    """A processor as a process."""
    return subprocess.Popen([sys.executable, WORKER, settings_file(hub), runner, *more])


class Running:
    """A processor in a thread of the test."""

    def __init__(self, hub: Hub) -> None:
        self.stop = threading.Event()
        self.failure: BaseException | None = None
        self.health = Health()
        self._arguments = (hub.settings, hub.codec, self.stop, self.health)
        self._thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        try:
            run_processor(*self._arguments)
        except BaseException as error:  # noqa: BLE001 - shown by the test
            self.failure = error

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop.set()
        self._thread.join(20)
        assert not self._thread.is_alive()


@pytest.mark.parametrize("runner", RUNNERS)
def test_kill_9_of_the_processor_changes_nothing(hub: Hub, runner: str, eventually: Wait) -> None:
    """Killed at random points, a processor ends with the ids and views of an undisturbed run."""
    seed = int(os.environ.get("SEED", random.randrange(10**6)))
    print("SEED =", seed)  # noqa: T201 - to repeat a failure
    chance = random.Random(seed)
    made = list(many(EVENTS, seed))
    publish(hub, made)
    ids, digest = undisturbed(hub, made)
    store = hub.store()
    process = start(hub, runner)
    try:
        for kill in range(KILLS):
            before, target = handled(store), (kill + 1) * EVENTS // (KILLS + 2)
            limit = time.monotonic() + 60
            while handled(store) < max(before, target) and time.monotonic() < limit:
                time.sleep(0.01)
            time.sleep(chance.random() * 0.1)
            process.kill()
            process.wait(10)
            process = start(hub, runner)
        eventually(lambda: len(store.event_ids()) == len(ids), 90)
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
    assert store.event_ids() == ids
    assert settled_digest(hub, store) == digest
    books = store.books()["licensing"]
    assert books["applied"] == len(ids)
    assert books.get("quarantined", 0) == 0


@pytest.mark.parametrize("runner", RUNNERS)
def test_postgres_away_makes_the_partition_wait(hub: Hub, runner: str, eventually: Wait) -> None:
    """While PostgreSQL is killed and away nothing is lost; then everything is applied once."""
    made = list(many(EVENTS, 7))
    ids, digest = undisturbed(hub, made)
    publish(hub, made[: EVENTS // 2])
    store = hub.store()
    process = start(hub, runner)
    try:
        eventually(lambda: handled(store) > 0)
        hub.stack.postgres.kill()
        publish(hub, made[EVENTS // 2 :])
        time.sleep(float(os.environ.get("AWAY_S", "3")))
        hub.stack.postgres.start()
        store = hub.store()
        eventually(lambda: len(store.event_ids()) == len(ids), 90)
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
    assert store.event_ids() == ids
    assert settled_digest(hub, store) == digest


@pytest.mark.parametrize("runner", RUNNERS)
def test_kill_9_of_the_broker_changes_nothing(hub: Hub, runner: str, eventually: Wait) -> None:
    """A broker that is killed at random points and comes back costs nothing."""
    chance = random.Random(8)
    made = list(many(EVENTS, 8))
    ids, digest = undisturbed(hub, made)
    publish(hub, made)
    store = hub.store()
    process = start(hub, runner)
    try:
        for kill in range(max(1, KILLS // 2) if KILLS < TWENTY else KILLS):
            target = min(handled(store) + 1, len(ids)) if kill else 1
            eventually(lambda target=target: handled(store) >= target, 90)
            time.sleep(chance.random() * 0.2)
            hub.stack.kafka.kill()
            time.sleep(chance.random())
            hub.stack.kafka.start()
        eventually(lambda: len(store.event_ids()) == len(ids), 120)
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
    assert store.event_ids() == ids
    assert settled_digest(hub, store) == digest


def test_what_cannot_be_used_is_quarantined_byte_for_byte(hub: Hub, eventually: Wait) -> None:
    """Undecodable bytes, an unknown id and a conflict end in quarantine; the rest is applied.

    Guards faults M3 and M4 (a failing event was lost) and F1, F6, F10, F11.
    """
    producer = Producer(hub.settings.bootstrap_servers, {}, "test")
    good, other = event(1, account=1), event(1, account=2)
    key, value, headers = message(hub.codec, good)
    bad = [b"", b"\x00\x00", b"garbage", b"\x00\x00\x00\x00\x63abc", value[:-3], value + b"\x00"]
    for one in bad:
        producer.send(TOPIC, key, one, headers)
    producer.send(TOPIC, key, value, headers)
    producer.send(TOPIC, key, value, headers)
    producer.send(TOPIC, *message(hub.codec, other))
    producer.send(TOPIC, *message(hub.codec, event(2, account=1)))
    producer.flush()
    store = hub.store()
    with Running(hub):
        eventually(lambda: handled(store) == len(bad) + 4)
    assert store.books()["licensing"] == {"applied": 2, "duplicate": 1, "quarantined": len(bad) + 1}
    outbox.publish_some(store, producer)
    kept = entries(read_topic(hub.settings.bootstrap_servers, quarantine_topic(PROCESSOR)))
    assert [one.raw for one in kept] == [*bad, message(hub.codec, other)[1]]
    assert {one.code for one in kept} == {"E-DECODE", "E-SCHEMA-ID", "E-ID-CONFLICT"}
    (view,) = store.views("organisation")
    found = hub.codec.decode(bytes(view.body))
    assert isinstance(found, Business)
    assert [one.value for one in found.legal_names] == [called(2), called(1)]


def test_a_fault_in_our_own_code_costs_one_event(
    hub: Hub, eventually: Wait, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An event on which the fold fails is quarantined, its neighbours are applied (F15).

    What it says is where in the code that was, and not the error's text, which may be a value.
    """
    fold = step.fold

    def failing(entity_id: str, kind: str, states: list, *more: object) -> object:
        for state in states:
            if any(one.legal_name == "poison" for one in state.organisations):
                raise ZeroDivisionError("poison")
        return fold(entity_id, kind, states, *more)

    monkeypatch.setattr(step, "fold", failing)
    made = [event(number, account=number) for number in range(40)]
    made.insert(17, event(99, account=99, name="poison"))
    publish(hub, made)
    store = hub.store()
    with Running(hub):
        eventually(lambda: handled(store) == 41)
    assert store.books()["licensing"] == {"applied": 40, "quarantined": 1}
    assert store.counts()["businesses"] == 40
    (said,) = [
        dict(one.headers)["__connect.errors.exception.message"].decode()
        for _, one in store.outgoing(1_000)
        if one.topic == quarantine_topic(PROCESSOR)
    ]
    place = r"ZeroDivisionError at kafka/test_processor\.py:\d+"
    assert re.fullmatch(f"the processor failed with {place}", said)


@pytest.mark.parametrize("runner", RUNNERS)
def test_a_message_that_kills_the_process_is_found_and_put_aside(
    hub: Hub, runner: str, eventually: Wait
) -> None:
    """Two deaths with it alone in hand, then quarantine unparsed, also for a rebuild (F2)."""
    made = [event(number, account=number) for number in range(60)]
    made.insert(23, event(99, account=99, name="deadly name"))
    publish(hub, made)
    store = hub.store()
    deaths = 0
    process = start(hub, runner, "deadly name")
    try:
        limit = time.monotonic() + 120
        while handled(store) < len(made) and time.monotonic() < limit:
            if process.poll() is not None:
                assert process.returncode == -signal.SIGKILL
                deaths += 1
                process = start(hub, runner, "deadly name")
            time.sleep(0.05)
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
    assert deaths in (2, 3)  # once among others, unless it came alone
    assert store.books()["licensing"] == {"applied": 60, "quarantined": 1}
    producer = Producer(hub.settings.bootstrap_servers, {}, "test")
    outbox.publish_some(store, producer)
    (kept,) = entries(read_topic(hub.settings.bootstrap_servers, quarantine_topic(PROCESSOR)))
    assert kept.code == "E-DEADLY"
    assert b"deadly name" in kept.raw
    assert rebuild(hub.settings, hub.codec, print).same
    scratch = hub.store("hub_rebuild")
    assert scratch.books() == store.books()


def test_postgres_wins_over_kafkas_committed_offset(hub: Hub, eventually: Wait) -> None:
    """Where the group's offset was moved ahead, events are applied all the same (M1)."""
    publish(hub, [event(number, account=number) for number in range(50)])
    group = Consumer(
        {"bootstrap.servers": hub.settings.bootstrap_servers, "group.id": "civic-processor"}
    )
    ahead = [TopicPartition(TOPIC, partition, 10) for partition in range(4)]
    group.commit(offsets=ahead, asynchronous=False)
    group.close()
    store = hub.store()
    with Running(hub):
        eventually(lambda: handled(store) == 50)
    assert len(store.event_ids()) == 50


def test_a_zombie_is_fenced(hub: Hub) -> None:
    """A worker whose partition was taken by another cannot write any more (F26)."""
    store = hub.store()
    zombie = Worker(store, hub.codec, hub.settings.identity_key(), threading.Event(), Health())
    zombie.assign(TOPIC, 0)
    heir = Worker(hub.store(), hub.codec, hub.settings.identity_key(), threading.Event(), Health())
    heir.assign(TOPIC, 0)
    key, value, headers = message(hub.codec, event(1, account=1))
    late = Message(TOPIC, 0, 0, key, value, tuple(headers), 0)
    with pytest.raises(Fenced):
        zombie.process([late])
    assert store.event_ids() == set()
    heir.process([late])
    assert len(store.event_ids()) == 1


@pytest.mark.parametrize("runner", RUNNERS)
def test_a_standby_takes_over_within_ten_seconds_of_a_kill(
    hub: Hub, runner: str, eventually: Wait
) -> None:
    """The active of two processors is killed; the other goes on, nothing lost or decided twice."""
    made = [*many(EVENTS // 2, 21), *crowd(600, 21)]
    ids, digest = undisturbed(hub, made)
    store = hub.store()
    processes: dict[str, subprocess.Popen[bytes]] = {}
    first = start(hub, runner)
    try:
        eventually(lambda: lease_holder(store) != "nobody")
        processes[lease_holder(store)] = first
        second = start(hub, runner)
        publish(hub, made[: len(made) // 2])
        eventually(lambda: handled(store) > len(made) // 4, 90)
        assert lease_holder(store) in processes
        first.kill()
        killed_s, before = time.monotonic(), handled(store)
        publish(hub, made[len(made) // 2 :])
        eventually(lambda: handled(store) > before, 20)
        taken_s = time.monotonic() - killed_s
        eventually(lambda: len(store.event_ids()) == len(ids), 90)
    finally:
        second.send_signal(signal.SIGTERM)
        assert second.wait(30) == 0
        first.wait(10)
    assert taken_s < 10
    assert store.event_ids() == ids
    assert settled_digest(hub, store) == digest
    entities = store.all_entities()
    assert sorted(one.order for one in entities.values()) == list(range(len(entities)))


def test_a_hung_processor_is_fenced_and_the_next_one_goes_on(hub: Hub, eventually: Wait) -> None:
    """Stopped in its tracks it loses the lease; woken, what it tries to commit is refused.

    Who stands by meanwhile is ready, and says for whom.
    """
    store = hub.store()
    first = start(hub, "batch")
    try:
        eventually(lambda: lease_holder(store) != "nobody")
        publish(hub, [event(1, account=1)])
        eventually(lambda: handled(store) == 1)
        told = f"standing by: {lease_holder(store)} is active"
        with Running(hub) as second:
            eventually(lambda: second.health.ready() == (True, told))
            first.send_signal(signal.SIGSTOP)
            publish(hub, [event(2, account=2)])
            eventually(lambda: handled(store) == 2, 30)
            assert second.health.ready() == (True, "ready")
            first.send_signal(signal.SIGCONT)
            publish(hub, [event(3, account=3)])
            eventually(lambda: handled(store) == 3, 30)
    finally:
        first.send_signal(signal.SIGCONT)
        first.send_signal(signal.SIGTERM)
        first.wait(30)
    assert store.books()["licensing"] == {"applied": 3}


def test_decisions_survive_a_rebuild(hub: Hub, eventually: Wait) -> None:
    """What stewards decided comes by its topic, and views built anew say the same."""
    publish(hub, crowd(200, 9))
    decisions = [
        propose(
            DecisionKind.SAME,
            Subject.PERSON,
            ([subject(number)], [subject(number + 20)]),
            "anna",
            "known to the desk",
            number,
        )
        for number in range(1, 10)
    ]
    producer = Producer(hub.settings.bootstrap_servers, {}, "test")
    for one in decisions:
        producer.send(DECISIONS.name, one.decision_id.encode(), hub.codec.encode(one))
    producer.flush()
    store = hub.store()
    count = "SELECT count(*) FROM decision"
    with Running(hub):
        eventually(lambda: handled(store) == 200)
        eventually(lambda: store.connection().execute(count).fetchone() == (len(decisions),))
        eventually(at_rest(store))
    before = state_digest(store, hub.codec)
    assert rebuild(hub.settings, hub.codec, print).same
    replace(hub.settings, hub.codec)
    store = hub.store()
    assert state_digest(store, hub.codec) == before
    publish(hub, [event(3, account=3)])
    with Running(hub):
        eventually(lambda: handled(store) == 201)


def test_rebuild_gives_the_same_digest_and_replace_the_same_views(
    hub: Hub, eventually: Wait
) -> None:
    """Views built anew from the topics say what the live ones do, also in their place."""
    made = list(many(3_000, 5))
    publish(hub, made)
    publish(hub, made[:500])
    store = hub.store()
    with Running(hub):
        eventually(lambda: handled(store) == 3_500)
        eventually(at_rest(store))
    before = state_digest(store, hub.codec)
    entities = {row.entity_id for row in store.views()}
    found = rebuild(hub.settings, hub.codec, print)
    assert found.messages == 3_500
    assert found.same
    replace(hub.settings, hub.codec)
    assert state_digest(hub.store(), hub.codec) == before
    assert {row.entity_id for row in hub.store().views()} == entities


def test_the_outbox_is_published_in_order_and_cleared(hub: Hub, eventually: Wait) -> None:
    """Every view arrives with growing versions, identity without a gap; rows are gone.

    A version that held a record which has left the entity since is never published.
    """
    made = list(many(1_500, 3))
    publish(hub, made)
    store = hub.store()
    with Running(hub):
        eventually(lambda: handled(store) == len(made))
    producer = Producer(hub.settings.bootstrap_servers, {}, "test")
    while outbox.publish_some(store, producer):
        continue
    assert store.counts()["outbox"] == 0
    latest: dict[str, int] = {}
    for topic in (CITIZENS.name, BUSINESSES.name):
        for one in read_topic(hub.settings.bootstrap_servers, topic):
            view = hub.codec.decode(one.value or b"")
            assert isinstance(view, Citizen | Business)
            assert view.version > latest.get(view.entity_id, 0)
            latest[view.entity_id] = view.version
    assert latest == {row.entity_id: row.version for row in store.all_views()}
    sequence = [
        hub.codec.decode(one.value or b"").sequence  # type: ignore[union-attr]
        for one in read_topic(hub.settings.bootstrap_servers, IDENTITY.name)
    ]
    assert sequence == list(range(len(sequence)))


def test_a_withdrawn_record_leaves_nothing_behind(hub: Hub, eventually: Wait) -> None:
    """After a withdrawal no value of the record stands in any stored view.

    The state keeps what reverting the withdrawal would bring back, as the log does.
    """
    marked = event(1, 1, LicenceApplied, account=5, ein=1234, name="Marker Name Ltd")
    gone = event(1, 2, LicenceApplied, EventKind.WITHDRAWN, account=5, ein=1234)
    publish(hub, [marked, event(2, account=5), gone])
    store = hub.store()
    with Running(hub):
        eventually(lambda: handled(store) == 3)
    assert all(b"Marker Name" not in bytes(row.body) for row in store.all_views())
