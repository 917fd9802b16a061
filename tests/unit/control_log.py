"""The control topics as a list in memory, in the place of Kafka's clients."""

import threading
import time
from collections.abc import Mapping, Sequence

import pytest

from hub.bus.reader import Message
from hub.bus.topics import Topic
from hub.connect.control import ask, attend, board
from hub.errors import Unavailable


class Log:
    """What was written to all topics, in order; `down` is a Kafka that is away."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Stands in for the clients from now on."""
        self.messages: list[Message] = []
        self.down = False
        self.lock = threading.Lock()
        for module, name in ((board, "Follower"), (attend, "Follower")):
            monkeypatch.setattr(module, name, self.follower)
        for module, name in ((ask, "Producer"), (attend, "Producer")):
            monkeypatch.setattr(module, name, self.producer)

    def follower(
        self, _: str, __: Mapping[str, str], topics: Sequence[Topic], ___: str
    ) -> "FromList":
        """A follower of the list."""
        return FromList(self, [topic.name for topic in topics])

    def producer(self, *_: object) -> "ToList":
        """A producer to the list."""
        return ToList(self)

    def write(self, topic: str, key: bytes | None, value: bytes | None) -> None:
        """Write one message now."""
        with self.lock:
            now_ms = int(time.time() * 1_000)
            found = Message(topic, 0, len(self.messages), key, value, (), now_ms)
            self.messages.append(found)


class FromList:
    """Reads the list."""

    def __init__(self, log: Log, topics: list[str]) -> None:
        """From the beginning."""
        self._log = log
        self._topics = topics
        self._at = 0
        self.caught_up = False

    def read(self, wait_s: float) -> list[Message]:
        """What has come."""
        until_s = time.monotonic() + min(wait_s, 0.02)
        while self._at == len(self._log.messages) and time.monotonic() < until_s:
            time.sleep(0.002)
        if self._log.down:
            return []
        found = self._log.messages[self._at :]
        self._at += len(found)
        self.caught_up = True
        return [message for message in found if message.topic in self._topics]

    def read_all(self, _: float) -> list[Message]:
        """Everything there is."""
        return self.read(0)

    def answers(self, _: float) -> bool:
        """Whether Kafka is there."""
        return not self._log.down

    def close(self) -> None:
        """Nothing is held."""


class ToList:
    """Writes to the list."""

    def __init__(self, log: Log) -> None:
        """Nothing waits."""
        self._log = log
        self._waiting: list[tuple[str, bytes, bytes]] = []

    def send(self, topic: str, key: bytes, value: bytes) -> None:
        """Queue a message."""
        self._waiting.append((topic, key, value))

    def flush(self, _: float = 0.0) -> None:
        """Confirm what waits, or say that Kafka is away."""
        waiting, self._waiting = self._waiting, []
        if self._log.down:
            raise Unavailable("Kafka did not confirm", remedy="check the brokers")
        for topic, key, value in waiting:
            self._log.write(topic, key, value)
