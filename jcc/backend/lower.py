"""Lowering: a workflow's tree and its flow become a task graph, one task a step of the flow.

The order of the steps is `jcc.frontend.flow`'s; what a step does is read off its origin here. Expects a definition
without errors: a broken node is the caller's mistake.
"""

from __future__ import annotations

from dataclasses import dataclass

from jcc.backend import ir, passes, verify
from jcc.frontend import ast
from jcc.frontend.flow import FlowGraph, FlowNode, build_flow
from jcc.frontend.model import SemanticModel
from jcc.source import Span


def lower_workflow(workflow: ast.Definition, model: SemanticModel) -> ir.TaskGraph:
    """The verified task graph of a workflow, after the passes. Raises InternalError for a broken tree."""
    flow = build_flow(workflow)
    lowering = _Lowering(workflow, model, flow)
    tasks = tuple(lowering.task(flow.nodes[id]) for id in sorted(flow.nodes))
    graph = ir.TaskGraph(workflow.name.text, flow.start, flow.end, tasks, _locks(workflow))
    verify.verify(graph)
    graph = passes.run(graph)
    verify.verify(graph)
    return graph


def _locks(workflow: ast.Definition) -> tuple[ir.LockDeclaration, ...]:
    return tuple(
        ir.LockDeclaration(entry.type.text, entry.value, entry.manual, entry.inherit, entry.span)
        for section in workflow.sections
        if isinstance(section, ast.LocksSection)
        for entry in section.entries
    )


@dataclass(frozen=True, slots=True)
class _Lowering:
    workflow: ast.Definition
    model: SemanticModel
    flow: FlowGraph

    def task(self, node: FlowNode) -> ir.Task:
        work = self._work(node)
        # What stands behind a raise_error has no way into it.
        next = None if isinstance(work, ir.RaiseError) else node.next
        return ir.Task(node.id, self._span(node), work, next, node.edges, node.on_error)

    def _work(self, node: FlowNode) -> ir.Work:
        match node.origin:
            case ast.Definition():
                if node.id == self.flow.start:
                    return ir.Start()
                outputs = self._outputs()
                return ir.End(None if outputs is None else outputs.map)
            case ast.Arm(condition=condition) | ast.While(condition=condition):
                return ir.Branch(condition)
            case ast.Repeat(until=condition):
                return ir.Branch(condition)
            case ast.Case(subject=subject):
                return ir.Switch(subject)
            case ast.Eval(map=map):
                return ir.Eval(map) if map.items or map.block else ir.NoOp()
            case ast.Assert(condition=condition, message=message):
                return ir.Assert(condition, message)
            case ast.RaiseError(message=message, inputs=inputs):
                return ir.RaiseError(_one_of(message, inputs))
            case ast.Sleep(duration=duration, inputs=inputs):
                return ir.Sleep(_one_of(duration, inputs))
            case origin:
                return self._calling(origin)

    def _calling(self, origin: ast.Node) -> ir.Work:
        """The work of the statements that need others: callees, locks, events."""
        match origin:
            case ast.CallStatement(callee=callee, inputs=inputs, outputs=outputs):
                return ir.Call(self._callee(callee), inputs, outputs)
            case ast.InterfaceCall(destinations=names, selector=selector):
                destinations = tuple(self._callee(name) for name in names)
                return ir.InterfaceCall(destinations, selector, origin.inputs, origin.outputs)
            case ast.Split(branches=branches):
                return ir.Split(tuple(self._child(branch) for branch in branches))
            case ast.MapStatement():
                return ir.Split((self._child(origin),))
            case ast.Detachflow(callee=callee, inputs=inputs):
                return ir.Detach(self._callee(callee), inputs)
            case ast.Lock(type=name, value=value):
                return ir.Lock(name.text, value)
            case ast.Unlock(type=name, value=value):
                return ir.Unlock(name.text, value)
            case ast.WaitForLock(type=name, inputs=inputs):
                return ir.WaitForLock(name.text, inputs)
            case ast.EventStatement(keyword=keyword, inputs=inputs):
                return _EVENTS[keyword](inputs)
            case ast.WaitForEvent(inputs=inputs, outputs=outputs):
                return ir.WaitForEvent(inputs, outputs)
            case _:
                raise ir.InternalError(f"no task can be made of a {type(origin).__name__}")

    def _child(self, branch: ast.Callflow | ast.MapStatement) -> ir.Child:
        callee = self._callee(branch.callee)
        if isinstance(branch, ast.Callflow):
            return ir.Child(callee, branch.inputs, branch.outputs, branch.span)
        return ir.Child(callee, branch.inputs, branch.collect, branch.span, branch.using)

    def _callee(self, name: ast.Name) -> ir.Callee:
        # An unknown name was diagnosed; where that was silenced, deployment looks the name up and has the last word.
        signature = self.model.callees.get(name.text)
        return ir.Callee(name.text, "action" if signature is None else signature.kind)

    def _outputs(self) -> ast.OutputMapSection | None:
        for section in self.workflow.sections:
            if isinstance(section, ast.OutputMapSection):
                return section
        return None

    def _span(self, node: FlowNode) -> Span:
        match node.origin:
            case ast.Definition():
                outputs = None if node.id == self.flow.start else self._outputs()
                return self.workflow.header if outputs is None else outputs.span
            case ast.Arm(condition=condition) | ast.Repeat(until=condition):
                return condition.span
            case origin:
                return origin.span


_EVENTS: dict[str, type[ir.Subscribe] | type[ir.Unsubscribe] | type[ir.RaiseEvent]] = {
    "subscribe": ir.Subscribe,
    "unsubscribe": ir.Unsubscribe,
    "raise_event": ir.RaiseEvent,
}


def _one_of(expression: ast.Expression | None, inputs: ast.Map | None) -> ast.Expression | ast.Map:
    if expression is not None:
        return expression
    if inputs is None:
        raise ir.InternalError("a statement has neither a value nor inputs")
    return inputs
