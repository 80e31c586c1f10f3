"""Where the predecessor was weak: what was lost, stuck or done twice there. What is not here: answers against timeouts and disconnects
(tests/soak/races.py), engines that are begun anew in the middle (tests/soak/restarts.py), receipts (database/test_tasks.py)."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import psycopg
import pytest
from psycopg.types.json import Jsonb

from jobcenter.artifact import Definition, Input, Kind
from jobcenter.database import Connection
from jobcenter.engine import Results, join_batch, split_batch
from jobcenter.executor import InlineExecutor, ProcessExecutor
from tests.runtime.maestro.conftest import Scene, running, somebody_waits
from tests.runtime.workflows import ADD, Flow, calltest, counting

# Postgres refuses what has been done to a job, as long as it is said so; the counter is not undone with the transaction.
TROUBLE = """
create sequence public.refused;
create function public.refuse() returns trigger language plpgsql as $$
begin
    if nextval('public.refused') <= {times} then
        raise exception 'not now' using errcode = '{code}';
    end if;
    return new;
end $$;
create trigger refuse before update on jobcenter.jobs for each row when ({when}) execute function public.refuse();
"""


def trouble(connection: Connection, *, when: str, code: str, times: int = 10**9) -> None:
    connection.execute(TROUBLE.format(when=when, code=code, times=times).encode())


def sleeper() -> Definition:
    flow = Flow("sleeper")
    flow.task(Kind.SLEEP, value="op_get(a, 's')")
    return flow.definition([Input("s", "number")])


def test_an_error_that_came_while_no_maestro_ran(scene: Scene, database: str) -> None:
    """Its notification went to nobody."""
    scene.deploy(ADD, calltest())
    job = scene.create("calltest", input=1)
    with running(database):
        scene.until_state(job, "ready")
    ((_, cookie, _),) = scene.take("add")
    scene.answer(cookie, {"error": {"class": "normal", "msg": "it broke"}})
    assert scene.state(job) == "done"
    with running(database):
        assert scene.result(job)["error"]["msg"] == "it broke"


@pytest.mark.usefixtures("maestro")
def test_a_timer_that_fails_stops_no_other(scene: Scene) -> None:
    scene.deploy(sleeper())
    jobs = [scene.create("sleeper", s=0.3) for _ in range(3)]
    scene.until(lambda: {scene.state(job) for job in jobs} == {"sleeping"})
    when = f"old.job_id = {jobs[1]} and old.state = 'sleeping'"
    trouble(scene.connection, when=when, code="XX000", times=3)
    assert scene.result(jobs[0]) == scene.result(jobs[2]) == {}
    assert scene.result(jobs[1]) == {}


@pytest.mark.usefixtures("maestro")
@pytest.mark.parametrize("code", ["XX000", "40001", "53100", "42P01"])
def test_an_unexpected_error_of_the_database_costs_no_step(scene: Scene, code: str) -> None:
    """Nobody starts anything again, and the job does not learn of it."""
    scene.deploy(counting())
    trouble(scene.connection, when="new.state = 'finished'", code=code, times=2)
    job = scene.create("counting")
    assert scene.result(job) == {"n": 10}
    assert scene.one("select stepcounter from jobcenter.jobs") == (len(scene.log(job)),)


@pytest.mark.usefixtures("maestro", "never_polls")
@pytest.mark.parametrize("place", [0, 1, 25, 48, 49])
def test_one_job_that_cannot_be_stored_among_many(scene: Scene, place: int) -> None:
    """Its neighbours go on at once: nobody waits until it is looked again."""
    scene.deploy(counting())
    scene.run("counting")
    scene.connection.execute("begin")
    jobs = [scene.create("counting") for _ in range(50)]
    when = f"new.job_id = {jobs[place]} and new.state = 'finished'"
    trouble(scene.connection, when=when, code="23514")
    scene.connection.execute("commit")
    results = [scene.result(job) for job in jobs]
    bad = results.pop(place)
    assert results == [{"n": 10}] * 49
    assert bad["error"] == {
        "class": "fatal",
        "msg": "the database refused what the job did: not now",
    }


@pytest.mark.usefixtures("maestro")
def test_one_job_that_cannot_be_stored_and_nobody_knows_why(scene: Scene) -> None:
    """It is tried again for a while, then it is ended; those behind it are not held up for ever."""
    scene.deploy(counting())
    scene.connection.execute("begin")
    jobs = [scene.create("counting") for _ in range(10)]
    when = f"new.job_id = {jobs[4]} and new.state = 'finished'"
    trouble(scene.connection, when=when, code="XX000")
    scene.connection.execute("commit")
    results = [scene.result(job) for job in jobs]
    assert results.pop(4)["error"]["class"] == "fatal"
    assert results == [{"n": 10}] * 9


@pytest.mark.usefixtures("never_polls")
def test_what_an_executor_leaves_of_a_batch_is_gone_on_with_at_once(
    scene: Scene, database: str
) -> None:
    """It gives back what it has not begun after half a second."""
    scene.deploy(counting(turns=20_000, max_steps=100_000))
    rows = scene.all(
        "select o_job_id from jobcenter.create_jobs('counting', %s::jsonb)", Jsonb([{}] * 12)
    )
    with running(database, ProcessExecutor):
        assert [scene.result(job) for (job,) in rows] == [{"n": 20_000}] * 12


@pytest.mark.usefixtures("never_polls")
def test_the_ends_of_many_children_are_all_heard(scene: Scene, database: str) -> None:
    """Two Maestros end children of one parent at the same time, and none waits for the other for long."""
    child, flow = Flow("child"), Flow("many")
    child.task(Kind.SLEEP, value="0.001")
    each = flow.branch("child", each=True, value="fn_range(0, 40)")
    flow.task(Kind.SPLIT, branches=[each])
    scene.deploy(child.definition(), flow.definition())
    with running(database, executors=2, batch=3), running(database, executors=2, batch=5):
        jobs = [scene.create("many") for _ in range(5)]
        assert [scene.result(job) for job in jobs] == [{}] * 5


@pytest.mark.usefixtures("never_polls")
def test_a_try_that_is_asked_for_is_made_at_once(scene: Scene, database: str) -> None:
    """And told to the workers."""
    add = replace(ADD, config={"retry": {"tries": 2, "interval": "1 hour"}})
    scene.deploy(add, calltest())
    with running(database):
        job = scene.create("calltest", input=1)
        ((_, cookie, _),) = scene.until(lambda: scene.take("add"))
        scene.answer(cookie, {"error": {"class": "soft", "msg": "not now"}})
        scene.until_state(job, "retrywait")
        assert scene.one("select jobcenter.retry_job(%s)", job) == (True,)
        scene.until_state(job, "ready")


@pytest.mark.usefixtures("maestro")
def test_the_status_of_a_job_that_handles_an_error_is_none(scene: Scene) -> None:
    flow = Flow("handles")
    flow.task(Kind.CALL, callee="add", in_="op_put(i, 1, 'counter')", on_error=3)
    flow.task(Kind.CALL, callee="add", in_="op_put(i, 2, 'counter')")
    scene.deploy(ADD, flow.definition())
    job = scene.create("handles")
    ((_, cookie, _),) = scene.until(lambda: scene.take("add"))
    scene.answer(cookie, {"error": {"class": "normal", "msg": "caught"}})
    assert status(scene, job) is None
    ((_, cookie, inputs),) = scene.until(lambda: scene.take("add"))
    assert (inputs["counter"], status(scene, job)) == (2, None)
    scene.answer(cookie, {"counter": 1})
    assert scene.result(job) == {}


def status(scene: Scene, job: int) -> Any:
    return scene.one("select jobcenter.get_job_status(%s)", job)[0]


@pytest.mark.usefixtures("maestro")
def test_a_job_sees_no_names_of_another(scene: Scene) -> None:
    """Nor of its own step before: what is to be kept is in `v`."""
    flow = Flow("keeps")
    flow.task(Kind.EVAL, eval="kept = op_get(a, 'n')\nop_put(v, kept, 'n')")
    flow.task(Kind.EVAL, eval="op_put(v, kept, 'found')")
    scene.deploy(flow.definition([Input("n", "number")]))
    for number in (1, 2):
        assert "kept" in scene.run("keeps", n=number)["error"]["msg"]


def test_two_clients_use_one_key_at_the_same_time(scene: Scene, database: str) -> None:
    """The second waits until the first has created its job, or has not."""
    scene.deploy(counting())
    query = "select o_job_id from jobcenter.create_job('counting', '{}', key => 'k')"
    found: list[Any] = []

    def second() -> None:
        with psycopg.connect(database, autocommit=True) as other:
            found.append(other.execute(query).fetchone())

    for end in ("rollback", "commit"):
        thread = threading.Thread(target=second)
        scene.connection.execute("begin")
        first = scene.one(query)
        thread.start()
        scene.until(lambda: somebody_waits(scene))
        scene.connection.execute(end.encode())
        thread.join()
        assert (found.pop() == first) is (end == "commit")
        scene.connection.execute("delete from jobcenter.job_keys")
    assert scene.one("select count(*) from jobcenter.jobs") == (2,)


class InParts(InlineExecutor):
    """As an executor gives its results where it had to set jobs apart."""

    async def run(
        self, batch: str, workflows: Sequence[int], time: float | None = None
    ) -> list[Results]:
        rows = [join_batch([row]) for row in split_batch(batch)]
        return [
            part for row in rows for part in await super(InParts, self).run(row, workflows, time)
        ]


def test_a_child_hears_of_the_error_of_one_that_was_run_before_it(
    scene: Scene, database: str
) -> None:
    """In the same batch: what the first part does to a job is not overwritten by the second."""
    fails, flow = Flow("fails"), Flow("parent")
    fails.task(Kind.RAISE_ERROR, message="'broken'")
    waits = flow.branch("sleeper", in_="op_put(i, 1000, 's')")
    flow.task(Kind.SPLIT, branches=[flow.branch("fails"), waits])
    scene.deploy(sleeper(), fails.definition(), flow.definition())
    with running(database, InParts):
        assert scene.run("parent")["error"]["msg"] == "broken"
