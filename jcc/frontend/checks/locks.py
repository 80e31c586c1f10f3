"""Locks: declared, taken once, given back while held, and always in the same order."""

from __future__ import annotations

from collections.abc import Iterator

from jcc.diagnostics import Diagnostic, Label, locks
from jcc.frontend import ast
from jcc.frontend.checks.held import MAX_LOCKS, Orders, declarations, held_locks, key_of, orders_in
from jcc.frontend.checks.shape import Shape, shape_of
from jcc.frontend.checks.unit import Unit
from jcc.source import Span


def check_locks(unit: Unit) -> Iterator[Diagnostic]:
    """The declarations of `locks:` and the statements that use them."""
    declared = list(declarations(unit.definition))
    by_type: dict[str, list[ast.LockDeclaration]] = {}
    for entry in declared:
        by_type.setdefault(entry.type.text, []).append(entry)
    taken: set[str] = set()
    for node in _statements(unit):
        taken.add(node.type.text)
        yield from _declaration_of(unit, node, by_type)
    yield from _declarations(declared, taken, unit.survey.writes_hidden)


def _statements(unit: Unit) -> list[ast.Lock | ast.Unlock | ast.WaitForLock]:
    survey = unit.survey
    return [*survey.of(ast.Lock), *survey.of(ast.WaitForLock), *survey.of(ast.Unlock)]


def _declaration_of(
    unit: Unit,
    node: ast.Lock | ast.Unlock | ast.WaitForLock,
    by_type: dict[str, list[ast.LockDeclaration]],
) -> Iterator[Diagnostic]:
    name = node.type
    entries = by_type.get(name.text)
    if entries is None:
        found = unit.guess(name, by_type)
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


def check_held(unit: Unit) -> Iterator[Diagnostic]:
    """Locks taken while they are held, unlocked while they are not, and taken in two orders."""
    graph = unit.model.flow
    statements = _statements(unit)
    if graph is None or not statements or unit.survey.writes_hidden:
        return
    if len({key_of(node) for node in statements}) > MAX_LOCKS:
        return  # too many to follow each along every path
    held = held_locks(unit.definition, graph, unit.inferred.reached)
    for id in sorted(unit.inferred.reached):
        node = graph.nodes[id].origin
        if isinstance(node, ast.Unlock):
            if not any(type == node.type.text for type, _ in held.maybe[id]):
                yield locks.UNLOCK_NOT_HELD.at(node.span, type=node.type.text)
        elif isinstance(node, ast.Lock | ast.WaitForLock):
            key = key_of(node)
            if key[1] is not None and key in held.surely[id]:
                yield locks.LOCK_TAKEN_TWICE.at(node.span, lock=node.type.text)
    yield from _crossed(orders_in(graph, held))


def _crossed(orders: Orders) -> Iterator[Diagnostic]:
    for (first, second), span in orders.items():
        other = orders.get((second, first))
        if other is not None and other < span:
            yield _crossing(
                first, second, span, "this workflow", (Label(other, "the other order"),)
            )


def _crossing(
    first: str, second: str, span: Span, other: str, labels: tuple[Label, ...]
) -> Diagnostic:
    return locks.LOCK_ORDER.at(
        span,
        first=first,
        second=second,
        other=other,
        help="two jobs that each hold one of them wait for each other; take them in one order everywhere",
        labels=labels,
    )
