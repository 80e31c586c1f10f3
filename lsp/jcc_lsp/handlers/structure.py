"""What a text is made of: symbols, folds, selections, links."""

from __future__ import annotations

from collections.abc import Iterator

from lsprotocol import types as lsp

from jcc.workspace import Workspace
from jcc_lsp.documents import Piece
from jcc_lsp.handlers.navigation import UNIT_KINDS
from jcc_lsp.ide import folding, linked, links, outline, selection
from jcc_lsp.server import JclServer
from jcc_lsp.uris import uri_of

SYMBOL_KINDS = {
    **UNIT_KINDS,
    "section": lsp.SymbolKind.Namespace,
    "input": lsp.SymbolKind.Field,
    "output": lsp.SymbolKind.Property,
    "constant": lsp.SymbolKind.Constant,
    "lock": lsp.SymbolKind.Key,
    "role": lsp.SymbolKind.Key,
    "call": lsp.SymbolKind.Event,
    "label": lsp.SymbolKind.String,
}


def register(server: JclServer) -> None:
    _register_symbols(server)
    _register_parts(server)


def pieces(server: JclServer, uri: str) -> Iterator[tuple[Workspace, Piece]]:
    """The pieces of a file; none of one that the server does not have."""
    found = server.state.find(uri)
    if found is not None:
        project, document = found
        for piece in document.pieces:
            yield project.workspace, piece


def _register_symbols(server: JclServer) -> None:
    convert = server.convert

    def symbol(piece: Piece, entry: outline.Entry) -> lsp.DocumentSymbol:
        return lsp.DocumentSymbol(
            name=entry.name,
            kind=SYMBOL_KINDS[entry.kind],
            range=convert.range_in(piece.source, entry.span, piece.first_line),
            selection_range=convert.range_in(piece.source, entry.name_span, piece.first_line),
            detail=entry.detail or None,
            children=[symbol(piece, child) for child in entry.children],
        )

    @server.on(lsp.TEXT_DOCUMENT_DOCUMENT_SYMBOL)
    def document_symbol(
        params: lsp.DocumentSymbolParams,
    ) -> list[lsp.DocumentSymbol] | list[lsp.SymbolInformation]:
        uri = params.text_document.uri
        found = [
            symbol(piece, entry)
            for workspace, piece in pieces(server, uri)
            for entry in outline.outline(workspace, piece.name)
        ]
        texts = server.client_capabilities.text_document
        known = texts and texts.document_symbol
        if known and known.hierarchical_document_symbol_support:
            return found
        return [flat for top in found for flat in _flat(uri, top, None)]

    @server.on(lsp.WORKSPACE_SYMBOL)
    def workspace_symbol(params: lsp.WorkspaceSymbolParams) -> list[lsp.WorkspaceSymbol]:
        return [
            lsp.WorkspaceSymbol(convert.location(found.place), found.name, SYMBOL_KINDS[found.kind])
            for project in server.state.projects.values()
            for found in outline.search(project.workspace, params.query)
        ]


def _flat(
    uri: str, symbol: lsp.DocumentSymbol, container: str | None
) -> Iterator[lsp.SymbolInformation]:
    """A symbol and those within it, one after the other, for a client that knows no trees."""
    yield lsp.SymbolInformation(
        lsp.Location(uri, symbol.range), symbol.name, symbol.kind, container_name=container
    )
    for child in symbol.children or ():
        yield from _flat(uri, child, symbol.name)


def _register_parts(server: JclServer) -> None:
    convert = server.convert

    @server.on(lsp.TEXT_DOCUMENT_FOLDING_RANGE)
    def folding_range(params: lsp.FoldingRangeParams) -> list[lsp.FoldingRange]:
        found = []
        for workspace, piece in pieces(server, params.text_document.uri):
            for span, is_comment in folding.folds(workspace, piece.name):
                first, last = (piece.source.position(offset).line for offset in span)
                above = piece.first_line - 1
                kind = lsp.FoldingRangeKind.Comment if is_comment else None
                found.append(lsp.FoldingRange(first + above, last + above, kind=kind))
        return found

    @server.on(lsp.TEXT_DOCUMENT_SELECTION_RANGE)
    def selection_range(params: lsp.SelectionRangeParams) -> list[lsp.SelectionRange] | None:
        found = []
        for position in params.positions:
            at = convert.cursor(lsp.HoverParams(params.text_document, position))
            if at is None:
                return None
            around: lsp.SelectionRange | None = None
            for span in reversed(selection.selections(*at)):
                around = lsp.SelectionRange(convert.range(at.path, span), around)
            assert around is not None  # the whole text is always there
            found.append(around)
        return found

    @server.on(lsp.TEXT_DOCUMENT_DOCUMENT_LINK)
    def document_link(params: lsp.DocumentLinkParams) -> list[lsp.DocumentLink]:
        return [
            lsp.DocumentLink(
                convert.range_in(piece.source, link.span, piece.first_line),
                target=uri_of(link.path),
                tooltip=link.tooltip,
            )
            for workspace, piece in pieces(server, params.text_document.uri)
            for link in links.links(workspace, piece.name)
        ]

    @server.on(lsp.TEXT_DOCUMENT_LINKED_EDITING_RANGE)
    def linked_editing(params: lsp.LinkedEditingRangeParams) -> lsp.LinkedEditingRanges | None:
        at = convert.cursor(params)
        spans = at and linked.linked_ranges(*at)
        if not at or not spans:
            return None
        return lsp.LinkedEditingRanges([convert.range(at.path, span) for span in spans], r"\w+")
