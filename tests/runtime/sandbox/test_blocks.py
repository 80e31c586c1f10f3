"""Code blocks: what Python they may use, and that it means what it means in Python."""

from __future__ import annotations

import copy
import warnings
from collections.abc import Callable
from textwrap import indent
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobcenter.sandbox import JclError, compile_module, load_module, run

Block = Callable[..., Any]


@pytest.mark.parametrize(
    ("code", "value"),
    [
        ("return v.name", "Ann"),
        ('return v["name"]', "Ann"),
        ("return v.missing.further", None),
        ("return v.list[-1]", 3),
        ("return v.list[9]", None),
        ("return v.list[1:]", [2, 3]),
        ("return v.name[::-1]", "nnA"),
        ("return v.order.lines[0].price", 2.5),
        ("return [x * 2 for x in v.list if x > 1]", [4, 6]),
        ("return {k: len(k) for k in v.order}", {"lines": 5}),
        ("return sum(x for x in v.list)", 6),
        ("return sorted(v.list, key=lambda x: -x)", [3, 2, 1]),
        ("return ', '.join(str(x) for x in v.list)", "1, 2, 3"),
        ("return f'{v.name!r:>6}|{3.14159:.2f}|{v.list}|{7:03d}'", " 'Ann'|3.14|[1, 2, 3]|007"),
        ("return v.name.upper().replace('N', 'n')", "Ann"),
        ("return 'x' in v.name or 'Ann' in {'Ann', 'Bob'}", True),
        ("return 0 < len(v.list) <= 3", True),
        ("return v.name is not None and v.missing is None", True),
        ("return 'yes' if v.list else 'no'", "yes"),
        ("return 7 // 2, 7 % 3, 7 / 2, 2 ** 8, -7 // 2", [3, 1, 3.5, 256, -4]),
        ("return 6 & 3 | 8 ^ 1, 1 << 4, -16 >> 2, ~5", [11, 16, -4, -6]),
        ("return [1] + [2], 'a' * 3, (1,) + (2,)", [[1, 2], "aaa", [1, 2]]),
        ("return isinstance(v.list, list) and not isinstance(v.name, (int, float))", True),
        (
            "return list(zip('ab', v.list)), list(enumerate('a', 1))",
            [[["a", 1], ["b", 2]], [[1, "a"]]],
        ),
        (
            "return min(v.list), max(3, 1), min([], default=0), max('ab', key=lambda c: c)",
            [1, 3, 0, "b"],
        ),
        (
            "return list(map(lambda x, y: x + y, [1, 2], [3, 4])), list(filter(None, [0, 1]))",
            [[4, 6], [1]],
        ),
        (
            "return any(x > 2 for x in v.list), all([]), bool(''), list(reversed('ab'))",
            [True, True, False, ["b", "a"]],
        ),
        (
            "return int('12') + int(3.9) + int('ff', 16), float('1.5'), round(2.567, 1), divmod(7, 2)",
            [270, 1.5, 2.6, [3, 1]],
        ),
        (
            "return dict(a=1), dict([['b', 2]]), tuple([1]), range(2), abs(-2)",
            [{"a": 1}, {"b": 2}, [1], [0, 1], 2],
        ),
        (
            "return 'a,b'.split(','), ' x '.strip(), 'ab'.find('b'), 'Ab'.isupper(), 'a'.zfill(3)",
            [["a", "b"], "x", 1, False, "00a"],
        ),
        (
            "return [3, 1, 2].index(2), (1, 1).count(1), {'a': 1}.get('b', 5), {'a': 1}.items()",
            [2, 2, 5, [["a", 1]]],
        ),
        ("return {1: 'a', True: 'b', 2.5: 'c'}", {"1": "b", "2.5": "c"}),
        ("return (n := 5) + n", 10),
        ("return [y for x in [[1], [2, 3]] for y in x]", [1, 2, 3]),
        (
            "return tojson(v.list), to_json(1), md5('') == md5_hex(''), length(v.name), fn_min('2', 10)",
            ["[1,2,3]", "1", True, 3, "2"],
        ),
        ("return op_add('1', 2), op_or(0, lambda: 'x')", [3, "x"]),
        ("return e._error, [e._v.x for e in [{'_v': {'x': 1}}]]", [None, [1]]),
    ],
)
def test_expressions(block: Block, code: str, value: Any) -> None:
    state = {"name": "Ann", "list": [1, 2, 3], "order": {"lines": [{"price": 2.5}]}}
    assert block(code, state) == value


