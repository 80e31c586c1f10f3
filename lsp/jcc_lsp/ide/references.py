"""All mentions of what stands at a place: in the workspace, or to be highlighted in the file."""

from __future__ import annotations

from typing import NamedTuple

from jcc.source import Span
from jcc.workspace import Workspace
from jcc_lsp.ide.definition import schema_files
from jcc_lsp.ide.occurrences import find_all, occurrences_at, occurrences_by_symbol
from jcc_lsp.ide.results import Location
from jcc_lsp.ide.symbols import Kind, Role


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
    known = occurrences_by_symbol(workspace, path)
    found: dict[Span, Highlight] = {}
    for symbol in symbols:
        if symbol.kind is Kind.BLOCK_VARIABLE:
            mentions = [occurrence for _, occurrence in find_all(workspace, symbol)]
        else:
            mentions = list(known.get(symbol, ()))
        for mention in mentions:
            found[mention.span] = Highlight(mention.span, mention.role is not Role.READ)
    return sorted(found.values())
