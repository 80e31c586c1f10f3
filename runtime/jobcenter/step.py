"""One half step of one job, by hand: for teaching, and for a job that is stuck.

A job in state `done` is completed (`do_jobtaskdone`), one in state `plotting` enters its task (`do_jobtask`). The code runs in this
process, within the sandbox's limits alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib.util import MAGIC_NUMBER
from typing import Final

from jobcenter.database import Connection
from jobcenter.engine import Job, LinkedProgram, Outcome, complete, enter, write_outcomes
from jobcenter.engine.state import DONE, PLOTTING
from jobcenter.engine.texts import read_batch
from jobcenter.errors import JobCenterError, UsageError
from jobcenter.frames import LoadedModule
from jobcenter.programs import load_program

JOBTASK: Final = re.compile(r"\s*\(\s*(\d+)\s*,\s*(\d+)\s*,\s*(\d+)\s*\)\s*", re.ASCII)

# Why a job in one of the other states cannot be taken a step.
WAITS: Final = {
    "ready": "waits for a worker",
    "working": "is with a worker",
    "eventwait": "waits for an event",
    "childwait": "waits for its children",
    "lockwait": "waits for a lock",
    "sleeping": "sleeps",
    "retrywait": "waits for the next try",
    "zombie": "has ended, and waits for its parent",
    "finished": "has finished",
    "error": "has ended with an error",
}


class StepError(JobCenterError):
    """The step cannot be taken; the message says why. Nothing has changed."""


@dataclass(frozen=True, slots=True)
class StepResult:
    """`error`: the step failed (which a catch may have caught). `jobtask`: what can be done next, as `(workflow,task,job)`;
    None where the job waits for somebody else, or has ended."""

    error: bool
    jobtask: str | None

    def __str__(self) -> str:
        """As psql would show it."""
        jobtask = self.jobtask or "null"
        width = max(len(jobtask), len("jobtask"))
        return (
            f" error | {'jobtask':{width}}\n-------+-{'-' * width}\n"
            f" {'true' if self.error else 'false':5} | {jobtask}"
        )


def step(connection: Connection, jobtask: str) -> StepResult:
    """Takes the half step that `(workflow,task,job)` is due for, in a transaction. Raises StepError, UsageError, psycopg.Error."""
    found = JOBTASK.fullmatch(jobtask)
    if found is None:
        raise UsageError(
            f"`{jobtask}` is no jobtask: it should look like (5,1,9): workflow, task, job"
        )
    workflow, task, job_id = (int(number) for number in found.groups())
    with connection.transaction():
        job = _claim(connection, job_id)
        if (job.workflow, job.task) != (workflow, task):
            raise StepError(
                f"job {job_id} is at ({job.workflow},{job.task},{job_id}), not at ({workflow},{task},{job_id})"
            )
        outcome = _half(job, _program(connection, workflow))
        results = write_outcomes([outcome])
        connection.execute(
            "select from jobcenter.apply_results(%s, %s)", [results.jobs, results.effects or None]
        )
        goes_on = _state(connection, job_id) in (DONE, PLOTTING)
    following = f"({workflow},{outcome.task},{job_id})" if goes_on else None
    return StepResult(any("error" in entry for entry in outcome.log), following)


def _claim(connection: Connection, job_id: int) -> Job:
    row = connection.execute("select jobs from jobcenter.claim_jobs(1, %s)", [job_id]).fetchone()
    if row is not None and row[0] is not None:
        (claimed,) = read_batch(row[0])
        if "args" not in claimed:
            raise StepError(f"job {job_id} holds a value that cannot be read: a Maestro ends it")
        return Job.from_json(claimed)
    state = _state(connection, job_id)
    if state is None:
        raise StepError(f"there is no job {job_id}")
    reason = WAITS.get(state, "is just being moved along by a Maestro")
    raise StepError(f"job {job_id} {reason}: there is no step to take")


def _state(connection: Connection, job_id: int) -> str | None:
    row = connection.execute(
        "select state::text from jobcenter.jobs where job_id = %s"
        " union all select state::text from jobcenter.jobs_archive where job_id = %s",
        [job_id, job_id],
    ).fetchone()
    return None if row is None else str(row[0])


def _program(connection: Connection, workflow: int) -> LinkedProgram:
    row = connection.execute(
        "select workflow_id, program, outputs, python, bytecode from jobcenter.modules_for(%s, %s)",
        [[workflow], MAGIC_NUMBER],
    ).fetchone()
    program = (
        f"workflow {workflow} has no module" if row is None else load_program(LoadedModule(*row))
    )
    if isinstance(program, str):
        raise StepError(program)
    return program


def _half(job: Job, program: LinkedProgram) -> Outcome:
    if job.task not in program.tasks:
        raise StepError(f"{program.name} has no task {job.task}")
    return complete(program, job) if job.state == DONE else enter(program, job)
