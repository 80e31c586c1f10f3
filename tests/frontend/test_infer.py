"""Inference: what the type of an expression is behind a few statements."""

from __future__ import annotations

import pytest

from jcc.frontend import ast
from jcc.frontend.analyse import analyse
from jcc.frontend.types import display
from jcc.source import Span
from tests.frontend.semantics import analysed, workflow

ORDER = {
    "type": "object",
    "properties": {
        "price": {"type": "number"},
        "note": {"type": "string"},
        "lines": {"type": "array"},
    },
    "required": ["price"],
    "additionalProperties": False,
}


def type_after(body: str, expression: str) -> str:
    """The type of an expression that stands at the end of a body."""
    text = workflow(f"{body.strip(chr(10))}\nraise_error {expression}", "wfenv:\n\tlimit = 3")
    text = text.replace("\t\tx\tany", "\t\tx\tany\n\t\torder\torder")
    _, model, _ = analysed(text, {"order": ORDER})
    last = max(model.types, key=lambda node: (node.span.end, -node.span.start))
    return display(model.types[last])


@pytest.mark.parametrize(
    ("expression", "type"),
    [
        ("a.n + 1", "number"),
        ("1 + 2", "integer"),
        ("7 / 2", "number"),
        ("2 ** 3", "integer"),
        ("2 ** -3", "number"),
        ("-3", "-3"),
        ("-a.n", "number"),
        ("a.s . 1", "string"),
        ("a.s x 3", "string"),
        ("a.n < 3", "boolean"),
        ("a.s =~ /x/", "boolean"),
        ("!a.n", "boolean"),
        ("!a.list", "false"),
        ("a.maybe", "number?"),
        ("a.maybe // 0", "number"),
        ("a.maybe // 'none'", 'number | "none"'),
        ("a.n && a.s", "string | 0"),
        ("a.n || a.s", "number | string"),
        ("a.list[0]", "string"),
        ("a.list[-1]", "string"),
        ("a.x.y.z", "any"),
        ("a.order.price", "number"),
        ("a.order.note", "string?"),
        ("a.order['price']", "number"),
        ("object(a: 1, b: a.s)", "{a: 1, b: string}"),
        ("array(1, 'x')", "(integer | string)[]"),
        ("e.limit", "3"),
        ("e.job_id", "integer"),
        ("e.anything", "any"),
        ("length(a.s)", "integer"),
        ("keys(a.order)", "string[]"),
        ("fromjson(a.s)", "any"),
        ("nothing(a.s)", "unknown"),
        ("[[ 1 ]]", "unknown"),
    ],
)
def test_expressions(expression: str, type: str) -> None:
    assert type_after("sleep 1", expression) == type


@pytest.mark.parametrize(
    ("body", "expression", "type"),
    [
        ("eval:\n\tx = 1", "v.x", "1"),
        ("eval:\n\tx = 1\n\tx += 2", "v.x", "integer"),
        ("eval:\n\tx .= 'a'", "v.x", "string"),
        ("eval:\n\tx ,= 1\n\tx ,= 'a'", "v.x", "(integer | string)[]"),
        ("eval:\n\tx = a.maybe\n\tx //= 0", "v.x", "number"),
        ("eval:\n\tx = 'a'\n\tx = ifdef(a.maybe)", "v.x", 'number | "a"'),
        ("eval:\n\tx .= ifdef(a.maybe)", "v.x", "string?"),
        ("eval:\n\tx = 'a'\n\tx .= ifdef(a.maybe)", "v.x", "string"),
        ("eval:\n\tx ,= ifdef(a.maybe)", "v.x", "number[]?"),
        ("eval:\n\torder.price = 3", "v.order", "{price: 3}"),
        ("eval:\n\torder.price = 3\n\torder.note = 'x'", "v.order.note", '"x"'),
        ("eval:\n\tlist[0] = 3", "v.list", "integer[]"),
        ("eval:\n\tt.x = 3\n\ty = t.x", "v.y", "3"),
        ("call add:\n\tcounter = 1\ninto:\n\tx = o.counter", "v.x", "number"),
        ("call add:\n\tcounter = 1\ninto:\n\tx = o.note", "v.x", "string?"),
        ("call add:\n\tcounter = 1\ninto:\n\t<counter, note>", "v.note", "string?"),
        ("call add:\n\tcounter = 1\ninto:\n\t<*>", "v.counter // 0", "unknown"),
        ("call nothing:\n\tx = 1\ninto:\n\tx = o.y", "v.x", "unknown"),
        (
            "map child using a.list:\n\tinput = length(e._v)\ncollect:\n\tx ,= o.output",
            "v.x",
            "number[]",
        ),
        ("wait_for_event:\n\tevents = 'e'\ninto:\n\tx = o.event.name", "v.x", "string"),
        ("eval:\n\t[[ v.x = 1 ]]\neval:\n\ty = v.x", "v.y", "unknown"),
    ],
)
def test_assignments(body: str, expression: str, type: str) -> None:
    assert type_after(body, expression) == type


