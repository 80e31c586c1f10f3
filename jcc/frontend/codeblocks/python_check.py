"""What a Python block must not do, each with its exact place. The sandbox refuses the same, but it has only lines."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from jcc.diagnostics import Diagnostic, code
from jcc.frontend.codeblocks.block import LETTERS, Setting
from jcc.frontend.codeblocks.python_names import (
    ALLOWED,
    CONSTRUCTS,
    FUNCTIONS,
    INSPECTED,
    MEANT,
    METHODS,
    RESERVED,
    RUNTIME,
    SET_IN_ENVIRONMENT,
)
from jcc.frontend.codeblocks.python_scopes import Scopes
from jcc.frontend.codeblocks.python_text import PythonText
from jcc.frontend.nearest import did_you_mean
from jcc.source import Span

_INTEGER_BITS = 10_000
_LOOPS = 12


class Check:
    """The walk over one block's tree."""

    def __init__(self, text: PythonText, setting: Setting, scopes: Scopes) -> None:
        self.text = text
        self.setting = setting
        self.scopes = scopes
        self.found: list[Diagnostic] = []

    def span(self, node: ast.AST) -> Span:
        line, column = getattr(node, "lineno", 1), getattr(node, "col_offset", 0)
        end_line = getattr(node, "end_lineno", None) or line
        end = getattr(node, "end_col_offset", None)
        start = self.text.at(line, column)
        return self.text.span(start, self.text.at(end_line, column if end is None else end))

    def refuse(self, node: ast.AST, construct: str, help: str | None = None) -> None:
        self.found.append(code.PYTHON_CONSTRUCT.at(self.span(node), construct=construct, help=help))

    def all(self, tree: ast.Module) -> list[Diagnostic]:
        for node in _nodes(tree):
            self._node(node)
        self._loops(tree, 0)
        return self.found

    def _node(self, node: ast.AST) -> None:
        if not isinstance(node, ALLOWED):
            construct, help = CONSTRUCTS.get(type(node), (f"`{type(node).__name__}`", None))
            self.refuse(_keyword(node), construct, help)
            return
        match node:
            case ast.Name():
                self._name(node, node.id, not isinstance(node.ctx, ast.Store))
                if isinstance(node.ctx, ast.Del) and node.id in self.setting.readable:
                    self.found.append(code.PYTHON_REBOUND.at(self.span(node), letter=node.id))
            case ast.Attribute(attr=name):
                if _is_private(node):
                    self._private(node, name, f'a field of this name is read by `["{name[:60]}"]`')
            case ast.Constant():
                self._constant(node)
            case ast.Call():
                self._call(node)
            case ast.FunctionDef() | ast.Lambda():
                self._function(node)
            case ast.BinOp(op=ast.MatMult()) | ast.AugAssign(op=ast.MatMult()):
                self.refuse(node, "the operator `@`")
            case ast.Dict(keys=keys) if None in keys:
                self.refuse(node, "`**`", "`merge(a, b)` joins objects")
            case ast.comprehension(is_async=1):
                self.refuse(node.target, "`async`")
            case _:
                self._targets(node)

    # -- names ----------------------------------------------------------------------------------------------------

    def _name(self, node: ast.AST, name: str, load: bool) -> None:
        if name.startswith("_") and name != "_":
            self._private(node, name)
        elif name.startswith(RESERVED) and not load:
            self.found.append(code.PYTHON_RESERVED.at(self.span(node), name=name))
        elif load:
            self._known(node, name)

    def _private(self, node: ast.AST, name: str, help: str | None = None) -> None:
        self.found.append(code.PYTHON_PRIVATE.at(self.span(node), name=name[:60], help=help))

    def _known(self, node: ast.AST, name: str) -> None:
        if (
            name in FUNCTIONS
            or name in RUNTIME
            or name in self.setting.readable
            or name in self.scopes.bound
        ):
            return
        if name in LETTERS:
            self.found.append(
                code.BLOCK_OBJECT.at(self.span(node), letter=name, place=self.setting.place)
            )
            return
        known = [*FUNCTIONS, *self.scopes.bound]
        help = MEANT.get(name) or did_you_mean(name, known)
        self.found.append(code.PYTHON_NAME.at(self.span(node), name=name[:60], help=help))

    # -- values and calls -----------------------------------------------------------------------------------------

    def _constant(self, node: ast.Constant) -> None:
        match node.value:
            case bool() | None | str():
                pass
            case int() if node.value.bit_length() > _INTEGER_BITS:
                self.refuse(node, f"a number of more than {_INTEGER_BITS:,} bits")
            case float() if node.value - node.value != 0:
                self.refuse(node, "a number that is not finite")
            case int() | float():
                pass
            case _:
                kind = (
                    "`...`"
                    if node.value is ...
                    else f"a value of type `{type(node.value).__name__}`"
                )
                self.refuse(node, kind)
        if isinstance(node.value, str) and any("\ud800" <= c <= "\udfff" for c in node.value):
            self.refuse(node, "a string with half of a surrogate pair")

    def _call(self, node: ast.Call) -> None:
        for keyword in node.keywords:
            if keyword.arg is None:
                self.refuse(keyword, "`**` in a call")
            elif keyword.arg.startswith("_"):
                self._private(keyword, keyword.arg)
        for argument in node.args:
            if isinstance(argument, ast.Starred):
                self.refuse(argument, "`*` in a call", "give the arguments one by one")
        match node.func:
            case ast.Name():
                pass
            case ast.Attribute(attr=name):
                if name not in METHODS and not _is_private(node.func):
                    self._no_method(node.func, name)
            case _:
                self.refuse(node.func, "a call of this", "functions are called by their name")

    def _no_method(self, node: ast.Attribute, name: str) -> None:
        end = self.span(node).end
        help = did_you_mean(name, METHODS)
        if name in FUNCTIONS:
            help = f"it is a function: `{name}(…)`"
        elif name in ("format", "encode", "format_map"):
            help = "f-strings format: `f'{v.x}'`"
        span = Span(end - len(name), end)
        self.found.append(code.PYTHON_METHOD.at(span, name=name[:60], help=help))

    def _function(self, node: ast.FunctionDef | ast.Lambda) -> None:
        arguments = node.args
        if arguments.posonlyargs or arguments.kwonlyargs:
            self.refuse(_first(node), "a parameter before `/` or behind `*`")
        if arguments.vararg or arguments.kwarg:
            self.refuse(arguments.vararg or arguments.kwarg or node, "a `*` parameter")
        for each in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs):
            self._name(each, each.arg, load=False)
            if each.annotation is not None:
                self.refuse(each.annotation, "an annotation", "leave the type out")
        if isinstance(node, ast.FunctionDef):
            for decorator in node.decorator_list:
                self.refuse(decorator, "a decorator")
            if node.returns is not None:
                self.refuse(node.returns, "an annotation", "leave the type out")
            if getattr(node, "type_params", ()):
                self.refuse(_keyword(node), "a type parameter")
            self._name(_keyword(node), node.name, load=False)

    # -- targets --------------------------------------------------------------------------------------------------

    def _targets(self, node: ast.AST) -> None:
        match node:
            case ast.For(target=target) | ast.comprehension(target=target):
                for part in _parts(target):
                    if not isinstance(part, ast.Name):
                        self.refuse(part, "this as a loop's variable", "a loop sets variables")
            case ast.Assign(targets=targets):
                for target in targets:
                    for part in _parts(target):
                        self._place(part)
            case ast.AugAssign(target=target):
                self._place(target)
            case ast.Delete(targets=targets):
                for target in targets:
                    self._place(target)
            case ast.List(elts=items, ctx=ast.Load()) | ast.Tuple(elts=items, ctx=ast.Load()):
                for item in items:
                    if isinstance(item, ast.Starred):
                        self.refuse(item, "`*` in a list", "join lists by `+`")
            case _:
                pass

    def _place(self, target: ast.expr) -> None:
        """A place that is written: not a slice, not an object that this role must not change."""
        if isinstance(target, ast.Subscript) and isinstance(target.slice, ast.Slice):
            self.refuse(target, "writing a slice", "build the new list and assign it")
        root = target
        while isinstance(root, ast.Attribute | ast.Subscript):
            root = root.value
        if root is not target and isinstance(root, ast.Name):
            self.written(root, target)

    def written(self, root: ast.Name, place: ast.AST) -> None:
        """`place`, below the object `root`, is changed."""
        letter = root.id
        is_object = letter in self.setting.readable and not self.scopes.is_local(root)
        if is_object and letter not in self.setting.writable:
            self.found.append(
                code.BLOCK_READ_ONLY.at(self.span(place), letter=letter, place=self.setting.place)
            )

    def _loops(self, node: ast.AST, depth: int) -> None:
        """Python nests no more than 20 loops."""
        for child in ast.iter_child_nodes(node):
            inner = depth + isinstance(child, ast.For | ast.While)
            if inner > _LOOPS:
                self.found.append(
                    code.BLOCK_LIMIT.at(self.span(child), problem="nested too deeply")
                )
                return
            self._loops(child, inner)


