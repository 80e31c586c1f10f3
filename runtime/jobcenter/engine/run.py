"""The half steps of a job and the loop over them.

`complete` takes what woke a job and finds the next task, `enter` begins a task, `run` alternates them until the job must
wait. Each is a pure function of the program and the job's row.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from jobcenter.artifact import Json, Kind
from jobcenter.engine import calls, instant, waiting
from jobcenter.engine.failure import FATAL, SOFT, TaskError, error_in
from jobcenter.engine.linked import LinkedProgram, LinkedTask
from jobcenter.engine.state import PLOTTING, Job, Object, Outcome
from jobcenter.engine.work import Work
from jobcenter.sandbox import JclError, check_storable

Begin: TypeAlias = Callable[[Work, LinkedTask], LinkedTask | None]
Complete: TypeAlias = Callable[[Work, LinkedTask, Json], LinkedTask | None]

BEGIN: Mapping[str, Begin] = {
    Kind.NO_OP.value: instant.begin_no_op,
    Kind.EVAL.value: instant.begin_eval,
    Kind.BRANCH.value: instant.begin_branch,
    Kind.SWITCH.value: instant.begin_switch,
    Kind.ASSERT.value: instant.begin_assert,
    Kind.RAISE_ERROR.value: instant.begin_raise_error,
    Kind.END.value: instant.begin_end,
    Kind.START.value: waiting.begin_start,
    Kind.CALL.value: calls.begin_call,
    Kind.INTERFACE_CALL.value: calls.begin_interface_call,
    Kind.SPLIT.value: calls.begin_split,
    Kind.DETACH.value: calls.begin_detach,
    Kind.SLEEP.value: waiting.begin_sleep,
    Kind.LOCK.value: waiting.begin_lock,
    Kind.UNLOCK.value: waiting.begin_unlock,
    Kind.WAIT_FOR_LOCK.value: waiting.begin_wait_for_lock,
    Kind.SUBSCRIBE.value: waiting.begin_subscribe,
    Kind.UNSUBSCRIBE.value: waiting.begin_unsubscribe,
    Kind.RAISE_EVENT.value: waiting.begin_raise_event,
    Kind.WAIT_FOR_EVENT.value: waiting.begin_wait_for_event,
}

COMPLETE: Mapping[str, Complete] = {
    Kind.START.value: waiting.complete_start,
    Kind.CALL.value: waiting.complete_with_outputs,
    Kind.INTERFACE_CALL.value: waiting.complete_with_outputs,
    Kind.WAIT_FOR_EVENT.value: waiting.complete_with_outputs,
    Kind.SPLIT.value: calls.complete_split,
    Kind.DETACH.value: waiting.complete_plain,
    Kind.SLEEP.value: waiting.complete_plain,
    Kind.LOCK.value: waiting.complete_plain,
    Kind.UNLOCK.value: waiting.complete_plain,
    Kind.WAIT_FOR_LOCK.value: waiting.complete_plain,
    Kind.SUBSCRIBE.value: waiting.complete_plain,
    Kind.UNSUBSCRIBE.value: waiting.complete_plain,
    Kind.RAISE_EVENT.value: waiting.complete_plain,
}

CALLS = frozenset({Kind.CALL.value, Kind.INTERFACE_CALL.value})


class Progress(Protocol):
    """Something like a list of numbers, to be written to."""

    def __setitem__(self, index: int, value: int, /) -> None: ...


@dataclass(frozen=True, slots=True)
class Stop:
    """The step (by the job's counter) that is not run but fails with this error: it killed its executor before."""

    steps: int
    error: Object


def complete(program: LinkedProgram, job: Job) -> Outcome:
    """Takes `job.out` into the variables and finds the next task. The outcome's state is `plotting`, or that of a
    wait or an end. Raises KeyError where the job stands at a task that the program does not have."""
    work = Work(program, job)
    return work.result(_complete(work, program.tasks[job.task]))


def enter(program: LinkedProgram, job: Job) -> Outcome:
    """Begins the task that the job stands before: it is over at once (`plotting`, before the next), or the job waits
    or has ended. Raises KeyError as `complete` does."""
    work = Work(program, job)
    return work.result(_enter(work, program.tasks[job.task]))


def run(
    program: LinkedProgram,
    job: Job,
    *,
    progress: Progress | None = None,
    stop: Stop | None = None,
    careful: bool = False,
    enough: Callable[[], bool] | None = None,
) -> Outcome:
    """Runs steps until the job waits or has ended, or, asked after each step, it is `enough`: then its state is `plotting`,
    and it can go on at once.

    `progress[0]` is set to the step counter before each step, for whoever must know where a job was that never came
    back. Where it is to be `careful`, a step that makes what cannot be stored fails (else, writing the outcome will
    fail). Raises KeyError as `complete` does."""
    work = Work(program, job)
    seen: Progress = [0] if progress is None else progress
    stop_at = -1 if stop is None else stop.steps
    half = _enter if job.state == PLOTTING else _complete
    task: LinkedTask | None = program.tasks[job.task]
    while task is not None:
        seen[0] = work.steps
        if stop is not None and work.steps == stop_at:
            task = work.fail(task, TaskError.of(stop.error), {"task": task.id})
        elif careful:
            task = _checked(half, work, task)
        else:
            task = half(work, task)
        half = _enter
        if enough is not None and task is not None and enough():
            break
    return work.result(task)


def _complete(work: Work, task: LinkedTask) -> LinkedTask | None:
    out = work.job.out
    try:
        error = error_in(out)
        if error is not None:
            if error["class"] == SOFT and "tries" not in error and task.kind in CALLS:
                calls.try_again(work, task, error)
                return None
            raise TaskError.of(error)
        take = COMPLETE.get(task.kind)
        # A task that is over at once is not waited for: whoever put the job here wants it begun (again).
        return _enter(work, task) if take is None else take(work, task, out)
    except Exception as exception:
        return work.fail(task, exception, waiting.entry_of(work, task, None))


def _enter(work: Work, task: LinkedTask) -> LinkedTask | None:
    work.e["task_id"] = task.id
    try:
        if work.steps >= work.program.max_steps:
            raise TaskError(FATAL, f"the job takes more than max_steps ({work.program.max_steps})")
        if work.aborted is not None and work.aborted["class"] == FATAL:
            work.tell_abort()
        return BEGIN[task.kind](work, task)
    except Exception as exception:
        return work.fail(task, exception, {"task": task.id})


def _checked(half: Begin, work: Work, task: LinkedTask) -> LinkedTask | None:
    """One half step that is taken back, and fails, where what it made cannot be stored."""
    before = work.mark()
    following = half(work, task)
    try:
        check_storable(work.made_since(before))
    except JclError as unfit:
        work.reset(before)
        return work.fail(task, unfit, {"task": task.id})
    return following
