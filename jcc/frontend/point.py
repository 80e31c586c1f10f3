"""What is known at one place of a workflow: the objects that it sees, and the type of everything in them there.

For the editor. Inference keeps what is known before each step; what the step does up to the place is done again here, by
the same code.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from jcc.frontend import ast
from jcc.frontend.contracts import Contract
from jcc.frontend.flow import FlowGraph, FlowNode, build_flow
from jcc.frontend.infer import Inference
from jcc.frontend.inferred import Inferred
from jcc.frontend.model import SemanticModel
from jcc.frontend.objects import Key, part_of
from jcc.frontend.places import (
    CHILD_INPUT_MAP,
    EVAL,
    EXPRESSION,
    INPUT_MAP,
    OUTPUT_MAP,
    OUTPUTS_OF_JOB,
    STATEMENT_MAP,
    Place,
)
from jcc.frontend.survey import survey_around
from jcc.frontend.tables import Survey
from jcc.frontend.types import STRING, Type
from jcc.source import Span

_MAPS = (INPUT_MAP, CHILD_INPUT_MAP, STATEMENT_MAP, OUTPUT_MAP, EVAL, OUTPUTS_OF_JOB)
_NOTHING = ast.Map(span=Span(0, 0))


class Point:
    """`contract` is what the map at the place is held against, None where it is held against nothing."""

    def __init__(
        self, model: SemanticModel, place: Place, inference: Inference, contract: Contract | None
    ) -> None:
        self.place = place
        self.contract = contract
        self._model = model
        self._expressions = inference.expressions

    def names(self, root: str) -> dict[str, Type]:
        """The names known in an object of the job, each with its type here; UNSET for what is set elsewhere only."""
        match root:
            case "a":
                return dict(self._model.known.inputs)
            case "v":
                return {name: self.lookup("v", name) for name in self._variables()}
            case "e":
                known = {"client": STRING, **self._expressions.objects["e"]}
                if not self._model.survey.of(ast.Try):
                    known.pop("_error", None)
                return known
            case _:
                return dict(self._expressions.objects.get(root, {}))

    def _variables(self) -> Iterable[str]:
        names = {name: None for root, name in self._expressions.slots if root == "v"}
        for block in self._model.blocks.values():
            names.update((name, None) for root, name in block.facts.writes if root == "v")
        return names

    def lookup(self, root: str, name: str) -> Type:
        """The type of `root.name` here."""
        return self._expressions.lookup(root, name)

    def type_of(self, root: str, name: str, keys: Sequence[Key] = ()) -> Type:
        """The type of what lies at some keys behind `root.name`."""
        type = self.lookup(root, name)
        for key in keys:
            type = part_of(type, key)
        return type


def point_at(
    model: SemanticModel, place: Place, start: int, before: int, callee: Contract | None = None
) -> Point:
    """The point in a map, or in an expression, of the statement that begins at `start` (the definition itself for
    `wfomap`). Of the map only what begins before `before` has been done. `callee` is used where the tree has no contract."""
    flow = model.flow or build_flow(model.definition)
    inference = Inference(model.survey, flow, model.known, Inferred(slots=model.inferred.slots))
    if place is OUTPUTS_OF_JOB:
        step, owner = flow.nodes[flow.end], None
    else:
        step, owner = _statement_at(model.definition, flow, start)
    inference.enter(model.inferred.states.get(step.id))
    contract = (inference.contract_of(owner) if owner else None) or callee
    if place in _MAPS:
        _begin(model, place, owner, inference, step)
        done = _until(_map_of(model, owner, place), before)
        inference.maps.run(done, place, contract)
    return Point(model, place, inference, contract)


def _statement_at(
    definition: ast.Definition, flow: FlowGraph, start: int
) -> tuple[FlowNode, ast.Node | None]:
    """The statement that begins at an offset, and the step that it is a part of. Where no step begins, what is known
    before the next one is the best there is."""
    beginning = survey_around(definition, start).parts
    wanted = {part for part in beginning if part.span.start == start}
    for step in flow.nodes.values():
        for node in _parts(step.origin):
            if node in wanted:
                return step, node
    following = flow.nodes[flow.end]
    nearest: int | None = None
    for step in flow.nodes.values():
        origin = step.origin
        if isinstance(origin, ast.Definition):
            continue
        if origin.span.start > start and (nearest is None or origin.span.start < nearest):
            following, nearest = step, origin.span.start
    return following, None


def _parts(origin: ast.Node) -> Iterator[ast.Node]:
    if isinstance(origin, ast.Split):
        yield from origin.branches
    yield origin


def _begin(
    model: SemanticModel,
    place: Place,
    owner: ast.Node | None,
    inference: Inference,
    step: FlowNode,
) -> None:
    """Do what comes before the map itself."""
    if isinstance(owner, ast.MapStatement) and place is not OUTPUT_MAP:
        inference.expressions.objects["e"].update(inference.element(owner))
    if place is OUTPUT_MAP and isinstance(step.origin, ast.Split):
        for branch in step.origin.branches:
            if branch is owner:
                return
            outputs = _map_of(model, branch, place)
            inference.maps.run(outputs, OUTPUT_MAP, inference.contract_of(branch))


def _map_of(model: SemanticModel, owner: ast.Node | None, place: Place) -> ast.Map:
    match owner:
        case ast.CallStatement() | ast.Callflow() | ast.InterfaceCall() | ast.WaitForEvent():
            return (owner.outputs if place is OUTPUT_MAP else owner.inputs) or _NOTHING
        case ast.MapStatement():
            return (owner.collect if place is OUTPUT_MAP else owner.inputs) or _NOTHING
        case ast.Detachflow() | ast.EventStatement() | ast.WaitForLock():
            return owner.inputs
        case ast.RaiseError() | ast.Sleep():
            return owner.inputs or _NOTHING
        case ast.Eval(map=map):
            return map
        case _ if place is OUTPUTS_OF_JOB:
            sections = model.survey.sections(ast.OutputMapSection)
            return next((section.map for section in sections), _NOTHING)
        case _:
            return _NOTHING


def _until(map: ast.Map, before: int) -> ast.Map:
    """The part of a map that begins before an offset."""
    items = tuple(item for item in map.items if item.span.start < before)
    block = map.block if map.block is not None and map.block.span.end <= before else None
    return ast.Map(span=map.span, items=items, block=block)


def point_of(model: SemanticModel, offset: int, *, after: bool = False) -> Point:
    """The point at an offset in a map or an expression of the tree; `after` the assignment that it is in."""
    around = survey_around(model.definition, offset)
    for use in reversed(around.maps):
        if use.map.span.start <= offset <= use.map.span.end:
            start = use.owner.span.start
            return point_at(model, use.place, start, _item_at(use.map, offset, after))
    return point_at(model, EXPRESSION, _step_around(around, offset), offset)


def _item_at(map: ast.Map, offset: int, after: bool) -> int:
    """Where the item at an offset begins, or ends."""
    for item in reversed(map.items):
        if item.span.start <= offset:
            return item.span.end if after else item.span.start
    return offset


def _step_around(around: Survey, offset: int) -> int:
    """Where the statement begins of which an offset is in the condition, the value or the like."""
    start = around.definition.span.start
    for kind, nodes in around.statements.items():
        for node in nodes:
            if kind is ast.Repeat and isinstance(node, ast.Repeat):
                inside = node.until.span.start <= offset <= node.until.span.end
            else:
                inside = node.span.start <= offset <= node.span.end
            if inside and node.span.start > start:
                start = node.span.start
    return start
