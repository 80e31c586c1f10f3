"""The operations of native code, by the reference of the language (sections 4, 6 and 8), and as properties."""

from __future__ import annotations

import copy
import json
import math
from decimal import Decimal, localcontext
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobcenter.sandbox import OPERATIONS, JclError, run

DEEP: Any = {"a": [1, {"b": "x"}], "s": "abc", "n": 5, "null": None}


def op(name: str, *arguments: Any) -> Any:
    return run(OPERATIONS[f"op_{name}"], *arguments)


@pytest.mark.parametrize(
    ("name", "arguments", "value"),
    [
        ("add", (1, 2), 3),
        ("add", (None, 2), 2),
        ("add", ("3", " 4 "), 7),
        ("add", ("1.5", True), 2.5),
        ("add", (2**70, 1), 2**70 + 1),
        ("sub", (1, "2"), -1),
        ("mul", ("2", 3), 6),
        ("div", (10, 2), 5),
        ("div", (7, 2), 3.5),
        ("div", (2**80, 2**10), 2**70),
        ("div", (10.0, 2), 5.0),
        ("mod", (-7, 3), 2),
        ("mod", (7, -3), -2),
        ("mod", (7.5, 2), 1.5),
        ("pow", (2, 10), 1024),
        ("pow", (2, -1), 0.5),
        ("pow", (2, 200), 2**200),
        ("neg", ("5",), -5),
        ("neg", (None,), 0),
        ("pos", (True,), 1),
        ("pos", (".5",), 0.5),
        ("pos", ("1e3",), 1000.0),
        ("join", ("a", 1), "a1"),
        ("join", (0.1 + 0.2, ""), "0.3"),
        ("join", (1e20, "|"), "1e+20|"),
        ("join", (5.0, -0.0), "50"),
        ("join", (True, None), "true"),
        ("join", (2**70, ""), str(2**70)),
        ("repeat", ("ab", 2), "abab"),
        ("repeat", ("ab", -2), ""),
        ("repeat", (1, "3"), "111"),
        ("append", (None, 1), [1]),
        ("append", ([1], [2]), [1, [2]]),
        ("eq", (1, 1.0), True),
        ("eq", ("1.0", 1), True),
        ("eq", ("1.0", "1"), True),
        ("eq", ("a", "b"), False),
        ("eq", ("a", 0), False),
        ("eq", ("1", "a"), False),
        ("eq", (None, 0), True),
        ("eq", (None, ""), True),
        ("eq", (None, None), True),
        ("eq", (None, "x"), False),
        ("eq", (True, 1), True),
        ("eq", (True, "true"), True),
        ("eq", ([1, {"a": 2}], [1, {"a": 2}]), True),
        ("eq", ([], {}), False),
        ("eq", ([], 0), False),
        ("ne", ("a", "b"), True),
        ("lt", (None, 10), True),
        ("lt", ("9", "10"), True),
        ("le", (2, 2.0), True),
        ("gt", (3, "2"), True),
        ("ge", (True, 1), True),
        ("str_eq", (1, "1"), True),
        ("str_ne", ("a", None), True),
        ("str_lt", ("10", "9"), True),
        ("str_le", ("a", "a"), True),
        ("str_gt", ("b", "a"), True),
        ("str_ge", ("a", "b"), False),
        ("match", ("Hello", "h.*O$", "i"), True),
        ("match", ("a\nb", "^b$", "m"), True),
        ("match", (None, "^$", ""), True),
        ("match", (15, "^1", ""), True),
        ("xor", (1, "0"), True),
        ("xor", ([], {}), False),
        ("not", ("0.0",), False),
        ("case", (3,), "3"),
        ("case", (False,), "false"),
        ("get", (DEEP, "a", 1, "b"), "x"),
        ("get", (DEEP, "a", -2), 1),
        ("get", (DEEP, "a", "1", "b"), "x"),
        ("get", (DEEP, "a", 7, "b"), None),
        ("get", (DEEP, "q", "z"), None),
        ("get", (DEEP, "null", 0), None),
        ("get", (DEEP, None), None),
        ("get", ({"1": "one", "true": 2}, 1), "one"),
        ("get", (DEEP,), DEEP),
    ],
)
def test_the_reference(name: str, arguments: tuple[Any, ...], value: Any) -> None:
    result = op(name, *arguments)
    assert (type(result), result) == (type(value), value)


@pytest.mark.parametrize("value", [None, False, 0, 0.0, "", "0"])
def test_what_is_false(value: Any) -> None:
    assert op("true", value) is False
    assert op("and", value, lambda: 1) is value
    assert op("or", value, lambda: "right") == "right"


