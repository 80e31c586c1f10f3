"""Cancels while others have rows of the tree: nobody waits for each other, and no child is left behind."""

from __future__ import annotations

import json
from concurrent.futures import Future
from typing import Any

import pytest

from jobcenter.artifact import Definition, Kind
from tests.runtime.maestro.conftest import PATIENCE, Others, Scene, go, running, somebody_waits
from tests.runtime.workflows import Flow, action

ABORTED = {"error": {"class": "abort", "msg": "the job was aborted: another child of its parent failed"}}  # fmt: skip
FORCED = {"error": {"class": "fatal", "msg": "enough"}}


def sleeper() -> Definition:
    flow = Flow("sleeper")
    flow.task(Kind.SLEEP, value="1000")
    return flow.definition()


def nothing() -> Definition:
    flow = Flow("nothing")
    flow.task(Kind.NO_OP)
    return flow.definition()


def locking() -> Definition:
    """Waits for a worker, for a lock, and for a worker again."""
    flow = Flow("locking")
    flow.lock("zone", None, manual=True)
    flow.task(Kind.CALL, callee="go")
    flow.task(Kind.LOCK, lock_type="zone", value="'a'")
    flow.task(Kind.CALL, callee="stay")
    return flow.definition()


def mother() -> Definition:
    """Waits for a worker, and then for a child."""
    flow = Flow("mother")
    flow.task(Kind.CALL, callee="go")
    flow.task(Kind.CALL, callee="nothing", callee_kind="workflow")
    return flow.definition()


def stubborn() -> Definition:
    """Waits for a worker, and where it is told to stop, for another one."""
    flow = Flow("stubborn")
    flow.task(Kind.CALL, callee="go", on_error=3)
    flow.task(Kind.CALL, callee="stay")
    return flow.definition()


def parent(*callees: str) -> Definition:
    flow = Flow("parent")
    flow.task(Kind.SPLIT, branches=[flow.branch(callee) for callee in callees])
    return flow.definition()


def cancel(others: Others, job: int, *, force: bool = True) -> Future[Any]:
    return others.ask("select jobcenter.cancel_job(%s, 'enough', %s)", job, force)


@pytest.mark.usefixtures("never_polls")
def test_a_child_that_is_locked_is_aborted_all_the_same(
    scene: Scene, database: str, others: Others
) -> None:
    """Soon, and its parent hears of its end."""
    scene.deploy(sleeper(), parent("sleeper"))
    with running(database):
        job = scene.create("parent")
        scene.until_state(job + 1, "sleeping")
        holder = others.hold(job + 1)
        assert cancel(others, job, force=False).result(PATIENCE) == [(True,)]
        assert scene.state(job) == "childwait"
        holder.rollback()
        assert scene.result(job)["error"]["class"] == "abort"
        assert scene.result(job + 1) == ABORTED


@pytest.mark.usefixtures("never_polls")
def test_a_child_that_is_locked_is_aborted_though_it_has_survived_a_cancel(
    scene: Scene, database: str, others: Others
) -> None:
    scene.deploy(action("go"), action("stay"), stubborn(), parent("stubborn"))
    with running(database):
        job = scene.create("parent")
        scene.until_state(job + 1, "ready")
        assert cancel(others, job + 1, force=False).result(PATIENCE) == [(True,)]
        scene.until(lambda: ready(scene, task=3))
        holder = others.hold(job + 1)
        assert cancel(others, job, force=False).result(PATIENCE) == [(True,)]
        holder.rollback()
        assert scene.result(job + 1) == ABORTED


@pytest.mark.usefixtures("never_polls")
def test_a_child_that_is_locked_is_aborted_when_its_parent_has_been_ended_by_force(
    scene: Scene, database: str, others: Others
) -> None:
    """The parent does not wait for that, and stays until then."""
    scene.deploy(sleeper(), parent("sleeper"))
    with running(database):
        job = scene.create("parent")
        scene.until_state(job + 1, "sleeping")
        holder = others.hold(job + 1)
        assert cancel(others, job).result(PATIENCE) == [(True,)]
        assert scene.result(job) == FORCED
        scene.connection.execute(
            "update jobcenter.settings set value = '0' where name = 'archive_after'"
        )
        scene.connection.execute("select jobcenter.archive_jobs(1000)")
        assert scene.state(job) == "error"
        holder.rollback()
        assert scene.result(job + 1) == ABORTED
    scene.connection.execute("select jobcenter.archive_jobs(1000)")
    assert scene.all("select from jobcenter.jobs") == []


