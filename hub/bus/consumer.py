"""The plain consumer: a group member whose positions are somebody else's (PostgreSQL's) truth."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from confluent_kafka import Consumer as Librdkafka
from confluent_kafka import KafkaError, KafkaException, TopicPartition

from hub.bus.client import REQUEST_TIMEOUT_S, client_config, unavailable
from hub.bus.reader import Message, message_of
from hub.errors import ContractBreach

HEARTBEAT_MS = 2_000
POLL_INTERVAL_MAX_MS = 300_000
Start = Callable[[str, int], int | None]


class Consumer:
    """Reads topics as one member of a group.

    At each assignment `start` is asked for the next offset of each partition, and its answer wins
    over the group's committed offset, forward or back; None means from the beginning.
    `on_jump(topic, partition, committed, applied)` is told where the group's offset was ahead.
    """

    def __init__(
        self,
        bootstrap_servers: str,
        kafka: Mapping[str, str],
        group: str,
        topics: Sequence[str],
        start: Start,
        *,
        session_timeout_s: float,
        on_jump: Callable[[str, int, int, int], None],
        on_revoked: Callable[[str, int], None],
    ) -> None:
        """Subscribes; assignments come with the first `take`."""
        self._start = start
        self._on_jump = on_jump
        self._on_revoked = on_revoked
        self._failure: Exception | None = None
        self._consumer = Librdkafka(
            {
                **client_config(bootstrap_servers, kafka, group),
                "group.id": group,
                "session.timeout.ms": int(session_timeout_s * 1_000),
                "heartbeat.interval.ms": HEARTBEAT_MS,
                "max.poll.interval.ms": POLL_INTERVAL_MAX_MS,
                "enable.auto.commit": False,
                "enable.auto.offset.store": False,
                "auto.offset.reset": "error",
                "isolation.level": "read_committed",
                "queued.max.messages.kbytes": 32_768,
                "fetch.wait.max.ms": 50,
            }
        )
        self._consumer.subscribe(
            list(topics), on_assign=self._assign, on_revoke=self._revoke, on_lost=self._revoke
        )

    def _assign(self, consumer: Any, partitions: list[Any]) -> None:
        try:
            committed = {
                (one.topic, one.partition): one.offset
                for one in consumer.committed(partitions, timeout=REQUEST_TIMEOUT_S)
            }
            for one in partitions:
                one.offset = self._offset(consumer, one, committed[one.topic, one.partition])
            consumer.assign(partitions)
        except Exception as error:  # noqa: BLE001 - told by take(); the client would swallow it
            self._failure = error

    def _offset(self, consumer: Any, one: Any, committed: int) -> int:
        applied = self._start(one.topic, one.partition)
        low, high = consumer.get_watermark_offsets(one, timeout=REQUEST_TIMEOUT_S)
        offset = check_offset(one.topic, one.partition, applied, low, high)
        if committed > offset:
            self._on_jump(one.topic, one.partition, committed, offset)
        return offset

    def _revoke(self, _: Any, partitions: list[Any]) -> None:
        for one in partitions:
            self._on_revoked(one.topic, one.partition)

    def take(self, count: int, wait_s: float) -> list[Message]:
        """Up to `count` messages, waiting at most `wait_s` for them.

        Raises Unavailable where Kafka cannot be read, ContractBreach E-GAP or E-TOPIC-RESET where
        the topic is not the one that was read before.
        """
        found = []
        for message in self._consumer.consume(count, timeout=wait_s):
            error = message.error()
            if error is None:
                found.append(message_of(message))
            elif error.code() == KafkaError._AUTO_OFFSET_RESET:  # noqa: SLF001 - its only name
                raise ContractBreach(
                    f"{message.topic()}-{message.partition()} has not the offset that comes next",
                    code="E-GAP",
                    remedy="events were removed before they were applied: hub view rebuild",
                )
            elif error.fatal() or not error.retriable():
                self._failure = self._failure or unavailable(error, "Kafka cannot be read")
        if self._failure is not None:
            failure, self._failure = self._failure, None
            raise failure
        return found

    def hint(self, offsets: Mapping[tuple[str, int], int]) -> None:
        """Commit offsets to the group, for tools that show lag; nothing depends on it."""
        wanted = [
            TopicPartition(topic, partition, offset)
            for (topic, partition), offset in offsets.items()
        ]
        try:
            self._consumer.commit(offsets=wanted, asynchronous=True)
        except KafkaException:
            return

    def lags(self, applied: Mapping[tuple[str, int], int]) -> dict[tuple[str, int], int]:
        """How many events each assigned partition is behind, as far as the client knows."""
        found = {}
        for one in self._consumer.assignment():
            _, high = self._consumer.get_watermark_offsets(one, cached=True)
            found[one.topic, one.partition] = max(
                0, high - applied.get((one.topic, one.partition), 0)
            )
        return found

    def close(self) -> None:
        """Leave the group."""
        self._consumer.close()


def check_offset(topic: str, partition: int, applied: int | None, low: int, high: int) -> int:
    """Where to begin. Raises ContractBreach where that is before or after what the topic holds."""
    if applied is None:
        return low
    if applied > high:
        raise ContractBreach(
            f"{topic}-{partition} ends at {high}, but {applied} was applied",
            code="E-TOPIC-RESET",
            remedy="the topic was made anew: restore it, or rebuild the views from what is left",
        )
    if applied < low:
        raise ContractBreach(
            f"{topic}-{partition} begins at {low}: offsets {applied} to {low - 1} were lost",
            code="E-GAP",
            remedy="read the sources anew, then: hub view rebuild",
        )
    return applied


def watermarks(
    bootstrap_servers: str, kafka: Mapping[str, str], partitions: Sequence[tuple[str, int]]
) -> dict[tuple[str, int], tuple[int, int]]:
    """The first offset and the end of partitions, now. Raises Unavailable."""
    consumer = Librdkafka(
        {**client_config(bootstrap_servers, kafka, "civic-ends"), "group.id": "civic-ends-unused"}
    )
    try:
        return {
            partition: consumer.get_watermark_offsets(
                TopicPartition(*partition), timeout=REQUEST_TIMEOUT_S
            )
            for partition in partitions
        }
    except KafkaException as error:
        raise unavailable(error, "Kafka cannot be read") from error
    finally:
        consumer.close()


def end_offsets(
    bootstrap_servers: str, kafka: Mapping[str, str], topics: Sequence[tuple[str, int]]
) -> dict[tuple[str, int], int]:
    """The end of every partition of topics, given as (name, partitions). Raises Unavailable."""
    wanted = [(name, partition) for name, count in topics for partition in range(count)]
    found = watermarks(bootstrap_servers, kafka, wanted)
    return {partition: high for partition, (_, high) in found.items()}
