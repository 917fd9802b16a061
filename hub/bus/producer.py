"""The producer: idempotent, bounded, and nothing counts as sent before its delivery report."""

import threading
from collections.abc import Mapping, Sequence
from typing import Any

from confluent_kafka import KafkaError, KafkaException, Message
from confluent_kafka import Producer as Librdkafka

from hub import clock
from hub.bus.client import client_config
from hub.bus.topics import MESSAGE_BYTES_MAX
from hub.errors import EncodeError, Unavailable

QUEUE_MESSAGES_MAX = 50_000
QUEUE_KBYTES_MAX = 64 * 1024
SEND_WAIT_S = 30.0
DELIVERY_TIMEOUT_S = 20.0
STOP_WAIT_S = 4.0
TOPIC_WAIT_MS = 5_000
FLUSH_SLICE_S = 0.5
ROOM_POLL_S = 0.1
OVERHEAD_BYTES = 2_048
Headers = Sequence[tuple[str, bytes]]
"""A list is handed on as it is, anything else is copied."""


class Producer:
    """Sends messages and knows which were confirmed.

    `send` only queues. `flush` returns when every message since the last flush was confirmed, and
    raises Unavailable otherwise: then the caller sends again from its last remembered position,
    which is harmless because identifiers are derived.
    """

    def __init__(self, bootstrap_servers: str, kafka: Mapping[str, str], client_id: str) -> None:
        """Connects on the first message."""
        self._config = {
            **client_config(bootstrap_servers, kafka, client_id),
            "enable.idempotence": True,
            "acks": "all",
            "compression.type": "lz4",
            "linger.ms": 5,
            "batch.num.messages": 10_000,
            "queue.buffering.max.messages": QUEUE_MESSAGES_MAX,
            "queue.buffering.max.kbytes": QUEUE_KBYTES_MAX,
            "topic.metadata.propagation.max.ms": TOPIC_WAIT_MS,
            "message.max.bytes": MESSAGE_BYTES_MAX,
            "delivery.timeout.ms": int(DELIVERY_TIMEOUT_S * 1_000),
        }
        self._producer = self._connect()
        self._failures: dict[str, int] = {}
        self._stop = threading.Event()

    def heed(self, stop: threading.Event) -> None:
        """From now on no wait lasts longer than STOP_WAIT_S once `stop` is set."""
        self._stop = stop

    def _connect(self) -> Librdkafka:
        return Librdkafka(
            {**self._config, "error_cb": self._on_error, "on_delivery": self._on_delivery}
        )

    def _on_error(self, error: KafkaError) -> None:
        if error.fatal():
            self._fail(error)

    def _on_delivery(self, error: KafkaError | None, _: Message) -> None:
        if error is not None:
            self._fail(error)

    def _fail(self, error: KafkaError) -> None:
        self._failures[error.name()] = self._failures.get(error.name(), 0) + 1

    def send(
        self, topic: str, key: bytes | None, value: bytes | None, headers: Headers = ()
    ) -> None:
        """Queue one message, waiting at most SEND_WAIT_S for room in the queue.

        Raises EncodeError E-OVERSIZE for a message Kafka would refuse together with its neighbours,
        Unavailable where the queue stays full.
        """
        if value is not None and len(value) > MESSAGE_BYTES_MAX - OVERHEAD_BYTES:
            raise _oversize(len(value))
        told: Any = headers if type(headers) is list else list(headers)
        deadline_s: float | None = None
        while True:
            try:
                self._producer.produce(topic, value, key, headers=told)
            except BufferError:
                now_s = clock.monotonic_s()
                deadline_s = deadline_s or now_s + SEND_WAIT_S
                if now_s > deadline_s or self._stop.is_set():
                    raise Unavailable(
                        f"Kafka took nothing for {SEND_WAIT_S:.0f} s", remedy="check the brokers"
                    ) from None
                self._producer.poll(ROOM_POLL_S)
            except KafkaException as error:
                if error.args[0].code() == KafkaError.MSG_SIZE_TOO_LARGE:
                    raise _oversize(len(value or b"")) from None
                self._fail(error.args[0])
                return
            else:
                return

    def poll(self) -> None:
        """Take delivery reports that have arrived, without waiting."""
        self._producer.poll(0)

    def flush(self, timeout_s: float = DELIVERY_TIMEOUT_S + 5) -> None:
        """Wait until everything sent is confirmed.

        Raises Unavailable naming Kafka's error codes; whatever was not confirmed is forgotten here
        and must be sent again by the caller.
        """
        left = self._wait(timeout_s)
        failures, self._failures = self._failures, {}
        if not left and not failures:
            return
        self._producer.purge()
        self._producer.flush(1)
        self._producer = self._connect()
        self._failures = {}
        told = ", ".join(f"{name} x{count}" for name, count in sorted(failures.items()))
        raise Unavailable(
            f"Kafka did not confirm: {told or f'{left} messages unanswered'}",
            remedy="they are sent again; check the brokers",
        )

    def _wait(self, timeout_s: float) -> int:
        """How many messages are unanswered once all are, the time is up or a stop was asked for."""
        deadline_s = clock.monotonic_s() + timeout_s
        stopping = False
        while left := self._producer.flush(FLUSH_SLICE_S):
            now_s = clock.monotonic_s()
            if self._stop.is_set() and not stopping:
                stopping = True
                deadline_s = min(deadline_s, now_s + STOP_WAIT_S)
            if now_s >= deadline_s:
                break
        return int(left)


def _oversize(length: int) -> EncodeError:
    return EncodeError(f"a message of {length} bytes", code="E-OVERSIZE", rule="size")
