"""A job while its steps run: the engine's only mutable object, made from a row and turned into an outcome.

Here is what all kinds of tasks share: going on, waiting, failing, ending. The kinds are in `instant` and `waiting`.
"""

from __future__ import annotations

from typing import TypeAlias

from jobcenter.artifact import Json
from jobcenter.engine import state
from jobcenter.engine.failure import FATAL, TaskError, error_of
from jobcenter.engine.linked import Function, LinkedCode, LinkedProgram, LinkedTask
from jobcenter.engine.state import Job, LogEntry, Object, Outcome
from jobcenter.engine.variables import changes, check_made
from jobcenter.sandbox import run as call_code

Mark: TypeAlias = tuple[Object, bool, int, int, Object | None]


class Work:
    """`a`, `e`, `v` are the objects of the language; `e` is this object's own, `a` and `v` are never changed in place."""

    __slots__ = (
        "a",
        "aborted",
        "e",
        "env",
        "job",
        "log",
        "outcome",
        "program",
        "steps",
        "v",
        "variables_changed",
    )

    def __init__(self, program: LinkedProgram, job: Job) -> None:
        self.program = program
        self.job = job
        self.a = job.args
        self.v = job.vars
        self.e: Object = {
            **job.env,
            "job_id": job.job,
            "workflow_id": job.workflow,
            "task_id": job.task,
        }
        self.steps = job.steps
        self.aborted = job.aborted
        self.log: list[LogEntry] = []
        self.env: Object | None = None
        self.variables_changed = False
        self.outcome: Outcome | None = None

    # -- the code of tasks ----------------------------------------------------------------------------------------

    def change(self, function: Function, *objects: Json) -> Object:
        """Runs code that may change `v` (roles eval and out) on a copy, takes the copy over, gives what changed."""
        variables = dict(self.v)
        call_code(function, self.a, self.e, variables, *objects, {})
        return self.take(variables)

    def take(self, variables: Object) -> Object:
        """`variables` are the job's from now on; gives what that changes."""
        changed = changes(self.v, variables)
        if changed:
            check_made(changed)
            self.v = variables
            self.variables_changed = True
        return changed

    def inputs(self, function: Function | None, environment: Object | None = None) -> Object:
        """The object `i` that an input map fills; in a map, with the environment of the element."""
        filled: Object = {}
        if function is not None:
            call_code(function, self.a, environment or self.e, self.v, filled, {})
            check_made(filled)
        return filled

    def value(self, code: LinkedCode) -> Json:
        """What the value code gives; null where there is none."""
        return None if code.value is None else call_code(code.value, self.a, self.e, self.v)

    # -- what becomes of the job ----------------------------------------------------------------------------------

    def go(self, entry: LogEntry, target: LinkedTask | None) -> LinkedTask:
        """The task is done: it is logged and counts a step, and `target` follows."""
        if target is None:
            raise TaskError(FATAL, f"task {entry['task']} of {self.program.name} leads nowhere")
        self.log.append(entry)
        self.steps += 1
        return target

    def wait(
        self,
        task: LinkedTask,
        state: str,
        *,
        in_: Json = None,
        out: Json = None,
        callee: str | None = None,
        timeout: float | str | None = None,
        effects: list[tuple[str, Object]] | None = None,
    ) -> None:
        """The job stands at `task` until something wakes it."""
        # An abort came while the job was on its way: this is its first chance to be told.
        self.tell_abort()
        self.outcome = self._outcome(task, state, in_, out)
        self.outcome.callee = callee
        self.outcome.timeout = timeout
        self.outcome.effects = effects or []

    def tell_abort(self) -> None:
        """Raises the error of an abort that the job has not been told yet."""
        if self.aborted is not None:
            error, self.aborted = self.aborted, None
            raise TaskError.of(error)

    def end(self, task: LinkedTask, state: str, out: Object, *, checked: bool = False) -> None:
        self.outcome = self._outcome(task, state, None, out)
        self.outcome.checked = checked

    def fail(self, task: LinkedTask, exception: Exception, entry: LogEntry) -> LinkedTask | None:
        """The task has failed: gives the task that catches it, or None where the job ends with the error."""
        error = error_of(exception)
        entry["error"] = error
        self.log.append(entry)
        self.steps += 1
        if task.on_error is None or error.get("class") == FATAL:
            self.end(task, state.ERROR, {"error": error})
            return None
        self.env = {**self.job.env, "_error": error}
        self.e["_error"] = error
        return task.on_error

    def result(self, following: LinkedTask | None) -> Outcome:
        """The outcome: of the wait or the end, or, where a task follows, of the pause before it."""
        if following is not None:
            return self._outcome(following, state.PLOTTING, None, None)
        if self.outcome is None:
            raise AssertionError("a job stopped without a wait or an end")
        return self.outcome

    # -- taking a step back ---------------------------------------------------------------------------------------

    def mark(self) -> Mark:
        return self.v, self.variables_changed, self.steps, len(self.log), self.aborted

    def reset(self, mark: Mark) -> None:
        self.v, self.variables_changed, self.steps, logged, self.aborted = mark
        del self.log[logged:]
        self.outcome = None

    def made_since(self, mark: Mark) -> Object:
        """What the steps since the mark made, as it would be stored."""
        made: Object = {"log": self.log[mark[3] :]}
        if self.outcome is not None:
            made["job"] = {"in": self.outcome.in_, "out": self.outcome.out}
            made["effects"] = [effect for _, effect in self.outcome.effects]
        return made

    def _outcome(self, task: LinkedTask, state: str, in_: Json, out: Json) -> Outcome:
        return Outcome(
            self.job.job,
            task.id,
            state,
            self.steps,
            self.log,
            self.v if self.variables_changed else None,
            self.env,
            in_,
            out,
            aborted=self.aborted is not None,
        )
