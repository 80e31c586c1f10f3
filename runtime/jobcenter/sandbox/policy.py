"""The policy for code blocks: what of Python they may use, and what becomes of it.

RestrictedPython's transformer is the base; on top of it only the node types listed here are allowed, and every
operation that could reach further than JSON values, or cost more than it shows, becomes a call of a guard (`guards`):
attributes, subscripts, operators, comparisons, iteration, formatting, writing. Loops and functions pay fuel by the
size of their code. There is no `try`, so that nothing can catch a limit; no class, import, generator or decorator.
Blocks cannot name a guard: names that begin with `_` are refused.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Final, TypeVar

from RestrictedPython.transformer import INSPECT_ATTRIBUTES, RestrictingNodeTransformer

from jobcenter.sandbox.errors import Finding
from jobcenter.sandbox.methods import METHOD_NAMES
from jobcenter.sandbox.native import RESERVED, constant_problem

_Node = TypeVar("_Node", bound=ast.AST)
_Function = ast.FunctionDef | ast.Lambda

_CONSTRUCTS: Final = {
    **dict.fromkeys((ast.Import, ast.ImportFrom), "`import`"),
    **dict.fromkeys((ast.Try, ast.TryStar), "`try`"),
    **dict.fromkeys((ast.Yield, ast.YieldFrom), "`yield`"),
    **dict.fromkeys((ast.AsyncFunctionDef, ast.AsyncFor, ast.AsyncWith, ast.Await), "`async`"),
    ast.ClassDef: "`class`",
    ast.With: "`with`",
    ast.Global: "`global`",
    ast.Nonlocal: "`nonlocal`",
    ast.Match: "`match`",
    ast.Raise: "`raise` (the statement `raise_error` does it)",
    ast.Assert: "`assert` (the statement `assert` of the workflow does it)",
    ast.AnnAssign: "an annotation",
    ast.Set: "a set",
    ast.SetComp: "a set",
}
_ALLOWED: Final = (
    *(ast.FunctionDef, ast.Return, ast.Delete, ast.Assign, ast.AugAssign, ast.For, ast.While),
    *(ast.If, ast.Expr, ast.Pass, ast.Break, ast.Continue),
    *(ast.BoolOp, ast.NamedExpr, ast.BinOp, ast.UnaryOp, ast.Lambda, ast.IfExp, ast.Dict),
    *(ast.ListComp, ast.DictComp, ast.GeneratorExp, ast.Compare, ast.Call, ast.FormattedValue),
    *(ast.JoinedStr, ast.Constant, ast.Attribute, ast.Subscript, ast.Name, ast.List, ast.Tuple),
    *(ast.Slice, ast.Starred, ast.arguments, ast.arg, ast.keyword, ast.comprehension),
    *(ast.expr_context, ast.boolop, ast.operator, ast.unaryop, ast.cmpop),
)
_OPERATORS: Final = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.FloorDiv: "//",
    ast.Mod: "%",
    ast.Pow: "**",
    ast.LShift: "<<",
    ast.RShift: ">>",
    ast.BitOr: "|",
    ast.BitXor: "^",
    ast.BitAnd: "&",
}
_COMPARISONS: Final = {
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Is: "is",
    ast.IsNot: "is not",
    ast.In: "in",
    ast.NotIn: "not in",
}


def weight(node: ast.AST) -> int:
    """The fuel that running this once costs."""
    return 1 + sum(1 for _ in ast.walk(node)) // 6


class Policy(RestrictingNodeTransformer):
    """Rewrites one function in place; what it refuses is in `findings`."""

    def __init__(self) -> None:
        super().__init__()
        self.findings: list[Finding] = []

    def error(self, node: ast.AST, info: str) -> None:
        self.findings.append((getattr(node, "lineno", 1), info))

    def visit(self, node: ast.AST) -> ast.AST | list[ast.stmt]:
        if not isinstance(node, _ALLOWED):
            construct = _CONSTRUCTS.get(type(node), f"`{type(node).__name__}`")
            self.error(node, f"{construct} is not allowed")
            return node
        rewritten: ast.AST | list[ast.stmt] = super().visit(node)
        return rewritten

    def _visited(self, node: ast.expr) -> ast.expr:
        rewritten = self.visit(node)
        assert isinstance(rewritten, ast.expr)
        return rewritten

    # -- names and constants ------------------------------------------------------------------------------------

    def check_name(
        self, node: ast.AST, name: str | None, allow_magic_methods: bool = False
    ) -> None:
        if name is None:
            return
        if name.startswith("_") and name != "_":
            self.error(node, f"`{name}`: a name may not begin with `_`")
        elif name.startswith(RESERVED) and not _is_load(node):
            self.error(node, f"`{name}` is a name of the runtime")

    def visit_Name(self, node: ast.Name) -> ast.AST:
        self.check_name(node, node.id)
        return node

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        problem = constant_problem(node.value)
        if problem is not None:
            self.error(node, problem)
        return node

    def _check_attribute(self, node: ast.Attribute) -> None:
        if node.attr.startswith("_") or node.attr in INSPECT_ATTRIBUTES:
            self.error(node, f"`.{node.attr}` is not allowed")

    # -- functions ----------------------------------------------------------------------------------------------

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        self.check_name(node, node.name)
        self._check_parameters(node)
        if node.decorator_list:
            self.error(node, "a decorator is not allowed")
        if node.returns is not None or getattr(node, "type_params", None):
            self.error(node, "an annotation is not allowed")
        cost = weight(node)
        node = self.node_contents_visit(node)
        node.body.insert(0, ast.Expr(_call("_fuel_", ast.Constant(cost))))
        return node

    def visit_Lambda(self, node: ast.Lambda) -> ast.AST:
        self._check_parameters(node)
        cost = weight(node)
        node = self.node_contents_visit(node)
        # `_fuel_` gives None, so that the value is the body's.
        node.body = ast.BoolOp(ast.Or(), [_call("_fuel_", ast.Constant(cost)), node.body])
        return node

    def _check_parameters(self, node: _Function) -> None:
        arguments = node.args
        if arguments.posonlyargs or arguments.kwonlyargs:
            self.error(node, "parameters before `/` or behind `*` are not allowed")
        if arguments.vararg or arguments.kwarg:
            self.error(node, "`*` and `**` parameters are not allowed")
        every = (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)
        for each in filter(None, (*every, arguments.vararg, arguments.kwarg)):
            self.check_name(each, each.arg)
            if each.annotation is not None:
                self.error(node, "an annotation is not allowed")

    def visit_Call(self, node: ast.Call) -> ast.AST:
        if any(keyword.arg is None for keyword in node.keywords):
            self.error(node, "`**` in a call is not allowed")
        for keyword in node.keywords:
            if keyword.arg is not None and keyword.arg.startswith("_"):
                self.error(node, f"`{keyword.arg}`: a name may not begin with `_`")
        match node.func:
            case ast.Name():
                return _located(self.node_contents_visit(node), node)
            case ast.Attribute(value=value, attr=name):
                return self._method_call(node, value, name)
            case _:
                self.error(node, "functions are called by their name")
                return node

    def _method_call(self, node: ast.Call, value: ast.expr, name: str) -> ast.AST:
        if name not in METHOD_NAMES:
            self.error(node, f"there is no method `{name[:40]}`")
        arguments = [self._visited(each) for each in (value, *node.args)]
        for keyword in node.keywords:
            keyword.value = self._visited(keyword.value)
        call = _call("_method_", arguments[0], ast.Constant(name), *arguments[1:])
        call.keywords = node.keywords
        return _located(call, node)

    # -- expressions --------------------------------------------------------------------------------------------

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        self._check_attribute(node)
        return _located(
            _call("_getattr_", self._visited(node.value), ast.Constant(node.attr)), node
        )

    def visit_Starred(self, node: ast.Starred) -> ast.AST:
        self.error(node, "`*` is not allowed here")
        return node

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        node = self.node_contents_visit(node)
        return self._binary(node, "_binary_", node.op, node.left, node.right)

    def _binary(self, node: ast.AST, guard: str, op: ast.operator, *operands: ast.expr) -> ast.AST:
        if type(op) not in _OPERATORS:
            self.error(node, "the operator `@` is not allowed")
            return node
        return _located(_call(guard, ast.Constant(_OPERATORS[type(op)]), *operands), node)

    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        # `x in {"a", "b"}`: sets are no values, but this one is only looked into.
        node.comparators = [
            ast.copy_location(ast.Tuple(each.elts, ast.Load()), each)
            if isinstance(each, ast.Set)
            else each
            for each in node.comparators
        ]
        node = self.node_contents_visit(node)
        if _is_cheap(node):
            return node
        names = [ast.Constant(_COMPARISONS[type(op)]) for op in node.ops]
        operands = [node.left, *node.comparators]
        if len(names) == 1:
            return _located(_call("_compare_", names[0], *operands), node)
        return _located(_call("_chain_", ast.Tuple([*names], ast.Load()), *operands), node)

    def visit_Dict(self, node: ast.Dict) -> ast.AST:
        if None in node.keys:
            self.error(node, "`**` is not allowed here: `merge` joins objects")
            return node
        node = self.node_contents_visit(node)
        node.keys = [None if key is None else _guarded_key(key) for key in node.keys]
        return node

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.AST:
        return _located(_call("_fstring_", *map(self._visited, node.values)), node)

    def visit_FormattedValue(self, node: ast.FormattedValue) -> ast.AST:
        node = self.node_contents_visit(node)
        spec = node.format_spec or ast.Constant("")
        return _located(_call("_format_", node.value, ast.Constant(node.conversion), spec), node)

    def visit_ListComp(self, node: ast.ListComp) -> ast.AST:
        return self._comprehension(node)

    def visit_GeneratorExp(self, node: ast.GeneratorExp) -> ast.AST:
        # Made at once: a generator would be an object with a frame to reach.
        return self.visit_ListComp(ast.copy_location(ast.ListComp(node.elt, node.generators), node))

    def visit_DictComp(self, node: ast.DictComp) -> ast.AST:
        if node.value is None:
            self.error(node, "`**` is not allowed here")
        self._comprehension(node)
        node.key = _guarded_key(node.key)
        return node

    def _comprehension(self, node: _Node) -> _Node:
        cost = weight(node)
        node = self.node_contents_visit(node)
        for generator in node.generators:  # type: ignore[attr-defined]  # both comprehensions have them
            generator.iter = _located(_call("_getiter_", generator.iter, ast.Constant(cost)), node)
        return node

    def visit_comprehension(self, node: ast.comprehension) -> ast.AST:
        if node.is_async:
            self.error(node.target, "`async` is not allowed")
        self._check_loop_target(node.target)
        visited: ast.AST = self.node_contents_visit(node)
        return visited

    # -- statements ---------------------------------------------------------------------------------------------

    def visit_For(self, node: ast.For) -> ast.AST:
        self._check_loop_target(node.target)
        cost = weight(node)
        node = self.node_contents_visit(node)
        node.iter = _located(_call("_getiter_", node.iter, ast.Constant(cost)), node)
        return node

    def visit_While(self, node: ast.While) -> ast.AST:
        cost = weight(node)
        node = self.node_contents_visit(node)
        node.body.insert(0, ast.Expr(_call("_fuel_", ast.Constant(cost))))
        return node

    def _check_loop_target(self, target: ast.expr) -> None:
        match target:
            case ast.Name():
                pass
            case ast.Tuple(elts=parts) | ast.List(elts=parts):
                for part in parts:
                    self._check_loop_target(part)
            case _:
                self.error(target, "a loop sets variables only")

    def visit_Assign(self, node: ast.Assign) -> list[ast.stmt]:
        value = self._visited(node.value)
        match node.targets:
            case [ast.Name() | ast.Subscript() | ast.Attribute()]:
                statements = self._store(node.targets[0], value)
            case _:
                whole = self._temporary()
                statements = [ast.Assign([whole], value)]
                for target in node.targets:
                    statements += self._store(target, ast.Name(whole.id, ast.Load()))
        return [_located(statement, node) for statement in statements]

    def _temporary(self) -> ast.Name:
        return ast.Name(self.gen_tmp_name(), ast.Store())

    def _store(self, target: ast.expr, value: ast.expr) -> list[ast.stmt]:
        """The statements that put a value into a target. Those of the parts follow the unpacking."""
        match target:
            case ast.Name():
                self.visit(target)
                return [ast.Assign([target], value)]
            case ast.Subscript() | ast.Attribute():
                root, keys = self._path(target)
                return [ast.Expr(_call("_put_", root, value, *keys))]
            case ast.Tuple(elts=parts) | ast.List(elts=parts):
                return list(self._unpack(parts, value))
            case _:
                self.error(target, "this cannot be assigned to")
                return []

    def _unpack(self, parts: list[ast.expr], value: ast.expr) -> Iterator[ast.stmt]:
        places: list[ast.expr] = []
        rest: list[ast.stmt] = []
        for part in parts:
            starred = isinstance(part, ast.Starred)
            inner = part.value if isinstance(part, ast.Starred) else part
            place = self._temporary()
            rest += self._store(inner, ast.Name(place.id, ast.Load()))
            places.append(ast.Starred(place, ast.Store()) if starred else place)
        yield ast.Assign([ast.Tuple(places, ast.Store())], _call("_sequence_", value))
        yield from rest

    def _path(self, target: ast.expr) -> tuple[ast.expr, list[ast.expr]]:
        """`v.a["b"]` as its root and the keys below it."""
        keys: list[ast.expr] = []
        while isinstance(target, ast.Subscript | ast.Attribute):
            if isinstance(target, ast.Attribute):
                self._check_attribute(target)
                keys.insert(0, ast.Constant(target.attr))
            elif isinstance(target.slice, ast.Slice):
                self.error(target, "a slice cannot be written")
            else:
                keys.insert(0, self._visited(target.slice))
            target = target.value
        return self._visited(target), keys

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.AST:
        value = self._visited(node.value)
        match node.target:
            case ast.Name(id=name) as target:
                self.visit(target)
                new = self._binary(node, "_inplacevar_", node.op, ast.Name(name, ast.Load()), value)
                assert isinstance(new, ast.expr | ast.AugAssign)
                return (
                    new
                    if isinstance(new, ast.AugAssign)
                    else _located(ast.Assign([target], new), node)
                )
            case target:
                root, keys = self._path(target)
                new = self._binary(node, "_augment_", node.op, value, root, *keys)
                return _located(ast.Expr(new), node) if isinstance(new, ast.expr) else node

    def visit_Delete(self, node: ast.Delete) -> list[ast.stmt]:
        return [
            _located(statement, node)
            for target in node.targets
            for statement in self._delete(target)
        ]

    def _delete(self, target: ast.expr) -> Iterable[ast.stmt]:
        match target:
            case ast.Name():
                self.visit(target)
                yield ast.Delete([target])
            case ast.Subscript() | ast.Attribute():
                root, keys = self._path(target)
                yield ast.Expr(_call("_delete_", root, *keys))
            case _:
                self.error(target, "this cannot be deleted")


def _is_cheap(node: ast.Compare) -> bool:
    """Does this compare with a constant, or by identity? Then it costs no more than it shows."""
    operands = [node.left, *node.comparators]
    return all(
        isinstance(op, ast.Is | ast.IsNot)
        or (
            not isinstance(op, ast.In | ast.NotIn)
            and any(isinstance(each, ast.Constant) for each in pair)
        )
        for op, pair in zip(node.ops, pairwise(operands), strict=True)
    )


def _guarded_key(key: ast.expr) -> ast.expr:
    plain = isinstance(key, ast.Constant) and isinstance(key.value, str)
    return key if plain else _located(_call("_key_", key), key)


def _is_load(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)


def _call(guard: str, *arguments: ast.expr) -> ast.Call:
    return ast.Call(ast.Name(guard, ast.Load()), list(arguments), [])


def _located(new: _Node, old: ast.AST) -> _Node:
    """The new node at the place of the old one; what is below it gets its place at the end."""
    return ast.copy_location(new, old)
