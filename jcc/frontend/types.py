"""The types of JCL as a lattice: what a value may be at a place. Knows no tree, no schema and no rule.

`NEVER` is below everything. `ANY` is gradual: it agrees with everything both ways. So does `UNKNOWN`, which stands where a
mistake was found already, so that it breeds no second one. `UNSET` is what reading a thing that is not there gives; at run
time it is null. Types are immutable values, made by the functions here (`union_of`, `array_of`, `object_of`,
`literal_of`), which keep them in normal form and bounded in size; so equal types are equal values.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias, assert_never

MAX_LITERALS = 8  # in one union; more of a kind become their base
MAX_FIELDS = 64  # known keys of one object; of more only names are known, and not of all
MAX_DEPTH = 6  # of arrays and objects within each other; what is deeper is ANY


class Simple:
    """A type without parts. Each exists once and is compared by identity."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return self.name.upper()


NEVER = Simple("never")
UNKNOWN = Simple("unknown")
ANY = Simple("any")
UNSET = Simple("unset")
NULL = Simple("null")
BOOLEAN = Simple("boolean")
INTEGER = Simple("integer")
NUMBER = Simple("number")
STRING = Simple("string")


@dataclass(frozen=True, slots=True)
class LiteralType:
    """One value. `base` is BOOLEAN, INTEGER, NUMBER or STRING, and tells `1` from `True`."""

    base: Simple
    value: str | int | float | bool


@dataclass(frozen=True, slots=True)
class ArrayType:
    item: Type
    depth: int


@dataclass(frozen=True, slots=True)
class Field:
    type: Type
    required: bool


@dataclass(frozen=True, slots=True)
class ObjectType:
    """`fields` are sorted by name. `rest` is the type of all other keys: NEVER for a closed object, ANY for an open one."""

    fields: tuple[tuple[str, Field], ...]
    rest: Type
    depth: int

    def field(self, name: str) -> Field | None:
        return next((field for key, field in self.fields if key == name), None)


@dataclass(frozen=True, slots=True)
class UnionType:
    """Two or more types, none of them a union, none within another; at most one array and one object."""

    members: frozenset[Member]


Member: TypeAlias = Simple | LiteralType | ArrayType | ObjectType
Type: TypeAlias = Member | UnionType

_FREE = (ANY, UNKNOWN)


# -- making types -------------------------------------------------------------------------------------------------


@lru_cache(maxsize=4096, typed=True)
def literal_of(value: str | int | float | bool | None) -> Type:
    """The type that has only this value."""
    match value:
        case None:
            return NULL
        case bool():
            return LiteralType(BOOLEAN, value)
        case int():
            return LiteralType(INTEGER, value)
        case float():
            whole = value == value and value not in (float("inf"), float("-inf")) and value % 1 == 0
            return LiteralType(INTEGER, int(value)) if whole else LiteralType(NUMBER, value)
        case str():
            return LiteralType(STRING, value)


def array_of(item: Type) -> ArrayType:
    depth = _depth(item) + 1
    return ArrayType(ANY, 1) if depth > MAX_DEPTH else ArrayType(item, depth)


def object_of(fields: Mapping[str, Field], rest: Type = NEVER) -> ObjectType:
    """An object with these keys; `rest` as in ObjectType."""
    if len(fields) > MAX_FIELDS:
        # The first by name and not those that came first: so a join of several is the same in whatever order.
        first = sorted(fields)[:MAX_FIELDS]
        fields, rest = dict.fromkeys(first, Field(ANY, False)), ANY
    depth = max((_depth(field.type) for field in fields.values()), default=0)
    depth = max(depth, _depth(rest)) + 1
    if depth > MAX_DEPTH:
        fields = {name: Field(_flat(field.type), field.required) for name, field in fields.items()}
        rest, depth = _flat(rest), 1
    return ObjectType(tuple(sorted(fields.items(), key=_by_name)), rest, depth)


def _by_name(entry: tuple[str, Field]) -> str:
    return entry[0]


def _flat(type: Type) -> Type:
    return ANY if _depth(type) else type


