"""What callers say wrong is refused in our words, by our SQLSTATE, before it is Postgres that stumbles over it."""

from __future__ import annotations

import random
import string

import psycopg
import pytest

from jobcenter.database import Connection
from tests.runtime.database.conftest import ReadyJob, one

# Random, since a text that repeats itself is compressed before its length is looked at.
LONG = "".join(random.Random(1).choices(string.ascii_letters, k=9000))

WRONG = {
    "select jobcenter.get_tasks('w', 'add', -1)": "the number of tasks is -1 (should be 0 or more)",
    "select jobcenter.get_tasks('w', 'add', null)": "the number of tasks is null (should be 0 or more)",
    "select jobcenter.get_task(null, 'add')": "a worker needs a name",
    "select jobcenter.get_task('', 'add')": "a worker needs a name",
    "select jobcenter.announce(null, 'add')": "a worker needs a name",
    f"select jobcenter.announce('{LONG}', 'add')": "the name of the worker is too long: 9000 bytes (at most 2000)",
    "select jobcenter.tasks_done(array['a'], '{}')": "the list of answers has wrong type object (should be array)",
    "select jobcenter.tasks_done(array['a'], null)": "the list of answers has wrong type null (should be array)",
    "select jobcenter.tasks_done(null, '[1]')": "0 cookies, but 1 answers",
    "select jobcenter.tasks_done(array['a'], '[]')": "1 cookies, but 0 answers",
    """select jobcenter.create_jobs('calltest', '[{"input": 1}]', keys => array['a', 'b'])""": "1 jobs, but 2 keys",
    """select jobcenter.create_jobs('calltest', '[{"input": 1}, {"input": 1}]', keys => array['a'])""": "2 jobs, but 1 keys",
    f"""select jobcenter.create_job('calltest', '{{"input": 1}}', key => '{LONG}')""": "the key is too long: 9000 bytes (at most 2000)",
    "select jobcenter.deploy_schema('x', '5')": "the schema x has wrong type number (should be object)",
    "select jobcenter.deploy_schema('x', null)": "the schema x has wrong type null (should be object)",
    "select jobcenter.deploy_definitions('5')": "the list of artifacts has wrong type number (should be array)",
    "select jobcenter.deploy_definitions('[5]')": "not an artifact of format 1",
    """select jobcenter.deploy_definitions('[{"format": 1}]')""": "not an artifact of format 1",
}


@pytest.mark.parametrize("call", WRONG)
def test_refused(calltest: Connection, call: str) -> None:
    with pytest.raises(psycopg.Error) as refused:
        calltest.execute(call.encode())
    assert (refused.value.diag.message_primary, refused.value.sqlstate) == (WRONG[call], "JC004")


def test_all_tasks_are_not_taken_where_no_number_is_said(
    calltest: Connection, ready_job: ReadyJob
) -> None:
    job_id = ready_job()
    with pytest.raises(psycopg.Error):
        calltest.execute("select jobcenter.get_tasks('w', 'add', null)")
    assert one(calltest, "select state::text from jobcenter.jobs where job_id = %s", job_id) == (
        "ready",
    )


def test_a_disable_that_does_not_say_which_disables(calltest: Connection) -> None:
    calltest.execute("select jobcenter.disable_action('calltest', disabled => null)")
    assert one(calltest, "select disabled from jobcenter.actions where name = 'calltest'") == (
        True,
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("worker_timeout", "soon"),
        ("retention", "-1 day"),
        ("lost_worker_tries", "many"),
        ("lost_worker_tries", "1.5"),
    ],
)
def test_a_setting_that_would_stop_the_housekeeping(
    connection: Connection, name: str, value: str
) -> None:
    with pytest.raises(psycopg.Error):
        connection.execute(
            "update jobcenter.settings set value = %s where name = %s", (value, name)
        )
    connection.execute("select jobcenter.keep_house(), jobcenter.keep_archive()")


class TestAnErrorOfAWorker:
    """What a worker's error may say of itself."""

    @pytest.mark.parametrize(
        ("told", "recorded"),
        [
            ({"class": None, "msg": "m"}, {"class": "normal", "msg": "m"}),
            ({"class": 5, "msg": "m"}, {"class": "5", "msg": "m"}),
            ({"class": ["soft"]}, {"class": '["soft"]'}),
            ({"class": "own", "tries": 3, "more": 1}, {"class": "own", "tries": 3, "more": 1}),
            # How often a task is tried is its action's to say, and who must do it alone the runtime's.
            ({"class": "soft", "msg": "m", "retry": {"tries": "x"}}, {"class": "soft", "msg": "m"}),
            ({"class": "soft", "tries": 1, "alone": True}, {"class": "soft"}),
        ],
    )
    def test_as_recorded(
        self,
        calltest: Connection,
        ready_job: ReadyJob,
        told: dict[str, object],
        recorded: dict[str, object],
    ) -> None:
        job_id = ready_job()
        (cookie,) = one(
            calltest, "select o_job_cookie from jobcenter.get_task('w', 'add', %s)", job_id
        )
        calltest.execute(
            "select jobcenter.task_done(%s, %s)",
            (cookie, psycopg.types.json.Jsonb({"error": told})),
        )
        (answer,) = one(calltest, "select out_args from jobcenter.jobs where job_id = %s", job_id)
        assert answer == {"error": recorded}
