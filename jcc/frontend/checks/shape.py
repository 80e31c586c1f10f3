"""What an expression is, apart from where it stands: two expressions with equal shapes mean the same."""

from __future__ import annotations

from typing import TypeAlias, assert_never

from jcc.frontend import ast

Shape: TypeAlias = tuple[object, ...]

# Functions that may give something else at the next call.
CHANGING = frozenset({"now", "uuid"})

_DEEPEST = 40


def shape_of(node: ast.Expression, depth: int = 0) -> Shape | None:
    """The shape of an expression; None where two that look alike may differ: code, broken nodes, `now()`, great depth."""
    parts: list[Shape | None] = []
    if depth > _DEEPEST:
        return None
    match node:
        case ast.Literal(value=value):
            return ("literal", type(value).__name__, value)
        case ast.Path(root=root, keys=keys):
            head: Shape = ("path", root)
            parts = [_key(key, depth) for key in keys]
        case ast.Unary(op=op, operand=operand):
            head = ("unary", op)
            parts = [shape_of(operand, depth + 1)]
        case ast.Binary(op=op, left=left, right=right):
            head = ("binary", op)
            parts = [shape_of(left, depth + 1), shape_of(right, depth + 1)]
        case ast.Match(subject=subject, pattern=pattern, flags=flags):
            head = ("match", pattern, flags)
            parts = [shape_of(subject, depth + 1)]
        case ast.Call(function=function, arguments=arguments):
            if function.text in CHANGING:
                return None
            head = ("call", function.text)
            parts = [shape_of(argument, depth + 1) for argument in arguments]
        case ast.ObjectLiteral(entries=entries):
            head = ("object",)
            parts = [shape_of(part, depth + 1) for entry in entries for part in entry]
        case ast.CodeBlock() | ast.BrokenExpression():
            return None
        case _:
            assert_never(node)
    return None if None in parts else (*head, *parts)


def _key(key: ast.Field | ast.Index, depth: int) -> Shape | None:
    if isinstance(key, ast.Field):
        return ("field", key.name.text)
    return shape_of(key.value, depth + 1)


def roots_of(shape: Shape) -> set[tuple[str | None, str | None]]:
    """The objects and first names that an expression of this shape reads."""
    found: set[tuple[str | None, str | None]] = set()
    todo: list[object] = [shape]
    while todo:
        part = todo.pop()
        if not isinstance(part, tuple) or not part:
            continue
        if part[0] == "path":
            first = part[2] if len(part) > 2 else None
            named = isinstance(first, tuple) and first[0] == "field"
            found.add((part[1], first[1] if named and isinstance(first, tuple) else None))
        todo.extend(part[1:])
    return found