def _depth(type: Type) -> int:
    match type:
        case ArrayType() | ObjectType():
            return type.depth
        case UnionType():
            return max(_depth(member) for member in type.members)
        case _:
            return 0


ARRAY = array_of(ANY)
OBJECT = object_of({}, ANY)


def union_of(types: Iterable[Type]) -> Type:
    """The smallest type of this lattice that has all these within it."""
    members = {member for type in types for member in members_of(type)}
    return _normal(frozenset(members))


@lru_cache(maxsize=8192)
def _normal(members: frozenset[Member]) -> Type:
    if UNKNOWN in members:
        return UNKNOWN
    if ANY in members:
        return ANY
    kept: set[Member] = set(members)
    kept.discard(NEVER)
    if NUMBER in kept:
        kept.discard(INTEGER)
    _join_literals(kept)
    _merge_arrays(kept)
    _merge_objects(kept)
    if len(kept) > 1:
        return UnionType(frozenset(kept))
    return kept.pop() if kept else NEVER


def _join_literals(kept: set[Member]) -> None:
    """Take out the literals that their base covers; put the base in the place of too many."""
    for base in (BOOLEAN, INTEGER, NUMBER, STRING):
        literals = {m for m in kept if isinstance(m, LiteralType) and m.base is base}
        if not literals:
            continue
        enough = 2 if base is BOOLEAN else MAX_LITERALS + 1
        if len(literals) >= enough:
            kept.add(base)
        if base in kept or (base is INTEGER and NUMBER in kept):
            kept -= literals
    if NUMBER in kept:
        kept.discard(INTEGER)
        kept -= {m for m in kept if isinstance(m, LiteralType) and m.base is INTEGER}


def _merge_arrays(kept: set[Member]) -> None:
    arrays = [member for member in kept if isinstance(member, ArrayType)]
    if len(arrays) > 1:
        kept.difference_update(arrays)
        kept.update(members_of(array_of(union_of(array.item for array in arrays))))


def _merge_objects(kept: set[Member]) -> None:
    """Several objects become one: a key is required where all have it so."""
    objects = [member for member in kept if isinstance(member, ObjectType)]
    if len(objects) < 2:
        return
    names = {name for found in objects for name, _ in found.fields}
    fields = {}
    for name in names:
        entries = [found.field(name) for found in objects]
        types = [
            found.rest if entry is None else entry.type
            for found, entry in zip(objects, entries, strict=True)
        ]
        required = all(entry is not None and entry.required for entry in entries)
        fields[name] = Field(union_of(types), required)
    kept.difference_update(objects)
    kept.update(members_of(object_of(fields, union_of(found.rest for found in objects))))


def members_of(type: Type) -> Iterable[Member]:
    """The members of a union; any other type as the only one."""
    return type.members if isinstance(type, UnionType) else (type,)


# -- the order ----------------------------------------------------------------------------------------------------


def join(left: Type, right: Type) -> Type:
    """The smallest type that has both within it."""
    if left is right or right is NEVER:
        return left
    if left is NEVER:
        return right
    return union_of((left, right))


def is_assignable(source: Type, target: Type) -> bool:
    """Whether every value of `source` is one of `target`. ANY and UNKNOWN agree with all, null and UNSET pass for all."""
    if source is target or target is ANY or source is ANY:
        return True
    return _is_assignable(source, target)


@lru_cache(maxsize=8192)
def _is_assignable(source: Type, target: Type) -> bool:
    if isinstance(source, UnionType):
        return all(is_assignable(member, target) for member in source.members)
    if source in (NEVER, NULL, UNSET) or source in _FREE or target in _FREE:
        return True
    return any(is_within(source, member) for member in members_of(target))


def is_within(source: Member, target: Member) -> bool:
    """Whether every value of the one is of the other, nulls and ANY apart."""
    match source, target:
        case (Simple(), Simple()):
            return source is target or (source is INTEGER and target is NUMBER)
        case (LiteralType(), Simple()):
            return source.base is target or (source.base is INTEGER and target is NUMBER)
        case (ArrayType(), ArrayType()):
            return is_assignable(source.item, target.item)
        case (ObjectType(), ObjectType()):
            return _object_within(source, target)
        case _:
            return source == target


