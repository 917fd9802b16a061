"""Following compacted topics: everything from the beginning, then what comes, in no group."""

from collections.abc import Mapping, Sequence

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, KafkaException, TopicPartition

from hub import clock
from hub.bus.client import client_config, unavailable
from hub.bus.reader import Message, message_of
from hub.bus.topics import Topic
from hub.errors import Unavailable

READ_BATCH = 500
GONE = (KafkaError.UNKNOWN_TOPIC_OR_PART, KafkaError._UNKNOWN_TOPIC)  # noqa: SLF001 - its only name
AWAY = (
    KafkaError._ALL_BROKERS_DOWN,  # noqa: SLF001 - its only name
    KafkaError._TRANSPORT,  # noqa: SLF001 - its only name
    KafkaError._RESOLVE,  # noqa: SLF001 - its only name
)


class Follower:
    """Topics of one partition each. Not shared between threads."""

    def __init__(
        self,
        bootstrap_servers: str,
        kafka: Mapping[str, str],
        topics: Sequence[Topic],
        client_id: str,
    ) -> None:
        """Connects on the first reading; commits nothing."""
        self._topics = [topic.name for topic in topics]
        self._unread = set(self._topics)
        self._consumer = Consumer(
            {
                **client_config(bootstrap_servers, kafka, client_id),
                "group.id": f"{client_id}-unused",
                "enable.auto.commit": False,
                "enable.auto.offset.store": False,
                "auto.offset.reset": "earliest",
                "isolation.level": "read_committed",
                "enable.partition.eof": True,
                "fetch.wait.max.ms": 200,
            }
        )
        self._consumer.assign([TopicPartition(name, 0, OFFSET_BEGINNING) for name in self._topics])

    @property
    def caught_up(self) -> bool:
        """Whether the end of every topic has been seen once."""
        return not self._unread

    def read(self, wait_s: float) -> list[Message]:
        """What has come, after at most `wait_s` seconds; nothing while Kafka is away.

        Raises Unavailable where a topic is not there or may not be read.
        """
        found: list[Message] = []
        try:
            for one in self._consumer.consume(READ_BATCH, timeout=wait_s):
                error = one.error()
                if error is None:
                    found.append(message_of(one))
                elif error.code() == KafkaError._PARTITION_EOF:  # noqa: SLF001 - its only name
                    self._unread.discard(one.topic())
                elif error.code() not in AWAY:
                    raise KafkaException(error)  # noqa: TRY301 - one place makes it ours
        except KafkaException as error:
            raise self._told(error) from error
        return found

    def _told(self, error: KafkaException) -> Unavailable:
        told = unavailable(error, f"{', '.join(self._topics)} cannot be read")
        if error.args[0].code() in GONE:
            told.remedy = "hub topics apply"
        return told

    def read_all(self, wait_s: float) -> list[Message]:
        """Everything there is now. Raises Unavailable where that takes longer than `wait_s`."""
        until_s = clock.monotonic_s() + wait_s
        found = self.read(0.2)
        while not self.caught_up:
            if clock.monotonic_s() > until_s:
                raise Unavailable(
                    f"{', '.join(self._topics)}: not read within {wait_s:.0f} s",
                    remedy="check the brokers",
                )
            found += self.read(0.2)
        return found

    def answers(self, wait_s: float) -> bool:
        """Whether the broker that leads the first topic answers within `wait_s` seconds."""
        try:
            self._consumer.get_watermark_offsets(
                TopicPartition(self._topics[0], 0), timeout=wait_s, cached=False
            )
        except KafkaException:
            return False
        return True

    def close(self) -> None:
        """Leave."""
        self._consumer.close()
