"""The talk's workflow in a database, and a puppet in the Maestro's place, so that a test says what happens and when.

The e2e tests have the real Maestro.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator

import psycopg
import pytest

from jobcenter.database import Connection
from jobcenter.deploy import deploy
from tests.artifacts import ADD, CALLTEST

START, CALL = 1, 2  # tasks of `calltest`


class Puppet:
    """Does to jobs by hand what a Maestro would do."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def begin(self, inputs: dict[str, object] | None = None) -> list[int]:
        """Every new job stands at its action now; `inputs` are the task's, else the job's argument as `counter`."""
        given = None if inputs is None else json.dumps(inputs)
        rows = self.connection.execute(
            "update jobcenter.jobs j set state = 'ready', task_id = %s, queue_id = c.queue_id,"
            " in_args = coalesce(%s::jsonb, jsonb_build_object('counter', arguments -> 'input'))"
            " from jobcenter.callees c"
            " where c.workflow_id = j.workflow_id and j.state = 'done' and j.task_id = %s"
            " returning j.job_id, j.queue_id",
            (CALL, given, START),
        ).fetchall()
        for queue in {queue for _, queue in rows}:
            self.notify(f"action:{queue}:ready")
        return [job for job, _ in rows]

    def end(self, *, tell: bool = True) -> list[int]:
        """Every job whose task has been answered ends with the answer as its outcome."""
        rows = self.connection.execute(
            "with ended as (update jobcenter.jobs"
            " set state = case when out_args ? 'error' then 'error' else 'finished' end::jobcenter.job_state, job_finished = now()"
            " where state = 'done' and task_id = %s returning job_id, caller, out_args),"
            " told as (select case when %s then jobcenter.tell_ends(array_agg(job_id), jsonb_agg(jsonb_build_object("
            " 'caller', caller, 'job', job_id, 'output', out_args)) filter (where caller is not null)) end from ended having count(*) > 0)"
            " select job_id from ended left join told on true",
            (CALL, tell),
        ).fetchall()
        return [job for (job,) in rows]

    def notify(self, channel: str, payload: str = "") -> None:
        self.connection.execute("select pg_notify(%s, %s)", (channel, payload))

    def state(self, job: int) -> str:
        row = self.connection.execute(
            "select state::text from jobcenter.jobs where job_id = %s", (job,)
        ).fetchone()
        assert row is not None
        return str(row[0])


@pytest.fixture
def puppet(connection: Connection) -> Puppet:
    deploy(connection, [ADD, CALLTEST])
    return Puppet(connection)


@pytest.fixture
def running(database: str, puppet: Puppet) -> Iterator[Puppet]:
    """The puppet, pulling its own strings in a thread until the test ends."""
    stop = threading.Event()

    def pull() -> None:
        with psycopg.connect(database, autocommit=True) as connection:
            own = Puppet(connection)
            while not stop.wait(0.005):
                own.begin()
                own.end()

    thread = threading.Thread(target=pull)
    thread.start()
    yield puppet
    stop.set()
    thread.join()
