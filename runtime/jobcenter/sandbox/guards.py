"""The guards: what the policy's rewritten code calls. Their names begin with `_`, which no code block can write.

They know JSON values only (and tuples, and the block's own functions as something to call). A block works on copies
of the objects of the job, and what it made is taken over as plain JSON at its end, or not at all where it failed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import wraps
from itertools import pairwise
from typing import Any, Final, TypeAlias

from jobcenter.artifact import Json
from jobcenter.sandbox.builtins import items_of, plain_text
from jobcenter.sandbox.errors import normal_error, sandbox_error, type_error
from jobcenter.sandbox.limits import DIGITS, WIDTH, budget, charge, charge_items, charge_text
from jobcenter.sandbox.methods import call_method
from jobcenter.sandbox.operators import augmented, binary, compare, key
from jobcenter.sandbox.paths import write_index
from jobcenter.sandbox.trees import cleaned, copied
from jobcenter.sandbox.values import kind_of

Function: TypeAlias = Callable[..., Any]

_FORMAT: Final = re.compile(
    r"(?:.?[<>=^])?[-+ ]?z?\#?0?(?P<width>[0-9]{0,9})[,_]?(?:\.(?P<digits>[0-9]{1,9}))?[bdeEfFgGosxX%]?",
    re.S,
)


# -- fuel and loops -----------------------------------------------------------------------------------------------


def fuel(units: int) -> None:
    """Stands at the top of functions and of the bodies of `while`. Gives None: lambdas rely on it."""
    charge(units)


def getiter(value: object, units: int) -> Iterator[object]:
    """What a `for` goes through; each turn costs."""
    if not isinstance(value, list | tuple | dict | str):
        raise type_error(f"{kind_of(value)} cannot be gone through")
    return _turns(value, units)


def _turns(
    value: list[Any] | tuple[Any, ...] | dict[Any, Any] | str, units: int
) -> Iterator[object]:
    for each in value:
        budget.fuel -= units
        if budget.fuel < 0:
            charge(0)
        yield each


def sequence(value: object) -> object:
    """What is unpacked into variables."""
    return items_of(value)


# -- reading and writing ------------------------------------------------------------------------------------------


def get_attribute(value: object, name: str) -> object:
    """`value.name`: a field of an object; None where it is not there."""
    if value is None:
        return None
    if not isinstance(value, dict):
        raise type_error(f"{kind_of(value)} has no field `{name[:40]}`")
    return value.get(name)


def get_item(value: object, place: object) -> object:
    """`value[place]`: None where an object or an array has nothing there."""
    match value:
        case None:
            return None
        case dict():
            return value.get(key(place))
        case list() | tuple() | str() if isinstance(place, slice):
            return _part(value, place)
        case list() | tuple() if isinstance(place, int):
            return value[place] if -len(value) <= place < len(value) else None
        case str() if isinstance(place, int):
            return value[place]
        case _:
            raise type_error(f"{kind_of(value)} has no entry at {kind_of(place)}")


def _part(value: list[Any] | tuple[Any, ...] | str, place: slice) -> object:
    if any(isinstance(each, float) for each in (place.start, place.stop, place.step)):
        raise type_error("a slice needs whole numbers")
    count = len(range(*place.indices(len(value))))
    if isinstance(value, str):
        charge_text(count)
    else:
        charge_items(count)
    return value[place]


def put(root: object, value: object, *keys: object) -> None:
    """`root[key]… = value`. Makes the objects on the way."""
    target = root
    for place, below in pairwise(keys):
        inner = get_item(target, place)
        if inner is None:
            inner = [] if type(below) is int else {}
            _set(target, place, inner)
        target = inner
    _set(target, keys[-1], value)


def _set(target: object, place: object, value: object) -> None:
    match target:
        case dict():
            target[key(place)] = value
            if len(target) > 1_000:
                charge_items(len(target) if len(target) % 1_000 == 0 else 0)
        case list() if isinstance(place, int):
            index = write_index(place, len(target))
            if index == len(target):
                call_method(target, "append", value)
            else:
                target[index] = value
        case _:
            raise type_error(f"{kind_of(target)} has no entry at {kind_of(place)} to write")


def augment(name: str, value: object, root: object, *keys: object) -> None:
    """`root[key]… name= value`"""
    target = root
    for place in keys:
        target = get_item(target, place)
    put(root, augmented(name, target, value), *keys)


def delete(root: object, *keys: object) -> None:
    """`del root[key]…`. What is not there is gone already."""
    target = root
    for place in keys[:-1]:
        target = get_item(target, place)
    match target, keys[-1]:
        case None, _:
            pass
        case dict(), place:
            target.pop(key(place), None)
        case list(), int() as place:
            charge(len(target) >> 10)
            if -len(target) <= place < len(target):
                del target[place]
        case _, place:
            raise type_error(f"{kind_of(target)} has no entry at {kind_of(place)} to delete")


# -- operators and formats ----------------------------------------------------------------------------------------


def chain(names: tuple[str, ...], *values: object) -> bool:
    """`a < b <= c`"""
    pairs = zip(names, pairwise(values), strict=True)
    return all(compare(name, a, b) for name, (a, b) in pairs)


_REPR: Final = (ord("r"), ord("a"))


def formatted(value: object, conversion: int, spec: str) -> str:
    """One `{…}` of an f-string. Raises JclError for a format that is not one of numbers and strings."""
    if conversion in _REPR:
        printed = plain_text([value])[1:-1]
        value = printed if conversion == _REPR[0] else ascii(value)
    elif conversion >= 0 or not spec:
        value = plain_text(value)
    if not spec and isinstance(value, str):
        charge_text(len(value))
        return value
    found = _FORMAT.fullmatch(spec)
    if found is None or not isinstance(value, str | int | float):
        raise sandbox_error(f"the format `{spec[:40]}` is not allowed for {kind_of(value)}")
    if int(found["width"] or 0) > WIDTH or int(found["digits"] or 0) > DIGITS:
        raise sandbox_error(
            f"the format `{spec[:40]}` is wider than {WIDTH:,} or finer than {DIGITS}"
        )
    if isinstance(value, int) and value.bit_length() > 256:
        charge(value.bit_length() >> 4)
    try:
        string = format(value, spec)
    except (ValueError, OverflowError) as error:
        raise normal_error(str(error)) from None
    charge_text(len(string))
    return string


def fstring(*parts: str) -> str:
    charge_text(sum(map(len, parts)))
    return "".join(parts)


# -- blocks -------------------------------------------------------------------------------------------------------


def block(*used: str) -> Callable[[Function], Function]:
    """Makes a function of a code block one that works on copies of its arguments. `used` are the parameters that it
    mentions: the others it is not given."""

    def decorate(function: Function) -> Function:
        names = function.__code__.co_varnames[: function.__code__.co_argcount]
        places = [place for place, name in enumerate(names) if name in used]
        written = [place for place in places if names[place] in _writable(function.__name__, names)]

        @wraps(function)
        def run_block(*arguments: Json) -> Json:
            given: list[Json] = [{}] * len(arguments)
            for place in places:
                given[place] = copied(arguments[place])
            result = cleaned(function(*given))
            # All that was made is looked at before any of it is taken over.
            made = [(arguments[place], cleaned(given[place])) for place in written]
            for root, fresh in made:
                if isinstance(root, dict) and isinstance(fresh, dict):
                    root.clear()
                    root.update(fresh)
            return result

        return run_block

    return decorate


def _writable(function: str, names: tuple[str, ...]) -> frozenset[str]:
    """The objects that a block may change: the one that its map fills, and the temporary one. Maps are told apart by
    their parameters, `end` from the other output maps by its name (`jobcenter.artifact`)."""
    if "t" not in names:
        return frozenset()
    if "i" in names:
        return frozenset({"i", "t"})
    return frozenset({"o", "t"} if function.split("_")[0] == "end" else {"v", "t"})


GUARDS: Final[dict[str, Function]] = {
    "_fuel_": fuel,
    "_getiter_": getiter,
    "_sequence_": sequence,
    "_getattr_": get_attribute,
    "_getitem_": get_item,
    "_put_": put,
    "_augment_": augment,
    "_delete_": delete,
    "_binary_": binary,
    "_inplacevar_": augmented,
    "_compare_": compare,
    "_chain_": chain,
    "_key_": key,
    "_format_": formatted,
    "_fstring_": fstring,
    "_method_": call_method,
    "_block_": block,
}
