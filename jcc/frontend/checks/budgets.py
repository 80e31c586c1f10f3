"""Budgets: steps that every path takes, and calls of itself that every path makes."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator

from jcc.diagnostics import Diagnostic, flow
from jcc.frontend import ast
from jcc.frontend.checks.call_depth import on_every_path
from jcc.frontend.checks.counted_loops import CountedLoops, Loop
from jcc.frontend.checks.flow import ways_out
from jcc.frontend.checks.unit import Unit
from jcc.frontend.flow import FlowGraph, FlowNode
from jcc.source import Span

DEFAULT_MAX_STEPS = 100


def check_budgets(unit: Unit) -> Iterator[Diagnostic]:
    """Steps that every path takes, and calls of itself that every path makes."""
    graph = unit.model.flow
    if graph is None or unit.survey.writes_hidden:
        return
    limit, place = _max_steps(unit)
    # No path without a loop has more steps than there are.
    may_turn = bool(unit.survey.of(ast.While)) or bool(unit.survey.of(ast.Repeat))
    may_exceed = len(graph.nodes) > limit or may_turn
    steps = _fewest_steps(graph, lambda node: True) if may_exceed else None
    if steps is not None and steps <= limit:
        steps += _steps_of_turns(unit, graph)
    if steps is not None and steps > limit:
        yield flow.STEP_BUDGET.at(
            place, steps=steps, limit=limit, help=f"set `max_steps = {steps * 2}` in `config:`"
        )
    calls = _calls_of(unit, unit.signature.name)
    if calls:
        found = _fewest_steps(graph, lambda node: node.origin not in calls)
        end_reached = graph.end in unit.inferred.reached
        if found is None and end_reached:
            first = min(calls.values(), key=lambda name: name.span)
            yield flow.ENDLESS_RECURSION.at(
                first.span, name=first.text, help="some path must end without the call"
            )


def _max_steps(unit: Unit) -> tuple[int, Span]:
    """The limit, and where it is set (or the workflow's name)."""
    for section in unit.survey.sections(ast.ConstantSection):
        for constant in section.entries:
            if section.keyword == "config" and constant.name.text == "max_steps":
                match constant.value:
                    case ast.Literal(value=int(value)) if value > 0:
                        return value, constant.value.span
                    case _:
                        return 1 << 60, constant.value.span
    return DEFAULT_MAX_STEPS, unit.definition.name.span


def _fewest_steps(graph: FlowGraph, may_take: Callable[[FlowNode], bool]) -> int | None:
    """The steps of the shortest path to the end, or to an error raised on purpose; None if there is no path."""
    distance = {graph.start: 1}
    todo = deque([graph.start])
    while todo:
        id = todo.popleft()
        node = graph.nodes[id]
        if not may_take(node):
            continue
        if id == graph.end or isinstance(node.origin, ast.RaiseError | ast.Assert):
            return distance[id]
        for target in ways_out(node):
            cost = 0 if _is_nothing(graph.nodes[target]) else 1
            if target not in distance:
                distance[target] = distance[id] + cost
                (todo.append if cost else todo.appendleft)(target)
    return None


def _steps_of_turns(unit: Unit, graph: FlowGraph) -> int:
    """The steps that the counting loops on every path take before they end, beyond those of the shortest path."""
    tests = {
        node.origin: node
        for node in graph.nodes.values()
        if isinstance(node.origin, ast.While | ast.Repeat)
    }
    if not tests:
        return 0
    sure = set(on_every_path(graph))

    def is_sure(loop: Loop) -> bool:
        test = tests.get(loop)
        return test is not None and test.id in sure and test.on_error is None

    def steps_of_turn(loop: Loop) -> int:
        test = tests[loop]
        again = "true" if isinstance(loop, ast.While) else "false"
        return _steps_of_turn(graph, test.id, test.edges[again])

    loops = CountedLoops(unit, steps_of_turn)
    return sum(
        loops.more_steps(section.body.statements, is_sure)
        for section in unit.survey.sections(ast.BodySection)
    )


def _steps_of_turn(graph: FlowGraph, test: int, first: int) -> int:
    """The fewest steps from the test of a loop through its body to the test again."""
    distance = {test: 0}
    todo = deque([test])
    while todo:
        id = todo.popleft()
        for target in (first,) if id == test else ways_out(graph.nodes[id]):
            steps = distance[id] + (0 if _is_nothing(graph.nodes[target]) else 1)
            if target == test:
                return steps
            if target not in distance:
                distance[target] = steps
                (todo.append if steps > distance[id] else todo.appendleft)(target)
    return 0


def _is_nothing(node: FlowNode) -> bool:
    """An `eval` without a line becomes no task."""
    origin = node.origin
    return isinstance(origin, ast.Eval) and not origin.map.items and origin.map.block is None


def _calls_of(unit: Unit, name: str) -> dict[ast.Node, ast.Name]:
    """The steps that call this name and wait for its end."""
    found: dict[ast.Node, ast.Name] = {}
    for call in unit.survey.of(ast.CallStatement):
        if call.callee.text == name:
            found[call] = call.callee
    for split in unit.survey.of(ast.Split):
        for branch in split.branches:
            if isinstance(branch, ast.Callflow) and branch.callee.text == name:
                found[split] = branch.callee
    return found