@pytest.mark.parametrize(
    ("code", "after"),
    [
        ("v.x = 1", {"x": 1}),
        ("v['x'] = 1", {"x": 1}),
        ("v.x.y.z = 1", {"x": {"y": {"z": 1}}}),
        ("v.x[0].y = 1", {"x": [{"y": 1}]}),
        ("v.x = v.y = [1]\nv.x.append(2)", {"x": [1, 2], "y": [1, 2]}),
        ("v.n = 1\nv.n += 2\nv['n'] *= 5", {"n": 15}),
        ("v.l = [1]\nv.l += [2]\nv.l[0] -= 3", {"l": [-2, 2]}),
        ("v.a, v.b = 1, [2]", {"a": 1, "b": [2]}),
        ("a, (b, *c) = 1, (2, 3, 4)\nv.x = [a, b, c]", {"x": [1, 2, [3, 4]]}),
        ("l = [1, 2]\nl[0], l[1] = l[1], l[0]\nv.x = l", {"x": [2, 1]}),
        (
            "x = y = 0\nfor x, y in [(1, 2), (3, 4)]:\n    if x > 1:\n        break\nelse:\n    v.e = 1\nv.x = y",
            {"x": 4},
        ),
        (
            "n = 0\nwhile n < 9:\n    n += 1\n    if n % 2:\n        continue\n    v.x = n\nelse:\n    v.e = n",
            {"x": 8, "e": 9},
        ),
        (
            "def f(n, m=2):\n    return 1 if n == 0 else n * f(n - 1)\nv.x = f(5)\nv.y = f(n=1, m=3)",
            {"x": 120, "y": 1},
        ),
        (
            "def f(g):\n    def h(x):\n        return g(g(x))\n    return h\nf2 = f(lambda x: x + 1)\nv.x = f2(1)",
            {"x": 3},
        ),
        (
            "v.d = {'a': 1, 'b': 2}\ndel v.d['a'], v.d.missing\nv.d.update({'c': 3})",
            {"d": {"b": 2, "c": 3}},
        ),
        (
            "v.l = [3, 1, 2]\nv.l.sort()\nv.l.insert(0, 9)\nv.p = v.l.pop()\ndel v.l[0]",
            {"l": [1, 2], "p": 3},
        ),
        (
            "v.l = [1, 2]\nfor _ in v.l:\n    v.n = _\nv.l.extend('ab')\nv.l.remove('a')\nv.l.reverse()",
            {"l": ["b", 2, 1], "n": 2},
        ),
        (
            "v.s = {}.setdefault('a', 5)\nv.k = {'b': 1}.keys()\nv.c = [1].copy()\nv.w = {'b': 1}.values()",
            {"s": 5, "k": ["b"], "c": [1], "w": [1]},
        ),
        ("pass", {}),
        ("if v.x:\n    v.a = 1\nelif not v.y:\n    v.a = 2", {"a": 2}),
        ("x = [0] * 2\nx[2] = 1\nv.x = x", {"x": [0, 0, 1]}),
        ("v.clear()\nv.x = 1", {"x": 1}),
    ],
)
def test_statements(block: Block, code: str, after: dict[str, Any]) -> None:
    state: dict[str, Any] = {}
    block(code, state)
    assert state == after


def test_a_block_that_fails_has_changed_nothing(block: Block) -> None:
    state = {"list": [1], "x": {"y": 1}}
    with pytest.raises(JclError):
        block("v.list.append(2)\nv.x.y = 2\nv.z = 3\nv.q = v.list.nothing", state)
    assert state == {"list": [1], "x": {"y": 1}}


def test_a_block_changes_nothing_that_it_may_only_read(block: Block) -> None:
    arguments: dict[str, Any] = {"list": [1]}
    environment: dict[str, Any] = {"x": {}}
    state: dict[str, Any] = {}
    block("a.list.append(2)\na.y = 1\ne.x.y = 1\nv.x = len(a.list)", state, arguments, environment)
    assert (arguments, environment, state) == ({"list": [1]}, {"x": {}}, {"x": 2})


@pytest.mark.parametrize(
    ("name", "parameters", "changed"),
    [
        ("task_1_in", "a, e, v, i, t", "it"),
        ("task_1_out", "a, e, v, o, t", "vt"),
        ("task_1_eval", "a, e, v, t", "vt"),
        ("end", "a, e, v, o, t", "ot"),
        ("end_block_1", "a, e, v, o, t", "ot"),
        ("task_1_value", "a, e, v", ""),
    ],
)
def test_a_block_fills_the_object_of_its_map(name: str, parameters: str, changed: str) -> None:
    letters = parameters.split(", ")
    body = "".join(f"    {letter}.list.append(1)\n" for letter in letters)
    task = load_module(compile_module(f"def {name}({parameters}):\n{body}", "<test>"))[name]
    roots: dict[str, Any] = {letter: {"list": []} for letter in letters}
    run(task, *roots.values())
    assert "".join(letter for letter in letters if roots[letter] == {"list": [1]}) == "".join(
        letter for letter in letters if letter in changed
    )


def test_what_a_block_made_shares_nothing_with_its_neighbours(block: Block) -> None:
    state: dict[str, Any] = {}
    block("x = [1]\nv.a = x\nv.b = x\nv.t = (x, x)", state)
    state["a"].append(2)
    assert state == {"a": [1, 2], "b": [1], "t": [[1], [1]]}


