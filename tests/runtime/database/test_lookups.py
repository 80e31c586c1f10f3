"""What a call costs does not grow with the jobs that wait, also before the statistics know of them: autovacuum looks once a minute, and a plan
made while there were few jobs is kept until then."""

from __future__ import annotations

from jobcenter.database import Connection

from .conftest import ReadyJob, one

WAITING = 1000
PLANS_ARE_KEPT = 8  # runs in a session, after which a plan is not made anew
FEW = 20  # rows of `jobs` that a statement about one job may look at


class Looks:
    """How many rows of `jobs` this transaction has found by its indexes, or by going through the table."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._before = self._count()

    def more(self) -> int:
        return self._count() - self._before

    def _count(self) -> int:
        (count,) = one(
            self._connection,
            "select seq_tup_read + idx_tup_fetch from pg_stat_xact_user_tables"
            " where schemaname = 'jobcenter' and relname = 'jobs'",
        )
        return int(count)


def go_through(connection: Connection, ready_job: ReadyJob) -> list[int]:
    """A job from its call to its end. Gives how many rows each statement looked at."""
    job, looked = ready_job(), []
    with connection.transaction():
        looks = Looks(connection)
        _, cookie, _, _ = one(connection, "select * from jobcenter.get_tasks('w', 'add', 10)")
        looked.append(looks.more())

        looks = Looks(connection)
        receipt = one(
            connection,
            "select o_receipt from jobcenter.tasks_done(array[%s::text], '[{\"counter\": 4}]')",
            cookie,
        )
        looked.append(looks.more())

        looks = Looks(connection)
        (claimed,) = one(connection, "select claimed from jobcenter.claim_jobs(10)")
        results = f'[{{"job": {job}, "task": 3, "state": "finished", "out": {{}}, "steps": 3}}]'
        one(connection, "select applied from jobcenter.apply_results(%s::json, null)", results)
        looked.append(looks.more())
    assert receipt == ("recorded",)
    assert claimed == 1
    assert one(connection, "select jobcenter.get_job_status(%s)", job) == ({},)
    return looked


def test_a_job_is_found_without_a_look_at_the_others(
    calltest: Connection, ready_job: ReadyJob
) -> None:
    calltest.execute("select from jobcenter.announce('w', 'add', null, null)")
    for _ in range(PLANS_ARE_KEPT):
        go_through(calltest, ready_job)
    calltest.execute(
        "insert into jobcenter.jobs (root_id, workflow_id, task_id, state, timeout)"
        " select 0, j.workflow_id, 2, 'sleeping', now() + interval '1 day'"
        " from (select workflow_id from jobcenter.jobs limit 1) j, generate_series(1, %s)",
        (WAITING,),
    )
    assert max(go_through(calltest, ready_job)) < FEW


def test_a_queue_with_few_tasks_is_found_among_many_tasks_of_others(
    calltest: Connection, ready_job: ReadyJob
) -> None:
    calltest.execute("select from jobcenter.announce('w', 'add', null, null)")
    calltest.execute(
        "insert into jobcenter.jobs (root_id, workflow_id, task_id, state, queue_id)"
        " select 0, a.action_id, 2, 'ready', a.action_id"
        " from jobcenter.actions a, generate_series(1, %s) where a.name = 'calltest'",
        (20 * WAITING,),
    )
    calltest.execute("analyze jobcenter.jobs")
    for _ in range(PLANS_ARE_KEPT):
        assert max(go_through(calltest, ready_job)) < FEW
