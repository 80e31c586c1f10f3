"""The two clients: they are the same but for `await`, and what they say and raise."""

from __future__ import annotations

import asyncio
import inspect
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from jobcenter import (
    AsyncClient,
    AsyncJob,
    Client,
    InvalidArguments,
    Job,
    JobError,
    JobTimeout,
    NoDatabase,
    UnknownJob,
    UnknownWorkflow,
    Worker,
)
from tests.runtime.client.conftest import Puppet


def public(cls: type) -> dict[str, str]:
    """The public methods of a class, by name, with their signatures in a form that `async` and the names do not change."""
    signatures = {}
    for name, member in inspect.getmembers(cls, inspect.isfunction):
        if not name.startswith("_"):
            signatures[name] = str(inspect.signature(member)).replace("Async", "")
    return signatures


@pytest.mark.parametrize(("sync", "other"), [(Client, AsyncClient), (Job, AsyncJob)])
def test_both_clients_have_the_same_methods(sync: type, other: type) -> None:
    assert public(sync) == public(other)


def later(act: Callable[[], object]) -> threading.Timer:
    timer = threading.Timer(0.2, act)
    timer.start()
    return timer


def finish(puppet: Puppet, answer: str) -> None:
    """Plays worker and Maestro for all jobs there are."""
    puppet.begin()
    puppet.connection.execute(
        "select jobcenter.task_done(o_job_cookie, %s::jsonb) from jobcenter.get_tasks('hand', 'add', 100)",
        (answer,),
    )
    puppet.end()


def test_a_result_is_waited_for(database: str, puppet: Puppet) -> None:
    with Client(database) as jc:
        job = jc.create_job("calltest", {"input": 123})
        assert not job.status().ended
        timer = later(lambda: finish(puppet, '{"counter": 126}'))
        assert job.result(timeout=10) == {"counter": 126}
        timer.join()
        assert job.status().output == {"counter": 126}
        assert jc.job(job.id).result() == {"counter": 126}


def test_a_result_is_found_when_its_notification_is_lost(database: str, puppet: Puppet) -> None:
    with Client(database) as jc:
        job = jc.create_job("calltest", {"input": 1})
        finish_silently = threading.Thread(target=_finish_silently, args=(puppet,))
        finish_silently.start()
        assert job.result(timeout=20) == {"counter": 2}
        finish_silently.join()


def _finish_silently(puppet: Puppet) -> None:
    time.sleep(0.2)
    puppet.begin()
    puppet.connection.execute(
        "select jobcenter.task_done(o_job_cookie, '{\"counter\": 2}') from jobcenter.get_tasks('hand', 'add', 9)"
    )
    puppet.end(tell=False)


def test_a_failed_job_raises_its_error(database: str, puppet: Puppet) -> None:
    with Client(database) as jc:
        job = jc.create_job("calltest", {"input": 1})
        finish(puppet, '{"error": {"class": "normal", "msg": "no luck", "more": [1]}}')
        with pytest.raises(JobError, match="no luck") as caught:
            job.result(timeout=10)
    assert caught.value.error_class == "normal"
    assert caught.value.error == {"class": "normal", "msg": "no luck", "more": [1]}
    assert caught.value.job_id == job.id


def test_a_timeout_leaves_the_job_alone(database: str, puppet: Puppet) -> None:
    with Client(database) as jc:
        job = jc.create_job("calltest", {"input": 1})
        with pytest.raises(JobTimeout, match=f"job {job.id} has not ended within 0.1 s"):
            job.result(timeout=0.1)
        finish(puppet, '{"counter": 2}')
        assert job.result(timeout=10) == {"counter": 2}


def test_refusals_are_told_in_one_line(database: str, puppet: Puppet) -> None:
    with Client(database) as jc:
        with pytest.raises(UnknownWorkflow) as unknown:
            jc.create_job("nowhere", {})
        assert str(unknown.value) == "no workflow named nowhere"
        with pytest.raises(InvalidArguments) as wrong:
            jc.create_job("calltest", {"input": "x"})
        assert str(wrong.value) == 'input argument "input" has wrong type string (should be number)'
        with pytest.raises(InvalidArguments, match="cannot be written as JSON"):
            jc.create_job("calltest", {"input": float("nan")})
        with pytest.raises(InvalidArguments, match="cannot be written as JSON"):
            jc.create_job("calltest", {"input": object()})
        with pytest.raises(UnknownJob):
            jc.job(10**9).status()


