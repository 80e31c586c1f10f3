"""Who binds which name in a Python block, and which mentions of `v` mean the job's object. One walk, before the check."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

_Function = ast.FunctionDef | ast.Lambda
_Comprehension = ast.ListComp | ast.DictComp | ast.GeneratorExp | ast.SetComp


@dataclass(slots=True)
class Scopes:
    """`bound` are all names that the block binds somewhere. `outer` are its bindings outside of functions and
    comprehensions, in order; `assigned` are those of them that a plain assignment makes. `used` are the names that are
    read. `locals` are the name nodes that mean a parameter or a variable of a comprehension."""

    bound: set[str] = field(default_factory=set)
    outer: list[tuple[str, ast.AST]] = field(default_factory=list)
    assigned: list[ast.Name] = field(default_factory=list)
    used: set[str] = field(default_factory=set)
    locals: set[int] = field(default_factory=set)

    def is_local(self, node: ast.Name) -> bool:
        return id(node) in self.locals


def scopes_of(tree: ast.Module) -> Scopes:
    scopes = Scopes()
    _walk(tree, frozenset(), False, scopes)
    return scopes


def _walk(node: ast.AST, local: frozenset[str], inside: bool, scopes: Scopes) -> None:
    """`local` are the names that a surrounding function or comprehension binds; `inside` of one, nothing is outer."""
    match node:
        case ast.Name(id=name, ctx=ctx):
            _name(node, name, ctx, local, inside, scopes)
        case ast.FunctionDef() | ast.Lambda():
            _function(node, local, inside, scopes)
        case ast.ListComp() | ast.DictComp() | ast.GeneratorExp() | ast.SetComp():
            names = {name for each in node.generators for name in _names(each.target)}
            scopes.bound |= names
            # The first list is looked up outside, as Python does.
            _walk(node.generators[0].iter, local, inside, scopes)
            for child in ast.iter_child_nodes(node):
                _comprehension(child, node.generators[0], local | names, scopes)
        case _:
            if isinstance(node, ast.Assign) and not inside:
                scopes.assigned += [each for each in node.targets if isinstance(each, ast.Name)]
            for child in ast.iter_child_nodes(node):
                _walk(child, local, inside, scopes)


def _name(
    node: ast.Name,
    name: str,
    ctx: ast.expr_context,
    local: frozenset[str],
    inside: bool,
    scopes: Scopes,
) -> None:
    if name in local:
        scopes.locals.add(id(node))
    if isinstance(ctx, ast.Store):
        scopes.bound.add(name)
        if not inside:
            scopes.outer.append((name, node))
    else:
        scopes.used.add(name)


def _function(node: _Function, local: frozenset[str], inside: bool, scopes: Scopes) -> None:
    arguments = node.args
    every = (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)
    names = {each.arg for each in (*every, arguments.vararg, arguments.kwarg) if each is not None}
    for default in (*arguments.defaults, *arguments.kw_defaults):
        if default is not None:
            _walk(default, local, inside, scopes)
    if isinstance(node, ast.FunctionDef):
        scopes.bound.add(node.name)
        if not inside:
            scopes.outer.append((node.name, node))
        names |= {name for statement in node.body for name in _stored(statement)}
    scopes.bound |= names
    for statement in node.body if isinstance(node, ast.FunctionDef) else [node.body]:
        _walk(statement, local | names, True, scopes)


def _comprehension(
    child: ast.AST, first: ast.comprehension, local: frozenset[str], scopes: Scopes
) -> None:
    if child is not first:
        _walk(child, local, True, scopes)
        return
    _walk(first.target, local, True, scopes)
    for condition in first.ifs:
        _walk(condition, local, True, scopes)


def _names(target: ast.expr) -> set[str]:
    return {node.id for node in ast.walk(target) if isinstance(node, ast.Name)}


def _stored(statement: ast.stmt) -> set[str]:
    """The variables that a function's statement sets: they are the function's own."""
    return {
        node.id
        for node in ast.walk(statement)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }
