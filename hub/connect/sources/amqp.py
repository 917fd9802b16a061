"""A queue of AMQP 0.9.1 (RabbitMQ): each message is acknowledged once Kafka has confirmed.

Messages are taken in batches of at most `prefetch`, and after each batch the position is remembered
before the next message is taken; then `acknowledge` tells the queue. A queue keeps no place to go
back to, so the position holds digests of the last messages that Kafka has confirmed: one that comes
again, because the connection broke before the queue heard of it, is known and counted as unchanged.

What the queue's owner sees to: messages are persistent and the queue is durable; its policy does
not drop what was returned often (`delivery-limit` of quorum queues), because an outage of Kafka
returns messages; one worker at a time reads it, which the lease of the runtime ensures. Order is
kept except for messages that come again, so `record_version` must come from the message.
"""

import json
import logging
from collections import deque
from collections.abc import Iterator
from hashlib import blake2b
from typing import Any, NamedTuple

import pika
from pika.adapters.blocking_connection import BlockingChannel
from pika.exceptions import (
    AMQPError,
    ChannelClosedByBroker,
    ChannelWrongStateError,
    ProbableAccessDeniedError,
    ProbableAuthenticationError,
)

from hub import clock
from hub.connect.contract import Change, Checkpoint, Operation, Record, Unchanged, Unreadable
from hub.connect.sources.context import context_of
from hub.connect.strict_json import loads, refused
from hub.errors import ContractBreach, SettingsError, SourceUnavailable, UnreadableRecord

PREFETCH = 200
MESSAGE_BYTES_MAX = 900_000
PREFETCH_MAX = 2_000
KNOWN_BATCHES = 2
"""So many batches of confirmed messages are known again, should acknowledgements be lost."""
GATHER_S = 0.2
TICK_S = 1.0
LINGER_S = 30.0
CONNECT_S = 5.0
CALL_S = 15.0
HEARTBEAT_S = 30
DIGEST_BYTES = 8
ACCESS_REFUSED = 403
logging.getLogger("pika").setLevel(logging.CRITICAL)  # what it meets is raised, told once by us
Item = Change | Unreadable | Unchanged | Checkpoint


class Queue(NamedTuple):
    """A queue: its address `amqp(s)://user:password@host:port/vhost`, and its name.

    `prefetch`, 1 to PREFETCH_MAX, bounds how many messages are taken and not acknowledged.
    A reading ends when no message came for `linger_s` seconds; until then the connection is kept.
    """

    url: str
    name: str
    prefetch: int = PREFETCH
    linger_s: float = LINGER_S


class _Message(NamedTuple):
    """One delivery; `tag` names it on its channel."""

    tag: int
    body: bytes
    digest: str
    redelivered: bool


class _Session:
    """An open channel, and which position acknowledges which messages on it."""

    def __init__(self, channel: BlockingChannel) -> None:
        self._channel = channel
        self.promised: tuple[str, int] | None = None

    def acknowledge(self, position: str) -> None:
        """Acknowledge everything up to the last message of the batch with this position."""
        if self.promised is not None and self.promised[0] == position:
            self._channel.basic_ack(self.promised[1], multiple=True)
            self.promised = None


_open: dict[Queue, _Session] = {}
"""The session of each queue being read in this process: a message can be acknowledged only on the
channel that delivered it."""


def changes(queue: Queue, after: str | None) -> Iterator[Item]:
    """What waits in the queue, until nothing came for `linger_s` seconds.

    Raises SourceUnavailable where the server does not answer, breaks off or has no such queue (a
    server that starts says so of queues it will have); ContractBreach E-ACCESS where it refuses the
    user.
    """
    if not 1 <= queue.prefetch <= PREFETCH_MAX:
        raise SettingsError(f"prefetch is not 1 to {PREFETCH_MAX}", remedy="mend it")
    try:
        connection = pika.BlockingConnection(_parameters(queue.url))
    except (ProbableAuthenticationError, ProbableAccessDeniedError) as error:
        raise _access() from error
    except (AMQPError, OSError) as error:
        raise _away(error) from error
    try:
        channel = connection.channel()
        channel.basic_qos(prefetch_count=queue.prefetch)
        channel.queue_declare(queue.name, passive=True)
        _open[queue] = session = _Session(channel)
        yield from _batches(queue, channel, session, _Known(after, KNOWN_BATCHES * queue.prefetch))
    except (AMQPError, OSError) as error:
        if isinstance(error, ChannelClosedByBroker) and error.reply_code == ACCESS_REFUSED:
            raise _access() from error
        raise _away(error) from error
    finally:
        _open.pop(queue, None)
        _close(connection)


