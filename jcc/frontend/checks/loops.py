"""Loops whose condition nothing in them changes."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator

from jcc.diagnostics import Diagnostic, flow
from jcc.frontend import ast
from jcc.frontend.checks.shape import roots_of, shape_of
from jcc.frontend.checks.unit import Unit
from jcc.source import Span


def check_loop_conditions(unit: Unit) -> Iterator[Diagnostic]:
    """`while` and `repeat` whose condition reads variables that the body never writes, and that nothing else leaves."""
    loops: list[ast.While | ast.Repeat] = [*unit.survey.of(ast.While), *unit.survey.of(ast.Repeat)]
    if not loops or unit.survey.writes_hidden:
        return
    written, leaving = _Places(_writes(unit)), _Places(_exits(unit))
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


def _writes(unit: Unit) -> list[tuple[int, str | None]]:
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


def _exits(unit: Unit) -> list[tuple[int, str | None]]:
    """The statements that leave a loop on purpose."""
    survey = unit.survey
    statements = (
        *survey.of(ast.Return),
        *survey.of(ast.Goto),
        *survey.of(ast.RaiseError),
        *survey.of(ast.Assert),
    )
    return [(statement.span.start, "") for statement in statements]
