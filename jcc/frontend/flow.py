"""The control flow of a workflow: which step follows which. The one place that knows what `while` or `try` means for
order; the flow checks read it, and lowering makes the task graph of it. It knows no types and generates nothing.

A `FlowNode` is one step of a job, later one task. Its `origin` is the tree node that it comes from: the definition for
the first and the last step, an `Arm`, `While` or `Repeat` for a condition, a `Case` for a switch, else a statement.
Statements that are order alone (`goto`, `label`, `return`, `try`) have no node of their own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from jcc.frontend import ast
from jcc.frontend.homes import nodes_of
from jcc.frontend.tables import Tables

# An arm has one; what stands in a broken statement has its own.
_WITHOUT_STEP = (ast.If, ast.Try, ast.Label, ast.Goto, ast.Return, ast.BrokenStatement)


@dataclass(slots=True, eq=False)
class FlowNode:
    """`next` is where it goes on; `edges` has the labelled ways: `true` and `false` of a condition (then `next` is None),
    the labels of a switch (`next` where none fits). `on_error` is the first step of the innermost enclosing handler."""

    id: int
    origin: ast.Node
    next: int | None = None
    edges: dict[str, int] = field(default_factory=dict)
    on_error: int | None = None

    @property
    def successors(self) -> tuple[int, ...]:
        """Every step that may follow without an error."""
        if not self.edges:
            return () if self.next is None else (self.next,)
        ways = dict.fromkeys(self.edges.values())
        if self.next is not None:
            ways[self.next] = None
        return tuple(ways)


@dataclass(slots=True, eq=False)
class FlowGraph:
    """Ids count from 1 in the order of the source: the start is 1, the end is the last.
    `labels` are the label statements by name (the first of each), `unknown_labels` the gotos that lead nowhere (they
    lead to the end), `duplicate_labels` the later labels of a name. `sure` keeps the steps that every path passes, once they
    are known; `builder` is who built it."""

    nodes: dict[int, FlowNode]
    start: int
    end: int
    labels: dict[str, ast.Label]
    gotos: tuple[ast.Goto, ...]
    unknown_labels: tuple[ast.Goto, ...]
    duplicate_labels: tuple[ast.Label, ...]
    builder: FlowBuilder
    sure: list[int] | None = None

    def reachable(self) -> set[int]:
        """The steps that some path from the start reaches; a step in a `try` may always go to its handler."""
        seen: set[int] = set()
        todo = [self.start]
        while todo:
            at = todo.pop()
            if at in seen:
                continue
            seen.add(at)
            node = self.nodes[at]
            todo.extend(node.successors)
            if node.on_error is not None:
                todo.append(node.on_error)
        return seen


def steps_in(tables: Tables) -> int:
    """How many steps the statements in some tables make. Statements that follow each other have theirs one behind the other."""
    none = sum(len(tables.statements.get(kind, ())) for kind in _WITHOUT_STEP)
    return len(tables.parts) - none - sum(len(split.branches) for split in tables.of(ast.Split))


def label_text(label: ast.Literal) -> str:
    """A `when` label as the string that the subject's string value is compared with."""
    match label.value:
        case bool(value):
            return "true" if value else "false"
        case None:
            return ""
        case value:
            return str(value)


def body_of(definition: ast.Definition) -> ast.Block | None:
    """What stands in `do:`; of several, which is an error, the first counts."""
    sections = definition.sections
    return next((found.body for found in sections if isinstance(found, ast.BodySection)), None)


def build_flow(definition: ast.Definition) -> FlowGraph:
    """The flow of a workflow's `do:` section (an empty one if it has none)."""
    return FlowBuilder().build(definition)


@dataclass(slots=True)
class _Place:
    """A jump target that is not known yet: `target` is its step as soon as that is made; where it is that of another place, `same_as`
    is that place."""

    target: FlowNode | None = None
    same_as: _Place | None = None


