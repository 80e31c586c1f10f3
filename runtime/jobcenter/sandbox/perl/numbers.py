"""Perl's functions of numbers, and of the texts that spell them."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

from jobcenter.artifact import Json
from jobcenter.sandbox.errors import normal_error, sandbox_error, type_error
from jobcenter.sandbox.values import number, text, whole


def sign_of(value: int | float) -> int:
    return (value > 0) - (value < 0)


def pl_compare(a: Json, b: Json) -> int:
    """`<=>`"""
    return sign_of(number(a) - number(b))


def pl_mod(a: Json, b: Json) -> int:
    """The rest of a division of whole numbers, with the sign of the right side."""
    divisor = whole(b)
    if divisor == 0:
        raise normal_error("division by zero")
    return whole(a) % divisor


def pl_int(value: Json) -> int:
    """A number without what stands behind the point."""
    return whole(value)


def pl_abs(value: Json) -> int | float:
    return abs(number(value))


def pl_sqrt(value: Json) -> float:
    if number(value) < 0:
        raise normal_error("a negative number has no square root")
    return _whole_result(math.sqrt(number(value)))


def pl_log(value: Json) -> float:
    if number(value) <= 0:
        raise normal_error("only positive numbers have a logarithm")
    return _whole_result(math.log(number(value)))


def pl_exp(value: Json) -> float:
    if number(value) > 709:
        raise normal_error("the result is not a finite number")
    return _whole_result(math.exp(number(value)))


def _whole_result(value: float) -> int | float:
    """Whole results are integers, as everywhere in the language."""
    return int(value) if value.is_integer() else value


def pl_ord(value: Json) -> int:
    string = text(value)
    return ord(string[0]) if string else 0


def pl_chr(value: Json) -> str:
    code = whole(value)
    if not 0 <= code <= 0x10FFFF or 0xD800 <= code < 0xE000:
        raise normal_error(f"no character has the number {code}")
    return chr(code)


def pl_hex(value: Json) -> int:
    return _based(text(value).lower().removeprefix("0x").removeprefix("x"), 16)


def pl_oct(value: Json) -> int:
    """`755`, `0x1f`, `0b101`, `0o17`."""
    string = text(value).strip().lower()
    for prefix, base in (("0x", 16), ("x", 16), ("0b", 2), ("b", 2), ("0o", 8), ("o", 8)):
        if string.startswith(prefix):
            return _based(string.removeprefix(prefix), base)
    return _based(string, 8)


def _based(digits: str, base: int) -> int:
    if len(digits) > 1_000:
        raise sandbox_error("a number of more than 1,000 digits")
    try:
        return int(digits.replace("_", "") or "0", base)
    except ValueError:
        raise type_error(f"'{digits[:40]}' is not a number of base {base}") from None


NUMBERS: Final[dict[str, Callable[..., object]]] = {
    function.__name__: function
    for function in (
        pl_compare,
        pl_mod,
        pl_int,
        pl_abs,
        pl_sqrt,
        pl_log,
        pl_exp,
        pl_ord,
        pl_chr,
        pl_hex,
        pl_oct,
    )
}
