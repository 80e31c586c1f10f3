"""A workflow that waits for a child which wants a lock that the workflow holds and does not lend: each waits for the other.

`cycle_facts` says what one definition does, a value; `check_lock_cycles` follows the calls. Only what is certain counts: locks that
every path holds, calls and locks of a child that every path of it comes to, values that are the same constant or handed on.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from jcc.diagnostics import Diagnostic, Label, locks
from jcc.frontend import ast
from jcc.frontend.checks.call_depth import Course
from jcc.frontend.checks.held import MAX_LOCKS, Lock, declarations, held_locks, key_of
from jcc.frontend.checks.shape import Shape, roots_of, shape_of
from jcc.frontend.flow import FlowGraph
from jcc.source import Span

Arguments: TypeAlias = tuple[tuple[str, Shape], ...]
_MOST_CALLS = 500  # that are followed from one call


@dataclass(frozen=True, slots=True)
class Taken:
    """A lock that every path takes, and where."""

    lock: Lock
    path: str
    span: Span


@dataclass(frozen=True, slots=True)
class Wait:
    """A call that the workflow waits for: what it hands on, which locks are held then and not lent, and whether every path
    makes it."""

    callee: str
    path: str
    span: Span
    arguments: Arguments
    held: frozenset[Lock]
    sure: bool


@dataclass(frozen=True, slots=True)
class CycleFacts:
    """What a workflow surely takes, and whom it waits for."""

    name: str
    takes: tuple[Taken, ...]
    waits: tuple[Wait, ...]


def cycle_facts(course: Course, path: str) -> CycleFacts:
    """What a definition does with locks and calls; nothing for one that has too many locks to follow."""
    definition, graph = course.definition, course.flow
    name = definition.name.text
    if definition.kind != "workflow":
        return CycleFacts(name, (), ())
    sure = set(course.sure)
    taken = list(_taken(definition, graph, sure, path))
    if len(taken) > MAX_LOCKS:
        return CycleFacts(name, (), ())
    return CycleFacts(name, tuple(taken), tuple(_waits(definition, graph, sure, path)))


def check_lock_cycles(
    facts: CycleFacts, facts_of: Callable[[str], CycleFacts | None]
) -> Iterator[Diagnostic]:
    """The calls of a workflow that can only end with the error of a deadlock."""
    for wait in facts.waits:
        taken = next((t for t in _wanted(wait, facts_of) if t.lock in wait.held), None)
        if taken is not None:
            yield locks.LOCK_OF_CALLER.at(
                wait.span,
                callee=wait.callee,
                type=taken.lock[0],
                help=f"lend it: declare `{taken.lock[0]}` with `inherit`, or give it back before the call",
                labels=(Label(taken.span, "it is wanted here", taken.path),),
            )


def _wanted(wait: Wait, facts_of: Callable[[str], CycleFacts | None]) -> Iterator[Taken]:
    """What a callee and its sure callees take, with the values as the caller would write them. Nothing while no lock is held."""
    todo = deque([(wait.callee, wait.arguments)] if wait.held else [])
    seen: set[tuple[str, Arguments]] = set()
    while todo and len(seen) < _MOST_CALLS:
        call = todo.popleft()
        facts = facts_of(call[0])
        if facts is None or call in seen:
            continue
        seen.add(call)
        given = dict(call[1])
        for taken in facts.takes:
            yield Taken((taken.lock[0], _handed_on(taken.lock[1], given)), taken.path, taken.span)
        for inner in facts.waits:
            if inner.sure:
                handed = ((name, _handed_on(shape, given)) for name, shape in inner.arguments)
                todo.append((inner.callee, tuple((n, s) for n, s in handed if s is not None)))


def _handed_on(shape: Shape | None, given: Mapping[str, Shape]) -> Shape | None:
    """A value of the callee in the caller's words: a constant, or an argument that the caller gives."""
    match shape:
        case ("literal", *_):
            return shape
        case ("path", "a", ("field", str(name))):
            return given.get(name)
        case _:
            return None


def _taken(
    definition: ast.Definition, graph: FlowGraph, sure: set[int], path: str
) -> Iterator[Taken]:
    for entry in declarations(definition):
        if not entry.manual and entry.value is not None:
            yield Taken((entry.type.text, shape_of(entry.value)), path, entry.type.span)
    for id in sorted(sure):
        origin = graph.nodes[id].origin
        if isinstance(origin, ast.Lock):
            yield Taken(key_of(origin), path, origin.type.span)


def _waits(
    definition: ast.Definition, graph: FlowGraph, sure: set[int], path: str
) -> Iterator[Wait]:
    lent = {entry.type.text for entry in declarations(definition) if entry.inherit}
    held = held_locks(definition, graph, graph.reachable())
    for id in sorted(held.surely):
        kept = frozenset(
            lock for lock in held.surely[id] if lock[0] not in lent and lock[1] is not None
        )
        for callee, inputs in _called(graph.nodes[id].origin):
            yield Wait(callee.text, path, callee.span, tuple(_arguments(inputs)), kept, id in sure)


def _called(origin: ast.Node) -> Iterator[tuple[ast.Name, ast.Map]]:
    match origin:
        case ast.CallStatement(callee=callee, inputs=inputs):
            yield callee, inputs
        case ast.Split(branches=branches):
            for branch in branches:
                if isinstance(branch, ast.Callflow):
                    yield branch.callee, branch.inputs
        case _:
            return


def _arguments(inputs: ast.Map) -> Iterator[tuple[str, Shape]]:
    """The inputs that are given a value which stays the same through the caller's job; none where one may be given twice."""
    names = [_argument(item) for item in inputs.items]
    if None in names or len(set(names)) < len(names):
        return
    for name, item in zip(names, inputs.items, strict=True):
        match item:
            case ast.Assign(op="=", value=value):
                shape = shape_of(value)
            case _:
                continue
        if name and shape and all(root in ("a", "e") for root, _ in roots_of(shape)):
            yield name, shape


def _argument(item: ast.MapItem) -> str | None:
    """The input that a line sets, if it sets one alone, as a whole."""
    match item:
        case ast.Assign(target=ast.Path(root="i" | None, keys=(ast.Field(name=name),))):
            return name.text
        case _:
            return None
