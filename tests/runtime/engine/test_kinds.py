"""What each kind of task does, in the simulator."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from jobcenter.artifact import Definition, Input, Kind, Output
from jobcenter.engine.simulator import SimulatedJob, Simulator
from tests.runtime.workflows import ADD, Flow, action, calltest, counting

Actions = dict[str, Callable[[dict[str, Any]], Any]]


def run(
    definition: Definition, *others: Definition, actions: Actions | None = None, **args: Any
) -> SimulatedJob:
    return Simulator([definition, *others], actions).run(definition.name, args)


def caught(flow: Flow) -> Any:
    """The error that the flow's tasks, which all lead to the last one, raise."""
    job = run(flow.definition(end="op_put(o, op_get(e, '_error'), 'error_seen')"))
    assert job.state == "finished"
    assert isinstance(job.out, dict)
    return job.out["error_seen"]


def error(job: SimulatedJob) -> Any:
    assert job.state == "error"
    assert isinstance(job.out, dict)
    return job.out["error"]


def adder(inputs: dict[str, Any]) -> dict[str, Any]:
    return {"counter": inputs["counter"] + inputs["step"]}


def leaf(name: str = "leaf", end: str = "op_put(o, op_get(a, 'n'), 'n')") -> Definition:
    return Flow(name).definition([Input("n", "number")], end=end)


def test_call_of_an_action() -> None:
    job = run(calltest(), ADD, actions={"add": adder}, input=1)
    assert (job.state, job.out) == ("finished", {"output": 4})


def test_call_of_an_action_with_bad_arguments_is_an_error_of_the_task() -> None:
    flow = Flow("bad")
    flow.task(Kind.CALL, callee="add", in_="op_put(i, 'x', 'counter')", on_error=3)
    job = run(
        flow.definition(end="op_put(o, op_get(e, '_error'), 'seen')"), ADD, actions={"add": adder}
    )
    assert job.out == {
        "seen": {
            "class": "type",
            "msg": 'input argument "counter" has wrong type string (should be number)',
        }
    }


@pytest.mark.parametrize(
    "answer", [{"error": {"class": "mine", "msg": "no", "more": 1}}, {"error": "no"}]
)
def test_error_answers(answer: dict[str, Any]) -> None:
    found = error(run(calltest(), ADD, actions={"add": lambda inputs: answer}, input=1))
    assert found["msg"] == "no"
    assert found["class"] == ("mine" if "more" in found else "normal")


def test_eval_loses_its_variables_when_it_fails_and_keeps_the_earlier_ones() -> None:
    flow = Flow("failing")
    flow.task(Kind.EVAL, eval="op_put(v, 1, 'kept')")
    flow.task(Kind.EVAL, eval="op_put(v, 2, 'lost')\nop_put(v, op_div(1, 0), 'x')", on_error=4)
    assert run(flow.definition(end="op_copy_all(v, o)")).out == {"kept": 1}


def test_switch() -> None:
    flow = Flow("switch")
    flow.task(Kind.SWITCH, value="op_case(op_get(a, 'x'))", edges={"foo": 3, "bar": 4}, next=5)
    flow.task(Kind.EVAL, eval="op_put(v, 'was foo', 'r')", next=5)
    flow.task(Kind.EVAL, eval="op_put(v, 'was bar', 'r')", next=5)
    switch = flow.definition(end="op_copy_all(v, o)")
    assert [run(switch, x=x).out for x in ("foo", "bar", "baz", None)] == [
        {"r": "was foo"}, {"r": "was bar"}, {}, {},
    ]  # fmt: skip


def test_assert_and_raise_error() -> None:
    flow = Flow("assert")
    flow.task(Kind.ASSERT, value="op_true(1)", message="'not raised'", on_error=4)
    flow.task(Kind.ASSERT, value="op_true(0)", message="op_join('a ', 1)", on_error=4)
    assert caught(flow) == {"class": "normal", "msg": "a 1"}
    flow = Flow("raise")
    flow.task(Kind.RAISE_ERROR, message="'plain'", on_error=3)
    assert caught(flow) == {"class": "normal", "msg": "plain"}
    flow = Flow("raise_block")
    flow.task(
        Kind.RAISE_ERROR,
        in_="op_put(i, 'm', 'msg')\nop_put(i, 'mine', 'class')\nop_put(i, 7, 'x')",
        on_error=3,
    )
    assert caught(flow) == {"class": "mine", "msg": "m", "x": 7}


def test_a_fatal_error_is_not_caught() -> None:
    flow = Flow("fatal")
    flow.task(
        Kind.RAISE_ERROR, in_="op_put(i, 'm', 'msg')\nop_put(i, 'fatal', 'class')", on_error=3
    )
    assert error(run(flow.definition())) == {"class": "fatal", "msg": "m"}


def test_an_error_in_the_catch_replaces_the_first() -> None:
    flow = Flow("twice")
    flow.task(Kind.RAISE_ERROR, message="'first'", on_error=3)
    flow.task(
        Kind.RAISE_ERROR, message="op_join(op_get(e, '_error', 'msg'), ' second')", on_error=4
    )
    assert caught(flow)["msg"] == "first second"


