"""The relay: publishes what was committed, in the order of the commits, once Kafka is there.

Rows are numbered under the lock that lets batches commit one at a time, so their order is that of
the commits: no later number can become visible before an earlier one. A row is removed when Kafka
has confirmed it; a crash in between publishes it again, with the same version.
"""

import threading

from hub import clock
from hub.bus.producer import Producer
from hub.errors import Unavailable
from hub.processor.store import Store
from hub.telemetry.metrics import Health
from hub.telemetry.signals_processor import OutboxPublished

BATCH_MESSAGES_MAX = 2_000
IDLE_S = 0.05
STANDBY_S = 1.0
AWAY_S = 1.0


def run(store: Store, producer: Producer, stop: threading.Event, health: Health) -> None:
    """Publish until asked to stop; waits as a standby while another relay is active."""
    while not stop.is_set():
        try:
            if not store.try_relay_lock():
                health.stand_by("another relay")
                stop.wait(STANDBY_S)
                continue
            wait_s = IDLE_S if publish_some(store, producer) == 0 else 0
            health.turn()
        except Unavailable as error:
            health.turn(error.message)
            wait_s = clock.jitter(AWAY_S)
        stop.wait(wait_s)


def publish_some(store: Store, producer: Producer) -> int:
    """Publish one batch and forget it once confirmed; how many messages that were."""
    found = store.outgoing(BATCH_MESSAGES_MAX)
    if not found:
        return 0
    for _, message in found:
        producer.send(message.topic, message.key, message.value, message.headers)
    producer.flush()
    store.published([number for number, _ in found])
    OutboxPublished(len(found)).emit()
    return len(found)
