"""Metrics: what is counted of jobs, tasks and batches, and what is sampled of the queues."""

from __future__ import annotations

import asyncio
import json
import os
import signal

import pytest
from prometheus_client import CollectorRegistry

from jobcenter import Client, SoftError
from jobcenter.artifact import Kind, program_to_json
from jobcenter.database import Connection, connect_async
from jobcenter.deploy import deploy
from jobcenter.executor import ProcessExecutor
from jobcenter.frames import LoadedModule
from jobcenter.observe.figures import Sampler
from jobcenter.observe.metrics import FigureMetrics, MaestroMetrics, WorkerMetrics, exposition
from jobcenter.observe.observer import Batch
from tests.runtime.observe.conftest import call, town, until
from tests.runtime.workflows import ADD, Flow, action, calltest


def value(registry: CollectorRegistry, name: str, **labels: str) -> float | None:
    return registry.get_sample_value(name, labels)


def test_jobs_and_tasks_are_counted(database: str, connection: Connection) -> None:
    deploy(connection, [ADD, calltest()])
    registry = CollectorRegistry()
    told = CollectorRegistry()
    observers = MaestroMetrics(registry), WorkerMetrics(told)

    def add(counter: float, step: float) -> dict[str, float]:
        if counter == 13:
            raise ValueError("not this one")
        return {"counter": counter + step}

    async def work() -> None:
        async with town(database, *observers, add=add):
            for number in (1, 2, 13):
                await call(database, "calltest", {"input": number})

    asyncio.run(work())
    assert value(registry, "jobcenter_jobs_started_total", workflow="calltest") == 3
    assert value(registry, "jobcenter_jobs_finished_total", workflow="calltest") == 2
    assert value(registry, "jobcenter_jobs_failed_total", workflow="calltest") == 1
    assert value(registry, "jobcenter_steps_total", workflow="calltest") == 3 + 3 + 2
    assert value(registry, "jobcenter_tasks_queued_total", action="add") == 3
    assert value(registry, "jobcenter_step_errors_total", **{"class": "normal"}) == 1
    assert value(registry, "jobcenter_batch_jobs_sum") == 6
    batches = value(registry, "jobcenter_batch_jobs_count")
    for phase in ("run", "store"):
        assert value(registry, "jobcenter_batch_seconds_count", phase=phase) == batches
    assert value(told, "jobcenter_worker_tasks_claimed_total", action="add") == 3
    assert (
        value(told, "jobcenter_worker_tasks_answered_total", action="add", receipt="recorded") == 3
    )
    failed = {"action": "add", "class": "normal"}
    assert value(told, "jobcenter_worker_tasks_failed_total", **failed) == 1
    assert value(told, "jobcenter_worker_task_seconds_count", action="add") == 3


def test_retries_and_what_a_sandbox_stops_are_errors_of_steps(
    database: str, connection: Connection
) -> None:
    flow = Flow("endless")
    flow.task(Kind.CALL, callee="flaky")
    flow.task(Kind.EVAL, eval="t['x'] = 'a' * 10**12")
    retried = action("flaky", config={"retry": {"tries": 2, "interval": 0}})
    deploy(connection, [retried, flow.definition()])
    registry = CollectorRegistry()
    tried: list[int] = []

    def flaky() -> None:
        tried.append(1)
        if len(tried) == 1:
            raise SoftError("not now")

    async def work() -> None:
        async with town(database, MaestroMetrics(registry), flaky=flaky):
            assert await call(database, "endless", {}) == "sandbox"

    asyncio.run(work())
    assert value(registry, "jobcenter_step_errors_total", **{"class": "soft"}) == 1
    assert value(registry, "jobcenter_step_errors_total", **{"class": "sandbox"}) == 1


def test_a_late_answer_is_counted_as_such(database: str, connection: Connection) -> None:
    deploy(connection, [ADD, calltest()])
    registry = CollectorRegistry()

    async def work() -> None:
        begun, go_on = asyncio.Event(), asyncio.Event()

        async def add(counter: float, step: float) -> dict[str, float]:
            begun.set()
            await go_on.wait()
            return {"counter": counter + step}

        with Client(database) as client:
            job = client.create_job("calltest", {"input": 1})
            async with town(database, worker=WorkerMetrics(registry), add=add):
                await begun.wait()
                assert client.cancel_job(job.id, force=True)
                go_on.set()
                late = {"action": "add", "receipt": "late"}
                name = "jobcenter_worker_tasks_answered_total"
                await until(lambda: value(registry, name, **late) == 1)

    asyncio.run(work())


def test_lost_connections_are_counted(database: str, connection: Connection) -> None:
    registry = CollectorRegistry()
    name = "jobcenter_reconnects_total"

    async def work() -> None:
        async with town(database, MaestroMetrics(registry)):
            pids = "select pid from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
            await until(lambda: len(connection.execute(pids).fetchall()) >= 3)
            connection.execute(f"select pg_terminate_backend(pid) from ({pids}) x")
            for part in ("lane 1", "timers", "house"):
                await until(lambda part=part: value(registry, name, part=part) == 1)  # type: ignore[misc]

    asyncio.run(work())


