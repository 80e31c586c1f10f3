"""All mentions of what stands at a place: in the workspace, or to be highlighted in the file."""

from __future__ import annotations

from typing import NamedTuple

from jcc.source import Span
from jcc.workspace import Workspace
from jcc_lsp.ide.definition import schema_files
from jcc_lsp.ide.occurrences import Kind, Role, find_all, occurrences, occurrences_at
from jcc_lsp.ide.results import Location


class Highlight(NamedTuple):
    span: Span
    is_write: bool


def references(
    workspace: Workspace, path: str, offset: int, *, with_declaration: bool
) -> list[Location]:
    """Every mention, in all files. The places that set a variable count as mentions."""
    found: dict[Location, None] = {}
    for symbol in {o.symbol: None for o in occurrences_at(workspace, path, offset)}:
        for where, occurrence in find_all(workspace, symbol):
            if with_declaration or occurrence.role is not Role.DECLARATION:
                found[Location(where, occurrence.span)] = None
        if symbol.kind is Kind.TYPE and with_declaration:
            found |= dict.fromkeys(schema_files(workspace, symbol.name))
    return list(found)


def highlights(workspace: Workspace, path: str, offset: int) -> list[Highlight]:
    """The mentions in the same file."""
    symbols = {occurrence.symbol for occurrence in occurrences_at(workspace, path, offset)}
    found = {
        occurrence.span: Highlight(occurrence.span, occurrence.role is not Role.READ)
        for occurrence in occurrences(workspace, path)
        if occurrence.symbol in symbols
    }
    return list(found.values())
