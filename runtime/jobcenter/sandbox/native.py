"""Native code: which functions of a module are so plain that they need no guard.

A native function is straight calls of the language's operations and functions, which are total and pay for what they
use. It has no loop, no attribute, no subscript and no call that could come back to it, so that its time is bounded by
its length; and it hands a root object (`a e i o t v`) to nothing that could keep it. All other functions are code
blocks, and `policy` rewrites them. This distinguishes for speed: a block is safe, but slower.
"""

from __future__ import annotations

import ast
from collections import Counter
from math import isfinite
from typing import Final

from jobcenter.sandbox.functions import FUNCTIONS
from jobcenter.sandbox.limits import INTEGER_BITS
from jobcenter.sandbox.operations import OPERATIONS

CALLABLE: Final = frozenset(OPERATIONS) | {f"fn_{name}" for name in FUNCTIONS}
# How many of its first arguments may be roots.
_ROOT_ARGUMENTS: Final = {
    "op_get": 1,
    "op_put": 1,
    "op_put_defined": 1,
    "op_copy": 2,
    "op_copy_all": 2,
}
# The operations whose second argument is a function without parameters, which they call or not.
_LAZY: Final = frozenset({"op_and", "op_or", "op_defined_or"})
RESERVED: Final = ("op_", "fn_", "pl_")


def is_native(function: ast.FunctionDef, blocks: frozenset[str]) -> bool:
    """Is this top-level function native? `blocks` are the module's functions that native code may call: those which
    are code blocks, for they pay for each call."""
    shape = _Shape(frozenset(argument.arg for argument in function.args.args), blocks)
    plain = not function.decorator_list and function.returns is None
    return plain and _plain_parameters(function.args) and shape.fits(function.body)


def _plain_parameters(arguments: ast.arguments) -> bool:
    return (
        not (arguments.posonlyargs or arguments.kwonlyargs or arguments.vararg or arguments.kwarg)
        and not arguments.defaults
        and all(each.annotation is None and not each.arg.startswith("_") for each in arguments.args)
    )


def constant_problem(value: object) -> str | None:
    """What is wrong with a constant, if anything."""
    match value:
        case None | bool():
            return None
        case int():
            too_large = value.bit_length() > INTEGER_BITS
            return f"a number of more than {INTEGER_BITS:,} bits" if too_large else None
        case float():
            return None if isfinite(value) else "a number that is not finite"
        case str():
            broken = any("\ud800" <= character <= "\udfff" for character in value)
            return "a string that holds half of a surrogate pair" if broken else None
        case _:
            return f"a constant of type `{type(value).__name__}` is not allowed"


class _Shape:
    """The walk over one function. Its variables are parts, `part_1 = lambda: …`, which are only called, or values."""

    def __init__(self, roots: frozenset[str], blocks: frozenset[str]) -> None:
        self.roots = roots
        self.blocks = blocks
        self.values: set[str] = set()
        self.parts: set[str] = set()
        self.calls: Counter[str] = Counter()

    def fits(self, body: list[ast.stmt]) -> bool:
        # A part called twice by a part that is called twice, and so on: that would double at each step.
        return all(map(self._statement, body)) and all(n == 1 for n in self.calls.values())

    def _statement(self, node: ast.stmt) -> bool:
        match node:
            case ast.Pass() | ast.Expr(value=ast.Constant()) | ast.Return(value=None):
                return True
            case ast.Expr(value=value) | ast.Return(value=ast.expr() as value):
                return self._expression(value, [])
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                return self._new(name) and self._assigned(name, value)
            case ast.If(test=test, body=body, orelse=orelse):
                return self._expression(test, []) and all(map(self._statement, [*body, *orelse]))
            case _:
                return False

    def _new(self, name: str) -> bool:
        taken = name in self.roots or name in self.blocks or name in self.parts
        return not taken and not name.startswith(("_", *RESERVED))

    def _assigned(self, name: str, value: ast.expr) -> bool:
        if not isinstance(value, ast.Lambda):
            fits = self._expression(value, [])
            self.values.add(name)
            return fits
        parts: list[str] = []
        fits = name not in self.values and self._thunk(value, parts)
        self.parts.add(name)
        self.calls.update(parts)
        return fits

    def _thunk(self, node: ast.expr, parts: list[str]) -> bool:
        match node:
            case ast.Lambda(args=arguments, body=body):
                plain = _plain_parameters(arguments) and not arguments.args
                return plain and self._expression(body, parts)
            case _:
                return False

    def _expression(self, node: ast.expr, parts: list[str]) -> bool:
        """`parts` is given the names of the local functions that are called."""
        match node:
            case ast.Constant(value=value):
                return constant_problem(value) is None
            case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float())):
                return True
            case ast.Name(id=name):
                return name in self.values
            case ast.List(elts=items):
                return all(self._expression(each, parts) for each in items)
            case ast.Dict(keys=keys, values=values):
                return all(map(_is_text, keys)) and all(
                    self._expression(each, parts) for each in [*filter(None, keys), *values]
                )
            case ast.Compare(
                left=left, ops=[ast.Is() | ast.IsNot()], comparators=[ast.Constant(value=None)]
            ):
                return self._expression(left, parts)
            case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]):
                return self._call(name, arguments, parts)
            case _:
                return False

    def _call(self, name: str, arguments: list[ast.expr], parts: list[str]) -> bool:
        if name in self.parts:
            parts.append(name)
            return not arguments
        if name not in CALLABLE and name not in self.blocks:
            return False
        roots = len(arguments) if name in self.blocks else _ROOT_ARGUMENTS.get(name, 0)
        return all(
            (place < roots and isinstance(each, ast.Name) and each.id in self.roots)
            or (place == 1 and name in _LAZY and self._thunk(each, parts))
            or self._expression(each, parts)
            for place, each in enumerate(arguments)
        )


def _is_text(key: ast.expr | None) -> bool:
    """Is this key of an object a string whatever happens? `**` has none."""
    match key:
        case ast.Constant(value=str()) | ast.Call(func=ast.Name(id="op_case")):
            return True
        case _:
            return False
