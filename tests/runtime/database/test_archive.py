"""Ended jobs move to the archive and are counted; weeks of archive and log come and go."""

from __future__ import annotations

from dataclasses import replace

import psycopg
import pytest

from jobcenter.database import Connection
from jobcenter.deploy import deploy
from tests.artifacts import ADD, CALLTEST, caller
from tests.runtime.database.conftest import ReadyJob, one


@pytest.fixture
def ended(calltest: Connection, ready_job: ReadyJob) -> list[int]:
    """Two jobs that ended an hour ago, one that ended just now, and one that goes on."""
    jobs = [ready_job() for _ in range(4)]
    calltest.execute(
        "update jobcenter.jobs set state = case job_id when %s then 'error' else 'finished' end::jobcenter.job_state,"
        " job_finished = now() - case job_id when %s then interval '0' else interval '1 hour' end,"
        " out_args = '{\"o\": 1}' where job_id <> %s",
        (jobs[1], jobs[2], jobs[3]),
    )
    return jobs


def test_what_ended_a_while_ago_is_moved(calltest: Connection, ended: list[int]) -> None:
    assert one(calltest, "select jobcenter.archive_jobs(10)") == (2,)
    query = "select job_id from jobcenter.jobs order by 1"
    assert [row[0] for row in calltest.execute(query)] == ended[2:]
    for job_id in ended[:3]:
        assert one(calltest, "select jobcenter.get_job_status(%s)", job_id) == ({"o": 1},)
    assert one(calltest, "select jobcenter.archive_jobs(10)") == (0,)
    stats = "select sum(finished), sum(failed) from jobcenter.call_stats"
    assert one(calltest, stats) == (1, 1)
    calltest.execute("update jobcenter.settings set value = '0' where name = 'archive_after'")
    assert one(calltest, "select jobcenter.archive_jobs(10)") == (1,)
    assert one(calltest, stats) == (2, 1)


def test_in_portions_the_oldest_first(calltest: Connection, ended: list[int]) -> None:
    calltest.execute(
        "update jobcenter.jobs set job_finished = now() - interval '2 hours' where job_id = %s",
        (ended[1],),
    )
    assert one(calltest, "select jobcenter.archive_jobs(1)") == (1,)
    assert one(calltest, "select job_id from jobcenter.jobs_archive") == (ended[1],)


def test_not_what_is_in_use(calltest: Connection, ended: list[int], database: str) -> None:
    with psycopg.connect(database) as other:
        other.execute("select from jobcenter.jobs where job_id = %s for update", (ended[0],))
        assert one(calltest, "select jobcenter.archive_jobs(10)") == (1,)


class TestWhatActionsSay:
    """`config: archive` of an action: jobs of the workflows that call it stay for so long."""

    @pytest.fixture
    def of_three_workflows(self, connection: Connection) -> Connection:
        """Jobs that ended an hour ago: of one workflow that calls an action which says two hours, of one that calls one which
        says half an hour, and of one that calls neither."""
        for name, archive in (("long", "2 hours"), ("short", "1800"), ("silent", None)):
            config = {} if archive is None else {"archive": archive}
            deploy(connection, [replace(ADD, name=name, config=config), caller(f"w_{name}", name)])
            one(
                connection,
                "select o_job_id from jobcenter.create_job(%s, %s)",
                f"w_{name}",
                {"input": 1},
            )
        connection.execute(
            "update jobcenter.jobs set state = 'finished', out_args = '{}', job_finished = now() - interval '1 hour'"
        )
        return connection

    def living(self, connection: Connection) -> list[str]:
        query = "select name from jobcenter.jobs join jobcenter.actions on action_id = workflow_id order by 1"
        return [row[0] for row in connection.execute(query)]

    def test_longer_than_the_setting(self, of_three_workflows: Connection) -> None:
        assert one(of_three_workflows, "select jobcenter.archive_jobs(10)") == (2,)
        assert self.living(of_three_workflows) == ["w_long"]

    def test_shorter_than_the_setting(self, of_three_workflows: Connection) -> None:
        of_three_workflows.execute(
            "update jobcenter.settings set value = '1 day' where name = 'archive_after'"
        )
        assert one(of_three_workflows, "select jobcenter.archive_jobs(10)") == (1,)
        assert self.living(of_three_workflows) == ["w_long", "w_silent"]

    def test_of_the_version_that_was_called(self, of_three_workflows: Connection) -> None:
        deploy(of_three_workflows, [replace(ADD, name="long", config={"archive": "1 second"})])
        assert one(of_three_workflows, "select jobcenter.archive_jobs(10)") == (2,)

    def test_nearly_for_ever(self, connection: Connection) -> None:
        deploy(connection, [replace(ADD, config={"archive": "200000 years"}), CALLTEST])
        one(connection, "select o_job_id from jobcenter.create_job('calltest', '{\"input\": 1}')")
        connection.execute(
            "update jobcenter.jobs set state = 'finished', out_args = '{}', job_finished = now() - interval '90 years'"
        )
        assert one(connection, "select jobcenter.archive_jobs(10)") == (0,)


