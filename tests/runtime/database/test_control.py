"""Cancel and retry, finding jobs, locks that are taken: what people and clients ask about running jobs."""

from __future__ import annotations

import psycopg
import pytest
from psycopg.types.json import Jsonb

from jobcenter.database import Connection
from tests.runtime.database.conftest import ReadyJob, archive, one


def row(connection: Connection, job_id: int) -> tuple[object, ...]:
    query = "select state::text, out_args, aborted, cookie from jobcenter.jobs where job_id = %s"
    return one(connection, query, job_id)


class TestCancel:
    @pytest.mark.parametrize(
        "state", ["ready", "working", "eventwait", "lockwait", "sleeping", "retrywait"]
    )
    @pytest.mark.parametrize(("force", "class_"), [(False, "abort"), (True, "fatal")])
    def test_of_a_waiting_job(
        self, calltest: Connection, ready_job: ReadyJob, state: str, force: bool, class_: str
    ) -> None:
        job_id = ready_job()
        calltest.execute("update jobcenter.jobs set state = %s", (state,))
        query = "select jobcenter.cancel_job(%s, 'enough', %s)"
        assert one(calltest, query, job_id, force) == (True,)
        error = {"error": {"class": class_, "msg": "enough"}}
        assert row(calltest, job_id) == ("done", error, False, None)

    def test_a_recorded_answer_is_kept(self, calltest: Connection, ready_job: ReadyJob) -> None:
        job_id = ready_job()
        query = "select o_job_cookie from jobcenter.get_task('w', 'add', %s)"
        (cookie,) = one(calltest, query, job_id)
        calltest.execute("""select jobcenter.task_done(%s, '{"counter": 4}')""", (cookie,))
        assert one(calltest, "select jobcenter.cancel_job(%s)", job_id) == (True,)
        assert row(calltest, job_id)[:3] == ("done", {"counter": 4}, True)

    @pytest.mark.parametrize(("force", "class_"), [(False, "abort"), (True, "fatal")])
    def test_the_reason_goes_along_with_a_job_on_its_way(
        self, calltest: Connection, ready_job: ReadyJob, force: bool, class_: str
    ) -> None:
        job_id = ready_job()
        calltest.execute("update jobcenter.jobs set state = 'done'")
        query = "select jobcenter.cancel_job(%s, 'enough', %s)"
        assert one(calltest, query, job_id, force) == (True,)
        (claimed,) = one(calltest, "select jobs::json from jobcenter.claim_jobs(1)")
        assert claimed[0]["aborted"] == {"class": class_, "msg": "enough"}

    def test_no_later_cancel_takes_the_force_out_of_one(
        self, calltest: Connection, ready_job: ReadyJob
    ) -> None:
        job_id = ready_job()
        calltest.execute("update jobcenter.jobs set state = 'done'")
        for reason, force in (("by force", True), ("kindly", False)):
            calltest.execute("select jobcenter.cancel_job(%s, %s, %s)", (job_id, reason, force))
        (claimed,) = one(calltest, "select jobs::json from jobcenter.claim_jobs(1)")
        assert claimed[0]["aborted"] == {"class": "fatal", "msg": "by force"}

    def test_of_a_parent_by_force_leaves_no_zombie(
        self, calltest: Connection, ready_job: ReadyJob
    ) -> None:
        """Children that have ended wait for their parent to read them, and it will not."""
        parent, living, ended, failed = ready_job(), ready_job(), ready_job(), ready_job()
        calltest.execute(
            "update jobcenter.jobs set state = 'childwait' where job_id = %s", (parent,)
        )
        calltest.execute(
            "update jobcenter.jobs set parentjob_id = %s where job_id <> %s", (parent, parent)
        )
        zombie = "update jobcenter.jobs set state = 'zombie', job_finished = now(), out_args = %s::jsonb where job_id = %s"
        calltest.execute(zombie, ('{"output": 1}', ended))
        calltest.execute(zombie, ('{"error": {"class": "mine"}}', failed))
        assert one(calltest, "select jobcenter.cancel_job(%s, force => true)", parent) == (True,)
        states = [row(calltest, job)[0] for job in (parent, living, ended, failed)]
        assert states == ["done", "done", "finished", "error"]

    def test_of_a_parent(self, calltest: Connection, ready_job: ReadyJob) -> None:
        parent, child = ready_job(), ready_job()
        calltest.execute(
            "update jobcenter.jobs set state = 'childwait' where job_id = %s", (parent,)
        )
        calltest.execute(
            "update jobcenter.jobs set parentjob_id = %s, child_index = 0 where job_id = %s",
            (parent, child),
        )
        assert one(calltest, "select jobcenter.cancel_job(%s, 'enough')", parent) == (True,)
        error = {"error": {"class": "abort", "msg": "enough"}}
        assert row(calltest, parent)[:3] == ("childwait", error, True)
        state, answer, *_ = row(calltest, child)
        assert state == "done"
        assert isinstance(answer, dict)
        assert answer["error"]["class"] == "abort"

    def test_of_an_ended_job(self, calltest: Connection, ready_job: ReadyJob) -> None:
        job_id = ready_job()
        calltest.execute("""update jobcenter.jobs set state = 'finished', out_args = '{"o": 1}'""")
        assert one(calltest, "select jobcenter.cancel_job(%s)", job_id) == (False,)
        assert row(calltest, job_id)[:2] == ("finished", {"o": 1})
        archive(calltest)
        assert one(calltest, "select jobcenter.cancel_job(%s)", job_id) == (False,)

    def test_unknown(self, calltest: Connection) -> None:
        with pytest.raises(psycopg.DatabaseError, match="no job 4711"):
            calltest.execute("select jobcenter.cancel_job(4711)")


