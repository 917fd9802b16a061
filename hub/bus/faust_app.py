"""The Faust app of the live processor, set up so that nothing rests on what Faust does not hold.

At-least-once, one agent for each topic, concurrency 1, raw bytes, batches, no tables, no web
server, no topics declared. Positions are PostgreSQL's: `seek_to_committed`, which Faust calls at
every assignment, is replaced by its answer. Aborted transactional records are never read.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Generator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import faust
from faust.transport.drivers import aiokafka as driver
from faust.types import TP
from mode.services import WaitResults

from hub.bus.reader import Message
from hub.errors import SettingsError

HEARTBEAT_S = 2.0
COMMIT_INTERVAL_S = 2.0
FETCH_BYTES_MAX = 8 * 1024 * 1024
POLL_RECORDS_MAX = 2_000
Partition = tuple[str, int]
Starts = Callable[[Sequence[Partition]], Awaitable[Mapping[Partition, int]]]
Apply = Callable[[list[Message]], Awaitable[None]]


class _Thread(driver.AIOKafkaConsumerThread):
    """The consumer's thread, reading only what was committed."""

    def _create_worker_consumer(self, transport: Any) -> Any:
        consumer = super()._create_worker_consumer(transport)
        # fixed to read_uncommitted in Faust unless its exactly-once mode is on
        consumer._isolation_level = "read_committed"  # noqa: SLF001 - there is no setting for it
        consumer._fetch_max_wait_ms = 100  # noqa: SLF001 - fixed to 1.5 s in Faust
        return consumer


class _Begun:
    """The rest of a coroutine that has run up to its first wait."""

    def __init__(self, coroutine: Coroutine[Any, Any, Any], waits_for: Any) -> None:
        self._coroutine = coroutine
        self._waits_for = waits_for

    def __await__(self) -> Generator[Any, Any, Any]:
        waits_for = self._waits_for
        while True:
            try:
                yield waits_for
            except BaseException as error:  # noqa: BLE001 - the coroutine's to deal with
                step = partial(self._coroutine.throw, error)
            else:
                step = partial(self._coroutine.send, None)
            try:
                waits_for = step()
            except StopIteration as ended:
                return ended.value


def _close(coroutines: Sequence[Any]) -> None:
    for one in coroutines:
        if asyncio.iscoroutine(one):
            one.close()


async def _rest(begun: _Begun) -> Any:
    return await begun


def transport_with(starts: Starts) -> type[Any]:
    """A transport whose consumer begins where `starts` says."""

    class Consumer(driver.Consumer):
        """Faust's consumer with PostgreSQL's positions."""

        def _new_consumer_thread(self) -> Any:
            return _Thread(self, loop=self.loop, beacon=self.beacon)

        async def wait_first(
            self,
            *coros: Any,
            timeout: Any = None,  # noqa: ASYNC109 - Faust's own signature
        ) -> Any:
            """As in Faust, without its four tasks an event where the first is done at once.

            Faust waits here for each message to be queued or the flow to be suspended; a queue that
            has room takes the message without waiting.
            """
            first, *others = coros
            if len(others) != 1 or timeout is not None or not asyncio.iscoroutine(first):
                return await super().wait_first(*coros, timeout=timeout)
            try:
                waits_for = first.send(None)
            except StopIteration as ended:
                _close(others)
                return WaitResults([first], [ended.value], stopped=False)
            except BaseException:
                _close(others)
                raise
            rest = _rest(_Begun(first, waits_for))
            return await super().wait_first(rest, *others)

        async def seek_to_committed(self) -> Mapping[Any, int]:
            """Seek to the applied offsets, not to the committed ones."""
            await super().seek_to_committed()
            wanted = [(one.topic, one.partition) for one in self.assignment()]
            found = await starts(wanted)
            offsets = {TP(*partition): offset for partition, offset in found.items()}
            await self.seek_wait(offsets)
            return offsets

    class Transport(driver.Transport):
        """Faust's transport with that consumer."""

    Transport.Consumer = Consumer
    return Transport


def build(
    bootstrap_servers: str,
    kafka: Mapping[str, str],
    group: str,
    topics: Sequence[str],
    *,
    starts: Starts,
    apply: Apply,
    batch_events_max: int,
    batch_wait_s: float,
    session_timeout_s: float,
    data_dir: Path,
) -> Any:
    """The app; start and stop it inside a running event loop.

    Raises SettingsError where Kafka needs settings this runner does not map.
    """
    if kafka:
        raise SettingsError(
            "the faust runner takes no [kafka] settings",
            remedy='set runner = "batch" for a Kafka with authentication',
        )
    app = faust.App(
        group,
        broker=[f"aiokafka://{server}" for server in bootstrap_servers.split(",")],
        broker_session_timeout=session_timeout_s,
        broker_heartbeat_interval=HEARTBEAT_S,
        broker_commit_interval=COMMIT_INTERVAL_S,
        broker_max_poll_records=POLL_RECORDS_MAX,
        consumer_auto_offset_reset="earliest",
        consumer_max_fetch_size=FETCH_BYTES_MAX,
        datadir=data_dir,  # Faust makes a folder even where it keeps nothing in it
        topic_allow_declare=False,
        topic_disable_leader=True,
        web_enabled=False,
        table_standby_replicas=0,
        stream_wait_empty=True,
        stream_buffer_maxsize=batch_events_max * 2,
        loop=asyncio.get_running_loop(),
    )
    app.transport = transport_with(starts)(app.conf.broker, app, loop=app.loop)
    for name in topics:
        topic = app.topic(name, key_serializer="raw", value_serializer="raw", acks=True)
        app.agent(topic, name=f"apply-{name}", concurrency=1)(
            _agent(apply, batch_events_max, batch_wait_s)
        )
    return app


def _agent(apply: Apply, batch_events_max: int, batch_wait_s: float) -> Any:
    async def agent(stream: Any) -> None:
        async for events in stream.take_events(batch_events_max, within=batch_wait_s):
            await apply([message_of(event.message) for event in events])

    return agent


def message_of(found: Any) -> Message:
    """Our form of Faust's message."""
    headers = found.headers or ()
    pairs = headers.items() if isinstance(headers, dict) else headers
    return Message(
        found.topic,
        found.partition,
        found.offset,
        found.key,
        found.value,
        tuple(pairs),
        int((found.timestamp or 0) * 1_000),
    )
