"""A future that hands over at once: the task that awaits it goes on in the very callback that sets it, where a future of asyncio has the loop go
round once more. For answers that are read from a socket thousands of times a second.

It is one of the "future-like objects" that asyncio's tasks take (`asyncio.isfuture`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Generator
from contextvars import Context
from typing import Any, Generic, TypeVar, cast

T = TypeVar("T")

Callback = Callable[[Any], object]


class Handoff(Generic[T]):
    """For one task. Set by a callback of the loop, or by a task: then the other goes on when that one waits."""

    _asyncio_future_blocking = False

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._done = self._cancelled = False
        self._result: T | None = None
        self._error: BaseException | None = None
        self._waiter: tuple[Callback, Context | None] | None = None

    def __await__(self) -> Generator[Handoff[T], None, T]:
        if not self._done:
            self._asyncio_future_blocking = True
            yield self
        return self.result()

    def get_loop(self) -> asyncio.AbstractEventLoop:
        return self._loop

    def done(self) -> bool:
        return self._done

    def cancelled(self) -> bool:
        return self._cancelled

    def result(self) -> T:
        if self._cancelled:
            raise asyncio.CancelledError
        if self._error is not None:
            raise self._error
        return cast("T", self._result)

    def set_result(self, result: T) -> None:
        """Nothing, where it is done already: its task has given up waiting."""
        if not self._done:
            self._result = result
            self._end(at_once=asyncio.current_task(self._loop) is None)

    def set_exception(self, error: BaseException) -> None:
        """As `set_result`."""
        if not self._done:
            self._error = error
            self._end(at_once=asyncio.current_task(self._loop) is None)

    def cancel(self, msg: object = None) -> bool:
        """Asyncio's, when the task is cancelled."""
        if self._done:
            return False
        self._cancelled = True
        self._end(at_once=False)
        return True

    def add_done_callback(self, callback: Callback, *, context: Context | None = None) -> None:
        """Asyncio's, for the task that awaits this."""
        self._waiter = (callback, context)

    def _end(self, at_once: bool) -> None:
        self._done = True
        if self._waiter is None:
            return
        callback, context = self._waiter
        if not at_once:
            self._loop.call_soon(callback, self, context=context)
        elif context is None:
            callback(self)
        else:
            context.run(callback, self)
