"""The functions of the language: examples, agreement with the compiler's table, and that they are total."""

from __future__ import annotations

import contextlib
import copy
import inspect
import json
import re
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jcc.frontend import functions as table
from jobcenter.sandbox import ALIASES, FUNCTIONS, NAMES, JclError, run


def fn(name: str, *arguments: Any) -> Any:
    return run(FUNCTIONS[name], *arguments)


@pytest.mark.parametrize(
    ("name", "arguments", "value"),
    [
        ("concat", ("a", 1, None, True), "a1true"),
        ("defined", (None,), False),
        ("defined", (0,), True),
        ("ifdef", (5,), 5),
        ("tostring", (1.50,), "1.5"),
        ("tostring", ([1, "a"],), '[1,"a"]'),
        ("tonumber", ("12",), 12),
        ("array", (1, "two"), [1, "two"]),
        ("object", ("a", 1, 2, "b"), {"a": 1, "2": "b"}),
        ("tojson", ({"b": [1.5, None], "a": "é"},), '{"a":"é","b":[1.5,null]}'),
        ("tojson", ("x",), '"x"'),
        ("fromjson", ('{"a": [1, 2.0]}',), {"a": [1, 2.0]}),
        ("fromjson", (None,), None),
        ("b64encode", ("é",), "w6k="),
        ("b64decode", ("w6k=",), "é"),
        ("b64decode", ("w6\nk",), "é"),
        ("md5", ("é",), "66ddcd97cfdeabb2f6fb8a999b4bc76f"),
        ("md5b64", ("",), "1B2M2Y8AsgTpgAmY7PhCfg"),
        ("sha256", ("",), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("keys", ({"b": 1, "a": 2},), ["a", "b"]),
        ("keys", (None,), []),
        ("values", ({"b": 1, "a": 2},), [2, 1]),
        ("list", (None,), []),
        ("list", ([1],), [1]),
        ("list", ({"b": 2, "a": 1},), ["a", 1, "b", 2]),
        ("list", ("ab",), ["ab"]),
        ("length", ("é",), 1),
        ("length", ([1, 2],), 2),
        ("length", (None,), 0),
        ("lower", ("Ab",), "ab"),
        ("upper", ("Ab",), "AB"),
        ("trim", (" a\n",), "a"),
        ("split", ("a,b", ","), ["a", "b"]),
        ("split", ("ab", ""), ["a", "b"]),
        ("split", (None, ","), []),
        ("split", (" a  b ",), ["a", "b"]),
        ("join", ([1, "b", None], "-"), "1-b-"),
        ("replace", ("a.b.c", ".", "-"), "a-b-c"),
        ("substr", ("hello", 1, 3), "ell"),
        ("substr", ("hello", -3), "llo"),
        ("substr", ("hello", 1, -1), "ell"),
        ("substr", ("hello", 9), ""),
        ("contains", ("abc", "b"), True),
        ("contains", ([1, "2"], 2), True),
        ("contains", ({"a": None}, "a"), True),
        ("contains", (None, "a"), False),
        ("startswith", ("www.x", "www."), True),
        ("endswith", ("x.nl", ".com"), False),
        ("matches", ("x-12", "[0-9]+$"), True),
        ("sort", ([3, 1.5, 2],), [1.5, 2, 3]),
        ("sort", (["b", "a", 10],), [10, "a", "b"]),
        ("reverse", ([1, 2],), [2, 1]),
        ("reverse", ("ab",), "ba"),
        ("reverse", (None,), None),
        (
            "unique",
            ([1, 1.0, "1", [1], [1], True, {"a": 1}, {"a": 1}],),
            [1, "1", [1], True, {"a": 1}],
        ),
        ("slice", ([1, 2, 3], 0, 2), [1, 2]),
        ("slice", ("abc", -2), "bc"),
        ("slice", (None, 0, 2), None),
        ("flatten", ([1, [2, [3]], []],), [1, 2, [3]]),
        ("merge", ({"a": 1, "b": 1}, None, {"b": 2}), {"a": 1, "b": 2}),
        ("get", ({"a": [{"b": 5}]}, "a[0].b"), 5),
        ("get", ({"a": [{"b": 5}]}, ["a", 0, "b"]), 5),
        ("get", ({"a": 1}, "a.b.c", "none"), "none"),
        ("get", ({"a": 1}, ""), {"a": 1}),
        ("sum", ([1, "2", None, 0.5],), 3.5),
        ("sum", ([],), 0),
        ("min", (3, 1, 2), 1),
        ("max", ([3, "10", 2],), "10"),
        ("min", ([],), None),
        ("max", ("b", "a"), "b"),
        ("abs", ("-3",), 3),
        ("round", (2.5,), 2),
        ("round", (2.345, 2), 2.35),
        ("round", (1234, -2), 1200),
        ("floor", (-2.5,), -3),
        ("ceil", (2.1,), 3),
        ("range", (3,), [0, 1, 2]),
        ("range", (1, 3), [1, 2]),
        ("range", (3, 0, -1), [3, 2, 1]),
        ("typeof", (1,), "number"),
        ("typeof", (1.0,), "number"),
        ("typeof", (True,), "boolean"),
        ("typeof", (None,), "null"),
        ("typeof", ({},), "object"),
    ],
)
def test_the_reference(name: str, arguments: tuple[Any, ...], value: Any) -> None:
    result = fn(name, *arguments)
    assert (type(result), result) == (type(value), value)


@pytest.mark.parametrize(
    ("name", "arguments", "error_class"),
    [
        ("tonumber", ("abc",), "type"),
        ("keys", ([],), "type"),
        ("merge", ({}, "a"), "type"),
        ("sort", ([[1]],), "type"),
        ("join", ("abc", ","), "type"),
        ("lower", ({},), "type"),
        ("object", ("a",), "normal"),
        ("fromjson", ("{",), "normal"),
        ("fromjson", ("",), "normal"),
        ("range", (0, 5, 0), "type"),
        ("range", (10**9,), "sandbox"),
        ("replace", ("a" * 10**4, "a", "b" * 10**4), "sandbox"),
    ],
)
def test_what_is_an_error(name: str, arguments: tuple[Any, ...], error_class: str) -> None:
    with pytest.raises(JclError) as caught:
        fn(name, *arguments)
    assert caught.value.error_class == error_class


def test_unique_tells_numbers_apart_that_share_a_hash() -> None:
    numbers = [n * (2**61 - 1) for n in range(20_000)]
    assert fn("unique", [*numbers, *numbers, float(2**70), 2**70]) == [*numbers, float(2**70)]


def test_now_and_uuid() -> None:
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", fn("now"))
    assert datetime.fromisoformat(fn("now")).utcoffset() is not None
    assert fn("uuid") != fn("uuid")


def test_the_compilers_table_and_the_implementations_are_the_same_functions() -> None:
    assert set(FUNCTIONS) == set(table.FUNCTIONS)
    assert {
        alias: function.name for function in table.FUNCTIONS.values() for alias in function.aliases
    } == ALIASES


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_an_implementation_takes_as_many_arguments_as_the_table_says(name: str) -> None:
    declared = table.FUNCTIONS[name]
    signature = inspect.signature(FUNCTIONS[name])
    signature.bind(*[None] * declared.least)
    signature.bind(*[None] * (declared.most if declared.most is not None else 7))


# -- total --------------------------------------------------------------------------------------------------------

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-100, 100)
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5)
    | st.sampled_from(["[1]", "YQ==", "a.b[0]", "1e5", "\0", "\ud800", "(", "a*"])
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=8,
)
PURE = sorted(set(FUNCTIONS) - {"now", "uuid"})


