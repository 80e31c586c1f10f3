"""The kinds of tasks that are over at once: they need nothing but the job. One function a kind."""

from __future__ import annotations

from jobcenter.artifact import Json
from jobcenter.engine import state
from jobcenter.engine.failure import NORMAL, TaskError
from jobcenter.engine.linked import LinkedTask
from jobcenter.engine.signature import check_outputs
from jobcenter.engine.state import LogEntry, Object
from jobcenter.engine.variables import check_made
from jobcenter.engine.work import Work
from jobcenter.sandbox import FUNCTIONS
from jobcenter.sandbox import run as call_code


def begin_no_op(work: Work, task: LinkedTask) -> LinkedTask:
    return work.go({"task": task.id}, task.next)


def begin_eval(work: Work, task: LinkedTask) -> LinkedTask:
    entry: LogEntry = {"task": task.id}
    if task.code.eval is not None:
        changed = work.change(task.code.eval)
        if changed:
            entry["vars"] = changed
    return work.go(entry, task.next)


def begin_branch(work: Work, task: LinkedTask) -> LinkedTask:
    way = "true" if work.value(task.code) else "false"
    return work.go({"task": task.id, "out": way}, task.edges[way])


def begin_switch(work: Work, task: LinkedTask) -> LinkedTask:
    label = work.value(task.code)
    target = task.edges.get(label, task.next) if isinstance(label, str) else task.next
    return work.go({"task": task.id, "out": label}, target)


def begin_assert(work: Work, task: LinkedTask) -> LinkedTask:
    if not work.value(task.code):
        raise TaskError(NORMAL, message(work, task))
    return work.go({"task": task.id}, task.next)


def begin_raise_error(work: Work, task: LinkedTask) -> LinkedTask:
    if task.code.inputs is None:
        raise TaskError(NORMAL, message(work, task))
    error = work.inputs(task.code.inputs)
    error["class"] = _text(error.get("class"), NORMAL)
    error["msg"] = _text(error.get("msg"), "")
    raise TaskError.of(error)


def begin_end(work: Work, task: LinkedTask) -> None:
    outputs: Object = {}
    if task.code.end is not None:
        call_code(task.code.end, work.a, work.e, work.v, outputs, {})
        check_made(outputs)
    named = check_outputs(work.program.outputs, outputs)
    work.log.append({"task": task.id, "out": outputs})
    work.steps += 1
    work.end(task, state.FINISHED, outputs, checked=named)


def message(work: Work, task: LinkedTask) -> str:
    """The message of an assert or a raise_error."""
    if task.code.message is None:
        return ""
    return _text(call_code(task.code.message, work.a, work.e, work.v), "")


def _text(item: Json, default: str) -> str:
    """A value as the language's `tostring` has it, null as the default."""
    if item is None or isinstance(item, str):
        return default if item is None else item
    return str(call_code(FUNCTIONS["tostring"], item))
