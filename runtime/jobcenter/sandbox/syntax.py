"""The syntax of code blocks: the node types that the policy allows, the names of operators, and pieces of trees."""

from __future__ import annotations

import ast
from itertools import pairwise
from typing import Final, TypeVar

Node = TypeVar("Node", bound=ast.AST)

CONSTRUCTS: Final = {
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
ALLOWED: Final = (
    *(ast.FunctionDef, ast.Return, ast.Delete, ast.Assign, ast.AugAssign, ast.For, ast.While),
    *(ast.If, ast.Expr, ast.Pass, ast.Break, ast.Continue),
    *(ast.BoolOp, ast.NamedExpr, ast.BinOp, ast.UnaryOp, ast.Lambda, ast.IfExp, ast.Dict),
    *(ast.ListComp, ast.DictComp, ast.GeneratorExp, ast.Compare, ast.Call, ast.FormattedValue),
    *(ast.JoinedStr, ast.Constant, ast.Attribute, ast.Subscript, ast.Name, ast.List, ast.Tuple),
    *(ast.Slice, ast.Starred, ast.arguments, ast.arg, ast.keyword, ast.comprehension),
    *(ast.expr_context, ast.boolop, ast.operator, ast.unaryop, ast.cmpop),
)
OPERATORS: Final = {
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
COMPARISONS: Final = {
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


def is_cheap(node: ast.Compare) -> bool:
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


def guarded_key(key: ast.expr) -> ast.expr:
    plain = isinstance(key, ast.Constant) and isinstance(key.value, str)
    return key if plain else located(guard_call("_key_", key), key)


def is_load(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)


def guard_call(guard: str, *arguments: ast.expr) -> ast.Call:
    return ast.Call(ast.Name(guard, ast.Load()), list(arguments), [])


def located(new: Node, old: ast.AST) -> Node:
    """The new node at the place of the old one; what is below it gets its place at the end."""
    return ast.copy_location(new, old)
