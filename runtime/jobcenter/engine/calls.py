"""The kinds of tasks that call: workers, procedures, child jobs. `begin_…` makes the inputs and says who is waited for,
`complete_…` takes the answer.
"""

from __future__ import annotations

from jobcenter.artifact import Json
from jobcenter.engine import state
from jobcenter.engine.failure import FATAL, NORMAL, TYPE, TaskError
from jobcenter.engine.linked import LinkedBranch, LinkedTask
from jobcenter.engine.signature import type_name
from jobcenter.engine.state import LogEntry, Object
from jobcenter.engine.waiting import as_object, entry_of
from jobcenter.engine.work import Work
from jobcenter.sandbox import run as call_code


def begin_call(work: Work, task: LinkedTask) -> None:
    _call(work, task, task.callee, task.callee_kind)


def begin_interface_call(work: Work, task: LinkedTask) -> None:
    name = work.value(task.code)
    for destination in task.branches:
        if destination.callee == name:
            return _call(work, task, destination.callee, destination.callee_kind)
    known = ", ".join(f'"{destination.callee}"' for destination in task.branches)
    raise TaskError(NORMAL, f'"{name}" is not a destination of this interface (these are: {known})')


def _call(work: Work, task: LinkedTask, callee: str | None, kind: str | None) -> None:
    inputs = work.inputs(task.code.inputs)
    match kind:
        case "workflow":
            _check_depth(work)
            child: Object = {"task": task.id, "index": 0, "callee": callee, "in": inputs}
            work.wait(
                task, state.CHILDWAIT, in_=inputs, callee=callee, effects=[("children", child)]
            )
        case "procedure":
            effect: Object = {"callee": callee, "in": inputs}
            work.wait(task, state.DONE, in_=inputs, callee=callee, effects=[("procedures", effect)])
        case _:
            work.wait(task, state.READY, in_=inputs, callee=callee)


def begin_detach(work: Work, task: LinkedTask) -> None:
    inputs = work.inputs(task.code.inputs)
    child: Object = {
        "task": task.id,
        "index": 0,
        "callee": task.callee,
        "in": inputs,
        "detached": True,
    }
    work.wait(task, state.DONE, in_=inputs, callee=task.callee, effects=[("children", child)])


def begin_split(work: Work, task: LinkedTask) -> LinkedTask | None:
    _check_depth(work)
    counts: list[int] = []
    effects: list[tuple[str, Object]] = []
    for branch in task.branches:
        inputs = _branch_inputs(work, branch)
        counts.append(len(inputs))
        for given in inputs:
            child = {"task": task.id, "index": len(effects), "callee": branch.callee, "in": given}
            effects.append(("children", child))
    if not effects:
        return _collect(work, task, {"task": task.id, "out": {"children": []}}, [], counts)
    work.wait(task, state.CHILDWAIT, in_={"children": counts}, effects=effects)
    return None


def complete_split(work: Work, task: LinkedTask, out: Json) -> LinkedTask:
    outputs: list[Json] = as_object(out).get("children", [])
    counts: list[int] = as_object(work.job.in_).get("children", [])
    return _collect(work, task, entry_of(work, task, out), outputs, counts)


def _branch_inputs(work: Work, branch: LinkedBranch) -> list[Object]:
    """The inputs of the children that a branch starts: one for a callflow, one an element for a map."""
    if not branch.each:
        return [work.inputs(branch.code.inputs)]
    elements = work.value(branch.code)
    if not isinstance(elements, list):
        raise TaskError(TYPE, f"map {branch.callee} needs an array, not {type_name(elements)}")
    return [
        work.inputs(branch.code.inputs, {**work.e, "_i": number, "_v": element})
        for number, element in enumerate(elements, 1)
    ]


def _collect(
    work: Work, task: LinkedTask, entry: LogEntry, outputs: list[Json], counts: list[int]
) -> LinkedTask:
    """Runs the output maps in the order of the children, all on one copy of the variables. `counts` says how many
    children each branch had."""
    given = iter(outputs)
    variables = dict(work.v)
    for branch, count in zip(task.branches, counts, strict=True):
        for number in range(1, count + 1):
            output = next(given)
            if branch.code.outputs is not None:
                environment = {**work.e, "_i": number} if branch.each else work.e
                call_code(branch.code.outputs, work.a, environment, variables, output, {})
    changed = work.take(variables)
    if changed:
        entry["vars"] = changed
    return work.go(entry, task.next)


def _check_depth(work: Work) -> None:
    deepest = work.program.max_depth
    if work.job.depth >= deepest:
        raise TaskError(FATAL, f"a call here would be deeper than max_depth ({deepest})")


def try_again(work: Work, task: LinkedTask, error: Object) -> None:
    """A worker's soft error: the database knows whether the action is tried again. Where it is not, the error comes
    back with the number of tries. A procedure that met a deadlock is run again, as the database says how."""
    again = error.get("again")
    if again is not None:
        effect: Object = {**again, "in": work.job.in_}
        work.wait(
            task,
            state.DONE,
            in_=work.job.in_,
            callee=again["callee"],
            effects=[("procedures", effect)],
        )
        return
    work.wait(task, state.RETRYWAIT, in_=work.job.in_, out={"error": error})
