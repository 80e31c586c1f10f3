"""The half steps by hand, as the seed shows them."""

from __future__ import annotations

import pytest

from jobcenter.artifact import Kind
from jobcenter.errors import UsageError
from jobcenter.step import StepError, StepResult, step
from tests.runtime.maestro.conftest import Scene
from tests.runtime.workflows import ADD, Flow, calltest


@pytest.fixture
def seed(scene: Scene) -> Scene:
    scene.deploy(ADD, calltest())
    return scene


def listen(scene: Scene, channel: str) -> None:
    scene.connection.execute(f'listen "{channel}"'.encode())


def heard(scene: Scene) -> list[tuple[str, str]]:
    return [(each.channel, each.payload) for each in scene.connection.notifies(timeout=0)]


def workflow_id(scene: Scene) -> int:
    return int(scene.one("select action_id from jobcenter.actions where type = 'workflow'")[0])


def test_the_session_of_the_seed(seed: Scene) -> None:
    queue = seed.one("select queue_id from jobcenter.actions where name = 'add'")[0]
    job, flow = seed.create("calltest", input=123), workflow_id(seed)
    listen(seed, f"action:{queue}:ready")
    listen(seed, f"job:{job}:finished")
    assert step(seed.connection, f"({flow},1,{job})") == StepResult(False, f"({flow},2,{job})")
    assert step(seed.connection, f"({flow},2,{job})") == StepResult(False, None)
    assert heard(seed) == [(f"action:{queue}:ready", f'{{"job_id": {job}}}')]
    ((_, cookie, inputs),) = seed.take("add")
    assert inputs == {"counter": 123, "step": 3}
    seed.answer(cookie, {"counter": 126})
    assert step(seed.connection, f"({flow},2,{job})") == StepResult(False, f"({flow},3,{job})")
    assert step(seed.connection, f"({flow},3,{job})") == StepResult(False, None)
    assert heard(seed) == [(f"job:{job}:finished", "")]
    assert seed.result(job) == {"output": 126}


def test_it_is_shown_as_in_the_seed() -> None:
    assert (
        str(StepResult(False, "(5,2,9)")) == " error | jobtask\n-------+--------\n false | (5,2,9)"
    )
    assert str(StepResult(True, None)) == " error | jobtask\n-------+--------\n true  | null"


def test_a_job_that_cannot_be_read_is_told(seed: Scene) -> None:
    ((job,),) = seed.all(
        """select o_job_id from jobcenter.create_job('calltest', '{"input": 1}', env => %s::jsonb)""",
        f'{{"odd": 1{"0" * 5000}}}',
    )
    with pytest.raises(StepError, match="cannot be read"):
        step(seed.connection, f"({workflow_id(seed)},1,{job})")


def test_a_failed_step_says_so(seed: Scene) -> None:
    job, flow = seed.create("calltest", input=1), workflow_id(seed)
    step(seed.connection, f"({flow},1,{job})")
    step(seed.connection, f"({flow},2,{job})")
    ((_, cookie, _),) = seed.take("add")
    seed.answer(cookie, {"error": {"class": "mine", "msg": "no"}})
    assert step(seed.connection, f"({flow},2,{job})") == StepResult(True, None)


def test_a_task_that_only_has_an_effect_can_be_completed_next(scene: Scene) -> None:
    flow = Flow("speaks")
    flow.task(Kind.RAISE_EVENT, in_="op_put(i, fn_object(), 'event')")
    scene.deploy(flow.definition())
    job, id = scene.create("speaks"), workflow_id(scene)
    step(scene.connection, f"({id},1,{job})")
    assert step(scene.connection, f"({id},2,{job})") == StepResult(False, f"({id},2,{job})")
    assert step(scene.connection, f"({id},2,{job})") == StepResult(False, f"({id},3,{job})")


@pytest.mark.parametrize("text", ["", "9", "(5,1)", "(a,b,c)", "(5,1,9", "(-1,1,1)"])
def test_what_is_no_jobtask(seed: Scene, text: str) -> None:
    with pytest.raises(UsageError, match="is no jobtask"):
        step(seed.connection, text)


def test_a_job_that_is_not_there_not_at_that_task_or_waits(seed: Scene) -> None:
    with pytest.raises(StepError, match="there is no job 99"):
        step(seed.connection, "(1,1,99)")
    job, flow = seed.create("calltest", input=1), workflow_id(seed)
    with pytest.raises(StepError, match=rf"is at \({flow},1,{job}\), not at \({flow},2,{job}\)"):
        step(seed.connection, f"({flow},2,{job})")
    assert seed.state(job) == "done"
    step(seed.connection, f"({flow},1,{job})")
    step(seed.connection, f"({flow},2,{job})")
    with pytest.raises(StepError, match="waits for a worker"):
        step(seed.connection, f"({flow},2,{job})")