@pytest.mark.parametrize("value", [True, 1, -0.5, "0.0", "00", "a", [], {}])
def test_what_is_true(value: Any) -> None:
    assert op("true", value) is True
    assert op("and", value, lambda: "right") == "right"
    assert op("or", value, lambda: 1 / 0) is value


def test_the_right_side_of_defined_or_is_for_null_alone() -> None:
    assert op("defined_or", 0, lambda: 1 / 0) == 0
    assert op("defined_or", None, lambda: "x") == "x"


@pytest.mark.parametrize(
    ("name", "arguments", "error_class"),
    [
        ("add", ("abc", 1), "type"),
        ("add", ("3 apples", 1), "type"),
        ("add", ("", 1), "type"),
        ("add", ("0x10", 1), "type"),
        ("add", ("1_000", 1), "type"),
        ("add", ("inf", 1), "type"),
        ("add", ("\u0663", 1), "type"),
        ("add", ([], 1), "type"),
        ("add", ({}, 1), "type"),
        ("lt", ("a", "b"), "type"),
        ("lt", ([], 1), "type"),
        ("div", (1, 0), "normal"),
        ("div", (1, None), "normal"),
        ("mod", (1.5, 0), "normal"),
        ("pow", (0, -1), "normal"),
        ("pow", (-8, 0.5), "normal"),
        ("mul", (1e308, 10), "normal"),
        ("add", (10**400, 0.5), "normal"),
        ("add", ("1e999", 1), "normal"),
        ("pow", (10, 10**9), "sandbox"),
        ("join", ([], "a"), "type"),
        ("join", ("a", {}), "type"),
        ("str_eq", ([], ""), "type"),
        ("case", ([],), "type"),
        ("repeat", ("a", "b"), "type"),
        ("append", ("a", 1), "type"),
        ("get", (DEEP, "s", "x"), "type"),
        ("get", (DEEP, "n", 0), "type"),
        ("get", (DEEP, "a", "x"), "type"),
        ("get", (DEEP, "a", 0.5), "type"),
        ("get", (DEEP, []), "type"),
        ("match", ("a", "(", ""), "normal"),
    ],
)
def test_what_is_an_error(name: str, arguments: tuple[Any, ...], error_class: str) -> None:
    with pytest.raises(JclError) as caught:
        op(name, *arguments)
    assert caught.value.error_class == error_class
    assert caught.value.to_json() == {"msg": caught.value.msg, "class": error_class}


# -- writing ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("keys", "after"),
    [
        (("x",), {"x": 1}),
        (("x", "y", "z"), {"x": {"y": {"z": 1}}}),
        (("x", 0), {"x": [1]}),
        (("x", 0, "y"), {"x": [{"y": 1}]}),
        (("x", "0"), {"x": {"0": 1}}),
    ],
)
def test_writing_makes_what_lies_on_the_way(keys: tuple[Any, ...], after: Any) -> None:
    root: dict[str, Any] = {}
    op("put", root, 1, *keys)
    assert root == after


def test_writing_changes_no_value_that_is_shared() -> None:
    inner = {"list": [{"a": 1}, 2]}
    root: dict[str, Any] = {"x": inner}
    before = copy.deepcopy(inner)
    op("put", root, 9, "x", "list", 0, "a")
    op("put", root, 3, "x", "list", 2)
    op("put", root, 8, "x", "list", -1)
    assert inner == before
    assert root == {"x": {"list": [{"a": 9}, 2, 8]}}


def test_a_root_that_is_read_whole_is_the_root_as_it_was() -> None:
    root: dict[str, Any] = {"a": 1}
    op("put", root, op("get", root), "copy")
    op("put", root, 2, "a")
    assert root == {"a": 2, "copy": {"a": 1}}


@pytest.mark.parametrize(
    ("keys", "error_class"),
    [
        (("list", 5), "normal"),
        (("list", -5), "normal"),
        (("list", "x"), "type"),
        (("list", None), "type"),
        (("list", True), "type"),
        (("s", "x"), "type"),
        (("n", 0), "type"),
        ((None,), "type"),
        (([],), "type"),
    ],
)
def test_what_cannot_be_written(keys: tuple[Any, ...], error_class: str) -> None:
    root: dict[str, Any] = {"list": [1], "s": "x", "n": 1}
    with pytest.raises(JclError) as caught:
        op("put", root, 1, *keys)
    assert caught.value.error_class == error_class
    assert root == {"list": [1], "s": "x", "n": 1}