def test_max_steps() -> None:
    assert run(counting(turns=10, max_steps=23)).state == "finished"
    found = error(run(counting(turns=10, max_steps=22)))
    assert found["class"] == "fatal"
    assert "max_steps (22)" in found["msg"]


def test_max_depth() -> None:
    flow = Flow("deep", max_depth=3)
    flow.task(Kind.CALL, callee="deep", callee_kind="workflow")
    simulator = Simulator([flow.definition()])
    found = error(simulator.run("deep"))
    assert len(simulator.jobs) == 1 + 3
    while found["class"] == "childerror":
        found = found["error"]
    assert found["class"] == "fatal"
    assert "max_depth (3)" in found["msg"]


def test_call_of_a_workflow() -> None:
    flow = Flow("parent")
    flow.task(
        Kind.CALL, callee="leaf", callee_kind="workflow",
        in_="op_put(i, 7, 'n')", out="op_put(v, op_get(o, 'n'), 'got')",
    )  # fmt: skip
    assert run(flow.definition(end="op_copy_all(v, o)"), leaf()).out == {"got": 7}


def test_call_of_a_procedure() -> None:
    flow = Flow("asks")
    flow.task(
        Kind.CALL, callee="ask", callee_kind="procedure", out="op_put(v, op_get(o, 'x'), 'x')"
    )
    job = run(
        flow.definition(end="op_copy_all(v, o)"), action("ask"), actions={"ask": lambda i: {"x": 1}}
    )
    assert job.out == {"x": 1}


def test_interface_call() -> None:
    flow = Flow("chooses")
    flow.task(
        Kind.INTERFACE_CALL, value="op_case(op_get(a, 'which'))", on_error=3,
        branches=[flow.branch("leaf"), flow.branch("other")],
        in_="op_put(i, 7, 'n')", out="op_put(v, op_get(o, 'n'), 'got')",
    )  # fmt: skip
    chooses = flow.definition(end="op_copy_all(v, o)\nop_put(o, op_get(e, '_error', 'msg'), 'msg')")
    leaves = leaf(), leaf("other", "op_put(o, 'other', 'n')")
    assert run(chooses, *leaves, which="leaf").out == {"got": 7, "msg": None}
    assert run(chooses, *leaves, which="other").out == {"got": "other", "msg": None}
    message = '"none" is not a destination of this interface (these are: "leaf", "other")'
    assert run(chooses, *leaves, which="none").out == {"msg": message}


def split(**branch: str) -> Definition:
    flow = Flow("split")
    flow.task(
        Kind.SPLIT, on_error=3,
        branches=[
            flow.branch("leaf", in_="op_put(i, 100, 'n')", out="op_put(v, op_get(o, 'n'), 'first')"),
            flow.branch(
                "leaf", each=True, value="op_get(a, 'list')",
                in_="op_put(i, op_get(e, '_v'), 'n')",
                out="op_put(v, op_append(op_get(v, 'all'), op_join(op_get(e, '_i'), op_join(':', op_get(o, 'n')))), 'all')",
            ),
        ],
    )  # fmt: skip
    return flow.definition(end="op_copy_all(v, o)\nop_put(o, op_get(e, '_error'), 'failed')")


def test_split_and_map_collect_in_order() -> None:
    job = run(split(), leaf(), list=[5, 6, 7])
    assert job.out == {"first": 100, "all": ["1:5", "2:6", "3:7"], "failed": None}


def test_map_over_nothing_and_over_what_is_no_array() -> None:
    assert run(split(), leaf(), list=[]).out == {"first": 100, "failed": None}
    found = run(split(), leaf(), list="abc").out
    assert found == {"failed": {"class": "type", "msg": "map leaf needs an array, not string"}}


def test_a_split_without_children_goes_on_at_once() -> None:
    flow = Flow("empty")
    flow.task(Kind.SPLIT, branches=[flow.branch("leaf", each=True, value="op_get(a, 'list')")])
    assert run(flow.definition(), leaf(), list=[]).state == "finished"


def test_a_childs_error_aborts_the_others_and_carries_the_childs() -> None:
    flow = Flow("mixed")
    flow.task(
        Kind.SPLIT, on_error=3,
        branches=[
            flow.branch("sleeper"),
            flow.branch("leaf", in_="op_put(i, 'x', 'n')"),
            flow.branch("failing"),
        ],
    )  # fmt: skip
    failing = Flow("failing")
    failing.task(Kind.RAISE_ERROR, message="'broken'")
    sleeper = Flow("sleeper")
    sleeper.task(Kind.SLEEP, value="1000")
    mixed = flow.definition(end="op_put(o, op_get(e, '_error'), 'seen')")
    anything = Flow("leaf").definition()
    simulator = Simulator([mixed, sleeper.definition(), failing.definition(), anything])
    seen = simulator.run("mixed").out
    assert seen == {
        "seen": {
            "class": "childerror",
            "msg": "broken",
            "job": 4,
            "error": {"class": "normal", "msg": "broken"},
        }
    }
    assert error(simulator.jobs[2])["class"] == "abort"
    assert simulator.now == 0.0


