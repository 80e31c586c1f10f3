"""The tally of a batch: it says what the results say, and changes nothing in them."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from jobcenter.artifact import Kind
from jobcenter.engine import OUTSIDE, LinkedProgram, link, run_batch
from jobcenter.engine.tally import CLASSES, OTHER, Tally, class_of
from jobcenter.sandbox import load_module
from tests.runtime.workflows import Flow, calltest, counting

json_values = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)


def catching() -> Any:
    """Fails with the class that it is given, catches that, and ends."""
    flow = Flow("catching")
    flow.task(
        Kind.RAISE_ERROR,
        on_error=3,
        in_="op_put(i, 'oh', 'msg')\nop_put(i, op_get(a, 'class'), 'class')",
    )
    return flow.definition()


def linked(definition: Any) -> LinkedProgram:
    return link(definition.program, load_module(definition.module), definition.outputs)


PROGRAMS: dict[int, LinkedProgram | str] = {
    1: linked(calltest()),
    2: linked(counting(turns=3)),
    3: linked(catching()),
    4: "it cannot be loaded",
}


def row(job: int, workflow: int, args: dict[str, Any]) -> dict[str, Any]:
    return {
        "job": job, "workflow": workflow, "task": 1, "state": "done", "args": args, "env": {}, "vars": {}, "in": None,
        "out": None, "steps": 0, "depth": 0, "tries": 0,
    }  # fmt: skip


@st.composite
def rows(draw: st.DrawFn) -> list[dict[str, Any]]:
    kinds = draw(st.lists(st.sampled_from(list(PROGRAMS)), min_size=1, max_size=8))
    given_class = st.sampled_from(["normal", "sandbox", "mine"])
    return [
        row(number, kind, {"input": 1, "class": draw(given_class)})
        for number, kind in enumerate(kinds, 1)
    ]


@given(rows())
def test_it_says_what_the_results_say(batch: list[dict[str, Any]]) -> None:
    text = json.dumps(batch)
    plain = run_batch(PROGRAMS, text, progress=[0, OUTSIDE])
    told = run_batch(PROGRAMS, text, progress=[0, OUTSIDE], tally=True)
    assert plain.tally == ""
    assert replace(told, tally="") == plain
    tally = Tally.from_json(told.tally)
    outcomes = json.loads(plain.jobs)
    assert tally.created.total() == len(batch)
    assert tally.steps.total() == sum(outcome["steps"] for outcome in outcomes)
    states = Counter(outcome["state"] for outcome in outcomes)
    assert (tally.finished.total(), tally.failed.total()) == (states["finished"], states["error"])
    assert tally.calls == Counter(
        dict.fromkeys(["add"], states["ready"]) if states["ready"] else {}
    )
    ended = [each["job"] for each in outcomes if each["state"] in ("finished", "error")]
    assert tally.ended == ended
    failed = [
        entry["error"]["class"] for each in outcomes for entry in each["log"] if "error" in entry
    ]
    assert tally.errors == Counter("other" if name == "mine" else name for name in failed)


def test_a_job_that_waited_for_its_locks_is_new_once() -> None:
    again = {**row(1, 1, {"input": 1}), "out": {}}
    results = run_batch(PROGRAMS, json.dumps([again]), progress=[0, OUTSIDE], tally=True)
    assert Tally.from_json(results.tally).created == {}


@given(json_values)
def test_an_error_of_any_form_has_a_class(error: object) -> None:
    assert class_of(error) in CLASSES | {OTHER}


@given(st.dictionaries(st.sampled_from(["a", "b"]), st.integers(1, 9)), st.lists(st.integers(1)))
def test_as_json_and_back(counts: dict[str, int], ended: list[int]) -> None:
    tally = Tally(finished=Counter(counts), errors=Counter(counts), ended=ended)
    assert asdict_of(Tally.from_json(tally.to_json())) == asdict_of(tally)


def asdict_of(tally: Tally) -> dict[str, Any]:
    return {name: getattr(tally, name) for name in Tally.__slots__}
