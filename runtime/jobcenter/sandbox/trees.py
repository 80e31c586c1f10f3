"""Whole JSON values, with all that is in them: their size, copies of them, and whether they can be stored.

Values may share parts, so that a small one unfolds to an enormous one when it is compared, printed or written. Each
walk here therefore has a limit, and stops before it has unfolded what lies beyond. Inside code blocks tuples pass as
arrays; nothing else that is not JSON gets by.
"""

from __future__ import annotations

from collections.abc import Sized

from jobcenter.artifact import Json
from jobcenter.sandbox.errors import JclError, normal_error, sandbox_error, type_error
from jobcenter.sandbox.limits import DEPTH, FUEL, charge
from jobcenter.sandbox.values import SCALARS, fit, kind_of, text


def weigh(value: object, limit: int = FUEL) -> int:
    """The size of a value in units: one a node, one each 64 characters. Shared parts count as often as they are
    reached. Raises JclError beyond the limit or when nested too deeply."""
    total, level = 0, [value]
    for _ in range(DEPTH + 1):
        inner: list[object] = []
        total += len(level)
        for item in level:
            if isinstance(item, str):
                total += len(item) >> 6
            elif isinstance(item, list | tuple):
                inner.extend(item)
            elif isinstance(item, dict):
                inner.extend(item)
                inner.extend(item.values())
            elif type(item) not in SCALARS:
                raise type_error(f"{kind_of(item)} is not a value")
            if total + len(inner) > limit:
                raise _too_large(limit)
        if not inner:
            return total
        level = inner
    raise _too_deep()


def check_storable(value: object, limit: int = FUEL, depth: int = DEPTH) -> int:
    """The size of a value that is about to be written as JSON and stored. Raises JclError where it is too large, too
    deep, or holds what the database cannot. The engine asks before it writes."""
    if type(value) is str:
        size = 1 + (len(storable(value)) >> 6)
    elif type(value) is dict:
        size = 1
        for key, item in value.items():
            size += check_storable(key, limit - size, depth - 1)
            size += check_storable(item, limit - size, depth - 1)
    elif isinstance(value, list | tuple):
        size = 1
        for item in value:
            size += check_storable(item, limit - size, depth - 1)
    elif type(value) is int or type(value) is float:
        fit(value)
        size = 1
    elif value is None or type(value) is bool:
        size = 1
    else:
        raise type_error(f"{kind_of(value)} is not a value")
    if size > limit:
        raise _too_large(FUEL)
    if depth < 0:
        raise _too_deep()
    return size


def _too_large(limit: int) -> JclError:
    return sandbox_error(f"a value of more than {limit:,} parts")


def _too_deep() -> JclError:
    return sandbox_error(f"arrays and objects nested deeper than {DEPTH}")


def copied(value: Json, depth: int = 0) -> Json:
    """A deep copy of a JSON value. Raises JclError where it is too large or too deep."""
    if type(value) is dict:
        _pay(value, depth)
        return {
            key: item if type(item) in SCALARS else copied(item, depth + 1)
            for key, item in value.items()
        }
    if type(value) is list:
        _pay(value, depth)
        return [item if type(item) in SCALARS else copied(item, depth + 1) for item in value]
    return value


def _pay(value: Sized, depth: int) -> None:
    if depth > DEPTH:
        raise _too_deep()
    charge((len(value) >> 1) + 3)


def cleaned(value: object, depth: int = 0) -> Json:
    """What a code block made, as a JSON value of its own: tuples become arrays, keys strings. Raises JclError for
    all that JSON or the database cannot hold."""
    if type(value) is str:
        if len(value) > 64:
            charge(len(value) >> 6)
        return storable(value)
    if type(value) is int or type(value) is float:
        return fit(value)
    if type(value) is bool or value is None:
        return value
    if isinstance(value, dict):
        _pay(value, depth)
        return {_key(key): cleaned(item, depth + 1) for key, item in value.items()}
    if isinstance(value, list | tuple):
        _pay(value, depth)
        return [cleaned(item, depth + 1) for item in value]
    raise type_error(f"{kind_of(value)} is not a value")


def _key(key: object) -> str:
    if type(key) is str:
        return storable(key)
    if isinstance(key, bool | int | float):
        return text(key)
    raise type_error(f"{kind_of(key)} cannot be a key")


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
