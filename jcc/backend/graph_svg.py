"""The task graph as a drawing, with no other program's help: the tasks stand below each other in the order of the source;
the way to the next one goes straight down, every other way runs in a lane beside them, ahead on the right, back on the left."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from xml.sax.saxutils import escape

from jcc.backend.graph import Edge, edges, label, tasks
from jcc.backend.printable import printable
from jobcenter.artifact import Definition, Kind, Task

_WIDTH, _HEIGHT, _ROW = 320, 30, 56
_LANE, _MARGIN = 22, 16
_STYLE = (
    "rect{fill:#f4f6fa;stroke:#44546a}.choice{fill:#fff6dd}.edge{fill:#dfeee2}.fault{fill:#fbe3e0}"
    "text{font:12px sans-serif;fill:#1d2733}.way{font-size:10px;fill:#5b6675}"
    "path{fill:none;stroke:#44546a}.error{stroke:#b3382c;stroke-dasharray:4 3}"
)
_ARROW = (
    '<marker id="arrow" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
    '<path d="M0 0 8 4 0 8z" style="fill:#44546a;stroke:none"/></marker>'
)
_CLASSES = {
    Kind.START: "edge",
    Kind.END: "edge",
    Kind.BRANCH: "choice",
    Kind.SWITCH: "choice",
    Kind.ASSERT: "choice",
    Kind.RAISE_ERROR: "fault",
}


@dataclass(frozen=True, slots=True)
class _Lane:
    """An edge that runs beside the tasks, `number` lanes away from them."""

    edge: Edge
    number: int


def to_svg(definition: Definition) -> str:
    """A workflow's graph as an SVG document; an action's is empty."""
    ways = [edge for edge in edges(definition) if edge.target != edge.source + 1]
    ahead = _lanes(edge for edge in ways if edge.target > edge.source)
    back = _lanes(edge for edge in ways if edge.target <= edge.source)
    left = _MARGIN + _LANE * _count(back)
    width = left + _WIDTH + _LANE * _count(ahead) + 3 * _MARGIN
    height = _ROW * len(tasks(definition)) + _MARGIN
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}">',
        f"<title>{escape(printable(definition.name))}</title>",
        f"<defs><style>{_STYLE}</style>{_ARROW}</defs>",
        *(_box(definition, task, left) for task in tasks(definition)),
        *(_down(edge, left) for edge in edges(definition) if edge.target == edge.source + 1),
        *(_beside(lane, left + _WIDTH, 1) for lane in ahead),
        *(_beside(lane, left, -1) for lane in back),
        "</svg>",
        "",
    ]
    return "\n".join(parts)


def _lanes(ways: Iterable[Edge]) -> list[_Lane]:
    """The nearest free lane for each way, the short ways first."""
    taken: list[list[tuple[int, int]]] = []
    lanes = []
    for edge in sorted(ways, key=lambda edge: abs(edge.target - edge.source)):
        top, bottom = sorted((edge.source, edge.target))
        number = next(
            (
                number
                for number, spans in enumerate(taken)
                if all(bottom < start or end < top for start, end in spans)
            ),
            len(taken),
        )
        if number == len(taken):
            taken.append([])
        taken[number].append((top, bottom))
        lanes.append(_Lane(edge, number + 1))
    return lanes


def _count(lanes: list[_Lane]) -> int:
    return max((lane.number for lane in lanes), default=0)


def _top(id: int) -> int:
    return _MARGIN + _ROW * (id - 1)


def _box(definition: Definition, task: Task, left: int) -> str:
    top = _top(task.id)
    radius = _HEIGHT // 2 if task.kind in (Kind.START, Kind.END) else 4
    return (
        f'<rect class="{_CLASSES.get(task.kind, "step")}" x="{left}" y="{top}" width="{_WIDTH}" '
        f'height="{_HEIGHT}" rx="{radius}"/>'
        f'<text x="{left + 10}" y="{top + 19}">{escape(label(definition, task))}</text>'
    )


def _down(edge: Edge, left: int) -> str:
    x, top = left + _WIDTH // 2, _top(edge.source) + _HEIGHT
    way = f'<path{_class(edge)} d="M{x} {top}V{_top(edge.target)}" marker-end="url(#arrow)"/>'
    return way + _text(edge, x + 6, top + 16, "start")


def _beside(lane: _Lane, side: int, sign: int) -> str:
    """Out of the lower half of a box, along the lane, into the upper half of another. The label stands where the way ends:
    where it begins, those of all ways out of a box would lie on each other."""
    edge = lane.edge
    x = side + sign * _LANE * lane.number
    start, end = _top(edge.source) + 22, _top(edge.target) + 8
    way = f'<path{_class(edge)} d="M{side} {start}H{x}V{end}H{side}" marker-end="url(#arrow)"/>'
    return way + _text(edge, side + sign * 10, end - 4, "start" if sign > 0 else "end")


def _class(edge: Edge) -> str:
    return ' class="error"' if edge.is_error else ""


def _text(edge: Edge, x: int, y: int, anchor: str) -> str:
    if not edge.label:
        return ""
    return f'<text class="way" x="{x}" y="{y}" text-anchor="{anchor}">{escape(edge.label)}</text>'
