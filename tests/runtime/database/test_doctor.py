"""`jobcenter doctor`: each check finds what it is there to find, and a sound database passes all of them."""

from __future__ import annotations

import json

import psycopg
import pytest

from jobcenter import doctor
from jobcenter.cli import main
from jobcenter.database import Connection
from tests.runtime.database.conftest import ReadyJob

# What breaks an invariant, by the check that finds it. There are two jobs, 1 and 2, that wait for a worker.
BROKEN = {
    "children": "update jobcenter.jobs set state = 'childwait' where job_id = 1",
    "deadlocks": (
        "insert into jobcenter.locktypes values ('zone');"
        "update jobcenter.jobs set state = 'lockwait';"
        "insert into jobcenter.locks (locktype, lockvalue, job_id) values ('zone', 'a', 1), ('zone', 'b', 2);"
        "insert into jobcenter.lock_waits (job_id, locktype, lockvalue) values (1, 'zone', 'b'), (2, 'zone', 'a')"
    ),
    "due": "update jobcenter.jobs set timeout = now() - interval '2 minutes' where job_id = 1",
    "ends": "update jobcenter.jobs set state = 'finished' where job_id = 1",
    "events": """update jobcenter.jobs set state = 'eventwait', in_args = '{"events": ["e"]}' where job_id = 1""",
    "events_left": "insert into jobcenter.events_left (event_id, job_id, since) values (1, 1, now() - interval '2 minutes')",
    "lock_waits": "update jobcenter.jobs set state = 'lockwait', timeout = now() where job_id = 1",
    "locks": (
        "insert into jobcenter.locktypes values ('zone');"
        "insert into jobcenter.locks (locktype, lockvalue, job_id) values ('zone', 'a', 77)"
    ),
    "maestro": "update jobcenter.jobs set state = 'done', task_completed = now() - interval '2 minutes' where job_id = 1",
    "parents": "update jobcenter.jobs set parentjob_id = 1 where job_id = 2",
    "passed_over": (
        "set application_name = 'jobcenter maestro';"
        "update jobcenter.jobs set state = 'done', task_completed = now() - interval '2 minutes' where job_id = 1;"
        "update jobcenter.jobs set stepcounter = 1 where job_id = 2"
    ),
    "positions": "update jobcenter.jobs set task_id = 99 where job_id = 1",
    "subscriptions": "insert into jobcenter.event_subscriptions (job_id, name, mask, mask_key) values (77, 'e', '{}', 0)",
    "tasks_at_work": (
        "update jobcenter.jobs set state = 'working', worker_id = 77, cookie = jobcenter.new_cookie(1),"
        " task_started = now() - interval '2 minutes' where job_id = 1"
    ),
    "tasks_ready": "update jobcenter.jobs set queue_id = 77 where job_id = 1",
    "timers": "update jobcenter.jobs set state = 'sleeping' where job_id = 1",
    "workers": "insert into jobcenter.workers (name, last_ping) values ('w', now() - interval '1 hour')",
}
MORE = {
    "a child whose end nobody has told": (
        "update jobcenter.jobs set parentjob_id = 1, state = 'zombie' where job_id = 2;"
        "update jobcenter.jobs set state = 'done' where job_id = 1",
        "parents",
    ),
    "an event that was kept and not told": (
        """update jobcenter.jobs set state = 'eventwait', in_args = '{"events": ["e"]}' where job_id = 1;"""
        "insert into jobcenter.event_subscriptions (job_id, name, mask, mask_key) values (1, 'e', '{}', 0);"
        "insert into jobcenter.queued_events (data) values ('{}');"
        "insert into jobcenter.job_events values (1, 1)",
        "events",
    ),
    "a wait for no event at all": (
        """update jobcenter.jobs set state = 'eventwait', in_args = '{"events": []}' where job_id = 1""",
        "events",
    ),
    "an event that is kept for nobody": (
        "insert into jobcenter.queued_events (data) values ('{}')",
        "subscriptions",
    ),
    "a lock that nobody holds": (
        "insert into jobcenter.locktypes values ('zone');"
        "update jobcenter.jobs set state = 'lockwait' where job_id = 1;"
        "insert into jobcenter.lock_waits (job_id, locktype, lockvalue) values (1, 'zone', 'b')",
        "lock_waits",
    ),
    "one that does not wait, in the queue of a lock": (
        "insert into jobcenter.locktypes values ('zone');"
        "insert into jobcenter.locks (locktype, lockvalue, job_id) values ('zone', 'b', 2);"
        "insert into jobcenter.lock_waits (job_id, locktype, lockvalue) values (1, 'zone', 'b')",
        "lock_waits",
    ),
    "a task whose worker is gone": (
        "insert into jobcenter.workers (name, stopped) values ('w', now());"
        "update jobcenter.jobs set state = 'working', worker_id = 1, cookie = jobcenter.new_cookie(1),"
        " task_started = now() - interval '2 minutes' where job_id = 1",
        "tasks_at_work",
    ),
    "a job that is archived and is not": (
        "insert into jobcenter.jobs_archive (job_id, root_id, workflow_id, task_id, state, job_finished)"
        " select job_id, root_id, workflow_id, task_id, state, now() from jobcenter.jobs where job_id = 1",
        "ends",
    ),
}


