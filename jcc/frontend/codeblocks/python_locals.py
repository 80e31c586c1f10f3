"""The variables that are a Python block's own: each mention with the scope that it means. For editors; the compiler needs none of it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from jcc.frontend.codeblocks.block import Local
from jcc.frontend.codeblocks.python import read_python
from jcc.frontend.codeblocks.python_text import PythonText, python_text
from jcc.source import Span

_Comprehension = ast.ListComp | ast.DictComp | ast.GeneratorExp | ast.SetComp
_DEF = re.compile(r"def\s+")


@dataclass(slots=True, eq=False)
class _Scope:
    """What a block, a function or a comprehension binds; `functions` are the scopes of the functions defined in it."""

    number: int
    parent: _Scope | None
    bound: set[str] = field(default_factory=set)
    functions: dict[str, _Scope] = field(default_factory=dict)

    def owner(self, name: str) -> _Scope | None:
        """The scope whose variable a name means here."""
        scope: _Scope | None = self
        while scope is not None and name not in scope.bound:
            scope = scope.parent
        return scope


def locals_of(block: str, start: int, objects: Iterable[str]) -> tuple[Local, ...]:
    """The mentions of its own variables in a Python block that begins at offset `start` of the file, in the order of the text; those
    without a place first. `objects` are the names of the job's objects that are there. None in a block that cannot be read."""
    text = python_text(block, start)
    tree, _ = read_python(text)
    if tree is None:
        return ()
    walk = _Walk(text, frozenset(objects))
    walk.body(tree.body, walk.scope(None))
    return tuple(sorted(walk.found(), key=lambda one: one.span or Span(0, 0)))


class _Walk:
    """Scopes first: what is bound in one may be read above, and in the functions within."""

    def __init__(self, text: PythonText, objects: frozenset[str]) -> None:
        self._text = text
        self._objects = objects
        self._scopes = 0
        self._mentions: list[tuple[_Scope, str, int, bool]] = []
        self._keywords: list[tuple[_Scope, str, ast.keyword]] = []

    def scope(self, parent: _Scope | None) -> _Scope:
        self._scopes += 1
        return _Scope(self._scopes - 1, parent)

    def found(self) -> Iterator[Local]:
        for scope, name, at, write in self._mentions:
            owner = scope.owner(name)
            if owner is not None:
                yield Local(name, owner.number, self._span(name, at), write)
        for scope, function, keyword in self._keywords:
            home = scope.owner(function)
            callee = home.functions.get(function) if home else None
            name = keyword.arg or ""
            if callee is not None and name in callee.bound:
                at = self._text.at(keyword.lineno, keyword.col_offset)
                yield Local(name, callee.number, self._span(name, at), False)

    def _span(self, name: str, at: int) -> Span | None:
        end = at + len(name)
        return self._text.span(at, end) if self._text.python[at:end] == name else None

    # -- the walk

    def body(self, statements: Iterable[ast.AST], scope: _Scope) -> None:
        for statement in statements:
            self._node(statement, scope)

    def _node(self, node: ast.AST, scope: _Scope) -> None:
        match node:
            case ast.Name(id=name, ctx=ctx):
                self._mention(scope, name, node, isinstance(ctx, ast.Store))
            case ast.FunctionDef():
                self._bind(scope, node.name)
                at = self._text.at(node.lineno, node.col_offset)
                word = _DEF.match(self._text.python, at)
                self._mentions.append((scope, node.name, word.end() if word else at, True))
                scope.functions[node.name] = self._function(node, node.body, scope)
            case ast.Lambda(body=value):
                self._function(node, [value], scope)
            case ast.ListComp() | ast.DictComp() | ast.GeneratorExp() | ast.SetComp():
                self._comprehension(node, scope)
            case ast.NamedExpr(target=target, value=value):
                self._node(value, scope)
                self._node(target, self._around_comprehensions(scope))
            case ast.Call(func=ast.Name(id=name), keywords=keywords):
                self._keywords += [(scope, name, keyword) for keyword in keywords]
                self.body(ast.iter_child_nodes(node), scope)
            case _:
                self.body(ast.iter_child_nodes(node), scope)

    def _mention(self, scope: _Scope, name: str, node: ast.Name | ast.arg, write: bool) -> None:
        if write:
            self._bind(scope, name)
        at = self._text.at(node.lineno, node.col_offset)
        self._mentions.append((scope, name, at, write))

    def _bind(self, scope: _Scope, name: str) -> None:
        # The block itself cannot make an object of the job another one.
        if scope.parent is not None or name not in self._objects:
            scope.bound.add(name)

    def _function(
        self, node: ast.FunctionDef | ast.Lambda, body: Iterable[ast.AST], scope: _Scope
    ) -> _Scope:
        arguments = node.args
        self.body((d for d in (*arguments.defaults, *arguments.kw_defaults) if d), scope)
        inner = self.scope(scope)
        every = (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)
        for each in (*every, arguments.vararg, arguments.kwarg):
            if each is not None:
                self._mention(inner, each.arg, each, True)
        self.body(body, inner)
        return inner

    def _comprehension(self, node: _Comprehension, scope: _Scope) -> None:
        inner = _Inner(self._scopes, scope)
        self._scopes += 1
        first, *others = node.generators
        # The first list is looked up outside, as Python does.
        self._node(first.iter, scope)
        self.body((first.target, *first.ifs, *others), inner)
        parts = (node.key, node.value) if isinstance(node, ast.DictComp) else (node.elt,)
        self.body(parts, inner)

    def _around_comprehensions(self, scope: _Scope) -> _Scope:
        while isinstance(scope, _Inner) and scope.parent is not None:
            scope = scope.parent
        return scope


class _Inner(_Scope):
    """A comprehension's: `:=` in it binds outside of it."""
