"""What tests of workers do over the wire, a function each, and what they look up in the database."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from jobcenter.database import Connection
from tests.api.conftest import SECONDS, Place, Wire

Frame = dict[str, Any]


async def until(condition: Callable[[], object]) -> None:
    """Waits for what must happen; how long it takes is not what is tested."""
    async with asyncio.timeout(SECONDS):
        while not condition():
            await asyncio.sleep(0.01)


async def create(client: Wire, count: int, workflow: str = "calltest") -> list[int]:
    """Jobs, all at once."""
    name = {"calltest": "input", "callonce": "n"}[workflow]
    for n in range(count):
        params = {"wfname": workflow, "inargs": {name: n}}
        client.send({"id": f"create{n}", "method": "create_job", "params": params})
    answers = [await client.answer_to(f"create{n}") for n in range(count)]
    return [answer["result"][0] for answer in answers]


async def take(worker: Wire) -> Frame:
    """The next task that the worker is told of."""
    ready = await worker.read()
    assert ready is not None
    assert ready["method"] == "task_ready"
    job, cookie, inputs, env = await worker.result("get_task", **ready["params"])
    return {"job": job, "cookie": cookie, "inputs": inputs, "env": env}


async def hears_nothing(worker: Wire) -> None:
    """What it was told before a ping is answered is here then."""
    assert await worker.call("ping") == {"result": "pong?"}
    assert worker.waiting == []


def answer(worker: Wire, task: Frame, outputs: Frame) -> None:
    params = {"cookie": task["cookie"], "outargs": outputs}
    worker.send({"method": "task_done", "params": params})


async def done(client: Wire) -> Frame:
    message = await client.read()
    assert message is not None
    assert message["method"] == "job_done"
    return dict(message["params"]["outargs"])


def states(connection: Connection, jobs: list[int]) -> list[str]:
    rows = connection.execute(
        "select state::text from jobcenter.jobs where job_id = any (%s) order by job_id", [jobs]
    )
    return [state for (state,) in rows]


def runs(connection: Connection, job: int) -> int:
    """How often the step with the action was recorded, answered or failed."""
    row = connection.execute(
        "select count(*) from jobcenter.job_task_log where job_id = %s and task_id = 2", [job]
    ).fetchone()
    assert row is not None
    return int(row[0])


def alive(place: Place) -> int:
    """How many workers the database takes for alive."""
    row = place.connection.execute(
        "select count(*) from jobcenter.workers where stopped is null"
    ).fetchone()
    assert row is not None
    return int(row[0])


async def announce(worker: Wire, action: str = "add", name: str = "w", **more: Any) -> None:
    assert await worker.result("announce", actionname=action, workername=name, **more) == [
        True,
        "success",
    ]


def cut_database(place: Place) -> None:
    place.connection.execute(
        "select pg_terminate_backend(pid) from pg_stat_activity"
        " where pid <> pg_backend_pid() and datname = current_database()"
    )