@pytest.fixture
def two_jobs(calltest: Connection, ready_job: ReadyJob) -> Connection:
    assert [ready_job(), ready_job()] == [1, 2]
    return calltest


def violated(connection: Connection) -> set[str]:
    return {each.check for each in doctor.examine(connection) if each.violations}


def test_a_sound_database(two_jobs: Connection) -> None:
    two_jobs.execute("select jobcenter.get_task('w', 'add', 1)")
    assert violated(two_jobs) == set()


@pytest.mark.parametrize("check", [check.name for check in doctor.checks()])
def test_a_check_finds_what_it_is_for(two_jobs: Connection, check: str) -> None:
    two_jobs.execute(BROKEN[check].encode())
    assert violated(two_jobs) == {check}


@pytest.mark.parametrize("case", MORE)
def test_it_is_also_violated_by(two_jobs: Connection, case: str) -> None:
    breaking, check = MORE[case]
    two_jobs.execute(breaking.encode())
    assert violated(two_jobs) == {check}


def test_children_of_a_parent_that_was_ended_by_force(two_jobs: Connection) -> None:
    two_jobs.execute("update jobcenter.jobs set parentjob_id = 1 where job_id = 2")
    two_jobs.execute("select jobcenter.cancel_job(1, 'enough', true)")
    assert violated(two_jobs) == set()


def test_examples(two_jobs: Connection) -> None:
    two_jobs.execute("update jobcenter.jobs set state = 'sleeping'")
    (found,) = (each for each in doctor.examine(two_jobs) if each.check == "timers")
    assert found.violations == 2
    assert found.examples == ("job 1: sleeping without an end", "job 2: sleeping without an end")


def test_the_command(
    two_jobs: Connection, database: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["doctor", "--dsn", database]) == 0
    assert "No jobs wait for each other in a circle." in capsys.readouterr().out
    two_jobs.execute("update jobcenter.jobs set state = 'sleeping' where job_id = 2")
    assert main(["doctor", "--json", "--dsn", database]) == 1
    findings = {each["check"]: each for each in json.loads(capsys.readouterr().out)}
    assert findings["timers"]["examples"] == ["job 2: sleeping without an end"]
    assert findings["due"]["violations"] == 0


def test_it_takes_the_role_of_an_admin(two_jobs: Connection) -> None:
    with two_jobs.transaction():
        two_jobs.execute("set local role jc_admin")
        assert len(doctor.examine(two_jobs)) == len(doctor.checks())
    two_jobs.execute("set role jc_client")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        doctor.examine(two_jobs)


def test_every_check_says_what_must_hold() -> None:
    for check in doctor.checks():
        assert check.promise.endswith(".")
        assert check.query.startswith(("select", "with"))
