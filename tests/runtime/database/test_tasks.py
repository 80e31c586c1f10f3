"""Workers and their tasks: claiming, answering, receipts, filters, coming and going."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import psycopg
import pytest
from psycopg.types.json import Jsonb

from jobcenter.artifact import Definition, Input, Output
from jobcenter.database import Connection
from jobcenter.deploy import deploy
from tests.artifacts import ADD, CALLTEST
from tests.runtime.database.conftest import ReadyJob, archive, one

Row = tuple[Any, ...]


def get_task(connection: Connection, job_id: int | None, worker: str = "w") -> Row | None:
    query = "select * from jobcenter.get_task(%s, 'add', %s)"
    return connection.execute(query, (worker, job_id)).fetchone()


def get_tasks(connection: Connection, limit: int, worker: str = "w") -> list[Row]:
    query = "select * from jobcenter.get_tasks(%s, 'add', %s)"
    return connection.execute(query, (worker, limit)).fetchall()


def state(connection: Connection, job_id: int) -> tuple[str, Any]:
    query = "select state::text, out_args from jobcenter.jobs where job_id = %s"
    found, answer = one(connection, query, job_id)
    return found, answer


def tasks_done(connection: Connection, answers: list[tuple[str, object]]) -> list[str]:
    rows = connection.execute(
        "select * from jobcenter.tasks_done(%s, %s)",
        ([cookie for cookie, _ in answers], Jsonb([out for _, out in answers])),
    ).fetchall()
    assert [row[0] for row in rows] == [cookie for cookie, _ in answers]
    return [row[1] for row in rows]


class TestClaiming:
    def test_as_the_seed_shows(self, calltest: Connection, ready_job: ReadyJob) -> None:
        job_id = ready_job(in_args={"counter": 123})
        task = get_task(calltest, job_id, "thisworker")
        assert task is not None
        assert (task[0], task[2], task[3]) == (job_id, {"counter": 123}, None)
        assert len(task[1]) == 36
        calltest.execute('listen "jobtaskdone"')
        calltest.execute("select jobcenter.task_done(%s, %s)", (task[1], Jsonb({"counter": 126})))
        assert state(calltest, job_id) == ("done", {"counter": 126})
        (told,) = calltest.notifies(timeout=5, stop_after=1)
        assert told.payload.endswith(f",2,{job_id})")

    def test_a_task_is_given_once(self, calltest: Connection, ready_job: ReadyJob) -> None:
        job_id = ready_job()
        assert get_task(calltest, job_id)
        assert get_task(calltest, job_id) is None
        assert get_task(calltest, None) is None

    def test_any_job(self, calltest: Connection, ready_job: ReadyJob) -> None:
        jobs = [ready_job() for _ in range(3)]
        assert [(get_task(calltest, None) or (0,))[0] for _ in range(3)] == jobs

    def test_batches_the_oldest_first(self, calltest: Connection, ready_job: ReadyJob) -> None:
        jobs = [ready_job() for _ in range(5)]
        assert [task[0] for task in get_tasks(calltest, 3)] == jobs[:3]
        assert [task[0] for task in get_tasks(calltest, 3)] == jobs[3:]
        assert get_tasks(calltest, 3) == []

    def test_not_what_another_is_taking(
        self, calltest: Connection, ready_job: ReadyJob, database: str
    ) -> None:
        first, second = ready_job(), ready_job()
        with psycopg.connect(database) as other:
            assert [task[0] for task in get_tasks(other, 1, "other")] == [first]
            assert [task[0] for task in get_tasks(calltest, 2)] == [second]

    def test_unknown_action(self, calltest: Connection) -> None:
        with pytest.raises(psycopg.DatabaseError, match="no action named nosuch") as refused:
            calltest.execute("select * from jobcenter.get_task('w', 'nosuch', 1)")
        assert refused.value.sqlstate == "JC002"

    def test_an_old_version_waits_for_no_other(
        self, calltest: Connection, ready_job: ReadyJob
    ) -> None:
        job_id = ready_job()
        deploy(calltest, [ADD], force=True)
        assert [task[0] for task in get_tasks(calltest, 3)] == [job_id]

    def test_disabled(self, calltest: Connection, ready_job: ReadyJob) -> None:
        job_id = ready_job()
        calltest.execute("select jobcenter.disable_action('add', 'action')")
        assert get_task(calltest, job_id) is None
        with pytest.raises(psycopg.DatabaseError, match="action add is disabled"):
            calltest.execute("select jobcenter.announce('w', 'add')")

    def test_environment_and_timeout(self, connection: Connection, ready_job: ReadyJob) -> None:
        action = dataclasses.replace(
            ADD,
            environment=(
                Input("lang", "string"),
                Input("job_id", "number"),
                Input("tries", "number"),
                Input("level", "number", has_default=True, default=4),
            ),
            config={"timeout": "1 hour"},
        )
        deploy(connection, [action, CALLTEST], force=True)
        job_id = ready_job(env={"lang": "nl", "secret": 1})
        connection.execute("update jobcenter.jobs set tries = 2")
        task = get_task(connection, job_id)
        assert task is not None
        assert task[3] == {"lang": "nl", "job_id": job_id, "tries": 2, "level": 4}
        held = one(connection, "select o_env from jobcenter.held_tasks('w', '{}')")
        assert held == (task[3],)
        query = "select timeout - now() between '59 minutes' and '1 hour' from jobcenter.jobs"
        assert one(connection, query) == (True,)


class TestAnswers:
    @pytest.mark.parametrize(
        ("answer", "error_class", "msg"),
        [
            ({}, "type", 'required output argument "counter" not found'),
            (None, "type", 'required output argument "counter" not found'),
            (
                {"counter": "x"},
                "type",
                'output argument "counter" has wrong type string (should be number)',
            ),
            ([1], "type", "the output arguments have wrong type array (should be object)"),
            ({"error": "it broke"}, "normal", "it broke"),
            ({"error": {"msg": "it broke"}}, "normal", "it broke"),
        ],
    )
    def test_what_does_not_fit_is_an_error_of_the_job(
        self,
        calltest: Connection,
        ready_job: ReadyJob,
        answer: object,
        error_class: str,
        msg: str,
    ) -> None:
        job_id = ready_job()
        (_, cookie, *_) = get_tasks(calltest, 1)[0]
        assert tasks_done(calltest, [(cookie, answer)]) == ["recorded"]
        error = {"class": error_class, "msg": msg}
        assert state(calltest, job_id) == ("done", {"error": error})

    def test_more_than_was_declared(self, calltest: Connection, ready_job: ReadyJob) -> None:
        job_id = ready_job()
        (_, cookie, *_) = get_tasks(calltest, 1)[0]
        tasks_done(calltest, [(cookie, {"counter": 1, "more": [2]})])
        assert state(calltest, job_id) == ("done", {"counter": 1, "more": [2]})

    def test_optional_output(self, connection: Connection, ready_job: ReadyJob) -> None:
        action = dataclasses.replace(
            ADD, outputs=(Output("counter", "number"), Output("note", "string", optional=True))
        )
        deploy(connection, [action, CALLTEST], force=True)
        job_id = ready_job()
        (_, cookie, *_) = get_tasks(connection, 1)[0]
        tasks_done(connection, [(cookie, {"counter": 1})])
        assert state(connection, job_id) == ("done", {"counter": 1})

    def test_failed(self, calltest: Connection, ready_job: ReadyJob) -> None:
        job_id = ready_job()
        (_, cookie, *_) = get_tasks(calltest, 1)[0]
        calltest.execute("select jobcenter.task_failed(%s, 'no luck', 'soft')", (cookie,))
        assert state(calltest, job_id) == ("done", {"error": {"class": "soft", "msg": "no luck"}})

    def test_in_a_batch_each_is_on_its_own(self, calltest: Connection, ready_job: ReadyJob) -> None:
        jobs = [ready_job() for _ in range(3)]
        cookies = [task[1] for task in get_tasks(calltest, 3)]
        calltest.execute('listen "jobtaskdone"')
        answers = [{"counter": 1}, {"error": {"class": "soft", "msg": "x"}}, {"counter": 3}]
        receipts = tasks_done(calltest, list(zip(cookies, answers, strict=True)))
        assert receipts == ["recorded"] * 3
        assert [state(calltest, job)[1] for job in jobs] == answers
        assert [told.payload for told in calltest.notifies(timeout=0.3)] == [""]

    def test_as_many_answers_as_cookies(self, calltest: Connection) -> None:
        with pytest.raises(psycopg.DatabaseError, match="2 cookies, but 1 answers"):
            calltest.execute("select * from jobcenter.tasks_done(array['a', 'b'], '[{}]')")


class TestReceipts:
    def test_twice(self, calltest: Connection, ready_job: ReadyJob) -> None:
        job_id = ready_job()
        (_, cookie, *_) = get_tasks(calltest, 1)[0]
        answer: tuple[str, object] = (cookie, {"counter": 1})
        assert tasks_done(calltest, [answer]) == ["recorded"]
        assert tasks_done(calltest, [(cookie, {"counter": 2})]) == ["duplicate"]
        archive(calltest)
        assert tasks_done(calltest, [answer]) == ["duplicate"]
        query = "select out_args from jobcenter.jobs_archive where job_id = %s"
        assert one(calltest, query, job_id) == ({"counter": 1},)

    def test_twice_in_one_batch(self, calltest: Connection, ready_job: ReadyJob) -> None:
        ready_job()
        (_, cookie, *_) = get_tasks(calltest, 1)[0]
        answers: list[tuple[str, object]] = [(cookie, {"counter": 1}), (cookie, {"counter": 2})]
        assert sorted(tasks_done(calltest, answers)) == ["duplicate", "recorded"]

    def test_late(self, calltest: Connection, ready_job: ReadyJob) -> None:
        job_id = ready_job()
        (_, cookie, *_) = get_tasks(calltest, 1)[0]
        assert one(calltest, "select jobcenter.retry_job(%s, 'again')", job_id) == (True,)
        woken = state(calltest, job_id)
        assert tasks_done(calltest, [(cookie, {"counter": 1})]) == ["late"]
        assert state(calltest, job_id) == woken == (
            "ready", {"error": {"class": "soft", "msg": "again"}}
        )  # fmt: skip

    def test_of_an_earlier_claim(self, calltest: Connection, ready_job: ReadyJob) -> None:
        job_id = ready_job()
        (_, old, *_) = get_tasks(calltest, 1)[0]
        calltest.execute("update jobcenter.jobs set state = 'ready'")
        (_, new, *_) = get_tasks(calltest, 1)[0]
        answers: list[tuple[str, object]] = [(old, {"counter": 1}), (new, {"counter": 2})]
        assert tasks_done(calltest, answers) == ["late", "recorded"]
        assert state(calltest, job_id) == ("done", {"counter": 2})

    def test_what_is_no_cookie(self, calltest: Connection) -> None:
        nobody = "00000000-0000-4000-8000-00000000ffff"
        answers: list[tuple[str, object]] = [
            (nobody, {}),
            ("", {}),
            ("'; drop", {}),
            ("é" * 36, {}),
        ]
        assert tasks_done(calltest, answers) == ["late"] * 4
        calltest.execute("select jobcenter.task_done('nonsense', '{}')")


class TestWorkers:
    def test_announce_ping_withdraw(self, calltest: Connection) -> None:
        worker, channel = one(calltest, "select * from jobcenter.announce('w', 'add')")
        (queue,) = one(calltest, "select queue_id from jobcenter.actions where name = 'add'")
        assert channel == f"action:{queue}:ready"
        assert one(calltest, "select * from jobcenter.announce('w', 'add')") == (worker, channel)
        assert one(calltest, "select jobcenter.ping(%s)", worker) == (True,)
        assert one(calltest, "select jobcenter.withdraw('w', 'add')") == (True,)
        assert one(calltest, "select jobcenter.withdraw('w', 'add')") == (False,)
        assert one(calltest, "select jobcenter.ping(%s)", worker + 1) == (False,)

    def test_announce_unknown(self, calltest: Connection) -> None:
        with pytest.raises(psycopg.DatabaseError, match="no action named nosuch"):
            calltest.execute("select jobcenter.announce('w', 'nosuch')")

    def test_a_queue_for_all_versions(self, calltest: Connection) -> None:
        (_, channel) = one(calltest, "select * from jobcenter.announce('w', 'add')")
        deploy(calltest, [ADD], force=True)
        assert one(calltest, "select * from jobcenter.announce('w', 'add')")[1] == channel

    def test_poll(self, calltest: Connection, ready_job: ReadyJob) -> None:
        (worker, channel) = one(calltest, "select * from jobcenter.announce('w', 'add')")
        query = "select * from jobcenter.poll_tasks(array[%s::bigint])"
        assert calltest.execute(query, (worker,)).fetchall() == []
        ready_job()
        ready_job()
        assert one(calltest, query, worker) == ("add", channel, [worker], 2)

    def test_disconnect_of_a_retryable_task(
        self, calltest: Connection, ready_job: ReadyJob
    ) -> None:
        job_id = ready_job()
        (worker, _) = one(calltest, "select * from jobcenter.announce('w', 'add')")
        (_, cookie, *_) = get_tasks(calltest, 1)[0]
        calltest.execute("select jobcenter.disconnect('w')")
        found, answer = state(calltest, job_id)
        assert (found, answer["error"]["class"]) == ("done", "soft")
        assert tasks_done(calltest, [(cookie, {"counter": 1})]) == ["late"]
        assert one(calltest, "select jobcenter.ping(%s)", worker) == (False,)
        assert one(calltest, "select * from jobcenter.announce('w', 'add')")[0] != worker

    def test_disconnect_of_another_task(self, connection: Connection, ready_job: ReadyJob) -> None:
        deploy(connection, [dataclasses.replace(ADD, config={"retryable": False}), CALLTEST])
        deploy(connection, [CALLTEST], force=True)
        job_id = ready_job()
        (_, cookie, *_) = get_tasks(connection, 1)[0]
        connection.execute("select jobcenter.disconnect('w')")
        query = "select timeout - now() between '1 minute' and '2 minutes' from jobcenter.jobs"
        assert one(connection, query) == (True,)
        assert tasks_done(connection, [(cookie, {"counter": 1})]) == ["recorded"]
        assert state(connection, job_id) == ("done", {"counter": 1})

    def test_the_worker_row_is_not_needed_to_answer(
        self, calltest: Connection, ready_job: ReadyJob
    ) -> None:
        ready_job()
        (_, cookie, *_) = get_tasks(calltest, 1)[0]
        calltest.execute("delete from jobcenter.workers")
        assert tasks_done(calltest, [(cookie, {"counter": 1})]) == ["recorded"]


class TestFilters:
    @pytest.fixture
    def filtering(self, calltest: Connection) -> Connection:
        deploy(calltest, [_with_filter(["region"])])
        return calltest

    @pytest.mark.parametrize(
        ("allowed", "wanted", "message"),
        [
            (None, {"region": "eu"}, "filtering is not allowed for action add"),
            (["region"], None, "a filter is required for action add"),
            (["region"], {"zone": 1}, 'filtering on "zone" is not allowed for action add'),
            (["region"], ["eu"], "the filter has wrong type array (should be object)"),
        ],
    )
    def test_refusals(
        self, connection: Connection, allowed: list[str] | None, wanted: object, message: str
    ) -> None:
        deploy(connection, [_with_filter(allowed)])
        with pytest.raises(psycopg.DatabaseError) as refused:
            announce(connection, wanted)
        assert refused.value.diag.message_primary == message

    def test_who_has_not_announced_has_no_filter(
        self, connection: Connection, calltest: Connection
    ) -> None:
        deploy(connection, [_with_filter(["region"])])
        with pytest.raises(psycopg.DatabaseError, match="a filter is required for action add"):
            get_tasks(connection, 5)
        deploy(connection, [_with_filter(["region", "_*_"])])
        assert get_tasks(connection, 5) == []

    def test_without_a_filter(self, connection: Connection) -> None:
        deploy(connection, [_with_filter(["region", "_*_"])])
        announce(connection, None)

    @pytest.mark.parametrize("wanted", ["eu", ["us", "eu"]])
    def test_only_what_passes(
        self, filtering: Connection, ready_job: ReadyJob, wanted: object
    ) -> None:
        announce(filtering, {"region": wanted})
        ready_job(in_args={"counter": 1, "region": "ap"})
        ready_job(in_args={"counter": 1})
        job_id = ready_job(in_args={"counter": 1, "region": "eu"})
        assert [task[0] for task in get_tasks(filtering, 5)] == [job_id]

    def test_one_of_an_array_is_all_of_it(self, filtering: Connection, ready_job: ReadyJob) -> None:
        announce(filtering, {"region": [["a", "b"], {"x": 1, "y": 2}, 7]})
        ready_job(in_args={"counter": 1, "region": ["a"]})
        ready_job(in_args={"counter": 1, "region": {"x": 1}})
        fitting = [
            ready_job(in_args={"counter": 1, "region": region})
            for region in (["a", "b"], {"y": 2, "x": 1}, 7)
        ]
        assert [task[0] for task in get_tasks(filtering, 5)] == fitting


class TestDisabled:
    def disable(self, connection: Connection, version: int | None, disabled: bool = True) -> None:
        connection.execute(
            "select jobcenter.disable_action('add', 'action', %s, %s)", (version, disabled)
        )

    def test_workers_are_told_when_it_is_enabled(self, calltest: Connection) -> None:
        self.disable(calltest, None)
        (queue,) = one(calltest, "select queue_id from jobcenter.actions where name = 'add'")
        calltest.execute(f'listen "action:{queue}:ready"'.encode())
        self.disable(calltest, None, False)
        (told,) = calltest.notifies(timeout=5, stop_after=1)
        assert told.payload == ""

    def test_a_task_waits_while_the_version_that_it_goes_by_is_disabled(
        self, calltest: Connection, ready_job: ReadyJob
    ) -> None:
        old = ready_job()
        deploy(calltest, [dataclasses.replace(ADD, doc="newer")])
        deploy(calltest, [CALLTEST], force=True)
        new = ready_job()
        self.disable(calltest, 1)
        assert [task[0] for task in get_tasks(calltest, 5)] == [new]
        self.disable(calltest, 2)
        assert get_tasks(calltest, 5) == []
        with pytest.raises(psycopg.DatabaseError, match="action add is disabled"):
            announce(calltest, None)
        self.disable(calltest, 1, False)
        announce(calltest, None)
        assert [task[0] for task in get_tasks(calltest, 5)] == [old]


def _with_filter(allowed: list[str] | None) -> Definition:
    return dataclasses.replace(ADD, config={} if allowed is None else {"filter": allowed})


def announce(connection: Connection, wanted: object) -> None:
    text = None if wanted is None else json.dumps(wanted)
    connection.execute("select jobcenter.announce('w', 'add', filter => %s::text::jsonb)", (text,))
