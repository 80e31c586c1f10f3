"""The order of steps: labels that lead nowhere, what no path reaches, a `catch` that never runs."""

from __future__ import annotations

from collections.abc import Iterator

from jcc.diagnostics import Diagnostic, flow, names
from jcc.frontend import ast
from jcc.frontend.checks.callees import keyword_of
from jcc.frontend.checks.unit import Unit
from jcc.frontend.flow import FlowGraph, FlowNode
from jcc.source import Span

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
    leaves = any(unit.survey.of(kind) for kind in _LEAVING)
    if not leaves and len(unit.inferred.reached) == len(graph.nodes):
        return
    first_step = first_steps(graph)
    told_until = -1
    for block in unit.survey.sequences:
        before: ast.Statement | None = None
        for statement in block.statements:
            if statement.span.start >= told_until and before is not None:
                lost = _is_lost(before, statement, first_step, unit.inferred.reached)
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
    step = first_step_of(statement, first_step)
    earlier = first_step_of(before, first_step)
    return step is not None and step not in reached and (earlier is None or earlier in reached)


def first_steps(graph: FlowGraph) -> dict[ast.Node, int]:
    """The step of each node that has one; of the definition the first."""
    return {node.origin: id for id, node in reversed(graph.nodes.items())}


def first_step_of(statement: ast.Statement, first_step: dict[ast.Node, int]) -> int | None:
    """The step that a statement begins with, where it has one of its own."""
    match statement:
        case ast.If(arms=arms):
            return first_step.get(arms[0])
        case ast.Repeat(body=body) | ast.Try(body=body):
            inner = body.statements
            return first_step_of(inner[0], first_step) if inner else None
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


def ways_out(node: FlowNode) -> tuple[int, ...]:
    """The steps that may follow. A condition that is a constant goes one way; an error may happen at any step."""
    ways = node.successors
    if node.edges:
        match node.origin:
            case ast.While(condition=ast.Literal(value=value)) if value:
                ways = (node.edges["true"],)
            case ast.Repeat(until=ast.Literal(value=value)) if not value:
                ways = (node.edges["false"],)
            case _:
                pass
    elif isinstance(node.origin, ast.RaiseError):
        ways = ()
    return ways if node.on_error is None else (*ways, node.on_error)


# -- catch ----------------------------------------------------------------------------------------------------------


def check_catches(unit: Unit) -> Iterator[Diagnostic]:
    """A `try` in which nothing can go wrong."""
    for statement in unit.fresh.of(ast.Try):
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
