"""The lattice of types: its laws, its normal form, how types are told, and JSON Schemas as types."""

from __future__ import annotations

from functools import reduce
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jcc.frontend.schemas import parse_type_name, type_of_schema
from jcc.frontend.types import (
    ANY,
    BOOLEAN,
    INTEGER,
    MAX_FIELDS,
    MAX_LITERALS,
    NEVER,
    NULL,
    NUMBER,
    STRING,
    UNKNOWN,
    UNSET,
    ArrayType,
    Field,
    ObjectType,
    Type,
    UnionType,
    array_of,
    defined,
    display,
    falsy,
    is_assignable,
    join,
    literal_of,
    may_be_null,
    meet,
    members_of,
    misfit,
    object_of,
    overlaps,
    truthy,
    union_of,
    widened,
    without,
)

SCALARS = st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from([0.5, 2.0, 1e300])
VALUES = st.recursive(
    SCALARS | st.text("ab0", max_size=2),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("xyz"), inner),
    max_leaves=6,
)
NAMES = st.sampled_from(["price", "note", "lines"])
LEAVES = st.sampled_from([NULL, BOOLEAN, INTEGER, NUMBER, STRING]) | st.builds(
    literal_of, st.booleans() | st.integers(0, 3) | st.sampled_from(["a", "b", "0", ""])
)


def types_with(
    required: st.SearchStrategy[bool], rest: st.SearchStrategy[Type]
) -> st.SearchStrategy[Type]:
    return st.recursive(
        LEAVES,
        lambda inner: (
            st.builds(array_of, inner)
            | st.builds(
                object_of,
                st.dictionaries(NAMES, st.builds(Field, inner, required), max_size=3),
                rest,
            )
            | st.lists(inner, max_size=3).map(union_of)
        ),
        max_leaves=8,
    )


CERTAIN = types_with(st.just(True), st.just(NEVER))
CONCRETE = types_with(st.booleans(), st.sampled_from([NEVER, ANY]))
TYPES = CONCRETE | st.sampled_from([ANY, UNKNOWN, NEVER, UNSET])


def type_of(value: object) -> Type:
    """The most precise type of a JSON value."""
    match value:
        case list():
            return array_of(union_of(type_of(item) for item in value))
        case dict():
            return object_of({key: Field(type_of(item), True) for key, item in value.items()})
        case None | bool() | int() | float() | str():
            return literal_of(value)
        case _:
            raise AssertionError(value)


# -- laws -----------------------------------------------------------------------------------------------------------


@given(TYPES)
def test_a_type_is_assignable_to_itself_and_to_any(type: Type) -> None:
    assert is_assignable(type, type)
    assert is_assignable(type, ANY)
    assert is_assignable(ANY, type)
    assert is_assignable(NEVER, type)


@given(TYPES, TYPES)
def test_a_join_has_both_within_it(left: Type, right: Type) -> None:
    joined = join(left, right)
    assert is_assignable(left, joined)
    assert is_assignable(right, joined)


@given(TYPES, TYPES, TYPES)
def test_joining_is_a_semilattice(one: Type, two: Type, three: Type) -> None:
    assert join(one, one) == one
    assert join(one, two) == join(two, one)
    assert join(join(one, two), three) == join(one, join(two, three))


