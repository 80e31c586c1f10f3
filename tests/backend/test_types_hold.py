"""What the compiler holds for the type of an expression is one of what it gives when it runs: random expressions."""

from __future__ import annotations

import random
from typing import Any

import pytest

from jcc.frontend import ast
from jcc.frontend import types as t
from jcc.frontend.functions import FUNCTIONS, Function
from jcc.workspace import Workspace, analysed
from jobcenter.sandbox import JclError
from tests.backend.test_expressions import value_of

VALUES = (
    *("1", "0", "-1", "2.5", "'a'", "''", "'0'", "'12'", "' 3 '", "null", "true", "false", "1e20"),
    *("array()", "array(1, 2, 'x')", "array('b', 'a')", "array(null, 1)", "array(array(1), 2)"),
    *("object()", "object(k: 1)", "object('k': 'v', 'n': null)", "9007199254740993", "'a,b,c'"),
    *("a.n", "a.s", "a.l", "a.o", "a.none", "a.l[0]", "a.o.k", "a.l[-1]", "v.gone", "a.any"),
)
ARGUMENTS = {
    "n": 3,
    "s": "text",
    "l": [1, 2, 3],
    "o": {"k": "v", "m": 2},
    "none": None,
    "any": "7",
}
HEAD = """\
workflow w:
	in:
		n	number
		s	string
		l	array
		o	object
		none	string?
		any	any
	do:
"""
OPERATORS = (
    *("+", "-", "*", "/", "%", "**", ".", "x", "<", "<=", "==", "!=", "lt", "eq", "ne"),
    *("&&", "||", "//", "and", "or", "xor"),
)
# What null is to `reverse` and `slice` is left out of their types: who asks for a string would hear of arrays.
CALLED = [f for f in FUNCTIONS.values() if f.name not in ("uuid", "now", "reverse", "slice")]


def expression(choose: random.Random, depth: int) -> str:
    if depth == 0 or choose.random() < 0.25:
        return choose.choice(VALUES)
    kind = choose.random()
    if kind < 0.5:
        left, right = (expression(choose, depth - 1) for _ in range(2))
        return f"({left} {choose.choice(OPERATORS)} {right})"
    if kind < 0.55:
        return f"{choose.choice('!-')}({expression(choose, depth - 1)})"
    return called(choose, choose.choice(CALLED), depth)


def called(choose: random.Random, function: Function, depth: int) -> str:
    if function.name == "object":
        return f"object('k', {expression(choose, depth - 1)})"
    most = function.least + 3 if function.most is None else function.most
    arguments = (expression(choose, depth - 1) for _ in range(choose.randint(function.least, most)))
    return f"{function.name}({', '.join(arguments)})"


def is_one(value: Any, type: t.Type) -> bool:
    """Whether a value is one of a type."""
    match type:
        case t.ANY | t.UNKNOWN:
            return True
        case t.UnionType(members=members):
            return any(is_one(value, member) for member in members)
        case t.LiteralType(value=known):
            return value == known and isinstance(value, bool) is isinstance(known, bool)
        case t.NULL | t.UNSET:
            return value is None
        case t.BOOLEAN:
            return isinstance(value, bool)
        case t.INTEGER:
            return not isinstance(value, bool | str) and value == int(value)
        case t.NUMBER:
            return isinstance(value, int | float) and not isinstance(value, bool)
        case t.STRING:
            return isinstance(value, str)
        case t.ArrayType(item=item):
            return isinstance(value, list | tuple) and all(is_one(each, item) for each in value)
        case t.ObjectType(rest=rest):
            return isinstance(value, dict) and all(
                is_one(each, field.type if (field := type.field(key)) else rest)
                for key, each in value.items()
            )
        case _:
            return False


@pytest.mark.parametrize("seed", range(20))
def test_what_an_expression_gives_is_of_its_type(seed: int) -> None:
    choose = random.Random(seed)
    texts = [expression(choose, choose.randint(1, 3)) for _ in range(40)]
    workspace = Workspace()
    body = "".join(f"\t\teval:\n\t\t\tx = {text}\n" for text in texts)
    workspace.set_text("w.wf", HEAD + body)
    (analysis,) = analysed(workspace, "w.wf")
    model = analysis.model
    for text, write in zip(texts, model.survey.writes, strict=True):
        value = write.item.value
        try:
            given = value_of(value, {"a": ARGUMENTS, "e": {}, "v": {}})
        except JclError:
            continue
        type = model.types[value] if not isinstance(value, ast.Literal) else t.ANY
        assert is_one(given, type), f"{text} gives {given!r}, not {t.display(type)}"
