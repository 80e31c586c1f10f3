"""Locks over the call tree: a workflow that holds one lock while it waits for a child that takes another has an order too.

`lock_facts` says what one definition does, a value; `routes` follows the calls from there. Two workflows with opposite
orders can wait for each other; both ways are shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from jcc.diagnostics import Diagnostic, Label, locks
from jcc.frontend import ast
from jcc.frontend.checks.call_depth import Course
from jcc.frontend.checks.held import MAX_LOCKS, declarations, held_locks, key_of
from jcc.frontend.flow import FlowGraph
from jcc.source import Span

_TAKING = (
    ast.Lock,
    ast.WaitForLock,
)  # a tuple: a union would be made anew for each step that is asked


class Site(NamedTuple):
    """A place, and what happens there."""

    path: str
    span: Span
    words: str


@dataclass(frozen=True, slots=True)
class Under:
    """While a lock of type `held` is held (since `since`), `site` takes one of type `lock` or waits for `callee`."""

    held: str
    since: Site
    site: Site
    lock: str | None
    callee: str | None


@dataclass(frozen=True, slots=True)
class LockFacts:
    """What a workflow does with locks: the first place where each type is taken, what it waits for, what it does while
    it holds one."""

    name: str
    takes: tuple[tuple[str, Site], ...]
    calls: tuple[tuple[str, Site], ...]
    under: tuple[Under, ...]


Route: TypeAlias = tuple[Site, ...]
"""How two locks come to be held: the first is taken, calls, the second is taken."""

Routes: TypeAlias = Mapping[tuple[str, str], Route]


def takes_locks(course: Course) -> bool:
    """Whether a definition takes any lock."""
    nodes = course.flow.nodes.values()
    at_start = any(not entry.manual for entry in declarations(course.definition))
    return at_start or any(isinstance(node.origin, _TAKING) for node in nodes)


def lock_facts(course: Course, path: str) -> LockFacts:
    """What a definition does with locks; nothing for one with too many locks to follow."""
    definition, graph = course.definition, course.flow
    waited_for = [name for node in graph.nodes.values() for name in _waits(node.origin)]
    calls = tuple((name.text, _call(path, name)) for name in waited_for)
    first = _first_takings(definition, graph, path)
    if not first or len(first) > MAX_LOCKS:
        return LockFacts(definition.name.text, (), calls, ())
    under = [*_under_at_start(definition, path), *_under_in_body(definition, graph, path, first)]
    return LockFacts(definition.name.text, tuple(first.items()), calls, tuple(under))


def routes(facts: LockFacts, facts_of: Callable[[str], LockFacts | None]) -> Routes:
    """The orders of two types of locks that begin in this definition, each with one way to it, the shortest."""
    found: dict[tuple[str, str], Route] = {}
    for step in sorted(facts.under, key=lambda step: step.callee is not None):
        if step.lock is not None:
            found.setdefault((step.held, step.lock), (step.since, step.site))
        elif step.callee is not None:
            for lock, way in _taken_below(step.callee, facts_of).items():
                if lock != step.held:
                    found.setdefault((step.held, lock), (step.since, step.site, *way))
    return found


def check_lock_routes(
    facts: LockFacts, own: Routes, all_routes: Mapping[tuple[str, str], Mapping[str, Route]]
) -> Iterator[Diagnostic]:
    """The orders of a workflow that some workflow (by its name in `all_routes`), or itself by a call, has the other way round."""
    for (first, second), route in own.items():
        for other, opposite in all_routes.get((second, first), {}).items():
            if other == facts.name and (len(route), len(opposite)) == (2, 2):
                continue  # within one workflow: `check_held` tells of it
            at, *rest = route[1:]
            yield locks.LOCK_ORDER.at(
                at.span,
                first=first,
                second=second,
                other=other,
                help="two jobs that each hold one of them wait for each other; take them in one order everywhere",
                labels=[
                    Label(site.span, site.words, site.path) for site in (route[0], *rest, *opposite)
                ],
            )
            break


def _taken_below(name: str, facts_of: Callable[[str], LockFacts | None]) -> dict[str, Route]:
    """The types of locks that a child, or a child of it, takes, each with the way there."""
    found: dict[str, Route] = {}
    seen = {name}
    todo: list[tuple[str, Route]] = [(name, ())]
    for callee, way in todo:  # grows: the nearest come first
        facts = facts_of(callee)
        if facts is None:
            continue
        for lock, site in facts.takes:
            found.setdefault(lock, (*way, site))
        for further, site in facts.calls:
            if further not in seen:
                seen.add(further)
                todo.append((further, (*way, site)))
    return found


def _first_takings(definition: ast.Definition, graph: FlowGraph, path: str) -> dict[str, Site]:
    names = [entry.type for entry in declarations(definition) if not entry.manual]
    nodes = [node.origin for node in graph.nodes.values()]
    names += [node.type for node in nodes if isinstance(node, ast.Lock | ast.WaitForLock)]
    first: dict[str, Site] = {}
    for name in names:
        first.setdefault(name.text, _taking(path, name))
    return first


def _under_at_start(definition: ast.Definition, path: str) -> Iterator[Under]:
    """Those of `locks:` are taken in the order of their lines."""
    at_start = [entry.type for entry in declarations(definition) if not entry.manual][:MAX_LOCKS]
    for number, name in enumerate(at_start):
        for earlier in at_start[:number]:
            if earlier.text != name.text:
                yield Under(
                    earlier.text, _taking(path, earlier), _taking(path, name), name.text, None
                )


def _under_in_body(
    definition: ast.Definition, graph: FlowGraph, path: str, first: Mapping[str, Site]
) -> Iterator[Under]:
    nodes = [node.origin for node in graph.nodes.values()]
    keys = {key_of(n) for n in nodes if isinstance(n, ast.Lock | ast.WaitForLock | ast.Unlock)}
    if len(keys) > MAX_LOCKS:
        return
    held = held_locks(definition, graph, graph.reachable())
    for id in sorted(held.surely):
        origin = graph.nodes[id].origin
        types = sorted({type for type, _ in held.surely[id]} & first.keys())
        if isinstance(origin, ast.Lock | ast.WaitForLock):
            name = origin.type
            for type in types:
                if type != name.text:
                    yield Under(type, first[type], _taking(path, name), name.text, None)
        else:
            for callee in _waits(origin):
                for type in types:
                    yield Under(type, first[type], _call(path, callee), None, callee.text)


def _waits(origin: ast.Node) -> Iterator[ast.Name]:
    """The names whose children this step waits for."""
    match origin:
        case ast.CallStatement(callee=callee) | ast.MapStatement(callee=callee):
            yield callee
        case ast.Split(branches=branches):
            for branch in branches:
                yield branch.callee
        case ast.InterfaceCall(destinations=destinations):
            yield from destinations
        case _:
            return


def _taking(path: str, name: ast.Name) -> Site:
    return Site(path, name.span, f"`{name.text}` is taken here")


def _call(path: str, name: ast.Name) -> Site:
    return Site(path, name.span, f"`{name.text}` is called here")