def acknowledge(queue: Queue, position: str) -> None:
    """Let the queue forget the messages up to a position that Kafka has confirmed.

    Where the channel is gone the messages come again and are known by the position.
    """
    session = _open.get(queue)
    if session is None:
        return
    try:
        session.acknowledge(position)
    except (AMQPError, OSError):
        return  # the reading finds out, and begins anew


def _batches(
    queue: Queue, channel: BlockingChannel, session: _Session, known: "_Known"
) -> Iterator[Item]:
    deliveries = channel.consume(queue.name, inactivity_timeout=GATHER_S)
    idle_since_s = told_s = clock.monotonic_s()
    while True:
        if not channel.is_open:  # an acknowledgement found the connection gone
            raise ChannelWrongStateError("closed")
        batch = _next_batch(deliveries, queue.prefetch)
        now_s = clock.monotonic_s()
        if batch:
            idle_since_s = now_s
            for message in batch:
                yield _told(queue, message, known)
            position = known.text()
            session.promised = (position, batch[-1].tag)
            yield Checkpoint(position)
        elif now_s - idle_since_s >= queue.linger_s:
            return
        elif now_s - told_s >= TICK_S:
            yield Checkpoint(known.text())  # nothing new: lets the runtime look around
        else:
            continue
        told_s = clock.monotonic_s()


def _next_batch(deliveries: Iterator[Any], size_max: int) -> list[_Message]:
    """What is there now: at most `size_max` messages, gathered for GATHER_S at most."""
    batch: list[_Message] = []
    until_s = clock.monotonic_s() + GATHER_S
    for method, properties, body in deliveries:
        if method is None:
            break
        digest = blake2b(digest_size=DIGEST_BYTES)
        for part in (method.exchange, method.routing_key, str(properties.message_id)):
            digest.update(part.encode() + b"\0")
        digest.update(body)
        batch.append(
            _Message(
                method.delivery_tag,
                body,
                digest.hexdigest(),
                method.redelivered,
            )
        )
        if len(batch) >= size_max or clock.monotonic_s() > until_s:
            break
    return batch


def _told(queue: Queue, message: _Message, known: "_Known") -> Item:
    """What one message tells: a JSON object, unless Kafka has confirmed it before."""
    if known.again(message):
        return Unchanged(1)
    context = context_of(queue.name, "json")
    try:
        value = loads(message.body, MESSAGE_BYTES_MAX)
        if not isinstance(value, dict):
            raise refused("E-JSON", "a JSON object")
    except UnreadableRecord as error:
        return Unreadable(message.body, error, None, context)
    return Change(Record(value), message.body, operation=Operation.READ, context=context)


class _Known:
    """How many messages were told in all, and digests of the last ones."""

    def __init__(self, position: str | None, size_max: int) -> None:
        count, digests = json.loads(position) if position else (0, [])
        self._count: int = count
        self._digests: deque[str] = deque(digests, size_max)

    def again(self, message: _Message) -> bool:
        """Whether a message was told before; if not it is known from now on."""
        self._count += 1  # each batch has a position of its own
        if message.redelivered and message.digest in self._digests:
            return True
        self._digests.append(message.digest)
        return False

    def text(self) -> str:
        return json.dumps([self._count, list(self._digests)], separators=(",", ":"))


def _parameters(url: str) -> pika.ConnectionParameters:
    try:
        parameters = pika.URLParameters(url)
    except (ValueError, TypeError):
        raise SettingsError(
            "the address of the queue cannot be read",
            remedy="write amqps://user:password@host:port/vhost",
        ) from None
    parameters.heartbeat = HEARTBEAT_S
    parameters.connection_attempts = 1  # the runtime asks again, with back-off
    parameters.socket_timeout = CONNECT_S
    parameters.stack_timeout = CALL_S
    parameters.blocked_connection_timeout = CALL_S
    return parameters


def _close(connection: pika.BlockingConnection) -> None:
    try:
        connection.close()
    except (AMQPError, OSError):
        return  # it is gone already


def _access() -> ContractBreach:
    return ContractBreach(
        "the queue's server refuses the user",
        code="E-ACCESS",
        remedy="check user, password, virtual host and the right to read the queue",
    )


def _away(error: Exception) -> SourceUnavailable:
    return SourceUnavailable(
        f"the queue's server does not answer ({type(error).__name__})",
        remedy="check address and name of the queue, and that the server runs",
    )
