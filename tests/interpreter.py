"""A second opinion on the language: evaluates expressions and maps by walking the tree, straight from the reference.

It shares no code with the compiler's backend and the sandbox, which it is compared with. It is slow and recursive, and
knows only the functions that need no library. `Failure` stands for an error of class `type`.
"""

from __future__ import annotations

import copy
import json
import operator
import re
from collections.abc import Callable
from typing import Any

from jcc.frontend import ast

Objects = dict[str, Any]


class Failure(Exception):
    """The expression has no value."""


# -- values -------------------------------------------------------------------------------------------------------

_INTEGER = re.compile(r"\s*[+-]?\d+\s*", re.ASCII)
_NUMBER = re.compile(r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*", re.ASCII)


def truth(value: Any) -> bool:
    return not (value is None or (isinstance(value, (str, int, float)) and value in (0, "", "0")))


def number(value: Any) -> int | float:
    match value:
        case None:
            return 0
        case bool():
            return int(value)
        case int() | float():
            return value
        case str() if _INTEGER.fullmatch(value):
            return int(value)
        case str() if _NUMBER.fullmatch(value):
            return sound(float(value))
        case _:
            raise Failure(f"no number: {value!r}")


def is_numeric(value: Any) -> bool:
    try:
        number(value)
    except Failure:
        return False
    return True


def sound(value: int | float | complex) -> int | float:
    """A result of arithmetic that may be stored."""
    if isinstance(value, complex) or value != value or value in (float("inf"), float("-inf")):
        raise Failure("no finite number")
    if isinstance(value, int) and value.bit_length() > 10_000:
        raise Failure("too large")
    return value


def text(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case str() | int():
            return str(value)
        case float():
            return format(value or 0.0, ".15g")
        case _:
            raise Failure(f"no text: {value!r}")


# -- operators ----------------------------------------------------------------------------------------------------


def divide(left: int | float, right: int | float) -> int | float:
    if right == 0:
        raise Failure("division by zero")
    if isinstance(left, int) and isinstance(right, int) and left % right == 0:
        return left // right
    return left / right


def modulo(left: int | float, right: int | float) -> int | float:
    if right == 0:
        raise Failure("division by zero")
    return left % right


def equal(left: Any, right: Any) -> bool:
    """By content where there is any; as numbers where both are such; else as strings."""
    if isinstance(left, list | dict) or isinstance(right, list | dict):
        return type(left) is type(right) and left == right
    if is_numeric(left) and is_numeric(right):
        return number(left) == number(right)
    return text(left) == text(right)


ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": divide,
    "%": modulo,
    "**": operator.pow,
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}
TEXTUAL: dict[str, Callable[[str, str], bool]] = {
    "lt": operator.lt,
    "gt": operator.gt,
    "le": operator.le,
    "ge": operator.ge,
    "eq": operator.eq,
    "ne": operator.ne,
}


def combine(op: str, left: Any, right: Callable[[], Any]) -> Any:
    """A binary operator; the right side is looked at only where it counts."""
    match op:
        case "and" | "&&":
            return right() if truth(left) else left
        case "or" | "||":
            return left if truth(left) else right()
        case "//":
            return right() if left is None else left
        case _:
            return strict(op, left, right())


def strict(op: str, left: Any, other: Any) -> Any:
    """An operator that looks at both its sides."""
    match op:
        case "xor":
            return truth(left) != truth(other)
        case ".":
            return text(left) + text(other)
        case "x":
            return text(left) * max(int(number(other)), 0)
        case "==":
            return equal(left, other)
        case "!=":
            return not equal(left, other)
        case _ if op in TEXTUAL:
            return TEXTUAL[op](text(left), text(other))
        case _:
            return arithmetic(op, left, other)


def arithmetic(op: str, left: Any, other: Any) -> Any:
    try:
        return sound(ARITHMETIC[op](number(left), number(other)))
    except (OverflowError, ZeroDivisionError) as error:
        raise Failure(str(error)) from error


def json_text(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "defined": lambda x: x is not None,
    "ifdef": lambda x: x,
    "concat": lambda *parts: "".join(map(text, parts)),
    "tostring": lambda x: json_text(x) if isinstance(x, list | dict) else text(x),
    "tonumber": number,
    "array": lambda *items: list(items),
    "lower": lambda s: text(s).lower(),
    "upper": lambda s: text(s).upper(),
    "tojson": json_text,
}


# -- expressions --------------------------------------------------------------------------------------------------


def evaluate(node: ast.Expression, objects: Objects, implicit: str = "v") -> Any:
    """The value of an expression over the objects `a e v i o t`. Raises Failure where it has none."""

    def value(inner: ast.Expression) -> Any:
        return evaluate(inner, objects, implicit)

    match node:
        case ast.Literal(value=literal):
            return literal
        case ast.Path(root=root):
            return read(objects[root or implicit], keys_of(node, objects, implicit))
        case ast.Unary(op="-", operand=operand):
            return -number(value(operand))
        case ast.Unary(op="+", operand=operand):
            return number(value(operand))
        case ast.Unary(operand=operand):
            return not truth(value(operand))
        case ast.Binary(op=op, left=left, right=right):
            return combine(op, value(left), lambda: value(right))
        case ast.Match(subject=subject, pattern=pattern, flags=flags):
            compiled = re.compile(pattern, sum(getattr(re, flag.upper()) for flag in flags))
            return compiled.search(text(value(subject))) is not None
        case ast.Call(function=function, arguments=arguments):
            return FUNCTIONS[function.text](*map(value, arguments))
        case ast.ObjectLiteral(entries=entries):
            return {text(value(key)): value(inner) for key, inner in entries}
        case ast.CodeBlock() | ast.BrokenExpression():
            raise AssertionError(f"not for this interpreter: {node}")


def keys_of(path: ast.Path, objects: Objects, implicit: str) -> list[Any]:
    return [
        key.name.text if isinstance(key, ast.Field) else evaluate(key.value, objects, implicit)
        for key in path.keys
    ]


def read(value: Any, keys: list[Any]) -> Any:
    for key in keys:
        if value is None or (key is None and isinstance(value, list | dict)):
            return None
        match value:
            case dict():
                value = value.get(text(key))
            case list():
                at = index(key)
                value = value[at] if -len(value) <= at < len(value) else None
            case _:
                raise Failure(f"no {key!r} in {value!r}")
    return value


def index(key: Any) -> int:
    if key is None or isinstance(key, bool) or number(key) % 1:
        raise Failure(f"no index: {key!r}")
    return int(number(key))


def write(target: Any, value: Any, keys: list[Any]) -> None:
    """Puts the value at the path, making what is not there: an array where its index is an integer, else an object."""
    key, *rest = keys
    if rest:
        inner = read(target, [key])
        if inner is None:
            inner = [] if type(rest[0]) is int else {}
        write(inner, value, rest)
        value = inner
    match target:
        case dict() if key is not None:
            target[text(key)] = value
        case list():
            at = index(key)
            if not -len(target) <= at <= len(target):
                raise Failure(f"index {at} lies beyond the end")
            target[at : at + 1 or None] = [value]
        case _:
            raise Failure(f"cannot set {key!r} of {target!r}")


# -- maps ---------------------------------------------------------------------------------------------------------

IMPLICIT = {"in": "i", "out": "v", "eval": "v", "end": "o"}
SOURCE = {"in": "v", "out": "o", "end": "v"}


def run_map(map: ast.Map, role: str, objects: Objects) -> None:
    """Runs the assignments of a map of a role; `objects` are changed. Raises Failure."""
    for item in map.items:
        match item:
            case ast.Assign():
                assign(item, objects, IMPLICIT[role])
            case ast.Copy(names=names, everything=everything):
                source, target = objects[SOURCE[role]], objects[IMPLICIT[role]]
                wanted = list(source) if everything else [name.text for name in names]
                target.update({name: copy.deepcopy(source.get(name)) for name in wanted})
            case ast.BrokenItem():
                raise AssertionError("not for this interpreter: a broken item")


def assign(item: ast.Assign, objects: Objects, implicit: str) -> None:
    root = objects[item.target.root or implicit]
    keys = keys_of(item.target, objects, implicit)
    value = item.value
    is_ifdef = isinstance(value, ast.Call) and value.function.text == "ifdef"

    def right() -> Any:
        return evaluate(value, objects, implicit)

    if is_ifdef and right() is None:
        return
    match item.op:
        case "=":
            new = right()
        case ",=":
            old = read(root, keys)
            if not isinstance(old, list | None):
                raise Failure("no array")
            new = [*(old or []), right()]
        case op:
            new = combine(op.removesuffix("="), read(root, keys), right)
    write(root, copy.deepcopy(new), keys)
