"""JSON values as the language sees them: as a text, as a number, as a truth. Knows no operator and no function."""

from __future__ import annotations

import re
from math import isfinite
from typing import Final

from jobcenter.artifact import Json
from jobcenter.sandbox.errors import JclError, normal_error, sandbox_error, type_error
from jobcenter.sandbox.limits import INTEGER_BITS, charge

_NUMERIC: Final = re.compile(
    r"\s*[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?\s*", re.A
)
_FIRST: Final = "0123456789+-. \t\n\r\f\v\x1c\x1d\x1e\x1f"
_DIGITS: Final = 4_300  # Python reads no longer integer; no string beyond that counts as a number
_KINDS: Final = {
    type(None): "null",
    bool: "a boolean",
    int: "a number",
    float: "a number",
    str: "a string",
    list: "an array",
    tuple: "an array",
    dict: "an object",
}
SCALARS: Final = frozenset({type(None), bool, int, float, str})


def kind_of(value: object) -> str:
    """A value's type in words, for messages."""
    return _KINDS.get(type(value), "a function")


def text(value: Json) -> str:
    """A value as a string: null is '', numbers have 15 significant digits. Raises JclError for an array or object."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return _integer_text(value)
    if isinstance(value, float):
        return "0" if value == 0 else f"{value:.15g}"
    raise type_error(f"{kind_of(value)} cannot be used as a string")


def _integer_text(value: int) -> str:
    if value.bit_length() > 256:
        charge(value.bit_length() >> 4)
    try:
        return str(value)
    except ValueError:
        raise too_large() from None


def number(value: Json) -> int | float:
    """A value as a number: null is 0, booleans are 1 and 0. Raises JclError for all that is no number."""
    if type(value) is int or type(value) is float:
        return value
    found = numeric(value)
    if found is None:
        raise type_error(f"{_shown(value)} is not a number")
    return found


def numeric(value: Json) -> int | float | None:
    """A value as a number, or None where it is none."""
    if isinstance(value, str):
        # Most strings are seen to be none by their first character.
        begins = value[:1] in _FIRST and value != ""
        return (
            _parse(value)
            if begins and len(value) <= _DIGITS and _NUMERIC.fullmatch(value)
            else None
        )
    if value is None:
        return 0
    if isinstance(value, bool):
        return int(value)
    return value if isinstance(value, int | float) else None


def _parse(value: str) -> int | float:
    if len(value) > 256:
        charge(len(value) >> 5)
    if "." in value or "e" in value or "E" in value:
        return finite(float(value))
    return int(value)


def whole(value: Json) -> int:
    """A value as an integer; what stands behind the point is dropped."""
    return int(finite(number(value)))


def finite(value: int | float) -> int | float:
    """The value. Raises JclError for inf and nan."""
    if isinstance(value, float) and not isfinite(value):
        raise not_finite()
    return value


def not_finite() -> JclError:
    return normal_error("the result is not a finite number")


def fit(value: int | float) -> int | float:
    """A result of arithmetic. Raises JclError for inf, nan, and integers beyond the limit."""
    if isinstance(value, float):
        return finite(value)
    bits = value.bit_length()
    if bits > INTEGER_BITS:
        raise too_large()
    if bits > 1024:
        charge(bits >> 6)
    return value


def too_large() -> JclError:
    return sandbox_error(f"a number of more than {INTEGER_BITS:,} bits")


def truth(value: Json) -> bool:
    """True for all but null, false, 0, '' and '0'."""
    if isinstance(value, str):
        return value != "" and value != "0"
    if isinstance(value, bool | int | float):
        return value != 0
    return value is not None


def _shown(value: Json) -> str:
    if type(value) is not str:
        return kind_of(value)
    return repr(value if len(value) <= 40 else value[:40] + "…")


def charge_compared(a: str, b: str) -> None:
    """Pays for comparing two strings."""
    length = min(len(a), len(b))
    if length > 4096:
        charge(length >> 10)