def _object_within(source: ObjectType, target: ObjectType) -> bool:
    for name, wanted in target.fields:
        given = source.field(name)
        if given is None:
            if wanted.required and source.rest not in _FREE:
                return False
            if not is_assignable(source.rest, wanted.type):
                return False
        elif not is_assignable(given.type, wanted.type):
            return False
    known = {name for name, _ in target.fields}
    extra = [field.type for name, field in source.fields if name not in known]
    if target.rest is NEVER and extra:
        return False
    return all(is_assignable(type, target.rest) for type in (*extra, source.rest))


def misfit(source: Type, target: Type) -> Type:
    """The part of `source` of which no value can be one of `target`: NEVER if each may fit.

    This is the checker's question, and milder than `is_assignable`: a `number` may be an `integer`, a `string` one of an enum."""
    if source is target or target is ANY or source is ANY:
        return NEVER
    return _misfit(source, target)


@lru_cache(maxsize=8192)
def _misfit(source: Type, target: Type) -> Type:
    if source in _FREE or target in _FREE:
        return NEVER
    wrong = [
        member
        for member in members_of(source)
        if member not in (NULL, UNSET, NEVER)
        and not any(_may_fit(member, wanted) for wanted in members_of(target))
    ]
    return union_of(wrong)


def _may_fit(source: Member, target: Member) -> bool:
    match source, target:
        case (ArrayType(), ArrayType()):
            return misfit(source.item, target.item) is NEVER or source.item is NEVER
        case (ObjectType(), ObjectType()):
            return _object_may_fit(source, target)
        case _:
            return is_within(source, target) or is_within(target, source)


def _object_may_fit(source: ObjectType, target: ObjectType) -> bool:
    for name, wanted in target.fields:
        given = source.field(name)
        if given is None:
            if wanted.required and source.rest is NEVER:
                return False
        elif given.required and misfit(given.type, wanted.type) is not NEVER:
            return False
    if target.rest is NEVER:
        return all(target.field(name) for name, field in source.fields if field.required)
    return True


def overlaps(left: Type, right: Type) -> bool:
    """Whether some value may be of both types."""
    return meet(left, right) is not NEVER


def meet(left: Type, right: Type) -> Type:
    """The values of `left` that may be of `right` too, with the narrower of the two types."""
    if left is right or right in _FREE:
        return left
    if left in _FREE:
        return right
    found: list[Type] = []
    for one in members_of(left):
        for other in members_of(right):
            if is_within(one, other):
                found.append(one)
            elif is_within(other, one):
                found.append(other)
            elif isinstance(one, ArrayType) and isinstance(other, ArrayType):
                found.append(array_of(meet(one.item, other.item)))
            elif isinstance(one, ObjectType) and isinstance(other, ObjectType):
                found.append(_meet_objects(one, other))
    return union_of(found)


def _meet_objects(left: ObjectType, right: ObjectType) -> Type:
    names = {name for found in (left, right) for name, _ in found.fields}
    fields = {}
    for name in names:
        one = left.field(name) or Field(left.rest, False)
        other = right.field(name) or Field(right.rest, False)
        both = Field(meet(one.type, other.type), one.required or other.required)
        if both.type is NEVER and both.required:
            return NEVER
        fields[name] = both
    return object_of(fields, meet(left.rest, right.rest))


# -- parts and narrowing ------------------------------------------------------------------------------------------


def without(type: Type, *gone: Member) -> Type:
    """The type without these members; a boolean without one literal is the other."""
    if isinstance(type, UnionType):
        if not type.members.isdisjoint(gone):
            return union_of(member for member in type.members if member not in gone)
        if BOOLEAN not in type.members:
            return type
    elif type in gone:
        return NEVER
    elif type is not BOOLEAN:
        return type
    left = [literal_of(value) for value in (True, False) if literal_of(value) not in gone]
    if len(left) == 2:
        return type
    return union_of((*(m for m in members_of(type) if m is not BOOLEAN), *left))