def partitions(connection: Connection) -> set[str]:
    query = "select c.relname from pg_class c where relispartition and relkind = 'r'"
    return {row[0] for row in connection.execute(query)}


class TestWeeks:
    def test_this_one_and_the_next_are_there(self, connection: Connection) -> None:
        weeks = partitions(connection)
        assert len(weeks) == 6
        connection.execute("select jobcenter.keep_partitions()")
        assert partitions(connection) == weeks
        connection.execute(
            "insert into jobcenter.job_log (job_id, workflow_id, task_entered, task_completed, steps)"
            " values (1, 1, now(), now(), '[]')"
        )
        assert one(connection, "select count(*) from jobcenter.job_log_default") == (0,)

    def test_old_ones_are_dropped(self, connection: Connection) -> None:
        weeks = partitions(connection)
        connection.execute(
            "create table jobcenter.job_log_20200106 partition of jobcenter.job_log"
            " for values from ('2020-01-06 00:00+00') to ('2020-01-13 00:00+00')"
        )
        connection.execute(
            "insert into jobcenter.job_log (job_id, workflow_id, task_entered, task_completed, logged, steps)"
            " select 1, 1, d, d, d, '[]' from unnest(array['2020-01-07'::timestamptz, '2021-01-01', now()]) d"
        )
        connection.execute("select jobcenter.keep_partitions()")
        assert partitions(connection) == weeks
        assert one(connection, "select count(*) from jobcenter.job_log") == (1,)

    def test_a_week_that_cannot_be_made_is_left(self, connection: Connection) -> None:
        weeks = partitions(connection)
        (name,) = one(
            connection,
            "select 'job_log_' || to_char(date_trunc('week', now() at time zone 'UTC'), 'YYYYMMDD')",
        )
        connection.execute(f"drop table jobcenter.{name}".encode())
        row = "insert into jobcenter.job_log (job_id, workflow_id, task_entered, task_completed, steps) values (1, 1, now(), now(), '[]')"
        connection.execute(row)
        connection.execute("select jobcenter.keep_partitions()")
        assert partitions(connection) == weeks - {name}
        connection.execute("delete from jobcenter.job_log_default")
        connection.execute("select jobcenter.keep_partitions()")
        assert partitions(connection) == weeks

    def test_keys_go_with_the_time_save_those_of_jobs_that_live(self, calltest: Connection) -> None:
        query = "select o_job_id from jobcenter.create_job('calltest', '{\"input\": 1}', key => %s)"
        living, gone = one(calltest, query, "living")[0], one(calltest, query, "gone")[0]
        calltest.execute("delete from jobcenter.jobs where job_id = %s", (gone,))
        calltest.execute("update jobcenter.job_keys set created = '2020-01-01'")
        calltest.execute("select jobcenter.keep_partitions()")
        assert one(calltest, "select job_id from jobcenter.job_keys") == (living,)
