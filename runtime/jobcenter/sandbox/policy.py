"""The policy for code blocks: what of Python they may use, and what becomes of it.

RestrictedPython's transformer is the base; on top of it only the node types of `syntax` are allowed, and every
operation that could reach further than JSON values, or cost more than it shows, becomes a call of a guard (`guards`):
attributes, subscripts, operators, comparisons, iteration, formatting, writing. Loops and functions pay fuel by the
size of their code. There is no `try`, so that nothing can catch a limit; no class, import, generator or decorator.
Blocks cannot name a guard: names that begin with `_` are refused, but for the fields of `e` that the runtime sets.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from RestrictedPython.transformer import INSPECT_ATTRIBUTES, RestrictingNodeTransformer

from jobcenter.sandbox.errors import Finding
from jobcenter.sandbox.methods import METHOD_NAMES
from jobcenter.sandbox.native import RESERVED, constant_problem
from jobcenter.sandbox.syntax import (
    ALLOWED,
    COMPARISONS,
    CONSTRUCTS,
    OPERATORS,
    Node,
    guard_call,
    guarded_key,
    is_cheap,
    is_load,
    located,
    weight,
)

_Function = ast.FunctionDef | ast.Lambda
# `e._error` and its like, set by the runtime, are read as items: no attribute of this name is ever asked for.
_SET_IN_ENVIRONMENT = frozenset(["_error", "_i", "_v"])


def _is_environment_field(node: ast.Attribute) -> bool:
    match node.value:
        case ast.Name(id="e"):
            return node.attr in _SET_IN_ENVIRONMENT
        case _:
            return False


class Policy(RestrictingNodeTransformer):
    """Rewrites one function in place; what it refuses is in `findings`."""

    def __init__(self) -> None:
        super().__init__()
        self.findings: list[Finding] = []

    def error(self, node: ast.AST, info: str) -> None:
        self.findings.append((getattr(node, "lineno", 1), info))

    def visit(self, node: ast.AST) -> ast.AST | list[ast.stmt]:
        if not isinstance(node, ALLOWED):
            construct = CONSTRUCTS.get(type(node), f"`{type(node).__name__}`")
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
        elif name.startswith(RESERVED) and not is_load(node):
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
        node.body.insert(0, ast.Expr(guard_call("_fuel_", ast.Constant(cost))))
        return node

    def visit_Lambda(self, node: ast.Lambda) -> ast.AST:
        self._check_parameters(node)
        cost = weight(node)
        node = self.node_contents_visit(node)
        # `_fuel_` gives None, so that the value is the body's.
        node.body = ast.BoolOp(ast.Or(), [guard_call("_fuel_", ast.Constant(cost)), node.body])
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
                return located(self.node_contents_visit(node), node)
            case ast.Attribute(value=value, attr=name):
                return self._method_guard_call(node, value, name)
            case _:
                self.error(node, "functions are called by their name")
                return node

    def _method_guard_call(self, node: ast.Call, value: ast.expr, name: str) -> ast.AST:
        if name not in METHOD_NAMES:
            self.error(node, f"there is no method `{name[:40]}`")
        arguments = [self._visited(each) for each in (value, *node.args)]
        for keyword in node.keywords:
            keyword.value = self._visited(keyword.value)
        rewritten = guard_call("_method_", arguments[0], ast.Constant(name), *arguments[1:])
        rewritten.keywords = node.keywords
        return located(rewritten, node)

    # -- expressions --------------------------------------------------------------------------------------------

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        if _is_environment_field(node):
            return self._visited(
                located(ast.Subscript(node.value, ast.Constant(node.attr), node.ctx), node)
            )
        self._check_attribute(node)
        return located(
            guard_call("_getattr_", self._visited(node.value), ast.Constant(node.attr)), node
        )

    def visit_Starred(self, node: ast.Starred) -> ast.AST:
        self.error(node, "`*` is not allowed here")
        return node

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        node = self.node_contents_visit(node)
        return self._binary(node, "_binary_", node.op, node.left, node.right)

    def _binary(self, node: ast.AST, guard: str, op: ast.operator, *operands: ast.expr) -> ast.AST:
        if type(op) not in OPERATORS:
            self.error(node, "the operator `@` is not allowed")
            return node
        return located(guard_call(guard, ast.Constant(OPERATORS[type(op)]), *operands), node)

    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        # `x in {"a", "b"}`: sets are no values, but this one is only looked into.
        node.comparators = [
            ast.copy_location(ast.Tuple(each.elts, ast.Load()), each)
            if isinstance(each, ast.Set)
            else each
            for each in node.comparators
        ]
        node = self.node_contents_visit(node)
        if is_cheap(node):
            return node
        names = [ast.Constant(COMPARISONS[type(op)]) for op in node.ops]
        operands = [node.left, *node.comparators]
        if len(names) == 1:
            return located(guard_call("_compare_", names[0], *operands), node)
        return located(guard_call("_chain_", ast.Tuple([*names], ast.Load()), *operands), node)

    def visit_Dict(self, node: ast.Dict) -> ast.AST:
        if None in node.keys:
            self.error(node, "`**` is not allowed here: `merge` joins objects")
            return node
        node = self.node_contents_visit(node)
        node.keys = [None if key is None else guarded_key(key) for key in node.keys]
        return node

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.AST:
        return located(guard_call("_fstring_", *map(self._visited, node.values)), node)

    def visit_FormattedValue(self, node: ast.FormattedValue) -> ast.AST:
        node = self.node_contents_visit(node)
        spec = node.format_spec or ast.Constant("")
        return located(
            guard_call("_format_", node.value, ast.Constant(node.conversion), spec), node
        )

    def visit_ListComp(self, node: ast.ListComp) -> ast.AST:
        return self._comprehension(node)

    def visit_GeneratorExp(self, node: ast.GeneratorExp) -> ast.AST:
        # Made at once: a generator would be an object with a frame to reach.
        return self.visit_ListComp(ast.copy_location(ast.ListComp(node.elt, node.generators), node))

    def visit_DictComp(self, node: ast.DictComp) -> ast.AST:
        if node.value is None:
            self.error(node, "`**` is not allowed here")
        self._comprehension(node)
        node.key = guarded_key(node.key)
        return node

    def _comprehension(self, node: Node) -> Node:
        cost = weight(node)
        node = self.node_contents_visit(node)
        for generator in node.generators:  # type: ignore[attr-defined]  # both comprehensions have them
            generator.iter = located(
                guard_call("_getiter_", generator.iter, ast.Constant(cost)), node
            )
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
        node.iter = located(guard_call("_getiter_", node.iter, ast.Constant(cost)), node)
        return node

    def visit_While(self, node: ast.While) -> ast.AST:
        cost = weight(node)
        node = self.node_contents_visit(node)
        node.body.insert(0, ast.Expr(guard_call("_fuel_", ast.Constant(cost))))
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
        return [located(statement, node) for statement in statements]

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
                return [ast.Expr(guard_call("_put_", root, value, *keys))]
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
        yield ast.Assign([ast.Tuple(places, ast.Store())], guard_call("_sequence_", value))
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
                    else located(ast.Assign([target], new), node)
                )
            case target:
                root, keys = self._path(target)
                new = self._binary(node, "_augment_", node.op, value, root, *keys)
                return located(ast.Expr(new), node) if isinstance(new, ast.expr) else node

    def visit_Delete(self, node: ast.Delete) -> list[ast.stmt]:
        return [
            located(statement, node)
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
                yield ast.Expr(guard_call("_delete_", root, *keys))
            case _:
                self.error(target, "this cannot be deleted")
