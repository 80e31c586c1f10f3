"""States along the flow: carries what is known from step to step until nothing changes. Knows no statement."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from heapq import heappop, heappush
from types import MappingProxyType
from typing import NamedTuple

from jcc.frontend.flow import FlowGraph, FlowNode
from jcc.frontend.state import NOTHING_KNOWN, State

# A step that is visited more often lies in a loop whose variables keep changing: then their types are made wider, in the end
# so wide that nothing is known of any variable. That bounds the work, whatever the loop.
_WIDEN_AFTER = 3
_GIVE_UP_AFTER = 8
_FORGET_AFTER = 16


class Exits(NamedTuple):
    """The states behind a step: `next` (None: it does not go on), `edges` where they differ from `next` (None: that way is
    never taken), `error` where it failed."""

    next: State | None
    error: State
    edges: Mapping[str, State | None] = MappingProxyType({})

    def along(self, label: str | None) -> State | None:
        return self.next if label is None else self.edges.get(label, self.next)


Step = Callable[[FlowNode, State], Exits]
Join = Callable[[State, State], State]


def propagate(
    flow: FlowGraph, start: State, step: Step, join: Join = State.join
) -> dict[int, State]:
    """Run `step` on each step that can be reached, in the order of the source, again where its state has grown; the last
    run of each saw all that can reach it. Gives the state before each of these steps."""
    states = {flow.start: start}
    visits: dict[int, int] = {}
    waiting = [flow.start]
    queued = {flow.start}
    while waiting:
        id = heappop(waiting)
        queued.discard(id)
        node = flow.nodes[id]
        exits = step(node, states[id])
        visits[id] = visits.get(id, 0) + 1
        for target, state in _ways(node, exits):
            if target not in states:
                states[target] = state
            elif not _arrive(states, visits.get(target, 0), target, state, join):
                continue
            if target not in queued:
                queued.add(target)
                heappush(waiting, target)
    return states


def _ways(node: FlowNode, exits: Exits) -> list[tuple[int, State]]:
    found = []
    if node.next is not None and exits.next is not None:
        found.append((node.next, exits.next))
    for label, target in node.edges.items():
        state = exits.along(label)
        if state is not None:
            found.append((target, state))
    if node.on_error is not None:
        found.append((node.on_error, exits.error))
    return found


def _arrive(states: dict[int, State], visits: int, target: int, state: State, join: Join) -> bool:
    """Add a state to those that can be at `target`; whether that is news."""
    known = states[target]
    if visits < _WIDEN_AFTER:
        joined = join(known, state)
    elif visits > _FORGET_AFTER:
        joined = NOTHING_KNOWN
    else:
        joined = known.widen(state, everything=visits >= _GIVE_UP_AFTER)
    states[target] = joined
    return joined is not known
