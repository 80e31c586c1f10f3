"""Jump threading: a way to a task that does nothing goes to the task behind it instead."""

from __future__ import annotations

from dataclasses import replace

from jcc.backend import ir


def thread_jumps(graph: ir.TaskGraph) -> ir.TaskGraph:
    """The graph with its ways led past the empty tasks; the empty tasks themselves stay, unreachable."""
    empty = {task.id: task.next for task in graph.tasks if isinstance(task.work, ir.NoOp)}

    def behind(id: int) -> int:
        # A ring of empty tasks is an endless loop: it stays one, and the step limit ends it.
        seen: set[int] = set()
        while id not in seen and (next := empty.get(id)) is not None:
            seen.add(id)
            id = next
        return id

    def optional(id: int | None) -> int | None:
        return None if id is None else behind(id)

    tasks = tuple(
        replace(
            task,
            next=optional(task.next),
            edges={label: behind(target) for label, target in task.edges.items()},
            on_error=optional(task.on_error),
        )
        for task in graph.tasks
    )
    return replace(graph, tasks=tasks)
