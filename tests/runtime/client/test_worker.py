"""A worker against a real database: batches, threads, stopping, and everything that may break in between."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from jobcenter import Client, SoftError, Worker
from tests.runtime.client.conftest import Puppet

Outputs = dict[str, Any]


@asynccontextmanager
async def serving(worker: Worker) -> AsyncIterator[None]:
    task = asyncio.create_task(worker.serve())
    try:
        yield
    finally:
        worker.stop()
        await asyncio.wait_for(task, 30)


async def until(condition: Callable[[], bool], seconds: float = 30) -> None:
    """Waits for what must happen; how long it takes is not what is tested."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        await asyncio.sleep(0.01)


def jobs_of(database: str, inputs: list[object]) -> list[int]:
    with Client(database) as jc:
        return [job.id for job in jc.create_jobs("calltest", [{"input": n} for n in inputs])]


def outcomes(puppet: Puppet, jobs: list[int]) -> list[Outputs]:
    rows = puppet.connection.execute(
        "select out_args from jobcenter.jobs where job_id = any (%s) and state in ('done', 'finished', 'error')"
        " and task_id <> 1 order by job_id",
        (jobs,),
    ).fetchall()
    return [row[0] for row in rows]


def cut_all(puppet: Puppet) -> None:
    puppet.connection.execute(
        "select pg_terminate_backend(pid) from pg_stat_activity"
        " where pid <> pg_backend_pid() and datname = current_database()"
    )


def test_tasks_are_done_in_threads_and_coroutines(database: str, puppet: Puppet) -> None:
    worker = Worker("adder", database)
    threads: set[str] = set()

    @worker.action("add", slots=4)
    def add(counter: float, step: float = 1) -> Outputs:
        threads.add(threading.current_thread().name)
        return {"counter": counter + step}

    jobs = jobs_of(database, list(range(20)))
    puppet.begin()

    async def work() -> None:
        async with serving(worker):
            await until(lambda: len(outcomes(puppet, jobs)) == 20)

    asyncio.run(work())
    assert outcomes(puppet, jobs) == [{"counter": n + 1} for n in range(20)]
    assert 1 <= len(threads) <= 4
    assert threading.current_thread().name not in threads


def test_no_more_tasks_at_once_than_slots(database: str, puppet: Puppet) -> None:
    worker = Worker("adder", database)
    now, most = 0, 0

    @worker.action("add", slots=3)
    async def add(counter: float, **rest: object) -> Outputs:
        nonlocal now, most
        now += 1
        most = max(most, now)
        await asyncio.sleep(0.01)
        now -= 1
        return {"counter": counter}

    jobs = jobs_of(database, list(range(15)))
    puppet.begin()

    async def work() -> None:
        async with serving(worker):
            await until(lambda: len(outcomes(puppet, jobs)) == 15)

    asyncio.run(work())
    assert most == 3


