"""The outside world of the conformance kit: the workers of its actions, and what they remember.

The actions that a file of the kit declares for itself are here too, by their names.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from typing import Any

from jobcenter import AsyncClient, SoftError, Worker

Outputs = dict[str, Any]


def make_workers(dsn: str) -> list[Worker]:
    """Workers for all actions of the kit but `vanish…` (see `Mortal`)."""
    return [_general(dsn), _european(dsn)]


def _general(dsn: str) -> Worker:
    worker = Worker("kit", dsn)
    books: defaultdict[str, list[Any]] = defaultdict(list)

    @worker.action("add", slots=100)
    async def add(counter: float, step: float) -> Outputs:
        return {"counter": counter + step}

    @worker.action("echo", slots=100)
    async def echo(value: Any) -> Outputs:
        return {"value": value}

    @worker.action("answer", slots=100)
    async def answer(answer: Outputs) -> Outputs:
        return answer

    @worker.action("note", slots=100)
    async def note(book: str, line: Any) -> Outputs:
        books[book].append(line)
        return {"lines": list(books[book])}

    @worker.action("await_notes", slots=100)
    async def await_notes(book: str, count: int) -> Outputs:
        while len(books[book]) < count:
            await asyncio.sleep(0.005)
        return {"lines": list(books[book])}

    @worker.action("cancel", slots=20)
    async def cancel(job: int, force: bool) -> Outputs:
        async with AsyncClient(dsn) as client:
            return {"cancelled": await client.cancel_job(job, "it was cancelled", force=force)}

    @worker.action("tell", slots=20)
    async def tell(event: Outputs) -> Outputs:
        async with AsyncClient(dsn) as client:
            return {"reached": await client.raise_event(event)}

    _failing(worker, books)
    return worker


def _failing(worker: Worker, books: defaultdict[str, list[Any]]) -> None:
    """Actions that fail, in one way or another."""


def _european(dsn: str) -> Worker:
    return Worker("european", dsn)
