"""Expressions as Python: each operator and, at random, whole trees give what the interpreter gives."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given

from jcc.backend import ir
from jcc.frontend import ast
from tests.backend.running import functions_of, outcome, run
from tests.backend.trees import (
    EVAL_MAPS,
    EXPRESSIONS,
    OBJECTS,
    assign,
    binary,
    call,
    copies,
    literal,
    map_of,
    match,
    object_of,
    path,
    unary,
)
from tests.interpreter import evaluate, run_map

Objects = dict[str, Any]


def value_of(expression: ast.Expression, objects: Objects) -> Any:
    """The value that the generated code of an expression gives."""
    functions = functions_of(ir.Lock("zone", expression))
    return run(functions["task_2_value"], *(objects[name] for name in "aev"))


@given(EXPRESSIONS, OBJECTS, OBJECTS)
def test_expressions_mean_what_the_interpreter_says(
    expression: ast.Expression, a: Objects, e: Objects
) -> None:
    objects = {"a": a, "e": e, "v": {}}
    before = copy.deepcopy(objects)
    expected = outcome(lambda: evaluate(expression, objects))
    assert outcome(lambda: value_of(expression, objects)) == expected
    assert objects == before


@given(EVAL_MAPS, OBJECTS, OBJECTS)
def test_assignments_mean_what_the_interpreter_says(map: ast.Map, a: Objects, v: Objects) -> None:
    given = {"a": a, "e": {"p": 1}, "v": v, "t": {}}
    function = functions_of(ir.Eval(map))["task_2_eval"]
    compiled, walked = copy.deepcopy(given), copy.deepcopy(given)
    # What is reached from the variables may be shared with other jobs: only the roots may change.
    inside = copy.deepcopy(compiled["v"])
    shared = list(compiled["v"].values())
    kept = list(inside.values())

    def generated() -> Any:
        run(function, *compiled.values())
        return compiled["v"]

    def interpreted() -> Any:
        run_map(map, "eval", walked)
        return walked["v"]

    assert outcome(generated) == outcome(interpreted)
    assert shared == kept


@pytest.mark.parametrize("depth", [200, 1000])
@pytest.mark.parametrize("op", [".", "+", "&&", "//"])
def test_deep_chains_compile_and_run(op: str, depth: int) -> None:
    left: ast.Expression = literal(1)
    for _ in range(depth):
        left = binary(left, op, path("a", "p"))
    expected = {".": "1" * (depth + 1), "+": depth + 1, "&&": 1, "//": 1}[op]
    assert value_of(left, {"a": {"p": 1}, "e": {}, "v": {}}) == expected


@pytest.mark.parametrize("op", ["-", "!", "not"])
def test_deep_nesting_compiles_and_runs(op: str) -> None:
    expression: ast.Expression = path("a", "p")
    for _ in range(200):
        expression = unary(op, expression)
    value = value_of(expression, {"a": {"p": 3}, "e": {}, "v": {}})
    assert value == (3 if op == "-" else True)


def test_right_nested_alternatives_stay_lazy() -> None:
    expression: ast.Expression = binary(literal(1), "/", literal(0))
    for _ in range(200):
        expression = binary(path("a", "p"), "or", expression)
    assert value_of(expression, {"a": {"p": 7}, "e": {}, "v": {}}) == 7
    assert value_of(binary(path("v", "no"), "//", literal(4)), {"a": {}, "e": {}, "v": {}}) == 4


def test_deep_arrays_objects_and_indexes_compile_and_run() -> None:
    deep: ast.Expression = literal(0)
    index: ast.Expression = literal(0)
    for _ in range(100):
        deep = object_of((literal("k"), call("array", deep)))
        index = path("a", "list", index)
    value = value_of(call("array", deep, index), {"a": {"list": [0]}, "e": {}, "v": {}})
    assert json.dumps(value).count("[") == 101
    assert value[1] == 0


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0x1FFFFFFFFFFFFFFFF, None),
        (-3, None),
        (1.5, None),
        (True, None),
        (None, None),
        ("quote ' \" \\ \n\t\x00 ä \u2028 {x}", None),
    ],
)
def test_literals_arrive_as_they_are(value: ast.Scalar, text: None) -> None:
    found = value_of(literal(value), {"a": {}, "e": {}, "v": {}})
    assert found == value
    assert type(found) is type(value)


def test_an_integer_of_any_length_is_emitted() -> None:
    big = 16**2400
    functions = functions_of(ir.Lock("zone", literal(big)))
    assert run(functions["task_2_value"], {}, {}, {}) == big


def test_names_and_patterns_may_hold_anything() -> None:
    objects = {"a": {"it's": {'"2nd"\n': "x'y"}}, "e": {}, "v": {}}
    assert value_of(path("a", "it's", '"2nd"\n'), objects) == "x'y"
    assert value_of(match(path("a", "it's", '"2nd"\n'), "x'\\w", "i"), objects) is True


@pytest.mark.parametrize(
    ("role", "expected"),
    [
        ("in", {"i": {"x": 1, "y": None}}),
        ("out", {"v": {"x": 2, "z": 3, "y": None}}),
        ("end", {"o": {"x": 1, "y": None, "w": 4}}),
    ],
)
def test_shorthands_copy_from_the_natural_source(role: str, expected: Objects) -> None:
    objects = {
        "in": {"a": {}, "e": {}, "v": {"x": 1, "z": 3}, "i": {}, "t": {}},
        "out": {"a": {}, "e": {}, "v": {"x": 1, "z": 3}, "o": {"x": 2}, "t": {}},
        "end": {"a": {}, "e": {}, "v": {"x": 1, "z": 3}, "o": {"w": 4}, "t": {}},
    }[role]
    map = map_of(copies("x", "y"))
    work: ir.Work = ir.Call(ir.Callee("add", "action"), map, map)
    functions = functions_of(work, outputs=map)
    run(functions["end" if role == "end" else f"task_2_{role}"], *objects.values())
    for name, value in expected.items():
        assert objects[name] == value


def test_ifdef_assigns_only_what_is_defined_for_every_operator() -> None:
    for op in ("=", ".=", "+=", "//=", "||=", ",="):
        map = map_of(assign(path(None, "x"), op, call("ifdef", path("a", "p"))))
        function = functions_of(ir.Eval(map))["task_2_eval"]
        variables: Objects = {}
        run(function, {}, {}, variables, {})
        assert variables == {}
        run(function, {"p": 3}, {}, variables, {})
        assert variables == {"x": {".=": "3", ",=": [3]}.get(op, 3)}


def test_the_whole_of_an_object_is_copied_not_shared() -> None:
    map = map_of(assign(path("v", "all"), "=", path("v")))
    variables: Objects = {"x": 1}
    run(functions_of(ir.Eval(map))["task_2_eval"], {}, {}, variables, {})
    assert variables == {"x": 1, "all": {"x": 1}}
