"""From parse trees to the AST, in two steps, so that lines of one shape are analysed once.

Lark's callbacks here do not make nodes. They see which tokens of a line stand where, and make of that a *builder*: a
function from the file's token texts and starts, and the index of a line's first token, to the node. A builder is kept
for its shape (`shapes`) and called for every line that has it. What one token's text means is in `values`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Generic, NamedTuple, TypeAlias, TypeVar, cast

from lark import Token, Transformer, v_args

from jcc.frontend import ast
from jcc.frontend.tokens import CONSTANTS
from jcc.frontend.values import code_block, number, regex, split_keys, split_path, unquote
from jcc.source import Span

T = TypeVar("T")

Builder: TypeAlias = Callable[[list[str], list[int], int], T]
"""A function of the file's token texts, their starts, and the index of the line's first token."""

# `Span(a, b)` runs Python code of its own; this does the same without, and half of all objects made here are spans.
new_span = cast("Callable[[tuple[int, int]], Span]", partial(tuple.__new__, Span))


class Header(NamedTuple):
    """The line that opens a section, a statement or a part of one: its keyword and what stands behind it. What a broken
    line lacks is None."""

    keyword: str
    span: Span
    name: ast.Name | None = None
    expression: ast.Expression | None = None
    labels: tuple[ast.Literal, ...] = ()


class Piece(NamedTuple, Generic[T]):
    """A part of a line: its builder, and the tokens it covers, `first` to `last`, counted from the line's first."""

    build: Builder[T]
    first: int
    last: int


Expr: TypeAlias = Piece[ast.Expression]
Keys: TypeAlias = Piece[tuple["ast.Field | ast.Index", ...]]
Named: TypeAlias = "Piece[ast.Name | None]"


def place_of(token: Token) -> int:
    """Where in its line a token stands."""
    assert token.start_pos is not None, "every token fed to the parser says where it stands"
    return token.start_pos


def leaf(token: Token, make: Callable[[str, Span], T]) -> Piece[T]:
    """A piece of one token, made of its text and span."""
    place = place_of(token)

    def build(t: list[str], s: list[int], o: int) -> T:
        at = o + place
        return make(t[at], new_span((s[at], s[at + 1])))

    return Piece(build, place, place)


def fields(keys: tuple[tuple[str, bool, int, int], ...], at: int) -> tuple[ast.Field, ...]:
    """The fields of a path's text that begins at offset `at`."""
    fields = []
    for name, quoted, start, end in keys:
        span = new_span((at + start, at + end))
        fields.append(ast.Field(span=span, name=ast.Name(span=span, text=name, quoted=quoted)))
    return tuple(fields)


def bare_name(text: str, span: Span) -> ast.Name:
    return ast.Name(span=span, text=text)


def any_name(text: str, span: Span) -> ast.Name | None:
    if text[0] not in "'\"":
        return ast.Name(span=span, text=text)
    value = unquote(text)
    return None if value is None else ast.Name(span=span, text=value, quoted=True)


def no_name(text: str, span: Span) -> ast.Name | None:
    return None


def string_literal(text: str, span: Span) -> ast.Expression:
    value = unquote(text)
    return ast.BrokenExpression(span=span) if value is None else ast.Literal(span=span, value=value)


def number_literal(text: str, span: Span) -> ast.Expression:
    value = number(text)
    return ast.BrokenExpression(span=span) if value is None else ast.Literal(span=span, value=value)


def constant_literal(text: str, span: Span) -> ast.Expression:
    return ast.Literal(span=span, value=CONSTANTS[text])


def word_label(text: str, span: Span) -> ast.Literal:
    return ast.Literal(span=span, value=unquote(text) if text[0] in "'\"" else text)


def number_label(text: str, span: Span) -> ast.Literal:
    value = number(text)
    return ast.Literal(span=span, value=text if value is None else value)


def bare_word(expression: ast.Expression) -> ast.Expression:
    """The string that a bare name is where no variable can be meant: a key of `object(…)`, the value of a lock."""
    match expression:
        case ast.Path(root=None, keys=(ast.Field(name=ast.Name(text=text)),), span=span):
            return ast.Literal(span=span, value=text)
        case ast.Path(root=str(root), keys=(), span=span):
            return ast.Literal(span=span, value=root)
        case _:
            return expression


Pair: TypeAlias = tuple[ast.Expression, ast.Expression]


