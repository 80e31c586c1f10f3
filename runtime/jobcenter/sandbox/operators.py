"""Python's operators inside code blocks: with Python's meaning, on JSON values alone, and paid for by what they cost."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Final, TypeAlias

from jobcenter.sandbox.errors import normal_error, sandbox_error, type_error
from jobcenter.sandbox.limits import INTEGER_BITS, charge, charge_items, charge_text
from jobcenter.sandbox.trees import weigh
from jobcenter.sandbox.values import charge_compared, fit, kind_of, not_finite, too_large

Number: TypeAlias = int | float
_Numeric: TypeAlias = Callable[[Number, Number], Number]
_Integral: TypeAlias = Callable[[int, int], int]


# What cannot fail on integers; between the two bounds the result needs no look at its length.
_PLAIN: Final[dict[str, _Integral]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
}
_HIGH: Final = (1 << 61) - 1
_LOW: Final = -_HIGH


def binary(name: str, a: object, b: object) -> object:
    """`a name b`. Raises JclError for operands that do not fit, and for results that are too large."""
    if type(a) is int and type(b) is int and name in _PLAIN:
        result = _PLAIN[name](a, b)
        return result if _LOW < result < _HIGH else fit(result)
    if isinstance(a, int | float) and isinstance(b, int | float):
        return _arithmetic(name, a, b)
    if name == "+":
        return _joined(a, b)
    if name == "*":
        return _repeated(a, b) if isinstance(b, int) else _repeated(b, a)
    if name == "%" and isinstance(a, str):
        raise sandbox_error("`%` does not format strings here: use an f-string")
    raise _unsupported(name, a, b)


def augmented(name: str, old: object, value: object) -> object:
    """`old name= value`, whose result is the new value. As in Python, an array stays the same array for `+=`."""
    if name == "+" and isinstance(old, list) and isinstance(value, list | tuple):
        charge_items(len(old) + len(value))
        old.extend(value)
        return old
    return binary(name, old, value)


def _unsupported(name: str, a: object, b: object) -> Exception:
    return type_error(f"`{name}` does not take {kind_of(a)} and {kind_of(b)}")


def _arithmetic(name: str, a: Number, b: Number) -> Number:
    try:
        if name in _NUMERIC:
            return fit(_NUMERIC[name](a, b))
        if isinstance(a, int) and isinstance(b, int):
            return fit(_INTEGRAL[name](a, b))
    except OverflowError:
        raise not_finite() from None
    raise _unsupported(name, a, b)


def power(a: Number, b: Number) -> Number:
    """`a ** b`. What is plainly too large is not even begun: the result has at least that many bits."""
    if isinstance(a, int) and isinstance(b, int) and (a.bit_length() - 1) * b > INTEGER_BITS:
        raise too_large()
    result: Number | complex = a**b
    if isinstance(result, complex):
        raise normal_error("a negative number has no such power")
    return result


def _shifted(a: int, b: int) -> int:
    if a and b > INTEGER_BITS:
        raise too_large()
    return a << b if b >= 0 else a >> -b


_NUMERIC: Final[dict[str, _Numeric]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "//": operator.floordiv,
    "%": operator.mod,
    "**": power,
}
_INTEGRAL: Final[dict[str, _Integral]] = {
    "<<": _shifted,
    ">>": lambda a, b: _shifted(a, -b),
    "|": operator.or_,
    "^": operator.xor,
    "&": operator.and_,
}


def _joined(a: object, b: object) -> object:
    if isinstance(a, str) and isinstance(b, str):
        charge_text(len(a) + len(b))
        return a + b
    if isinstance(a, list) and isinstance(b, list):
        charge_items(len(a) + len(b))
        return a + b
    if isinstance(a, tuple) and isinstance(b, tuple):
        charge_items(len(a) + len(b))
        return a + b
    raise _unsupported("+", a, b)


def _repeated(a: object, times: object) -> object:
    if isinstance(times, int) and isinstance(a, str):
        charge_text(len(a) * times)
        return a * times
    if isinstance(times, int) and isinstance(a, list | tuple):
        charge_items(len(a) * times)
        return a * times
    raise _unsupported("*", a, times)


# -- comparison ---------------------------------------------------------------------------------------------------

_COMPARISONS: Final[dict[str, Callable[..., bool]]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "is": operator.is_,
    "is not": operator.is_not,
    "in": lambda a, b: contains(b, a),
    "not in": lambda a, b: not contains(b, a),
}


def compare(name: str, a: object, b: object) -> bool:
    """`a name b`. Raises JclError (or TypeError, as Python does) for operands that have no order."""
    if isinstance(a, str) and isinstance(b, str):
        charge_compared(a, b)
    elif isinstance(a, list | tuple | dict) and name in _ORDERINGS:
        charge((weigh(a) + weigh(b)) >> 2)
    return _COMPARISONS[name](a, b)


_ORDERINGS: Final = frozenset({"==", "!=", "<", "<=", ">", ">="})


def contains(container: object, wanted: object) -> bool:
    """`wanted in container`."""
    match container:
        case str() if isinstance(wanted, str):
            charge(1 + (len(container) >> 8))
            return wanted in container
        case dict():
            return key(wanted) in container
        case list() | tuple():
            charge_search(container, wanted)
            return wanted in container
        case _:
            raise _unsupported("in", wanted, container)


def charge_search(items: Sequence[object], wanted: object) -> None:
    """Pays for comparing each of the items with one value."""
    match wanted:
        case str():
            charge((len(items) >> 4) + (len(items) * len(wanted) >> 12))
        case list() | tuple() | dict():
            charge((weigh(items) + weigh(wanted)) >> 2)
        case _:
            charge(len(items) >> 4)


def key(value: object) -> object:
    """A key of an object. Raises JclError for what is not a scalar (hashing arrays has no bound), and for integers
    so large that different ones have the same hash."""
    if isinstance(value, str):
        if len(value) > 4096:
            charge(len(value) >> 8)
    elif isinstance(value, int) and not _LOW < value < _HIGH:
        raise type_error("a number as large as this cannot be a key")
    elif value is not None and not isinstance(value, int | float):
        raise type_error(f"{kind_of(value)} cannot be a key")
    return value
