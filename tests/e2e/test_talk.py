"""The talk's listing, line by line: what a client, a Maestro and a worker say when calltest is run by hand."""

from __future__ import annotations

import json

import pytest

from jobcenter.cli import main
from jobcenter.database import Connection
from jobcenter.deploy import deploy
from tests.runtime.workflows import ADD, calltest


@pytest.fixture
def heard(connection: Connection) -> list[str]:
    """The notifications of this connection's own transactions, in the talk's form."""
    heard: list[str] = []
    connection.add_notify_handler(
        lambda notification: heard.append(f"{notification.channel} {notification.payload}".strip())
    )
    return heard


def test_calltest_by_hand(
    database: str,
    connection: Connection,
    heard: list[str],
    capsys: pytest.CaptureFixture[str],
) -> None:
    def step(jobtask: str) -> str:
        assert main(["step", jobtask, "--dsn", database]) == 0
        return capsys.readouterr().out

    def listen_again() -> list[str]:
        connection.execute("select 1")
        said = list(heard)
        heard.clear()
        return said

    _, workflow = deploy(connection, [ADD, calltest()])
    wf = workflow.action_id
    connection.execute('listen jobtaskdone; listen "action:1:ready"; listen "job:1:finished"')

    assert connection.execute(
        "select * from jobcenter.create_job('calltest', '{\"input\":123}'::jsonb)"
    ).fetchone() == (1, "job:1:finished")
    assert listen_again() == [f"jobtaskdone ({wf},1,1)"]
    assert step(f"({wf},1,1)") == (f" error | jobtask\n-------+---------\n false | ({wf},2,1)\n")
    assert step(f"({wf},2,1)") == " error | jobtask\n-------+---------\n false | null\n"
    assert listen_again() == ['action:1:ready {"job_id": 1}']
    task = connection.execute("select * from jobcenter.get_task('thisworker', 'add', 1)").fetchone()
    assert task is not None
    job, cookie, in_args, env = task
    assert (job, in_args, env) == (1, {"counter": 123, "step": 3}, None)
    connection.execute("select jobcenter.task_done(%s, '{\"counter\":126}')", (cookie,))
    assert listen_again() == [f"jobtaskdone ({wf},2,1)"]
    assert main(["step", f"({wf},2,1)", "--json", "--dsn", database]) == 0
    assert json.loads(capsys.readouterr().out) == {"error": False, "jobtask": f"({wf},3,1)"}
    assert "null" in step(f"({wf},3,1)")
    assert listen_again() == ["job:1:finished"]
    assert connection.execute("select jobcenter.get_job_status(1)").fetchone() == ({"output": 126},)
    assert main(["step", f"({wf},3,1)", "--dsn", database]) == 1
    assert "job 1 has finished: there is no step to take" in capsys.readouterr().err
