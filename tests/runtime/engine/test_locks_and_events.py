"""Locks and events, in the simulator."""

from __future__ import annotations

from typing import Any

import pytest

from jobcenter.artifact import Definition, Kind
from jobcenter.engine.simulator import Simulator
from tests.runtime.workflows import Flow


def group(*names: str) -> Definition:
    """A workflow that starts these at once."""
    flow = Flow("group")
    flow.task(Kind.SPLIT, branches=[flow.branch(name) for name in names], on_error=3)
    return flow.definition(end="op_put(o, op_get(e, '_error'), 'failed')")


def holder(name: str, *values: str, seconds: int = 10, **lock: Any) -> Definition:
    """Takes locks one after the other, with a sleep after each."""
    flow = Flow(name)
    flow.lock("zone", None, manual=True, **lock)
    for value in values:
        flow.task(Kind.LOCK, lock_type="zone", value=repr(value))
        flow.task(Kind.SLEEP, value=str(seconds))
    return flow.definition()


def simulate(*definitions: Definition) -> Simulator:
    simulator = Simulator(definitions)
    simulator.run(definitions[0].name)
    return simulator


def test_a_lock_is_held_to_the_end_of_the_job() -> None:
    simulator = simulate(group("one", "two"), holder("one", "a"), holder("two", "a"))
    assert {job.state for job in simulator.jobs.values()} == {"finished"}
    assert simulator.now == 20.0


def test_different_values_are_different_locks() -> None:
    assert simulate(group("one", "two"), holder("one", "a"), holder("two", "b")).now == 10.0


def test_declared_locks_are_taken_at_the_start_in_their_order() -> None:
    def declares(name: str) -> Definition:
        flow = Flow(name)
        flow.lock("zone", "'a'")
        flow.lock("host", None, manual=True)
        flow.lock("zone", "'b'")
        flow.task(Kind.SLEEP, value="10")
        return flow.definition()

    assert simulate(group("one", "two"), declares("one"), declares("two")).now == 20.0


def test_unlock_frees_it_for_the_next() -> None:
    flow = Flow("polite")
    flow.lock("zone", "'a'", manual=True)
    flow.task(Kind.UNLOCK, lock_type="zone", value="'a'")
    flow.task(Kind.SLEEP, value="10")
    assert simulate(group("polite", "one"), flow.definition(), holder("one", "a")).now == 10.0


def test_unlock_of_what_is_not_held_is_an_error() -> None:
    flow = Flow("wrong")
    flow.task(Kind.UNLOCK, lock_type="zone", value="'a'")
    simulator = simulate(flow.definition())
    assert simulator.jobs[1].out == {
        "error": {"class": "lock", "msg": 'this job does not hold lock zone "a"'}
    }


def test_a_deadlock_is_an_error_of_the_job_that_closes_it() -> None:
    simulator = simulate(group("one", "two"), holder("one", "a", "b"), holder("two", "b", "a"))
    _, one, two = simulator.jobs.values()
    assert isinstance(two.out, dict)
    assert [one.state, two.state] == ["error", "error"]
    assert two.out["error"]["class"] == "lock"
    assert "deadlock" in two.out["error"]["msg"]
    assert simulator.now < 30.0


def test_a_child_that_waits_for_its_parents_lock_is_a_deadlock() -> None:
    simulator = simulate(lender(inherit=False), holder("child", "a"))
    assert simulator.jobs[1].state == "error"


def lender(*, inherit: bool) -> Definition:
    flow = Flow("lender")
    flow.lock("zone", "'a'", inherit=inherit)
    flow.task(Kind.SPLIT, branches=[flow.branch("child"), flow.branch("child")])
    flow.task(Kind.LOCK, lock_type="zone", value="'a'")
    return flow.definition()


def test_children_borrow_what_is_lent_one_after_the_other() -> None:
    simulator = simulate(lender(inherit=True), holder("child", "a"))
    assert {job.state for job in simulator.jobs.values()} == {"finished"}
    assert simulator.now == 20.0


def test_a_lock_that_will_go_back_to_its_lender_is_waited_for_until_then() -> None:
    """The lender's second child waits for one that waits for what the first child has borrowed."""
    lends, outsider, brother = Flow("lends"), Flow("outsider"), Flow("brother")
    lends.lock("zone", "'a'", inherit=True)
    lends.task(Kind.SPLIT, branches=[lends.branch("borrower"), lends.branch("brother")])
    for flow, lock, pause in ((outsider, "m", 1), (outsider, "a", 1), (brother, "m", 5)):
        flow.task(Kind.SLEEP, value=str(pause))
        flow.task(Kind.LOCK, lock_type="zone", value=f"'{lock}'")
    others = [holder("borrower", "a"), outsider.definition(), brother.definition()]
    simulator = simulate(group("lends", "outsider"), lends.definition(), *others)
    outs = [str(job.out) for job in simulator.jobs.values()]
    (victim,) = (out for out in outs if out.startswith("{'error': {'class': 'lock'"))
    assert "deadlock" in victim