@dataclass(slots=True, eq=False)
class _Step:
    """A node, and the places that its ways lead to."""

    node: FlowNode
    handler: _Place | None
    ways: list[tuple[str | None, _Place]] = field(default_factory=list)


class _Bounds(NamedTuple):
    """The place where a statement begins, the one that follows it, and its handler's."""

    here: _Place
    after: _Place
    handler: _Place | None


class FlowBuilder:
    """Walks the tree in source order. Each statement is given the place that follows it; the ways of a step lead to places, and get
    their steps when all of them are made. The places stay known, so that a part can be laid out anew (`replace`)."""

    def __init__(self) -> None:
        self._steps: list[_Step] = []
        self._bounds: dict[ast.Node, _Bounds] = {}
        self._labels: dict[str, tuple[ast.Label, _Place]] = {}
        self._gotos: list[tuple[ast.Goto, _Place]] = []
        self._duplicates: list[ast.Label] = []
        self._exit = _Place()

    def build(self, definition: ast.Definition) -> FlowGraph:
        first = _Place()
        self._way(self._step(definition, _Place(), None), None, first)
        body = body_of(definition)
        if body is None:
            first.same_as = self._exit
        else:
            self._block(body.statements, first, self._exit, None)
        self._step(definition, self._exit, None)
        return self.finish()

    def finish(self) -> FlowGraph:
        """The flow as it is laid out. One that was given before changes with it, and must not be used any more."""
        unknown = self._resolve_gotos()
        self._fill()
        end = len(self._steps)
        return FlowGraph(
            {step.node.id: step.node for step in self._steps},
            1,
            end,
            {name: label for name, (label, _) in self._labels.items()},
            tuple(goto for goto, _ in self._gotos),
            unknown,
            tuple(self._duplicates),
            self,
        )

    def rename(self, pairs: Mapping[ast.Node, ast.Node]) -> None:
        """Have other nodes of the tree, the values, stand where the keys stood."""
        for step in self._steps:
            if step.node.origin in pairs:
                step.node.origin = pairs[step.node.origin]
        known = self._bounds
        moved = {new: known.pop(old) for old, new in pairs.items() if old in known}
        known.update(moved)

    def replace(self, old: Sequence[ast.Statement], new: Sequence[ast.Statement]) -> bool:
        """Lay out other statements where some lie that follow each other. False where that does not do: then the flow is to be built
        anew, and this builder good for nothing more."""
        below = set(nodes_of(tuple(old)))
        found = [n for n, step in enumerate(self._steps) if step.node.origin in below]
        jumps = self._jumps()
        if not found or not below.isdisjoint(jumps):
            return False
        first, stop = found[0], found[-1] + 1
        here, _, handler = self._bounds[old[0]]
        after = self._bounds[old[-1]].after
        here.target = here.same_as = None
        for node in below:
            self._bounds.pop(node, None)
        steps, rest = self._steps, self._steps[stop:]
        del steps[first:]
        self._block(new, here, after, handler)
        by = len(steps) - stop
        for step in rest:
            step.node.id += by
        steps += rest
        # Of labels the order counts, too.
        return not jumps or len(jumps) == len(self._jumps())

    def _jumps(self) -> list[ast.Node]:
        labels = [label for label, _ in self._labels.values()]
        return [*labels, *self._duplicates, *(goto for goto, _ in self._gotos)]

    # -- the walk ------------------------------------------------------------------------------------------------

    def _block(
        self,
        statements: Sequence[ast.Statement],
        here: _Place,
        after: _Place,
        handler: _Place | None,
    ) -> None:
        """Lay out statements one after the other."""
        if not statements:
            here.same_as = after
        last = len(statements) - 1
        for number, statement in enumerate(statements):
            following = after if number == last else _Place()
            self._bounds[statement] = _Bounds(here, following, handler)
            self._statement(statement, here, following, handler)
            here = following

    def _statement(
        self, statement: ast.Statement, here: _Place, after: _Place, handler: _Place | None
    ) -> None:
        match statement:
            case ast.If():
                self._if(statement, here, after, handler)
            case ast.While(condition=_, body=body):
                test = self._step(statement, here, handler)
                inside = _Place()
                self._way(test, "true", inside)
                self._way(test, "false", after)
                self._block(body.statements, inside, here, handler)
            case ast.Repeat(body=body):
                test_place = _Place()
                self._block(body.statements, here, test_place, handler)
                test = self._step(statement, test_place, handler)
                self._way(test, "true", after)
                self._way(test, "false", here)
            case ast.Case():
                self._case(statement, here, after, handler)
            case ast.Try(body=body, handler=recovery):
                catch = _Place()
                self._block(body.statements, here, after, catch)
                self._block(recovery.statements, catch, after, handler)
            case ast.Label(name=name):
                here.same_as = after
                if name.text in self._labels:
                    self._duplicates.append(statement)
                else:
                    self._labels[name.text] = (statement, after)
            case ast.Goto():
                self._gotos.append((statement, here))
            case ast.Return():
                here.same_as = self._exit
            case ast.BrokenStatement(body=body):
                if body is None:
                    here.same_as = after
                else:
                    self._block(body.statements, here, after, handler)
            case _:
                self._way(self._step(statement, here, handler), None, after)

    def _if(self, statement: ast.If, here: _Place, after: _Place, handler: _Place | None) -> None:
        for number, arm in enumerate(statement.arms):
            test = self._step(arm, here, handler)
            inside = _Place()
            self._way(test, "true", inside)
            self._block(arm.body.statements, inside, after, handler)
            is_last = number == len(statement.arms) - 1
            here = after if is_last and statement.otherwise is None else _Place()
            self._way(test, "false", here)
        if statement.otherwise is not None:
            self._block(statement.otherwise.statements, here, after, handler)

    def _case(
        self, statement: ast.Case, here: _Place, after: _Place, handler: _Place | None
    ) -> None:
        switch = self._step(statement, here, handler)
        taken: set[str] = set()
        for arm in statement.arms:
            inside = _Place()
            for label in arm.labels:
                text = label_text(label)
                if text not in taken:  # of two equal labels the first counts
                    taken.add(text)
                    self._way(switch, text, inside)
            self._block(arm.body.statements, inside, after, handler)
        if statement.otherwise is None:
            self._way(switch, None, after)
        else:
            otherwise = _Place()
            self._way(switch, None, otherwise)
            self._block(statement.otherwise.statements, otherwise, after, handler)

    # -- nodes and ways --------------------------------------------------------------------------------------------

    def _step(self, origin: ast.Node, here: _Place, handler: _Place | None) -> _Step:
        node = FlowNode(len(self._steps) + 1, origin)
        step = _Step(node, handler)
        self._steps.append(step)
        here.target = node
        return step

    def _way(self, step: _Step, label: str | None, place: _Place) -> None:
        step.ways.append((label, place))

    def _resolve_gotos(self) -> tuple[ast.Goto, ...]:
        unknown = []
        for goto, here in self._gotos:
            found = self._labels.get(goto.label.text)
            here.same_as = self._exit if found is None else found[1]
            if found is None:
                unknown.append(goto)
        return tuple(unknown)

    def _target(self, place: _Place) -> int | None:
        """The step a place stands for; None for a ring of gotos with no step in it (`label a`, `goto a`)."""
        seen: set[int] = set()
        while place.target is None and place.same_as is not None and id(place) not in seen:
            seen.add(id(place))
            place = place.same_as
        return None if place.target is None else place.target.id

    def _fill(self) -> None:
        for step in self._steps:
            node = step.node
            node.edges = {}
            for label, place in step.ways:
                target = self._target(place)
                if target is None:  # an empty endless loop: stay here, the step limit ends it
                    target = node.id
                if label is None:
                    node.next = target
                else:
                    node.edges[label] = target
            if step.handler is not None:
                node.on_error = self._target(step.handler)