def test_an_error_tells_its_line(block: Block) -> None:
    with pytest.raises(JclError) as caught:
        block("v.x = 1\ndef f():\n    return 1 + None\nv.y = f()")
    assert (caught.value.line, caught.value.error_class) == (4, "type")


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("len()", "len() missing 1 required positional argument: 'x'"),
        ("x.y\nx = 1", "`x` is used before it is set"),
        ("v.l = [1]\nv.l.index(len)", "the value is not in the array"),
        ("int('abc')", "invalid literal for int() with base 10: 'abc'"),
        ("def f():\n    pass\nf(1)", "f() takes 0 positional arguments but 1 was given"),
    ],
)
def test_messages_are_about_the_users_code(block: Block, code: str, message: str) -> None:
    with pytest.raises(JclError) as caught:
        block(code)
    assert caught.value.msg == message


# -- agreement with Python ----------------------------------------------------------------------------------------

_NUMBERS = st.integers(-9, 9).map(str)
_NAMES = st.sampled_from(["x", "y", "z", "s", "l", "d"])
_ATOMS = st.one_of(
    _NUMBERS,
    st.sampled_from(
        ["x", "y", "z", "s", "l", "'ab'", "[1, 2]", "{'a': 1}", "None", "True", "d['a']"]
    ),
)
_BINARY = st.sampled_from(
    ["+", "-", "*", "/", "//", "==", "!=", "<", ">=", "and", "or", "in", "is not"]
)


def _extend(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.tuples(inner, _BINARY, inner).map(lambda p: f"({p[0]} {p[1]} {p[2]})"),
        st.tuples(inner, inner, inner).map(lambda p: f"({p[0]} < {p[1]} <= {p[2]})"),
        st.tuples(inner, inner, inner).map(lambda p: f"({p[0]} if {p[1]} else {p[2]})"),
        st.tuples(inner, inner).map(lambda p: f"[x for x in {p[0]} if x != {p[1]}]"),
        st.tuples(_NAMES, _NAMES).map(lambda p: f"f'{{{p[0]}}}|{{{p[1]}!r:>9}}'"),
        inner.map(lambda p: f"(not {p})"),
        inner.map(lambda p: f"str({p})"),
        inner.map(lambda p: f"len({p})"),
        inner.map(lambda p: f"sorted({p})"),
        st.sampled_from(["l[0:2]", "s[::-1]", "l[-2:]"]),
        st.tuples(inner, inner).map(lambda p: f"[{p[0]}, {p[1]}]"),
    )


_EXPRESSIONS = st.recursive(_ATOMS, _extend, max_leaves=8)
_STATEMENTS = st.lists(
    st.one_of(
        st.tuples(st.sampled_from("xyz"), _EXPRESSIONS).map(lambda p: f"{p[0]} = {p[1]}"),
        st.tuples(st.sampled_from("xyzl"), st.sampled_from("+-*"), _EXPRESSIONS).map(
            lambda p: f"{p[0]} {p[1]}= {p[2]}"
        ),
        _EXPRESSIONS.map(lambda p: f"l.append({p})"),
        st.tuples(_EXPRESSIONS, _EXPRESSIONS).map(lambda p: f"x, y = {p[0]}, {p[1]}"),
        st.tuples(_EXPRESSIONS, _EXPRESSIONS).map(lambda p: f"for z in {p[0]}: x = {p[1]}"),
        st.tuples(_EXPRESSIONS, _EXPRESSIONS).map(lambda p: f"if {p[0]}: y = {p[1]}"),
        _EXPRESSIONS.map(lambda p: f"d['b'] = {p}"),
    ),
    max_size=5,
)
_START = "x, y, z, s, l, d = 1, 2.5, 'q', 'text', [3, 1, 2], {'a': 'A'}\n"
_END = "return x, y, z, s, l, d\n"


def _as_json(value: Any) -> Any:
    return [_as_json(each) for each in value] if isinstance(value, list | tuple) else value


@given(_STATEMENTS)
def test_a_block_means_what_it_means_in_python(statements: list[str]) -> None:
    body = _START + "".join(line + "\n" for line in statements) + _END
    python = "def task_1_value(a, e, v):\n" + indent(body, "    ")
    namespace: dict[str, Any] = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of `1 is not 2`, which is as good as any
        exec(compile(python, "<python>", "exec"), namespace)
    try:
        expected = _as_json(copy.deepcopy(namespace["task_1_value"]({}, {}, {})))
    except Exception:
        with pytest.raises(JclError):
            run(load_module(compile_module(python, "<test>"))["task_1_value"], {}, {}, {})
        return
    assert (
        run(load_module(compile_module(python, "<test>"))["task_1_value"], {}, {}, {}) == expected
    )
