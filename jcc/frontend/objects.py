"""Parts of types by path: what `v.order.lines[0]` is if `v.order` is this, and what `v.order` becomes by writing there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from jcc.frontend.conversion import is_integer, is_numeric
from jcc.frontend.types import (
    ANY,
    NEVER,
    NULL,
    UNKNOWN,
    UNSET,
    ArrayType,
    Field,
    LiteralType,
    Member,
    ObjectType,
    Type,
    array_of,
    join,
    members_of,
    object_of,
    union_of,
)


@dataclass(frozen=True, slots=True)
class Name:
    """The key of `.name` or `['name']`."""

    text: str


@dataclass(frozen=True, slots=True)
class Computed:
    """The key of `[expression]` that is no name: an index of an array, or a key known at run time only."""

    type: Type

    @property
    def is_index(self) -> bool:
        return self.type not in (ANY, UNKNOWN, NEVER) and is_integer(self.type)


Key: TypeAlias = Name | Computed

_ABSENT = (UNSET, NULL, NEVER)
_FREE = (ANY, UNKNOWN)
_EMPTY = object_of({})


def key_of(type: Type) -> Key:
    """The key that an index of this type is."""
    if isinstance(type, LiteralType) and isinstance(type.value, str):
        return Name(type.value)
    return Computed(type)


def part_of(type: Type, key: Key) -> Type:
    """What reading `key` of a value of this type gives. UNSET where nothing can be there."""
    if type in _FREE:
        return type
    return union_of(_part(member, key) for member in members_of(type))


def _part(member: Member, key: Key) -> Type:
    match member, key:
        case (ObjectType(), Name(text=text)):
            field = member.field(text)
            if field is None:
                return UNSET if member.rest is NEVER else member.rest
            return field.type if field.required else join(field.type, UNSET)
        case (ObjectType(), Computed()):
            found = union_of((member.rest, *(field.type for _, field in member.fields)))
            return UNSET if found is NEVER else found
        case (ArrayType(), Computed()):
            return UNSET if member.item is NEVER else member.item
        case (ArrayType(), Name(text=text)):
            return member.item if is_numeric(text) else UNSET
        case _:
            return member if member in _FREE else UNSET


def has_no_part(type: Type, key: Key) -> Type:
    """The members of the type through which `key` cannot be read: scalars, and arrays for a name."""
    return union_of(member for member in members_of(type) if _is_closed_to(member, key))


def _is_closed_to(member: Member, key: Key) -> bool:
    match member:
        case ObjectType():
            return False
        case ArrayType():
            return isinstance(key, Name) and not is_numeric(key.text)
        case _:
            return member not in _FREE and member not in _ABSENT


def with_part(type: Type, keys: Sequence[Key], change: Callable[[Type], Type]) -> Type:
    """The type after writing at `keys`: `change` gives the new part from the old. Objects are made on the way."""
    if not keys:
        return change(type)
    if type in _FREE:
        return type
    key, deeper = keys[0], keys[1:]
    part = with_part(part_of(type, key), deeper, change)
    solid = [member for member in members_of(type) if member not in _ABSENT]
    match key:
        case Name(text=text):
            objects = [member for member in solid if isinstance(member, ObjectType)]
            if len(objects) != len(solid):
                return UNKNOWN
            found = objects[0] if objects else _EMPTY
            fields = {**dict(found.fields), text: Field(part, True)}
            return object_of(fields, found.rest)
        case Computed():
            return _with_computed(solid, key, part)


def _with_computed(solid: list[Member], key: Computed, part: Type) -> Type:
    match solid:
        case []:
            return array_of(part) if key.is_index else ANY
        case [ArrayType(item=item)]:
            return array_of(join(item, part))
        case [ObjectType() as found]:
            fields = {
                name: Field(join(field.type, part), field.required) for name, field in found.fields
            }
            return object_of(fields, join(found.rest, part))
        case _:
            return UNKNOWN


def refined(type: Type, keys: Sequence[Key], change: Callable[[Type], Type]) -> Type:
    """The type where the part at `keys` is known to be narrower, so that the way there exists. The type itself where
    that cannot be told."""
    if not keys:
        return change(type)
    key = keys[0]
    if not isinstance(key, Name):
        return type
    solid = [member for member in members_of(type) if member not in _ABSENT]
    if len(solid) != 1 or not isinstance(found := solid[0], ObjectType):
        return type
    part = refined(part_of(found, key), keys[1:], change)
    if part is NEVER or part in _FREE:
        return found
    return object_of({**dict(found.fields), key.text: Field(part, True)}, found.rest)
