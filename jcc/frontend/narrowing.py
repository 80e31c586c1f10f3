"""What a condition tells of the path it tests: the types of the path where the condition is true and where it is false."""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass

from jcc.frontend import ast
from jcc.frontend.conversion import is_number, is_numeric, is_text, text_of
from jcc.frontend.schemas import BASE_TYPES
from jcc.frontend.types import (
    ANY,
    NULL,
    NUMBER,
    UNKNOWN,
    UNSET,
    LiteralType,
    Type,
    defined,
    falsy,
    is_within,
    literal_of,
    meet,
    members_of,
    truthy,
    union_of,
    without,
)

Narrow = Callable[[Type], Type]


@dataclass(frozen=True, slots=True)
class Test:
    """`yes` and `no` make the path's type narrower where the condition is true or false."""

    path: ast.Path
    yes: Narrow
    no: Narrow


def test_of(condition: ast.Expression) -> Test | None:
    """The test that a condition makes of one path; None for one that tells nothing."""
    match condition:
        case ast.Path():
            return Test(condition, truthy, falsy)
        case ast.Call(function=ast.Name(text="defined"), arguments=(ast.Path() as path,)):
            return Test(path, defined, undefined)
        case ast.Binary(op=op, left=ast.Path() as path, right=ast.Literal(value=value)):
            return _comparison(op, path, value)
        case ast.Binary(op=op, left=ast.Literal(value=value), right=ast.Path() as path):
            return _comparison(_MIRRORED.get(op, op), path, value)
        case ast.Binary(
            op=op,
            left=ast.Call(function=ast.Name(text="typeof"), arguments=(ast.Path() as path,)),
            right=ast.Literal(value=str(name)),
        ) if op in ("eq", "==", "ne", "!="):
            return _flipped(Test(path, _of_kind(name), _not_of_kind(name)), op in ("ne", "!="))
        case _:
            return None


def label_test(path: ast.Path, label: str) -> Test:
    """What a label of `case` tells: it fits, or it does not."""
    return _equality(path, label)


def undefined(type: Type) -> Type:
    """What is left of the type where it is null or not there."""
    return union_of(member for member in members_of(type) if member in _MAY_BE_ABSENT)


_MAY_BE_ABSENT = (NULL, UNSET, ANY, UNKNOWN)


def _of_kind(name: str) -> Narrow:
    """The part of a type that `typeof` gives this name."""
    kind = BASE_TYPES.get(name)
    if kind is None or name in ("any", "json"):
        return _unchanged
    if kind is NULL:
        return undefined
    return lambda type: kind if type is ANY else meet(defined(type), kind)


def _not_of_kind(name: str) -> Narrow:
    kind = BASE_TYPES.get(name)
    if kind is NULL:
        return defined
    if kind is None or kind in (ANY, NUMBER):  # the rest of a number may be integers
        return _unchanged
    return lambda type: union_of(m for m in members_of(type) if not is_within(m, kind))


def _unchanged(type: Type) -> Type:
    return type


# -- comparisons ----------------------------------------------------------------------------------------------------

_MIRRORED = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}
_COMPARE: dict[str, Callable[[float, float], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def _comparison(op: str, path: ast.Path, value: ast.Scalar) -> Test | None:
    if op in ("eq", "ne"):
        return _flipped(_equality(path, text_of(value)), op == "ne")
    compare = _COMPARE.get(op)
    if compare is None:
        return None
    if isinstance(value, str) and not is_numeric(value):
        if op in ("==", "!=") and value:
            return _flipped(Test(path, _is_text(value), _is_other_text(value)), op == "!=")
        return None
    number = float(value or 0) if not isinstance(value, int) else value
    return _numeric(op, path, number, compare)


def _numeric(
    op: str, path: ast.Path, number: float, compare: Callable[[float, float], bool]
) -> Test:
    """Null counts as 0: where 0 would have gone the other way, the value is not null."""
    null_goes_yes = compare(0, number)

    def yes(type: Type) -> Type:
        if op == "==" and is_number(defined(type)):
            type = union_of((literal_of(number), undefined(type)))
        return type if null_goes_yes else defined(type)

    def no(type: Type) -> Type:
        return defined(type) if null_goes_yes else type

    return Test(path, yes, no)


def _equality(path: ast.Path, text: str) -> Test:
    """`path eq text`: null counts as ''."""

    def yes(type: Type) -> Type:
        solid = defined(type)
        found = literal_of(text) if is_text(solid) else solid
        return union_of((found, undefined(type))) if text == "" else found

    def no(type: Type) -> Type:
        return _is_other_text(text)(defined(type) if text == "" else type)

    return Test(path, yes, no)


def _is_text(text: str) -> Narrow:
    return lambda type: literal_of(text) if is_text(defined(type)) else type


def _is_other_text(text: str) -> Narrow:
    literal = literal_of(text)
    return lambda type: without(type, literal) if isinstance(literal, LiteralType) else type


def _flipped(test: Test, flip: bool) -> Test:
    return Test(test.path, test.no, test.yes) if flip else test
