"""Is a task graph whole? Run after lowering and after the passes; what it finds is a bug of the compiler."""

from __future__ import annotations

from collections.abc import Iterator

from jcc.backend import ir
from jcc.frontend import ast


def verify(graph: ir.TaskGraph) -> None:
    """Raises InternalError that names everything wrong with the graph; a sound graph gives nothing."""
    problems = [*_shape(graph), *(text for task in graph.tasks for text in _task(graph, task))]
    if problems:
        raise ir.InternalError(
            f"the task graph of `{graph.name}` is not sound: " + "; ".join(problems)
        )


def _shape(graph: ir.TaskGraph) -> Iterator[str]:
    ids = [task.id for task in graph.tasks]
    if ids != list(range(1, len(ids) + 1)):
        yield f"the ids are {ids}, not 1 to {len(ids)}"
    for kind, id in ((ir.Start, graph.start), (ir.End, graph.end)):
        found = [task.id for task in graph.tasks if isinstance(task.work, kind)]
        if found != [id]:
            yield f"the {kind.__name__.lower()} should be task {id} alone, but these are: {found}"


def _task(graph: ir.TaskGraph, task: ir.Task) -> Iterator[str]:
    name = f"task {task.id} ({type(task.work).__name__})"
    known = range(1, len(graph.tasks) + 1)
    for target in task.targets:
        if target not in known:
            yield f"{name} leads to {target}, which is no task"
        elif target == graph.start:
            yield f"{name} leads back to the start"
    for text in (*_ways(task), *_work(task.work)):
        yield f"{name} {text}"


def _ways(task: ir.Task) -> Iterator[str]:
    match task.work:
        case ir.End() | ir.RaiseError():
            goes_on, edges = False, task.edges == {}
        case ir.Branch():
            goes_on, edges = False, set(task.edges) == {"true", "false"}
        case ir.Switch():
            goes_on, edges = True, True
        case _:
            goes_on, edges = True, task.edges == {}
    if goes_on and task.next is None:
        yield "leads nowhere"
    if not goes_on and task.next is not None:
        yield "must not have a next task"
    if not edges:
        yield f"has the wrong edges {sorted(task.edges)}"


def _work(work: ir.Work) -> Iterator[str]:
    match work:
        case ir.Call(callee=callee) | ir.Detach(callee=callee):
            callees: tuple[ir.Callee, ...] = (callee,)
        case ir.Split(children=children):
            callees = tuple(child.callee for child in children)
            if not callees:
                yield "has no children"
        case ir.InterfaceCall(destinations=callees):
            if not callees:
                yield "has no destinations"
        case ir.Eval(map=ast.Map(items=(), block=None)):
            callees = ()
            yield "evaluates nothing"
        case _:
            callees = ()
    for callee in callees:
        if not callee.name or callee.kind not in ("workflow", "action", "procedure"):
            yield f"calls `{callee.name}` of kind `{callee.kind}`"
