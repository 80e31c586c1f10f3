"""Perl's functions of strings, patterns and formats excepted."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final

from jobcenter.artifact import Json
from jobcenter.sandbox.limits import ITEMS, charge, charge_items, charge_text
from jobcenter.sandbox.values import text, whole

_SUCCESSIVE: Final = re.compile(r"[A-Za-z]*[0-9]*")


def pl_length(value: Json) -> Json:
    """The number of characters; of undefined, undefined."""
    return None if value is None else len(text(value))


def pl_substr(value: Json, start: Json, length: Json = None) -> Json:
    """A part of a string, as far as it lies inside; undefined if it lies outside."""
    string = text(value)
    charge_text(len(string))
    size, first = len(string), whole(start)
    if first < 0:
        first += size
    count = size if length is None else whole(length)
    last = size if length is None else size + count if count < 0 else first + count
    if first > size or (first < 0 and last < 0):
        return None
    return string[max(first, 0) : max(last, 0)]


def pl_index_of(value: Json, part: Json, start: Json = 0) -> int:
    """Where a part first stands, from `start` on; -1 if nowhere."""
    string = text(value)
    charge_text(len(string))
    return string.find(text(part), min(max(0, whole(start)), len(string)))


def pl_last_index_of(value: Json, part: Json, start: Json = None) -> int:
    """Where a part last stands, at `start` or before; -1 if nowhere."""
    string, wanted = text(value), text(part)
    charge_text(len(string))
    if start is None:
        return string.rfind(wanted)
    first = whole(start)
    return string.rfind(wanted, 0, max(0, first) + len(wanted)) if first >= 0 or not wanted else -1


def pl_lcfirst(value: Json) -> str:
    string = text(value)
    return string[:1].lower() + string[1:]


def pl_ucfirst(value: Json) -> str:
    string = text(value)
    return string[:1].upper() + string[1:]


def pl_chomp(value: Json) -> Json:
    """Without the line break at its end."""
    return value.removesuffix("\n") if isinstance(value, str) else value


def pl_chop(value: Json) -> str:
    """Without its last character."""
    return text(value)[:-1]


def pl_quotemeta(value: Json) -> str:
    """With a backslash before all that means something in a pattern."""
    string = text(value)
    charge_text(len(string) * 2)
    charge(len(string) >> 1)
    return re.sub(r"([^\w])", r"\\\1", string, flags=re.ASCII)


def pl_reversed_text(items: list[Json]) -> str:
    """All texts in one, from its end."""
    whole_text = "".join(map(text, items))
    charge_text(len(whole_text))
    return whole_text[::-1]


def pl_compare_text(a: Json, b: Json) -> int:
    """`cmp`"""
    left, right = text(a), text(b)
    charge((min(len(left), len(right)) >> 10) + 1)
    return (left > right) - (left < right)


def texts_between(first: str, last: str) -> Iterator[str]:
    """`a` to `e`, `aa` to `zz`, `a9` to `b2`: counting up until `last`, or until the texts are longer than it."""
    current = first
    if not _SUCCESSIVE.fullmatch(first):
        yield first
        return
    for count in range(ITEMS + 1):
        if len(current) > len(last):
            return
        charge_items(count)
        yield current
        if current == last:
            return
        current = _successor(current)


def _successor(current: str) -> str:
    made: list[str] = []
    for place, character in enumerate(reversed(current)):
        if character not in "zZ9":
            return current[: -place - 1] + chr(ord(character) + 1) + "".join(reversed(made))
        made.append({"z": "a", "Z": "A", "9": "0"}[character])
    return {"a": "a", "A": "A", "0": "1"}[made[-1]] + "".join(reversed(made))


TEXTS: Final[dict[str, Callable[..., object]]] = {
    function.__name__: function
    for function in (
        pl_length,
        pl_substr,
        pl_index_of,
        pl_last_index_of,
        pl_lcfirst,
        pl_ucfirst,
        pl_chomp,
        pl_chop,
        pl_quotemeta,
        pl_reversed_text,
        pl_compare_text,
    )
}