@pytest.mark.parametrize(("wait", "now"), [("'no'", 0.0), ("5", 5.0), ("'5 seconds'", 5.0)])
def test_wait_for_lock_has_little_patience(wait: str, now: float) -> None:
    flow = Flow("impatient")
    flow.task(
        Kind.WAIT_FOR_LOCK, lock_type="zone", on_error=3,
        in_=f"op_put(i, 'a', 'value')\nop_put(i, {wait}, 'wait')",
    )  # fmt: skip
    impatient = flow.definition(
        end="op_put(o, op_get(e, '_error', 'class'), 'class')\nop_put(o, op_get(e, 'job_id'), 'job')"
    )
    simulator = simulate(group("one", "impatient"), holder("one", "a"), impatient)
    assert simulator.jobs[3].out == {"class": "lock", "job": 3}
    assert simulator.now == 10.0


# -- events -------------------------------------------------------------------------------------------------------


def listener(*, timeout: str | None = None, late: bool = False) -> Definition:
    flow = Flow("listener")
    flow.task(Kind.SUBSCRIBE, in_="op_put(i, 'e1', 'name')\nop_put(i, op_get(a, 'mask'), 'mask')")
    if late:
        flow.task(Kind.SLEEP, value="50")
    wait = "op_put(i, fn_array('e1'), 'events')"
    if timeout is not None:
        wait += f"\nop_put(i, {timeout}, 'timeout')"
    flow.task(Kind.WAIT_FOR_EVENT, in_=wait, out="op_put(v, op_get(o, 'event'), 'event')")
    return flow.definition(end="op_copy_all(v, o)")


def scene(waiting: Definition, mask: str, event: str) -> Simulator:
    flow = Flow("scene")
    flow.task(
        Kind.SPLIT,
        branches=[
            flow.branch("listener", in_=f"op_put(i, {mask}, 'mask')"),
            flow.branch("speaker"),
        ],
    )
    speaker = Flow("speaker")
    speaker.task(Kind.SLEEP, value="10")
    speaker.task(Kind.RAISE_EVENT, in_=f"op_put(i, {event}, 'event')")
    return simulate(flow.definition(), waiting, speaker.definition())


@pytest.mark.parametrize("late", [False, True])
def test_an_event_reaches_who_waits_or_is_kept(late: bool) -> None:
    simulator = scene(
        listener(late=late), "fn_object('kind', 'x')", "fn_object('kind', 'x', 'n', 1)"
    )
    assert simulator.jobs[2].out == {
        "event": {"name": "e1", "event_id": 1, "data": {"kind": "x", "n": 1}}
    }
    assert simulator.now == (50.0 if late else 10.0)


def test_an_event_that_lacks_the_mask_does_not() -> None:
    simulator = scene(listener(timeout="99"), "fn_object('kind', 'x')", "fn_object('kind', 'y')")
    assert simulator.jobs[2].out == {"event": {"name": "timeout"}}
    assert simulator.now == 99.0


def test_waiting_without_a_subscription_is_an_error() -> None:
    flow = Flow("deaf")
    flow.task(Kind.SUBSCRIBE, in_="op_put(i, 'e1', 'name')")
    flow.task(Kind.UNSUBSCRIBE, in_="op_put(i, 'e1', 'name')")
    flow.task(Kind.WAIT_FOR_EVENT, in_="op_put(i, fn_array('e1'), 'events')")
    simulator = simulate(flow.definition())
    assert simulator.jobs[1].out == {
        "error": {"class": "normal", "msg": 'wait_for_event without a subscription "e1"'}
    }


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (Kind.SUBSCRIBE, "op_put(i, 1, 'name')"),
        (Kind.SUBSCRIBE, "op_put(i, 'n', 'name')\nop_put(i, 1, 'mask')"),
        (Kind.RAISE_EVENT, "op_put(i, 'x', 'event')"),
        (Kind.WAIT_FOR_EVENT, "op_put(i, fn_array(1), 'events')"),
    ],
)
def test_wrong_types_are_errors_of_the_task(kind: Kind, code: str) -> None:
    flow = Flow("wrong")
    flow.task(kind, in_=code)
    out = simulate(flow.definition()).jobs[1].out
    assert isinstance(out, dict)
    assert out["error"]["class"] == "type"
