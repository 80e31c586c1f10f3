"""A batch: the text of many jobs' rows in, the text of what became of them out. What an executor does, as a function.

One job's trouble stays its own: a row that no program fits, or values that cannot be stored, are errors of that job.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias

from jobcenter.engine.failure import FATAL, SANDBOX
from jobcenter.engine.linked import LinkedProgram
from jobcenter.engine.run import Progress, Stop, run
from jobcenter.engine.state import ERROR, PLOTTING, Job, Object, Outcome
from jobcenter.engine.tally import OTHER, tally_of
from jobcenter.engine.texts import UNFIT, Results, Row, read_batch, write_outcomes

# A program that cannot be loaded is kept as the reason why.
Programs: TypeAlias = Mapping[int, LinkedProgram | str]

OUTSIDE = -1  # `progress[1]` while no job runs


def run_batch(
    programs: Programs,
    batch: str,
    *,
    progress: Progress,
    stops: Mapping[int, Stop] | None = None,
    enough: Callable[[], bool] = lambda: False,
    slow: Collection[int] = (),
    slow_first: bool = False,
    tally: bool = False,
) -> Results:
    """Runs each job of a batch. `progress` is [step counter, position in the batch]. When `enough` says so, the job at hand
    pauses, and the others are left out of the results: they stay what they are. Those that have paused before come last, so that
    nobody waits for a job that takes long; but first of all those that end now, by force. Jobs of the workflows in `slow`, a step of which may take long, come after those and are left out where
    there are others; or first of all, with `slow_first`: asked for that in turn, nobody waits for more than a batch. `stops` are by the job's number. `tally`: the
    results are to have one."""
    turns = _in_order(list(enumerate(read_batch(batch))), slow, slow_first)
    rows = [row for _, row in turns]
    outcomes: list[Outcome] = []
    for position, row in turns:
        progress[1] = position
        outcomes.append(_run_job(programs, row, progress, stops, enough))
        if enough():
            break
    progress[1] = OUTSIDE
    try:
        return _results(programs, rows, outcomes, tally)
    except UNFIT:
        done = turns[: len(outcomes)]
    outcomes = []
    for position, row in done:
        progress[1] = position
        outcomes.append(_run_carefully(programs, row, progress, stops))
    progress[1] = OUTSIDE
    return _results(programs, rows, outcomes, tally)


def _in_order(
    turns: list[tuple[int, Row]], slow: Collection[int], slow_first: bool
) -> list[tuple[int, Row]]:
    """The jobs that are to be run, each with its position in the batch."""
    ending = [turn for turn in turns if _ends_by_force(turn[1])]
    turns = [turn for turn in turns if not _ends_by_force(turn[1])]
    turns.sort(key=lambda turn: turn[1].get("state") == PLOTTING)
    if not slow:
        return ending + turns
    late = [turn for turn in turns if turn[1]["workflow"] in slow]
    others = [turn for turn in turns if turn[1]["workflow"] not in slow]
    return ending + (late + others if slow_first else others or late)


def _ends_by_force(row: Row) -> bool:
    aborted = row.get("aborted")
    return isinstance(aborted, dict) and aborted["class"] == FATAL


def _results(
    programs: Programs, rows: Sequence[Row], outcomes: Sequence[Outcome], tally: bool
) -> Results:
    """Raises one of UNFIT where a value cannot be stored."""
    results = write_outcomes(outcomes)
    if not tally:
        return results
    names = {
        workflow: OTHER if isinstance(program, str) else program.name
        for workflow, program in programs.items()
    }
    return replace(results, tally=tally_of(names, rows, outcomes))


def fail_job(row: Row, error: Object) -> Outcome:
    """The outcome of a job that ends with an error without taking a step. The row's head is enough."""
    log: list[Object] = [{"task": row["task"], "error": error}]
    return Outcome(row["job"], row["task"], ERROR, row["steps"] + 1, log, out={"error": error})


def _run_job(
    programs: Programs,
    row: Row,
    progress: Progress,
    stops: Mapping[int, Stop] | None,
    enough: Callable[[], bool] | None = None,
    careful: bool = False,
) -> Outcome:
    program = programs[row["workflow"]]
    if isinstance(program, str):
        return _fatal(row, program)
    if row["task"] not in program.tasks:
        return _fatal(
            row, f"the job stands at task {row['task']}, which {program.name} does not have"
        )
    if "args" not in row:
        return _fatal(
            row,
            "the job holds a value that cannot be read (too many digits, too deep, or too large)",
        )
    job = Job.from_json(row)
    stop = stops.get(job.job) if stops else None
    return run(program, job, progress=progress, stop=stop, careful=careful, enough=enough)


def _run_carefully(
    programs: Programs, row: Row, progress: Progress, stops: Mapping[int, Stop] | None
) -> Outcome:
    """Some value of the batch cannot be stored: which one, is found by looking at what each step made."""
    outcome = _run_job(programs, row, progress, stops, careful=True)
    try:
        write_outcomes([outcome])
    except MemoryError:
        too_large = "the job's values are too large: what becomes of them cannot be written"
        return fail_job(row, {"class": SANDBOX, "msg": too_large})
    except UNFIT:
        return _fatal(row, "the job holds a value that cannot be stored")
    return outcome


def _fatal(row: Row, msg: str) -> Outcome:
    return fail_job(row, {"class": FATAL, "msg": msg})
