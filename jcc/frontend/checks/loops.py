"""Loops that never end, loops that never turn, loops whose condition nothing in them changes."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator

from jcc.diagnostics import Diagnostic, flow
from jcc.frontend import ast
from jcc.frontend.checks.flow import first_step_of, first_steps, head_of, ways_out
from jcc.frontend.checks.shape import roots_of, shape_of
from jcc.frontend.checks.unit import Unit
from jcc.frontend.flow import FlowGraph, FlowNode
from jcc.source import Span


def check_loops(unit: Unit) -> Iterator[Diagnostic]:
    """Loops that never end, and loops that never turn."""
    graph = unit.model.flow
    survey = unit.survey
    turns = any(survey.of(kind) for kind in (ast.While, ast.Repeat, ast.Goto))
    if graph is None or survey.writes_hidden or not turns:
        return
    ending = _can_end(graph, unit.inferred.reached)
    first_step = first_steps(graph)
    told_until = -1
    for id, node in graph.nodes.items():
        origin = node.origin
        if not isinstance(origin, ast.While | ast.Repeat):
            continue
        if id not in unit.inferred.reached:
            if isinstance(origin, ast.Repeat) and _body_reached(unit, origin, first_step):
                yield flow.RUNS_ONCE.at(head_of(origin), help="every path in it leaves the loop")
        elif id not in ending and origin.span.start >= told_until:
            told_until = origin.span.end
            yield flow.ENDLESS_LOOP.at(
                head_of(origin), help="leave it by its condition, `return`, `goto` or `raise_error`"
            )
        elif isinstance(origin, ast.While) and not _turns(graph, node, unit.inferred.reached):
            yield flow.RUNS_ONCE.at(head_of(origin), help="every path in it leaves the loop")
    yield from _backward_gotos(unit, graph, ending, told_until)


def _can_end(graph: FlowGraph, reached: set[int]) -> set[int]:
    """The reached steps from which some path leads to the end, or to an error that is raised on purpose."""
    before: dict[int, list[int]] = {}
    for id in reached:
        for target in ways_out(graph.nodes[id]):
            before.setdefault(target, []).append(id)
    leaving = (ast.RaiseError, ast.Assert)
    todo = [id for id in reached if isinstance(graph.nodes[id].origin, leaving)]
    if graph.end in reached:
        todo.append(graph.end)
    found = set(todo)
    while todo:
        for id in before.get(todo.pop(), ()):
            if id not in found:
                found.add(id)
                todo.append(id)
    return found


def _turns(graph: FlowGraph, test: FlowNode, reached: set[int]) -> bool:
    """Whether some path from the body of a `while` comes back to its condition."""
    loop = test.origin.span
    todo, seen = [test.edges["true"]], set[int]()
    while todo:
        id = todo.pop()
        if id == test.id:
            return True
        origin = graph.nodes[id].origin.span
        if id in seen or id not in reached or not loop.start <= origin.start < loop.end:
            continue
        seen.add(id)
        todo.extend(ways_out(graph.nodes[id]))
    return False


def _body_reached(unit: Unit, loop: ast.Repeat, first_step: dict[ast.Node, int]) -> bool:
    inner = loop.body.statements
    step = first_step_of(inner[0], first_step) if inner else None
    return step is not None and step in unit.inferred.reached


def _backward_gotos(
    unit: Unit, graph: FlowGraph, ending: set[int], told_until: int
) -> Iterator[Diagnostic]:
    """A `goto` back to its label, where nothing leads out of what lies between."""
    if not unit.inferred.reached - ending or told_until >= 0:
        return
    for goto in graph.gotos:
        label = graph.labels.get(goto.label.text)
        if label is not None and label.span.start < goto.span.start:
            yield flow.ENDLESS_LOOP.at(
                goto.span, help="nothing between the label and this leads out"
            )
            return


# -- conditions that stay as they are ---------------------------------------------------------------------------------


def check_loop_conditions(unit: Unit) -> Iterator[Diagnostic]:
    """`while` and `repeat` whose condition reads variables that the body never writes, and that nothing else leaves."""
    loops: list[ast.While | ast.Repeat] = [*unit.survey.of(ast.While), *unit.survey.of(ast.Repeat)]
    if not loops or unit.survey.writes_hidden:
        return
    written, leaving = _Places(variable_writes(unit)), _Places(exits_of(unit))
    for loop in loops:
        condition = loop.condition if isinstance(loop, ast.While) else loop.until
        shape = shape_of(condition)
        if shape is None or isinstance(condition, ast.Literal):
            continue
        read = roots_of(shape)
        if any(root not in ("v", "a", "e") or name is None for root, name in read):
            continue
        variables = {name for root, name in read if root == "v"}
        inside = written.within(loop.span)
        if None in inside or variables & inside or leaving.within(loop.span):
            continue
        yield flow.CONDITION_NEVER_CHANGES.at(
            condition.span,
            help="once true it stays true"
            if isinstance(loop, ast.While)
            else "once false it stays false",
        )


class _Places:
    """Things by where they stand, so that those within a span are found without going through all."""

    def __init__(self, entries: list[tuple[int, str | None]]) -> None:
        entries.sort(key=lambda entry: entry[0])
        self._starts = [start for start, _ in entries]
        self._names = [name for _, name in entries]

    def within(self, span: Span) -> set[str | None]:
        first, last = bisect_left(self._starts, span.start), bisect_left(self._starts, span.end)
        return set(self._names[first:last])


def variable_writes(unit: Unit) -> list[tuple[int, str | None]]:
    """The variables that are written, None for any of them."""
    survey, found = unit.survey, list[tuple[int, str | None]]()
    for write in survey.writes:
        if write.root == "v":
            found.append((write.item.span.start, write.name))
    for name, use in survey.copies:
        if use.place.implicit == "v":
            found.append((name.span.start, name.text))
    found += [
        (item.span.start, None) for item, use in survey.everything if use.place.implicit == "v"
    ]
    for block in survey.blocks:
        if not block.is_map or "v" not in block.place.writable:
            continue
        facts, start = unit.model.blocks[block.block].facts, block.block.span.start
        found += [(start, name) for root, name in facts.writes if root == "v"]
        if not facts.complete:
            found.append((start, None))
    return found


def exits_of(unit: Unit) -> list[tuple[int, str | None]]:
    """The statements that leave a loop on purpose."""
    survey = unit.survey
    statements = (
        *survey.of(ast.Return),
        *survey.of(ast.Goto),
        *survey.of(ast.RaiseError),
        *survey.of(ast.Assert),
    )
    return [(statement.span.start, "") for statement in statements]
