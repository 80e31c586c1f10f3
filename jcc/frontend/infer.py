"""Inference: the type of every expression of a workflow, with the variables followed along its flow.

Reports nothing: what it finds is in the model's tables. A step that no path reaches is looked at too, with variables of which
nothing is known.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from itertools import chain, count
from typing import TYPE_CHECKING

from jcc.frontend import ast
from jcc.frontend.contracts import Contract, contract_at, statement_contract
from jcc.frontend.expressions import Expressions
from jcc.frontend.flow import FlowGraph, FlowNode
from jcc.frontend.inferred import Inferred
from jcc.frontend.mapping import Maps
from jcc.frontend.narrowing import label_test
from jcc.frontend.passages import pass_through
from jcc.frontend.places import (
    CHILD_INPUT_MAP,
    EVAL,
    INPUT_MAP,
    OUTPUT_MAP,
    OUTPUTS_OF_JOB,
    STATEMENT_MAP,
)
from jcc.frontend.propagate import Exits, Step, propagate
from jcc.frontend.retrace import Retracer, Slots, Trace
from jcc.frontend.state import State
from jcc.frontend.tables import Survey, Tables
from jcc.frontend.types import (
    ANY,
    INTEGER,
    STRING,
    UNKNOWN,
    UNSET,
    ArrayType,
    Field,
    Type,
    defined,
    members_of,
    object_of,
    union_of,
)

if TYPE_CHECKING:  # the translators are loaded where a file has code blocks
    from jcc.frontend.codeblocks import TranslatedBlock

# Of one workflow; the types of any further ones are not followed. Joining two ways takes time for each variable that they
# leave different, so without a bound a text could be made that takes time in proportion to its square.
MAX_VARIABLES = 400

_ERROR = object_of({"msg": Field(ANY, True), "class": Field(STRING, True)}, ANY)


@dataclass(frozen=True, slots=True)
class Known:
    """What inference needs to know of the world: the type of each input, the contract of each known callee by name,
    and the code blocks."""

    inputs: Mapping[str, Type]
    contracts: Mapping[str, Contract]
    blocks: Mapping[ast.CodeBlock, TranslatedBlock]


NOTHING_KNOWN = Known({}, {}, {})


def infer(survey: Survey, flow: FlowGraph, known: Known) -> Inferred:
    """The types of a workflow. Never raises on a broken tree."""
    return Inference(survey, flow, known).run()


def infer_again(
    survey: Survey, flow: FlowGraph, known: Known, inferred: Inferred, trace: Trace
) -> set[ast.Node]:
    """The same for a workflow that was edited, with what was inferred before and how; both are brought up to date. Gives the
    nodes of the steps whose types may have changed. What is known must be the same, but for the blocks."""
    return Inference(survey, flow, known, inferred).run_again(trace)


class Inference:
    """The types of one workflow: `run` finds them all. Afterwards a place can be looked at again (`point`): with `inferred`,
    the tables of before, which are gone on with."""

    def __init__(
        self, survey: Survey, flow: FlowGraph, known: Known, inferred: Inferred | None = None
    ) -> None:
        self._survey = survey
        self._flow = flow
        self._known = known
        self._inferred = Inferred() if inferred is None else inferred
        self._arguments = range(len(known.inputs))
        variables = _variables(survey)[:MAX_VARIABLES]
        slots = _slots(known.inputs, variables, self._inferred.slots)
        self._inferred.slots = slots
        self.expressions = Expressions(slots, self._inferred)
        self.maps = Maps(self.expressions, self._arguments, known.blocks)

    def run(self) -> Inferred:
        start = self._begin()
        states = propagate(self._flow, start, self._step)
        self._lose(start, states.keys(), self._step)
        self._inferred.reached, self._inferred.states = set(states), states
        return self._inferred

    def run_again(self, trace: Trace) -> set[ast.Node]:
        start, blocks = self._begin(), self._known.blocks
        retracer = Retracer(trace, self._step, self.expressions.slots, blocks)
        states, reached, done = pass_through(self._survey, self._flow, start, retracer, blocks)
        self._lose(start, done, retracer.step)
        self._inferred.reached, self._inferred.states = reached, states
        self._inferred.forget(retracer.finish(self._flow.nodes))
        return retracer.again

    def _begin(self) -> State:
        start = self.expressions.state = self._start()
        self.constants()
        return start

    def _lose(self, start: State, done: Set[int], step: Step) -> None:
        """Look at the steps that no path comes to."""
        if len(done) < len(self._flow.nodes):
            lost = start.forget(self._arguments, UNKNOWN)
            for id, node in self._flow.nodes.items():
                if id not in done:
                    step(node, lost)

    def enter(self, state: State | None) -> None:
        """Stand where this is known of the variables; None for a place that no path comes to."""
        self.expressions.state = state or self._start().forget(self._arguments, UNKNOWN)
        self.constants()

    def _start(self) -> State:
        start = State(UNKNOWN if self._survey.writes_hidden else UNSET)
        for slot, type in zip(self._arguments, self._known.inputs.values(), strict=True):
            start = start.set(slot, type)
        return start

    def constants(self) -> None:
        """The sections with constants, of which `e` gets those of the workflow."""
        environment = self.expressions.objects["e"]
        environment.update(job_id=INTEGER, workflow_id=INTEGER, task_id=INTEGER, _error=_ERROR)
        evaluate = self.expressions.evaluate
        for section in self._survey.definition.sections:
            match section:
                case ast.ConstantSection(keyword=keyword, entries=constants):
                    for constant in constants:
                        type = evaluate(constant.value)
                        if keyword == "wfenv":
                            environment[constant.name.text] = type
                case ast.InputSection(entries=declarations):
                    for declaration in declarations:
                        if declaration.default is not None:
                            evaluate(declaration.default)
                case ast.LocksSection(entries=locks):
                    for lock in locks:
                        if lock.value is not None:
                            evaluate(lock.value)
                case _:
                    pass

    # -- steps -----------------------------------------------------------------------------------------------------

    def _step(self, node: FlowNode, state: State) -> Exits:
        self.expressions.state = state
        match node.origin:
            case ast.Arm(condition=condition) | ast.While(condition=condition):
                return self._condition(node, condition, state, ends="false")
            case ast.Repeat(until=condition):
                return self._condition(node, condition, state, ends="true")
            case ast.Case():
                return self._case(node, node.origin, state)
            case ast.Assert(condition=condition, message=message):
                outcome = self.expressions.condition(condition)
                self.expressions.state = outcome.no
                self.expressions.evaluate(message)
                return Exits(outcome.yes, state)
            case ast.RaiseError():
                self._work(node.origin)
                return Exits(None, state)
            case ast.Definition():
                if node.id == self._flow.end:
                    self._finish()
                return Exits(state, state)
            case origin:
                self._work(origin)
                return Exits(self.expressions.state, state)

    def _condition(
        self, node: FlowNode, condition: ast.Expression, state: State, ends: str
    ) -> Exits:
        outcome = self.expressions.condition(condition)
        edges: dict[str, State | None] = {"true": outcome.yes, "false": outcome.no}
        # `while true` and `repeat … until false` end by `return`, `goto` or an error only.
        endless = isinstance(condition, ast.Literal) and bool(condition.value) == (ends == "false")
        if endless and not isinstance(node.origin, ast.Arm):
            edges[ends] = None
        return Exits(None, state, edges)

    def _case(self, node: FlowNode, case: ast.Case, state: State) -> Exits:
        subject = case.subject
        self.expressions.evaluate(subject)
        if not isinstance(subject, ast.Path):
            return Exits(state, state)
        edges: dict[str, State | None] = {}
        for label in node.edges:
            test = label_test(subject, label)
            edges[label] = self.expressions.after(test, True)
            self.expressions.state = self.expressions.after(test, False)
        return Exits(self.expressions.state, state, edges)

    def _work(self, origin: ast.Node) -> None:
        """A statement's own effect on the state."""
        maps, evaluate = self.maps, self.expressions.evaluate
        match origin:
            case ast.Eval(map=map):
                maps.run(map, EVAL, None)
            case ast.CallStatement() | ast.Callflow():
                self._exchange(origin, origin.inputs, origin.outputs)
            case ast.MapStatement():
                self._map_inputs(origin)
                self._collect(origin)
            case ast.Split(branches=branches):
                self._split(branches)
            case ast.Detachflow(inputs=inputs):
                maps.run(inputs, INPUT_MAP, self.contract_of(origin))
            case ast.InterfaceCall(selector=selector):
                evaluate(selector)
                self._exchange(origin, origin.inputs, origin.outputs)
            case ast.Lock(value=value) | ast.Unlock(value=value):
                evaluate(value)
            case _:
                self._statement(origin)

    def _statement(self, origin: ast.Node) -> None:
        maps, contract = self.maps, statement_contract(origin)
        match origin:
            case ast.EventStatement(inputs=inputs) | ast.WaitForLock(inputs=inputs):
                maps.run(inputs, STATEMENT_MAP, contract)
            case ast.WaitForEvent(inputs=inputs, outputs=outputs):
                maps.run(inputs, STATEMENT_MAP, contract)
                if outputs is not None:
                    maps.run(outputs, OUTPUT_MAP, contract)
            case (
                ast.RaiseError(message=value, inputs=given)
                | ast.Sleep(duration=value, inputs=given)
            ):
                if value is not None:
                    self.expressions.evaluate(value)
                if given is not None:
                    maps.run(given, STATEMENT_MAP, contract)
            case _:
                pass

    def contract_of(self, node: ast.Node) -> Contract | None:
        return contract_at(node, self._known.contracts)

    def _exchange(self, node: ast.Node, inputs: ast.Map, outputs: ast.Map | None) -> None:
        contract = self.contract_of(node)
        self.maps.run(inputs, INPUT_MAP, contract)
        if outputs is not None:
            self.maps.run(outputs, OUTPUT_MAP, contract)

    def _split(self, branches: tuple[ast.Callflow | ast.MapStatement, ...]) -> None:
        """All children start with the variables as they are here; then the output maps run in order."""
        for branch in branches:
            if isinstance(branch, ast.MapStatement):
                self._map_inputs(branch)
            else:
                self.maps.run(branch.inputs, INPUT_MAP, self.contract_of(branch))
        for branch in branches:
            if isinstance(branch, ast.MapStatement):
                self._collect(branch)
            elif branch.outputs is not None:
                self.maps.run(branch.outputs, OUTPUT_MAP, self.contract_of(branch))

    def _map_inputs(self, node: ast.MapStatement) -> None:
        environment = self.expressions.objects["e"]
        self.expressions.objects["e"] = {**environment, **self.element(node)}
        self.maps.run(node.inputs, CHILD_INPUT_MAP, self.contract_of(node))
        self.expressions.objects["e"] = environment

    def element(self, node: ast.MapStatement) -> dict[str, Type]:
        """What the input map of a `map` has in `e` besides."""
        return {"_i": INTEGER, "_v": _item(self.expressions.evaluate(node.using))}

    def _collect(self, node: ast.MapStatement) -> None:
        """The collect map runs once for each element. That there is no element is not held against the variables."""
        if node.collect is None:
            return
        contract, expressions = self.contract_of(node), self.expressions
        self.maps.run(node.collect, OUTPUT_MAP, contract)
        once = expressions.state
        self.maps.run(node.collect, OUTPUT_MAP, contract)
        expressions.state = once.widen(expressions.state, everything=False)

    def _finish(self) -> None:
        for section in self._survey.sections(ast.OutputMapSection):
            self.maps.run(section.map, OUTPUTS_OF_JOB, None)


