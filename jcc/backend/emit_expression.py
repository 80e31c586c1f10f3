"""Native expressions as Python text: calls of the sandbox's operations on JSON values, nothing else.

An expression may be deep (200 levels of parentheses, a chain of a thousand joins), but Python's parser and the trees
behind it may not. So the walk keeps its own stack, and what grows deeper than `MAX_DEPTH` is cut out as a function of no
arguments, which is called where it stood: `part_1 = lambda: …` gives the same values at the same time, and only then.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, TypeAlias, assert_never

from jcc.backend.ir import InternalError
from jcc.frontend import ast
from jcc.frontend.functions import find_function

MAX_DEPTH = 12

BINARY = {
    "**": "op_pow",
    "*": "op_mul",
    "/": "op_div",
    "%": "op_mod",
    "x": "op_repeat",
    "+": "op_add",
    "-": "op_sub",
    ".": "op_join",
    "<": "op_lt",
    ">": "op_gt",
    "<=": "op_le",
    ">=": "op_ge",
    "lt": "op_str_lt",
    "gt": "op_str_gt",
    "le": "op_str_le",
    "ge": "op_str_ge",
    "==": "op_eq",
    "!=": "op_ne",
    "eq": "op_str_eq",
    "ne": "op_str_ne",
    "&&": "op_and",
    "and": "op_and",
    "||": "op_or",
    "or": "op_or",
    "//": "op_defined_or",
    "xor": "op_xor",
}
UNARY = {"!": "op_not", "not": "op_not", "-": "op_neg", "+": "op_pos"}
# The right side of these is evaluated only where the left side leaves the question open.
LAZY = frozenset({"op_and", "op_or", "op_defined_or"})

_COMPARISONS = frozenset({"<", ">", "<=", ">=", "lt", "gt", "le", "ge", "==", "!=", "eq", "ne"})
_PREDICATES = frozenset({"defined", "contains", "startswith", "endswith", "matches"})


# Makes a function of a code block in an expression, and gives the text of its call.
BlockCall: TypeAlias = Callable[[ast.CodeBlock], str]


class _Text(NamedTuple):
    text: str
    depth: int


def emit_expression(expression: ast.Expression, block: BlockCall, parts: list[str]) -> str:
    """The expression as one Python expression. `parts` is given the statements that must stand before it.
    Raises InternalError for a broken expression, a bare name and an unknown function."""
    done: list[_Text] = []
    todo: list[tuple[ast.Expression, bool]] = [(expression, False)]
    while todo:
        node, visited = todo.pop()
        operands = _operands(node)
        if operands and not visited:
            todo.append((node, True))
            todo.extend((operand, False) for operand in reversed(operands))
            continue
        first = len(done) - len(operands)
        texts = [_shallow(operand, parts) for operand in done[first:]]
        depth = 1 + max((text.depth for text in texts), default=0)
        done[first:] = [_Text(_combine(node, [text.text for text in texts], block), depth)]
    return done[0].text


def is_boolean(expression: ast.Expression) -> bool:
    """Is the expression's value a boolean, whatever its operands are?"""
    match expression:
        case ast.Binary(op=op):
            return op in _COMPARISONS
        case ast.Unary(op=op):
            return op in ("!", "not")
        case ast.Call(function=function):
            return function.text in _PREDICATES
        case ast.Literal(value=value):
            return isinstance(value, bool)
        case _:
            return isinstance(expression, ast.Match)


def emit_literal(value: ast.Scalar) -> str:
    """A number, string, boolean or null as Python."""
    match value:
        case bool() | None | str():
            return repr(value)
        case int():
            # Python refuses to read decimals of more than 4,300 digits; hexadecimals may be of any length.
            return repr(value) if abs(value) < 1 << 64 else hex(value)
        case float():
            return repr(value).replace("inf", "1e999")


def _operands(node: ast.Expression) -> list[ast.Expression]:
    """The expressions in a node, in the order in which they run."""
    match node:
        case ast.Literal() | ast.CodeBlock() | ast.BrokenExpression():
            return []
        case ast.Path(keys=keys):
            return [key.value for key in keys if isinstance(key, ast.Index)]
        case ast.Unary(operand=operand):
            return [operand]
        case ast.Binary(left=left, right=right):
            return [left, right]
        case ast.Match(subject=subject):
            return [subject]
        case ast.Call(arguments=arguments):
            return list(arguments)
        case ast.ObjectLiteral(entries=entries):
            return [part for entry in entries for part in entry]
        case _:
            assert_never(node)


def _shallow(operand: _Text, parts: list[str]) -> _Text:
    if operand.depth < MAX_DEPTH:
        return operand
    name = f"part_{len(parts) + 1}"
    parts.append(f"{name} = lambda: {operand.text}")
    return _Text(f"{name}()", 1)


def _combine(node: ast.Expression, operands: list[str], block: BlockCall) -> str:
    """The node as Python, its operands being so already."""
    match node:
        case ast.Literal(value=value):
            return emit_literal(value)
        case ast.Path(root=root):
            if root is None:
                raise InternalError("a bare name was handed to the emitter")
            return read_path(root, path_keys(node, operands))
        case ast.Unary(op=op, operand=operand):
            return _unary(op, operand, operands[0])
        case ast.Binary(op=op):
            return binary(BINARY[op], *operands)
        case ast.Match(pattern=pattern, flags=flags):
            return f"op_match({operands[0]}, {pattern!r}, {flags!r})"
        case ast.Call(function=function):
            return _call(function.text, operands)
        case ast.ObjectLiteral():
            return _object(node, operands)
        case ast.CodeBlock():
            return block(node)
        case ast.BrokenExpression():
            raise InternalError("a broken expression was handed to the emitter")
        case _:
            assert_never(node)


def binary(operation: str, left: str, right: str) -> str:
    """A call of an operation on two values."""
    return f"{operation}({left}, {'lambda: ' if operation in LAZY else ''}{right})"


def read_path(root: str, keys: list[str]) -> str:
    """The value at a path below one of the objects of a job."""
    return f"op_get({', '.join((root, *keys))})"


def path_keys(path: ast.Path, indexes: list[str]) -> list[str]:
    """The keys of a path, as arguments of `op_get` and `op_put`; `indexes` are the texts of its `[…]`, in order."""
    rest = iter(indexes)
    return [repr(key.name.text) if isinstance(key, ast.Field) else next(rest) for key in path.keys]


def _unary(op: str, operand: ast.Expression, text: str) -> str:
    match operand:
        case ast.Literal(value=int() | float() as value) if op == "-" and not isinstance(
            value, bool
        ):
            return emit_literal(-value)
        case _:
            return f"{UNARY[op]}({text})"


def _call(name: str, arguments: list[str]) -> str:
    function = find_function(name)
    if function is None:
        raise InternalError(f"an unknown function `{name}` was handed to the emitter")
    match function.name, arguments:
        case "array", _:
            return f"[{', '.join(arguments)}]"
        case "ifdef", [argument]:  # as a value; an assignment of it never comes here
            return argument
        case _:
            return f"fn_{function.name}({', '.join(arguments)})"


def _object(node: ast.ObjectLiteral, operands: list[str]) -> str:
    entries = []
    for (key, _), key_text, value_text in zip(
        node.entries, operands[::2], operands[1::2], strict=True
    ):
        is_text = isinstance(key, ast.Literal) and isinstance(key.value, str)
        entries.append(f"{key_text if is_text else f'op_case({key_text})'}: {value_text}")
    return f"{{{', '.join(entries)}}}"
