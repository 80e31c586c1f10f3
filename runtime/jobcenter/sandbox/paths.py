"""Reading and writing along paths in JSON values: `v.order.lines[0].price`.

Reading what is not there gives None; reading through a string or number is an error. Writing makes the objects on the
way. Values are shared freely (between variables, steps and jobs), so nothing below a root is ever changed:
`written` copies what lies along the path.
"""

from __future__ import annotations

from typing import TypeVar

from jobcenter.artifact import Json
from jobcenter.sandbox.errors import normal_error, type_error
from jobcenter.sandbox.limits import charge_items
from jobcenter.sandbox.values import kind_of, numeric, text

_Container = TypeVar("_Container", dict[str, Json], list[Json])


def item(value: Json, key: Json) -> Json:
    """One step down a path: an object's field, an array's entry (a negative index counts from the end)."""
    if value is None:
        return None
    if isinstance(value, dict):
        return None if key is None else value.get(text(key))
    if isinstance(value, list | tuple):
        place = key if type(key) is int else _index(key)
        return value[place] if place is not None and -len(value) <= place < len(value) else None
    raise type_error(f"{kind_of(value)} has no {_shown(key)}")


def written(old: Json, keys: tuple[Json, ...], value: Json) -> Json:
    """`old` with `value` at the path below it: a copy, as far as the path goes."""
    if not keys:
        return value
    key, *rest = keys
    if old is None:
        old = [] if type(key) is int else {}
    if isinstance(old, dict):
        charge_items(len(old) + 1)
        field = field_name(key)
        return {**old, field: written(old.get(field), tuple(rest), value)}
    if isinstance(old, list):
        charge_items(len(old) + 1)
        fresh = list(old)
        place = write_index(key, len(fresh))
        if place == len(fresh):
            fresh.append(None)
        fresh[place] = written(fresh[place], tuple(rest), value)
        return fresh
    raise type_error(f"{kind_of(old)} has no {_shown(key)} to write")


def field_name(key: Json) -> str:
    """The name of a field that is written."""
    if key is None:
        raise type_error("null cannot be the name of a field")
    return text(key)


def write_index(key: Json, length: int) -> int:
    """Where an array of `length` is written: an entry that is there, or the end, which appends."""
    place = _index(key)
    if place is None:
        raise type_error("null cannot be an index")
    if not -length <= place <= length:
        raise normal_error(f"index {place} lies beyond the end of an array of {length}")
    return place + length if place < 0 else place


def _index(key: Json) -> int | None:
    """A key as an index of an array: None for null, which is no place."""
    found = None if isinstance(key, bool) else numeric(key)
    if key is None:
        return None
    if found is None or found != int(found):
        raise type_error(f"an array has no {_shown(key)}")
    return int(found)


def _shown(key: Json) -> str:
    match key:
        case str():
            return f"field `{key[:40]}`"
        case bool() | None | dict() | list():
            return f"index that is {kind_of(key)}"
        case _:
            return f"index {key}"


def split_path(path: str) -> list[str]:
    """The keys of a path that is written as a string: `a.b[0]` is a, b, 0."""
    return [key for key in path.replace("[", ".").replace("]", "").split(".") if key]
