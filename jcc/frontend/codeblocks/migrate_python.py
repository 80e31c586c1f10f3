"""The translation of a Perl block in a form for people: `op_get(v, 'x')` becomes `v.x`, `s_name` becomes `name`.

What has no exact counterpart in plain Python (Perl's truth, its numbers, its arrays) stays a call of the runtime's
operations, so that the block goes on giving the same values."""

from __future__ import annotations

import ast
import keyword

from jcc.frontend.codeblocks.block import LETTERS
from jcc.frontend.codeblocks.python_names import BUILTINS, FUNCTIONS, INSPECTED, RESERVED


def python_of(statements: tuple[str, ...]) -> list[str]:
    """The lines of a translated block, rewritten."""
    tree = ast.parse("\n".join(_inside_function(statements)))
    _Rename(_names(tree)).visit(tree)
    _Paths().visit(tree)
    ast.fix_missing_locations(tree)
    function = tree.body[0]
    if not isinstance(function, ast.FunctionDef):
        return list(statements)
    return [line for node in function.body for line in ast.unparse(node).splitlines()]


def _inside_function(statements: tuple[str, ...]) -> list[str]:
    """`return` is only read inside of a function."""
    return ["def block():", *(f"    {line}" for line in statements)]


def _names(tree: ast.Module) -> dict[str, str]:
    """New names for the variables of the block: those that Perl had, where they are free."""
    found = {
        node.id if isinstance(node, ast.Name) else node.arg
        for node in ast.walk(tree)
        if isinstance(node, ast.Name | ast.arg)
    }
    new: dict[str, str] = {}
    for name in sorted(found):
        prefix, _, rest = name.partition("_")
        free = rest.isidentifier() and not keyword.iskeyword(rest) and not rest.startswith("_")
        taken = rest in FUNCTIONS or rest in LETTERS or rest in found or rest in new.values()
        if prefix in ("s", "l", "h") and free and not taken and not rest.startswith(RESERVED):
            new[name] = rest
    return new


class _Rename(ast.NodeTransformer):
    def __init__(self, names: dict[str, str]) -> None:
        self.names = names

    def visit_Name(self, node: ast.Name) -> ast.AST:
        node.id = self.names.get(node.id, node.id)
        return node

    def visit_arg(self, node: ast.arg) -> ast.AST:
        node.arg = self.names.get(node.arg, node.arg)
        return node


class _Paths(ast.NodeTransformer):
    def visit_Expr(self, node: ast.Expr) -> ast.AST:
        """`op_put(v, 1, 'x')` is `v.x = 1`."""
        self.generic_visit(node)
        match node.value:
            case ast.Call(
                func=ast.Name(id="op_put" | "pl_put"), args=[ast.Name() as root, value, *keys]
            ):
                texts = [key for key in keys if isinstance(key, ast.Constant)]
                if len(texts) == len(keys) and all(isinstance(key.value, str) for key in texts):
                    target = _path(root, keys)
                    target.ctx = ast.Store()
                    return ast.Assign([target], value)
            case _:
                pass
        return node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        match node:
            case ast.Call(func=ast.Name(id="op_get"), args=[ast.Name() as root, *keys]) if all(
                _is_constant(key) for key in keys
            ):
                return _path(root, keys)
            case ast.Call(func=ast.Name(id=name) as function) if name.startswith("fn_"):
                # Where Python has a function of the same name, that is the one without `fn_`.
                short = name.removeprefix("fn_")
                function.id = name if short in BUILTINS else short
            case _:
                pass
        return node


def _is_constant(key: ast.expr) -> bool:
    if isinstance(key, ast.UnaryOp):
        key = key.operand
    return isinstance(key, ast.Constant)


def _path(root: ast.Name, keys: list[ast.expr]) -> ast.Attribute | ast.Subscript:
    path: ast.expr = root
    for key in keys:
        name = key.value if isinstance(key, ast.Constant) else None
        if isinstance(name, str) and _is_attribute(name):
            path = ast.Attribute(path, name, ast.Load())
        else:
            path = ast.Subscript(path, key, ast.Load())
    assert isinstance(path, ast.Attribute | ast.Subscript)
    return path


def _is_attribute(name: str) -> bool:
    return (
        name.isascii()
        and name.isidentifier()
        and not keyword.iskeyword(name)
        and not name.startswith("_")
        and name not in INSPECTED
    )
