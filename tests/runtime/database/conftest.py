"""A database with the seed's calltest and add, and a job of it that waits for a worker."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from psycopg.types.json import Jsonb

from jobcenter.database import Connection
from jobcenter.deploy import deploy
from tests.artifacts import ADD, CALLTEST

ReadyJob = Callable[..., int]


@pytest.fixture
def calltest(connection: Connection) -> Connection:
    """The connection, once calltest and add are deployed."""
    deploy(connection, [ADD, CALLTEST])
    return connection


@pytest.fixture
def ready_job(calltest: Connection) -> ReadyJob:
    """Makes a job that stands at the call of its action, as the Maestro leaves it."""

    def make(
        workflow: str = "calltest", in_args: dict[str, Any] | None = None, **columns: object
    ) -> int:
        (job_id,) = one(
            calltest, "select o_job_id from jobcenter.create_job(%s, %s)", workflow, {"input": 1}
        )
        calltest.execute(
            "update jobcenter.jobs j set state = 'ready', task_id = 2, in_args = %s, queue_id = c.queue_id,"
            " environment = environment || %s"
            " from jobcenter.callees c where j.job_id = %s and c.workflow_id = j.workflow_id",
            (Jsonb(in_args or {"counter": 1, "step": 3}), Jsonb(columns.get("env", {})), job_id),
        )
        return int(job_id)

    return make


def one(connection: Connection, query: str, *params: object) -> tuple[Any, ...]:
    """The only row of a query; dicts and lists go as jsonb."""
    adapted = [Jsonb(p) if isinstance(p, dict) else p for p in params]
    rows = connection.execute(query.encode(), adapted).fetchall()
    assert len(rows) == 1, rows
    return rows[0]


def archive(connection: Connection) -> None:
    """All jobs, as if they had ended long ago."""
    connection.execute(
        "update jobcenter.jobs set state = 'finished', job_finished = now() - interval '1 year'"
    )
    connection.execute("select jobcenter.archive_jobs(1000)")
