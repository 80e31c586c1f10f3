"""The engine's shell in memory: runs workflows with actions that are plain functions, and a clock that only jumps.

It does what the Maestro and the database do, one job after the other. For tests, and for trying out a workflow without a
database; retry policies and named types are left out.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from jobcenter.artifact import Definition, Json
from jobcenter.engine import state
from jobcenter.engine.linked import LinkedProgram, link
from jobcenter.engine.run import run
from jobcenter.engine.signature import argument_problem
from jobcenter.engine.simulated_events import Events
from jobcenter.engine.simulated_locks import Locks
from jobcenter.engine.state import Job, LogEntry, Object, Outcome
from jobcenter.sandbox import load_module

Action: TypeAlias = Callable[[Object], Json]
# What takes a job's row further: `run`, or a half step, which stands for a Maestro that stops after it.
Advance: TypeAlias = Callable[[LinkedProgram, Job], Outcome]

ENDED = ("finished", "error")
RUNNABLE = (state.DONE, state.PLOTTING)
SECOND = {"second": 1, "minute": 60, "hour": 3600, "day": 86400}


@dataclass(slots=True)
class SimulatedJob:
    """A job's row as the engine gets it, and what the database keeps beside it."""

    row: Object
    parent: int | None = None
    index: int = 0
    detached: bool = False
    due: float | None = None
    children: list[int] = field(default_factory=list)
    log: list[LogEntry] = field(default_factory=list)

    @property
    def state(self) -> str:
        return str(self.row["state"])

    @property
    def out(self) -> Json:
        out: Json = self.row["out"]
        return out


