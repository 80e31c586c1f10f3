"""`jobcenter why`: what a job waits for, and why nobody serves it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest

from jobcenter.artifact import Definition, Input, Kind
from jobcenter.cli import main
from jobcenter.client import Client
from jobcenter.why import Wait, explain
from tests.runtime.maestro.conftest import Scene
from tests.runtime.workflows import ADD, Flow, action, calltest

Why = Callable[[int], Wait]


@pytest.fixture
def why(database: str) -> Iterator[Why]:
    with Client(database) as client:

        def ask(job: int) -> Wait:
            found = explain(client, job)
            assert found is not None
            return found

        yield ask


def single(kind: Kind, name: str = "single", **settings: Any) -> Definition:
    """A workflow of one task."""
    flow = Flow(name)
    flow.task(kind, **settings)
    return flow.definition([Input("value", "string", has_default=True, default="a")])


def test_without_a_maestro(scene: Scene, why: Why) -> None:
    scene.deploy(single(Kind.NO_OP))
    jobs = [scene.create("single") for _ in range(2)]
    wait = why(jobs[1])
    assert (wait.state, wait.reason) == ("done", "no Maestro has taken it up")
    assert wait.causes == (
        "can go on for 0 s; no Maestro is connected",
        "before it: 1 job that can go on",
    )


@pytest.mark.usefixtures("maestro")
class TestWithAMaestro:
    def test_no_worker(self, scene: Scene, why: Why) -> None:
        scene.deploy(ADD, calltest())
        job = scene.create("calltest", input=1)
        scene.until_state(job, "ready")
        wait = why(job)
        assert wait.reason == "action add has no worker"
        assert (wait.job_id, wait.workflow, wait.place) == (job, "calltest", "line 2, call")

    def test_workers_that_do_not_take_it(self, scene: Scene, why: Why) -> None:
        scene.deploy(
            action("go", config={"filter": ["place", "_*_"]}, place="string"),
            single(Kind.CALL, callee="go", in_="op_put(i, op_get(a, 'value'), 'place')"),
        )
        scene.all("""select jobcenter.announce('picky', 'go', filter => '{"place": ["b", "c"]}')""")
        first, second = scene.create("single"), scene.create("single")
        scene.until_state(second, "ready")
        wait = why(second)
        assert wait.reason == "action go has 1 worker, but no filter lets its inputs pass"
        assert wait.causes == (
            'worker picky takes only tasks with {"place": ["b", "c"]}',
            "before it in the queue: 1 task",
        )
        scene.all("select jobcenter.announce('idle', 'go')")
        assert why(first).reason == "action go has 2 workers, and none has taken it"
        assert "worker idle has no task, was last heard of 0 s ago" in why(first).causes
        scene.all("select jobcenter.disable_action('go', 'action')")
        assert why(first).reason == "action go is disabled"

    def test_a_worker_that_is_at_work_or_gone(self, scene: Scene, why: Why) -> None:
        scene.deploy(action("go"), single(Kind.CALL, callee="go"))
        job = scene.create("single")
        scene.until(lambda: scene.take("go", "slow"))
        wait = why(job)
        assert wait.reason == "action go is being done by slow"
        assert wait.causes == ("was handed out 0 s ago",)
        scene.all(
            "update jobcenter.workers set last_ping = now() - interval '40 seconds' returning 1"
        )
        assert "the worker was last heard of 40 s ago" in why(job).causes
        scene.all("delete from jobcenter.workers returning 1")
        assert why(job).reason == "action go is being done by a worker that is not there"

    def test_one_that_has_failed_and_is_tried_again(self, scene: Scene, why: Why) -> None:
        policy = {"retry": {"tries": 3, "interval": "1 hour"}}
        scene.deploy(action("go", config=policy), single(Kind.CALL, callee="go"))
        job = scene.create("single")
        ((_, cookie, _),) = scene.until(lambda: scene.take("go"))
        scene.answer(cookie, {"error": {"class": "soft", "msg": "not now"}})
        scene.until_state(job, "retrywait")
        wait = why(job)
        assert wait.reason.startswith("it tries action go again at 20")
        assert wait.causes == ("has failed 1 time of 3, the last time with: not now",)

    def test_an_event(self, scene: Scene, why: Why) -> None:
        flow = Flow("listens")
        flow.task(
            Kind.SUBSCRIBE,
            in_="op_put(i, 'paid', 'name')\nop_put(i, fn_object('order', 7), 'mask')",
        )
        flow.task(
            Kind.WAIT_FOR_EVENT,
            in_="op_put(i, fn_array('paid'), 'events')\nop_put(i, 3600, 'timeout')",
        )
        scene.deploy(flow.definition())
        job = scene.create("listens")
        scene.until_state(job, "eventwait")
        wait = why(job)
        assert wait.reason == "an event of paid"
        assert wait.causes[0] == 'paid is any event that contains {"order": 7}'
        assert wait.causes[1].startswith("gives up at 20")

    def test_a_chain_of_jobs(self, scene: Scene, why: Why, database: str) -> None:
        """A parent waits for its child, which waits for a lock, whose holder sleeps."""
        holder, taker = Flow("holder"), Flow("taker")
        holder.task(Kind.LOCK, lock_type="zone", value="'a'")
        holder.task(Kind.SLEEP, value="1000")
        taker.task(Kind.LOCK, lock_type="zone", value="'a'")
        parent = single(Kind.CALL, "parent", callee="taker", callee_kind="workflow")
        scene.deploy(holder.definition(), taker.definition(), parent)
        first = scene.create("holder")
        scene.until_state(first, "sleeping")
        before = scene.create("taker")
        scene.until_state(before, "lockwait")
        job = scene.create("parent")
        child = job + 1
        scene.until_state(child, "lockwait")
        wait = why(job)
        assert wait.reason == f"1 child ({child})"
        (waiting,) = wait.others
        assert waiting.reason == f"lock zone a is held by job {first}"
        assert waiting.causes == ("before it in the queue: 1 job",)
        assert [root.reason[:15] for root in wait.roots()] == ["it sleeps until"]

    def test_the_command(
        self, scene: Scene, database: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        scene.deploy(ADD, calltest())
        job = scene.create("calltest", input=1)
        scene.until_state(job, "ready")
        assert main(["why", str(job), "--dsn", database]) == 0
        line = f"job {job} (calltest, line 2, call) ready: action add has no worker\n"
        assert capsys.readouterr().out == line
        assert main(["why", str(job), "--json", "--dsn", database]) == 0
        told = json.loads(capsys.readouterr().out)
        assert (told["state"], told["others"]) == ("ready", [])
        ((_, cookie, _),) = scene.take("add")
        scene.answer(cookie, {"counter": 4})
        scene.result(job)
        assert main(["why", str(job), "--dsn", database]) == 0
        assert capsys.readouterr().out == f"job {job} has ended: finished\n"
        assert main(["why", "4711", "--dsn", database]) == 2
        assert "no job 4711" in capsys.readouterr().err


def test_a_job_whose_time_has_come_and_no_maestro(scene: Scene, why: Why) -> None:
    scene.deploy(single(Kind.NO_OP))
    job = scene.create("single")
    scene.all(
        "update jobcenter.jobs set state = 'sleeping', timeout = now() - interval '1 minute' returning 1"
    )
    wait = why(job)
    assert not wait.moving
    assert wait.reason.startswith("its time came at 20")
    assert wait.reason.endswith(", and no Maestro has woken it")
    assert wait.causes == ("no Maestro is connected",)


def test_a_job_that_goes_on_just_then(
    scene: Scene, why: Why, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It had slept for an hour, and its time came within the moment that a Maestro may take."""
    monkeypatch.setattr("jobcenter.why.MOMENT", 600)
    scene.deploy(single(Kind.NO_OP))
    job = scene.create("single")
    slept = "update jobcenter.jobs set task_entered = now() - interval '1 hour', "
    scene.all(f"{slept} state = 'sleeping', timeout = now() - interval '1 second' returning 1")
    assert why(job).moving
    scene.all(f"{slept} state = 'done', timeout = null, task_completed = now() returning 1")
    assert why(job).moving
    assert why(job).reason == "no Maestro has taken it up"
    with psycopg.connect(database, application_name="jobcenter maestro"):
        assert why(job).reason == "a Maestro is about to take it up"
    scene.all(
        "update jobcenter.jobs set task_completed = now() - interval '20 minutes' returning 1"
    )
    assert not why(job).moving
