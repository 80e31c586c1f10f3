"""Waiting for an event of the loop, for some time at most.

Not by `asyncio.wait_for`: in Python 3.11, that hides a cancellation which comes in the moment in which the wait ends, and the task that was to
end goes on for ever.
"""

from __future__ import annotations

import asyncio
import contextlib


async def within(event: asyncio.Event, seconds: float) -> bool:
    """Whether the event came within `seconds`. Cancelled as any wait."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
    return event.is_set()


class Signal:
    """A flag for which one task waits, for some time at most. An `asyncio.Event` and `within`, for those who wait a thousand times a second: one
    timer is kept over many waits, and looks when it rings whether there is one that is over."""

    def __init__(self) -> None:
        self._set = False
        self._waiter: asyncio.Future[None] | None = None
        self._until = 0.0  # when the wait is over
        self._timer: asyncio.TimerHandle | None = None

    def is_set(self) -> bool:
        return self._set

    def set(self) -> None:
        self._set = True
        self._end_wait()

    def clear(self) -> None:
        self._set = False

    async def within(self, seconds: float) -> bool:
        """Whether it is set within `seconds`. Cancelled as any wait."""
        assert self._waiter is None, "one task waits for a signal"
        if not self._set:
            loop = asyncio.get_running_loop()
            self._waiter = loop.create_future()
            self._until = loop.time() + seconds
            if self._timer is None or self._timer.when() > self._until:
                self._start_timer(loop)
            try:
                await self._waiter
            finally:
                self._waiter = None
        return self._set

    def _start_timer(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = loop.call_at(self._until, self._ring, loop)

    def _ring(self, loop: asyncio.AbstractEventLoop) -> None:
        self._timer = None
        if self._waiter is None:
            return
        if loop.time() < self._until:
            self._start_timer(loop)
        else:
            self._end_wait()

    def _end_wait(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