class Simulator:
    """`definitions` by name; `actions` (and procedures) are functions from inputs to outputs: an exception, or an
    `{"error": …}`, is an error of the job."""

    def __init__(
        self,
        definitions: Iterable[Definition],
        actions: Mapping[str, Action] | None = None,
        advance: Advance = run,
    ) -> None:
        self.definitions = {definition.name: definition for definition in definitions}
        self.actions = actions or {}
        self.jobs: dict[int, SimulatedJob] = {}
        self.now = 0.0
        self._advance = advance
        self._numbers = {name: number for number, name in enumerate(self.definitions, 1)}
        self._programs = {
            self._numbers[name]: _linked(each) for name, each in self.definitions.items()
        }
        self._locks = Locks(self._is_ancestor, self._blockers)
        self._events = Events()

    def run(self, name: str, arguments: Object | None = None) -> SimulatedJob:
        """Creates a job and goes on until nothing moves any more, the clock neither. Raises ValueError for arguments that
        do not fit."""
        definition = self.definitions[name]
        arguments = {**_defaults(definition), **(arguments or {})}
        problem = argument_problem(definition.inputs, arguments)
        if problem is not None:
            raise ValueError(problem)
        job = self._create(definition, arguments, {"client": "simulator"}, 0)
        while self._move() or self._let_time_pass():
            pass
        return job

    def _create(
        self, definition: Definition, arguments: Object, env: Object, depth: int
    ) -> SimulatedJob:
        if definition.program is None:
            raise ValueError(f"{definition.name} is no workflow")
        job_id = len(self.jobs) + 1
        row: Object = {
            "job": job_id, "workflow": self._numbers[definition.name], "task": definition.program.start,
            "state": state.DONE, "args": arguments, "env": {**env, **definition.wfenv}, "vars": {},
            "in": None, "out": None, "steps": 0, "depth": depth, "tries": 0,
        }  # fmt: skip
        self.jobs[job_id] = SimulatedJob(row)
        return self.jobs[job_id]

    # -- moving ---------------------------------------------------------------------------------------------------

    def _move(self) -> bool:
        """Takes each job that can go on further, once; workers answer at once. False where there was none."""
        moved = False
        for job in list(self.jobs.values()):
            if job.state in RUNNABLE:
                # Through text, as in the database: nothing is kept between two turns that is not JSON.
                row = json.loads(json.dumps(job.row))
                self._apply(job, self._advance(self._programs[row["workflow"]], Job.from_json(row)))
                moved = True
        return moved

    def _let_time_pass(self) -> bool:
        """Jumps to the next time that something is due."""
        due = [job for job in self.jobs.values() if job.due is not None]
        if not due:
            return False
        self.now = min(job.due for job in due if job.due is not None)
        for job in due:
            if job.due is not None and job.due <= self.now:
                self._time_is_up(job)
        return True

    def _time_is_up(self, job: SimulatedJob) -> None:
        match job.state:
            case state.EVENTWAIT:
                self._answer(job, {"event": {"name": "timeout"}})
            case state.LOCKWAIT:
                self._locks.forget(job.row["job"])
                self._answer(job, _error("lock", "the lock was not free in time"))
            case _:
                self._answer(job, {})

    def _answer(self, job: SimulatedJob, out: Json) -> None:
        job.row |= {"state": state.DONE, "out": out}
        job.due = None

    # -- applying an outcome --------------------------------------------------------------------------------------

    def _apply(self, job: SimulatedJob, outcome: Outcome) -> None:
        job.log += outcome.log
        job.row |= {
            "task": outcome.task, "state": outcome.state, "steps": outcome.steps, "in": outcome.in_,
            "out": outcome.out, "aborted": outcome.aborted,
        }  # fmt: skip
        if outcome.vars is not None:
            job.row["vars"] = outcome.vars
        if outcome.env is not None:
            job.row["env"] = outcome.env
        if outcome.timeout is not None:
            self._set_timer(job, outcome.timeout)
        if outcome.state in ENDED:
            self._end(job)
        elif outcome.state == state.READY:
            self._answer(job, self._call(outcome.callee, outcome.in_))
        elif outcome.state == state.RETRYWAIT and isinstance(outcome.out, dict):
            self._answer(job, {"error": {**outcome.out["error"], "tries": 1}})
        elif outcome.effects:
            self._carry_out(job, outcome.effects)

    def _set_timer(self, job: SimulatedJob, timeout: float | str) -> None:
        seconds = _seconds(timeout)
        if seconds is None:
            self._answer(job, _error("normal", f'"{timeout}" is no interval'))
        else:
            job.due = self.now + seconds

    def _call(self, callee: str | None, inputs: Json) -> Json:
        """What a worker, or a procedure, answers."""
        definition = self.definitions.get(callee or "")
        action = self.actions.get(callee or "")
        if definition is None or action is None:
            return _error("normal", f'no action "{callee}" is known here')
        arguments = {**_defaults(definition), **(inputs if isinstance(inputs, dict) else {})}
        problem = argument_problem(definition.inputs, arguments)
        if problem is not None:
            return _error("type", problem)
        try:
            return action(arguments)
        except Exception as error:
            return _error("normal", str(error))

    def _carry_out(self, job: SimulatedJob, effects: list[tuple[str, Object]]) -> None:
        if effects[0][0] == "children":
            self._start_children(job, [effect for _, effect in effects])
            return
        job_id = job.row["job"]
        name, effect = effects[0]
        answer: Json = {}
        if name == "procedures":
            answer = self._call(effect["callee"], effect["in"])
        elif name == "locks":
            answer = self._locks.take(job_id, effect)
        elif name == "unlocks":
            answer = self._locks.release(job_id, effect["type"], effect["value"])
        elif name == "subscriptions":
            self._events.subscribe(job_id, effect["name"], effect["mask"])
        elif name == "unsubscriptions":
            self._events.unsubscribe(job_id, effect["name"])
        elif name == "events":
            answer = {"subscriptions": self._raise_event(effect["event"])}
        elif name == "event_waits":
            answer = self._events.take(job_id, effect["names"], effect["forever"])
        if answer is not None:
            self._answer(job, answer)
        self._grant_locks()

    def _raise_event(self, event: Object) -> int:
        waiting = {
            job_id: job.row["in"]["events"]
            for job_id, job in self.jobs.items()
            if job.state == state.EVENTWAIT
        }
        delivered = self._events.deliver(event, waiting)
        for job_id, answer in delivered.woken.items():
            self._answer(self.jobs[job_id], answer)
        return delivered.subscriptions

    def _grant_locks(self) -> None:
        for job_id in self._locks.granted():
            self._answer(self.jobs[job_id], {})

    # -- children -------------------------------------------------------------------------------------------------

    def _start_children(self, parent: SimulatedJob, wanted: list[Object]) -> None:
        problem = next(filter(None, map(self._child_problem, wanted)), None)
        if problem is not None:
            self._answer(parent, _error("type", problem))
            return
        parent.children = []
        env = {name: value for name, value in parent.row["env"].items() if name != "_error"}
        for child in wanted:
            definition = self.definitions[child["callee"]]
            detached = bool(child.get("detached"))
            depth = 0 if detached else parent.row["depth"] + 1
            job = self._create(definition, {**_defaults(definition), **child["in"]}, env, depth)
            job.parent, job.index, job.detached = parent.row["job"], child["index"], detached
            if detached:
                self._answer(parent, {"job_id": job.row["job"]})
            else:
                parent.children.append(job.row["job"])

    def _child_problem(self, child: Object) -> str | None:
        definition = self.definitions.get(child["callee"])
        if definition is None or definition.program is None:
            return f'no workflow "{child["callee"]}" is known here'
        return argument_problem(definition.inputs, {**_defaults(definition), **child["in"]})

    def _end(self, job: SimulatedJob) -> None:
        self._locks.leave(job.row["job"])
        self._events.leave(job.row["job"])
        self._grant_locks()
        if job.parent is None or job.detached:
            return
        parent = self.jobs[job.parent]
        children = [self.jobs[child] for child in parent.children]
        # Where there was an error before, the others have heard: they may be tidying up.
        if [child for child in children if child.state == "error"] == [job]:
            self._abort_children(parent)
        if parent.state == state.CHILDWAIT and all(child.state in ENDED for child in children):
            self._answer(parent, self._outputs(parent, children))

    def _outputs(self, parent: SimulatedJob, children: list[SimulatedJob]) -> Json:
        if parent.row.get("aborted"):
            parent.row["aborted"] = False
            return _error("abort", "the job was aborted: another child of its parent failed")
        failed = [child for child in children if child.state == "error"]
        if failed:
            first = min(
                failed, key=lambda child: (_error_of(child)["class"] == "abort", child.index)
            )
            error = _error_of(first)
            more = {"job": first.row["job"], "error": error}
            return {"error": {"class": "childerror", "msg": error["msg"], **more}}
        program = self._programs[parent.row["workflow"]]
        outputs = [child.out for child in children]
        if program.tasks[parent.row["task"]].kind == "split":
            return {"children": outputs}
        return outputs[0]

    def _abort_children(self, parent: SimulatedJob) -> None:
        for child_id in parent.children:
            child = self.jobs[child_id]
            if child.state in ENDED:
                continue
            if child.state in (*RUNNABLE, state.CHILDWAIT):
                child.row["aborted"] = True
                self._abort_children(child)
            else:
                self._locks.forget(child_id)
                self._answer(
                    child,
                    _error("abort", "the job was aborted: another child of its parent failed"),
                )

    def _is_ancestor(self, holder: int, borrower: int) -> bool:
        job = self.jobs[borrower]
        while job.parent is not None and not job.detached:
            if job.parent == holder:
                return True
            job = self.jobs[job.parent]
        return False

    def _blockers(self, job_id: int) -> list[int]:
        """The children that a job waits for."""
        job = self.jobs[job_id]
        if job.state != state.CHILDWAIT:
            return []
        return [child for child in job.children if self.jobs[child].state not in ENDED]


def _linked(definition: Definition) -> LinkedProgram:
    if definition.program is None or definition.module is None:
        return LinkedProgram(definition.name, {}, (), (), 0, 0)
    return link(definition.program, load_module(definition.module), definition.outputs)


def _defaults(definition: Definition) -> Object:
    return {each.name: each.default for each in definition.inputs if each.has_default}


def _error(error_class: str, msg: str) -> Object:
    return {"error": {"class": error_class, "msg": msg}}


def _error_of(job: SimulatedJob) -> dict[str, Any]:
    error: dict[str, Any] = job.row["out"]["error"]
    return error


def _seconds(timeout: float | str) -> float | None:
    """A duration in seconds: a number, or the common intervals, `2 minutes`; None for anything else."""
    if not isinstance(timeout, str):
        return timeout
    number, _, unit = timeout.partition(" ")
    size = SECOND.get(unit.removesuffix("s"))
    return float(number) * size if size and number.replace(".", "", 1).isdigit() else None
