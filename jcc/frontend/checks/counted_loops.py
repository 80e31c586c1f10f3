"""Loops that count from one constant to another: how often they turn. Reports nothing.

Only the plain case is known: the counter is set in `do:` before the `while` there, moved by a constant in its body, and written
nowhere else; nothing leaves the loop before its condition does.
"""

from __future__ import annotations

from jcc.frontend import ast
from jcc.frontend.checks.loops import exits_of, variable_writes
from jcc.frontend.checks.unit import Unit
from jcc.frontend.signatures import constant_value
from jcc.frontend.survey import Write

_MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}


def turns_of(unit: Unit, loop: ast.While) -> int:
    """How many times a loop turns at least; 0 where that is not known."""
    counter = _condition(loop.condition)
    graph = unit.model.flow
    if counter is None or graph is None or graph.gotos:
        return 0
    name, op, bound = counter
    written = [key for _, key in variable_writes(unit)]
    leaves = any(loop.span.start <= place < loop.span.end for place, _ in exits_of(unit))
    if leaves or None in written or written.count(name) != 2:
        return 0
    writes = [w for w in unit.survey.writes if (w.root, w.name) == ("v", name)]
    if len(writes) != 2 or not all(_is_plain(write) for write in writes):
        return 0
    before, moved = sorted(writes, key=lambda write: write.item.span.start)
    start, step = _start(unit, loop, before), _step(loop, moved, name)
    return 0 if start is None or step is None else _turns(start, op, bound, step)


def _turns(start: int, op: str, bound: int, step: int) -> int:
    if op in (">", ">="):
        start, bound, step = -start, -bound, -step
    if step <= 0:
        return 0
    last = bound if op in ("<=", ">=") else bound - 1
    return max(0, (last - start) // step + 1)


def _condition(condition: ast.Expression) -> tuple[str, str, int] | None:
    """`v.name < 10` as its parts, also when it is written the other way round."""
    if not isinstance(condition, ast.Binary) or condition.op not in _MIRRORED:
        return None
    for path, op, value in (
        (condition.left, condition.op, condition.right),
        (condition.right, _MIRRORED[condition.op], condition.left),
    ):
        name, bound = _variable(path), _integer(value)
        if name is not None and bound is not None:
            return name, op, bound
    return None


def _start(unit: Unit, loop: ast.While, write: Write) -> int | None:
    """What the counter is before the loop, if a statement of the same block, `do:`, sets it."""
    for section in unit.survey.sections(ast.BodySection):
        statements = section.body.statements
        if loop in statements:
            earlier = statements[: statements.index(loop)]
            if write.use.owner in earlier and write.item.op == "=":
                return _integer(write.item.value)
    return None


def _step(loop: ast.While, write: Write, name: str) -> int | None:
    """What each turn adds to the counter."""
    item = write.item
    if write.use.owner not in loop.body.statements:
        return None
    match item.op, item.value:
        case "+=", value:
            return _integer(value)
        case "-=", value:
            step = _integer(value)
            return None if step is None else -step
        case "=", ast.Binary(op="+", left=left, right=right) if _variable(left) == name:
            return _integer(right)
        case _:
            return None


def _is_plain(write: Write) -> bool:
    return isinstance(write.use.owner, ast.Eval) and len(write.item.target.keys) == 1


def _variable(expression: ast.Expression) -> str | None:
    match expression:
        case ast.Path(root="v", keys=(ast.Field(name=name),)):
            return name.text
        case _:
            return None


def _integer(expression: ast.Expression) -> int | None:
    value = constant_value(expression)
    return value if isinstance(value, int) and not isinstance(value, bool) else None