def _is_private(node: ast.Attribute) -> bool:
    """An attribute that no block may name: all that begin with `_`, but for what the runtime sets in `e`."""
    match node.value:
        case ast.Name(id="e") if node.attr in SET_IN_ENVIRONMENT:
            return False
        case _:
            return node.attr.startswith("_") or node.attr in INSPECTED


def _nodes(tree: ast.Module) -> Iterator[ast.AST]:
    """All nodes, but not what is below one that is refused, nor a set that is only looked into (`x in {1, 2}`)."""
    stack: list[ast.AST] = [tree]
    while stack:
        node = stack.pop()
        yield node
        if not isinstance(node, ALLOWED):
            continue
        if isinstance(node, ast.Compare):
            stack.append(node.left)
            for operand in node.comparators:
                stack.extend(operand.elts if isinstance(operand, ast.Set) else [operand])
            continue
        stack.extend(ast.iter_child_nodes(node))


def _parts(target: ast.expr) -> Iterator[ast.expr]:
    match target:
        case ast.Tuple(elts=parts) | ast.List(elts=parts):
            for part in parts:
                yield from _parts(part)
        case ast.Starred(value=value):
            yield from _parts(value)
        case _:
            yield target


def _first(node: ast.FunctionDef | ast.Lambda) -> ast.AST:
    arguments = node.args
    return next(iter((*arguments.posonlyargs, *arguments.kwonlyargs)), node)


def _keyword(node: ast.AST) -> ast.AST:
    """The first word of a statement, so that a finding does not cover all of its body."""
    if not isinstance(node, ast.stmt):
        return node
    words = {
        ast.ImportFrom: 4,
        ast.Import: 6,
        ast.Try: 3,
        ast.TryStar: 3,
        ast.ClassDef: 5,
        ast.With: 4,
        ast.FunctionDef: 3,
        ast.Match: 5,
        ast.Global: 6,
        ast.Nonlocal: 8,
        ast.Raise: 5,
        ast.Assert: 6,
    }
    length = words.get(type(node), 5)
    place = ast.Pass()
    place.lineno = place.end_lineno = node.lineno
    place.col_offset, place.end_col_offset = node.col_offset, node.col_offset + length
    return place
