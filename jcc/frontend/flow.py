"""The control flow of a workflow: which step follows which. The one place that knows what `while` or `try` means for
order; the flow checks read it, and lowering makes the task graph of it. It knows no types and generates nothing.

A `FlowNode` is one step of a job, later one task. Its `origin` is the tree node that it comes from: the definition for
the first and the last step, an `Arm`, `While` or `Repeat` for a condition, a `Case` for a switch, else a statement.
Statements that are order alone (`goto`, `label`, `return`, `try`) have no node of their own.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from jcc.frontend import ast


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
    lead to the end), `duplicate_labels` the later labels of a name. `begins` has the id that the next step gets
    where each statement of `do:` begins, and where the last one ends. `sure` keeps the steps that every path passes, once they
    are known."""

    nodes: dict[int, FlowNode]
    start: int
    end: int
    labels: dict[str, ast.Label]
    gotos: tuple[ast.Goto, ...]
    unknown_labels: tuple[ast.Goto, ...]
    duplicate_labels: tuple[ast.Label, ...]
    begins: tuple[int, ...]
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


def label_text(label: ast.Literal) -> str:
    """A `when` label as the string that the subject's string value is compared with."""
    match label.value:
        case bool(value):
            return "true" if value else "false"
        case None:
            return ""
        case value:
            return str(value)


def build_flow(definition: ast.Definition) -> FlowGraph:
    """The flow of a workflow's `do:` section (an empty one if it has none)."""
    return _Builder(definition).build()


@dataclass(slots=True)
class _Place:
    """A jump target that is not known yet: `resolve` gives every waiting way its step."""

    target: int | None = None
    waiting: list[tuple[FlowNode, str | None]] = field(default_factory=list)
    handlers: list[FlowNode] = field(default_factory=list)
    same_as: _Place | None = None


class _Builder:
    """Walks the tree in source order. Each statement is given the place that follows it; a way to a place is
    noted there and filled in when the place's first step is made."""

    def __init__(self, definition: ast.Definition) -> None:
        self._definition = definition
        self._nodes: dict[int, FlowNode] = {}
        self._ways: list[tuple[FlowNode, str | None, _Place]] = []
        self._handlers: list[tuple[FlowNode, _Place]] = []
        self._labels: dict[str, tuple[ast.Label, _Place]] = {}
        self._gotos: list[tuple[ast.Goto, _Place]] = []
        self._duplicates: list[ast.Label] = []
        self._exit = _Place()
        self._begins: list[int] = []
        self._whole: ast.Block | None = None

    def build(self) -> FlowGraph:
        start = self._node(self._definition, None)
        first = _Place()
        self._way(start, None, first)
        for section in self._definition.sections:
            if isinstance(section, ast.BodySection):
                self._whole = section.body
                self._block(section.body, first, self._exit, None)
                break
        else:
            first.same_as = self._exit
        end = self._node(self._definition, None)
        self._exit.target = end.id
        unknown = self._resolve_gotos()
        self._fill()
        return FlowGraph(
            self._nodes,
            start.id,
            end.id,
            {name: label for name, (label, _) in self._labels.items()},
            tuple(goto for goto, _ in self._gotos),
            unknown,
            tuple(self._duplicates),
            (*self._begins, end.id),
        )

    # -- the walk ------------------------------------------------------------------------------------------------

    def _block(
        self, block: ast.Block, entry: _Place, after: _Place, handler: _Place | None
    ) -> None:
        """Lay out the block so that it begins at `entry` and goes on at `after`."""
        here = entry
        last = len(block.statements) - 1
        for number, statement in enumerate(block.statements):
            if block is self._whole:
                self._begins.append(len(self._nodes) + 1)
            following = after if number == last else _Place()
            self._statement(statement, here, following, handler)
            here = following
        if not block.statements:
            entry.same_as = after

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
                self._block(body, inside, here, handler)
            case ast.Repeat(body=body):
                test_place = _Place()
                self._block(body, here, test_place, handler)
                test = self._step(statement, test_place, handler)
                self._way(test, "true", after)
                self._way(test, "false", here)
            case ast.Case():
                self._case(statement, here, after, handler)
            case ast.Try(body=body, handler=recovery):
                catch = _Place()
                self._block(body, here, after, catch)
                self._block(recovery, catch, after, handler)
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
                    self._block(body, here, after, handler)
            case _:
                self._way(self._step(statement, here, handler), None, after)

    def _if(self, statement: ast.If, here: _Place, after: _Place, handler: _Place | None) -> None:
        for number, arm in enumerate(statement.arms):
            test = self._step(arm, here, handler)
            inside = _Place()
            self._way(test, "true", inside)
            self._block(arm.body, inside, after, handler)
            is_last = number == len(statement.arms) - 1
            here = after if is_last and statement.otherwise is None else _Place()
            self._way(test, "false", here)
        if statement.otherwise is not None:
            self._block(statement.otherwise, here, after, handler)

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
            self._block(arm.body, inside, after, handler)
        if statement.otherwise is None:
            self._way(switch, None, after)
        else:
            otherwise = _Place()
            self._way(switch, None, otherwise)
            self._block(statement.otherwise, otherwise, after, handler)

    # -- nodes and ways --------------------------------------------------------------------------------------------

    def _node(self, origin: ast.Node, handler: _Place | None) -> FlowNode:
        node = FlowNode(len(self._nodes) + 1, origin)
        self._nodes[node.id] = node
        if handler is not None:
            self._handlers.append((node, handler))
        return node

    def _step(self, origin: ast.Node, here: _Place, handler: _Place | None) -> FlowNode:
        node = self._node(origin, handler)
        here.target = node.id
        return node

    def _way(self, node: FlowNode, label: str | None, place: _Place) -> None:
        self._ways.append((node, label, place))

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
        return place.target

    def _fill(self) -> None:
        for node, label, place in self._ways:
            target = self._target(place)
            if target is None:  # an empty endless loop: stay here, the step limit ends it
                target = node.id
            if label is None:
                node.next = target
            else:
                node.edges[label] = target
        for node, place in self._handlers:
            node.on_error = self._target(place)
