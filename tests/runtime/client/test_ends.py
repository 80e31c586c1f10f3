"""What runs beside others ends when it is told to, at whatever moment that is: it is told at one turn of the loop after the other."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from jobcenter.api.endings import Endings
from jobcenter.listener import Listener
from jobcenter.signals import within

TURNS = range(12)
SOON = 30.0  # seconds; only a test that fails waits for so long


async def turns(count: int) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


async def ended(task: asyncio.Task[None]) -> bool:
    return bool((await asyncio.wait({task}, timeout=SOON))[0])


def test_a_wait_that_is_over_does_not_hide_the_end_of_its_task() -> None:
    async def cancelled_after(count: int) -> bool:
        event = asyncio.Event()
        task = asyncio.create_task(within(event, SOON))
        await turns(2)
        event.set()
        await turns(count)
        if not task.cancel():
            return True  # it was over
        await asyncio.wait({task})
        return task.cancelled()

    assert all(asyncio.run(cancelled_after(count)) for count in TURNS)


def test_a_wait_within_some_time() -> None:
    async def waits() -> tuple[bool, bool]:
        event = asyncio.Event()
        late = await within(event, 0.01)
        event.set()
        return late, await within(event, 0)

    assert asyncio.run(waits()) == (False, True)


@pytest.mark.parametrize("count", TURNS)
def test_endings(count: int) -> None:
    async def look(jobs: Sequence[int]) -> dict[int, None]:
        return {}

    async def told_after(count: int) -> bool:
        endings = Endings(look)  # type: ignore[arg-type]  # nothing is found
        running = asyncio.create_task(endings.run())
        await turns(3)
        endings.watch(1, lambda output: None)
        endings.check(1)
        await turns(count)
        running.cancel()
        return await ended(running)

    assert asyncio.run(told_after(count))


@pytest.mark.parametrize("count", TURNS)
def test_a_listener(database: str, count: int) -> None:
    async def told_after(count: int) -> bool:
        listener = Listener(database)
        listener.start()
        listener.hear("first", lambda payload: None)
        await asyncio.sleep(0.05)  # until it reads
        listener.hear("second", lambda payload: None)
        await turns(count)
        return await ended(asyncio.create_task(listener.stop()))

    assert asyncio.run(told_after(count))