@given(st.sampled_from(PURE), st.lists(VALUES, max_size=4))
def test_functions_are_total_and_change_nothing(name: str, arguments: list[Any]) -> None:
    declared = table.FUNCTIONS[name]
    given_arguments = (arguments + [None] * 4)[
        : max(declared.least, min(len(arguments), declared.most or 4))
    ]
    before = copy.deepcopy(given_arguments)
    try:
        value = run(FUNCTIONS[name], *given_arguments)
    except JclError:
        return
    finally:
        assert given_arguments == before
    json.dumps(value, allow_nan=False)


@given(st.sampled_from(sorted(NAMES)), st.lists(VALUES, max_size=3))
def test_whatever_is_called_with_whatever_only_errors_of_jobs_come_out(
    name: str, arguments: list[Any]
) -> None:
    with contextlib.suppress(JclError):  # any other exception fails the test
        run(NAMES[name], *arguments)


@given(VALUES)
def test_json_there_and_back(value: Any) -> None:
    try:
        encoded = fn("tojson", value)
    except JclError:
        return  # it holds what cannot be stored
    assert fn("fromjson", encoded) == value


@given(st.text(st.characters(codec="utf-8", exclude_characters="\0")))
def test_base64_there_and_back(value: str) -> None:
    assert fn("b64decode", fn("b64encode", value)) == value