def test_a_child_that_is_claimed_at_that_very_moment_does_not_run_on(
    scene: Scene, database: str, others: Others
) -> None:
    """It is made while the cancel waits for the parent's row, and claimed before the cancel has that."""
    scene.deploy(sleeper(), parent("sleeper"))
    job = scene.create("parent")
    first = others.hold(job)
    go(first, job, 2)
    holder = others.hold_next(job)
    scene.until(lambda: somebody_waits(scene))
    cancelled = cancel(others, job)
    scene.until(lambda: somebody_waits(scene, 2))
    first.commit()
    second = others.hold(job + 1)
    holder.result(PATIENCE).rollback()
    assert cancelled.result(PATIENCE) == [(True,)]
    go(second, job + 1, 2)
    second.commit()
    with running(database):
        assert scene.result(job) == FORCED
        assert scene.result(job + 1) == ABORTED


def test_the_one_who_is_to_have_a_lock_is_aborted_by_force(
    scene: Scene, database: str, others: Others
) -> None:
    """It begins to wait when the cancel has begun; a Maestro hands it the lock of its sibling, whose row it has."""
    one, two, job = two_children(scene, database, "locking")
    unlock = json.dumps([{"job": one, "type": "zone", "value": "a"}])
    first, second = others.hold(two), others.hold(one)
    cancelled = cancel(others, job)
    scene.until(lambda: cancelled.done() or somebody_waits(scene))
    go(first, two, 2)
    first.commit()
    assert scene.state(two) == "lockwait"
    scene.until(lambda: cancelled.done() or somebody_waits(scene))
    second.execute("select jobcenter.release_locks(%s)", [unlock])
    second.commit()
    assert cancelled.result(PATIENCE) == [(True,)]
    all_are_ended(scene, database, job)
    assert scene.one("select count(*) from jobcenter.locks") == (0,)


def test_the_one_whose_child_ends_is_aborted_by_force(
    scene: Scene, database: str, others: Others
) -> None:
    """That child is made when the cancel has begun, and a Maestro ends it in one batch with its parent's sibling."""
    one, two, job = two_children(scene, database, "mother")
    first, second = others.hold(two), others.hold(one)
    cancelled = cancel(others, job)
    scene.until(lambda: cancelled.done() or somebody_waits(scene))
    go(first, two, 2)
    first.commit()
    assert scene.state(two) == "childwait"
    scene.until(lambda: cancelled.done() or somebody_waits(scene))
    go(second, two + 1, 3)
    second.commit()
    assert cancelled.result(PATIENCE) == [(True,)]
    all_are_ended(scene, database, job)


def test_a_worker_answers_for_many_of_those_who_are_ended_by_force(
    scene: Scene, database: str, others: Others
) -> None:
    scene.deploy(action("go"), action("stay"), locking(), parent(*["locking"] * 3))
    with running(database):
        job = scene.create("parent")
        tasks = scene.until(lambda: len(ready(scene)) == 3 and scene.take("go"))
    cookies = [cookie for _, cookie, _ in tasks]
    holder = others.hold(job + 2)
    answered = others.ask("select o_receipt from jobcenter.tasks_done(%s, '[{}, {}, {}]')", cookies)
    scene.until(lambda: somebody_waits(scene))
    cancelled = cancel(others, job)
    scene.until(lambda: cancelled.done() or somebody_waits(scene, 2))
    holder.rollback()
    assert cancelled.result(PATIENCE) == [(True,)]
    assert answered.result(PATIENCE) == [("recorded",), ("recorded",), ("late",)]
    all_are_ended(scene, database, job)


def two_children(scene: Scene, database: str, second: str) -> tuple[int, int, int]:
    """The second has its answer, which no Maestro has taken up; the first has lock a, and waits for a worker."""
    scene.deploy(action("go"), action("stay"), nothing(), locking(), mother())
    scene.deploy(parent("locking", second))
    with running(database):
        job = scene.create("parent")
        tasks = scene.until(lambda: len(ready(scene)) == 2 and scene.take("go"))
        cookies = {child: cookie for child, cookie, _ in tasks}
        scene.answer(cookies[job + 1], {})
        scene.until_state(job + 1, "ready")
    scene.answer(cookies[job + 2], {})
    return job + 1, job + 2, job


def ready(scene: Scene, task: int = 2) -> list[tuple[Any, ...]]:
    query = "select job_id from jobcenter.jobs where state = 'ready' and task_id = %s"
    return scene.all(query, task)


def all_are_ended(scene: Scene, database: str, job: int) -> None:
    """The parent for the reason that was given, its children by its end."""
    with running(database):
        assert scene.result(job) == FORCED
        for (child,) in scene.all("select job_id from jobcenter.jobs where job_id > %s", job):
            scene.until_state(child, "error", "finished")
