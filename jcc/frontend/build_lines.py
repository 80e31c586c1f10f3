"""The callbacks of whole lines: declarations, map lines and the headers of statements. See `build` for how they work.

A line that lacks its name builds None: there is nothing then that later stages could speak of.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias, cast

from lark import Token, v_args

from jcc.frontend import ast
from jcc.frontend.build import (
    Builder,
    Expr,
    ExpressionBuilders,
    Header,
    Keys,
    Piece,
    any_name,
    bare_word,
    fields,
    leaf,
    new_span,
    no_name,
    number_label,
    place_of,
    word_label,
)
from jcc.frontend.values import ROOTS, code_block, split_keys
from jcc.source import Span

Named: TypeAlias = Piece[ast.Name | None]
Items: TypeAlias = tuple[ast.MapItem, ...]
MapLine: TypeAlias = Items | ast.CodeBlock | ast.BrokenExpression


@v_args(inline=True)
class LineBuilders(ExpressionBuilders):
    """Every callback of `jcl.lark`."""

    # -- names, types, literals

    def own_name(self, token: Token) -> Named:
        return leaf(token, no_name if token.type == "BROKEN" else any_name)

    def name(self, token: Token) -> Named:
        return self.own_name(token)

    def suffix(self, first: Token, last: Token | None = None) -> Piece[str]:
        text = "?" if last is None else "[]"
        return Piece(lambda t, s, o: text, place_of(first), place_of(last or first))

    def type(self, name: Named, *suffixes: Piece[str]) -> Piece[ast.TypeReference | None]:
        build_name, first = name.build, name.first
        last = suffixes[-1].last if suffixes else name.last
        texts = tuple(suffix.build([], [], 0) for suffix in suffixes)

        def build(t: list[str], s: list[int], o: int) -> ast.TypeReference | None:
            name = build_name(t, s, o)
            if name is None:
                return None
            span = new_span((s[o + first], s[o + last + 1]))
            return ast.TypeReference(span=span, name=name, suffixes=texts)

        return Piece(build, first, last)

    def list(self, left: Token, *rest: Expr | Token) -> Expr:
        first, last = place_of(left), place_of(cast(Token, rest[-1]))
        items = [item.build for item in rest[:-1] if isinstance(item, Piece)]

        def build(t: list[str], s: list[int], o: int) -> ast.Expression:
            start = s[o + first]
            name = ast.Name(span=Span(start, start + 1), text="array")
            span = new_span((start, s[o + last + 1]))
            return ast.Call(
                span=span, function=name, arguments=tuple([item(t, s, o) for item in items])
            )

        return Piece(build, first, last)

    def dictionary(
        self, left: Token, *rest: Piece[tuple[ast.Expression, ast.Expression]] | Token
    ) -> Expr:
        first, last = place_of(left), place_of(cast(Token, rest[-1]))
        entries = [entry.build for entry in rest[:-1] if isinstance(entry, Piece)]

        def build(t: list[str], s: list[int], o: int) -> ast.Expression:
            span = new_span((s[o + first], s[o + last + 1]))
            return ast.ObjectLiteral(
                span=span, entries=tuple([entry(t, s, o) for entry in entries])
            )

        return Piece(build, first, last)

    def entry(
        self, key: Token, _: Token, value: Expr
    ) -> Piece[tuple[ast.Expression, ast.Expression]]:
        return self.pair(self.string(key), value)

    # -- declarations

    def input_line(
        self, name: Named, type: Piece[ast.TypeReference | None], default: Expr | None = None
    ) -> Piece[ast.InputDeclaration | None]:
        first, last = name.first, (default or type).last

        def build(t: list[str], s: list[int], o: int) -> ast.InputDeclaration | None:
            named, typed = name.build(t, s, o), type.build(t, s, o)
            if named is None or typed is None:
                return None
            return ast.InputDeclaration(
                span=new_span((s[o + first], s[o + last + 1])),
                name=named,
                type=typed,
                default=default.build(t, s, o) if default else None,
            )

        return Piece(build, first, last)

    def output_line(
        self, name: Named, type: Piece[ast.TypeReference | None], optional: Token | None = None
    ) -> Piece[ast.OutputDeclaration | None]:
        first = name.first
        last = type.last if optional is None else place_of(optional)

        def build(t: list[str], s: list[int], o: int) -> ast.OutputDeclaration | None:
            named, typed = name.build(t, s, o), type.build(t, s, o)
            if named is None or typed is None:
                return None
            return ast.OutputDeclaration(
                span=new_span((s[o + first], s[o + last + 1])),
                name=named,
                type=typed,
                optional=optional is not None,
            )

        return Piece(build, first, last)

    def constant_line(self, name: Named, _: Token, value: Expr) -> Piece[ast.Constant | None]:
        first, last = name.first, value.last

        def build(t: list[str], s: list[int], o: int) -> ast.Constant | None:
            named = name.build(t, s, o)
            if named is None:
                return None
            span = new_span((s[o + first], s[o + last + 1]))
            return ast.Constant(span=span, name=named, value=value.build(t, s, o))

        return Piece(build, first, last)

    def role_line(self, name: Named) -> Named:
        return name

    def destination(self, name: Named) -> Named:
        return name

    def message(self, value: Expr) -> Expr:
        return value

    def lock_line(
        self, type: Named, value: Expr, *flags: Token
    ) -> Piece[ast.LockDeclaration | None]:
        first, last = type.first, place_of(flags[-1]) if flags else value.last
        given = {flag.type for flag in flags}

        def build(t: list[str], s: list[int], o: int) -> ast.LockDeclaration | None:
            typed = type.build(t, s, o)
            if typed is None:
                return None
            locked = value.build(t, s, o)
            unknown = t[o + value.first] == "_" and value.first == value.last
            return ast.LockDeclaration(
                span=new_span((s[o + first], s[o + last + 1])),
                type=typed,
                value=None if unknown else bare_word(locked),
                manual="MANUAL" in given,
                inherit="INHERIT" in given,
            )

        return Piece(build, first, last)

    # -- maps

    def named_target(self, base: Token, *steps: Keys) -> Piece[ast.Path]:
        """`counter`, `'2nd'`, `list[0]`. A name alone is a key of the map's object, even `v`."""
        place = place_of(base)
        last = steps[-1].last if steps else place
        more = tuple(step.build for step in steps)

        def build(t: list[str], s: list[int], o: int) -> ast.Path:
            at = s[o + place]
            root = t[o + place] if more and t[o + place] in ROOTS else None
            keys: tuple[ast.Field | ast.Index, ...] = ()
            if root is None:
                keys = fields(split_keys(t[o + place]), at)
            for step in more:
                keys += step(t, s, o)
            return ast.Path(span=new_span((at, s[o + last + 1])), root=root, keys=keys)

        return Piece(build, place, last)

    def assignment(self, target: Piece[ast.Path], op: Token, value: Expr) -> Piece[Items]:
        place, first, last = place_of(op), target.first, value.last
        build_target, build_value = target.build, value.build

        def build(t: list[str], s: list[int], o: int) -> Items:
            at = o + place
            return (
                ast.Assign(
                    span=new_span((s[o + first], s[o + last + 1])),
                    target=build_target(t, s, o),
                    op=t[at],
                    op_span=new_span((s[at], s[at + 1])),
                    value=build_value(t, s, o),
                ),
            )

        return Piece(build, first, last)

    def copied(self, token: Token) -> Named:
        return leaf(token, any_name)

    def copy(self, left: Token, *rest: Named | Token) -> Piece[Items]:
        first, last = place_of(left), place_of(cast(Token, rest[-1]))
        names = [name.build for name in rest[:-1] if isinstance(name, Piece)]

        def build(t: list[str], s: list[int], o: int) -> Items:
            found = tuple([name for build in names if (name := build(t, s, o))])
            return (ast.Copy(span=new_span((s[o + first], s[o + last + 1])), names=found),)

        return Piece(build, first, last)

    def copy_all(self, left: Token, _: Token, right: Token) -> Piece[Items]:
        first, last = place_of(left), place_of(right)

        def build(t: list[str], s: list[int], o: int) -> Items:
            span = new_span((s[o + first], s[o + last + 1]))
            return (ast.Copy(span=span, names=(), everything=True),)

        return Piece(build, first, last)

    def copies(self, *items: Piece[Items]) -> Piece[Items]:
        if len(items) == 1:
            return items[0]
        builders = [item.build for item in items]

        def build(t: list[str], s: list[int], o: int) -> Items:
            return tuple([item for build in builders for item in build(t, s, o)])

        return Piece(build, items[0].first, items[-1].last)

    def map_line(self, *items: Piece[Items]) -> Piece[Items]:
        return self.copies(*items)

    def whole_code(self, token: Token) -> Piece[MapLine]:
        return leaf(token, code_block)

    # -- headers

    def definition(self, keyword: Token, name: Named, colon: Token) -> Piece[Header]:
        return _header(keyword, colon, name=name)

    def section(self, keyword: Token, colon: Token) -> Piece[Header]:
        return _header(keyword, colon)

    def section_of(self, keyword: Token, name: Named, colon: Token) -> Piece[Header]:
        return _header(keyword, colon, name=name)

    def named(self, keyword: Token, name: Named, colon: Token) -> Piece[Header]:
        return _header(keyword, colon, name=name)

    def conditional(self, keyword: Token, value: Expr, colon: Token) -> Piece[Header]:
        return _header(keyword, colon, value=value)

    def selector(self, keyword: Token, value: Expr, colon: Token) -> Piece[Header]:
        return _header(keyword, colon, value=value)

    def bare(self, keyword: Token, colon: Token) -> Piece[Header]:
        return _header(keyword, colon)

    def mapping(
        self, keyword: Token, name: Named, _: Token, value: Expr, colon: Token
    ) -> Piece[Header]:
        return _header(keyword, colon, name=name, value=value)

    def until(self, keyword: Token, value: Expr) -> Piece[Header]:
        return _header(keyword, value, value=value)

    def word_label(self, token: Token) -> Piece[ast.Literal]:
        return leaf(token, word_label)

    def number_label(self, token: Token) -> Piece[ast.Literal]:
        return leaf(token, number_label)

    def negative_label(self, minus: Token, token: Token) -> Piece[ast.Literal]:
        return cast(Piece[ast.Literal], self.unary(minus, self.number(token)))

    def when(self, keyword: Token, *rest: Piece[ast.Literal] | Token) -> Piece[Header]:
        place, last = place_of(keyword), place_of(cast(Token, rest[-1]))
        labels = [label.build for label in rest[:-1] if isinstance(label, Piece)]

        def build(t: list[str], s: list[int], o: int) -> Header:
            at = o + place
            found = tuple([label(t, s, o) for label in labels])
            return Header(t[at], new_span((s[at], s[o + last + 1])), labels=found)

        return Piece(build, place, last)

    # -- statements of one line

    def raise_error(self, keyword: Token, value: Expr) -> Piece[ast.Statement]:
        return _with_value(
            keyword, value, lambda at, given: ast.RaiseError(span=at, message=given, inputs=None)
        )

    def sleep(self, keyword: Token, value: Expr) -> Piece[ast.Statement]:
        return _with_value(
            keyword, value, lambda at, given: ast.Sleep(span=at, duration=given, inputs=None)
        )

    def lock(self, keyword: Token, type: Named, value: Expr) -> Piece[ast.Statement]:
        return _locking(ast.Lock, keyword, type, value)

    def unlock(self, keyword: Token, type: Named, value: Expr) -> Piece[ast.Statement]:
        return _locking(ast.Unlock, keyword, type, value)

    def label_name(self, keyword: Token, name: Named) -> Piece[ast.Statement]:
        return _naming(keyword, name, lambda at, named: ast.Label(span=at, name=named))

    def goto(self, keyword: Token, name: Named) -> Piece[ast.Statement]:
        return _naming(keyword, name, lambda at, named: ast.Goto(span=at, label=named))

    def return_(self, keyword: Token) -> Piece[ast.Statement]:
        return leaf(keyword, lambda text, span: ast.Return(span=span))