def test_put_defined_and_copies() -> None:
    target: dict[str, Any] = {"a": 1}
    op("put_defined", target, None, "a")
    op("put_defined", target, 2, "b", "c")
    assert target == {"a": 1, "b": {"c": 2}}
    op("copy", {"x": 1}, target, "x", "missing")
    assert target == {"a": 1, "b": {"c": 2}, "x": 1, "missing": None}
    op("copy_all", {"a": 5}, target)
    assert target["a"] == 5


# -- properties ---------------------------------------------------------------------------------------------------

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(10**6), 10**6)
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=6)
    | st.integers(-50, 50).map(str)
    | st.floats(-100, 100).map(str)
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=6,
)
KEYS = st.one_of(st.sampled_from(["a", "b", "0", "1", ""]), st.integers(-3, 3), VALUES)
ROOTS = st.dictionaries(st.sampled_from(["a", "b", "0"]), VALUES, max_size=3)
UNARY = ("neg", "pos", "not", "true", "case", "get")
ARITHMETIC = ("add", "sub", "mul", "div", "mod", "pow")
NUMBERS = ("eq", "ne", "lt", "le", "gt", "ge")
STRINGS = ("str_eq", "str_ne", "str_lt", "str_le", "str_gt", "str_ge")
BINARY = (*ARITHMETIC, *NUMBERS, *STRINGS, "join", "repeat", "append", "xor")


def is_json(value: Any) -> bool:
    json.dumps(value, allow_nan=False)
    return True


def outcome(name: str, *arguments: Any) -> Any:
    """The value, or the class of the error; any other exception fails the test."""
    try:
        value = op(name, *arguments)
    except JclError as error:
        return ("error", error.error_class)
    assert is_json(value)
    return value


@given(st.sampled_from(BINARY), VALUES, VALUES)
def test_binary_operations_are_total_and_change_nothing(name: str, a: Any, b: Any) -> None:
    before = copy.deepcopy((a, b))
    outcome(name, a, b)
    assert (a, b) == before


@given(st.sampled_from(UNARY), VALUES)
def test_unary_operations_are_total(name: str, a: Any) -> None:
    outcome(name, a)


@given(st.sampled_from(("and", "or", "defined_or")), VALUES, VALUES)
def test_logic_gives_one_of_its_operands(name: str, a: Any, b: Any) -> None:
    assert op(name, a, lambda: b) in (a, b)


@given(VALUES, st.text(max_size=8), st.text("imsxq", max_size=2))
def test_matching_is_total(subject: Any, pattern: str, flags: str) -> None:
    outcome("match", subject, pattern, flags)


@given(ROOTS, VALUES, st.lists(KEYS, min_size=1, max_size=3))
def test_what_was_written_is_read_again(root: dict[str, Any], value: Any, keys: list[Any]) -> None:
    shared = list(root.values())
    before = copy.deepcopy(shared)
    if outcome("put", root, value, *keys) is None:
        assert op("get", root, *keys) == value
    assert shared == before


@given(ROOTS, st.lists(KEYS, max_size=4))
def test_reading_is_total_and_makes_nothing(root: dict[str, Any], keys: list[Any]) -> None:
    before = copy.deepcopy(root)
    outcome("get", root, *keys)
    assert root == before


@given(st.sampled_from(ARITHMETIC[:4]), st.integers(), st.integers())
def test_integers_are_exact(name: str, a: int, b: int) -> None:
    with localcontext() as context:
        context.prec = 400
        left, right = Decimal(a), Decimal(b)
        match name, outcome(name, a, b):
            case "add", value:
                assert value == left + right
            case "sub", value:
                assert value == left - right
            case "mul", value:
                assert value == left * right
            case _, value if b == 0:
                assert value == ("error", "normal")
            case _, int() as value:
                assert value * right == left
            case _, value:
                assert math.isclose(value, left / right)
                assert a % b != 0


@given(SCALARS, SCALARS)
def test_comparisons_agree_with_each_other(a: Any, b: Any) -> None:
    assert op("eq", a, b) == op("eq", b, a)
    assert op("ne", a, b) != op("eq", a, b)
    if isinstance(outcome("lt", a, b), bool):
        assert op("lt", a, b) == op("gt", b, a) == (not op("ge", a, b))
        assert op("le", a, b) == (op("lt", a, b) or op("eq", a, b))
    assert op("str_le", a, b) == (op("str_lt", a, b) or op("str_eq", a, b))


@given(SCALARS)
def test_a_value_equals_its_text(a: Any) -> None:
    assert op("str_eq", a, op("join", a, ""))
