"""Perl's references, arrays and hashes: read, written and made in place.

A block works on copies of the job's objects, so nobody else sees what it changes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Final, TypeAlias, TypeVar

from jobcenter.artifact import Json
from jobcenter.sandbox.errors import normal_error, type_error
from jobcenter.sandbox.limits import ITEMS, charge, charge_items
from jobcenter.sandbox.paths import item
from jobcenter.sandbox.values import kind_of, text, whole

Array: TypeAlias = list[Json]
Hash: TypeAlias = dict[str, Json]
Container = TypeVar("Container", Array, Hash)


# -- references ---------------------------------------------------------------------------------------------------


def pl_array(value: Json) -> Array:
    """What a reference to an array refers to; undefined is a new one."""
    if value is None:
        return []
    if not isinstance(value, list):
        raise type_error(f"{kind_of(value)} is not an array")
    return value


def pl_hash(value: Json) -> Hash:
    """What a reference to a hash refers to; undefined is a new one."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise type_error(f"{kind_of(value)} is not an object")
    return value


def pl_array_at(root: Json, *keys: str | int) -> Array:
    """The array at a path, which is made if it is not there."""
    return pl_array(_made(root, keys, []))


def pl_hash_at(root: Json, *keys: str | int) -> Hash:
    """The hash at a path, which is made if it is not there."""
    return pl_hash(_made(root, keys, {}))


def pl_put(root: Json, value: Json, *keys: str | int) -> None:
    """Writes at a path, in place; what is not there on the way is made."""
    _write(_made(root, keys[:-1], [] if type(keys[-1]) is int else {}), keys[-1], value)


def _made(root: Json, keys: tuple[str | int, ...], last: Json) -> Json:
    """What lies at a path. What is not there is made: `last` at its end, on the way what the next key asks for."""
    holder = root
    for key, following in pairwise((*keys, None)):
        empty: Json = last if following is None else [] if type(following) is int else {}
        found = item(holder, key)
        if found is None:
            _write(holder, key, empty)
            found = empty
        holder = found
    return holder


def _write(holder: Json, key: str | int | None, value: Json) -> None:
    if isinstance(holder, dict) and isinstance(key, str):
        holder[key] = value
    elif isinstance(holder, list) and isinstance(key, int):
        _write_item(holder, key, value)
    else:
        wanted = "an array" if isinstance(key, int) else "an object"
        raise type_error(f"{kind_of(holder)} is not {wanted}")


def _write_item(array: Array, index: int, value: Json) -> None:
    """Behind the end, an array grows; what lies between is undefined."""
    if index < 0:
        index += len(array)
        if index < 0:
            raise normal_error("a negative index lies before the start of an array")
    if index >= len(array):
        grow(array, index + 1 - len(array))
        array.extend([None] * (index + 1 - len(array)))
    array[index] = value


def grow(array: Sequence[Json], count: int) -> None:
    """Pays for so many more items, but not again for those that are there."""
    if len(array) + count > ITEMS:
        charge_items(len(array) + count)
    charge(1 + (count >> 3))


def pl_key(value: Json) -> str:
    """A value as a hash's key."""
    return text(value)


def pl_index(value: Json) -> int:
    """A value as an array's index."""
    return whole(value)


# -- whole arrays and hashes --------------------------------------------------------------------------------------


def pl_fill(container: Container, new: Container) -> None:
    """Replaces all that an array or a hash holds, in place."""
    charge_items(len(new))
    if isinstance(container, dict) and isinstance(new, dict):
        fresh = dict(new)
        container.clear()
        container.update(fresh)
    elif isinstance(container, list) and isinstance(new, list):
        container[:] = new


def pl_copy(value: Hash) -> Hash:
    """A copy of a hash, which shares what lies in it."""
    charge_items(len(value))
    return dict(value)


def pl_pairs(items: Array) -> Hash:
    """A list of keys and values as a hash; a last key without value gets undefined."""
    charge_items(len(items))
    values = [*items[1::2], None] if len(items) % 2 else items[1::2]
    return dict(zip(map(text, items[::2]), values, strict=True))


def pl_flatten(value: Hash) -> Array:
    """A hash as a list of keys and values, sorted by key."""
    charge_items(len(value) * 2)
    return [part for key in sorted(value) for part in (key, value[key])]


def pl_keys(value: Hash) -> Array:
    """The keys, sorted: Perl's own order is random."""
    charge_items(len(value))
    return list(sorted(value))


def pl_values(value: Hash) -> Array:
    """The values, in the order of the keys."""
    charge_items(len(value))
    return [value[key] for key in sorted(value)]


def pl_exists(holder: Json, key: str | int) -> bool:
    """Is there such an element, even an undefined one?"""
    if isinstance(holder, dict):
        return key in holder
    if isinstance(holder, list) and isinstance(key, int):
        return -len(holder) <= key < len(holder)
    return False


def pl_delete(holder: Json, key: str | int) -> Json:
    """Takes an element out, and gives it; in the middle of an array it becomes undefined."""
    if isinstance(holder, dict) and isinstance(key, str):
        taken: Json = holder.pop(key, None)
        return taken
    if isinstance(holder, list) and isinstance(key, int) and pl_exists(holder, key):
        found: Json = holder[key]
        if key in (-1, len(holder) - 1):
            holder.pop()
        else:
            holder[key] = None
        return found
    return None


def pl_delete_all(holder: Json, keys: Array) -> Array:
    """Takes several elements out, and gives them."""
    charge_items(len(keys))
    return [pl_delete(holder, _key_for(holder, key)) for key in keys]


def _key_for(holder: Json, key: Json) -> str | int:
    return whole(key) if isinstance(holder, list) else text(key)


def pl_slice(holder: Json, keys: Array) -> Array:
    """The elements of several keys or indexes."""
    charge_items(len(keys))
    return [item(holder, _key_for(holder, key)) for key in keys]


def pl_slice_pairs(holder: Json, keys: Array) -> Array:
    """Several keys, each with its element."""
    charge_items(len(keys))
    return [part for key in keys for part in (key, item(holder, _key_for(holder, key)))]


def pl_put_slice(holder: Json, keys: Array, values: Array) -> None:
    """Writes several elements, in place; where values are missing, undefined."""
    charge_items(len(keys))
    for place, key in enumerate(keys):
        _write(holder, _key_for(holder, key), values[place] if place < len(values) else None)


CONTAINERS: Final[dict[str, Callable[..., object]]] = {
    function.__name__: function
    for function in (
        pl_array,
        pl_hash,
        pl_array_at,
        pl_hash_at,
        pl_put,
        pl_key,
        pl_index,
        pl_fill,
        pl_copy,
        pl_pairs,
        pl_flatten,
        pl_keys,
        pl_values,
        pl_exists,
        pl_delete,
        pl_delete_all,
        pl_slice,
        pl_slice_pairs,
        pl_put_slice,
    )
}
