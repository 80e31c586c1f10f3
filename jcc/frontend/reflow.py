"""The flow of a workflow that was edited, from its flow before.

Most keystrokes change what a step does, not what follows it. Then the steps only come from other nodes of the tree than before.
Where statements come or go, those alone are laid out anew, and what stands behind them is numbered anew. Where that does not do, the
answer is that the graph must be built from the tree.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from jcc.frontend import ast
from jcc.frontend.flow import FlowGraph, body_of, label_text
from jcc.frontend.homes import nodes_of


def follow(graph: FlowGraph, old: ast.Definition, new: ast.Definition) -> FlowGraph | None:
    """The graph of a definition, from that of another one, which must not be used any more; None where it must be built anew."""
    before, after = body_of(old), body_of(new)
    if before is None or after is None:
        return None
    edit = _Edit({old: new})
    if not edit.blocks(before, after) or edit.mixes():
        return None
    if not all(graph.builder.replace(*cut) for cut in edit.cuts):
        return None
    graph.builder.rename(edit.pairs)
    return graph.builder.finish() if edit.cuts else graph


class _Cut(NamedTuple):
    """Statements that stand where others stood."""

    old: tuple[ast.Statement, ...]
    new: tuple[ast.Statement, ...]


@dataclass(slots=True)
class _Edit:
    """What has become of a workflow. `pairs` has the nodes that others stand for at the same place in the order of the steps, `cuts` where it is
    another."""

    pairs: dict[ast.Node, ast.Node]
    cuts: list[_Cut] = field(default_factory=list)

    def blocks(self, old: ast.Block | None, new: ast.Block | None) -> bool:
        """Whether two blocks can be made of each other."""
        if old is None or new is None or old is new:
            return old is new
        head, tail = _in_common(old.statements, new.statements)
        stop = len(old.statements) - tail
        known = len(self.cuts)
        if stop - head == len(new.statements) - tail - head:
            pairs = zip(old.statements[head:stop], new.statements[head:], strict=False)
            if all(self._alike(one, other) for one, other in pairs):
                return True
            del self.cuts[known:]
        if head == stop:
            # Where nothing was there is no place for anything: it is made with its neighbour.
            if head:
                head -= 1
            elif tail:
                tail -= 1
            else:
                return False
        stop = len(old.statements) - tail
        between = new.statements[head : len(new.statements) - tail]
        self.cuts.append(_Cut(old.statements[head:stop], between))
        return True

    def mixes(self) -> bool:
        """Whether a cut has a statement that stood elsewhere, where something else is made of it at the same time."""
        gone = [set(nodes_of(cut.old)) for cut in self.cuts]
        for number, cut in enumerate(self.cuts):
            come = set(nodes_of(cut.new))
            others = (*gone[:number], *gone[number + 1 :], self.pairs)
            if not all(come.isdisjoint(other) for other in others):
                return True
        return False

    def _alike(self, old: ast.Statement, new: ast.Statement) -> bool:
        """Whether two statements make the same steps in the same order, but for the cuts in them."""
        if type(old) is not type(new):
            return False
        self.pairs[old] = new
        match old, new:
            case ast.If(), ast.If():
                if len(old.arms) != len(new.arms):
                    return False
                arms = list(zip(old.arms, new.arms, strict=True))
                self.pairs.update(arms)
                bodies = all(self.blocks(one.body, other.body) for one, other in arms)
                return bodies and self.blocks(old.otherwise, new.otherwise)
            case ast.While(), ast.While():
                alike = _constant(old.condition) is _constant(new.condition)
                return alike and self.blocks(old.body, new.body)
            case ast.Repeat(), ast.Repeat():
                alike = _constant(old.until) is _constant(new.until)
                return alike and self.blocks(old.body, new.body)
            case ast.Case(), ast.Case():
                return _labels(old) == _labels(new) and all(
                    self.blocks(one, other)
                    for one, other in zip(_bodies(old), _bodies(new), strict=True)
                )
            case ast.Try(), ast.Try():
                return self.blocks(old.body, new.body) and self.blocks(old.handler, new.handler)
            case ast.BrokenStatement(), ast.BrokenStatement():
                return self.blocks(old.body, new.body)
            case _:
                return not isinstance(old, ast.Label | ast.Goto)


def _in_common(old: tuple[ast.Statement, ...], new: tuple[ast.Statement, ...]) -> tuple[int, int]:
    """How many statements are the same at the beginning and at the end."""
    shorter = min(len(old), len(new))
    head = tail = 0
    while head < shorter and old[head] is new[head]:
        head += 1
    while tail < shorter - head and old[-1 - tail] is new[-1 - tail]:
        tail += 1
    return head, tail


def _constant(condition: ast.Expression) -> bool | None:
    """What a condition is that is always the same: such a one goes one way."""
    return bool(condition.value) if isinstance(condition, ast.Literal) else None


def _labels(case: ast.Case) -> list[list[str]]:
    return [[label_text(label) for label in arm.labels] for arm in case.arms]


def _bodies(case: ast.Case) -> list[ast.Block | None]:
    return [*(arm.body for arm in case.arms), case.otherwise]
