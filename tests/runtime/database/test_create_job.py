"""create_job and create_jobs: what is made, what is refused and with which words."""

from __future__ import annotations

import dataclasses
import threading
from typing import Any

import psycopg
import pytest
from psycopg.types.json import Jsonb

from jobcenter.artifact import Definition, Input
from jobcenter.database import Connection
from jobcenter.deploy import deploy
from tests.artifacts import ADD, CALLTEST
from tests.runtime.database.conftest import archive


def create(connection: Connection, wfname: str, args: object, **more: object) -> int:
    named = "".join(f", {name} => %({name})s" for name in more)
    row = connection.execute(
        f"select o_job_id from jobcenter.create_job(%(wfname)s, %(args)s{named})".encode(),
        {"wfname": wfname, "args": Jsonb(args), **more},
    ).fetchone()
    assert row is not None
    return int(row[0])


def job(connection: Connection, job_id: int) -> dict[str, Any]:
    row = connection.execute(
        "select to_jsonb(j) from jobcenter.jobs j where job_id = %s", (job_id,)
    ).fetchone()
    assert row is not None
    return dict(row[0])


def with_inputs(*inputs: Input) -> Definition:
    return dataclasses.replace(CALLTEST, inputs=inputs)


def test_new_job_stands_at_the_start(calltest: Connection) -> None:
    made = job(calltest, create(calltest, "calltest", {"input": 123}))
    assert (made["state"], made["task_id"], made["root_id"]) == ("done", 1, made["job_id"])
    assert made["arguments"] == {"input": 123}
    assert made["environment"] == {"client": "postgres"}


def test_tells_the_maestro_and_where_to_listen(calltest: Connection) -> None:
    calltest.execute('listen "jobtaskdone"')
    row = calltest.execute(
        """select * from jobcenter.create_job('calltest', '{"input": 1}')"""
    ).fetchone()
    assert row is not None
    job_id, channel = row
    assert channel == f"job:{job_id}:finished"
    (told,) = calltest.notifies(timeout=5, stop_after=1)
    workflow = job(calltest, job_id)["workflow_id"]
    assert told.payload == f"({workflow},1,{job_id})"


@pytest.mark.parametrize(
    ("wfname", "args", "message"),
    [
        ("nosuchwf", {}, "no workflow named nosuchwf"),
        ("add", {}, "no workflow named add"),
        ("calltest", {}, 'required input argument "input" not found'),
        (
            "calltest",
            {"input": "abc"},
            'input argument "input" has wrong type string (should be number)',
        ),
        ("calltest", [1], "the input arguments have wrong type array (should be object)"),
    ],
)
def test_refusals(calltest: Connection, wfname: str, args: object, message: str) -> None:
    with pytest.raises(psycopg.DatabaseError) as refused:
        create(calltest, wfname, args)
    assert refused.value.diag.message_primary == message
    assert calltest.execute("select count(*) from jobcenter.jobs").fetchone() == (0,)


def test_undeclared_and_null_arguments_pass(calltest: Connection) -> None:
    made = job(calltest, create(calltest, "calltest", {"input": None, "more": 1}))
    assert made["arguments"] == {"input": None, "more": 1}


def test_defaults_are_filled_in(connection: Connection) -> None:
    inputs = (
        Input("input", "number"),
        Input("step", "number", has_default=True, default=5),
        Input("note", "string", has_default=True, default=None),
    )
    deploy(connection, [ADD, with_inputs(*inputs)])
    made = job(connection, create(connection, "calltest", {"input": 1, "step": 2}))
    assert made["arguments"] == {"input": 1, "step": 2, "note": None}


def test_environment_is_merged(connection: Connection) -> None:
    workflow = dataclasses.replace(CALLTEST, wfenv={"limit": 3})
    deploy(connection, [ADD, workflow])
    connection.execute("""insert into jobcenter.jc_env values ('site', '"x"'), ('lang', '"en"')""")
    env = Jsonb({"lang": "nl", "limit": 9, "client": "somebody"})
    made = job(connection, create(connection, "calltest", {"input": 1}, env=env))
    assert made["environment"] == {"site": "x", "lang": "nl", "limit": 3, "client": "postgres"}
    with pytest.raises(psycopg.DatabaseError, match="environment has wrong type array"):
        create(connection, "calltest", {"input": 1}, env=Jsonb([1]))


def test_disabled_workflow(calltest: Connection) -> None:
    calltest.execute("select jobcenter.disable_action('calltest')")
    with pytest.raises(psycopg.DatabaseError, match="workflow calltest is disabled"):
        create(calltest, "calltest", {"input": 1})
    calltest.execute("select jobcenter.disable_action('calltest', disabled => false)")
    assert create(calltest, "calltest", {"input": 1})


