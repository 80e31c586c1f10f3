"""Many calls at once by one async client: they go together, and none suffers for another."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from jobcenter import (
    AsyncClient,
    AsyncJob,
    InvalidArguments,
    NoDatabase,
    Unavailable,
    UnknownJob,
    UnknownWorkflow,
)
from jobcenter.batcher import BYTES, Batcher, apart
from jobcenter.ends import Ends
from jobcenter.errors import Refused
from jobcenter.orders import Order, create
from jobcenter.statements import JobStatus, Statement
from tests.runtime.client.conftest import Puppet
from tests.runtime.client.test_clients import _cut_others, finish


def transactions(puppet: Puppet) -> int:
    """Those that made the jobs there are."""
    row = puppet.connection.execute(
        "select count(distinct xmin::text) from jobcenter.jobs"
    ).fetchone()
    assert row is not None
    return int(row[0])


def test_jobs_created_at_once_are_few_transactions(database: str, puppet: Puppet) -> None:
    async def work() -> list[AsyncJob]:
        async with AsyncClient(database) as jc:
            first = [jc.create_job("calltest", {"input": n}) for n in range(300)]
            await jc.create_job("calltest", {"input": -1})
            more = [jc.create_job("calltest", {"input": n}, env={"n": n}) for n in range(100)]
            return await asyncio.gather(*first, *more)

    jobs = asyncio.run(work())
    assert transactions(puppet) == 2
    rows = puppet.connection.execute(
        "select job_id, arguments, environment -> 'n' from jobcenter.jobs order by job_id"
    ).fetchall()
    made = {job: (arguments, n) for job, arguments, n in rows[1:]}
    assert [made[job.id] for job in jobs[:300]] == [({"input": n}, None) for n in range(300)]
    assert [made[job.id] for job in jobs[300:]] == [({"input": n}, n) for n in range(100)]
    assert [job.id for job in jobs[:300]] == sorted(job.id for job in jobs[:300])


def test_a_call_that_cannot_be_does_not_spoil_the_others(database: str, puppet: Puppet) -> None:
    """Each gets the error that it would get alone."""
    number: Any = 5
    nothing: Any = object()

    async def work() -> list[AsyncJob | BaseException]:
        async with AsyncClient(database) as jc:
            wanted = [
                jc.create_job("calltest", {"input": 1}),
                jc.create_job("nowhere", {}),
                jc.create_job("calltest", {"input": "x"}),
                jc.create_job("calltest", {"input": 2}, key="k"),
                jc.create_job("calltest", {"input": 3}, tag="unknown"),
                jc.create_job("calltest", {"input": 4}, impersonate="nobody"),
                jc.create_job("calltest", {"input": "\0"}),
                jc.create_job("calltest", {"input": 5}, key="a\0b"),
                jc.create_job(number, {}),
                jc.create_job(nothing, {}),
                jc.create_job("calltest", {"input": float("nan")}),
                jc.create_job("calltest", {"input": 2}, key="k"),
                jc.create_job("calltest", {"input": 6}, env={"some": "thing"}),
            ]
            return await asyncio.gather(*wanted, return_exceptions=True)

    jobs = asyncio.run(work())
    made = [n for n, job in enumerate(jobs) if isinstance(job, AsyncJob)]
    assert made == [0, 3, 4, 11, 12]
    assert isinstance(jobs[3], AsyncJob)
    assert jobs[3] == jobs[11]
    assert isinstance(jobs[1], UnknownWorkflow)
    assert str(jobs[1]) == "no workflow named nowhere"
    assert isinstance(jobs[2], InvalidArguments)
    assert str(jobs[2]) == 'input argument "input" has wrong type string (should be number)'
    assert all(isinstance(jobs[n], InvalidArguments) for n in (6, 7, 9, 10))
    assert isinstance(jobs[8], UnknownWorkflow)


def test_what_is_asked_of_jobs_at_once_is_answered_to_each(database: str, puppet: Puppet) -> None:
    number: Any = "x"

    async def work() -> list[JobStatus | BaseException]:
        async with AsyncClient(database) as jc:
            ended = await jc.create_job("calltest", {"input": 1})
            finish(puppet, '{"counter": 2}')
            going_on = await jc.create_job("calltest", {"input": 1})
            asked = [ended.id, 10**9, going_on.id, 2**70, number, 0, ended.id]
            return await asyncio.gather(*map(jc.get_job_status, asked), return_exceptions=True)

    statuses = asyncio.run(work())
    assert isinstance(statuses[0], JobStatus)
    assert statuses[0] == statuses[6]
    assert statuses[0].output == {"counter": 2}
    assert isinstance(statuses[2], JobStatus)
    assert not statuses[2].ended
    assert isinstance(statuses[1], UnknownJob)
    assert isinstance(statuses[5], UnknownJob)
    assert isinstance(statuses[3], InvalidArguments)
    assert isinstance(statuses[4], InvalidArguments)


def test_results_are_waited_for_over_the_connection_that_creates(
    database: str, puppet: Puppet
) -> None:
    async def work() -> tuple[list[dict[str, Any]], int]:
        async with AsyncClient(database) as jc:
            calls = [asyncio.create_task(jc.call("calltest", {"input": n}, 20)) for n in range(50)]
            while not await jc.find_jobs({"input": 49}):
                await asyncio.sleep(0.01)
            row = puppet.connection.execute(
                "select count(*) from pg_stat_activity"
                " where datname = current_database() and pid <> pg_backend_pid()"
            ).fetchone()
            finish(puppet, '{"counter": 7}')
            assert row is not None
            return await asyncio.gather(*calls), row[0]

    assert asyncio.run(work()) == ([{"counter": 7}] * 50, 1)


def test_an_end_that_is_not_told_is_found(database: str, puppet: Puppet) -> None:
    async def work() -> dict[str, Any]:
        async with AsyncClient(database) as jc:
            call = asyncio.create_task(jc.call("calltest", {"input": 1}, 20))
            while not await jc.find_jobs({"input": 1}):
                await asyncio.sleep(0.01)
            puppet.begin()
            puppet.connection.execute(
                "select jobcenter.task_done(o_job_cookie, '{\"counter\": 2}')"
                " from jobcenter.get_tasks('hand', 'add', 9)"
            )
            puppet.end(tell=False)
            return await call

    assert asyncio.run(work()) == {"counter": 2}


def test_calls_survive_the_loss_of_their_connection(database: str, puppet: Puppet) -> None:
    """What ends while nobody listens is found, and what ends later is heard of again."""

    async def work() -> list[dict[str, Any]]:
        async with AsyncClient(database) as jc:
            calls = [asyncio.create_task(jc.call("calltest", {"input": n}, 20)) for n in range(20)]
            while not await jc.find_jobs({"input": 19}):
                await asyncio.sleep(0.01)
            puppet.begin()
            puppet.connection.execute(
                "select jobcenter.task_done(o_job_cookie, '{\"counter\": 2}')"
                " from jobcenter.get_tasks('hand', 'add', 10)"
            )
            _cut_others(puppet)
            puppet.end()
            await asyncio.wait(calls, return_when=asyncio.FIRST_COMPLETED)
            finish(puppet, '{"counter": 2}')
            return await asyncio.gather(*calls)

    assert asyncio.run(work()) == [{"counter": 2}] * 20


def test_without_a_database_each_is_told_so() -> None:
    async def work() -> list[dict[str, Any] | BaseException]:
        jc = AsyncClient("host=/nowhere dbname=x")
        calls = [jc.call("calltest", {"input": n}) for n in range(3)]
        return await asyncio.gather(*calls, return_exceptions=True)

    errors = asyncio.run(work())
    assert [type(error) for error in errors] == [NoDatabase] * 3
    assert len(set(map(id, errors))) == 3


def test_a_client_that_is_closed_ends_what_is_asked(database: str, puppet: Puppet) -> None:
    async def work() -> list[AsyncJob | BaseException]:
        jc = AsyncClient(database)
        creating = [asyncio.create_task(jc.create_job("calltest", {"input": 1})) for _ in range(3)]
        await asyncio.sleep(0)
        await jc.close()
        return await asyncio.gather(*creating, return_exceptions=True)

    assert [type(error) for error in asyncio.run(work())] == [asyncio.CancelledError] * 3


# Batches by themselves.


def test_batches_are_bounded_by_their_weight() -> None:
    batches: list[list[int]] = []

    async def flush(weights: list[int]) -> list[int]:
        batches.append(weights)
        return weights

    async def work() -> list[int]:
        batcher = Batcher(flush, limit=3, weigh=lambda weight: weight)
        weights = [1, 2, 3, 4, BYTES, 2 * BYTES, 5, 6]
        return await asyncio.gather(*map(batcher.ask, weights))

    assert asyncio.run(work()) == [1, 2, 3, 4, BYTES, 2 * BYTES, 5, 6]
    assert batches == [[1, 2, 3], [4], [BYTES], [2 * BYTES], [5, 6]]


def test_what_speaks_of_none_of_them_is_the_answer_to_each() -> None:
    asked: list[Sequence[int]] = []

    async def ask(questions: Sequence[int]) -> Sequence[int]:
        asked.append(questions)
        raise Unavailable("disk full")

    errors = asyncio.run(_apart(ask, [1, 2, 3]))
    assert [str(error) for error in errors] == ["disk full"] * 3
    assert len(set(map(id, errors))) == 3
    assert asked == [[1, 2, 3]]


def test_what_is_refused_is_found_by_halves() -> None:
    asked: list[Sequence[int]] = []

    async def ask(questions: Sequence[int]) -> Sequence[int]:
        asked.append(questions)
        if 13 in questions:
            raise Refused("not 13")
        return questions

    answers = asyncio.run(_apart(ask, range(64)))
    assert [str(answer) for answer in answers] == [
        "not 13" if n == 13 else str(n) for n in range(64)
    ]
    assert len(asked) == 13  # it, six times halved


def test_keys_are_used_in_their_order() -> None:
    """Whichever order they come in, and whatever they come with: so that no two clients wait for each other's."""
    used: list[object] = []

    async def run_all(statements: Sequence[Statement[Any]]) -> list[Any]:
        for statement in statements:
            used.append(statement.params["key"])
        return [[int(str(statement.params["key"]))] for statement in statements]

    orders = [Order("w", "{}", None, env=f'{{"n":{n % 2}}}', key=str(n)) for n in (5, 2, 4, 1, 3)]
    assert asyncio.run(_create(run_all, orders)) == [5, 2, 4, 1, 3]
    assert used == ["1", "2", "3", "4", "5"]


async def _create(run_all: Any, orders: Sequence[Order]) -> object:
    return await create(run_all, orders)


async def _apart(ask: Any, questions: Sequence[int]) -> Sequence[object]:
    return await apart(ask, questions)


def test_an_end_is_heard_of_that_came_before_its_creator_ran() -> None:
    async def work() -> list[tuple[bool, object]]:
        ends = Ends()
        ends.heard(7, {"a": 1})
        ends.heard(8)
        found: list[tuple[bool, object]] = []
        for job in (7, 8, 9):
            with ends.of(job) as end:
                assert job in ends
                found.append((end.heard.is_set(), end.output))
            assert job not in ends
        return found

    assert asyncio.run(work()) == [(True, {"a": 1}), (True, None), (False, None)]
