"""What the steps of a workflow did to the types of its variables, kept for the next time: a step that comes to the same
variables again does the same. So after an edit inference goes anew only through what the edit reaches.

A step sees the variables that it mentions, by name, and changes no others; all else that it depends on (what it calls,
the environment) is the same as long as this is kept (`memory`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from jcc.frontend import ast
from jcc.frontend.flow import FlowNode
from jcc.frontend.homes import nodes_of
from jcc.frontend.propagate import Exits, Step
from jcc.frontend.state import State
from jcc.frontend.survey import survey_step
from jcc.frontend.tables import Loop, Stretch, Tables
from jcc.frontend.types import Type

if TYPE_CHECKING:  # the translators are loaded where a file has code blocks
    from jcc.frontend.codeblocks import TranslatedBlock

Variable: TypeAlias = tuple[str, str]
Slots: TypeAlias = Mapping[Variable, int]
Effect: TypeAlias = tuple[tuple[Variable, Type], ...]
FAILED = "failed"
"""The way by which an error leads out of a stretch."""
Blocks: TypeAlias = "Mapping[ast.CodeBlock, TranslatedBlock]"


class Run(NamedTuple):
    """What a step did once: from the state `entry` it came to `exits`. `names` are the variables that it mentions, None where it
    may see any; `seen` their types before it (None for one that is not followed); the effects are what it did to them on its
    way to each exit."""

    names: tuple[Variable, ...] | None
    seen: tuple[Type | None, ...]
    entry: State
    slots: Slots
    exits: Exits
    effect: Effect | None
    edge_effects: Mapping[str, Effect | None]


class Part(NamedTuple):
    """What is gone through at once: statements that follow each other, or a loop. What it does depends on whether its errors are
    caught, too."""

    statements: Stretch | Loop
    guarded: bool


class Ways(NamedTuple):
    """How a part leads on: the number of a step in it, and the label of the way; and the number of one whose error does."""

    next: tuple[int, str | None] | None
    failed: int | None


class Passage(NamedTuple):
    """What a part did once, as if it were a step; how it leads on, and the numbers of the steps that some path comes to."""

    run: Run
    ways: Ways
    reached: tuple[int, ...]


@dataclass(slots=True)
class Trace:
    """The runs of each step when the types were last found, those of whole parts, the one that the tables of types are of,
    and what states were joined to."""

    runs: dict[ast.Node, list[Run]] = field(default_factory=dict)
    passages: dict[Part, Passage] = field(default_factory=dict)
    joins: dict[tuple[State, State], State] = field(default_factory=dict)
    shown: dict[ast.Node, Run] = field(default_factory=dict)


class Recall:
    """What the steps of a workflow did, for who only wants to know it. Holds no tree's tables, so it may be kept in them."""

    def __init__(self, trace: Trace, slots: Slots) -> None:
        self._trace, self._slots = trace, slots
        self._changed: dict[int, frozenset[Variable]] = {}

    def look(self, node: FlowNode, state: State) -> Exits:
        """What a step does that has been seen to do it."""
        found = self._recalled(node.origin, state)
        assert found is not None, "the steps of a part have been run from where it was entered"
        return found[1].exits

    def _recalled(self, origin: ast.Node, state: State) -> tuple[Run, Run] | None:
        """A run of a step that tells what it does from here, and what that is; None where that is to be seen."""
        for known in self._trace.runs.get(origin, ()):
            run = self._repeated(known, state)
            if run is not None:
                return known, run
        return None

    def _seen(self, names: tuple[Variable, ...], state: State) -> tuple[Type | None, ...]:
        slots = map(self._slots.get, names)
        return tuple([None if slot is None else state.get(slot) for slot in slots])

    def _moved(self, before: Slots) -> frozenset[Variable]:
        """The variables that are elsewhere than in these slots, or not in both."""
        found = self._changed.get(id(before))
        if found is None:
            both = before.items() ^ self._slots.items()
            found = self._changed[id(before)] = frozenset(name for name, _ in both)
        return found

    def _repeated(self, run: Run, state: State) -> Run | None:
        """What a step does that did this once; None where that is to be seen."""
        slots, names = self._slots, run.names
        if run.slots is slots:
            if run.entry is state or run.entry.same(state):
                return run
        elif names is not None and run.entry is state and self._moved(run.slots).isdisjoint(names):
            return run
        if names is None or self._seen(names, state) != run.seen:
            return None

        exits = Exits(
            self._along(state, run.effect),
            state,
            {label: self._along(state, effect) for label, effect in run.edge_effects.items()},
        )
        return Run(names, run.seen, state, slots, exits, run.effect, run.edge_effects)

    def _along(self, state: State, effect: Effect | None) -> State | None:
        if effect is None:
            return None
        for name, type in effect:
            state = state.set(self._slots[name], type)
        return state


