"""Which keys of the job's objects a Python block reads and writes."""

from __future__ import annotations

import ast
from collections.abc import Callable

from jcc.frontend.codeblocks.block import Setting, Use
from jcc.frontend.codeblocks.python_names import CHANGING
from jcc.frontend.codeblocks.python_scopes import Scopes
from jcc.frontend.codeblocks.python_text import PythonText
from jcc.source import Span

Written = Callable[[ast.Name, ast.AST], None]


class Uses:
    """The walk over one block's tree. `written` is told of objects that are changed by a method."""

    def __init__(
        self, text: PythonText, setting: Setting, scopes: Scopes, written: Written
    ) -> None:
        self.text = text
        self.letters = setting.readable
        self.scopes = scopes
        self.written = written
        self.uses: list[Use] = []
        self.complete = True

    def visit(self, node: ast.AST) -> None:
        match node:
            case ast.AugAssign(target=target, value=value):
                self.visit(value)
                self._chain(target, read=True, write=True)
            case ast.Attribute(ctx=ctx) | ast.Subscript(ctx=ctx):
                load = isinstance(ctx, ast.Load)
                self._chain(node, read=load, write=not load)
            case ast.Call(func=ast.Attribute() as method):
                self._method(node, method)
            case ast.Compare(
                left=ast.Constant(value=str(key)) as left,
                ops=[ast.In() | ast.NotIn()],
                comparators=[ast.Name() as root],
            ) if self._is_object(root):
                self._note(root.id, key, left, read=True, write=False)
            case ast.Name() if self._is_object(node):
                self.complete = False
            case _:
                for child in ast.iter_child_nodes(node):
                    self.visit(child)

    def _is_object(self, node: ast.AST) -> bool:
        return (
            isinstance(node, ast.Name)
            and node.id in self.letters
            and not self.scopes.is_local(node)
        )

    def _chain(self, node: ast.AST, *, read: bool, write: bool) -> None:
        """`v.a["b"].c`: the first key is what counts."""
        while isinstance(node, ast.Attribute | ast.Subscript):
            # A constant key says nothing of other objects.
            if isinstance(node, ast.Subscript) and not isinstance(node.slice, ast.Constant):
                self.visit(node.slice)
            inner = node.value
            if isinstance(inner, ast.Name) and self._is_object(inner):
                self._first(inner, node, read=read, write=write)
                return
            node = inner
        self.visit(node)

    def _first(
        self, root: ast.Name, node: ast.Attribute | ast.Subscript, *, read: bool, write: bool
    ) -> None:
        match node:
            case ast.Attribute(attr=key):
                self._note(root.id, key, node, read=read, write=write)
            case ast.Subscript(slice=ast.Constant(value=str(key)) as constant):
                self._note(root.id, key, constant, read=read, write=write)
            case _:
                self.complete = False

    def _note(self, letter: str, key: str, node: ast.expr, *, read: bool, write: bool) -> None:
        span = self._key_span(key, node)
        if span is None:
            self.complete = False
            return
        if read:
            self.uses.append(Use(letter, key, span, False))
        if write:
            self.uses.append(Use(letter, key, span, True))

    def _key_span(self, key: str, node: ast.expr) -> Span | None:
        """The key alone: behind an attribute's dot, inside a string's quotes."""
        end = self.text.at(node.end_lineno or node.lineno, node.end_col_offset or node.col_offset)
        if isinstance(node, ast.Constant):
            end -= 1
        start = end - len(key)
        # A key with escapes, a string in parts: no place to show.
        if self.text.python[max(start, 0) : end] != key:
            return None
        return self.text.span(start, end)

    # -- methods --------------------------------------------------------------------------------------------------

    def _method(self, node: ast.Call, method: ast.Attribute) -> None:
        for argument in (*node.args, *(keyword.value for keyword in node.keywords)):
            self.visit(argument)
        root: ast.expr = method.value
        while isinstance(root, ast.Attribute | ast.Subscript):
            root = root.value
        changes = method.attr in CHANGING
        if changes and isinstance(root, ast.Name) and self._is_object(root):
            self.written(root, method.value)
        if method.value is root and isinstance(root, ast.Name) and self._is_object(root):
            self._method_of_object(root, node, method.attr)
        elif isinstance(method.value, ast.Attribute | ast.Subscript):
            self._chain(method.value, read=True, write=changes)
        else:
            self.visit(method.value)

    def _method_of_object(self, root: ast.Name, node: ast.Call, name: str) -> None:
        match name, node.args:
            case "get" | "pop" | "setdefault", [ast.Constant(value=str(key)) as constant, *_]:
                self._note(root.id, key, constant, read=True, write=name != "get")
            case _:
                self.complete = False
