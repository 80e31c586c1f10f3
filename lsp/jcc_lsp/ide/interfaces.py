"""What an interface ties together: the inputs and outputs of the definitions that one `interface` call may call."""

from __future__ import annotations

from collections.abc import Iterator

from jcc.frontend import ast
from jcc.query import query
from jcc.workspace import Workspace, exported, signature
from jcc_lsp.ide.occurrences import callee_names, declarer, paths_with, surveys
from jcc_lsp.ide.symbols import Kind, Symbol


def related(workspace: Workspace, symbol: Symbol) -> list[Symbol]:
    """The symbol, and those that must have the same name: of an interface's input, those of the destinations."""
    if symbol.kind not in (Kind.INPUT, Kind.OUTPUT):
        return [symbol]
    found: dict[str, None] = {}
    todo = [symbol.owner]
    while todo:
        owner = todo.pop()
        if owner not in found:
            found[owner] = None
            todo += (
                other for other in _partners(workspace, owner) if _has(workspace, other, symbol)
            )
    return [Symbol(symbol.kind, symbol.name, owner) for owner in found]


def _partners(workspace: Workspace, owner: str) -> Iterator[str]:
    """The interface and the destinations of every call that a definition's inputs have to fit."""
    names = [owner, *implementing(workspace, owner)]
    paths = {p for name in names for p in paths_with(workspace, Symbol(Kind.DEFINITION, name))}
    for path in sorted(paths):
        for called in interface_calls(workspace, path):
            owners = {declarer(workspace, name) for name in called}
            if owner in owners:
                yield from owners


def implementing(workspace: Workspace, interface: str) -> list[str]:
    """The definitions that have an interface's name in their `interface:`."""
    return [
        entry.name
        for path in workspace.jcl_paths
        for entry in exported(workspace, path)
        if entry.interface == interface
    ]


def destinations(workspace: Workspace, interface: str) -> list[str]:
    """The definitions that some `interface` call may call for an interface."""
    return [
        name
        for path in paths_with(workspace, Symbol(Kind.DEFINITION, interface))
        for called, *names in interface_calls(workspace, path)
        if called == interface
        for name in names
    ]


@query
def interface_calls(workspace: Workspace, path: str) -> tuple[tuple[str, ...], ...]:
    """Of each `interface` call in a file the interface, and behind it the destinations."""
    return tuple(
        tuple(name.text for name in callee_names(call))
        for survey in surveys(workspace, path)
        for call in survey.of(ast.InterfaceCall)
    )


def _has(workspace: Workspace, name: str, symbol: Symbol) -> bool:
    found = signature(workspace, name)
    if found is None:
        return False
    known = found.inputs if symbol.kind is Kind.INPUT else found.outputs
    return any(entry.name == symbol.name for entry in known)