@pytest.mark.parametrize(
    ("body", "expression", "type"),
    [
        # the ways of an `if` come together
        ("if a.flag:\n\teval:\n\t\tx = 1\nelse:\n\teval:\n\t\tx = 'a'", "v.x", '"a" | 1'),
        ("if a.flag:\n\teval:\n\t\tx = 1", "v.x", "1?"),
        ("eval:\n\tx = 'a'\nif a.flag:\n\teval:\n\t\tx = 1", "v.x", '"a" | 1'),
        # an arm that leaves does not take part
        ("if a.flag:\n\treturn\nelse:\n\teval:\n\t\tx = 1", "v.x", "1"),
        ("if a.flag:\n\traise_error 'no'\nelse:\n\teval:\n\t\tx = 1", "v.x", "1"),
        # loops
        ("eval:\n\tx = 0\nwhile v.x < 9:\n\teval:\n\t\tx += 1", "v.x", "integer"),
        ("eval:\n\tx = 'a'\nwhile a.flag:\n\teval:\n\t\tx = array(v.x)", "defined(v.x)", "boolean"),
        ("repeat:\n\teval:\n\t\tx = 1\nuntil a.flag", "v.x", "1"),
        ("while a.flag:\n\teval:\n\t\tx = 1", "v.x", "1?"),
        # a `try` may fail before or behind each step
        (
            "eval:\n\tx = 1\ntry:\n\teval:\n\t\tx = 'a'\n\tsleep 1\ncatch:\n\tsleep 2",
            "v.x",
            '"a" | 1',
        ),
        (
            "try:\n\teval:\n\t\tx = a.n\n\tsleep 1\ncatch:\n\teval:\n\t\tx = 'a'",
            "v.x",
            'number | "a"',
        ),
        # jumps
        (
            "eval:\n\tx = 1\nlabel again\nif a.flag:\n\teval:\n\t\tx = 'a'\n\tgoto again",
            "v.x",
            '"a" | 1',
        ),
        # case
        (
            "case a.s:\nwhen a:\n\teval:\n\t\tx = 1\nwhen b:\n\teval:\n\t\tx = 2\nelse:\n\teval:\n\t\tx = 3",
            "v.x",
            "1 | 2 | 3",
        ),
        ("case a.s:\nwhen a:\n\teval:\n\t\tx = 1", "v.x", "1?"),
    ],
)
def test_flow(body: str, expression: str, type: str) -> None:
    assert type_after(body, expression) == type


@pytest.mark.parametrize(
    ("condition", "expression", "type"),
    [
        ("defined(a.maybe)", "a.maybe", "number"),
        ("a.maybe", "a.maybe", "number"),
        ("a.maybe > 0", "a.maybe", "number"),
        ("a.maybe >= 0", "a.maybe", "number?"),
        ("0 < a.maybe", "a.maybe", "number"),
        ("a.maybe != 0", "a.maybe", "number"),
        ("a.maybe == 0", "a.maybe", "0?"),
        ("!defined(a.maybe)", "a.maybe", "null"),
        ("!(a.maybe && a.flag)", "a.maybe", "number?"),
        ("a.flag and defined(a.maybe)", "a.maybe", "number"),
        ("not (a.flag or !defined(a.maybe))", "a.maybe", "number"),
        ("a.s eq 'x'", "a.s", '"x"'),
        ("a.order.note", "a.order.note", "string"),
        ("defined(a.order.note)", "a.order.note", "string"),
        ("typeof(a.x) eq 'string'", "a.x", "string"),
        ("a.x", "a.x", "any"),
    ],
)
def test_conditions_narrow(condition: str, expression: str, type: str) -> None:
    body = f"if {condition}:\n\tsleep 1\nelse:\n\treturn"
    assert type_after(body, expression) == type


def test_a_label_narrows_the_subject() -> None:
    body = "case a.s:\nwhen x, y:\n\tsleep 1\nelse:\n\treturn"
    assert type_after(body, "a.s") == '"x" | "y"'


def test_the_right_side_knows_what_the_left_side_asked() -> None:
    assert type_after("eval:\n\tx = defined(a.maybe) && a.maybe", "v.x") == "number | false"


def test_loops_of_types_that_grow_come_to_an_end() -> None:
    body = "\n".join(
        [
            "eval:",
            "\tx = a.x",
            *(
                line
                for n in range(6)
                for line in (
                    "\t" * n + "while a.flag:",
                    "\t" * (n + 1) + "eval:",
                    "\t" * (n + 2) + f"x.k{n} = array(v.x, {n})",
                )
            ),
        ]
    )
    assert type_after(body, "defined(v.x)") == "boolean"


@pytest.mark.parametrize("op", ["+", "&&", "//", "."])
def test_ten_thousand_terms_are_no_deep_recursion(op: str) -> None:
    span = Span(0, 1)
    term = ast.Path(span=span, root="v", keys=())
    chain: ast.Expression = term
    for _ in range(10_000):
        chain = ast.Binary(span=span, op=op, op_span=span, left=chain, right=term)
    nested: ast.Expression = term
    for _ in range(10_000):
        nested = ast.Unary(span=span, op="!", operand=nested)
    for expression in (chain, nested):
        statement = ast.Sleep(span=span, duration=expression, inputs=None)
        body = ast.BodySection(span=span, body=ast.Block(span=span, statements=(statement,)))
        name = ast.Name(span=span, text="w")
        definition = ast.Definition(
            span=span, kind="workflow", name=name, sections=(body,), header=span
        )
        model, _ = analyse(definition, "w.wf", {}, {})
        assert expression in model.types
