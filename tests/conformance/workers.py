"""The outside world of the conformance kit: the workers of its actions, and what they remember.

The actions that a file of the kit declares for itself are here too, by their names.
"""

from __future__ import annotations

import asyncio
import itertools
from collections import defaultdict
from typing import Any

from psycopg.types.json import Jsonb

from jobcenter import AsyncClient, SoftError, Worker
from jobcenter.database import connect_async

Outputs = dict[str, Any]


def make_workers(dsn: str) -> list[Worker]:
    """Workers for all actions of the kit but those of `be_mortal`."""
    return [
        _general(dsn),
        _regional(dsn, "european", "eu", "uk"),
        _regional(dsn, "other", "us", "asia"),
    ]


def _general(dsn: str) -> Worker:
    worker = Worker("kit", dsn)
    books: defaultdict[str, list[Any]] = defaultdict(list)

    async def rows(query: str, *params: object) -> list[tuple[Any, ...]]:
        async with await connect_async(dsn) as connection:
            return await (await connection.execute(query.encode(), params)).fetchall()

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

    @worker.action("locks_of", slots=20)
    async def locks_of(job: int) -> Outputs:
        query = "select locktype || ' ' || lockvalue from jobcenter.locks where job_id = %s order by taken, locktype, lockvalue"
        return {"held": [name for (name,) in await rows(query, job)]}

    @worker.action("await_waiting", slots=20)
    async def await_waiting(type: str, value: str, count: int) -> None:
        query = "select from jobcenter.lock_waits where locktype = %s and lockvalue = %s"
        while len(await rows(query, type, value)) < count:
            await asyncio.sleep(0.01)

    @worker.action("tell", slots=20)
    async def tell(event: Outputs) -> Outputs:
        async with AsyncClient(dsn) as client:
            return {"reached": await client.raise_event(event)}

    @worker.action("takes_its_time")
    async def takes_its_time() -> Outputs:
        """Until the Maestro has seen that it is too late, however busy the machine is."""
        query = "select from jobcenter.jobs j join jobcenter.actions a on a.action_id = j.queue_id where a.name = 'takes_its_time' and j.state = 'working'"
        while await rows(query):
            await asyncio.sleep(0.01)
        return {"x": 1}

    _failing(worker, books)
    return worker


def _failing(worker: Worker, books: defaultdict[str, list[Any]]) -> None:
    """Actions that fail, in one way or another; and those that tell of what they were handed."""

    async def wobbly(book: str, failures: int) -> Outputs:
        books[book].append("tried")
        if len(books[book]) <= failures:
            raise SoftError("not now")
        return {"attempts": len(books[book])}

    for name in ("wobbly", "wobbly_once", "stubborn"):
        worker.action(name)(wobbly)

    @worker.action("is_in_time")
    async def is_in_time() -> Outputs:
        return {"x": 1}

    @worker.action("action_env_seen")
    async def action_env_seen(env: Outputs) -> Outputs:
        return {"seen": env}

    for name in ("env_not_seen", "action_env_like"):
        worker.action(name)(action_env_seen)

    @worker.action("same_as_echo")
    async def same_as_echo(value: Any) -> Outputs:
        return {"value": value}


def _regional(dsn: str, name: str, *regions: str) -> Worker:
    """A worker that serves only these regions."""
    worker = Worker(name, dsn)

    @worker.action("where_am_i", filter={"region": list(regions)})
    async def where_am_i(region: str) -> Outputs:
        return {"by": name}

    return worker


async def be_mortal(dsn: str) -> None:
    """Does the actions that kill their workers: the first worker of each dies with its task, the next one does it."""
    workers = dict.fromkeys(("dies_once", "dies_for_good"), 1)
    async with await connect_async(dsn) as connection:
        for action in itertools.cycle(workers):
            worker = f"{action} {workers[action]}"
            cursor = await connection.execute(
                "select o_job_cookie from jobcenter.get_tasks(%s, %s, 1)", (worker, action)
            )
            for (cookie,) in await cursor.fetchall():
                if workers[action] == 1:
                    # As if it had been silent for too long, and a Maestro had just looked.
                    await connection.execute(
                        "update jobcenter.workers set last_ping = now() - interval '1 day' where name = %s",
                        (worker,),
                    )
                    await connection.execute("select jobcenter.keep_house()")
                    workers[action] = 2
                else:
                    await connection.execute(
                        "select jobcenter.task_done(%s, %s)", (cookie, Jsonb({"worker": 2}))
                    )
            await asyncio.sleep(0.02)
