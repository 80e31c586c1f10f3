"""Whole stretches of a workflow that the types of its variables pass through as they did the last time: none of their steps is
looked at. So a variable that comes, goes or changes costs little in the statements that do not mention it.

Only statements of `do:` itself make such stretches, and only where nothing jumps in or out of them; all others are gone
through step by step. What is known before a step within a stretch is found out where somebody asks for it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from jcc.frontend import ast
from jcc.frontend.flow import FlowGraph
from jcc.frontend.propagate import Walk
from jcc.frontend.retrace import Blocks, Recall, Retracer, Way, names_in
from jcc.frontend.state import State
from jcc.frontend.tables import Stretch, Survey, Tables

_JUMPS = (ast.Goto, ast.Label, ast.Return)


class _Part(NamedTuple):
    """The steps from `first` to `stop` (half-open). They are those of `stretch`, if nothing jumps in or out."""

    stretch: Stretch | None
    first: int
    stop: int


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
    for part in _parts(survey, flow):
        entry = walk.next
        if entry is None or entry >= part.stop:
            continue  # no path comes here
        state, passage = walk.states[entry], None
        if part.stretch is not None:
            passage = retracer.passage(part.stretch, state)
        if passage is None:
            _go_through(walk, flow, part, state, retracer, blocks)
            continue
        walk.take()
        skipped.append(_Skipped(entry, state, part.stop))
        done.update(range(part.first, part.stop))
        reached.update(map(part.first.__add__, passage.reached))
        exit = passage.run.exits.next
        if passage.way is not None and exit is not None:
            walk.arrive(_target(flow, part.first, passage.way), exit)
    reached.update(walk.states)
    return States(flow, retracer.recall(), walk.states, skipped), reached, done | reached


def _go_through(
    walk: Walk, flow: FlowGraph, part: _Part, state: State, retracer: Retracer, blocks: Blocks
) -> None:
    """Visit the steps of a part, and note what it did, if that can be told of it alone."""
    has_ended = flow.end in walk.states
    left = walk.run(part.stop)
    if part.stretch is None or walk.forgot or (has_ended and flow.end in left):
        return
    names = part.stretch.find(names_in, blocks)
    if names is None:
        return
    way, exit = None, None
    for target in left:  # one at most, for nothing jumps
        way, exit = _way_to(flow, target, part), walk.states[target]
    first = part.first
    came = tuple(id - first for id in range(first, part.stop) if id in walk.states)
    retracer.passed(part.stretch, names, state, exit, way, came)


def _way_to(flow: FlowGraph, target: int, part: _Part) -> Way:
    """A way by which a stretch leads out."""
    for id in range(part.stop - 1, part.first - 1, -1):
        node = flow.nodes[id]
        if node.next == target:
            return id - part.first, None
        for label, other in node.edges.items():
            if other == target:
                return id - part.first, label
    raise AssertionError("a step leads there")


def _target(flow: FlowGraph, first: int, way: Way) -> int:
    """Where a way leads; behind a stretch there may be other steps than before."""
    number, label = way
    node = flow.nodes[first + number]
    target = node.next if label is None else node.edges[label]
    assert target is not None, "a way leads somewhere"
    return target


def _parts(survey: Survey, flow: FlowGraph) -> Iterator[_Part]:
    """All steps, in order."""
    begins = flow.begins
    stretches: list[tuple[Stretch, int, int]] = []
    at = 0
    for stretch in survey.stretches:
        count = len(stretch.statements)
        # Of several `do:` sections, which is an error, only the first makes steps.
        if count and at + count < len(begins):
            stretches.append((stretch, begins[at], begins[at + count]))
            at += count
    yield _Part(None, flow.start, begins[0])
    crossed = _crossed(stretches) if flow.gotos else range(0)
    for number, (stretch, first, stop) in enumerate(stretches):
        if number in crossed:
            if number == crossed[-1]:
                yield _Part(None, stretches[crossed[0]][1], stop)
        else:
            yield _Part(None if _has(stretch.tables, _JUMPS) else stretch, first, stop)
    yield _Part(None, begins[at], flow.end + 1)


def _crossed(stretches: list[tuple[Stretch, int, int]]) -> range:
    """The stretches from the first to the last that something jumps from or to."""
    jumps = (ast.Goto, ast.Label)
    found = [n for n, (stretch, _, _) in enumerate(stretches) if _has(stretch.tables, jumps)]
    return range(found[0], found[-1] + 1) if found else range(0)


def _has(tables: Tables, kinds: tuple[type[ast.Node], ...]) -> bool:
    return any(kind in tables.statements for kind in kinds)
