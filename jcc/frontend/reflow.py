"""The flow of a workflow that was edited: the graph of before, where the edit left the order of the steps as it was.

Most keystrokes change what a step does, not what follows it. Then the steps only come from other nodes of the tree than before.
Where the order may have changed, the answer is that the graph must be built anew.
"""

from __future__ import annotations

from jcc.frontend import ast
from jcc.frontend.flow import FlowGraph, label_text


def follow(graph: FlowGraph, old: ast.Definition, new: ast.Definition) -> bool:
    """Have the graph of a definition be that of another one; False where it must be built anew, and is as it was."""
    pairs: dict[ast.Node, ast.Node] = {old: new}
    before, after = _body(old), _body(new)
    if before is None or after is None or not _blocks(before, after, pairs):
        return False
    for node in graph.nodes.values():
        if node.origin in pairs:
            node.origin = pairs[node.origin]
    return True


def _body(definition: ast.Definition) -> ast.Block | None:
    sections = definition.sections
    return next((found.body for found in sections if isinstance(found, ast.BodySection)), None)


def _blocks(old: ast.Block | None, new: ast.Block | None, pairs: dict[ast.Node, ast.Node]) -> bool:
    """Whether two blocks are alike but for what single steps do. `pairs` gets the nodes that steps come from, where they differ."""
    if old is None or new is None:
        return old is new
    if old is new:
        return True
    if len(old.statements) != len(new.statements):
        return False
    return all(
        one is other or _statements(one, other, pairs)
        for one, other in zip(old.statements, new.statements, strict=True)
    )


def _statements(old: ast.Statement, new: ast.Statement, pairs: dict[ast.Node, ast.Node]) -> bool:
    if type(old) is not type(new):
        return False
    match old, new:
        case ast.If(), ast.If():
            if len(old.arms) != len(new.arms) or not _blocks(old.otherwise, new.otherwise, pairs):
                return False
            arms = list(zip(old.arms, new.arms, strict=True))
            pairs.update(arms)
            return all(_blocks(one.body, other.body, pairs) for one, other in arms)
        case ast.While(), ast.While():
            pairs[old] = new
            alike = _constant(old.condition) is _constant(new.condition)
            return alike and _blocks(old.body, new.body, pairs)
        case ast.Repeat(), ast.Repeat():
            pairs[old] = new
            alike = _constant(old.until) is _constant(new.until)
            return alike and _blocks(old.body, new.body, pairs)
        case ast.Case(), ast.Case():
            pairs[old] = new
            return _labels(old) == _labels(new) and all(
                _blocks(one, other, pairs)
                for one, other in zip(_bodies(old), _bodies(new), strict=True)
            )
        case ast.Try(), ast.Try():
            return _blocks(old.body, new.body, pairs) and _blocks(old.handler, new.handler, pairs)
        case ast.BrokenStatement(), ast.BrokenStatement():
            return _blocks(old.body, new.body, pairs)
        case ((ast.Label() | ast.Goto()), _):
            return False
        case ast.Return(), _:
            return True
        case _:
            pairs[old] = new
            return True


def _constant(condition: ast.Expression) -> bool | None:
    """What a condition is that is always the same: such a one goes one way."""
    return bool(condition.value) if isinstance(condition, ast.Literal) else None


def _labels(case: ast.Case) -> list[list[str]]:
    return [[label_text(label) for label in arm.labels] for arm in case.arms]


def _bodies(case: ast.Case) -> list[ast.Block | None]:
    return [*(arm.body for arm in case.arms), case.otherwise]
