"""The task graph as a picture's text: dot for Graphviz, mermaid for Markdown. The drawing itself is `graph_svg`'s."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from jcc.backend.printable import printable
from jobcenter.artifact import Definition, Kind, Task

_DOT_SHAPES = {
    Kind.START: "circle",
    Kind.END: "doublecircle",
    Kind.BRANCH: "diamond",
    Kind.SWITCH: "diamond",
    Kind.SLEEP: "cds",
    Kind.WAIT_FOR_EVENT: "cds",
    Kind.RAISE_ERROR: "octagon",
}
_MERMAID_SHAPES = {
    Kind.START: ('(["', '"])'),
    Kind.END: ('(["', '"])'),
    Kind.BRANCH: ('{"', '"}'),
    Kind.SWITCH: ('{"', '"}'),
    Kind.RAISE_ERROR: ('{{"', '"}}'),
}
_LABEL_LENGTH = 40


@dataclass(frozen=True, slots=True)
class Edge:
    """A way from a task to a task; `is_error` is the way of a caught error."""

    source: int
    target: int
    label: str = ""
    is_error: bool = False


def tasks(definition: Definition) -> tuple[Task, ...]:
    """A workflow's tasks; an action has none."""
    return () if definition.program is None else definition.program.tasks


def edges(definition: Definition) -> Iterator[Edge]:
    """The ways of a workflow's tasks, in order; several labels of a switch that lead to one task are one way."""
    for task in tasks(definition):
        labels: dict[int, list[str]] = {}
        for label, target in task.edges.items():
            labels.setdefault(target, []).append(label)
        for target, texts in labels.items():
            yield Edge(task.id, target, _short(", ".join(texts)))
        if task.next is not None:
            yield Edge(task.id, task.next, "else" if task.edges else "")
        if task.on_error is not None:
            yield Edge(task.id, task.on_error, "error", is_error=True)


def label(definition: Definition, task: Task) -> str:
    """What a task does, for a person: its number and the line of JCL that it comes from."""
    match task.kind:
        case Kind.START | Kind.END:
            text = f"{task.kind} {definition.name}"
        case _:
            text = definition.source.split("\n")[task.line - 1].strip().rstrip(":")
    return f"{task.id}: {_short(text)}"


def _short(text: str) -> str:
    text = printable(text)
    return text if len(text) <= _LABEL_LENGTH else text[: _LABEL_LENGTH - 1] + "…"


def to_dot(definition: Definition) -> str:
    """A workflow's graph for Graphviz; an action's is empty."""
    lines = [f"digraph {_dot(definition.name)} {{", '    node [shape=box, fontname="sans-serif"];']
    for task in tasks(definition):
        shape = _DOT_SHAPES.get(task.kind, "box")
        lines.append(f"    {task.id} [label={_dot(label(definition, task))}, shape={shape}];")
    for edge in edges(definition):
        text = f"label={_dot(edge.label)}, " if edge.label else ""
        style = "dashed" if edge.is_error else "solid"
        lines.append(f"    {edge.source} -> {edge.target} [{text}style={style}];")
    return "\n".join((*lines, "}", ""))


def to_mermaid(definition: Definition) -> str:
    """A workflow's graph for mermaid, as Markdown viewers draw it."""
    lines = ["flowchart TD"]
    for task in tasks(definition):
        left, right = _MERMAID_SHAPES.get(task.kind, ('["', '"]'))
        lines.append(f"    t{task.id}{left}{_mermaid(label(definition, task))}{right}")
    for edge in edges(definition):
        arrow = "-.->" if edge.is_error else "-->"
        text = f'|"{_mermaid(edge.label)}"|' if edge.label else ""
        lines.append(f"    t{edge.source} {arrow}{text} t{edge.target}")
    return "\n".join((*lines, ""))


def _dot(text: str) -> str:
    escaped = printable(text).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _mermaid(text: str) -> str:
    """Quoted text of mermaid: everything that it would read as markup, as the entities that it knows."""
    return "".join(
        char if char.isalnum() or char in " .,:_-()=+/'" else f"#{ord(char)};" for char in text
    )