@pytest.mark.parametrize("overdue", [True, False])
def test_deaths_of_executors_are_counted_by_their_reason(overdue: bool) -> None:
    registry = CollectorRegistry()
    metrics = MaestroMetrics(registry)
    metrics.executor_died(overdue)
    for reason, expected in (("overdue", overdue), ("died", not overdue)):
        name = "jobcenter_executor_restarts_total"
        assert value(registry, name, reason=reason) == float(expected)


def test_an_executor_process_tells_a_tally_and_its_deaths() -> None:
    registry = CollectorRegistry()
    metrics = MaestroMetrics(registry)
    quick = Flow("quick").definition()
    assert quick.program is not None
    assert quick.module is not None
    program = json.dumps(program_to_json(quick.program))
    module = LoadedModule(5, program, "[]", quick.module.python, None)
    row = (
        '[{"job":1,"workflow":5,"task":1,"state":"done","args":{},"env":{},"vars":{},"in":null,'
        '"out":null,"steps":0,"depth":0,"tries":0}]'
    )

    async def work() -> None:
        executor = ProcessExecutor(observer=metrics)
        executor.give(module)
        for _ in range(2):
            (results,) = await executor.run(row, [5])
            metrics.batch(Batch(1, 0.1, 0.1, [results.tally]))
            assert executor._child is not None
            os.kill(executor._child.transport.get_pid(), signal.SIGKILL)
            await executor._child.exited()
        await executor.close()

    asyncio.run(work())
    assert value(registry, "jobcenter_jobs_finished_total", workflow="quick") == 2
    assert value(registry, "jobcenter_executor_restarts_total", reason="died") == 1


def test_the_queues_are_sampled(database: str, connection: Connection) -> None:
    deploy(connection, [ADD, action("idle"), calltest()])
    registry = CollectorRegistry()
    gauges = FigureMetrics(registry)

    async def work() -> None:
        sampler = Sampler(database)
        with Client(database) as client:
            client.create_jobs("calltest", [{"input": n} for n in range(5)])
            gauges.show(await sampler.figures())
            assert value(registry, "jobcenter_jobs", state="done") == 5
            async with town(database):
                ready = "select count(*) from jobcenter.jobs where state = 'ready'"
                await until(lambda: connection.execute(ready).fetchone() == (5,))
        connection.execute("select jobcenter.announce('w', 'add')")
        connection.execute("select jobcenter.get_tasks('w', 'add', 2)")
        connection.execute("update jobcenter.jobs set task_entered = now() - interval '1 minute'")
        connection.execute(
            "update jobcenter.jobs set timeout = now() - interval '9 s' where state = 'working'"
        )
        # What was sampled just now is good for a while.
        gauges.show(await sampler.figures())
        assert value(registry, "jobcenter_jobs", state="done") == 5
        await sampler.close()
        sampler = Sampler(database)
        gauges.show(await sampler.figures())
        await sampler.close()

    asyncio.run(work())
    assert value(registry, "jobcenter_database_up") == 1
    assert value(registry, "jobcenter_jobs", state="done") == 0
    assert value(registry, "jobcenter_jobs", state="ready") == 3
    assert value(registry, "jobcenter_jobs", state="timed") == 2
    assert value(registry, "jobcenter_queue_tasks", action="add", state="ready") == 3
    assert value(registry, "jobcenter_queue_tasks", action="add", state="working") == 2
    assert value(registry, "jobcenter_queue_tasks", action="idle", state="ready") == 0
    assert value(registry, "jobcenter_queue_workers", action="add") == 1
    assert 60 <= (value(registry, "jobcenter_queue_oldest_seconds", action="add") or 0) < 600
    assert 9 <= (value(registry, "jobcenter_timer_lag_seconds") or 0) < 600


def test_without_a_database_nothing_is_known(database: str) -> None:
    registry = CollectorRegistry()
    gauges = FigureMetrics(registry)

    async def work() -> None:
        sampler = Sampler(database)
        gauges.show(await sampler.figures())
        await sampler.close()
        nowhere = Sampler("host=127.0.0.1 port=1 dbname=nowhere")
        assert await nowhere.figures() is None
        assert not await nowhere.reachable()
        gauges.show(None)

    asyncio.run(work())
    assert value(registry, "jobcenter_database_up") == 0
    assert b'jobcenter_jobs{state="done"}' not in exposition(registry)


def test_a_sampler_finds_its_database_again(database: str, connection: Connection) -> None:
    async def work() -> None:
        sampler = Sampler(database)
        assert await sampler.reachable()
        connection.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'jobcenter observer'"
            " and datname = current_database()"
        )
        assert not await sampler.reachable()
        assert await sampler.reachable()
        await sampler.close()
        async with await connect_async(database) as other:
            assert other.closed is False

    asyncio.run(work())
