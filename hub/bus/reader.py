"""Reading a topic from its beginning to where it ends now, for tools, rebuilds and positions."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

from hub import clock
from hub.bus.client import REQUEST_TIMEOUT_S, client_config, unavailable
from hub.errors import Unavailable

READ_BATCH = 1_000
SILENCE_S = 30.0
SETTLE_S = 0.2
SETTLING = (KafkaError.NOT_LEADER_FOR_PARTITION, KafkaError.LEADER_NOT_AVAILABLE)


class Message(NamedTuple):
    """One message as it lies on Kafka; `timestamp_ms` is Kafka's own."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...]
    timestamp_ms: int


def message_of(found: object) -> Message:
    """Our form of a client's message."""
    return Message(
        found.topic(),  # type: ignore[attr-defined] # the client publishes no types
        found.partition(),  # type: ignore[attr-defined]
        found.offset(),  # type: ignore[attr-defined]
        found.key(),  # type: ignore[attr-defined]
        found.value(),  # type: ignore[attr-defined]
        tuple(found.headers() or ()),  # type: ignore[attr-defined]
        found.timestamp()[1],  # type: ignore[attr-defined]
    )


def read_topic(
    bootstrap_servers: str,
    topic: str,
    kafka: Mapping[str, str] | None = None,
    since_ms: int = 0,
) -> Iterator[Message]:
    """Every message of a topic up to its end at the moment of asking, in order per partition.

    With `since_ms`, those from the first on that is not older (milliseconds since 1970, by Kafka's
    timestamps). Joins no group and commits nothing. Raises Unavailable where the topic cannot be
    read.
    """
    consumer = Consumer(
        {
            **client_config(bootstrap_servers, kafka or {}, "civic-reader"),
            "group.id": "civic-reader-unused",
            "enable.auto.commit": False,
            "enable.auto.offset.store": False,
            "auto.offset.reset": "earliest",
            "isolation.level": "read_committed",
            "enable.partition.eof": True,
        }
    )
    try:
        yield from _read(consumer, topic, since_ms)
    except KafkaException as error:
        raise unavailable(error, f"{topic} cannot be read") from error
    finally:
        consumer.close()


def _read(consumer: Consumer, topic: str, since_ms: int) -> Iterator[Message]:
    ends = _since(consumer, topic, _ends(consumer, topic), since_ms)
    open_ = {partition for partition, (low, high) in ends.items() if low < high}
    consumer.assign([TopicPartition(topic, partition, ends[partition][0]) for partition in open_])
    heard_s = clock.monotonic_s()
    while open_:
        for found in consumer.consume(READ_BATCH, timeout=0.5):
            heard_s = clock.monotonic_s()
            message, error = message_of(found), found.error()
            if error is not None:
                if error.code() != KafkaError._PARTITION_EOF:  # noqa: SLF001 - its only name
                    raise KafkaException(error)
                open_.discard(message.partition)  # the rest was compacted away
                continue
            end = ends[message.partition][1]
            if message.offset < end:
                yield message
            if message.offset + 1 >= end:
                open_.discard(message.partition)
        if clock.monotonic_s() - heard_s > SILENCE_S:
            raise Unavailable(f"{topic}: silence for {SILENCE_S:.0f} s", remedy="check the brokers")


def _since(
    consumer: Consumer, topic: str, ends: dict[int, tuple[int, int]], since_ms: int
) -> dict[int, tuple[int, int]]:
    """The same, from the first message of each partition on that is not older."""
    if not since_ms:
        return ends
    asked = [TopicPartition(topic, partition, since_ms) for partition in ends]
    found = consumer.offsets_for_times(asked, timeout=REQUEST_TIMEOUT_S)
    firsts = {one.partition: one.offset for one in found}
    return {
        partition: (firsts[partition] if firsts[partition] >= 0 else high, high)
        for partition, (_, high) in ends.items()
    }


def _ends(consumer: Consumer, topic: str) -> dict[int, tuple[int, int]]:
    """First and last offset of each partition; waits while a broker that just came back settles."""
    deadline = clock.monotonic_s() + REQUEST_TIMEOUT_S
    while True:
        try:
            return _ends_now(consumer, topic)
        except KafkaException as error:
            if not error.args[0].retriable() and error.args[0].code() not in SETTLING:
                raise
            if clock.monotonic_s() > deadline:
                raise
            clock.sleep_s(SETTLE_S)


def _ends_now(consumer: Consumer, topic: str) -> dict[int, tuple[int, int]]:
    known = consumer.list_topics(topic, timeout=REQUEST_TIMEOUT_S).topics[topic]
    if known.error is not None:
        raise Unavailable(f"{topic}: {known.error.name()}", remedy="hub topics apply")
    return {
        partition: consumer.get_watermark_offsets(
            TopicPartition(topic, partition), timeout=REQUEST_TIMEOUT_S
        )
        for partition in known.partitions
    }
