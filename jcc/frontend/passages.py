"""Whole parts of a workflow that the types of its variables pass through as they did the last time: none of their steps is
looked at. So a variable that comes, goes or changes costs little in the statements that do not mention it.

Such a part is a stretch of statements that no loop is around, or a loop; and only where nothing jumps in or out of it: all
else is gone through step by step. What is known before a step within a part is found out where somebody asks for it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import NamedTuple

from jcc.frontend import ast
from jcc.frontend.flow import FlowGraph, steps_in
from jcc.frontend.propagate import Exits, Walk, Way
from jcc.frontend.retrace import (
    FAILED,
    Blocks,
    Part,
    Passage,
    Recall,
    Retracer,
    Variable,
    Ways,
    names_in,
)
from jcc.frontend.state import State
from jcc.frontend.tables import Loop, Stretch, Survey

_JUMPS = (ast.Goto, ast.Label, ast.Return)


class _Steps(NamedTuple):
    """The steps from `first` to `stop` (half-open), of some stretches. `part` is what they are, if they can be gone through at once."""

    stretches: tuple[Stretch, ...]
    first: int
    stop: int
    part: Part | None = None


class _Skipped(NamedTuple):
    """Steps that were not looked at: the first of them, what was known before it, and where they end."""

    entry: int
    state: State
    stop: int


class States(Mapping[int, State]):
    """What is known before each step that some path comes to."""

    def __init__(
        self, flow: FlowGraph, recall: Recall, known: dict[int, State], skipped: list[_Skipped]
    ) -> None:
        self._flow, self._recall = flow, recall
        self._known, self._skipped = known, skipped

    def __getitem__(self, id: int) -> State:
        if id not in self._known:
            at = bisect_right(self._skipped, id, key=_entry_of)
            if at and id < self._skipped[at - 1].stop:
                self._fill(self._skipped.pop(at - 1))
        return self._known[id]

    def __iter__(self) -> Iterator[int]:
        while self._skipped:
            self._fill(self._skipped.pop())
        return iter(self._known)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def _fill(self, skipped: _Skipped) -> None:
        walk = Walk(self._flow, self._recall.look)
        walk.arrive(skipped.entry, skipped.state)
        walk.run(skipped.stop)
        found = walk.states.items()
        self._known.update((id, state) for id, state in found if id < skipped.stop)


def _entry_of(skipped: _Skipped) -> int:
    return skipped.entry


def pass_through(
    survey: Survey, flow: FlowGraph, start: State, retracer: Retracer, blocks: Blocks
) -> tuple[States, set[int], set[int]]:
    """Go through a workflow. Gives what is known before its steps, those that some path comes to, and those that were looked at
    or need not be."""
    walk = Walk(flow, retracer.step, retracer.join)
    walk.arrive(flow.start, start)
    skipped: list[_Skipped] = []
    reached: set[int] = set()
    done: set[int] = set()
    for steps in _in_order(survey, flow):
        entry = walk.next
        if entry is None or entry >= steps.stop:
            continue  # no path comes here
        state = walk.states[entry]
        passage = None if steps.part is None else retracer.passage(steps.part, state)
        left = None if passage is None else _exits(flow, steps, passage)
        if steps.part is None or passage is None or left is None:
            _go_through(walk, flow, steps, state, retracer, blocks)
            continue
        retracer.keep(steps.part, passage)
        walk.take()
        skipped.append(_Skipped(entry, state, steps.stop))
        done.update(range(steps.first, steps.stop))
        reached.update(map(steps.first.__add__, passage.reached))
        for target, exit in left:
            walk.arrive(target, exit)
    reached.update(walk.states)
    return States(flow, retracer.recall(), walk.states, skipped), reached, done | reached


def _go_through(
    walk: Walk, flow: FlowGraph, steps: _Steps, state: State, retracer: Retracer, blocks: Blocks
) -> None:
    """Visit some steps, and note what they did, if that can be told of them alone."""
    left = walk.run(steps.stop)
    part = steps.part
    if part is None or walk.forgot or _meets_ring(flow, steps, part):
        return
    names = _names(steps.stretches, blocks)
    on = [way.target for way in left if not way.failed]
    failed = [way.target for way in left if way.failed]
    # Where both lead to the same step, as behind an empty `catch:`, that may be otherwise the next time.
    if names is None or on == failed or max(len(on), len(failed)) > 1:
        return
    if bool(failed) is not part.guarded:
        return
    exit, fault, onward, failing = None, None, None, None
    for target in on:
        exit, onward = left[Way(target)], _way_to(flow, target, steps)
    for target in failed:
        fault = left[Way(target, failed=True)]
        failing = _failing(flow, target, steps)
    first = steps.first
    came = tuple(id - first for id in range(first, steps.stop) if id in walk.states)
    exits = Exits(exit, state, {FAILED: fault})
    retracer.passed(part, names, state, exits, Ways(onward, failing), came)


def _names(stretches: Iterable[Stretch], blocks: Blocks) -> tuple[Variable, ...] | None:
    """The variables that stretches mention, if that is known."""
    found: dict[Variable, None] = {}
    for stretch in stretches:
        names = stretch.find(names_in, blocks)
        if names is None:
            return None
        found.update(dict.fromkeys(names))
    return tuple(found)


def _way_to(flow: FlowGraph, target: int, steps: _Steps) -> tuple[int, str | None]:
    """A way that leads to a step."""
    for id in range(steps.stop - 1, steps.first - 1, -1):
        node = flow.nodes[id]
        if node.next == target:
            return id - steps.first, None
        for label, other in node.edges.items():
            if other == target:
                return id - steps.first, label
    raise AssertionError("a step leads there")


def _failing(flow: FlowGraph, target: int, steps: _Steps) -> int:
    """A step whose error leads to another."""
    found = range(steps.first, steps.stop)
    return next(id - steps.first for id in found if flow.nodes[id].on_error == target)


def _exits(flow: FlowGraph, steps: _Steps, passage: Passage) -> list[tuple[int, State]] | None:
    """Where a part leads, and what is known there; behind it there may be other steps than before. None where a ring of gotos
    with no step in it is all that there is: a way that leads there leads back to its own step, or nowhere."""
    exits, ways = passage.run.exits, passage.ways
    fault = exits.edges[FAILED]
    left: list[tuple[int | None, State]] = []
    if ways.next is not None and exits.next is not None:
        number, label = ways.next
        node = flow.nodes[steps.first + number]
        left.append((node.next if label is None else node.edges[label], exits.next))
    if ways.failed is not None and fault is not None:
        left.append((flow.nodes[steps.first + ways.failed].on_error, fault))
    out = [(id, state) for id, state in left if id is not None and id >= steps.stop]
    return out if len(out) == len(left) else None


def _meets_ring(flow: FlowGraph, steps: _Steps, part: Part) -> bool:
    """Whether a step leads to such a ring of gotos: it may be gone the next time."""
    nodes = map(flow.nodes.__getitem__, range(steps.first, steps.stop))
    return any(
        node.id in (node.next, *node.edges.values()) or (part.guarded and node.on_error is None)
        for node in nodes
    )


def _in_order(survey: Survey, flow: FlowGraph) -> Iterator[_Steps]:
    """All steps, in order."""
    found = list(_laid_out(survey, flow))
    crossed = _crossed(found) if flow.gotos else range(0)
    yield _Steps((), flow.start, flow.start + 1)
    for number, steps in enumerate(found):
        if number not in crossed:
            yield steps
        elif number == crossed[-1]:
            yield _Steps((), found[crossed[0]].first, steps.stop)
    yield _Steps((), flow.end, flow.end + 1)


def _laid_out(survey: Survey, flow: FlowGraph) -> Iterator[_Steps]:
    """The steps between the first and the last."""
    first = flow.start + 1
    for thing, together in groupby(survey.stretches, key=_whole):
        stretches = tuple(together)
        stop = first + sum(stretch.find(steps_in) for stretch in stretches)
        if stop > flow.end:
            return  # Of several `do:` sections, which is an error, only the first makes steps.
        head = stretches[0]
        is_part = bool(head.statements) or head.loop is not None
        jumps = any(_has(stretch, _JUMPS) for stretch in stretches)
        part = Part(thing, head.guarded) if is_part and not jumps else None
        yield _Steps(stretches, first, stop, part)
        first = stop


def _whole(stretch: Stretch) -> Stretch | Loop:
    return stretch.loop or stretch


def _crossed(found: list[_Steps]) -> range:
    """Those from the first to the last that something jumps from or to."""
    jumps = (ast.Goto, ast.Label)
    numbers = [
        number
        for number, steps in enumerate(found)
        if any(_has(stretch, jumps) for stretch in steps.stretches)
    ]
    return range(numbers[0], numbers[-1] + 1) if numbers else range(0)


def _has(stretch: Stretch, kinds: tuple[type[ast.Node], ...]) -> bool:
    return any(kind in stretch.tables.statements for kind in kinds)
