"""Workers that are lost, and what becomes of their tasks: tried again, the last time alone, or failed; none is forgotten."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import psycopg
import pytest

from jobcenter.database import Connection
from jobcenter.deploy import deploy
from tests.artifacts import ADD, CALLTEST
from tests.runtime.database.conftest import ReadyJob, one
from tests.runtime.database.test_tasks import get_tasks, state, tasks_done

SILENT = "update jobcenter.workers set last_ping = now() - interval '1 day' where name = %s"


def lose(connection: Connection, worker: str = "w") -> None:
    connection.execute(SILENT, (worker,))
    connection.execute("select jobcenter.keep_house()")


def try_again(connection: Connection) -> None:
    """What a Maestro does with soft errors, and when their time has come."""
    connection.execute(
        "update jobcenter.jobs set state = 'retrywait', tries = tries + 1, timeout = now()"
        " where state = 'done' and out_args -> 'error' ->> 'class' = 'soft'"
    )
    connection.execute("select jobcenter.wake_due(100)")


def error_of(connection: Connection, job_id: int) -> Any:
    found, answer = state(connection, job_id)
    assert found == "done"
    return answer["error"]


def test_one_that_is_not_retryable_fails(connection: Connection, ready_job: ReadyJob) -> None:
    """After `worker_timeout`: it is with nobody then."""
    deploy(connection, [dataclasses.replace(ADD, config={"retryable": False}), CALLTEST])
    deploy(connection, [CALLTEST], force=True)
    job_id = ready_job()
    get_tasks(connection, 1)
    lose(connection)
    assert error_of(connection, job_id) == {"class": "normal", "msg": "the worker was lost"}


def test_a_worker_whose_row_is_gone(calltest: Connection, ready_job: ReadyJob) -> None:
    job_id = ready_job()
    get_tasks(calltest, 1)
    calltest.execute("delete from jobcenter.workers")
    calltest.execute("select jobcenter.keep_house()")
    assert error_of(calltest, job_id)["class"] == "soft"


def test_one_that_was_taken_while_its_worker_was_given_up(
    calltest: Connection, ready_job: ReadyJob
) -> None:
    job_id = ready_job()
    get_tasks(calltest, 1)
    calltest.execute("update jobcenter.workers set stopped = now()")
    calltest.execute("select jobcenter.keep_house()")
    assert error_of(calltest, job_id)["class"] == "soft"


def test_a_task_that_went_on_meanwhile_is_left_alone(
    calltest: Connection, ready_job: ReadyJob, database: str
) -> None:
    """While the worker is given up, its answer arrives, and the job is with another worker."""
    job_id = ready_job()
    ((_, cookie, *_),) = get_tasks(calltest, 1)
    with psycopg.connect(database) as answering, psycopg.connect(database) as losing:
        answering.execute("select jobcenter.tasks_done(array[%s], '[{\"counter\": 1}]')", (cookie,))
        answering.execute("update jobcenter.jobs set state = 'ready'")
        assert [task[0] for task in get_tasks(answering, 1, "other")] == [job_id]
        losing.execute(SILENT, ("w",))
        losing.execute("set lock_timeout = '100ms'")
        with pytest.raises(psycopg.errors.LockNotAvailable):
            losing.execute("select jobcenter.keep_house()")
        losing.rollback()
        answering.commit()
        lose(losing)
        losing.commit()
    assert state(calltest, job_id)[0] == "working"


def test_the_last_try_is_alone(calltest: Connection, ready_job: ReadyJob) -> None:
    """Of three: who has been among the dead twice may be what kills them, or not."""
    jobs = [ready_job() for _ in range(3)]
    for _ in range(2):
        assert [task[0] for task in get_tasks(calltest, 5)] == jobs
        lose(calltest)
        try_again(calltest)
    fresh = ready_job()
    taken = get_tasks(calltest, 5)
    assert [task[0] for task in taken] == [jobs[0], fresh]
    assert get_tasks(calltest, 5) == []
    assert [task[0] for task in get_tasks(calltest, 5, "other")] == [jobs[1]]
    calltest.execute('listen "action:1:ready"')
    assert tasks_done(calltest, [(taken[0][1], {"counter": 1})]) == ["recorded"]
    assert len(list(calltest.notifies(timeout=1, stop_after=1))) == 1
    assert [task[0] for task in get_tasks(calltest, 5)] == [jobs[2]]


def test_a_task_that_was_tried_again_remembers_why(
    calltest: Connection, ready_job: ReadyJob
) -> None:
    job_id = ready_job()
    get_tasks(calltest, 1)
    lose(calltest)
    try_again(calltest)
    query = (
        "select state::text, out_args -> 'error' ->> 'msg' from jobcenter.jobs where job_id = %s"
    )
    assert one(calltest, query, job_id) == ("ready", "the worker was lost")


@pytest.mark.parametrize("tries", [-1, 99_999_999_999])
def test_tries_without_end_are_not_counted_without_end(
    connection: Connection, ready_job: ReadyJob, tries: int
) -> None:
    """The column is small: a task that has failed for weeks must not end with its overflow."""
    policy = {"tries": tries, "interval": "1 second"}
    deploy(connection, [dataclasses.replace(ADD, config={"retry": policy}), CALLTEST])
    deploy(connection, [CALLTEST], force=True)
    job_id = ready_job()
    get_tasks(connection, 1)
    lose(connection)
    assert error_of(connection, job_id)["class"] == "soft"
    connection.execute("update jobcenter.jobs set tries = 32767")
    outcome = {
        "job": job_id,
        "task": 2,
        "state": "retrywait",
        "steps": 1,
        "log": [],
        "out": {"error": {"class": "soft", "msg": "not now"}},
    }
    connection.execute("select jobcenter.apply_results(%s::json, null)", (json.dumps([outcome]),))
    assert state(connection, job_id)[0] == "retrywait"
