"""Compiling and loading modules: what is refused and where, native code, other Pythons, namespaces, budgets."""

from __future__ import annotations

import contextlib
import importlib.util
import marshal
from types import CodeType, FunctionType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobcenter.artifact import Module
from jobcenter.sandbox import (
    FUEL,
    JclError,
    SandboxRejected,
    check_storable,
    compile_module,
    load_module,
    run,
)
from jobcenter.sandbox.guards import GUARDS

NATIVE = """\
def task_1_in(a, e, v, i, t):
    op_put(i, op_get(a, 'input'), 'counter')
    part_1 = lambda: op_join(op_get(v, 'x'), 'y')
    value = op_get(v, 'z')
    if value is not None:
        op_put(i, [value, part_1(), {'k': -1, op_case(2): fn_length('abc')}], 'list')
    op_copy(v, i, 'x')

def task_1_value(a, e, v):
    return op_or(op_not(op_get(v, 'x')), lambda: op_lt(block_1(a, e, v), 10))

def block_1(a, e, v):
    return sum(v.numbers)
"""


def names_of(code: CodeType) -> set[str]:
    inner = [names_of(each) for each in code.co_consts if isinstance(each, CodeType)]
    return {*code.co_names}.union(*inner)


def refusal(python: str) -> tuple[tuple[int, str], ...]:
    with pytest.raises(SandboxRejected) as caught:
        compile_module(python, "<test>")
    return caught.value.findings


def test_native_functions_run_without_guards() -> None:
    functions = load_module(compile_module(NATIVE, "<test>"))
    for name in ("task_1_in", "task_1_value"):
        function = functions[name]
        assert isinstance(function, FunctionType)
        assert not names_of(function.__code__) & set(GUARDS)
    inputs: dict[str, Any] = {}
    state = {"x": "a", "z": 1, "numbers": [1, 2]}
    run(functions["task_1_in"], {"input": 5}, {}, state, inputs, {})
    assert inputs == {"counter": 5, "list": [1, "ay", {"k": -1, "2": 3}], "x": "a"}
    assert run(functions["task_1_value"], {}, {}, state) is True


def test_every_reason_is_told_with_its_line() -> None:
    python = "def f(a, e, v, t):\n    import os\n    v.x = v.__class__\n    try:\n        pass\n    except: pass\n"
    lines = [(line, message.split("`")[1]) for line, message in refusal(python)]
    assert lines == [(2, "import"), (3, ".__class__"), (4, "try")]


@pytest.mark.parametrize(
    ("python", "line"),
    [
        ("def f(:\n", 1),
        ("def f():\n    return 1 +\n", 2),
        ("x" * 3_000_000, 1),
        ("def f():\n\0", 1),
    ],
)
def test_what_cannot_be_read(python: str, line: int) -> None:
    assert refusal(python)[0][0] == line


@given(st.text(max_size=200))
def test_any_text_is_compiled_or_refused(python: str) -> None:
    with contextlib.suppress(SandboxRejected):  # any other exception fails the test
        load_module(compile_module(python, "<test>"))


def module(
    python: str, magic: bytes = importlib.util.MAGIC_NUMBER, bytecode: bytes = b""
) -> Module:
    return Module(python, bytecode, magic, ())


def test_bytecode_of_this_python_is_taken() -> None:
    code = compile_module("def f(a, e, v):\n    return 1\n", "<test>")
    loaded = load_module(module("def f(:", bytecode=marshal.dumps(code)))
    assert run(loaded["f"], {}, {}, {}) == 1


def test_bytecode_of_another_python_is_not_looked_at() -> None:
    loaded = load_module(
        module("def f(a, e, v):\n    return 2\n", b"\0\0\r\n", b"no bytecode at all")
    )
    assert run(loaded["f"], {}, {}, {}) == 2
    with pytest.raises(SandboxRejected):
        load_module(module("import os", b"\0\0\r\n"))


def test_modules_share_no_namespace_and_see_no_builtins() -> None:
    code = compile_module(NATIVE, "<test>")
    one, two = load_module(code), load_module(code)
    first, second = one["task_1_in"], two["task_1_in"]
    assert first.__globals__ is not second.__globals__
    assert first.__globals__["__builtins__"] == {}
    assert set(one) == {"task_1_in", "task_1_value", "block_1"}


def test_nothing_outlives_a_call() -> None:
    python = (
        "def task_1_eval(a, e, v, t):\n"
        "    def f(seen=[]):\n"
        "        seen.append(1)\n"
        "        return len(seen)\n"
        "    v.x = f() + f()\n"
    )
    task = load_module(compile_module(python, "<test>"))["task_1_eval"]
    for _ in range(2):
        state: dict[str, Any] = {}
        run(task, {}, {}, state, {})
        assert state == {"x": 3}


def test_each_call_has_a_budget_of_its_own() -> None:
    python = "def f(a, e, v):\n    n = 0\n    while n < a.n:\n        n += 1\n    return n\n"
    task = load_module(compile_module(python, "<test>"))["f"]
    turns = FUEL // 10
    for _ in range(12):
        assert run(task, {"n": turns}, {}, {}) == turns
    with pytest.raises(JclError) as caught:
        run(task, {"n": FUEL}, {}, {})
    assert caught.value.error_class == "sandbox"
    with pytest.raises(JclError):
        run(task, {"n": turns}, {}, {}, fuel=1000)


def test_what_can_be_stored() -> None:
    assert check_storable({"a": [1, "x", None, True, 2.5]}) > 0


@pytest.mark.parametrize(
    "value",
    [
        "\0",
        "\ud800",
        {"\0": 1},
        [float("nan")],
        float("inf"),
        1 << 10_001,
        object(),
        [b"x"],
        {"a": {1}},
    ],
)
def test_what_cannot_be_stored(value: Any) -> None:
    with pytest.raises(JclError):
        check_storable(value)


def test_what_is_too_large_or_too_deep_to_be_stored() -> None:
    wide: list[Any] = [1]
    deep: list[Any] = []
    for _ in range(60):
        wide = [wide, wide]
    for _ in range(300):
        deep = [deep]
    for value in (wide, deep, ["a" * 10**6] * 1000):
        with pytest.raises(JclError) as caught:
            check_storable(value)
        assert caught.value.error_class == "sandbox"