def test_work_goes_on_without_polling_while_there_is_some(
    database: str, puppet: Puppet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jobcenter.exchange.BEAT", 10_000)
    worker = Worker("adder", database)

    @worker.action("add", slots=3)
    def add(counter: float) -> Outputs:
        time.sleep(counter % 3 / 1000)
        return {"counter": counter}

    jobs = jobs_of(database, list(range(300)))
    puppet.begin()

    async def work() -> None:
        async with serving(worker):
            await until(lambda: len(outcomes(puppet, jobs)) == 300)

    asyncio.run(work())


def test_errors_keep_their_class(database: str, puppet: Puppet) -> None:
    worker = Worker("adder", database)

    @worker.action("add")
    def add(counter: float) -> Outputs:
        if counter == 1:
            raise SoftError("busy")
        raise RuntimeError("broken")

    jobs = jobs_of(database, [1, 2])
    puppet.begin()

    async def work() -> None:
        async with serving(worker):
            await until(lambda: len(outcomes(puppet, jobs)) == 2)

    asyncio.run(work())
    assert outcomes(puppet, jobs) == [
        {"error": {"class": "soft", "msg": "busy"}},
        {"error": {"class": "normal", "msg": "broken"}},
    ]


def test_an_answer_that_the_database_cannot_take_fails_its_task_alone(
    database: str, puppet: Puppet, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Else it would not be sent at all: what else the database takes not is too large for a test.
    monkeypatch.setattr("jobcenter.actions.unstorable_json", lambda *_: None)
    worker = Worker("adder", database)

    @worker.action("add", slots=50)
    async def add(counter: float) -> Outputs:
        return {"counter": counter, "note": "a\0b" if counter == 7 else "fine"}

    jobs = jobs_of(database, list(range(20)))
    puppet.begin()

    async def work() -> None:
        async with serving(worker):
            await until(lambda: len(outcomes(puppet, jobs)) == 20)

    asyncio.run(work())
    found = outcomes(puppet, jobs)
    assert "refused" in found[7]["error"]["msg"]
    assert [entry["counter"] for n, entry in enumerate(found) if n != 7] == [
        n for n in range(20) if n != 7
    ]


def test_stopping_finishes_what_was_begun_and_claims_no_more(database: str, puppet: Puppet) -> None:
    worker = Worker("adder", database)
    begun, go_on = threading.Event(), threading.Event()

    @worker.action("add", slots=1)
    def add(counter: float) -> Outputs:
        begun.set()
        go_on.wait(30)
        return {"counter": counter}

    jobs = jobs_of(database, [1, 2])
    puppet.begin()

    async def work() -> None:
        serving = asyncio.create_task(worker.serve())
        await until(begun.is_set)
        worker.stop()
        go_on.set()
        await asyncio.wait_for(serving, 30)

    asyncio.run(work())
    assert [puppet.state(job) for job in jobs] == ["done", "ready"]
    alive = puppet.connection.execute(
        "select count(*) from jobcenter.workers where stopped is null"
    ).fetchone()
    assert alive == (0,)


def test_an_answer_is_sent_again_when_the_connection_broke(
    database: str, puppet: Puppet, caplog: pytest.LogCaptureFixture
) -> None:
    worker = Worker("adder", database)
    runs: Counter[float] = Counter()

    @worker.action("add", slots=50)
    def add(counter: float) -> Outputs:
        runs[counter] += 1
        if counter == 3:
            cut_all(puppet)  # now no connection of the worker is left
        return {"counter": counter}

    jobs = jobs_of(database, list(range(10)))
    puppet.begin()

    async def work() -> None:
        async with serving(worker):
            await until(lambda: len(outcomes(puppet, jobs)) == 10)

    asyncio.run(work())
    assert runs == Counter({float(n): 1 for n in range(10)})
    assert "too late" not in caplog.text


@pytest.mark.parametrize("break_connection", [True, False])
def test_a_claim_whose_answer_was_lost_is_taken_up(
    database: str, puppet: Puppet, break_connection: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Soon after the new connection; and, where the claim comes into force only then, at a later beat."""
    monkeypatch.setattr("jobcenter.exchange.BEAT", 10_000 if break_connection else 0.05)
    worker = Worker("adder", database)
    runs: Counter[float] = Counter()

    @worker.action("add", slots=50)
    def add(counter: float) -> Outputs:
        runs[counter] += 1
        return {"counter": counter}

    async def work() -> None:
        async with serving(worker):
            await until(lambda: _workers(puppet) == 1)
            # As if the worker had claimed and its connection had broken before it heard of it.
            jobs = jobs_of(database, [1, 2])
            puppet.connection.execute(
                "update jobcenter.jobs set state = 'plotting' where task_id = 1"
            )
            puppet.connection.execute(
                "with c as (select workflow_id, queue_id from jobcenter.callees)"
                " update jobcenter.jobs j set state = 'working', task_id = 2, queue_id = c.queue_id,"
                " in_args = jsonb_build_object('counter', j.arguments -> 'input'),"
                " cookie = jobcenter.new_cookie(j.job_id),"
                " worker_id = (select worker_id from jobcenter.workers where stopped is null)"
                " from c where c.workflow_id = j.workflow_id"
            )
            if break_connection:
                cut_all(puppet)
            await until(lambda: len(outcomes(puppet, jobs)) == 2)

    asyncio.run(work())
    assert runs == Counter({1.0: 1, 2.0: 1})


def _workers(puppet: Puppet) -> int:
    row = puppet.connection.execute(
        "select count(*) from jobcenter.workers where stopped is null"
    ).fetchone()
    assert row is not None
    return int(row[0])


def test_a_late_answer_is_logged_and_changes_nothing(
    database: str, puppet: Puppet, caplog: pytest.LogCaptureFixture
) -> None:
    worker = Worker("adder", database)

    @worker.action("add")
    def add(counter: float) -> Outputs:
        with Client(database) as jc:
            jc.cancel_job(job)
        return {"counter": counter}

    (job,) = jobs_of(database, [1])
    puppet.begin()

    async def work() -> None:
        async with serving(worker):
            await until(lambda: "too late" in caplog.text)

    with caplog.at_level(logging.WARNING, "jobcenter.worker"):
        asyncio.run(work())
    assert outcomes(puppet, [job])[0]["error"]["class"] == "abort"


def test_a_worker_that_was_given_up_announces_itself_again(
    database: str, puppet: Puppet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jobcenter.exchange.BEAT", 0.05)
    worker = Worker("adder", database)

    @worker.action("add")
    def add(counter: float) -> Outputs:
        return {"counter": counter}

    async def work() -> None:
        async with serving(worker):
            await until(lambda: _workers(puppet) == 1)
            puppet.connection.execute("delete from jobcenter.workers")
            await until(lambda: _workers(puppet) == 1)
            jobs = jobs_of(database, [1])
            puppet.begin()
            await until(lambda: len(outcomes(puppet, jobs)) == 1)

    asyncio.run(work())


def test_tasks_are_found_without_notifications(
    database: str, puppet: Puppet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jobcenter.exchange.BEAT", 0.05)
    monkeypatch.setattr(Puppet, "notify", lambda self, channel: None)
    worker = Worker("adder", database)

    @worker.action("add")
    def add(counter: float) -> Outputs:
        return {"counter": counter}

    async def work() -> None:
        async with serving(worker):
            await until(lambda: _workers(puppet) == 1)
            jobs = jobs_of(database, [1])
            puppet.begin()
            await until(lambda: len(outcomes(puppet, jobs)) == 1)

    asyncio.run(work())


def test_an_action_that_is_not_deployed_does_not_hold_up_the_others(
    database: str, puppet: Puppet, caplog: pytest.LogCaptureFixture
) -> None:
    worker = Worker("adder", database)

    @worker.action("nowhere")
    @worker.action("elsewhere")
    def nowhere() -> None: ...

    @worker.action("add")
    def add(counter: float) -> Outputs:
        return {"counter": counter}

    jobs = jobs_of(database, [1])
    puppet.begin()

    async def work() -> None:
        async with serving(worker):
            await until(lambda: len(outcomes(puppet, jobs)) == 1)

    asyncio.run(work())
    told = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    (line,) = told
    assert line.endswith("does not serve for now what is not deployed: elsewhere, nowhere")


def test_an_action_is_registered_once() -> None:
    worker = Worker("adder")
    worker.action("add")(lambda: None)
    with pytest.raises(ValueError, match="`add` is registered twice"):
        worker.action("add")(lambda: None)
    assert worker.actions == ("add",)
