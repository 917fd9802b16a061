"""What replaces Faust's wait for each message: the same results, also where the queue is full."""

import asyncio
from typing import Any

import pytest

from hub.bus import faust_app


def consumer() -> Any:
    """Our consumer without its Faust surroundings; the wait needs only its stop signals."""
    made = faust_app.transport_with(lambda _: None).Consumer.__new__  # type: ignore[arg-type, return-value]
    found = made(faust_app.transport_with(lambda _: None).Consumer)  # type: ignore[arg-type, return-value]
    found.loop = asyncio.get_running_loop()
    found._stopped = found._crashed = asyncio.Event()
    return found


async def put(queue: asyncio.Queue[int], value: int) -> int:
    """What a message costs: a place in a queue."""
    await queue.put(value)
    return value


def test_a_message_that_has_room_is_taken_at_once() -> None:
    """No task is made, and the flow's coroutine is not left behind unawaited."""

    async def main() -> None:
        queue: asyncio.Queue[int] = asyncio.Queue(1)
        tasks = asyncio.all_tasks()
        found = await consumer().wait_first(put(queue, 7), asyncio.Event().wait())
        assert found.results == [7]
        assert queue.get_nowait() == 7
        assert asyncio.all_tasks() == tasks

    asyncio.run(main())


def test_a_message_without_room_waits_for_it() -> None:
    """The coroutine that had begun goes on where it waited."""

    async def main() -> None:
        queue: asyncio.Queue[int] = asyncio.Queue(1)
        queue.put_nowait(1)
        waiting = asyncio.ensure_future(
            consumer().wait_first(put(queue, 2), asyncio.Event().wait())
        )
        await asyncio.sleep(0.02)
        assert not waiting.done()
        assert queue.get_nowait() == 1
        await asyncio.wait_for(waiting, 5)
        assert queue.get_nowait() == 2

    asyncio.run(main())


def test_a_suspended_flow_ends_the_wait_and_the_put() -> None:
    """A rebalance must not be held up by a full queue, and the put is given up."""

    async def main() -> None:
        queue: asyncio.Queue[int] = asyncio.Queue(1)
        queue.put_nowait(1)
        suspended = asyncio.Event()
        waiting = asyncio.ensure_future(consumer().wait_first(put(queue, 2), suspended.wait()))
        await asyncio.sleep(0.02)
        suspended.set()
        await asyncio.wait_for(waiting, 5)
        await asyncio.sleep(0)
        assert queue.get_nowait() == 1
        await asyncio.sleep(0.02)
        assert queue.empty()

    asyncio.run(main())


def test_a_fault_is_raised_as_it_is() -> None:
    """What the first raises is not swallowed."""

    async def fails() -> None:
        raise ValueError

    async def main() -> None:
        with pytest.raises(ValueError):  # noqa: PT011 - our own, without text
            await consumer().wait_first(fails(), asyncio.Event().wait())

    asyncio.run(main())
