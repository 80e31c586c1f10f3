"""The protocol of the engine: a job's row in, an outcome out, as ARCHITECTURE.md describes it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from jobcenter.artifact import Definition, Kind
from jobcenter.engine import (
    OUTSIDE,
    Job,
    LinkedProgram,
    Stop,
    complete,
    enter,
    link,
    run,
    run_batch,
)
from jobcenter.sandbox import load_module
from tests.runtime.workflows import Flow, calltest, counting


def linked(definition: Definition) -> LinkedProgram:
    assert definition.program is not None
    assert definition.module is not None
    return link(definition.program, load_module(definition.module), definition.outputs)


def row(**columns: Any) -> dict[str, Any]:
    given = {
        "job": 9, "workflow": 5, "task": 1, "state": "done", "args": {"input": 123}, "env": {},
        "vars": {}, "in": None, "out": None, "steps": 0, "depth": 0, "tries": 0,
    }  # fmt: skip
    return {**given, **columns}


def half(function: Any, definition: Definition, **columns: Any) -> dict[str, Any]:
    outcome = function(linked(definition), Job.from_json(row(**columns)))
    entry: dict[str, Any] = outcome.to_json()
    return entry


def test_a_job_that_pauses_goes_on_where_it_was() -> None:
    """After any step: each may take long."""
    flow = counting(turns=10)
    whole = half(run, flow)
    program, columns, log = linked(flow), row(), list[Any]()
    pauses = 0
    while True:
        outcome = run(program, Job.from_json(columns), enough=lambda: True).to_json()
        log += outcome["log"]
        if outcome["state"] != "plotting":
            break
        assert outcome["steps"] == columns["steps"] + 1
        pauses += 1
        columns = row(
            task=outcome["task"],
            state="plotting",
            steps=outcome["steps"],
            vars=outcome.get("vars", columns["vars"]),
        )
    assert pauses == whole["steps"] - 1
    assert {**outcome, "log": log, "vars": columns["vars"]} == whole


def test_those_that_have_paused_come_last() -> None:
    program = linked(counting(turns=1000, max_steps=5000))
    paused = row(job=1, workflow=1, task=2, state="plotting", steps=1)
    fresh = row(job=2, workflow=1)
    batch = ",\n".join(json.dumps(each, separators=(",", ":")) for each in (paused, fresh))
    progress = [0, OUTSIDE]
    results = run_batch({1: program}, f"[{batch}]", progress=progress, enough=lambda: True)
    assert [(entry["job"], entry["state"]) for entry in json.loads(results.jobs)] == [
        (2, "plotting")
    ]


def test_the_half_steps_of_the_seed() -> None:
    assert half(complete, calltest()) == {
        "job": 9, "task": 2, "state": "plotting", "steps": 1, "log": [{"task": 1}],
    }  # fmt: skip
    assert half(enter, calltest(), task=2, state="plotting", steps=1) == {
        "job": 9, "task": 2, "state": "ready", "steps": 1, "log": [], "callee": "add",
        "in": {"counter": 123, "step": 3},
    }  # fmt: skip
    answered = {"task": 2, "in": {"counter": 123, "step": 3}, "out": {"counter": 126}, "steps": 1}
    call = {
        "task": 2,
        "in": {"counter": 123, "step": 3},
        "out": {"counter": 126},
        "vars": {"thing": 126},
    }
    assert half(complete, calltest(), **answered) == {
        "job": 9, "task": 3, "state": "plotting", "steps": 2, "vars": {"thing": 126}, "log": [call],
    }  # fmt: skip
    assert half(enter, calltest(), task=3, state="plotting", steps=2, vars={"thing": 126}) == {
        "job": 9, "task": 3, "state": "finished", "steps": 3, "out": {"output": 126},
        "log": [{"task": 3, "out": {"output": 126}}],
    }  # fmt: skip


def test_run_goes_on_to_the_next_wait() -> None:
    entry = half(run, calltest(), task=2, out={"counter": 126}, steps=1)
    assert (entry["state"], entry["out"], entry["steps"]) == ("finished", {"output": 126}, 3)
    assert [logged["task"] for logged in entry["log"]] == [2, 3]


def test_a_row_is_not_changed_by_running_it() -> None:
    job = Job.from_json(row(vars={"n": 3}, env={"client": "me"}))
    before = json.dumps([job.args, job.env, job.vars])
    program = linked(counting())
    assert run(program, job).to_json() == run(program, job).to_json()
    assert json.dumps([job.args, job.env, job.vars]) == before


def test_each_transition_counts_a_step_and_is_logged() -> None:
    entry = half(run, counting(turns=10))
    assert entry["steps"] == len(entry["log"]) == 2 * 10 + 3
    assert entry["out"] == {"n": 10}
    assert entry["log"][1:3] == [{"task": 2, "out": "true"}, {"task": 3, "vars": {"n": 1}}]


def test_the_environment_of_a_task() -> None:
    flow = Flow("environment")
    flow.task(Kind.EVAL, eval="op_copy_all(e, v)")
    entry = half(run, flow.definition(), env={"client": "me", "place": "here"})
    assert entry["vars"] == {
        "client": "me", "place": "here", "job_id": 9, "workflow_id": 5, "task_id": 2,
    }  # fmt: skip


def test_progress_says_where_a_job_is() -> None:
    seen: list[int] = []

    class Record:
        def __setitem__(self, index: int, value: int, /) -> None:
            seen.append(value)

    run(linked(counting(turns=1)), Job.from_json(row(steps=7)), progress=Record())
    assert seen == [7, 8, 9, 10, 11]


def test_a_stopped_step_fails_where_it_would_have_run() -> None:
    stop = Stop(3, {"class": "sandbox", "msg": "the code takes more than 1 s"})
    outcome = run(linked(counting()), Job.from_json(row()), stop=stop)
    assert outcome.state == "error"
    assert outcome.out == {"error": stop.error}
    assert outcome.log[-1] == {"task": 2, "error": stop.error}


class TestBatch:
    """Text in, text out; one job's trouble is its own."""

    def run(self, definition: Definition, *rows: dict[str, Any]) -> list[dict[str, Any]]:
        results = run_batch({5: linked(definition)}, json.dumps(rows), progress=[0, OUTSIDE])
        jobs: list[dict[str, Any]] = json.loads(results.jobs)
        return jobs

    def test_effects_name_their_jobs(self) -> None:
        flow = Flow("parent")
        flow.task(Kind.CALL, callee="child", callee_kind="workflow", in_="op_put(i, 1, 'n')")
        results = run_batch(
            {5: linked(flow.definition())}, json.dumps([row(), row(job=10)]), progress=[0, OUTSIDE]
        )
        child = {"task": 2, "index": 0, "callee": "child", "in": {"n": 1}}
        assert json.loads(results.effects) == {
            "children": [{"job": 9, **child}, {"job": 10, **child}]
        }

    @pytest.mark.parametrize("text", ["\0", "\ud800", "ok\0"])
    def test_what_cannot_be_stored_is_an_error_of_its_task(self, text: str) -> None:
        flow = Flow("unstorable")
        flow.task(Kind.EVAL, on_error=3, eval="op_put(v, op_get(a, 'text'), 'x')")
        flow.task(Kind.EVAL, eval="op_put(v, op_get(e, '_error', 'class'), 'caught')")
        bad, good = self.run(flow.definition(), row(args={"text": text}), row(job=10))
        assert bad["state"] == good["state"] == "finished"
        assert (bad["vars"], good["vars"]) == ({"caught": "normal"}, {"x": None, "caught": None})

    def test_a_job_that_stands_nowhere(self) -> None:
        lost, fine = self.run(counting(), row(task=17), row(job=10))
        assert lost["out"]["error"]["class"] == "fatal"
        assert "17" in lost["out"]["error"]["msg"]
        assert fine["state"] == "finished"

    def test_a_program_that_cannot_be_loaded(self) -> None:
        results = run_batch({5: "it is broken"}, json.dumps([row()]), progress=[0, OUTSIDE])
        (job,) = json.loads(results.jobs)
        assert job["out"] == {"error": {"class": "fatal", "msg": "it is broken"}}

    def test_enough_leaves_the_rest_alone(self) -> None:
        results = run_batch(
            {5: linked(counting())},
            json.dumps([row(), row(job=10)]),
            progress=[0, OUTSIDE],
            enough=lambda: True,
        )
        assert [job["job"] for job in json.loads(results.jobs)] == [9]
