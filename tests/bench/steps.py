"""Pure steps a second: in the core alone, with the JSON of a batch, and through an executor process. No database.

`python -m tests.bench.steps` prints one line per figure and writes tests/bench/results/steps.json.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Mapping
from typing import Any

from jobcenter.artifact import program_to_json
from jobcenter.engine import OUTSIDE, Job, LinkedProgram, link, run, run_batch
from jobcenter.executor import ProcessExecutor
from jobcenter.frames import LoadedModule
from jobcenter.sandbox import load_module
from tests.bench._site import Figures
from tests.runtime.workflows import counting

JOBS, TURNS = 200, 500
STEPS = 2 * TURNS + 3  # of one job: a branch and an eval a turn, the last branch, start and end


def row(job: int) -> dict[str, Any]:
    return {
        "job": job, "workflow": 1, "task": 1, "state": "done", "args": {}, "env": {"client": "bench"},
        "vars": {}, "in": None, "out": None, "steps": 0, "depth": 0, "tries": 0,
    }  # fmt: skip


def loop_program() -> tuple[LinkedProgram, LoadedModule]:
    definition = counting(turns=TURNS, max_steps=10 * TURNS)
    module, program = definition.module, definition.program
    assert module is not None
    assert program is not None
    text = json.dumps(program_to_json(program))
    loaded = LoadedModule(1, text, "[]", module.python, module.bytecode)
    return link(program, load_module(module)), loaded


def rate(work: Callable[[], object], steps: int) -> float:
    """The best of five: what the machine can do when it is left alone."""
    best = float("inf")
    for _ in range(5):
        begun = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - begun)
    return steps / best


async def through_process(module: LoadedModule, batch: str) -> float:
    executor = ProcessExecutor()
    executor.give(module)
    await executor.run(batch, [1])
    best = float("inf")
    for _ in range(5):
        begun = time.perf_counter()
        await executor.run(batch, [1])
        best = min(best, time.perf_counter() - begun)
    await executor.close()
    return JOBS * STEPS / best


def measure() -> Mapping[str, float]:
    program, module = loop_program()
    jobs = [Job.from_json(row(number)) for number in range(1, JOBS + 1)]
    batch = json.dumps([row(number) for number in range(1, JOBS + 1)])
    return {
        "core, 200 jobs": rate(lambda: [run(program, job) for job in jobs], JOBS * STEPS),
        "core with JSON, 200 jobs": rate(
            lambda: run_batch({1: program}, batch, progress=[0, OUTSIDE]), JOBS * STEPS
        ),
        "executor process, 200 jobs": asyncio.run(through_process(module, batch)),
    }


def main() -> None:
    figures = Figures("steps")
    for name, value in measure().items():
        figures.add(name, value, "steps/s")
    figures.write()


if __name__ == "__main__":
    main()
