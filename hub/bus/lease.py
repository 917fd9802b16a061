"""The right to run a connector: held by one worker at a time, through Kafka's group assignment.

Each connector has a consumer group of its own on the positions topic, which has one partition.
Whoever is assigned that partition holds the lease; a dead holder loses it after the session
timeout.
"""

import threading
from collections.abc import Callable, Mapping
from typing import Any

from confluent_kafka import Consumer

from hub import clock
from hub.bus.client import client_config
from hub.bus.topics import POSITIONS
from hub.errors import Fenced

POLL_S = 0.2
HEARTBEAT_MS = 2_000
POLL_INTERVAL_MAX_MS = 300_000


class Lease:
    """One worker's claim on one connector. Not shared between threads."""

    def __init__(
        self,
        bootstrap_servers: str,
        kafka: Mapping[str, str],
        connector: str,
        session_timeout_s: float,
    ) -> None:
        """Joins the group; nothing is held yet."""
        self._connector = connector
        self._held = False
        self._consumer = Consumer(
            {
                **client_config(bootstrap_servers, kafka, f"civic-connect-{connector}"),
                "group.id": f"civic-connect-{connector}",
                # any other strategy takes the partition from its holder whenever somebody joins
                "partition.assignment.strategy": "cooperative-sticky",
                "session.timeout.ms": int(session_timeout_s * 1_000),
                "heartbeat.interval.ms": min(HEARTBEAT_MS, int(session_timeout_s * 300)),
                "max.poll.interval.ms": POLL_INTERVAL_MAX_MS,
                "enable.auto.commit": False,
                "enable.auto.offset.store": False,
                "auto.offset.reset": "latest",
            }
        )
        self._consumer.subscribe(
            [POSITIONS.name],
            on_assign=self._on_assign,
            on_revoke=self._on_revoke,
            on_lost=self._on_revoke,
        )

    def _on_assign(self, consumer: Consumer, partitions: list[Any]) -> None:
        if partitions:  # an assignment that adds nothing is told too
            self._held = True
            consumer.incremental_assign(partitions)
            consumer.pause(partitions)

    def _on_revoke(self, _: Consumer, partitions: list[Any]) -> None:
        if partitions:
            self._held = False

    def acquire(
        self,
        stop: threading.Event,
        wait_s: float | None = None,
        waiting: Callable[[], None] = lambda: None,
    ) -> bool:
        """Wait until the lease is held; False when stopped, or after `wait_s` seconds.

        `waiting` is called several times a second meanwhile, for instance to tell that the process
        is alive.
        """
        deadline = None if wait_s is None else clock.monotonic_s() + wait_s
        while not self._held and not stop.is_set():
            if deadline is not None and clock.monotonic_s() > deadline:
                return False
            waiting()
            self._consumer.poll(POLL_S)
        return self._held

    def check(self) -> None:
        """Take part in the group; Fenced where the lease is not held any more."""
        self._consumer.poll(0)
        if not self._held:
            raise Fenced(
                f"another worker runs {self._connector} now",
                remedy="nothing is lost: it goes on from the last remembered position",
            )

    def release(self) -> None:
        """Leave the group, so that another worker can take over at once."""
        self._consumer.close()
