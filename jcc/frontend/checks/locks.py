"""Locks: declared, taken once, given back while held, and always in the same order."""

from __future__ import annotations

from collections.abc import Iterator

from jcc.diagnostics import Diagnostic, Label, locks
from jcc.frontend import ast
from jcc.frontend.checks.shape import Shape, roots_of, shape_of
from jcc.frontend.checks.unit import Unit, guess
from jcc.frontend.flow import FlowGraph
from jcc.source import Span

Taking = ast.Lock | ast.WaitForLock


def check_locks(unit: Unit) -> Iterator[Diagnostic]:
    """The declarations of `locks:` and the statements that use them."""
    declared = [
        entry for section in unit.survey.sections(ast.LocksSection) for entry in section.entries
    ]
    by_type: dict[str, list[ast.LockDeclaration]] = {}
    for entry in declared:
        by_type.setdefault(entry.type.text, []).append(entry)
    taken: set[str] = set()
    for node in _statements(unit):
        taken.add(node.type.text)
        yield from _declaration_of(node, by_type)
    yield from _declarations(declared, taken, unit.survey.writes_hidden)


def _statements(unit: Unit) -> list[ast.Lock | ast.Unlock | ast.WaitForLock]:
    survey = unit.survey
    return [*survey.of(ast.Lock), *survey.of(ast.WaitForLock), *survey.of(ast.Unlock)]


def _declaration_of(
    node: ast.Lock | ast.Unlock | ast.WaitForLock, by_type: dict[str, list[ast.LockDeclaration]]
) -> Iterator[Diagnostic]:
    name = node.type
    entries = by_type.get(name.text)
    if entries is None:
        found = guess(name, by_type)
        yield locks.LOCK_NOT_DECLARED.at(
            name.span,
            type=name.text,
            help=found.help or f"declare it: `{name.text} _ manual`",
            fix=found.fix,
        )
    elif not isinstance(node, ast.Unlock) and not any(entry.manual for entry in entries):
        first = entries[0]
        yield locks.LOCK_NOT_MANUAL.at(
            name.span,
            type=name.text,
            help="it is taken at the start; with `manual` a statement may take it",
            labels=(Label(first.type.span, "declared here"),),
        )


def _declarations(
    declared: list[ast.LockDeclaration], taken: set[str], hidden: bool
) -> Iterator[Diagnostic]:
    seen: dict[tuple[str, Shape | None], ast.LockDeclaration] = {}
    for entry in declared:
        name = entry.type
        shape: Shape | None = ("_",) if entry.value is None else shape_of(entry.value)
        first = entry if shape is None else seen.setdefault((name.text, shape), entry)
        if first is not entry:
            yield locks.DUPLICATE_LOCK.at(
                name.span, lock=name.text, labels=(Label(first.type.span, "declared here first"),)
            )
        elif entry.value is None and not entry.manual:
            yield locks.LOCK_WITHOUT_VALUE.at(name.span, help="write `manual` behind the `_`")
        elif entry.manual and name.text not in taken and not hidden:
            yield locks.LOCK_NEVER_TAKEN.at(
                name.span, type=name.text, help=f"`lock {name.text} …` takes it"
            )


# -- what is held ---------------------------------------------------------------------------------------------------

Held = frozenset[tuple[str, Shape | None]]


def check_held(unit: Unit) -> Iterator[Diagnostic]:
    """Locks taken while they are held, unlocked while they are not, and taken in two orders."""
    graph = unit.model.flow
    if graph is None or not _statements(unit) or unit.survey.writes_hidden:
        return
    start = _at_start(unit)
    surely, maybe = _held(graph, unit.model.reached, start)
    orders: dict[tuple[str, str], Span] = {}
    for id in sorted(unit.model.reached):
        node = graph.nodes[id].origin
        if isinstance(node, ast.Unlock):
            if not any(type == node.type.text for type, _ in maybe[id]):
                yield locks.UNLOCK_NOT_HELD.at(node.span, type=node.type.text)
        elif isinstance(node, ast.Lock | ast.WaitForLock):
            key = _key(node)
            if key[1] is not None and key in surely[id]:
                yield locks.LOCK_TAKEN_TWICE.at(node.span, lock=node.type.text)
            for type, _ in sorted(surely[id], key=lambda lock: lock[0]):
                orders.setdefault((type, node.type.text), node.type.span)
    yield from _crossed(unit, orders)


def _at_start(unit: Unit) -> Held:
    return frozenset(
        (entry.type.text, _constant_shape(entry.value))
        for section in unit.survey.sections(ast.LocksSection)
        for entry in section.entries
        if not entry.manual
    )


def _constant_shape(value: ast.Expression | None) -> Shape | None:
    """The shape of a value that is the same all through the job; None for others."""
    shape = None if value is None else shape_of(value)
    if shape is None or any(root not in ("a", "e") for root, _ in roots_of(shape)):
        return None
    return shape


def _key(node: Taking | ast.Unlock) -> tuple[str, Shape | None]:
    if isinstance(node, ast.WaitForLock):
        values = [
            item.value
            for item in node.inputs.items
            if isinstance(item, ast.Assign) and _names(item.target, "value")
        ]
        return node.type.text, _constant_shape(values[0] if len(values) == 1 else None)
    return node.type.text, _constant_shape(node.value)


def _names(target: ast.Path, name: str) -> bool:
    match target.keys:
        case (ast.Field(name=ast.Name(text=text)),):
            return text == name
        case _:
            return False


def _held(
    graph: FlowGraph, reached: set[int], start: Held
) -> tuple[dict[int, Held], dict[int, Held]]:
    """Before each step: the locks that every path holds, and those that some path holds."""
    surely: dict[int, Held] = {graph.start: start}
    maybe: dict[int, Held] = {graph.start: start}
    todo = [graph.start]
    while todo:
        id = todo.pop()
        node = graph.nodes[id]
        sure, may = _after(node.origin, surely[id]), _after(node.origin, maybe[id])
        ways = [(target, sure, may) for target in node.successors if target in reached]
        if node.on_error is not None and node.on_error in reached:
            ways.append((node.on_error, surely[id] & sure, maybe[id] | may))
        for target, held, possible in ways:
            if target not in surely:
                surely[target], maybe[target] = held, possible
            elif surely[target] <= held and possible <= maybe[target]:
                continue
            else:
                surely[target], maybe[target] = surely[target] & held, maybe[target] | possible
            todo.append(target)
    return surely, maybe


def _after(node: ast.Node, held: Held) -> Held:
    match node:
        case ast.Lock() | ast.WaitForLock():
            return held | {_key(node)}
        case ast.Unlock():
            key = _key(node)
            # A value that may be any gives back any lock of its type.
            return frozenset(
                lock for lock in held if lock != key and (key[1] is not None or lock[0] != key[0])
            )
        case _:
            return held


def _crossed(unit: Unit, orders: dict[tuple[str, str], Span]) -> Iterator[Diagnostic]:
    for (first, second), span in orders.items():
        other = orders.get((second, first))
        if first != second and other is not None and other < span:
            yield locks.LOCK_ORDER.at(
                span,
                first=first,
                second=second,
                other="this workflow",
                help="two jobs that each hold one of them wait for each other",
                labels=(Label(other, "the other order"),),
            )
