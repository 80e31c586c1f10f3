"""The functions of the language that work on arrays. None changes the array that it is given."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from jobcenter.artifact import Json
from jobcenter.sandbox.errors import sandbox_error, type_error
from jobcenter.sandbox.limits import ITEMS, charge, charge_items, charge_text
from jobcenter.sandbox.operations import op_add, op_eq
from jobcenter.sandbox.trees import weigh
from jobcenter.sandbox.values import kind_of, number, numeric, text, whole


def entries(value: Json) -> Sequence[Json]:
    """An array, about to be gone through; null is the empty one."""
    if value is None:
        return ()
    if not isinstance(value, list | tuple):
        raise type_error(f"{kind_of(value)} is not an array")
    charge_items(len(value))
    return value


def charge_sorting(items: Sequence[Json]) -> None:
    """Pays for comparing the items, each a few times."""
    charge((weigh(items) * len(items).bit_length()) >> 5)


def has(items: Sequence[Json], wanted: Json) -> bool:
    """Is one of the items equal to this, as `==` has it?"""
    charge(len(items))
    return any(op_eq(each, wanted) for each in items)


def fn_join(arr: Json, sep: Json = None) -> Json:
    texts, separator = [text(each) for each in entries(arr)], text(sep)
    charge_text(sum(map(len, texts)) + len(separator) * len(texts))
    return separator.join(texts)


def fn_sort(arr: Json) -> Json:
    """By number where all are numbers, else as strings."""
    items = list(entries(arr))
    charge_sorting(items)
    if all(isinstance(each, int | float) for each in items):
        return sorted(items, key=number)
    return sorted(items, key=text)


def fn_reverse(x: Json) -> Json:
    """An array or a string, back to front. Of null, which may stand for either: null."""
    if x is None:
        return None
    if isinstance(x, str):
        charge_text(len(x))
        return x[::-1]
    return list(entries(x))[::-1]


def fn_unique(arr: Json) -> Json:
    """Each value once, where it first stood."""
    items = entries(arr)
    charge(weigh(items))
    seen: dict[object, Json] = {}
    for each in items:
        seen.setdefault(_frozen(each), each)
    return list(seen.values())


# From here on, different integers have the same hash, and many such would make a dict slow.
_HASHED: Final = (1 << 61) - 1


def _frozen(value: Json) -> object:
    """A key for a dict: the same for equal values of one type."""
    if isinstance(value, dict):
        return "an object", tuple((key, _frozen(value[key])) for key in sorted(value, key=text))
    if isinstance(value, list | tuple):
        return "an array", tuple(map(_frozen, value))
    if isinstance(value, int | float) and abs(value) >= _HASHED:
        return "a large number", hex(int(value))
    return kind_of(value), value


def fn_slice(x: Json, start: Json, end: Json = None) -> Json:
    """The part from `start` up to, but without, `end`; negative ones count from the end. Of null: null."""
    if x is None:
        return None
    part = slice(whole(start), None if end is None else whole(end))
    if isinstance(x, str):
        charge_text(len(x))
        return x[part]
    return list(entries(x)[part])


def fn_flatten(arr: Json) -> Json:
    """One level: the entries of the arrays in the array; entries that are none stay."""
    items = entries(arr)
    charge_items(sum(len(each) if isinstance(each, list | tuple) else 1 for each in items))
    flat: list[Json] = []
    for each in items:
        if isinstance(each, list | tuple):
            flat.extend(each)
        else:
            flat.append(each)
    return flat


def fn_sum(arr: Json) -> Json:
    items = entries(arr)
    charge(len(items) >> 2)
    total: Json = 0
    for each in items:
        total = op_add(total, each)
    return total


def fn_min(*values: Json) -> Json:
    """Of an array, or of the arguments; null where there is none. Numbers, else strings."""
    return _extreme(min, values)


def fn_max(*values: Json) -> Json:
    """Of an array, or of the arguments; null where there is none. Numbers, else strings."""
    return _extreme(max, values)


def _extreme(choose: Callable[..., Json], values: Sequence[Json]) -> Json:
    only = values[0] if len(values) == 1 else None
    items = entries(only) if isinstance(only, list | tuple) else values
    charge(weigh(items) >> 2)
    if not items:
        return None
    if all(numeric(each) is not None for each in items):
        return choose(items, key=number)
    return choose(items, key=text)


def fn_range(start: Json, end: Json = None, step: Json = 1) -> Json:
    """`range(3)` is [0, 1, 2]; from `start` up to, but without, `end`."""
    first, last = (0, whole(start)) if end is None else (whole(start), whole(end))
    by = whole(step)
    if by == 0:
        raise type_error("the step of a range cannot be 0")
    numbers = range(first, last, by)
    # A range of integers beyond 64 bits has no `len`.
    if abs(last - first) // abs(by) > ITEMS:
        raise sandbox_error(f"a range of more than {ITEMS:,} numbers")
    charge(len(numbers) >> 2)
    return list(numbers)


FUNCTIONS: Final[dict[str, Callable[..., Json]]] = {
    function.__name__.removeprefix("fn_"): function
    for function in (
        *(fn_join, fn_sort, fn_reverse, fn_unique, fn_slice, fn_flatten),
        *(fn_sum, fn_min, fn_max, fn_range),
    )
}
