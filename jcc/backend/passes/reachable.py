"""Removes the tasks that no job can come to, and numbers the others anew, in their order."""

from __future__ import annotations

from dataclasses import replace

from jcc.backend import ir


def keep_reachable(graph: ir.TaskGraph) -> ir.TaskGraph:
    """The graph without unreachable tasks. The end stays, even behind an endless loop."""
    reachable = _reachable(graph) | {graph.end}
    kept = [task for task in graph.tasks if task.id in reachable]
    number = {task.id: index for index, task in enumerate(kept, start=1)}
    tasks = tuple(
        replace(
            task,
            id=number[task.id],
            next=None if task.next is None else number[task.next],
            edges={label: number[target] for label, target in task.edges.items()},
            on_error=None if task.on_error is None else number[task.on_error],
        )
        for task in kept
    )
    return replace(graph, start=number[graph.start], end=number[graph.end], tasks=tasks)


def _reachable(graph: ir.TaskGraph) -> set[int]:
    by_id = {task.id: task for task in graph.tasks}
    seen: set[int] = set()
    todo = [graph.start]
    while todo:
        id = todo.pop()
        if id not in seen:
            seen.add(id)
            todo.extend(by_id[id].targets)
    return seen
