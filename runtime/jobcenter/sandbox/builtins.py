"""Python's built-in functions as code blocks have them: on JSON values alone, at once (lists, not iterators), paid for.

Where the language has a function of the same name (`min`, `round`, `range`, …), this is Python's, and `fn_min` the
language's; on plain numbers they agree.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, TypeAlias

from jobcenter.sandbox.arrays import fn_range, fn_sum
from jobcenter.sandbox.errors import type_error
from jobcenter.sandbox.functions import fn_abs, fn_round
from jobcenter.sandbox.limits import charge, charge_items, charge_text
from jobcenter.sandbox.methods import ordered
from jobcenter.sandbox.operators import key
from jobcenter.sandbox.trees import weigh
from jobcenter.sandbox.values import finite, fit, kind_of, too_large

Function: TypeAlias = Callable[..., Any]
_MISSING: Final = object()


def items_of(value: object) -> Sequence[Any]:
    """What a loop over the value would give: entries, characters or keys."""
    if isinstance(value, list | tuple):
        charge_items(len(value))
        return value
    if isinstance(value, str | dict):
        charge_items(len(value))
        return list(value)
    raise type_error(f"{kind_of(value)} cannot be gone through")


def plain_text(value: object) -> str:
    """`str(value)`, as Python prints it."""
    if isinstance(value, str):
        return value
    if isinstance(value, int) and value.bit_length() > 256:
        charge(value.bit_length() >> 4)
    else:
        charge(weigh(value, limit=100_000))
    printed = str(value)
    charge_text(len(printed))
    return printed


def block_len(x: object) -> int:
    if not isinstance(x, str | list | tuple | dict):
        raise type_error(f"{kind_of(x)} has no length")
    return len(x)


def block_int(x: object = 0, base: int | None = None) -> int:
    if isinstance(x, str):
        if len(x) > 4_300:
            raise too_large()
        charge(len(x) >> 5)
        number = int(x) if base is None else int(x, base)
    elif isinstance(x, int | float) and base is None:
        number = int(x)
    else:
        raise type_error(f"{kind_of(x)} is not a number")
    return int(fit(number))


def block_float(x: object = 0.0) -> float:
    if not isinstance(x, str | int | float):
        raise type_error(f"{kind_of(x)} is not a number")
    if isinstance(x, str):
        charge_text(len(x))
    return finite(float(x))


def block_str(x: object = "") -> str:
    return plain_text(x)


def block_bool(x: object = False) -> bool:
    return bool(x)


def block_list(x: object = ()) -> list[Any]:
    return list(items_of(x))


def block_tuple(x: object = ()) -> tuple[Any, ...]:
    return tuple(items_of(x))


def block_dict(x: object = (), **fields: object) -> dict[Any, Any]:
    if isinstance(x, dict):
        charge(len(x))
        return {**x, **fields}
    pairs = [items_of(pair) for pair in items_of(x)]
    if any(len(pair) != 2 for pair in pairs):
        raise type_error("`dict` takes an object or pairs")
    charge(len(pairs))
    return {**{key(name): value for name, value in pairs}, **fields}


def block_min(*values: object, key: Function | None = None, default: object = _MISSING) -> object:
    return _extreme(min, values, key, default)


def block_max(*values: object, key: Function | None = None, default: object = _MISSING) -> object:
    return _extreme(max, values, key, default)


def _extreme(
    choose: Function, values: tuple[object, ...], key: Function | None, default: object
) -> object:
    items = items_of(values[0]) if len(values) == 1 else values
    if not items and default is not _MISSING:
        return default
    keys = items if key is None else [key(item) for item in items]
    charge(weigh(keys) >> 2)
    return items[choose(range(len(keys)), key=keys.__getitem__)]


def block_sorted(x: object, *, key: Function | None = None, reverse: bool = False) -> list[Any]:
    return ordered(items_of(x), key, reverse)


def block_reversed(x: object) -> list[Any]:
    return list(items_of(x))[::-1]


def block_enumerate(x: object, start: int = 0) -> list[Any]:
    items = items_of(x)
    charge(len(items))
    return list(enumerate(items, start))


def block_zip(*columns: object) -> list[Any]:
    every = [items_of(column) for column in columns]
    charge(min(map(len, every), default=0) * (1 + (len(every) >> 2)))
    return list(zip(*every, strict=False))


def block_map(function: Function, *columns: object) -> list[Any]:
    rows = block_zip(*columns)
    charge(len(rows))
    return [function(*row) for row in rows]


def block_filter(function: Function | None, x: object) -> list[Any]:
    items = items_of(x)
    charge(len(items))
    return [item for item in items if (item if function is None else function(item))]


def block_any(x: object) -> bool:
    return any(items_of(x))


def block_all(x: object) -> bool:
    return all(items_of(x))


def block_divmod(a: object, b: object) -> tuple[object, object]:
    if not isinstance(a, int | float) or not isinstance(b, int | float):
        raise type_error(f"`divmod` does not take {kind_of(a)} and {kind_of(b)}")
    quotient, rest = divmod(a, b)
    return fit(quotient), fit(rest)


def block_isinstance(x: object, kinds: object) -> bool:
    """The types are the functions of that name: `isinstance(x, (int, float))`."""
    every = kinds if isinstance(kinds, tuple) else (kinds,)
    for kind in every:
        if not callable(kind) or kind not in _TYPES:
            raise type_error("`isinstance` takes str, int, float, bool, list, tuple or dict")
        if isinstance(x, _TYPES[kind]):
            return True
    return False


_TYPES: Final[dict[object, type]] = {
    block_str: str,
    block_int: int,
    block_float: float,
    block_bool: bool,
    block_list: list,
    block_tuple: tuple,
    block_dict: dict,
}

BUILTINS: Final[dict[str, Function]] = {
    **{
        function.__name__.removeprefix("block_"): function
        for function in (
            *(block_len, block_int, block_float, block_str, block_bool, block_list, block_tuple),
            *(block_dict, block_min, block_max, block_sorted, block_reversed, block_enumerate),
            *(block_zip, block_map, block_filter, block_any, block_all, block_divmod),
            *(block_isinstance,),
        )
    },
    "abs": fn_abs,
    "round": fn_round,
    "range": fn_range,
    "sum": fn_sum,
}