RETRY = "select jobcenter.retry_job(%s, 'mended')"


def failed(connection: Connection, job_id: int) -> None:
    """The job has ended so long ago that it may be archived."""
    connection.execute(
        "update jobcenter.jobs set state = 'error', job_finished = now() - interval '1 year', stepcounter = 3,"
        """ task_id = 2, variables = '{"x": 1}', environment = environment || '{"_error": {"msg": "no"}, "k": 7}',"""
        """ out_args = '{"error": {"class": "normal", "msg": "no"}}' where job_id = %s""",
        (job_id,),
    )


class TestRetry:
    def test_of_a_waiting_try(self, calltest: Connection, ready_job: ReadyJob) -> None:
        job_id = ready_job()
        error = {"error": {"class": "soft", "msg": "not now"}}
        calltest.execute(
            "update jobcenter.jobs set state = 'retrywait', timeout = now() + interval '1 hour', tries = 2, out_args = %s",
            (Jsonb(error),),
        )
        assert one(calltest, RETRY, job_id) == (True,)
        query = "select state::text, timeout, tries, out_args from jobcenter.jobs where job_id = %s"
        assert one(calltest, query, job_id) == ("ready", None, 2, error)

    def test_takes_a_task_from_its_worker_whatever_its_action_says_of_retries(
        self, calltest: Connection, ready_job: ReadyJob
    ) -> None:
        job_id = ready_job()
        calltest.execute("select jobcenter.get_tasks('w', 'add', 1)")
        assert one(calltest, RETRY, job_id) == (True,)
        assert row(calltest, job_id) == (
            "ready", {"error": {"class": "soft", "msg": "mended"}}, False, None,
        )  # fmt: skip
        query = "select o_job_id from jobcenter.get_tasks('v', 'add', 1)"
        assert one(calltest, query) == (job_id,)

    def test_nothing_to_retry(self, calltest: Connection, ready_job: ReadyJob) -> None:
        job_id = ready_job()
        before = row(calltest, job_id)
        assert one(calltest, RETRY, job_id) == (False,)
        assert row(calltest, job_id) == before
        archive(calltest)
        assert one(calltest, RETRY, job_id) == (False,)

    @pytest.mark.parametrize("archived", [False, True])
    def test_a_failed_job_begins_anew(
        self, calltest: Connection, ready_job: ReadyJob, archived: bool
    ) -> None:
        job_id = ready_job()
        failed(calltest, job_id)
        if archived:
            assert one(calltest, "select jobcenter.archive_jobs(10)") == (1,)
        assert one(calltest, RETRY, job_id) == (True,)
        assert one(calltest, "select count(*) from jobcenter.jobs_archive") == (0,)
        query = (
            "select j.state::text, j.task_id = w.start_task_id, stepcounter, variables, environment ->> 'k',"
            " environment ? '_error', out_args, job_finished, arguments ->> 'input' from jobcenter.jobs j"
            " join jobcenter.actions w on w.action_id = j.workflow_id where job_id = %s"
        )
        assert one(calltest, query, job_id) == ("done", True, 0, {}, "7", False, None, None, "1")
        query = "select task_inargs from jobcenter.job_task_log where job_id = %s"
        assert one(calltest, query, job_id) == ({"retry": "mended"},)

    @pytest.mark.parametrize("archived", [False, True])
    @pytest.mark.parametrize("detached", [False, True])
    def test_a_failed_child_does_only_where_nobody_waited_for_it(
        self, calltest: Connection, ready_job: ReadyJob, detached: bool, archived: bool
    ) -> None:
        parent, child = ready_job(), ready_job()
        failed(calltest, child)
        calltest.execute(
            "update jobcenter.jobs set parentjob_id = %s, child_index = 0, detached = %s where job_id = %s",
            (parent, detached, child),
        )
        if archived:
            assert one(calltest, "select jobcenter.archive_jobs(10)") == (1,)
        assert one(calltest, RETRY, child) == (detached,)

    def test_a_failed_job_does_not_while_children_of_it_tidy_up(
        self, calltest: Connection, ready_job: ReadyJob
    ) -> None:
        parent, child = ready_job(), ready_job()
        failed(calltest, parent)
        calltest.execute(
            "update jobcenter.jobs set parentjob_id = %s, child_index = 0 where job_id = %s",
            (parent, child),
        )
        assert one(calltest, RETRY, parent) == (False,)


def test_find_jobs(calltest: Connection) -> None:
    query = "select o_job_id from jobcenter.create_job('calltest', %s)"
    jobs = [one(calltest, query, {"input": n, "who": "x"})[0] for n in (1, 2, 1)]
    find = "select jobcenter.find_jobs(%s)"
    found = calltest.execute(find, ('{"input": 1}',)).fetchall()
    assert found == [(jobs[2],), (jobs[0],)]
    assert len(calltest.execute(find, ('{"who": "x"}',)).fetchall()) == 3


def test_locks(calltest: Connection) -> None:
    calltest.execute("insert into jobcenter.locktypes values ('zone')")
    query = "select jobcenter.check_if_lock_exists('zone', '1'), jobcenter.check_if_lock_exists('other', '1')"
    assert one(calltest, query) == (False, None)
    calltest.execute(
        "insert into jobcenter.locks (locktype, lockvalue, job_id) values ('zone', '1', 1)"
    )
    assert one(calltest, query) == (True, None)


def test_disable_unknown(calltest: Connection) -> None:
    with pytest.raises(psycopg.DatabaseError, match="no workflow named nosuch"):
        calltest.execute("select jobcenter.disable_action('nosuch')")
    with pytest.raises(psycopg.DatabaseError, match="no action named nosuch"):
        calltest.execute("select jobcenter.disable_action('nosuch', 'action')")
