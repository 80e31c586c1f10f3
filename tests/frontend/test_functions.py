"""The typed table of functions: it and the runtime's functions are the same, and each row is told and typed."""

from __future__ import annotations

import inspect

import pytest

from jcc.frontend.functions import BY_NAME, FUNCTIONS, Function
from jcc.frontend.types import (
    ANY,
    INTEGER,
    NULL,
    NUMBER,
    OBJECT,
    STRING,
    Field,
    array_of,
    display,
    literal_of,
    object_of,
    union_of,
)
from jobcenter.sandbox.functions import ALIASES
from jobcenter.sandbox.functions import FUNCTIONS as RUNTIME


def test_the_runtime_has_the_same_functions() -> None:
    assert set(FUNCTIONS) == set(RUNTIME)


def test_the_runtime_has_the_same_aliases() -> None:
    own = {alias: function.name for function in FUNCTIONS.values() for alias in function.aliases}
    assert own == ALIASES


@pytest.mark.parametrize("function", FUNCTIONS.values(), ids=lambda f: f.name)
def test_the_runtime_takes_as_many_arguments(function: Function) -> None:
    parameters = [
        parameter
        for parameter in inspect.signature(RUNTIME[function.name]).parameters.values()
        if parameter.kind is not parameter.VAR_KEYWORD
    ]
    variadic = [p for p in parameters if p.kind is p.VAR_POSITIONAL]
    required = [p for p in parameters if p.default is p.empty and p not in variadic]
    assert function.least == len(required)
    assert function.most == (None if variadic else len(parameters))


@pytest.mark.parametrize("function", FUNCTIONS.values(), ids=lambda f: f.name)
def test_each_function_tells_what_it_does(function: Function) -> None:
    assert function.doc.endswith(".")
    assert function.name in function.doc or "the value" in function.doc.lower()
    assert function.label.startswith(f"{function.name}(")


def test_no_name_stands_for_two_functions() -> None:
    names = [name for f in FUNCTIONS.values() for name in (f.name, *f.aliases)]
    assert len(names) == len(set(names)) == len(BY_NAME)


_CLOSED = object_of({"k": Field(INTEGER, True)})


@pytest.mark.parametrize(
    ("name", "arguments", "result"),
    [
        ("array", [INTEGER, STRING], "(integer | string)[]"),
        ("array", [], "array"),
        ("sort", [array_of(STRING)], "string[]"),
        ("flatten", [array_of(array_of(INTEGER))], "integer[]"),
        ("sum", [array_of(INTEGER)], "integer"),
        ("sum", [array_of(ANY)], "number"),
        ("min", [INTEGER, literal_of(3)], "integer"),
        ("min", [array_of(NUMBER)], "number?"),
        ("max", [STRING, literal_of("b")], "string"),
        ("max", [], "null"),
        ("merge", [_CLOSED, OBJECT], "{k: any, …}"),
        ("merge", [OBJECT, _CLOSED], "{k: integer, …}"),
        ("merge", [_CLOSED, union_of([_CLOSED, NULL])], "{k: integer}"),
        ("merge", [union_of([_CLOSED, NULL])], "{k?: integer}"),
        ("round", [NUMBER], "integer"),
        ("round", [NUMBER, INTEGER], "number"),
        ("reverse", [STRING], "string"),
        ("slice", [array_of(STRING), INTEGER], "string[]"),
        ("ifdef", [STRING], "string"),
        ("fromjson", [STRING], "any"),
    ],
)
def test_results(name: str, arguments: list[object], result: str) -> None:
    assert display(FUNCTIONS[name].result_of(arguments)) == result  # type: ignore[arg-type]  # types, each