def test_what_is_no_value_of_the_database_is_the_callers_mistake(
    database: str, puppet: Puppet
) -> None:
    """And no reason to upgrade the database, since it has no function of such parameters."""
    with Client(database) as jc:
        with pytest.raises(InvalidArguments, match="out of range"):
            jc.job(2**70).status()
        for text in ("\0", "\ud800"):
            with pytest.raises(InvalidArguments):
                jc.create_job("calltest", {"input": text})
        name: Any = 5
        with pytest.raises(UnknownWorkflow, match="no workflow named 5"):
            jc.create_job(name, {})


def test_the_same_key_gives_the_same_job(database: str, puppet: Puppet) -> None:
    with Client(database) as jc:
        first = jc.create_job("calltest", {"input": 1}, key="order-77")
        assert jc.create_job("calltest", {"input": 1}, key="order-77") == first
        assert jc.create_job("calltest", {"input": 1}, key="order-78") != first


def test_jobs_in_a_batch_are_all_or_none(database: str, puppet: Puppet) -> None:
    with Client(database) as jc:
        jobs = jc.create_jobs("calltest", [{"input": n} for n in range(100)])
        assert [job.id for job in jobs] == sorted(job.id for job in jobs)
        with pytest.raises(InvalidArguments):
            jc.create_jobs("calltest", [{"input": 1}, {"input": "x"}])
        assert jc.find_jobs({"input": 7}) == [jobs[7].id]
        assert len(jc.find_jobs({})) == 100


def test_jobs_in_a_batch_have_keys_of_their_own(database: str, puppet: Puppet) -> None:
    with Client(database) as jc:
        first = jc.create_jobs("calltest", [{"input": 1}, {"input": 2}], keys=["a", "b"])
        again = jc.create_jobs("calltest", [{"input": 3}, {"input": 1}], keys=["c", "a"])
    assert again[1].id == first[0].id
    assert len({job.id for job in first + again}) == 3


def test_a_client_survives_the_loss_of_its_connection(database: str, puppet: Puppet) -> None:
    with Client(database) as jc:
        job = jc.create_job("calltest", {"input": 1})
        _cut_others(puppet)
        assert not job.status().ended  # a question is asked again

        def cut_and_finish() -> None:
            _cut_others(puppet)
            finish(puppet, '{"counter": 2}')

        timer = later(cut_and_finish)
        assert job.result(timeout=20) == {"counter": 2}
        timer.join()


def _cut_others(puppet: Puppet) -> None:
    puppet.connection.execute(
        "select pg_terminate_backend(pid) from pg_stat_activity"
        " where pid <> pg_backend_pid() and datname = current_database()"
    )


def test_no_database_is_said_so() -> None:
    with pytest.raises(NoDatabase, match="no database"), Client("host=/nowhere dbname=x"):
        pass


def test_a_database_without_schema_is_said_so(empty_database: str) -> None:
    with Client(empty_database) as jc, pytest.raises(NoDatabase, match="jobcenter db upgrade"):
        jc.create_job("calltest", {})


def test_many_coroutines_share_one_async_client(database: str, running: Puppet) -> None:
    worker = Worker("adder", database)

    @worker.action("add", slots=50)
    def add(counter: float, step: float = 1) -> dict[str, float]:
        return {"counter": counter + step}

    async def calls() -> list[dict[str, object]]:
        serving = asyncio.create_task(worker.serve())
        async with AsyncClient(database) as jc:
            calls = [jc.call("calltest", {"input": n}, timeout=30) for n in range(100)]
            results = await asyncio.gather(*calls)
            with pytest.raises(UnknownWorkflow):
                await jc.call("nowhere", {})
        worker.stop()
        await serving
        return results

    assert asyncio.run(calls()) == [{"counter": n + 1} for n in range(100)]


def test_an_async_client_survives_the_loss_of_its_connections(
    database: str, puppet: Puppet
) -> None:
    async def lost_and_found() -> dict[str, object]:
        async with AsyncClient(database) as jc:
            job = await jc.create_job("calltest", {"input": 1})
            waiting = asyncio.create_task(job.result(timeout=20))
            await asyncio.sleep(0.2)
            _cut_others(puppet)
            finish(puppet, '{"counter": 2}')
            return await waiting

    assert asyncio.run(lost_and_found()) == {"counter": 2}
