"""The batch runner: a plain consumer loop around the worker, for backfill, rebuild and speed."""

import threading

from hub import clock
from hub.bus.consumer import Consumer, Start
from hub.bus.topics import processor_topics
from hub.errors import Fenced, Unavailable
from hub.identity.weigh import MILLI
from hub.processor.desk import desk
from hub.processor.work import Stopped, Worker
from hub.settings import HubSettings
from hub.telemetry.metrics import Health
from hub.telemetry.signals_processor import (
    ComparisonsLeftOut,
    EntitiesKnown,
    IdentityAssumes,
    IdentityThreshold,
    KeysCut,
    Lag,
    OffsetJump,
    PartitionAssigned,
    ReviewAges,
    ReviewPairs,
    ReviewWaiting,
    WorkerFenced,
)

GROUP = "civic-processor"
AWAY_WAIT_S = 1.0
TELL_EVERY_S = 5.0


def run(settings: HubSettings, worker: Worker, stop: threading.Event, health: Health) -> None:
    """Apply events until asked to stop. Raises Fenced or ContractBreach where going on is wrong."""
    consumer = Consumer(
        settings.bootstrap_servers,
        settings.kafka,
        GROUP,
        [topic.name for topic in processor_topics()],
        starter(worker),
        session_timeout_s=settings.session_timeout_s,
        on_jump=lambda *found: OffsetJump(*found).emit(),
        on_revoked=worker.release,
    )
    try:
        _loop(settings, consumer, worker, stop, health)
    except Fenced as error:
        WorkerFenced(error.message).emit()
        raise
    except Stopped:
        return
    finally:
        consumer.close()


def starter(worker: Worker) -> Start:
    """Where the worker begins a partition: it is taken, and PostgreSQL's offset told."""

    def start(topic: str, partition: int) -> int | None:
        offset = worker.assign(topic, partition)
        epoch = worker.epochs[topic, partition]
        PartitionAssigned(topic, partition, -1 if offset is None else offset, epoch).emit()
        return offset

    return start


def _loop(
    settings: HubSettings,
    consumer: Consumer,
    worker: Worker,
    stop: threading.Event,
    health: Health,
) -> None:
    applied: dict[tuple[str, int], int] = {}
    told_s = 0.0
    while not stop.is_set():
        try:
            messages = consumer.take(settings.batch_events_max, settings.batch_wait_s)
        except Unavailable as error:
            health.turn(error.message)
            stop.wait(AWAY_WAIT_S)
            continue
        health.turn()
        if messages:
            worker.process(messages)
            ends = {(one.topic, one.partition): one.offset + 1 for one in messages}
            applied.update(ends)
            consumer.hint(ends)
        else:
            worker.settle()
        if clock.monotonic_s() - told_s > TELL_EVERY_S:
            told_s = clock.monotonic_s()
            tell_state(worker, consumer.lags(applied))


def tell_state(worker: Worker, lags: dict[tuple[str, int], int]) -> None:
    """Say how far behind each partition is, and how many entities there are."""
    for (topic, partition), events in lags.items():
        Lag(GROUP, topic, partition, events).emit()
    try:
        counts = worker.store.counts()
        with desk(worker.store) as seen:
            ages = seen.ages(clock.now_us())
    except Unavailable:
        return
    for kind, keys in worker.memory.keys_cut.items():
        KeysCut(kind, keys).emit()
    for (kind, assumption), holds in worker.memory.assumptions.items():
        IdentityAssumes(kind, assumption, holds).emit()
    for kind, threshold in worker.memory.thresholds.items():
        IdentityThreshold(kind, threshold / MILLI).emit()
    ReviewPairs(counts["possible"]).emit()
    ReviewWaiting(counts["possible_oldest_s"]).emit()
    for age, pairs in ages.items():
        ReviewAges(age, pairs).emit()
    for agencies, pairs in worker.memory.left_out.items():
        ComparisonsLeftOut(*agencies, pairs).emit()
    EntitiesKnown("citizen", counts["citizens"]).emit()
    EntitiesKnown("business", counts["businesses"]).emit()
