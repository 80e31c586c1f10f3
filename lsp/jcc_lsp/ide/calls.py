"""Who calls what: the call hierarchy over `call`, `callflow`, `map`, `detachflow` and the destinations of `interface`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from jcc.frontend import ast
from jcc.frontend.tables import Calling
from jcc.query import query
from jcc.source import Span
from jcc.workspace import Workspace, parsed, signature
from jcc_lsp.ide.occurrences import occurrences_at, paths_with, surveys
from jcc_lsp.ide.symbols import Kind, Symbol


@dataclass(frozen=True, slots=True)
class Unit:
    """A definition that can be called: `span` covers all of it, `name_span` its name."""

    kind: str
    name: str
    path: str
    span: Span
    name_span: Span


@dataclass(frozen=True, slots=True)
class Calls:
    """The definition at the other end, and where the calls are: in the caller's file."""

    unit: Unit
    places: tuple[Span, ...]


def unit_at(workspace: Workspace, path: str, offset: int) -> Unit | None:
    """The definition whose name stands at an offset, or, elsewhere, the one around it."""
    for occurrence in occurrences_at(workspace, path, offset):
        if occurrence.symbol.kind is Kind.DEFINITION:
            return unit_of(workspace, occurrence.symbol.name)
    for definition in parsed(workspace, path).file.definitions:
        if definition.span.start <= offset <= definition.span.end and definition.name.text:
            return _unit(path, definition)
    return None


def unit_of(workspace: Workspace, name: str) -> Unit | None:
    """The definition of a name, None where it has none with a text."""
    found = signature(workspace, name)
    if found is None or not found.path:
        return None
    for definition in parsed(workspace, found.path).file.definitions:
        if definition.name.text == name:
            return _unit(found.path, definition)
    return None


def incoming(workspace: Workspace, name: str) -> list[Calls]:
    """Who calls a definition."""
    found = []
    for path in paths_with(workspace, Symbol(Kind.DEFINITION, name)):
        for calls in calls_in(workspace, path):
            places = tuple(span for called, span in calls.called if called == name)
            if places:
                found.append(Calls(calls.unit, places))
    return found


@dataclass(frozen=True, slots=True)
class _Caller:
    unit: Unit
    called: tuple[tuple[str, Span], ...]


@query
def calls_in(workspace: Workspace, path: str) -> tuple[_Caller, ...]:
    """What each definition of a file calls, in the order of the text."""
    return tuple(
        _Caller(
            _unit(path, survey.definition),
            tuple((name.text, name.span) for name in _called(survey.callings)),
        )
        for survey in surveys(workspace, path)
        if survey.definition.name.text
    )


def outgoing(workspace: Workspace, name: str) -> list[Calls]:
    """What a definition calls, in the order of the first calls."""
    unit = unit_of(workspace, name)
    if unit is None:
        return []
    places: dict[str, list[Span]] = {}
    for caller in calls_in(workspace, unit.path):
        if caller.unit.name_span == unit.name_span:
            for called, span in caller.called:
                places.setdefault(called, []).append(span)
    units = ((unit_of(workspace, called), spans) for called, spans in places.items())
    return [Calls(other, tuple(spans)) for other, spans in units if other is not None]


def _called(nodes: list[Calling]) -> Iterator[ast.Name]:
    """What is called: of an interface its destinations, for it is nothing that runs."""
    for node in nodes:
        if isinstance(node, ast.InterfaceCall):
            yield from node.destinations
        else:
            yield node.callee


def _unit(path: str, definition: ast.Definition) -> Unit:
    name = definition.name
    return Unit(definition.kind, name.text, path, definition.span, name.span)
