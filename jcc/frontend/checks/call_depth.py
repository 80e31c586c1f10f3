"""Calls that every path makes, followed from workflow to workflow: a chain of them deeper than `max_depth` fails always.

`sure_calls` says which calls one definition makes whatever happens; `check_call_depth` follows them. What only some paths call is
never counted, so a recursion with an end gives no finding.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from jcc.diagnostics import Diagnostic, Label, flow
from jcc.frontend import ast
from jcc.frontend.checks.flow import ways_out
from jcc.frontend.flow import FlowGraph, build_flow
from jcc.frontend.reflow import follow
from jcc.source import Span

DEFAULT_MAX_DEPTH = 10


@dataclass(frozen=True, slots=True, eq=False)
class Course:
    """A definition with the order of its steps."""

    definition: ast.Definition
    flow: FlowGraph

    @property
    def sure(self) -> list[int]:
        """The steps that every path to an end passes."""
        return on_every_path(self.flow)


def course_of(definition: ast.Definition, before: Course | None = None) -> Course:
    """A definition's course. That of `before` it was edited is gone on with, and must not be used any more."""
    flow = None if before is None else follow(before.flow, before.definition, definition)
    return Course(definition, flow or build_flow(definition))


class SureCall(NamedTuple):
    """A call that every path makes and waits for."""

    callee: str
    path: str
    span: Span


@dataclass(frozen=True, slots=True)
class CallFacts:
    """The first sure call of each callee of a workflow, and how deep its children may be."""

    name: str
    calls: tuple[SureCall, ...]
    max_depth: int


def sure_calls(course: Course, path: str) -> CallFacts:
    """The calls that every path of a workflow makes, the first of each callee, in the order of the source; none for another
    definition."""
    firsts: dict[str, SureCall] = {}
    definition = course.definition
    if definition.kind == "workflow":
        nodes = course.flow.nodes
        for id in course.sure:
            for name in _called(nodes[id].origin):
                if name.text not in firsts:
                    firsts[name.text] = SureCall(name.text, path, name.span)
    return CallFacts(definition.name.text, tuple(firsts.values()), _max_depth(definition))


def check_call_depth(
    facts: CallFacts, facts_of: Callable[[str], CallFacts | None]
) -> Iterator[Diagnostic]:
    """The first call of a workflow that leads deeper than it may, with the chain."""
    # Where a chain leads depends on whom it calls first, not on where.
    for call in facts.calls:
        chain = _too_deep(facts, call, facts_of)
        if chain:
            words = [Label(c.span, f"here it calls `{c.callee}`", c.path) for c in chain[1:]]
            yield flow.CALL_DEPTH.at(
                call.span,
                name=call.callee,
                help="some path must end without the call, or `config:` must set a greater `max_depth`",
                labels=words,
            )
            return


def _too_deep(
    start: CallFacts, first: SureCall, facts_of: Callable[[str], CallFacts | None]
) -> list[SureCall]:
    """A chain of sure calls, begun with this one, of which the last is refused; empty where there is none. A call of the
    workflow by itself alone is another check's."""
    if first.callee == start.name:
        return []
    todo: list[tuple[CallFacts, list[SureCall]]] = [(start, [first])]
    deepest: dict[str, int] = {}  # a workflow need not be looked at twice at the same depth
    while todo:
        caller, chain = todo.pop()
        if len(chain) > caller.max_depth:
            return chain
        callee = facts_of(chain[-1].callee)
        if callee is None or deepest.get(callee.name, 0) >= len(chain):
            continue
        deepest[callee.name] = len(chain)
        todo += [(callee, [*chain, call]) for call in reversed(callee.calls)]
    return []


def on_every_path(graph: FlowGraph) -> list[int]:
    """The steps that every path from the start to an end passes, in the order of the source."""
    if graph.sure is None:
        graph.sure = sorted(_on_every_path(graph))
    return graph.sure


def _on_every_path(graph: FlowGraph) -> list[int]:
    """One walk along some path suffices: a step of it can be passed by if what was reached before it leads to a later one."""
    ways = {id: _ways(graph, id) for id in (_OUT, *graph.nodes)}
    path = _some_path(graph, ways)
    place = {id: number for number, id in enumerate(path)}
    seen = set(path)
    furthest = 0
    found = []
    for number, id in enumerate(path):
        if furthest <= number:
            found.append(id)
        todo = [id]
        while todo:
            for target in ways[todo.pop()]:
                if target in place:
                    furthest = max(furthest, place[target])
                elif target not in seen:
                    seen.add(target)
                    todo.append(target)
    return [id for id in found if id != _OUT]


_FAILING = (ast.RaiseError, ast.Assert)
_OUT = 0  # where all paths end; steps count from 1


def _ways(graph: FlowGraph, id: int) -> tuple[int, ...]:
    """The steps that may follow, with the end of the job, however it comes, as one."""
    if id == _OUT:
        return ()
    node = graph.nodes[id]
    ways = ways_out(node)
    fails = node.on_error is None and isinstance(node.origin, _FAILING)
    return (*ways, _OUT) if id == graph.end or fails else ways


def _some_path(graph: FlowGraph, ways: Mapping[int, tuple[int, ...]]) -> list[int]:
    """A path from the start to an end; empty where none ends."""
    came_from: dict[int, int | None] = {graph.start: None}
    todo = [graph.start]
    while todo and _OUT not in came_from:
        id = todo.pop()
        for target in ways[id]:
            if target not in came_from:
                came_from[target] = id
                todo.append(target)
    path = []
    at = _OUT if _OUT in came_from else None
    while at is not None:
        path.append(at)
        at = came_from[at]
    return path[::-1]


def _called(origin: ast.Node) -> Iterator[ast.Name]:
    match origin:
        case ast.CallStatement(callee=callee):
            yield callee
        case ast.Split(branches=branches):
            yield from (b.callee for b in branches if isinstance(b, ast.Callflow))
        case _:
            return


def _max_depth(definition: ast.Definition) -> int:
    for section in definition.sections:
        if isinstance(section, ast.ConstantSection) and section.keyword == "config":
            for constant in section.entries:
                match constant:
                    case ast.Constant(
                        name=ast.Name(text="max_depth"), value=ast.Literal(value=int(value))
                    ):
                        return value
                    case _:
                        continue
    return DEFAULT_MAX_DEPTH
