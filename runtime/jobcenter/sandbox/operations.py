"""The operations of native code: what the operators and paths of JCL compile to. Total: only JclError is raised.

They are the hot path of the runtime, so each looks at the types it mostly meets first and leaves the rest to
`values` and `paths`. No operation changes a value; `op_put` and `op_copy` change the root object they are given, and
nothing below it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeAlias

from jobcenter.artifact import Json
from jobcenter.sandbox import patterns
from jobcenter.sandbox.errors import normal_error, type_error
from jobcenter.sandbox.limits import INTEGER_BITS, charge, charge_items, charge_text
from jobcenter.sandbox.paths import field_name, item, written
from jobcenter.sandbox.trees import weigh
from jobcenter.sandbox.values import (
    charge_compared,
    fit,
    kind_of,
    not_finite,
    number,
    numeric,
    text,
    too_large,
    truth,
    whole,
)

Thunk: TypeAlias = Callable[[], Json]
Object: TypeAlias = dict[str, Json]

# Integers between these need no look at their length.
_LOW: Final = -(1 << 62)
_HIGH: Final = 1 << 62


# -- paths --------------------------------------------------------------------------------------------------------


def op_get(root: Json, *keys: Json) -> Json:
    """The value at a path; None where there is nothing. Without keys, a root object as it is now."""
    if not keys:
        return dict(root) if isinstance(root, dict) else root
    value = root
    for key in keys:
        if type(value) is dict and type(key) is str:
            value = value.get(key)
            continue
        value = item(value, key)
    return value


def op_put(root: Object, value: Json, *keys: Json) -> None:
    """Writes a value at a path below a root object."""
    first = field_name(keys[0])
    root[first] = value if len(keys) == 1 else written(root.get(first), keys[1:], value)


def op_put_defined(root: Object, value: Json, *keys: Json) -> None:
    """Writes a value unless it is None."""
    if value is not None:
        op_put(root, value, *keys)


def op_copy(source: Object, target: Object, *names: str) -> None:
    """Copies fields from root to root; what is not there is copied as null."""
    for name in names:
        target[name] = source.get(name)


def op_copy_all(source: Object, target: Object) -> None:
    """Copies all fields from root to root."""
    target.update(source)


# -- arithmetic ---------------------------------------------------------------------------------------------------


def op_add(a: Json, b: Json) -> Json:
    if type(a) is int and type(b) is int:
        result = a + b
        return result if _LOW < result < _HIGH else fit(result)
    return _calculated(_add, a, b)


def op_sub(a: Json, b: Json) -> Json:
    if type(a) is int and type(b) is int:
        result = a - b
        return result if _LOW < result < _HIGH else fit(result)
    return _calculated(_sub, a, b)


def op_mul(a: Json, b: Json) -> Json:
    if type(a) is int and type(b) is int:
        result = a * b
        return result if _LOW < result < _HIGH else fit(result)
    return _calculated(_mul, a, b)


def op_div(a: Json, b: Json) -> Json:
    """Integers stay integers where it comes out even."""
    return _calculated(_div, a, b)


def op_mod(a: Json, b: Json) -> Json:
    """The rest, with the sign of the right side."""
    return _calculated(_mod, a, b)


def op_pow(a: Json, b: Json) -> Json:
    return _calculated(_pow, a, b)


def op_neg(a: Json) -> Json:
    return -number(a)


def op_pos(a: Json) -> Json:
    return number(a)


Number: TypeAlias = int | float


def _calculated(operation: Callable[[Number, Number], Number], a: Json, b: Json) -> Json:
    try:
        return fit(operation(number(a), number(b)))
    except OverflowError:
        raise not_finite() from None
    except ZeroDivisionError:
        raise normal_error("division by zero") from None


def _add(a: Number, b: Number) -> Number:
    return a + b


def _sub(a: Number, b: Number) -> Number:
    return a - b


def _mul(a: Number, b: Number) -> Number:
    return a * b


def _div(a: Number, b: Number) -> Number:
    if isinstance(a, int) and isinstance(b, int):
        quotient, rest = divmod(a, b)
        return a / b if rest else quotient
    return a / b


def _mod(a: Number, b: Number) -> Number:
    return a % b


def _pow(a: Number, b: Number) -> Number:
    # The result has at least so many bits: what is plainly too large is not even begun.
    if isinstance(a, int) and isinstance(b, int) and (a.bit_length() - 1) * b > INTEGER_BITS:
        raise too_large()
    result: Number | complex = a**b
    if isinstance(result, complex):
        raise normal_error("a negative number has no such power")
    return result


# -- strings and arrays -------------------------------------------------------------------------------------------


def op_join(a: Json, b: Json) -> Json:
    left = a if type(a) is str else text(a)
    right = b if type(b) is str else text(b)
    length = len(left) + len(right)
    if length > 256:
        charge_text(length)
    return left + right


def op_repeat(a: Json, n: Json) -> Json:
    string, times = text(a), max(0, whole(n))
    charge_text(len(string) * times)
    return string * times


def op_append(old: Json, value: Json) -> Json:
    """The array with one more entry; undefined is the empty array."""
    if old is None:
        return [value]
    if not isinstance(old, list):
        raise type_error(f"{kind_of(old)} cannot be appended to")
    charge_items(len(old) + 1)
    return [*old, value]


# -- comparison ---------------------------------------------------------------------------------------------------


def op_eq(a: Json, b: Json) -> bool:
    """Numbers, and what counts as one, compare as numbers; arrays and objects by what is in them; the rest as strings."""
    if (type(a) is int or type(a) is float) and (type(b) is int or type(b) is float):
        return a == b
    if type(a) is str and type(b) is str:
        charge_compared(a, b)
        return a == b or ((left := numeric(a)) is not None and left == numeric(b))
    if isinstance(a, list | dict) or isinstance(b, list | dict):
        charge((weigh(a) + weigh(b)) >> 2)
        return type(a) is type(b) and a == b
    left, right = numeric(a), numeric(b)
    if left is None or right is None:
        return text(a) == text(b)
    return left == right


def op_ne(a: Json, b: Json) -> bool:
    return not op_eq(a, b)


def op_lt(a: Json, b: Json) -> bool:
    if (type(a) is int or type(a) is float) and (type(b) is int or type(b) is float):
        return a < b
    return number(a) < number(b)


def op_le(a: Json, b: Json) -> bool:
    if (type(a) is int or type(a) is float) and (type(b) is int or type(b) is float):
        return a <= b
    return number(a) <= number(b)


def op_gt(a: Json, b: Json) -> bool:
    return op_lt(b, a)


def op_ge(a: Json, b: Json) -> bool:
    return op_le(b, a)


def _texts(a: Json, b: Json) -> tuple[str, str]:
    left = a if type(a) is str else text(a)
    right = b if type(b) is str else text(b)
    charge_compared(left, right)
    return left, right


def op_str_eq(a: Json, b: Json) -> bool:
    left, right = _texts(a, b)
    return left == right


def op_str_ne(a: Json, b: Json) -> bool:
    left, right = _texts(a, b)
    return left != right


def op_str_lt(a: Json, b: Json) -> bool:
    left, right = _texts(a, b)
    return left < right


def op_str_le(a: Json, b: Json) -> bool:
    left, right = _texts(a, b)
    return left <= right


def op_str_gt(a: Json, b: Json) -> bool:
    left, right = _texts(a, b)
    return left > right


def op_str_ge(a: Json, b: Json) -> bool:
    left, right = _texts(a, b)
    return left >= right


def op_match(subject: Json, pattern: str, flags: str) -> bool:
    """Does the regular expression fit anywhere in the subject?"""
    return patterns.fits(subject, pattern, flags)


# -- logic --------------------------------------------------------------------------------------------------------


def op_true(a: Json) -> bool:
    if type(a) is bool:
        return a
    if type(a) is str:
        return a != "" and a != "0"
    return truth(a)


def op_not(a: Json) -> bool:
    return not op_true(a)


def op_and(left: Json, right: Thunk) -> Json:
    return right() if op_true(left) else left


def op_or(left: Json, right: Thunk) -> Json:
    return left if op_true(left) else right()


def op_defined_or(left: Json, right: Thunk) -> Json:
    return right() if left is None else left


def op_xor(a: Json, b: Json) -> bool:
    return op_true(a) != op_true(b)


def op_case(a: Json) -> str:
    """The string that the labels of a `case` are compared with."""
    return text(a)


OPERATIONS: Final[dict[str, Callable[..., Json]]] = {
    operation.__name__: operation
    for operation in (
        *(op_get, op_put, op_put_defined, op_copy, op_copy_all),
        *(op_add, op_sub, op_mul, op_div, op_mod, op_pow, op_neg, op_pos),
        *(op_join, op_repeat, op_append),
        *(op_eq, op_ne, op_lt, op_le, op_gt, op_ge),
        *(op_str_eq, op_str_ne, op_str_lt, op_str_le, op_str_gt, op_str_ge, op_match),
        *(op_true, op_not, op_and, op_or, op_defined_or, op_xor, op_case),
    )
}
