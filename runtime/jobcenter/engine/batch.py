"""A batch: the text of many jobs' rows in, the text of what became of them out. What an executor does, as a function.

One job's trouble stays its own: a row that no program fits, or values that cannot be stored, are errors of that job.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from jobcenter.engine.failure import FATAL
from jobcenter.engine.linked import LinkedProgram
from jobcenter.engine.run import Progress, Stop, run
from jobcenter.engine.state import ERROR, Job, Object, Outcome

# A program that cannot be loaded is kept as the reason why.
Programs: TypeAlias = Mapping[int, LinkedProgram | str]
Row: TypeAlias = Mapping[str, Any]

OUTSIDE = -1  # `progress[1]` while no job runs


@dataclass(frozen=True, slots=True)
class Results:
    """The two parameters of `apply_results`; `effects` is empty where there are none."""

    jobs: str
    effects: str


def run_batch(
    programs: Programs,
    batch: str,
    *,
    progress: Progress,
    stops: Mapping[int, Stop] | None = None,
    enough: Callable[[], bool] = lambda: False,
) -> Results:
    """Runs each job of a JSON array of rows. `progress` is [step counter, position in the batch]. When `enough`
    says so after a job, the others are left out of the results: they stay what they are. `stops` are by the job's number."""
    rows: list[Row] = json.loads(batch)
    outcomes: list[Outcome] = []
    for position, row in enumerate(rows):
        progress[1] = position
        outcomes.append(_run_job(programs, row, progress, stops))
        if enough():
            break
    progress[1] = OUTSIDE
    try:
        results = write_outcomes(outcomes)
    except (ValueError, TypeError, RecursionError, MemoryError):
        # Some value cannot be stored. Which one, is found by taking each step again and looking at what it made.
        results = write_outcomes(
            _run_job(programs, row, progress, stops, careful=True)
            for position, row in enumerate(rows[: len(outcomes)])
        )
    progress[1] = OUTSIDE
    return results


def fail_job(row: Row, error: Object) -> Outcome:
    """The outcome of a job that ends with an error without taking a step."""
    log: list[Object] = [{"task": row["task"], "error": error}]
    return Outcome(row["job"], row["task"], ERROR, row["steps"] + 1, log, out={"error": error})


def _run_job(
    programs: Programs,
    row: Row,
    progress: Progress,
    stops: Mapping[int, Stop] | None,
    careful: bool = False,
) -> Outcome:
    job = Job.from_json(row)
    program = programs[job.workflow]
    if isinstance(program, str):
        return fail_job(row, {"class": FATAL, "msg": program})
    if job.task not in program.tasks:
        msg = f"the job stands at task {job.task}, which {program.name} does not have"
        return fail_job(row, {"class": FATAL, "msg": msg})
    stop = stops.get(job.job) if stops else None
    return run(program, job, progress=progress, stop=stop, careful=careful)


def write_outcomes(outcomes: Iterable[Outcome]) -> Results:
    """The outcomes as text. Raises ValueError, TypeError, RecursionError where a value cannot be stored."""
    jobs: list[Object] = []
    effects: defaultdict[str, list[Object]] = defaultdict(list)
    for outcome in outcomes:
        jobs.append(outcome.to_json())
        for name, effect in outcome.effects:
            effects[name].append({"job": outcome.job, **effect})
    return Results(_dump(jobs), _dump(effects) if effects else "")


def _dump(value: object) -> str:
    text = json.dumps(value, allow_nan=False, ensure_ascii=False, separators=(",", ":"))
    if "\\u0000" in text:
        raise ValueError("Postgres stores no NUL")
    text.encode()  # half a surrogate pair raises UnicodeEncodeError, a ValueError
    return text
