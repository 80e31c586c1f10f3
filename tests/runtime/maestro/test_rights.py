"""A Maestro needs its role and nothing else."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from jobcenter.artifact import Kind
from tests.runtime.maestro.conftest import Scene, running
from tests.runtime.workflows import Flow, counting


@pytest.fixture
def maestros_dsn(scene: Scene, database: str) -> Iterator[str]:
    """The database, for a login role that is a member of jc_maestro."""
    name = f"maestro_{uuid.uuid4().hex[:12]}"
    scene.connection.execute(f"create role {name} login in role jc_maestro".encode())
    yield make_conninfo(database, user=name)
    scene.connection.execute(f"drop role {name}".encode())


def test_it_can_do_its_work(scene: Scene, maestros_dsn: str) -> None:
    flow = Flow("all")
    flow.lock("zone", "'a'")
    flow.task(Kind.SLEEP, value="0.02")
    flow.task(Kind.SUBSCRIBE, in_="op_put(i, 's', 'name')")
    flow.task(Kind.RAISE_EVENT, in_="op_put(i, fn_object(), 'event')")
    flow.task(Kind.WAIT_FOR_EVENT, in_="op_put(i, fn_array('s'), 'events')")
    flow.task(Kind.CALL, callee="counting", callee_kind="workflow")
    scene.deploy(counting(), flow.definition())
    with running(maestros_dsn):
        assert scene.run("all") == {}


@pytest.mark.parametrize(
    "query",
    [
        "select * from jobcenter.jobs",
        "update jobcenter.jobs set state = 'done'",
        "select jobcenter.start_children('[]')",
        "select jobcenter.run_procedures('[]')",
        "select jobcenter.fail_tasks('{1}', '{}')",
    ],
)
def test_it_can_do_no_more(maestros_dsn: str, query: str) -> None:
    with (
        psycopg.connect(maestros_dsn) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute(query.encode())
