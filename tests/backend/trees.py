"""Syntax trees made by hand, and by hypothesis at random."""

from __future__ import annotations

from hypothesis import strategies as st

from jcc.backend.emit_expression import BINARY
from jcc.frontend import ast
from jcc.source import Span

NOWHERE = Span(0, 0)


def name(text: str) -> ast.Name:
    return ast.Name(span=NOWHERE, text=text)


def literal(value: ast.Scalar) -> ast.Literal:
    return ast.Literal(span=NOWHERE, value=value)


def path(root: str | None, *keys: str | ast.Expression) -> ast.Path:
    """`path("v", "lines", literal(0))` is `v.lines[0]`."""
    return ast.Path(
        span=NOWHERE,
        root=root,
        keys=tuple(
            ast.Field(span=NOWHERE, name=name(key))
            if isinstance(key, str)
            else ast.Index(span=NOWHERE, value=key)
            for key in keys
        ),
    )


def unary(op: str, operand: ast.Expression) -> ast.Unary:
    return ast.Unary(span=NOWHERE, op=op, operand=operand)


def binary(left: ast.Expression, op: str, right: ast.Expression) -> ast.Binary:
    return ast.Binary(span=NOWHERE, op=op, op_span=NOWHERE, left=left, right=right)


def call(function: str, *arguments: ast.Expression) -> ast.Call:
    return ast.Call(span=NOWHERE, function=name(function), arguments=arguments)


def match(subject: ast.Expression, pattern: str, flags: str = "") -> ast.Match:
    return ast.Match(
        span=NOWHERE, subject=subject, pattern=pattern, flags=flags, pattern_span=NOWHERE
    )


def object_of(*entries: tuple[ast.Expression, ast.Expression]) -> ast.ObjectLiteral:
    return ast.ObjectLiteral(span=NOWHERE, entries=entries)


def assign(target: ast.Path, op: str, value: ast.Expression) -> ast.Assign:
    return ast.Assign(span=NOWHERE, target=target, op=op, op_span=NOWHERE, value=value)


def copies(*names: str) -> ast.Copy:
    """`<a, b>`; without names `<*>`."""
    return ast.Copy(span=NOWHERE, names=tuple(map(name, names)), everything=not names)


def map_of(*items: ast.MapItem) -> ast.Map:
    return ast.Map(span=NOWHERE, items=items)


# -- at random ----------------------------------------------------------------------------------------------------

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 5),
    st.integers(-(2**70), 2**70),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from(["", "0", "0.0", "1", "-3", "2.5", "1e3", "0x1F", "abc", "B", "apples", "ä€"]),
)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(["p", "q", "0", "2nd"]), inner, max_size=3),
    ),
    max_leaves=6,
)
OBJECTS = st.dictionaries(st.sampled_from(["p", "q", "r"]), JSON, max_size=3)
_FIELDS = st.sampled_from(["p", "q", "r", "0", "2nd"])
_LITERALS = SCALARS.map(literal)
_PATTERNS = st.sampled_from(["^a", "b+$", "[0-9]", "A|B", "."])


def _paths(inner: st.SearchStrategy[ast.Expression]) -> st.SearchStrategy[ast.Path]:
    keys = st.lists(st.one_of(_FIELDS, st.integers(-3, 3).map(literal), inner), max_size=2)
    return st.builds(
        lambda root, first, rest: path(root, first, *rest), st.sampled_from("ae"), _FIELDS, keys
    )


def _inner(inner: st.SearchStrategy[ast.Expression]) -> st.SearchStrategy[ast.Expression]:
    operators = sorted(BINARY.keys() - {"**", "x"})
    small = st.integers(-2, 4).map(literal)
    return st.one_of(
        st.builds(binary, inner, st.sampled_from(operators), inner),
        st.builds(binary, inner, st.sampled_from(["**", "x"]), small),
        st.builds(unary, st.sampled_from(["!", "-", "+", "not"]), inner),
        st.builds(match, inner, _PATTERNS, st.sampled_from(["", "i", "is"])),
        st.builds(
            call, st.sampled_from(["defined", "ifdef", "tostring", "tonumber", "upper"]), inner
        ),
        st.lists(inner, max_size=3).map(lambda items: call("array", *items)),
        st.lists(inner, max_size=3).map(lambda items: call("concat", *items)),
        st.lists(st.tuples(inner, inner), max_size=2).map(lambda items: object_of(*items)),
        _paths(inner),
    )


EXPRESSIONS: st.SearchStrategy[ast.Expression] = st.recursive(
    st.one_of(_LITERALS, _paths(_LITERALS)), _inner, max_leaves=12
)
_OPERATORS = st.sampled_from(["=", ".=", "+=", "-=", "*=", "/=", "//=", "||=", ",="])
_TARGETS = st.builds(
    lambda root, first, rest: path(root, first, *rest),
    st.sampled_from([None, "v", "t"]),
    _FIELDS,
    st.lists(st.one_of(_FIELDS, _LITERALS), max_size=2),
)
ASSIGNMENTS = st.builds(
    assign,
    _TARGETS,
    _OPERATORS,
    st.one_of(EXPRESSIONS, EXPRESSIONS.map(lambda value: call("ifdef", value))),
)
EVAL_MAPS = st.lists(ASSIGNMENTS, min_size=1, max_size=2).map(lambda items: map_of(*items))