@v_args(inline=True)
class ExpressionBuilders(Transformer[Token, Piece[Any]]):
    """The callbacks of expressions."""

    def number(self, token: Token) -> Expr:
        return leaf(token, number_literal)

    def string(self, token: Token) -> Expr:
        return leaf(token, string_literal)

    def constant(self, token: Token) -> Expr:
        return leaf(token, constant_literal)

    def code(self, token: Token) -> Expr:
        return leaf(token, code_block)

    def broken(self, token: Token) -> Expr:
        first = place_of(token)
        last = token.end_pos
        assert last is not None

        def build(t: list[str], s: list[int], o: int) -> ast.Expression:
            return ast.BrokenExpression(span=new_span((s[o + first], s[o + last + 1])))

        return Piece(build, first, last)

    def parentheses(self, left: Token, inner: Expr, right: Token) -> Expr:
        return Piece(inner.build, place_of(left), place_of(right))

    def unary(self, op: Token, operand: Expr) -> Expr:
        place, last, inner = place_of(op), operand.last, operand.build

        def build(t: list[str], s: list[int], o: int) -> ast.Expression:
            at = o + place
            span = new_span((s[at], s[o + last + 1]))
            value = inner(t, s, o)
            # `-3` is a number, not a calculation.
            if (
                t[at] == "-"
                and isinstance(value, ast.Literal)
                and type(value.value) in (int, float)
            ):
                return ast.Literal(span=span, value=-cast(float, value.value))
            return ast.Unary(span=span, op=t[at], operand=value)

        return Piece(build, place, last)

    def binary(self, left: Expr, op: Token, right: Expr) -> Expr:
        place, first, last = place_of(op), left.first, right.last
        build_left, build_right = left.build, right.build

        def build(t: list[str], s: list[int], o: int) -> ast.Expression:
            at = o + place
            return ast.Binary(
                span=new_span((s[o + first], s[o + last + 1])),
                op=t[at],
                op_span=new_span((s[at], s[at + 1])),
                left=build_left(t, s, o),
                right=build_right(t, s, o),
            )

        return Piece(build, first, last)

    def match(self, subject: Expr, _: Token, pattern: Token) -> Expr:
        place, first = place_of(pattern), subject.first
        build_subject = subject.build

        def build(t: list[str], s: list[int], o: int) -> ast.Expression:
            at = o + place
            span = new_span((s[o + first], s[at + 1]))
            parts = regex(t[at])
            if parts is None:
                return ast.BrokenExpression(span=span)
            return ast.Match(
                span=span,
                subject=build_subject(t, s, o),
                pattern=parts[0],
                flags=parts[1],
                pattern_span=new_span((s[at], s[at + 1])),
            )

        return Piece(build, first, place)

    def path(self, base: Token, *steps: Keys) -> Piece[ast.Path]:
        place = place_of(base)
        last = steps[-1].last if steps else place
        more = tuple(step.build for step in steps)

        def build(t: list[str], s: list[int], o: int) -> ast.Path:
            at = s[o + place]
            root, names = split_path(t[o + place])
            keys: tuple[ast.Field | ast.Index, ...] = fields(names, at)
            for step in more:
                keys += step(t, s, o)
            return ast.Path(span=new_span((at, s[o + last + 1])), root=root, keys=keys)

        return Piece(build, place, last)

    def member(self, token: Token) -> Keys:
        place = place_of(token)

        def build(t: list[str], s: list[int], o: int) -> tuple[ast.Field | ast.Index, ...]:
            return fields(split_keys(t[o + place]), s[o + place])

        return Piece(build, place, place)

    def index(self, left: Token, value: Expr, right: Token) -> Keys:
        first, last, inner = place_of(left), place_of(right), value.build

        def build(t: list[str], s: list[int], o: int) -> tuple[ast.Field | ast.Index, ...]:
            span = new_span((s[o + first], s[o + last + 1]))
            return (ast.Index(span=span, value=inner(t, s, o)),)

        return Piece(build, first, last)

    def arguments(self, *values: Expr) -> Piece[tuple[ast.Expression, ...]]:
        builders = [value.build for value in values]

        def build(t: list[str], s: list[int], o: int) -> tuple[ast.Expression, ...]:
            return tuple([build(t, s, o) for build in builders])

        return Piece(build, values[0].first, values[-1].last)

    def call(self, name: Token, _: Token, *rest: Piece[tuple[ast.Expression, ...]] | Token) -> Expr:
        place, last = place_of(name), place_of(cast(Token, rest[-1]))
        given = rest[0] if isinstance(rest[0], Piece) else None

        def build(t: list[str], s: list[int], o: int) -> ast.Expression:
            at = o + place
            return ast.Call(
                span=new_span((s[at], s[o + last + 1])),
                function=ast.Name(span=new_span((s[at], s[at + 1])), text=t[at]),
                arguments=given.build(t, s, o) if given else (),
            )

        return Piece(build, place, last)

    def pair(self, key: Expr, *rest: Expr | Token) -> Piece[Pair]:
        value = cast(Expr, rest[-1])
        build_key, build_value = key.build, value.build

        def build(t: list[str], s: list[int], o: int) -> Pair:
            return bare_word(build_key(t, s, o)), build_value(t, s, o)

        return Piece(build, key.first, value.last)

    def pairs(self, *pairs: Piece[Pair]) -> Piece[tuple[Pair, ...]]:
        builders = [pair.build for pair in pairs]

        def build(t: list[str], s: list[int], o: int) -> tuple[Pair, ...]:
            return tuple([build(t, s, o) for build in builders])

        return Piece(build, pairs[0].first, pairs[-1].last)

    def object(self, name: Token, _: Token, *rest: Piece[tuple[Pair, ...]] | Token) -> Expr:
        place, last = place_of(name), place_of(cast(Token, rest[-1]))
        given = rest[0] if isinstance(rest[0], Piece) else None

        def build(t: list[str], s: list[int], o: int) -> ast.Expression:
            span = new_span((s[o + place], s[o + last + 1]))
            return ast.ObjectLiteral(span=span, entries=given.build(t, s, o) if given else ())

        return Piece(build, place, last)