class TestKeys:
    def test_same_key_gives_the_same_job(self, calltest: Connection) -> None:
        first = create(calltest, "calltest", {"input": 1}, key="order-77")
        assert create(calltest, "calltest", {"input": 2}, key="order-77") == first
        assert create(calltest, "calltest", {"input": 1}, key="order-78") != first
        assert job(calltest, first)["arguments"] == {"input": 1}

    def test_key_outlives_a_new_version_and_the_archive(self, calltest: Connection) -> None:
        first = create(calltest, "calltest", {"input": 1}, key="k")
        deploy(calltest, [CALLTEST], force=True)
        archive(calltest)
        assert create(calltest, "calltest", {"input": 1}, key="k") == first

    def test_a_key_used_at_the_same_time(self, calltest: Connection, database: str) -> None:
        with psycopg.connect(database) as other:
            first = create(other, "calltest", {"input": 1}, key="k")
            second: list[int] = []
            thread = threading.Thread(
                target=lambda: second.append(create(calltest, "calltest", {"input": 1}, key="k"))
            )
            thread.start()
            _wait_for_lock(other)
            other.commit()
            thread.join(10)
        assert second == [first]

    def test_in_a_batch(self, calltest: Connection) -> None:
        first = create(calltest, "calltest", {"input": 1}, key="b")
        rows = calltest.execute(
            "select * from jobcenter.create_jobs('calltest', %s, keys => array['a', 'b', 'a', null])",
            (Jsonb([{"input": n} for n in range(4)]),),
        ).fetchall()
        ids = [row[0] for row in rows]
        assert ids[1] == first
        assert ids[0] == ids[2] not in (first, ids[3])
        assert calltest.execute("select count(*) from jobcenter.jobs").fetchone() == (3,)


def _wait_for_lock(connection: Connection) -> None:
    """Until another session waits for a lock."""
    query = "select count(*) from pg_stat_activity where wait_event_type = 'Lock'"
    while connection.execute(query).fetchone() == (0,):
        connection.execute("select pg_sleep(0.01)")


class TestBatches:
    def test_in_order(self, calltest: Connection) -> None:
        calltest.execute('listen "jobtaskdone"')
        args = Jsonb([{"input": n} for n in range(50)])
        rows = calltest.execute(
            "select * from jobcenter.create_jobs('calltest', %s)", (args,)
        ).fetchall()
        ids = [row[0] for row in rows]
        assert ids == sorted(set(ids))
        assert [job(calltest, job_id)["arguments"]["input"] for job_id in ids] == list(range(50))
        assert [told.payload for told in calltest.notifies(timeout=0.5)] == [""]

    def test_all_or_none(self, calltest: Connection) -> None:
        with pytest.raises(psycopg.DatabaseError, match='input argument "input" has wrong type'):
            calltest.execute(
                "select * from jobcenter.create_jobs('calltest', %s)",
                (Jsonb([{"input": 1}, {"input": "x"}]),),
            )
        assert calltest.execute("select count(*) from jobcenter.jobs").fetchone() == (0,)

    def test_none_at_all(self, calltest: Connection) -> None:
        query = "select count(*) from jobcenter.create_jobs('calltest', '[]')"
        assert calltest.execute(query).fetchone() == (0,)


class TestStatus:
    def test_running_ended_unknown(self, calltest: Connection) -> None:
        job_id = create(calltest, "calltest", {"input": 1})
        query = "select jobcenter.get_job_status(%s)"
        assert calltest.execute(query, (job_id,)).fetchone() == (None,)
        calltest.execute("""update jobcenter.jobs set state = 'finished', out_args = '{"o": 1}'""")
        assert calltest.execute(query, (job_id,)).fetchone() == ({"o": 1},)
        archive(calltest)
        assert calltest.execute(query, (job_id,)).fetchone() == ({"o": 1},)
        with pytest.raises(psycopg.DatabaseError, match="no job 99999999") as refused:
            calltest.execute(query, (99999999,))
        assert refused.value.sqlstate == "JC003"

    def test_an_error_that_may_still_be_caught_is_not_told(self, calltest: Connection) -> None:
        job_id = create(calltest, "calltest", {"input": 1})
        calltest.execute("""update jobcenter.jobs set out_args = '{"error": {"msg": "x"}}'""")
        query = "select jobcenter.get_job_status(%s)"
        assert calltest.execute(query, (job_id,)).fetchone() == (None,)
