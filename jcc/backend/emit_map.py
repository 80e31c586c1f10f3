"""Maps and values as Python statements: assignments, shorthands, returns. Expressions are `emit_expression`'s."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import assert_never

from jcc.backend.emit_expression import (
    BlockCall,
    binary,
    emit_expression,
    is_boolean,
    path_keys,
    read_path,
)
from jcc.backend.ir import InternalError
from jcc.frontend import ast
from jcc.source import Span

# What an assignment operator does with the old value.
_OPERATORS = {
    ".=": "op_join",
    "+=": "op_add",
    "-=": "op_sub",
    "*=": "op_mul",
    "/=": "op_div",
    "//=": "op_defined_or",
    "||=": "op_or",
    ",=": "op_append",
}
# By the role of a map: the object that it fills, and the one that its shorthands copy from.
IMPLICIT = {"in": "i", "out": "v", "eval": "v", "end": "o"}
_NATURAL = {"in": "v", "out": "o", "end": "v"}


@dataclass(frozen=True, slots=True)
class Lines:
    """Python statements, one or more lines of text, made of the JCL at `span`."""

    text: str
    span: Span


def emit_items(items: tuple[ast.MapItem, ...], role: str, block: BlockCall) -> Iterator[Lines]:
    """The statements of a map without a code block. Raises InternalError for a broken item."""
    target = IMPLICIT[role]
    for item in items:
        match item:
            case ast.Assign():
                yield Lines("\n".join(_assign(item, target, block)), item.span)
            case ast.Copy(names=names, everything=everything):
                source = _natural(role)
                if everything:
                    yield Lines(f"op_copy_all({source}, {target})", item.span)
                else:
                    texts = ", ".join(repr(name.text) for name in names)
                    yield Lines(f"op_copy({source}, {target}, {texts})", item.span)
            case ast.BrokenItem():
                raise InternalError("a broken assignment was handed to the emitter")
            case _:
                assert_never(item)


def _natural(role: str) -> str:
    if role not in _NATURAL:
        raise InternalError(f"a map of role `{role}` has nothing to copy from")
    return _NATURAL[role]


def emit_value(expression: ast.Expression, convert: str | None, block: BlockCall) -> Lines:
    """The statement that returns the expression's value, converted by the operation `convert` where it needs it."""
    parts: list[str] = []
    value = emit_expression(expression, block, parts)
    if convert is not None and not (convert == "op_true" and is_boolean(expression)):
        value = f"{convert}({value})"
    return Lines("\n".join((*parts, f"return {value}")), expression.span)


def _assign(item: ast.Assign, implicit: str, block: BlockCall) -> Iterator[str]:
    parts: list[str] = []
    root = item.target.root or implicit
    indexes = [
        emit_expression(key.value, block, parts)
        for key in item.target.keys
        if isinstance(key, ast.Index)
    ]
    keys = path_keys(item.target, indexes)

    def new(value: str) -> str:
        if item.op == "=":
            return value
        return binary(_OPERATORS[item.op], read_path(root, keys), value)

    match item.value:
        case ast.Call(function=ast.Name(text="ifdef"), arguments=(argument,)):
            value = emit_expression(argument, block, parts)
            yield from parts
            if item.op == "=":
                yield put("op_put_defined", root, value, keys)
            else:
                yield f"value = {value}"
                yield "if value is not None:"
                yield "    " + put("op_put", root, new("value"), keys)
        case expression:
            value = emit_expression(expression, block, parts)
            yield from parts
            yield put("op_put", root, new(value), keys)


def put(operation: str, root: str, value: str, keys: list[str]) -> str:
    """A call that writes `value` at a path."""
    return f"{operation}({', '.join((root, value, *keys))})"