def defined(type: Type) -> Type:
    """The type without null and UNSET."""
    return without(type, NULL, UNSET)


def may_be_null(type: Type) -> bool:
    """Whether null is a known member: never for ANY and UNKNOWN."""
    if isinstance(type, UnionType):
        return NULL in type.members or UNSET in type.members
    return type is NULL or type is UNSET


_FALSE_VALUES = frozenset({"", "0", 0})  # `False` equals 0


def is_false(type: LiteralType) -> bool:
    return type.value in _FALSE_VALUES


@lru_cache(maxsize=4096)
def truthy(type: Type) -> Type:
    """What is left of the type where its value is true."""
    kept: list[Type] = []
    for member in members_of(type):
        match member:
            case LiteralType():
                if not is_false(member):
                    kept.append(member)
            case Simple():
                if member is BOOLEAN:
                    kept.append(literal_of(True))
                elif member is not NULL and member is not UNSET:
                    kept.append(member)
            case _:
                kept.append(member)
    return union_of(kept)


@lru_cache(maxsize=4096)
def falsy(type: Type) -> Type:
    """What is left of the type where its value is false: no array, no object."""
    kept: list[Type] = []
    for member in members_of(type):
        match member:
            case LiteralType():
                if is_false(member):
                    kept.append(member)
            case Simple():
                kept.extend(_FALSE_OF.get(member, (member,)))
            case _:
                pass
    return union_of(kept)


_FALSE_OF: dict[Simple, tuple[Type, ...]] = {
    BOOLEAN: (literal_of(False),),
    INTEGER: (literal_of(0),),
    NUMBER: (literal_of(0),),
    STRING: (literal_of(""), literal_of("0")),
}


def widened(type: Type) -> Type:
    """Literals become their base: what a thing is that changes in a loop."""
    match type:
        case LiteralType():
            return type.base
        case UnionType():
            return union_of(widened(member) for member in type.members)
        case _:
            return type


# -- showing ------------------------------------------------------------------------------------------------------

_RANK = {BOOLEAN: 1, INTEGER: 2, NUMBER: 3, STRING: 4, NULL: 9, UNSET: 9}


def display(type: Type) -> str:
    """The type in a reader's words: `number`, `order[]`, `string?`, `"a" | "b"`, `{price: number, note?: string}`."""
    match type:
        case Simple():
            return "null" if type is UNSET else type.name
        case LiteralType():
            return _display_literal(type)
        case ArrayType():
            if type.item in _FREE or type.item is NEVER:
                return "array"
            item = display(widened(type.item))
            return f"({item})[]" if " | " in item else f"{item}[]"
        case ObjectType():
            return _display_object(type)
        case UnionType():
            return _display_union(type)
    assert_never(type)


def _display_literal(type: LiteralType) -> str:
    if isinstance(type.value, bool):
        return "true" if type.value else "false"
    if isinstance(type.value, str):
        text = type.value if len(type.value) <= 24 else type.value[:23] + "…"
        return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
    return str(type.value)


def _display_object(type: ObjectType) -> str:
    if not type.fields:
        return "object"
    shown = [
        f"{name}{'' if field.required else '?'}: {display(field.type)}"
        for name, field in type.fields[:6]
    ]
    more = len(type.fields) > 6 or type.rest is not NEVER
    return "{" + ", ".join(shown) + (", …}" if more else "}")


def _display_union(type: UnionType) -> str:
    solid = [member for member in type.members if member is not NULL and member is not UNSET]
    if not solid:
        return "null"
    shown = sorted((_rank(member), display(member)) for member in solid)
    text = " | ".join(word for _, word in shown)
    if len(solid) == len(type.members):
        return text
    return f"{text}?" if len(solid) == 1 else f"{text} | null"


def _rank(member: Member) -> int:
    match member:
        case Simple():
            return _RANK.get(member, 0)
        case LiteralType():
            return 5
        case ArrayType():
            return 6
        case ObjectType():
            return 7
