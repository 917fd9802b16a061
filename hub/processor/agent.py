"""The Faust runner: the live processor inside our own event loop.

The worker runs in one thread of its own, so that Faust's heartbeats go on while PostgreSQL works.
Nothing is ever raised out of an agent: Faust would count the events as done. Where going on would
be wrong the process ends at once, without Faust's commit, and is started again by whoever runs it.
"""

import asyncio
import os
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from hub import clock
from hub.bus import faust_app
from hub.bus.consumer import check_offset, watermarks
from hub.bus.reader import Message
from hub.bus.topics import processor_topics
from hub.errors import Fenced, HubError
from hub.processor.batch import GROUP, tell_state
from hub.processor.work import Stopped, Worker
from hub.settings import HubSettings
from hub.telemetry.metrics import Health
from hub.telemetry.signals_processor import PartitionAssigned, WorkerFailed, WorkerFenced

TURN_S = 0.5
SETTLE_S = 0.2
TELL_EVERY_S = 5.0
STOP_TIMEOUT_S = 8.0
EXIT_FENCED = 75
EXIT_FAILED = 70
Partition = tuple[str, int]
Result = TypeVar("Result")


def run(settings: HubSettings, worker: Worker, stop: threading.Event, health: Health) -> None:
    """Apply events until asked to stop."""
    with ThreadPoolExecutor(1, thread_name_prefix="store") as pool:
        asyncio.run(_Runner(settings, worker, stop, health, pool).run())


class _Runner:
    def __init__(
        self,
        settings: HubSettings,
        worker: Worker,
        stop: threading.Event,
        health: Health,
        pool: ThreadPoolExecutor,
    ) -> None:
        self._settings = settings
        self._worker = worker
        self._stop = stop
        self._health = health
        self._pool = pool
        self._applied: dict[Partition, int] = {}
        self._idle = True
        """Whether no batch came since the last turn."""

    async def run(self) -> None:
        settings = self._settings
        data_dir = settings.state_dir / "faust"
        data_dir.mkdir(parents=True, exist_ok=True)
        app = faust_app.build(
            settings.bootstrap_servers,
            settings.kafka,
            GROUP,
            [topic.name for topic in processor_topics()],
            starts=self._starts,
            apply=self._apply,
            batch_events_max=settings.batch_events_max,
            batch_wait_s=settings.batch_wait_s,
            session_timeout_s=settings.session_timeout_s,
            data_dir=data_dir,
        )
        app.finalize()
        await app.start()
        try:
            await self._turn()
        finally:
            try:
                await asyncio.wait_for(app.stop(), STOP_TIMEOUT_S)
            except TimeoutError:
                os._exit(0)  # everything is committed; only Faust's own goodbye is missing

    async def _turn(self) -> None:
        told_s = clock.monotonic_s()
        while not self._stop.is_set():
            self._health.turn()
            await asyncio.sleep(TURN_S)
            await self._in_thread(self._settle)
            if clock.monotonic_s() - told_s > TELL_EVERY_S:
                told_s = clock.monotonic_s()
                await self._in_thread(self._tell)

    def _settle(self) -> None:
        """Do what is to do without an event, for a moment; never raises."""
        until_s = clock.monotonic_s() + SETTLE_S
        idle, self._idle = self._idle, True
        try:
            while self._worker.settle(idle=idle) and clock.monotonic_s() < until_s:
                continue
        except Stopped:
            return
        except BaseException as error:  # noqa: BLE001 - as for a batch
            _end(error)

    def _tell(self) -> None:
        try:
            tell_state(self._worker, self._lags())
        except HubError:
            return

    def _lags(self) -> dict[Partition, int]:
        settings = self._settings
        found = watermarks(settings.bootstrap_servers, settings.kafka, list(self._worker.epochs))
        return {
            partition: max(0, high - self._applied.get(partition, 0))
            for partition, (_, high) in found.items()
        }

    async def _in_thread(self, what: Callable[..., Result], *arguments: Any) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._pool, what, *arguments)

    async def _starts(self, wanted: Sequence[Partition]) -> Mapping[Partition, int]:
        try:
            found = await self._in_thread(self._assign, wanted)
        except Stopped:
            return {}
        except Exception as error:  # beginning anywhere else would lose or hide events
            _end(error)
            raise
        return found

    def _assign(self, wanted: Sequence[Partition]) -> Mapping[Partition, int]:
        settings, worker = self._settings, self._worker
        for partition in set(worker.epochs) - set(wanted):
            worker.release(*partition)
        ends = watermarks(settings.bootstrap_servers, settings.kafka, wanted)
        starts: dict[Partition, int] = {}
        for partition in wanted:
            applied = worker.assign(*partition)
            starts[partition] = check_offset(*partition, applied, *ends[partition])
            PartitionAssigned(*partition, starts[partition], worker.epochs[partition]).emit()
        self._applied.update(starts)
        return starts

    async def _apply(self, messages: list[Message]) -> None:
        """What an agent does with a batch; never raises."""
        self._idle = False
        try:
            await self._in_thread(self._worker.process, messages)
        except Stopped:
            await asyncio.sleep(STOP_TIMEOUT_S)  # nothing more is acknowledged while stopping
        except BaseException as error:
            if isinstance(error, asyncio.CancelledError):
                raise
            _end(error)
        for one in messages:
            self._applied[one.topic, one.partition] = one.offset + 1


def _end(error: BaseException) -> None:
    """End the process at once: Faust must not commit what was not applied."""
    told = (
        f"{type(error).__name__}: {error}" if isinstance(error, HubError) else type(error).__name__
    )
    if isinstance(error, Fenced):
        WorkerFenced(told).emit()
        os._exit(EXIT_FENCED)
    WorkerFailed(told).emit()
    os._exit(EXIT_FAILED)
