"""The tables that a survey fills: what stands in a definition, sorted, each entry with its place."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Concatenate, NamedTuple, ParamSpec, TypeAlias, TypeVar, cast

from jcc.frontend import ast
from jcc.frontend.places import Place

N = TypeVar("N", bound=ast.Node)
P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True, eq=False)
class MapUse:
    """A map in its place. `owner` is the statement it belongs to: `call`, `callflow`, `eval`, … or the definition."""

    map: ast.Map
    place: Place
    owner: ast.Node


class Read(NamedTuple):
    """A path that is read: in a map, or (`use` is None) in an expression outside maps."""

    path: ast.Path
    place: Place
    use: MapUse | None


class Write(NamedTuple):
    """An assignment's left side. `root` is the object written to, `name` its first key (None for `v[…] = `, `v = `)."""

    root: str
    name: str | None
    item: ast.Assign
    use: MapUse


class Copied(NamedTuple):
    """One name of `<x, y>`: read from `use.place.source`, written to `use.place.implicit`."""

    name: ast.Name
    use: MapUse


class Block(NamedTuple):
    """A code block: a whole map, or an expression; `use` is the map that it is or stands in."""

    block: ast.CodeBlock
    place: Place
    use: MapUse | None

    @property
    def is_map(self) -> bool:
        return self.use is not None and self.use.map.block is self.block


Loop: TypeAlias = ast.While | ast.Repeat
Calling: TypeAlias = (
    ast.CallStatement | ast.Callflow | ast.MapStatement | ast.Detachflow | ast.InterfaceCall
)


@dataclass(slots=True, eq=False)
class Tables:
    """Everything is in the order of the source, but for the parts within one expression. `parts` are all statements, the arms
    of `if` and the branches of `split` too: what stands in each itself makes up the tables."""

    parts: list[ast.Node] = field(default_factory=list)
    reads: list[Read] = field(default_factory=list)
    writes: list[Write] = field(default_factory=list)
    copies: list[Copied] = field(default_factory=list)
    everything: list[tuple[ast.Copy, MapUse]] = field(default_factory=list)
    maps: list[MapUse] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)
    binaries: list[ast.Binary] = field(default_factory=list)
    unaries: list[ast.Unary] = field(default_factory=list)
    matches: list[ast.Match] = field(default_factory=list)
    calls: list[ast.Call] = field(default_factory=list)
    objects: list[ast.ObjectLiteral] = field(default_factory=list)
    statements: dict[type[ast.Node], list[ast.Node]] = field(default_factory=dict)
    callings: list[Calling] = field(default_factory=list)
    sequences: list[ast.Block] = field(default_factory=list)
    reads_hidden: bool = False  # by something broken
    writes_hidden: bool = False

    def of(self, kind: type[N]) -> list[N]:
        """The statements of one class; the arms of `if` and the branches of `split` count as statements."""
        return cast("list[N]", self.statements.get(kind, []))

    def add(self, more: Tables) -> None:
        """Append what is in other tables."""
        self.parts += more.parts
        self.reads += more.reads
        self.writes += more.writes
        self.copies += more.copies
        self.everything += more.everything
        self.maps += more.maps
        self.blocks += more.blocks
        self.binaries += more.binaries
        self.unaries += more.unaries
        self.matches += more.matches
        self.calls += more.calls
        self.objects += more.objects
        self.callings += more.callings
        self.sequences += more.sequences
        for kind, nodes in more.statements.items():
            self.statements.setdefault(kind, []).extend(nodes)
        self.reads_hidden = self.reads_hidden or more.reads_hidden
        self.writes_hidden = self.writes_hidden or more.writes_hidden


@dataclass(slots=True, eq=False)
class Stretch:
    """Statements that follow each other, or what is none by itself (then there are none): a section, the head of a block. With
    their tables; what is found out from the tables alone is kept, by the function that finds it. `loop` is the outermost
    one that they are a part of; they are `guarded` in a `try`, whose handler their errors lead to."""

    statements: tuple[ast.Statement, ...]
    tables: Tables
    loop: Loop | None = None
    guarded: bool = False
    found: dict[object, Any] = field(default_factory=dict)

    def find(
        self, find: Callable[Concatenate[Tables, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """What a function finds in the tables. It must find the same as long as the statements stay."""
        if find not in self.found:
            self.found[find] = find(self.tables, *args, **kwargs)
        return cast(T, self.found[find])


@dataclass(slots=True, eq=False)
class Survey(Tables):
    """The tables of a definition. `stretches` has the parts that they were put together from, if any."""

    definition: ast.Definition = field(kw_only=True)
    stretches: list[Stretch] = field(default_factory=list)

    def each(
        self, find: Callable[Concatenate[Tables, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> Iterator[T]:
        """What a function finds in the tables, or in each part of them."""
        if not self.stretches:
            yield find(self, *args, **kwargs)
        for stretch in self.stretches:
            yield stretch.find(find, *args, **kwargs)

    def sections(self, kind: type[N]) -> Iterator[N]:
        for section in self.definition.sections:
            if isinstance(section, kind):
                yield section
