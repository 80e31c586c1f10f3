"""Which locks a job holds before each step, and in which order it takes them. Reports nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from jcc.frontend import ast
from jcc.frontend.checks.shape import Shape, roots_of, shape_of
from jcc.frontend.flow import FlowGraph
from jcc.source import Span

MAX_LOCKS = 64  # different ones in a workflow; each is followed along every path

Lock = tuple[str, Shape | None]
"""A type and the shape of the value; None for a value that may be another one at another time."""

Orders = dict[tuple[str, str], Span]
"""For two types of locks: where the second is taken while the first is held."""


@dataclass(frozen=True, slots=True)
class Held:
    """Before each step: the locks that every path holds, and those that some path holds."""

    surely: dict[int, frozenset[Lock]]
    maybe: dict[int, frozenset[Lock]]


def key_of(node: ast.Lock | ast.WaitForLock | ast.Unlock) -> Lock:
    """The lock that a statement speaks of."""
    if not isinstance(node, ast.WaitForLock):
        return node.type.text, _constant_shape(node.value)
    values = [
        item.value
        for item in node.inputs.items
        if isinstance(item, ast.Assign) and _names(item.target, "value")
    ]
    return node.type.text, _constant_shape(values[0] if len(values) == 1 else None)


def held_locks(definition: ast.Definition, graph: FlowGraph, reached: set[int]) -> Held:
    """What is held before each of the reached steps."""
    start = frozenset(
        (entry.type.text, _constant_shape(entry.value))
        for entry in declarations(definition)
        if not entry.manual
    )
    surely, maybe = {graph.start: start}, {graph.start: start}
    todo = [graph.start]
    while todo:
        id = todo.pop()
        node = graph.nodes[id]
        sure, may = _after(node.origin, surely[id]), _after(node.origin, maybe[id])
        ways = [(target, sure, may) for target in node.successors if target in reached]
        if node.on_error is not None and node.on_error in reached:
            ways.append((node.on_error, surely[id] & sure, maybe[id] | may))
        for target, held, possible in ways:
            if target not in surely:
                surely[target], maybe[target] = held, possible
            elif surely[target] <= held and possible <= maybe[target]:
                continue
            else:
                surely[target], maybe[target] = surely[target] & held, maybe[target] | possible
            todo.append(target)
    return Held(surely, maybe)


def orders_in(graph: FlowGraph, held: Held) -> Orders:
    """Each order in which two types of locks are taken, at its first place."""
    orders: Orders = {}
    for id in sorted(held.surely):
        node = graph.nodes[id].origin
        if isinstance(node, ast.Lock | ast.WaitForLock):
            for type in sorted({type for type, _ in held.surely[id]} - {node.type.text}):
                orders.setdefault((type, node.type.text), node.type.span)
    return orders


def declarations(definition: ast.Definition) -> Iterator[ast.LockDeclaration]:
    """The lines of `locks:`."""
    for section in definition.sections:
        if isinstance(section, ast.LocksSection):
            yield from section.entries


def _constant_shape(value: ast.Expression | None) -> Shape | None:
    """The shape of a value that is the same all through the job; None for others."""
    shape = None if value is None else shape_of(value)
    if shape is None or any(root not in ("a", "e") for root, _ in roots_of(shape)):
        return None
    return shape


def _names(target: ast.Path, name: str) -> bool:
    match target.keys:
        case (ast.Field(name=ast.Name(text=text)),):
            return text == name
        case _:
            return False


def _after(node: ast.Node, held: frozenset[Lock]) -> frozenset[Lock]:
    match node:
        case ast.Lock() | ast.WaitForLock():
            return held | {key_of(node)}
        case ast.Unlock():
            type, shape = key_of(node)
            # A value that may be any gives back any lock of its type.
            return frozenset(
                lock
                for lock in held
                if lock[0] != type or (shape is not None and lock[1] not in (shape, None))
            )
        case _:
            return held
