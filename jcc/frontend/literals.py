"""Which expressions are literal values: those that defaults and constants may be."""

from __future__ import annotations

from jcc.diagnostics.core import Edit, Fix
from jcc.frontend import ast


def first_non_literal(value: ast.Expression) -> ast.Expression | None:
    """The first part of a value that has to be computed; None for a literal, an `array(…)` or `object(…)` of literals,
    and for what is broken, which has been told already."""
    match value:
        case ast.Literal() | ast.BrokenExpression():
            return None
        case ast.Call(function=ast.Name(text="array"), arguments=arguments):
            parts = arguments
        case ast.ObjectLiteral(entries=entries):
            parts = tuple(part for entry in entries for part in entry)
        case _:
            return value
    return next((found for part in parts if (found := first_non_literal(part))), None)


def quoting(value: ast.Expression) -> tuple[str | None, Fix | None]:
    """Help for a bare name where a literal is due: quotes."""
    match value:
        case ast.Path(root=None, keys=(ast.Field(name=ast.Name(text=text)),)):
            quoted = f"'{text}'"
        case ast.Path(root=str(root), keys=()):
            quoted = f"'{root}'"
        case _:
            return None, None
    return f"a string is written {quoted}", Fix("put it into quotes", (Edit(value.span, quoted),))
