"""type_problem: which values fit which types, and how a misfit is told. Agrees with plain Python on random values."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg.types.json import Jsonb

from jobcenter.database import Connection
from tests.runtime.database.conftest import one


def problem(connection: Connection, type_: str, value: object) -> str | None:
    (found,) = one(
        connection, "select jobcenter.type_problem(%s, %s::text::jsonb)", type_, json.dumps(value)
    )
    return None if found is None else str(found)


@pytest.mark.parametrize(
    ("type_", "value", "expected"),
    [
        ("number", 1.5, None),
        ("integer", 3, None),
        ("integer", 3.0, None),
        ("integer", 3.5, "has wrong type number (should be integer)"),
        ("integer", "3", "has wrong type string (should be integer)"),
        ("string", None, None),
        ("boolean", 0, "has wrong type number (should be boolean)"),
        ("null", None, None),
        ("null", 0, "has wrong type number (should be null)"),
        ("object", [], "has wrong type array (should be object)"),
        ("any", [1], None),
        ("json", {"a": 1}, None),
        ("string?", "x", None),
        ("string?", 1, "has wrong type number (should be string)"),
        ("number[]", [1, None, 2], None),
        ("number[]", 1, "has wrong type number (should be number[])"),
        ("number[]", [1, "x"], "has wrong type string (should be number) at [1]"),
        ("number[][]", [[1], ["x"]], "has wrong type string (should be number) at [0] at [1]"),
        ("number[]?", None, None),
        ("nosuch", 1, "has unknown type nosuch"),
    ],
)
def test_types(connection: Connection, type_: str, value: object, expected: str | None) -> None:
    assert problem(connection, type_, value) == expected


ORDER = {
    "type": "object",
    "required": ["no"],
    "properties": {
        "no": {"type": "integer", "minimum": 1},
        "state": {"enum": ["open", "paid"]},
        "kind": {"const": "order"},
        "lines": {"type": "array", "items": {"$ref": "#/$defs/line"}, "maxItems": 2},
        "note": {"type": ["string", "null"], "maxLength": 3},
        "ref": {"oneOf": [{"type": "string"}, {"type": "integer"}]},
        "not_zero": {"not": {"const": 0}},
        "both": {"allOf": [{"type": "number"}, {"maximum": 5}]},
        "maybe": {"type": "string", "nullable": True},
        "between": {"exclusiveMinimum": 0, "exclusiveMaximum": 1},
        "tens": {"multipleOf": 10},
        "code": {"pattern": "^[A-Z]+$"},
        "set": {"uniqueItems": True},
        "one": {"minProperties": 1, "maxProperties": 1},
    },
    "additionalProperties": False,
    "$defs": {"line": {"type": "object", "properties": {"price": {"type": "number"}}}},
}


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, None),
        ({"no": 0}, "has value 0, which is out of range at .no"),
        ({"no": "x"}, "has wrong type string (should be integer) at .no"),
        ({"state": "paid"}, None),
        ({"state": "gone"}, 'has value "gone" (should be ["open", "paid"]) at .state'),
        ({"kind": "x"}, 'has value "x" (should be "order") at .kind'),
        ({"lines": [{"price": 1}, {}]}, None),
        (
            {"lines": [{"price": "x"}]},
            "has wrong type string (should be number) at .lines[0].price",
        ),
        ({"lines": [{}, {}, {}]}, "has 3 items at .lines"),
        ({"note": None}, None),
        ({"note": 1}, "has wrong type number (should be string or null) at .note"),
        ({"note": "long"}, "has length 4 at .note"),
        ({"ref": 1.5}, "fits none of the forms at .ref"),
        ({"ref": 1}, None),
        ({"not_zero": 0}, "has a value that the schema does not allow at .not_zero"),
        ({"both": 6}, "has value 6, which is out of range at .both"),
        ({"maybe": None}, None),
        ({"between": 0.5, "tens": 30, "code": "ABC", "set": [1, "1"], "one": {"a": 1}}, None),
        ({"between": 0}, "has value 0, which is out of range at .between"),
        ({"between": 1}, "has value 1, which is out of range at .between"),
        ({"tens": 15}, "has value 15, which is no multiple of 10 at .tens"),
        ({"code": "AbC"}, 'has value "AbC", which does not match ^[A-Z]+$ at .code'),
        ({"set": [1, 2, 1.0]}, "has an item twice at .set"),
        ({"one": {}}, "has 0 members at .one"),
        ({"one": {"a": 1, "b": 2}}, "has 2 members at .one"),
        ({"more": 1}, "has a value that the schema does not allow at .more"),
    ],
)
def test_schemas(connection: Connection, more: dict[str, Any], expected: str | None) -> None:
    connection.execute("select jobcenter.deploy_schema('order', %s)", (Jsonb(ORDER),))
    assert problem(connection, "order", {"no": 1, **more}) == expected


def test_schema_lacks(connection: Connection) -> None:
    connection.execute("select jobcenter.deploy_schema('order', %s)", (Jsonb(ORDER),))
    assert problem(connection, "order", {}) == 'lacks "no"'
    assert problem(connection, "order[]", [{"no": 1}, 5]) == (
        "has wrong type number (should be object) at [1]"
    )


PYTHON_TYPES: dict[str, tuple[type, ...]] = {
    "number": (int, float),
    "integer": (int,),
    "string": (str,),
    "boolean": (bool,),
    "array": (list,),
    "object": (dict,),
}
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([1.5, -0.25])
    | st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.just("k"), inner),
    max_leaves=6,
)


def fits(type_: str, value: object) -> bool:
    if value is None:
        return True
    if type_.endswith("[]"):
        return isinstance(value, list) and all(fits(type_[:-2], element) for element in value)
    if isinstance(value, bool):
        return type_ == "boolean"
    return isinstance(value, PYTHON_TYPES[type_])


@given(st.sampled_from(sorted(PYTHON_TYPES)), st.integers(0, 2), JSON)
@settings(
    max_examples=150,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_agrees_with_python(connection: Connection, base: str, depth: int, value: object) -> None:
    type_ = base + "[]" * depth
    assert (problem(connection, type_, value) is None) == fits(type_, value)
