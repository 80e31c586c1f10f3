"""Commits that nobody waits for: what a crash of the server undoes is done again, and what was promised is never among it."""

from __future__ import annotations

import dataclasses
import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from jobcenter import database, embedded, migrate
from jobcenter.database import Connection
from jobcenter.deploy import deploy
from tests.artifacts import ADD, CALLTEST
from tests.runtime.database.conftest import ReadyJob, one

CLAIM = "select o_job_id, o_job_cookie from jobcenter.get_tasks('w', 'add', 9, unwaited => %s)"
APPLY = "select applied from jobcenter.apply_results(%s::json, null, %s)"
WAITED = "select current_setting('synchronous_commit')"
# Longer than the test: only a commit that is waited for brings WAL to the disk.
LAZY = {"wal_writer_delay": "10s"}


@pytest.fixture
def lazy_server() -> Iterator[Path]:
    base = Path(tempfile.mkdtemp(prefix="jobcenter-test-"))
    base.chmod(0o755)
    yield base / "postgres"
    embedded.detach(base / "postgres")
    embedded.stop(base / "postgres", "immediate")
    shutil.rmtree(base, ignore_errors=True)


@contextmanager
def crash(lazy_server: Path) -> Iterator[Connection]:
    """The server is stopped at once, as by a loss of power, and started again."""
    embedded.stop(lazy_server, "immediate")
    with database.connect(embedded.attach(lazy_server, LAZY)) as connection:
        yield connection


def test_a_claim_that_a_crash_undid_is_made_again(lazy_server: Path) -> None:
    with database.connect(embedded.attach(lazy_server, LAZY)) as connection:
        migrate.upgrade(connection)
        deploy(connection, [ADD, CALLTEST])
        (job,) = one(
            connection, "select o_job_id from jobcenter.create_job('calltest', %s)", {"input": 1}
        )
        # A page of WAL that is full is written without being waited for: so what follows begins a new one.
        connection.execute("select pg_switch_wal()")
        with connection.transaction():
            connection.execute("select jobs from jobcenter.claim_jobs(1)")
            assert one(connection, APPLY, called(job), True) == (1,)
        assert one(connection, CLAIM, True)[0] == job
        lost = one(connection, "select cookie::text from jobcenter.jobs")
    with crash(lazy_server) as connection:
        assert one(connection, "select state::text from jobcenter.jobs") == ("done",)
        with connection.transaction():
            connection.execute("select jobs from jobcenter.claim_jobs(1)")
            connection.execute(APPLY, (called(job), True))
        ((again, cookie),) = connection.execute(CLAIM, (True,)).fetchall()
        assert again == job
        answers = "select o_receipt from jobcenter.tasks_done(%s, '[{\"counter\": 4}]')"
        assert one(connection, answers, list(lost)) == ("late",)
        assert one(connection, answers, [cookie]) == ("recorded",)
    # The answer was waited for: nothing that came before it can be undone any more.
    with crash(lazy_server) as connection:
        query = "select state::text, out_args, cookie::text from jobcenter.jobs"
        assert one(connection, query) == ("done", {"counter": 4}, cookie)


def called(job: int) -> str:
    arguments = {"counter": 1, "step": 3}
    result = {"job": job, "task": 2, "state": "ready", "steps": 1, "callee": "add"}
    return json.dumps([{**result, "in": arguments, "log": [{"task": 1}]}])


@pytest.mark.parametrize(
    ("retryable", "unwaited", "waited"),
    [(True, True, "off"), (True, False, "on"), (False, True, "on")],
)
def test_which_claims_are_waited_for(
    connection: Connection, ready_job: ReadyJob, retryable: bool, unwaited: bool, waited: str
) -> None:
    deploy(connection, [dataclasses.replace(ADD, config={"retryable": retryable}), CALLTEST])
    ready_job()
    with connection.transaction():
        assert len(connection.execute(CLAIM, (unwaited,)).fetchall()) == 1
        assert one(connection, WAITED) == (waited,)


@pytest.mark.parametrize("chosen", ["remote_apply", "local"])
def test_what_the_operator_chose_stands(
    connection: Connection, ready_job: ReadyJob, chosen: str
) -> None:
    ready_job()
    with connection.transaction():
        connection.execute("select set_config('synchronous_commit', %s, true)", (chosen,))
        connection.execute(CLAIM, (True,))
        assert one(connection, WAITED) == (chosen,)


def test_the_end_of_a_job_is_waited_for(calltest: Connection) -> None:
    (job,) = one(
        calltest, "select o_job_id from jobcenter.create_job('calltest', %s)", {"input": 1}
    )
    ended = json.dumps([{"job": job, "task": 3, "state": "finished", "steps": 1, "log": []}])
    for result, waited in ((called(job), "off"), (ended, "on")):
        with calltest.transaction(force_rollback=True):
            calltest.execute(APPLY, (result, True))
            assert one(calltest, WAITED) == (waited,)
