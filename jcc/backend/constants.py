"""The values of literals: defaults, `wfenv:` and `config:` entries, known when compiling."""

from __future__ import annotations

from jcc.backend.ir import InternalError
from jcc.frontend import ast
from jobcenter.artifact import Json


def constant(expression: ast.Expression) -> Json:
    """The value of a literal, of a negative number, of `array(…)` and `object(…)` of such.
    Raises InternalError for anything else: the checks let nothing else stand where a constant is wanted."""
    match expression:
        case ast.Literal(value=value):
            return value
        case ast.Unary(op="-", operand=ast.Literal(value=int() | float() as value)):
            return -value
        case ast.Unary(op="+", operand=ast.Literal(value=int() | float() as value)):
            return value
        case ast.Call(function=ast.Name(text="array"), arguments=arguments):
            return [constant(argument) for argument in arguments]
        case ast.ObjectLiteral(entries=entries):
            return {str(constant(key)): constant(value) for key, value in entries}
        case _:
            raise InternalError(f"a {type(expression).__name__} is no constant")
