"""The session that the talk shows, statement by statement, over plain connections: a client, a worker, and the Maestro's
two half steps done by hand (`jobcenter step`)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from jobcenter.database import Connection
from jobcenter.deploy import deploy
from jobcenter.step import step
from tests.artifacts import ADD, CALLTEST


@pytest.fixture
def session(database: str) -> Iterator[Connection]:
    """As in psql: the functions' names are found without the schema's."""
    dsn = make_conninfo(database, options="-c search_path=jobcenter")
    with psycopg.connect(dsn, autocommit=True) as open_session:
        deploy(open_session, [ADD, CALLTEST])
        yield open_session


def rows(session: Connection, query: str) -> list[dict[str, Any]]:
    """Column names and values, as psql shows them."""
    cursor = session.execute(query.encode())
    names = [column.name for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor]


def heard(session: Connection) -> tuple[str, str]:
    (told,) = session.notifies(timeout=5, stop_after=1)
    return told.channel, told.payload


def listen(session: Connection, channel: str) -> None:
    session.execute(f'listen "{channel}"'.encode())


def test_the_seed_session(session: Connection) -> None:
    listen(session, "jobtaskdone")

    (created,) = rows(session, """select * from create_job('calltest', '{"input":123}'::jsonb)""")
    job = created["o_job_id"]
    assert created == {"o_job_id": job, "o_listenstring": f"job:{job}:finished"}
    listen(session, created["o_listenstring"])
    channel, start = heard(session)
    workflow = start.strip("()").split(",")[0]
    assert (channel, start) == ("jobtaskdone", f"({workflow},1,{job})")

    done = step(session, start)  # do_jobtaskdone
    call = f"({workflow},2,{job})"
    assert (done.error, done.jobtask) == (False, call)

    (announced,) = rows(session, "select * from announce('thisworker', 'add')")
    assert announced.keys() == {"o_worker_id", "o_listenstring"}
    listen(session, announced["o_listenstring"])
    entered = step(session, call)  # do_jobtask
    assert (entered.error, entered.jobtask) == (False, None)
    channel, payload = heard(session)
    assert channel == announced["o_listenstring"]
    assert json.loads(payload) == {"job_id": job}

    (task,) = rows(session, f"select * from get_task('thisworker', 'add', {job})")
    cookie = task.pop("o_job_cookie")
    assert task == {"o_job_id": job, "o_in_args": {"counter": 123, "step": 3}, "o_env": None}

    answer = rows(session, f"""select task_done('{cookie}', '{{"counter":126}}')""")
    assert answer == [{"task_done": ""}]
    assert heard(session) == ("jobtaskdone", call)
    assert rows(session, f"select get_job_status({job})") == [{"get_job_status": None}]

    done = step(session, call)  # do_jobtaskdone
    end = f"({workflow},3,{job})"
    assert (done.error, done.jobtask) == (False, end)
    entered = step(session, end)  # do_jobtask
    assert (entered.error, entered.jobtask) == (False, None)
    assert heard(session) == (f"job:{job}:finished", "")

    assert rows(session, f"select get_job_status({job})") == [{"get_job_status": {"output": 126}}]


def test_a_late_answer_is_told_so(session: Connection) -> None:
    (created,) = rows(session, """select * from create_job('calltest', '{"input":1}')""")
    job = created["o_job_id"]
    following = step(session, f"({_workflow(session)},1,{job})").jobtask
    assert following is not None
    step(session, following)
    (task,) = rows(session, "select * from get_tasks('w', 'add', 10)")
    rows(session, f"select cancel_job({job}, 'enough')")
    step(session, following)
    told = rows(
        session,
        f"""select * from tasks_done(array['{task["o_job_cookie"]}'], '[{{"counter": 1}}]')""",
    )
    assert [row["o_receipt"] for row in told] == ["late"]
    (status,) = rows(session, f"select get_job_status({job})")
    assert status["get_job_status"] == {"error": {"class": "abort", "msg": "enough"}}


def _workflow(session: Connection) -> int:
    (row,) = rows(session, "select action_id from actions where name = 'calltest'")
    return int(row["action_id"])
