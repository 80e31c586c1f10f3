"""Batches that make themselves: while one is on its way, what is asked for in the meantime becomes the next one.

So a quiet service answers at once, and a busy one has few, long statements. Says nothing of what is in a batch.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from itertools import islice
from typing import Final, Generic, TypeVar

from jobcenter.errors import JobCenterError, NoDatabase, Refused, Unavailable

Q = TypeVar("Q")
A = TypeVar("A")

LIMIT: Final = 500
BYTES: Final = 400_000  # of a batch: twice that fits into a frame of the network


class Batcher(Generic[Q, A]):
    """`flush` takes what was asked and gives an answer for each, in that order: a value, or the exception for who asked. An
    exception that it raises is for all of them. Never two at a time. `weigh` tells how many bytes a question is."""

    def __init__(
        self,
        flush: Callable[[list[Q]], Awaitable[Sequence[A | Exception]]],
        limit: int = LIMIT,
        weigh: Callable[[Q], int] = lambda question: 0,
    ) -> None:
        self._flush = flush
        self._limit = limit
        self._weigh = weigh
        self._waiting: list[tuple[Q, asyncio.Future[A]]] = []
        self._runner: asyncio.Task[None] | None = None

    async def ask(self, question: Q) -> A:
        """Who is cancelled does not hear the answer; the question may have been answered all the same."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[A] = loop.create_future()
        self._waiting.append((question, answer))
        if self._runner is None:
            self._runner = loop.create_task(self._run())
        return await answer

    async def drain(self) -> None:
        """Returns when all that was asked until now has been answered."""
        if self._runner is not None:
            await self._runner

    async def close(self) -> None:
        """Ends at once: who still waits is cancelled."""
        runner, waiting = self._runner, self._waiting
        self._waiting = []
        if runner is not None:
            runner.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await runner
        for _, answer in waiting:
            answer.cancel()

    async def _run(self) -> None:
        # It begins in the next turn of the loop: what is asked in this one goes along.
        while self._waiting:
            size = self._fitting()
            batch, self._waiting = self._waiting[:size], self._waiting[size:]
            try:
                answers = await self._flush([question for question, _ in batch])
            except asyncio.CancelledError:
                for _, waiter in batch:
                    waiter.cancel()
                raise
            except Exception as error:
                answers = _for_each(error, len(batch))
            for (_, waiter), answer in zip(batch, answers, strict=True):
                _resolve(waiter, answer)
        self._runner = None

    def _fitting(self) -> int:
        """How many of those that wait go into the next batch: one at least."""
        size = weight = 0
        for question, _ in islice(self._waiting, self._limit):
            weight += self._weigh(question)
            if size and weight > BYTES:
                break
            size += 1
        return size


async def apart(
    ask: Callable[[Sequence[Q]], Awaitable[Sequence[A]]], questions: Sequence[Q]
) -> Sequence[A | Exception]:
    """`ask` answers all of the questions, or raises. Where it refuses them, one of them cannot be answered, and the others need not suffer
    for it: it is found by halves. What speaks of none of them is the answer to each."""
    try:
        return await ask(questions)
    except (NoDatabase, Unavailable) as error:
        return _for_each(error, len(questions))
    except Refused as error:
        if len(questions) == 1:
            return [error]
    half = len(questions) // 2
    return [*await apart(ask, questions[:half]), *await apart(ask, questions[half:])]


def _for_each(error: Exception, count: int) -> list[Exception]:
    """Whoever catches one may write on it (`add_note`): no two get the same."""
    if isinstance(error, JobCenterError):
        return [_copy(error) for _ in range(count)]
    return [error] * count


def _copy(error: JobCenterError) -> JobCenterError:
    copy = type(error)(*error.args)
    copy.__cause__ = error
    return copy


def _resolve(waiter: asyncio.Future[A], answer: A | Exception) -> None:
    if waiter.done():  # whoever asked has gone
        return
    if isinstance(answer, Exception):
        waiter.set_exception(answer)
    else:
        waiter.set_result(answer)