class Retracer(Recall):
    """A `step` for `propagate` that does again only what is new. `again` are the nodes whose types may be new."""

    def __init__(self, trace: Trace, step: Step, slots: Slots, blocks: Blocks) -> None:
        super().__init__(trace, slots)
        self.again: set[ast.Node] = set()
        self._joins, self._passages = trace.joins, trace.passages
        self._step, self._blocks = step, blocks
        self._runs: dict[ast.Node, list[Run]] = {}
        self._last: dict[int, Run] = {}
        trace.joins, trace.passages = {}, {}

    def step(self, node: FlowNode, state: State) -> Exits:
        origin, shown = node.origin, self._trace.shown
        found = self._recalled(origin, state)
        if found is None:
            run = self._new(node, state)
        else:
            known, run = found
            if run is not known and shown.get(origin) is known:
                shown[origin] = run
        self._runs.setdefault(origin, []).append(run)
        self._last[node.id] = run
        return run.exits

    def recall(self) -> Recall:
        """For whom this is not to be kept."""
        return Recall(self._trace, self._slots)

    def passage(self, part: Part, state: State) -> Passage | None:
        """What a part does, if it has been seen to do it."""
        known = self._passages.get(part)
        run = None if known is None else self._repeated(known.run, state)
        if known is None or run is None:
            return None
        return known if run is known.run else known._replace(run=run)

    def keep(self, part: Part, passage: Passage) -> None:
        """A part has done this again."""
        self._trace.passages[part] = passage

    def passed(
        self,
        part: Part,
        names: tuple[Variable, ...],
        state: State,
        exits: Exits,
        ways: Ways,
        reached: tuple[int, ...],
    ) -> None:
        """Note what a part did."""
        run = self._run(names, state, exits)
        self._trace.passages[part] = Passage(run, ways, reached)

    def join(self, one: State, other: State) -> State:
        """The join of two states; of the same two the same object, for it is by that that a step knows it fastest."""
        found = self._joins.get((one, other))
        if found is None:
            found = one.join(other)
        self._trace.joins[one, other] = found
        return found

    def finish(self, nodes: Mapping[int, FlowNode]) -> list[ast.Node]:
        """Have the tables tell of the last run of each step. Gives what is below steps that are gone."""
        shown = self._trace.shown
        for id, run in self._last.items():
            origin = nodes[id].origin
            if _tell_the_same(shown.get(origin), run):
                shown[origin] = run
            else:
                self._step(nodes[id], run.entry)
                self._note(origin, run)
        self._trace.runs.update(self._runs)
        here = {node.origin for node in nodes.values()}
        gone = self._trace.shown.keys() - here
        for origin in gone:
            del self._trace.shown[origin], self._trace.runs[origin]
        statements = [origin for origin in gone if not isinstance(origin, ast.Definition)]
        return [node for origin in statements for node in nodes_of(origin, without=here)]

    def _new(self, node: FlowNode, state: State) -> Run:
        exits = self._step(node, state)
        run = self._run(names_in(survey_step(node.origin), self._blocks), state, exits)
        self._note(node.origin, run)
        return run

    def _run(self, names: tuple[Variable, ...] | None, state: State, exits: Exits) -> Run:
        seen = () if names is None else self._seen(names, state)
        effects = {
            label: self._effect(names or (), seen, exit) for label, exit in exits.edges.items()
        }
        effect = self._effect(names or (), seen, exits.next)
        return Run(names, seen, state, self._slots, exits, effect, effects)

    def _note(self, origin: ast.Node, run: Run) -> None:
        self._trace.shown[origin] = run
        self.again.add(origin)
        if isinstance(origin, ast.Split):
            self.again.update(origin.branches)

    def _effect(
        self, names: tuple[Variable, ...], seen: tuple[Type | None, ...], exit: State | None
    ) -> Effect | None:
        if exit is None:
            return None
        made = zip(names, self._seen(names, exit), seen, strict=True)
        return tuple([(name, new) for name, new, old in made if new is not None and new is not old])


def _tell_the_same(one: Run | None, other: Run) -> bool:
    """Whether two runs of a step leave the same in the tables: in a loop it has several, and those that see the same do the same."""
    if one is None or one is other:
        return one is other
    return one.names is not None and (one.names, one.seen) == (other.names, other.seen)


def names_in(tables: Tables, blocks: Blocks) -> tuple[Variable, ...] | None:
    """The variables that steps mention; None where that is known only when they run."""
    found: dict[Variable, None] = {}
    if tables.everything:
        return None
    for name in (*_read(tables), *_written(tables, blocks)):
        if name is None:
            return None
        if name[0] in ("a", "v"):
            found[name] = None
    return tuple(found)


def _read(tables: Tables) -> Iterator[Variable | None]:
    for path, _, _ in tables.reads:
        if path.root is not None and path.keys:
            yield _first(path.root, path)
    for copied in tables.copies:
        yield copied.use.place.source, copied.name.text


def _written(tables: Tables, blocks: Blocks) -> Iterator[Variable | None]:
    for write in tables.writes:
        yield _first(write.root, write.item.target)
    for copied in tables.copies:
        yield copied.use.place.implicit, copied.name.text
    for block in tables.blocks:
        facts = blocks[block.block].facts
        yield from facts.writes
        if not facts.complete:
            yield None


def _first(root: str, path: ast.Path) -> Variable | None:
    match path.keys:
        case (ast.Field(name=name), *_):
            return root, name.text
        case _:
            return None
