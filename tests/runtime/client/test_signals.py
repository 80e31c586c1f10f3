"""What the loops of Maestro and worker wait by: handoffs and signals."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from jobcenter.handoff import Handoff
from jobcenter.signals import Signal

LONG = 60.0  # seconds that no test waits for


def perform(work: Callable[[list[str]], Awaitable[None]]) -> list[str]:
    """What the work wrote down."""
    told: list[str] = []

    async def run() -> None:
        async with asyncio.timeout(20):
            await work(told)

    asyncio.run(run())
    return told


def test_who_awaits_a_handoff_goes_on_in_the_callback_that_sets_it() -> None:
    async def work(told: list[str]) -> None:
        handoff: Handoff[str] = Handoff(asyncio.get_running_loop())

        async def wait() -> None:
            told.append(await handoff)

        def answer() -> None:
            handoff.set_result("answer")
            told.append("after")

        task = asyncio.create_task(wait())
        await asyncio.sleep(0)
        asyncio.get_running_loop().call_soon(answer)
        await task

    assert perform(work) == ["answer", "after"]


def test_a_task_that_sets_a_handoff_goes_on_before_the_other_does() -> None:
    async def work(told: list[str]) -> None:
        handoff: Handoff[str] = Handoff(asyncio.get_running_loop())

        async def wait() -> None:
            told.append(await handoff)

        task = asyncio.create_task(wait())
        await asyncio.sleep(0)
        handoff.set_result("answer")
        told.append("after")
        await task

    assert perform(work) == ["after", "answer"]


def test_a_handoff_that_is_set_before_it_is_awaited() -> None:
    async def work(told: list[str]) -> None:
        loop = asyncio.get_running_loop()
        answered: Handoff[str] = Handoff(loop)
        answered.set_result("answer")
        told.append(await answered)
        failed: Handoff[str] = Handoff(loop)
        failed.set_exception(EOFError("gone"))
        with pytest.raises(EOFError, match="gone"):
            await failed
        answered.set_result("another")
        answered.set_exception(EOFError())
        told.append(answered.result())

    assert perform(work) == ["answer", "answer"]


def test_an_error_reaches_who_awaits() -> None:
    async def work(told: list[str]) -> None:
        handoff: Handoff[str] = Handoff(asyncio.get_running_loop())
        asyncio.get_running_loop().call_soon(handoff.set_exception, EOFError("gone"))
        with pytest.raises(EOFError, match="gone"):
            await handoff

    assert perform(work) == []


def test_who_is_cancelled_waits_no_more_and_a_late_answer_is_nobodys() -> None:
    async def work(told: list[str]) -> None:
        handoff: Handoff[str] = Handoff(asyncio.get_running_loop())

        async def wait() -> None:
            try:
                await handoff
            except asyncio.CancelledError:
                told.append("cancelled")
                raise

        task = asyncio.create_task(wait())
        await asyncio.sleep(0)
        task.cancel()
        handoff.set_result("too late")
        with pytest.raises(asyncio.CancelledError):
            await task
        assert handoff.cancelled()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01):
                await Handoff[str](asyncio.get_running_loop())

    assert perform(work) == ["cancelled"]


def test_a_signal_ends_the_wait_and_stays_until_it_is_cleared() -> None:
    async def work(told: list[str]) -> None:
        signal = Signal()
        asyncio.get_running_loop().call_later(0.01, signal.set)
        assert await signal.within(LONG)
        assert signal.is_set()
        assert await signal.within(LONG)
        signal.clear()
        assert not await signal.within(0.01)

    perform(work)


@pytest.mark.parametrize("first", [0.01, 0.05, LONG])
def test_each_wait_has_its_own_time(first: float) -> None:
    """The timer of an earlier wait, that was over before its time, neither ends a later one nor delays it."""

    async def work(told: list[str]) -> None:
        loop, signal = asyncio.get_running_loop(), Signal()
        loop.call_soon(signal.set)
        assert await signal.within(first)
        signal.clear()
        begun = loop.time()
        assert not await signal.within(0.1)
        assert loop.time() - begun >= 0.09

    perform(work)


def test_a_wait_that_is_cancelled_leaves_the_signal_as_it_was() -> None:
    async def work(told: list[str]) -> None:
        signal = Signal()
        task = asyncio.create_task(signal.within(LONG))
        await asyncio.sleep(0)
        task.cancel()
        signal.set()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await signal.within(0)

    perform(work)