def test_objects_of_too_many_keys_are_joined_in_whatever_order() -> None:
    parts: list[Type] = [
        object_of({f"{first}{n:02}": Field(type_of(n), True) for n in range(MAX_FIELDS // 2)})
        for first in "dbca"
    ]
    parts += [object_of({"z": Field(STRING, True)}), object_of({"a00": Field(NULL, True)})]
    found = {reduce(join, order) for order in permutations(parts)}
    assert len(found) == 1
    assert found == {join(reduce(join, parts[:3]), reduce(join, parts[3:]))}
    assert (
        display(*found) == "{a00?: any, a01?: any, a02?: any, a03?: any, a04?: any, a05?: any, …}"
    )


@given(CONCRETE, CERTAIN, CONCRETE)
def test_assignability_goes_on(one: Type, two: Type, three: Type) -> None:
    # Not by way of an object that may have more or less in it: that agrees with whatever is wanted.
    if is_assignable(defined(one), two) and is_assignable(defined(two), three):
        assert is_assignable(defined(meet(one, two)), three)


@given(TYPES, TYPES)
def test_what_is_assignable_has_no_misfit(source: Type, target: Type) -> None:
    if is_assignable(source, target):
        assert misfit(source, target) is NEVER


@given(VALUES, CONCRETE)
def test_a_value_within_two_types_is_within_their_meet(value: object, target: Type) -> None:
    own = type_of(value)
    if value is not None and is_assignable(own, target) and misfit(own, target) is NEVER:
        assert overlaps(own, target) or own is NULL or _has_null(value)


def _has_null(value: object) -> bool:
    return isinstance(value, list | dict)  # a null inside passes for a type that has none


@given(VALUES)
def test_truth_divides_a_type(value: object) -> None:
    own = type_of(value)
    is_true = value is not None and value not in ("", "0", 0, False)
    assert (truthy(own) is NEVER) == (not is_true)
    assert (falsy(own) is NEVER) == is_true


@given(TYPES)
def test_truth_loses_nothing(type: Type) -> None:
    parts = join(truthy(type), falsy(type))
    if type is not NEVER:
        assert is_assignable(parts, type)
        assert widened(type) in (parts, widened(parts))


@given(TYPES)
def test_defined_takes_null_away(type: Type) -> None:
    solid = defined(type)
    assert not may_be_null(solid)
    assert join(solid, union_of(m for m in members_of(type) if m in (NULL, UNSET))) == type


@given(TYPES)
def test_a_type_is_told_in_one_line(type: Type) -> None:
    text = display(type)
    assert text
    assert "\n" not in text


@given(st.lists(TYPES, max_size=40))
def test_unions_are_normal_and_bounded(types: list[Type]) -> None:
    type = union_of(types)
    if isinstance(type, UnionType):
        assert len(type.members) >= 2
        assert not any(isinstance(member, UnionType) for member in type.members)
        assert sum(isinstance(member, ArrayType) for member in type.members) <= 1
        assert sum(isinstance(member, ObjectType) for member in type.members) <= 1
        assert len(type.members) <= 3 * MAX_LITERALS + 8


@given(st.integers(0, 30))
def test_nesting_is_bounded(depth: int) -> None:
    type: Type = STRING
    for _ in range(depth):
        type = array_of(object_of({"x": Field(type, True)}))
    assert len(display(type)) < 400


# -- single facts ---------------------------------------------------------------------------------------------------


def test_integers_are_numbers() -> None:
    assert is_assignable(INTEGER, NUMBER)
    assert not is_assignable(NUMBER, INTEGER)
    assert misfit(NUMBER, INTEGER) is NEVER  # it may be one
    assert join(INTEGER, NUMBER) is NUMBER


def test_literals() -> None:
    assert literal_of(2.0) == literal_of(2)
    assert literal_of(1) != literal_of(True)
    assert join(literal_of(True), literal_of(False)) is BOOLEAN
    assert without(BOOLEAN, LITERAL_TRUE) == literal_of(False)
    assert widened(join(literal_of("a"), literal_of("b"))) is STRING
    assert union_of(literal_of(f"x{n}") for n in range(MAX_LITERALS + 1)) is STRING


LITERAL_TRUE = next(iter(members_of(literal_of(True))))


def test_objects() -> None:
    order = object_of({"price": Field(NUMBER, True), "note": Field(STRING, False)})
    assert is_assignable(object_of({"price": Field(INTEGER, True)}), order)
    assert misfit(object_of({"note": Field(STRING, True)}), order) is not NEVER
    assert misfit(object_of({"price": Field(STRING, True)}), order) is not NEVER
    assert misfit(object_of({}, ANY), order) is NEVER
    merged = join(order, object_of({"price": Field(STRING, True)}))
    assert display(merged) == "{note?: string, price: number | string}"


@pytest.mark.parametrize(
    ("type", "text"),
    [
        (UNSET, "null"),
        (join(STRING, NULL), "string?"),
        (union_of((STRING, NUMBER, NULL)), "number | string | null"),
        (array_of(join(STRING, NULL)), "string?[]"),
        (array_of(union_of((STRING, INTEGER))), "(integer | string)[]"),
        (literal_of('say "hi"'), '"say \\"hi\\""'),
        (object_of({"a": Field(INTEGER, True)}, ANY), "{a: integer, …}"),
        (array_of(ANY), "array"),
        (object_of({}, ANY), "object"),
    ],
)
def test_display(type: Type, text: str) -> None:
    assert display(type) == text


# -- schemas --------------------------------------------------------------------------------------------------------

ORDER = {
    "type": "object",
    "properties": {
        "price": {"type": "number"},
        "state": {"enum": ["new", "paid"]},
        "lines": {"type": "array", "items": {"$ref": "#/definitions/line"}},
        "note": {"type": ["string", "null"]},
    },
    "required": ["price"],
    "additionalProperties": False,
    "definitions": {
        "line": {"type": "object", "properties": {"next": {"$ref": "#/definitions/line"}}}
    },
}


@pytest.mark.parametrize(
    ("schema", "text"),
    [
        ({"type": "integer"}, "integer"),
        ({"type": ["string", "null"]}, "string?"),
        ({"type": "string", "nullable": True}, "string?"),
        ({"const": 3}, "3"),
        ({"enum": ["a", "b"]}, '"a" | "b"'),
        ({"anyOf": [{"type": "string"}, {"type": "number"}]}, "number | string"),
        ({"oneOf": [{"type": "string"}, {"type": "null"}]}, "string?"),
        ({"allOf": [{"type": "number"}, {"type": "integer"}]}, "integer"),
        ({"items": {"type": "string"}}, "string[]"),
        ({"required": ["a"]}, "{a: any, …}"),
        ({"type": "object", "additionalProperties": {"type": "string"}}, "object"),
        ({"$ref": "#/nowhere"}, "any"),
        ({"$ref": "https://elsewhere/x.json"}, "any"),
        (True, "any"),
        (False, "never"),
        ({}, "any"),
        ("no schema", "any"),
        ([1], "any"),
    ],
)
def test_schemas(schema: object, text: str) -> None:
    assert display(type_of_schema(schema)) == text


def test_a_schema_of_an_object() -> None:
    order = type_of_schema(ORDER)
    assert isinstance(order, ObjectType)
    price, note, lines = order.field("price"), order.field("note"), order.field("lines")
    assert price == Field(NUMBER, True)
    assert note is not None
    assert display(note.type) == "string?"
    assert lines is not None
    assert isinstance(lines.type, ArrayType)  # its items refer to themselves: the translation ends
    assert order.rest is NEVER


@given(VALUES)
def test_any_json_is_taken_for_a_schema(schema: object) -> None:
    assert display(type_of_schema(schema))


def test_names_of_types() -> None:
    schemas = {"order": ORDER}
    assert parse_type_name("string[]?", schemas) == union_of((array_of(STRING), NULL))
    assert isinstance(parse_type_name("order", schemas), ObjectType)
    assert isinstance(parse_type_name("order[]", schemas), ArrayType)
    assert parse_type_name("json", schemas) is ANY
    assert parse_type_name("nothing", schemas) is UNKNOWN
    assert parse_type_name("order", {"order": {"type": "string"}}) is STRING
