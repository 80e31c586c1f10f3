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


class Way(NamedTuple):
    """A way to a step; `failed`: by an error."""

    target: int
    failed: bool = False


Step = Callable[[FlowNode, State], Exits]
Join = Callable[[State, State], State]


class Walk:
    """A walk along the flow, in the order of the source. `states` has what is known before each step that it came to; where all
    have been run, the last run of each saw all that can reach it. `forgot`: in some loop all was given up."""

    def __init__(self, flow: FlowGraph, step: Step, join: Join = State.join) -> None:
        self.states: dict[int, State] = {}
        self.forgot = False
        self._flow, self._step, self._join = flow, step, join
        self._visits: dict[int, int] = {}
        self._waiting: list[int] = []
        self._queued: set[int] = set()

    def arrive(self, target: int, state: State) -> None:
        """Come to a step, which is to be run where that is news."""
        known = self.states.get(target)
        if known is not None:
            state = self._joined(known, state, self._visits.get(target, 0))
            if state is known:
                return
        self.states[target] = state
        if target not in self._queued:
            self._queued.add(target)
            heappush(self._waiting, target)

    def _joined(self, known: State, state: State, visits: int) -> State:
        if visits < _WIDEN_AFTER:
            return self._join(known, state)
        if visits <= _FORGET_AFTER:
            return known.widen(state, everything=visits >= _GIVE_UP_AFTER)
        self.forgot = True
        return NOTHING_KNOWN

    @property
    def next(self) -> int | None:
        """The step that would be run next."""
        return self._waiting[0] if self._waiting else None

    def take(self) -> int:
        """Have the next step run by somebody else."""
        id = heappop(self._waiting)
        self._queued.discard(id)
        return id

    def run(self, stop: int) -> dict[Way, State]:
        """Run all steps before one, again where their states have grown. Gives what is known where it came to others."""
        left: dict[Way, State] = {}
        while self._waiting and self._waiting[0] < stop:
            id = self.take()
            node = self._flow.nodes[id]
            exits = self._step(node, self.states[id])
            self._visits[id] = self._visits.get(id, 0) + 1
            for target, failed, state in _ways(node, exits):
                if target >= stop:
                    way = Way(target, failed)
                    left[way] = self._join(left[way], state) if way in left else state
                self.arrive(target, state)
        return left


def propagate(flow: FlowGraph, start: State, step: Step) -> dict[int, State]:
    """Run `step` on each step that can be reached; gives the state before each of these steps."""
    walk = Walk(flow, step)
    walk.arrive(flow.start, start)
    walk.run(flow.end + 1)
    return walk.states


def _ways(node: FlowNode, exits: Exits) -> list[tuple[int, bool, State]]:
    found = []
    if node.next is not None and exits.next is not None:
        found.append((node.next, False, exits.next))
    for label, target in node.edges.items():
        state = exits.along(label)
        if state is not None:
            found.append((target, False, state))
    if node.on_error is not None:
        found.append((node.on_error, True, exits.error))
    return found
