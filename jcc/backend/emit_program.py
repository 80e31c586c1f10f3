"""The task graph as the engine walks it: `ir.TaskGraph` to `artifact.Program`. Makes no code, only names it."""

from __future__ import annotations

from jcc.backend import ir
from jcc.backend.code import (
    child_code,
    child_function,
    lock_function,
    task_code,
    task_function,
)
from jcc.source import Source, Span
from jobcenter import artifact
from jobcenter.artifact import Kind

_KINDS: dict[type[ir.Work], Kind] = {
    ir.Start: Kind.START,
    ir.End: Kind.END,
    ir.NoOp: Kind.NO_OP,
    ir.Eval: Kind.EVAL,
    ir.Branch: Kind.BRANCH,
    ir.Switch: Kind.SWITCH,
    ir.Call: Kind.CALL,
    ir.InterfaceCall: Kind.INTERFACE_CALL,
    ir.Split: Kind.SPLIT,
    ir.Detach: Kind.DETACH,
    ir.Assert: Kind.ASSERT,
    ir.RaiseError: Kind.RAISE_ERROR,
    ir.Sleep: Kind.SLEEP,
    ir.Lock: Kind.LOCK,
    ir.Unlock: Kind.UNLOCK,
    ir.WaitForLock: Kind.WAIT_FOR_LOCK,
    ir.Subscribe: Kind.SUBSCRIBE,
    ir.Unsubscribe: Kind.UNSUBSCRIBE,
    ir.RaiseEvent: Kind.RAISE_EVENT,
    ir.WaitForEvent: Kind.WAIT_FOR_EVENT,
}


def emit_program(
    graph: ir.TaskGraph, source: Source, max_steps: int, max_depth: int
) -> artifact.Program:
    """The graph of a workflow whose text is `source`, with its limits."""
    return artifact.Program(
        name=graph.name,
        start=graph.start,
        end=graph.end,
        tasks=tuple(_task(task, source) for task in graph.tasks),
        locks=tuple(_lock(number, lock) for number, lock in enumerate(graph.locks, start=1)),
        max_steps=max_steps,
        max_depth=max_depth,
    )


def _task(task: ir.Task, source: Source) -> artifact.Task:
    callee = _callee(task.work)
    return artifact.Task(
        id=task.id,
        kind=_KINDS[type(task.work)],
        line=_line(source, task.span),
        next=task.next,
        edges=dict(task.edges),
        on_error=task.on_error,
        code={code.role: task_function(task, code.role) for code in task_code(task.work)},
        callee=None if callee is None else callee.name,
        callee_kind=None if callee is None else callee.kind,
        branches=_branches(task),
        lock_type=_lock_type(task.work),
    )


def _line(source: Source, span: Span) -> int:
    return source.position(span.start).line


def _callee(work: ir.Work) -> ir.Callee | None:
    match work:
        case ir.Call(callee=callee) | ir.Detach(callee=callee):
            return callee
        case _:
            return None


def _branches(task: ir.Task) -> tuple[artifact.Branch, ...]:
    match task.work:
        case ir.InterfaceCall(destinations=destinations):
            return tuple(artifact.Branch(callee.name, callee.kind) for callee in destinations)
        case ir.Split(children=children):
            return tuple(
                _child(task, number, child) for number, child in enumerate(children, start=1)
            )
        case _:
            return ()


def _child(task: ir.Task, number: int, child: ir.Child) -> artifact.Branch:
    code = {code.role: child_function(task, number, code.role) for code in child_code(child)}
    return artifact.Branch(child.callee.name, child.callee.kind, code, each=child.using is not None)


def _lock_type(work: ir.Work) -> str | None:
    match work:
        case ir.Lock(type=name) | ir.Unlock(type=name) | ir.WaitForLock(type=name):
            return name
        case _:
            return None


def _lock(number: int, lock: ir.LockDeclaration) -> artifact.LockDeclaration:
    value = None if lock.value is None else lock_function(number)
    return artifact.LockDeclaration(lock.type, value, lock.manual, lock.inherit)
