"""The engine stopped after any step, and begun again from the stored row, gives the same end state."""

from __future__ import annotations

import random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from jobcenter.engine import Job, LinkedProgram, Outcome, complete, enter, run
from jobcenter.engine.simulator import Advance, Simulator
from tests.runtime.random_workflows import BODIES, Statement, adder, definitions


def half_step(program: LinkedProgram, job: Job) -> Outcome:
    return complete(program, job) if job.state == "done" else enter(program, job)


def ended(body: list[Statement], advance: Advance) -> tuple[Any, ...]:
    """All that can be told of the end: state, output, steps and log, without the numbers of jobs."""
    job = Simulator(definitions(body), {"add": adder}, advance).run("random")
    return job.state, without_jobs(job.out), job.row["steps"], without_jobs(job.log)


def without_jobs(value: Any) -> Any:
    match value:
        case dict():
            return {
                key: without_jobs(item)
                for key, item in value.items()
                if key not in ("job", "event_id")
            }
        case list():
            return [without_jobs(item) for item in value]
        case _:
            return value


@settings(max_examples=100)
@given(BODIES)
def test_stopped_after_every_half_step(body: list[Statement]) -> None:
    assert ended(body, half_step) == ended(body, run)


@settings(max_examples=100)
@given(BODIES, st.integers())
def test_stopped_now_and_then(body: list[Statement], seed: int) -> None:
    chance = random.Random(seed)

    def sometimes(program: LinkedProgram, job: Job) -> Outcome:
        return chance.choice([half_step, run])(program, job)

    assert ended(body, sometimes) == ended(body, run)


@settings(max_examples=60)
@given(BODIES, st.integers())
def test_steps_that_are_taken_twice_since_the_first_time_was_not_stored(
    body: list[Statement], seed: int
) -> None:
    chance = random.Random(seed)

    def crashing(program: LinkedProgram, job: Job) -> Outcome:
        if chance.random() < 0.5:
            run(program, job)
        return run(program, job)

    assert ended(body, crashing) == ended(body, run)
