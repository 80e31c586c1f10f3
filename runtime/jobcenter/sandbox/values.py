"""JSON values as the language sees them: as a text, as a number, as a truth; their size; copies of them.

Knows no operator and no function. Inside code blocks tuples pass as arrays; nothing else that is not JSON gets by.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sized
from math import isfinite
from typing import Final

from jobcenter.artifact import Json
from jobcenter.sandbox.errors import JclError, normal_error, sandbox_error, type_error
from jobcenter.sandbox.limits import DEPTH, FUEL, INTEGER_BITS, charge

_NUMERIC: Final = re.compile(
    r"\s*[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?\s*", re.A
)
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
_SCALARS: Final = frozenset({type(None), bool, int, float, str})


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
    found = numeric(value)
    if found is None:
        raise type_error(f"{_shown(value)} is not a number")
    return found


def numeric(value: Json) -> int | float | None:
    """A value as a number, or None where it is none."""
    match value:
        case None:
            return 0
        case bool():
            return int(value)
        case int() | float():
            return value
        case str() if len(value) <= _DIGITS and _NUMERIC.fullmatch(value):
            return _parse(value)
        case _:
            return None


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


def weigh(value: object, limit: int = FUEL) -> int:
    """The size of a value in units: one a node, one each 64 characters. Shared parts count as often as they are
    reached, as they would when compared or printed. Raises JclError beyond the limit or when nested too deeply."""
    return _walk(value, limit, _any_scalar)


def check_storable(value: Json) -> int:
    """The size of a value that is about to be written as JSON and stored. Raises JclError where it is too large, too
    deep, or holds what the database cannot. The engine asks before it writes."""
    return _walk(value, FUEL, _stored_scalar)


def _walk(value: object, limit: int, check: Callable[[object], int]) -> int:
    # Level by level: no recursion, and a value whose parts are shared is left before it has been unfolded.
    total, level = 0, [value]
    for _ in range(DEPTH + 1):
        inner: list[object] = []
        total += len(level)
        for item in level:
            if isinstance(item, list | tuple):
                inner.extend(item)
            elif isinstance(item, dict):
                inner.extend(item)
                inner.extend(item.values())
            else:
                total += check(item)
            if total + len(inner) > limit:
                raise sandbox_error(f"a value of more than {limit:,} parts")
        if not inner:
            return total
        level = inner
    raise too_deep()


def _any_scalar(value: object) -> int:
    if isinstance(value, str):
        return len(value) >> 6
    if type(value) not in _SCALARS:
        raise type_error(f"{kind_of(value)} is not a value")
    return 0


def _stored_scalar(value: object) -> int:
    if isinstance(value, str):
        return len(storable(value)) >> 6
    if isinstance(value, int | float):
        fit(value)
    elif value is not None:
        raise type_error(f"{kind_of(value)} is not a value")
    return 0


def too_deep() -> JclError:
    return sandbox_error(f"arrays and objects nested deeper than {DEPTH}")


def copied(value: Json, depth: int = 0) -> Json:
    """A deep copy of a JSON value. Raises JclError where it is too large or too deep."""
    if isinstance(value, dict):
        _pay(value, depth)
        return {key: copied(item, depth + 1) for key, item in value.items()}
    if isinstance(value, list):
        _pay(value, depth)
        return [copied(item, depth + 1) for item in value]
    return value


def _pay(value: Sized, depth: int) -> None:
    if depth > DEPTH:
        raise too_deep()
    charge((len(value) >> 1) + 3)


def cleaned(value: object, depth: int = 0) -> Json:
    """What a code block made, as a JSON value of its own: tuples become arrays, keys strings. Raises JclError for
    all that JSON or the database cannot hold."""
    match value:
        case None | bool():
            return value
        case str():
            charge(len(value) >> 6)
            return storable(value)
        case int() | float():
            return fit(value)
        case dict() | list() | tuple():
            _pay(value, depth)
            if isinstance(value, dict):
                return {_key(key): cleaned(item, depth + 1) for key, item in value.items()}
            return [cleaned(item, depth + 1) for item in value]
        case _:
            raise type_error(f"{kind_of(value)} is not a value")


def _key(key: object) -> str:
    if key is None or type(key) not in _SCALARS:
        raise type_error(f"{kind_of(key)} cannot be a key")
    return storable(text(key))  # type: ignore[arg-type]  # a scalar


def storable(value: str) -> str:
    """The string. Raises JclError where the database could not hold it: NUL, half of a surrogate pair."""
    if "\0" in value or not (value.isascii() or _encodes(value)):
        raise normal_error("a string holds a character that cannot be stored")
    return value


def _encodes(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True