def _with_value(
    keyword: Token, value: Expr, make: Callable[[Span, ast.Expression], ast.Statement]
) -> Piece[ast.Statement]:
    place, last = place_of(keyword), value.last

    def build(t: list[str], s: list[int], o: int) -> ast.Statement:
        return make(new_span((s[o + place], s[o + last + 1])), value.build(t, s, o))

    return Piece(build, place, last)


def _locking(
    kind: type[ast.Lock | ast.Unlock], keyword: Token, type: Named, value: Expr
) -> Piece[ast.Statement]:
    place, last = place_of(keyword), value.last

    def build(t: list[str], s: list[int], o: int) -> ast.Statement:
        span = new_span((s[o + place], s[o + last + 1]))
        typed = type.build(t, s, o)
        if typed is None:
            return ast.BrokenStatement(span=span, body=None)
        return kind(span=span, type=typed, value=value.build(t, s, o))

    return Piece(build, place, last)


def _naming(
    keyword: Token, name: Named, make: Callable[[Span, ast.Name], ast.Statement]
) -> Piece[ast.Statement]:
    place, last = place_of(keyword), name.last

    def build(t: list[str], s: list[int], o: int) -> ast.Statement:
        span = new_span((s[o + place], s[o + last + 1]))
        named = name.build(t, s, o)
        return ast.BrokenStatement(span=span, body=None) if named is None else make(span, named)

    return Piece(build, place, last)


def _header(
    keyword: Token, end: Token | Expr, *, name: Named | None = None, value: Expr | None = None
) -> Piece[Header]:
    """The header from its keyword to its end, with a name, an expression, or both."""
    place = place_of(keyword)
    last = end.last if isinstance(end, Piece) else place_of(end)
    build_name: Builder[ast.Name | None] | None = name.build if name else None
    build_value: Builder[ast.Expression] | None = value.build if value else None

    def build(t: list[str], s: list[int], o: int) -> Header:
        at = o + place
        return Header(
            t[at],
            new_span((s[at], s[o + last + 1])),
            build_name(t, s, o) if build_name else None,
            build_value(t, s, o) if build_value else None,
        )

    return Piece(build, place, last)
