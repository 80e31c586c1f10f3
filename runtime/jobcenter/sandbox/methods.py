"""The methods of strings, arrays and objects that code blocks may call, each paid for by what it costs.

A method is never a value of its own: `_method_` finds and calls it at once. None of them formats, encodes, or gives
back anything but JSON values.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, TypeAlias

from jobcenter.sandbox.arrays import charge_sorting
from jobcenter.sandbox.errors import JclError, normal_error, type_error
from jobcenter.sandbox.limits import charge, charge_items, charge_text
from jobcenter.sandbox.operators import charge_search, key
from jobcenter.sandbox.values import kind_of

Items: TypeAlias = list[Any]
Object: TypeAlias = dict[Any, Any]
Method: TypeAlias = Callable[..., object]

_SINGLE_PASS: Final = (
    *(str.lower, str.upper, str.title, str.capitalize, str.casefold, str.swapcase),
    *(str.startswith, str.endswith, str.removeprefix, str.removesuffix, str.find, str.index),
    *(str.count, str.isdigit, str.isalpha, str.isalnum, str.isspace, str.isupper, str.islower),
    *(str.isnumeric, str.isdecimal, str.istitle, str.partition),
)
# These compare at every place with all of their argument.
_SLOW: Final = (str.strip, str.lstrip, str.rstrip, str.rfind, str.rindex, str.rpartition)


def call_method(value: object, name: str, *arguments: object, **keywords: object) -> object:
    """`value.name(…)`. Raises JclError where the value has no such method."""
    method = _METHODS.get(type(value), {}).get(name)
    if method is None:
        raise type_error(f"{kind_of(value)} has no method `{name[:40]}`")
    return method(value, *arguments, **keywords)


def _paid(method: Method) -> Method:
    def paid(string: str, *arguments: object) -> object:
        charge_text(len(string))
        charge(len(string) >> 6)
        return method(string, *arguments)

    return paid


def _paid_by_product(method: Method) -> Method:
    def paid(string: str, *arguments: object) -> object:
        longest = max((len(each) for each in arguments if isinstance(each, str)), default=1)
        charge_text(len(string))
        charge(len(string) * longest >> 8)
        return method(string, *arguments)

    return paid


def _padded(method: Method) -> Method:
    def paid(string: str, width: int, *fill: str) -> object:
        charge_text(max(len(string), width))
        return method(string, width, *fill)

    return paid


# -- strings ------------------------------------------------------------------------------------------------------


def _split(string: str, sep: str | None = None, maxsplit: int = -1) -> Items:
    _charge_parts(string, sep)
    return list(string.split(sep, maxsplit))


def _rsplit(string: str, sep: str | None = None, maxsplit: int = -1) -> Items:
    _charge_parts(string, sep)
    charge(len(string) * len(sep or " ") >> 8)
    return list(string.rsplit(sep, maxsplit))


def _charge_parts(string: str, sep: str | None) -> None:
    charge_text(len(string))
    charge(string.count(sep) if sep else len(string) >> 2)


def _splitlines(string: str, keepends: bool = False) -> Items:
    charge(len(string) >> 1)
    return list(string.splitlines(keepends))


def _join(string: str, parts: Sequence[str]) -> str:
    if not isinstance(parts, list | tuple | dict):
        raise type_error(f"`join` takes an array, not {kind_of(parts)}")
    charge_items(len(parts))
    charge_text(sum(map(len, parts)) + len(string) * len(parts))
    return string.join(parts)


def _replace(string: str, old: str, new: str, count: int = -1) -> str:
    charge_text(len(string))
    charge_text(len(string) + string.count(old) * max(0, len(new) - len(old)))
    return string.replace(old, new, count)


# -- arrays -------------------------------------------------------------------------------------------------------


def _append(items: Items, value: object) -> None:
    _grow(items, 1)
    items.append(value)


def _extend(items: Items, values: object) -> None:
    if not isinstance(values, list | tuple | dict | str):
        raise type_error(f"`extend` takes an array, not {kind_of(values)}")
    charge_items(len(items) + len(values))
    items.extend(values)


def _insert(items: Items, place: int, value: object) -> None:
    _grow(items, 1)
    _charge_move(items)
    items.insert(place, value)


def _pop(items: Items, place: int = -1) -> object:
    _charge_move(items)
    return items.pop(place)


def _grow(items: Items | Object, count: int) -> None:
    if len(items) + count > 1_000:
        charge(1)
        charge_items(0 if len(items) + count < 1_000_000 else len(items) + count)


def _charge_move(items: Items) -> None:
    charge(len(items) >> 10)


def _remove(items: Items, value: object) -> None:
    charge_search(items, value)
    if value not in items:
        raise _absent()
    items.remove(value)


def _index(items: Sequence[object], value: object, *bounds: int) -> int:
    charge_search(items, value)
    try:
        return items.index(value, *bounds)
    except ValueError:
        raise _absent() from None


def _absent() -> JclError:
    # Python's message would print the value, and with a function its address.
    return normal_error("the value is not in the array")


def _count(items: Sequence[object], value: object) -> int:
    charge_search(items, value)
    return items.count(value)


def ordered(items: Sequence[Any], key: Method | None = None, reverse: bool = False) -> Items:
    """A sorted list, by Python's order."""
    if key is None:
        charge_sorting(items)
        return sorted(items, reverse=bool(reverse))
    keys: list[Any] = [key(item) for item in items]
    charge_sorting(keys)
    places = sorted(range(len(items)), key=lambda place: keys[place], reverse=bool(reverse))
    return [items[place] for place in places]