def test_children_do_not_see_the_parents_error() -> None:
    flow = Flow("parent")
    flow.task(Kind.RAISE_ERROR, message="'x'", on_error=3)
    flow.task(Kind.CALL, callee="child", callee_kind="workflow", out="op_copy_all(o, v)")
    child = Flow("child").definition(
        end="op_put(o, op_get(e, '_error'), 'error_seen')\nop_put(o, op_get(e, 'client'), 'client')"
    )
    job = run(flow.definition(end="op_copy_all(v, o)"), child)
    assert job.out == {"error_seen": None, "client": "simulator"}


def test_detach_goes_on_at_once() -> None:
    flow = Flow("parent")
    flow.task(Kind.DETACH, callee="sleeper", callee_kind="workflow")
    sleeper = Flow("sleeper")
    sleeper.task(Kind.SLEEP, value="100")
    simulator = Simulator([flow.definition(), sleeper.definition()])
    assert simulator.run("parent").state == "finished"
    assert simulator.jobs[2].state == "finished"
    assert simulator.now == 100.0


@pytest.mark.parametrize(
    ("duration", "now"),
    [("5", 5.0), ("'2.5'", 2.5), ("'2 minutes'", 120.0), ("0", 0.0)],
)
def test_sleep(duration: str, now: float) -> None:
    flow = Flow("sleeps")
    flow.task(Kind.SLEEP, value=duration)
    simulator = Simulator([flow.definition()])
    assert simulator.run("sleeps").state == "finished"
    assert simulator.now == now


@pytest.mark.parametrize(
    "duration", ["'garbage'", "None", "op_neg(1)", "1e300", "True", "fn_array()"]
)
def test_a_sleep_that_is_no_duration_is_an_error_of_the_job(duration: str) -> None:
    flow = Flow("sleeps")
    flow.task(Kind.SLEEP, value=duration, on_error=3)
    assert caught(flow)["class"] in ("type", "normal")


@pytest.mark.parametrize(
    ("type", "value", "message"),
    [
        ("number", "'x'", 'output argument "n" has wrong type string (should be number)'),
        ("integer", "1.5", 'output argument "n" has wrong type number (should be integer)'),
        (
            "number[]",
            "fn_array(1, 'x')",
            'output argument "n" has wrong type string (should be number) at [1]',
        ),
        ("string?", "1", 'output argument "n" has wrong type number (should be string)'),
        ("boolean", "1", 'output argument "n" has wrong type number (should be boolean)'),
        ("number", None, 'required output argument "n" not found'),
    ],
)
def test_outputs_are_checked(type: str, value: str | None, message: str) -> None:
    end = None if value is None else f"op_put(o, {value}, 'n')"
    found = error(run(Flow("w").definition(outputs=[Output("n", type)], end=end)))
    assert found == {"class": "type", "msg": message}


@pytest.mark.parametrize("type", ["number", "integer", "any", "json", "number?", "some.schema"])
@pytest.mark.parametrize("value", ["1", "2.0", "None"])
def test_outputs_that_fit(type: str, value: str) -> None:
    outputs = [Output("n", type), Output("not_there", "string", optional=True)]
    assert (
        run(Flow("w").definition(outputs=outputs, end=f"op_put(o, {value}, 'n')")).state
        == "finished"
    )


def test_an_abort_is_told_at_the_next_wait_and_can_be_caught() -> None:
    flow = Flow("aborted")
    flow.task(Kind.EVAL, eval="op_put(v, 1, 'began')")
    flow.task(Kind.SLEEP, value="10", on_error=4)
    flow.task(Kind.SLEEP, value="20")
    simulator = Simulator([flow.definition(end="op_put(o, op_get(e, '_error', 'class'), 'seen')")])
    job = simulator._create(simulator.definitions["aborted"], {}, {}, 0)
    job.row["aborted"] = True
    while simulator._move() or simulator._let_time_pass():
        pass
    assert (job.out, simulator.now) == ({"seen": "abort"}, 20.0)


def test_an_end_by_force_is_told_at_the_next_task_and_cannot_be_caught() -> None:
    flow = Flow("aborted")
    flow.task(Kind.EVAL, eval="op_put(v, 1, 'began')", on_error=3)
    flow.task(Kind.EVAL, eval="op_put(v, 1, 'caught')")
    simulator = Simulator([flow.definition(end="op_put(o, 1, 'ended')")])
    job = simulator._create(simulator.definitions["aborted"], {}, {}, 0)
    job.row["aborted"] = {"class": "fatal", "msg": "enough"}
    while simulator._move():
        pass
    assert job.out == {"error": {"class": "fatal", "msg": "enough"}}
    assert job.row["vars"] == {}
