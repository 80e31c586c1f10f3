"""The order of steps: what no path reaches, loops that cannot end, budgets that cannot suffice."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator

from jcc.diagnostics import Diagnostic, flow, names
from jcc.frontend import ast
from jcc.frontend.checks.callees import keyword_of
from jcc.frontend.checks.unit import Unit
from jcc.frontend.flow import FlowGraph, FlowNode
from jcc.source import Span

DEFAULT_MAX_STEPS = 100

_LEAVING = (ast.Return, ast.Goto, ast.RaiseError)


# -- labels ---------------------------------------------------------------------------------------------------------


def check_jumps(unit: Unit) -> Iterator[Diagnostic]:
    """Each `goto` has its label, each label stands once and is used."""
    graph = unit.model.flow
    if graph is None:
        return
    for goto in graph.unknown_labels:
        found = unit.guess(goto.label, graph.labels)
        yield names.UNKNOWN_LABEL.at(
            goto.label.span, name=goto.label.text, help=found.help, fix=found.fix
        )
    for label in graph.duplicate_labels:
        yield names.DUPLICATE_LABEL.at(label.name.span, name=label.name.text)
    used = {goto.label.text for goto in graph.gotos}
    if graph.unknown_labels or unit.survey.reads_hidden:
        return  # the label that seems unused may be the one that was meant
    for name, label in graph.labels.items():
        if name not in used:
            yield flow.UNUSED_LABEL.at(label.name.span, name=name)


# -- unreachable ----------------------------------------------------------------------------------------------------


def check_unreachable(unit: Unit) -> Iterator[Diagnostic]:
    """The first statement of each run that no path comes to."""
    graph = unit.model.flow
    if graph is None or unit.survey.writes_hidden:
        return
    first_step = _first_steps(graph)
    told_until = -1
    for block in unit.survey.sequences:
        before: ast.Statement | None = None
        for statement in block.statements:
            if statement.span.start >= told_until and before is not None:
                lost = _is_lost(before, statement, first_step, unit.model.reached)
                if lost:
                    told_until = block.span.end
                    yield flow.UNREACHABLE.at(head_of(statement))
            before = statement


def _is_lost(
    before: ast.Statement,
    statement: ast.Statement,
    first_step: dict[ast.Node, int],
    reached: set[int],
) -> bool:
    if isinstance(statement, ast.Label):
        return False
    if isinstance(before, _LEAVING):
        return True
    step = _first_step(statement, first_step)
    earlier = _first_step(before, first_step)
    return step is not None and step not in reached and (earlier is None or earlier in reached)


def _first_steps(graph: FlowGraph) -> dict[ast.Node, int]:
    """The step of each node that has one; of the definition the first."""
    return {node.origin: id for id, node in reversed(graph.nodes.items())}


def _first_step(statement: ast.Statement, first_step: dict[ast.Node, int]) -> int | None:
    """The step that a statement begins with, where it has one of its own."""
    match statement:
        case ast.If(arms=arms):
            return first_step.get(arms[0])
        case ast.Repeat(body=body) | ast.Try(body=body):
            inner = body.statements
            return _first_step(inner[0], first_step) if inner else None
        case _:
            return first_step.get(statement)


def head_of(statement: ast.Statement) -> Span:
    """The keyword of a statement that has a body, else the whole statement."""
    match statement:
        case (
            ast.If()
            | ast.While()
            | ast.Repeat()
            | ast.Case()
            | ast.Try()
            | ast.Split()
            | ast.MapStatement()
            | ast.InterfaceCall()
            | ast.CallStatement()
            | ast.Detachflow()
            | ast.Eval()
        ):
            start = statement.span.start
            return Span(start, start + len(keyword_of(statement)))
        case _:
            return statement.span


# -- loops ----------------------------------------------------------------------------------------------------------


def check_loops(unit: Unit) -> Iterator[Diagnostic]:
    """Loops that never end, and loops that never turn."""
    graph = unit.model.flow
    if graph is None or unit.survey.writes_hidden:
        return
    ending = _can_end(graph, unit.model.reached)
    first_step = _first_steps(graph)
    told_until = -1
    for id, node in graph.nodes.items():
        origin = node.origin
        if not isinstance(origin, ast.While | ast.Repeat):
            continue
        if id not in unit.model.reached:
            if isinstance(origin, ast.Repeat) and _body_reached(unit, origin, first_step):
                yield flow.RUNS_ONCE.at(head_of(origin), help="every path in it leaves the loop")
        elif id not in ending and origin.span.start >= told_until:
            told_until = origin.span.end
            yield flow.ENDLESS_LOOP.at(
                head_of(origin), help="leave it by its condition, `return`, `goto` or `raise_error`"
            )
        elif isinstance(origin, ast.While) and not _turns(graph, node, unit.model.reached):
            yield flow.RUNS_ONCE.at(head_of(origin), help="every path in it leaves the loop")
    yield from _backward_gotos(unit, graph, ending, told_until)


def _can_end(graph: FlowGraph, reached: set[int]) -> set[int]:
    """The reached steps from which some path leads to the end, or to an error that is raised on purpose."""
    before: dict[int, list[int]] = {}
    for id in reached:
        for target in _ways_out(graph.nodes[id]):
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


def _ways_out(node: FlowNode) -> tuple[int, ...]:
    """The steps that may follow. A condition that is a constant goes one way; an error may happen at any step."""
    ways = node.successors
    match node.origin:
        case ast.While(condition=ast.Literal(value=value)) if value:
            ways = (node.edges["true"],)
        case ast.Repeat(until=ast.Literal(value=value)) if not value:
            ways = (node.edges["false"],)
        case ast.RaiseError():
            ways = ()
        case _:
            pass
    return ways if node.on_error is None else (*ways, node.on_error)


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
        todo.extend(_ways_out(graph.nodes[id]))
    return False


def _body_reached(unit: Unit, loop: ast.Repeat, first_step: dict[ast.Node, int]) -> bool:
    inner = loop.body.statements
    step = _first_step(inner[0], first_step) if inner else None
    return step is not None and step in unit.model.reached


def _backward_gotos(
    unit: Unit, graph: FlowGraph, ending: set[int], told_until: int
) -> Iterator[Diagnostic]:
    """A `goto` back to its label, where nothing leads out of what lies between."""
    if not unit.model.reached - ending or told_until >= 0:
        return
    for goto in graph.gotos:
        label = graph.labels.get(goto.label.text)
        if label is not None and label.span.start < goto.span.start:
            yield flow.ENDLESS_LOOP.at(
                goto.span, help="nothing between the label and this leads out"
            )
            return


# -- budgets --------------------------------------------------------------------------------------------------------


def check_budgets(unit: Unit) -> Iterator[Diagnostic]:
    """Steps that every path takes, and calls of itself that every path makes."""
    graph = unit.model.flow
    if graph is None or unit.survey.writes_hidden:
        return
    limit, place = _max_steps(unit)
    steps = _fewest_steps(graph, lambda node: True)
    if steps is not None and steps > limit:
        yield flow.STEP_BUDGET.at(
            place, steps=steps, limit=limit, help=f"set `max_steps = {steps * 2}` in `config:`"
        )
    calls = _calls_of(unit, unit.signature.name)
    if calls:
        found = _fewest_steps(graph, lambda node: node.origin not in calls)
        end_reached = graph.end in unit.model.reached
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
        for target in _ways_out(node):
            cost = 0 if _is_nothing(graph.nodes[target]) else 1
            if target not in distance:
                distance[target] = distance[id] + cost
                (todo.append if cost else todo.appendleft)(target)
    return None


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


# -- catch ----------------------------------------------------------------------------------------------------------


def check_catches(unit: Unit) -> Iterator[Diagnostic]:
    """A `try` in which nothing can go wrong."""
    for statement in unit.survey.of(ast.Try):
        if all(_cannot_fail(inner) for inner in statement.body.statements):
            yield flow.CATCH_NEVER_RUNS.at(head_of(statement))


def _cannot_fail(statement: ast.Statement) -> bool:
    match statement:
        case ast.Label() | ast.Goto() | ast.Return():
            return True
        case ast.Eval(map=map):
            return map.block is None and all(_is_safe(item) for item in map.items)
        case _:
            return False


def _is_safe(item: ast.MapItem) -> bool:
    match item:
        case ast.Assign(op="=", target=ast.Path(keys=(ast.Field(),)), value=ast.Literal()):
            return True
        case ast.Assign(
            op="=", target=ast.Path(keys=(ast.Field(),)), value=ast.Path(keys=(ast.Field(),))
        ):
            return True
        case _:
            return False
