"""Failed jobs that are tried again: from their start, with all that they had the first time."""

from __future__ import annotations

import pytest

from jobcenter import doctor
from jobcenter.artifact import Definition, Input, Kind
from tests.runtime.maestro.conftest import Scene
from tests.runtime.workflows import Flow, action

pytestmark = pytest.mark.usefixtures("maestro")


def leaf() -> Definition:
    """A child that calls the action `work`."""
    flow = Flow("leaf")
    flow.task(
        Kind.CALL, callee="work", in_="op_put(i, op_get(a, 'n'), 'n')",
        out="op_put(v, op_get(o, 'n'), 'n')",
    )  # fmt: skip
    return flow.definition([Input("n", "number")], end="op_copy_all(v, o)")


def mapping() -> Definition:
    """Holds a lock while its children work."""
    flow = Flow("mapping")
    flow.lock("zone", "'a'")
    each = flow.branch(
        "leaf", each=True, value="op_get(a, 'list')",
        in_="op_put(i, op_get(e, '_v'), 'n')",
        out="op_put(v, op_append(op_get(v, 'all'), op_get(o, 'n')), 'all')",
    )  # fmt: skip
    flow.task(Kind.SPLIT, branches=(each,))
    return flow.definition([Input("list", "array")], end="op_copy_all(v, o)")


def work(scene: Scene, answers: dict[int, dict[str, object]]) -> None:
    """Waits for the tasks of these inputs, and answers them."""
    left = dict(answers)

    def done() -> bool:
        for _, cookie, inputs in scene.take("work"):
            scene.answer(cookie, left.pop(inputs["n"]))
        return not left

    scene.until(done)


def test_a_failed_job_with_children_and_a_lock(scene: Scene) -> None:
    scene.deploy(action("work", n="number"), leaf(), mapping())
    job = scene.create("mapping", list=[1, 2])
    work(scene, {1: {"n": 10}, 2: {"error": {"class": "normal", "msg": "no"}}})
    assert scene.result(job)["error"]["class"] == "childerror"
    (child,) = scene.one("select max(job_id) from jobcenter.jobs")
    assert scene.one("select jobcenter.retry_job(%s)", child) == (False,)

    assert scene.one("select jobcenter.retry_job(%s, 'mended')", job) == (True,)
    scene.until(
        lambda: scene.one("select count(*) from jobcenter.jobs where state = 'ready'")[0] == 2
    )
    assert scene.all("select job_id from jobcenter.locks") == [(job,)]
    work(scene, {1: {"n": 11}, 2: {"n": 12}})
    assert scene.result(job) == {"all": [11, 12]}
    assert [found for found in doctor.examine(scene.connection) if found.violations] == []
    query = "select state from jobcenter.jobs where parentjob_id = %s order by job_id"
    assert [state for (state,) in scene.all(query, job)] == [
        "finished",
        "error",
        "finished",
        "finished",
    ]
    assert {"retry": "mended"} in [inputs for _, _, inputs, *_ in scene.log(job)]