def _slots(inputs: Iterable[str], variables: Iterable[str], before: Slots) -> Slots:
    """Where a state has each name. A variable stays where it was before; if all do, these are the slots of before."""
    slots = {("a", name): number for number, name in enumerate(inputs)}
    names = [("v", name) for name in variables]
    taken = {before[name] for name in names if name in before}
    free = (number for number in count(len(slots)) if number not in taken)
    for name in names:
        slots[name] = before[name] if name in before else next(free)
    return before if list(slots.items()) == list(before.items()) else slots


def _variables(survey: Survey) -> list[str]:
    """The names of `v` that something native sets, each once."""
    found = list(survey.each(_variables_in))
    return list(dict.fromkeys(chain.from_iterable(chain(*zip(*found, strict=True)))))


def _variables_in(tables: Tables) -> tuple[Iterable[str], Iterable[str]]:
    """The names that something sets, and those that a `<x>` does."""
    names = [write.name for write in tables.writes if write.root == "v" and write.name is not None]
    copied = [copied.name.text for copied in tables.copies if copied.use.place.implicit == "v"]
    return dict.fromkeys(names), dict.fromkeys(copied)


def _item(type: Type) -> Type:
    """What an element of a list of this type is."""
    return union_of(
        member.item if isinstance(member, ArrayType) else UNKNOWN
        for member in members_of(defined(type))
    )
