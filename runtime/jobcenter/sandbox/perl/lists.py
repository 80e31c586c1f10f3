"""Perl's lists: the ends of arrays, slices of them, ranges, sorting."""

from __future__ import annotations

from collections.abc import Callable
from functools import cmp_to_key
from typing import Final

from jobcenter.artifact import Json
from jobcenter.sandbox.arrays import charge_sorting
from jobcenter.sandbox.errors import normal_error
from jobcenter.sandbox.limits import charge, charge_items
from jobcenter.sandbox.perl.containers import Array, grow
from jobcenter.sandbox.perl.numbers import sign_of
from jobcenter.sandbox.perl.texts import texts_between
from jobcenter.sandbox.values import number, text, whole


def pl_push(array: Array, items: Array) -> int:
    """Appends, in place; gives the new length."""
    grow(array, len(items))
    array.extend(items)
    return len(array)


def pl_unshift(array: Array, items: Array) -> int:
    """Puts before the first item, in place; gives the new length."""
    grow(array, len(items))
    charge(len(array) >> 6)
    array[:0] = items
    return len(array)


def pl_pop(array: Array) -> Json:
    """Takes the last item off, and gives it."""
    return array.pop() if array else None


def pl_shift(array: Array) -> Json:
    """Takes the first item off, and gives it."""
    charge(1 + (len(array) >> 6))
    return array.pop(0) if array else None


def pl_splice(array: Array, start: Json, length: Json, items: Array) -> Array:
    """Replaces a part of an array by `items`, in place; gives that part."""
    size = len(array)
    first = 0 if start is None else whole(start)
    if first + size < 0:
        raise normal_error("a negative index lies before the start of an array")
    first = first + size if first < 0 else min(first, size)
    count = size - first if length is None else whole(length)
    last = max(first, size + count) if count < 0 else min(first + count, size)
    grow(array, len(items))
    charge(size >> 6)
    taken = array[first:last]
    array[first:last] = items
    return taken


def pl_concat(*lists: Array) -> Array:
    """Several lists as a new one."""
    charge_items(sum(map(len, lists)))
    return [each for items in lists for each in items]


def pl_last(items: Array) -> Json:
    """The last item of a list, undefined if it is empty."""
    return items[-1] if items else None


def pl_rest(items: Array, start: int) -> Array:
    """A list from an index on."""
    charge_items(len(items))
    return items[start:]


def pl_repeat(items: Array, times: Json) -> Array:
    """A list several times over."""
    count = max(0, whole(times))
    charge_items(len(items) * count)
    return items * count


def pl_reversed(items: Array) -> Array:
    charge_items(len(items))
    return items[::-1]


def pl_range(first: Json, last: Json) -> Array:
    """All integers from first to last; of letters, the texts that counting up gives (`a` to `e`, `aa` to `zz`)."""
    if isinstance(first, str) and isinstance(last, str) and not _counts(first):
        return list(texts_between(first, last))
    low, high = whole(first), whole(last)
    charge_items(max(0, high - low + 1))
    return list(range(low, high + 1))


def _counts(value: str) -> bool:
    """Does a range from this text count numbers? `'08'` is a text."""
    digits = value.lstrip("-+")
    return value == "" or (digits.isdigit() and (digits[0] != "0" or len(digits) == 1))


def pl_sort(items: Array, compare: Callable[[Json, Json], Json] | None = None) -> Array:
    """A sorted copy: by text, or by what `compare` says of two items (below, at or above 0)."""
    charge_sorting(items)
    if compare is None:
        return sorted(items, key=text)

    def sign(a: Json, b: Json) -> int:
        return sign_of(number(compare(a, b)))

    return sorted(items, key=cmp_to_key(sign))


LISTS: Final[dict[str, Callable[..., object]]] = {
    function.__name__: function
    for function in (
        pl_push,
        pl_unshift,
        pl_pop,
        pl_shift,
        pl_splice,
        pl_concat,
        pl_last,
        pl_rest,
        pl_repeat,
        pl_reversed,
        pl_range,
        pl_sort,
    )
}
