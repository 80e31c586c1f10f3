"""Where a name comes from: its definition, its first mention, the schema of its type, what implements an interface."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from jcc.frontend import ast
from jcc.frontend.schemas import BASE_TYPES
from jcc.source import Span
from jcc.workspace import SCHEMA_SUFFIX, Workspace, signature
from jcc_lsp.ide.interfaces import destinations, implementing
from jcc_lsp.ide.occurrences import find_all, occurrences_at, surveys
from jcc_lsp.ide.results import Location
from jcc_lsp.ide.symbols import LOCAL, Kind, Occurrence, Role, Symbol


def definitions(workspace: Workspace, path: str, offset: int) -> list[Location]:
    """Where what stands at an offset is declared; of a variable every place that sets it."""
    found: list[Location] = []
    for symbol in _symbols_at(workspace, path, offset):
        found += definitions_of(workspace, path, symbol)
    return _unique(found)


def declarations(workspace: Workspace, path: str, offset: int) -> list[Location]:
    """The same, but of a variable only the first place that sets it."""
    found: list[Location] = []
    for symbol in _symbols_at(workspace, path, offset):
        places = definitions_of(workspace, path, symbol)
        found += places[:1] if symbol.kind in LOCAL else places
    return _unique(found)


def definitions_of(workspace: Workspace, path: str, symbol: Symbol) -> list[Location]:
    """Where a symbol that is mentioned in a file is declared: in this file, if it is declared in several."""
    match symbol.kind:
        case Kind.DEFINITION:
            found = signature(workspace, symbol.name)
            return [Location(found.path, found.span)] if found and found.path else []
        case Kind.INPUT | Kind.OUTPUT:
            return _declared(workspace, symbol)
        case Kind.TYPE:
            return schema_files(workspace, symbol.name)
        case Kind.VARIABLE | Kind.TEMPORARY | Kind.BLOCK_VARIABLE:
            return _places(workspace, symbol, Role.WRITE)
        case Kind.LABEL | Kind.EVENT | Kind.LOCK | Kind.ENVIRONMENT:
            places = _places(workspace, symbol, Role.DECLARATION)
            return [place for place in places if place.path == path] or places
        case _:
            return []


def schema_files(workspace: Workspace, name: str) -> list[Location]:
    """The JSON Schema of a type's name; of two the one that counts."""
    ending = name + SCHEMA_SUFFIX
    for path in reversed(workspace.paths):
        if path.replace("\\", "/").rsplit("/", 1)[-1] == ending:
            return [Location(path, Span(0, 0))]
    return []


def _symbols_at(workspace: Workspace, path: str, offset: int) -> list[Symbol]:
    found = dict.fromkeys(o.symbol for o in occurrences_at(workspace, path, offset))
    return list(found)


def _declared(workspace: Workspace, symbol: Symbol) -> list[Location]:
    owner = signature(workspace, symbol.owner)
    if owner is None or not owner.path:
        return []
    entry = owner.input(symbol.name) if symbol.kind is Kind.INPUT else owner.output(symbol.name)
    return [] if entry is None else [Location(owner.path, entry.span)]


def _places(workspace: Workspace, symbol: Symbol, role: Role) -> list[Location]:
    return [
        Location(path, occurrence.span)
        for path, occurrence in find_all(workspace, symbol)
        if occurrence.role is role
    ]


def _unique(places: Iterable[Location]) -> list[Location]:
    return list(dict.fromkeys(places))


# -- types ----------------------------------------------------------------------------------------------------------


def type_definitions(workspace: Workspace, path: str, offset: int) -> list[Location]:
    """The JSON Schema of the type of what stands at an offset; of a definition its interface."""
    found: list[Location] = []
    for symbol in _symbols_at(workspace, path, offset):
        found += _types_of(workspace, symbol)
    return _unique(found)


def _types_of(workspace: Workspace, symbol: Symbol) -> Iterator[Location]:
    match symbol.kind:
        case Kind.TYPE:
            yield from schema_files(workspace, symbol.name)
        case Kind.DEFINITION:
            found = signature(workspace, symbol.name)
            interface = found and found.interface and signature(workspace, found.interface)
            if interface:
                yield Location(interface.path, interface.span)
        case Kind.INPUT | Kind.OUTPUT:
            yield from _declared_type(workspace, symbol)
        case Kind.VARIABLE:
            for source in _sources(workspace, symbol):
                yield from _declared_type(workspace, source)
        case _:
            pass


def _declared_type(workspace: Workspace, symbol: Symbol) -> Iterator[Location]:
    owner = signature(workspace, symbol.owner)
    if owner is None:
        return
    entry = owner.input(symbol.name) if symbol.kind is Kind.INPUT else owner.output(symbol.name)
    name = "" if entry is None else entry.type.rstrip("[]? ")
    if name not in BASE_TYPES:
        yield from schema_files(workspace, name)


def _sources(workspace: Workspace, variable: Symbol) -> Iterator[Symbol]:
    """The inputs and outputs that a variable is set to, as they are."""
    for path, write in find_all(workspace, variable):
        if write.role is not Role.WRITE:
            continue
        for place in (write.span.start, *_assigned(workspace, path, write)):
            for other in occurrences_at(workspace, path, place):
                if other.symbol.kind in (Kind.INPUT, Kind.OUTPUT):
                    yield other.symbol


def _assigned(workspace: Workspace, path: str, write: Occurrence) -> Iterator[int]:
    """Where the first key of the path stands that an assignment of a whole variable takes its value from."""
    for survey in surveys(workspace, path):
        for entry in survey.writes:
            match entry.item:
                case ast.Assign(
                    target=ast.Path(keys=(ast.Field(name=name),)),
                    op="=",
                    value=ast.Path(keys=(ast.Field(name=source),)),
                ) if name.span == write.span:
                    yield source.span.start
                case _:
                    pass


# -- interfaces -----------------------------------------------------------------------------------------------------


def implementations(workspace: Workspace, path: str, offset: int) -> list[Location]:
    """The definitions that implement the interface at an offset: by their `interface:`, or as a destination of a call."""
    found: list[Location] = []
    for symbol in _symbols_at(workspace, path, offset):
        if symbol.kind is Kind.DEFINITION:
            names = implementing(workspace, symbol.name) + destinations(workspace, symbol.name)
            for name in names:
                found += definitions_of(workspace, path, Symbol(Kind.DEFINITION, name))
    return _unique(found)