def _sort(items: Items, *, key: Method | None = None, reverse: bool = False) -> None:
    items[:] = ordered(items, key, reverse)


def _reverse(items: Items) -> None:
    charge_items(len(items))
    items.reverse()


def _copy_items(items: Items) -> Items:
    charge_items(len(items))
    return list(items)


# -- objects ------------------------------------------------------------------------------------------------------


def _get(fields: Object, name: object, default: object = None) -> object:
    return fields.get(key(name), default)


def _keys(fields: Object) -> Items:
    charge_items(len(fields))
    return list(fields)


def _values(fields: Object) -> Items:
    charge_items(len(fields))
    return list(fields.values())


def _items(fields: Object) -> Items:
    charge(len(fields))
    return list(fields.items())


def _pop_field(fields: Object, name: object, default: object = None) -> object:
    return fields.pop(key(name), default)


def _setdefault(fields: Object, name: object, default: object = None) -> object:
    _grow(fields, 1)
    return fields.setdefault(key(name), default)


def _update(fields: Object, other: object = (), **more: object) -> None:
    if not isinstance(other, dict) and other != ():
        raise type_error(f"`update` takes an object, not {kind_of(other)}")
    charge_items(len(fields) + len(other) + len(more))
    fields.update(other, **more)


def _copy_fields(fields: Object) -> Object:
    charge(len(fields))
    return dict(fields)


_STRING: Final[dict[str, Method]] = {
    **{method.__name__: _paid(method) for method in _SINGLE_PASS},
    **{method.__name__: _paid_by_product(method) for method in _SLOW},
    **{
        method.__name__: _padded(method) for method in (str.center, str.ljust, str.rjust, str.zfill)
    },
    "split": _split,
    "rsplit": _rsplit,
    "splitlines": _splitlines,
    "join": _join,
    "replace": _replace,
}
_TUPLE: Final[dict[str, Method]] = {"index": _index, "count": _count}
_LIST: Final[dict[str, Method]] = {
    **_TUPLE,
    "append": _append,
    "extend": _extend,
    "insert": _insert,
    "pop": _pop,
    "remove": _remove,
    "sort": _sort,
    "reverse": _reverse,
    "copy": _copy_items,
    "clear": list.clear,
}
_DICT: Final[dict[str, Method]] = {
    "get": _get,
    "keys": _keys,
    "values": _values,
    "items": _items,
    "pop": _pop_field,
    "setdefault": _setdefault,
    "update": _update,
    "copy": _copy_fields,
    "clear": dict.clear,
}
_FLOAT: Final[dict[str, Method]] = {"is_integer": float.is_integer}
_METHODS: Final[dict[type, dict[str, Method]]] = {
    str: _STRING,
    list: _LIST,
    tuple: _TUPLE,
    dict: _DICT,
    float: _FLOAT,
}
METHOD_NAMES: Final = frozenset(name for methods in _METHODS.values() for name in methods)
