"""From a name to other places: definitions, references, calls."""

from __future__ import annotations

from lsprotocol import types as lsp

from jcc_lsp.ide import calls, definition, references
from jcc_lsp.server import JclServer

UNIT_KINDS = {
    "workflow": lsp.SymbolKind.Class,
    "action": lsp.SymbolKind.Function,
    "procedure": lsp.SymbolKind.Method,
    "schema": lsp.SymbolKind.Struct,
}


def register(server: JclServer) -> None:
    _register_places(server)
    _register_calls(server)


def _register_places(server: JclServer) -> None:
    convert = server.convert

    @server.on(lsp.TEXT_DOCUMENT_DEFINITION)
    def goto_definition(params: lsp.DefinitionParams) -> list[lsp.Location] | None:
        at = convert.cursor(params)
        return at and convert.locations(definition.definitions(*at))

    @server.on(lsp.TEXT_DOCUMENT_DECLARATION)
    def goto_declaration(params: lsp.DeclarationParams) -> list[lsp.Location] | None:
        at = convert.cursor(params)
        return at and convert.locations(definition.declarations(*at))

    @server.on(lsp.TEXT_DOCUMENT_TYPE_DEFINITION)
    def goto_type(params: lsp.TypeDefinitionParams) -> list[lsp.Location] | None:
        at = convert.cursor(params)
        return at and convert.locations(definition.type_definitions(*at))

    @server.on(lsp.TEXT_DOCUMENT_IMPLEMENTATION)
    def goto_implementation(params: lsp.ImplementationParams) -> list[lsp.Location] | None:
        at = convert.cursor(params)
        return at and convert.locations(definition.implementations(*at))

    @server.on(lsp.TEXT_DOCUMENT_REFERENCES)
    def find_references(params: lsp.ReferenceParams) -> list[lsp.Location] | None:
        at = convert.cursor(params)
        if at is None:
            return None
        wanted = params.context.include_declaration
        return convert.locations(references.references(*at, with_declaration=wanted))

    @server.on(lsp.TEXT_DOCUMENT_DOCUMENT_HIGHLIGHT)
    def highlight(params: lsp.DocumentHighlightParams) -> list[lsp.DocumentHighlight] | None:
        at = convert.cursor(params)
        if at is None:
            return None
        read, write = lsp.DocumentHighlightKind.Read, lsp.DocumentHighlightKind.Write
        return [
            lsp.DocumentHighlight(convert.range(at.path, span), write if is_write else read)
            for span, is_write in references.highlights(*at)
        ]


def _register_calls(server: JclServer) -> None:
    convert = server.convert

    def item(unit: calls.Unit) -> lsp.CallHierarchyItem:
        return lsp.CallHierarchyItem(
            name=unit.name,
            kind=UNIT_KINDS[unit.kind],
            uri=convert.anchor(unit.path).uri,
            range=convert.range(unit.path, unit.span),
            selection_range=convert.range(unit.path, unit.name_span),
            detail=unit.kind,
        )

    @server.on(lsp.TEXT_DOCUMENT_PREPARE_CALL_HIERARCHY)
    def prepare(params: lsp.CallHierarchyPrepareParams) -> list[lsp.CallHierarchyItem] | None:
        at = convert.cursor(params)
        unit = at and calls.unit_at(*at)
        return [item(unit)] if unit else None

    @server.on(lsp.CALL_HIERARCHY_INCOMING_CALLS)
    def incoming(
        params: lsp.CallHierarchyIncomingCallsParams,
    ) -> list[lsp.CallHierarchyIncomingCall] | None:
        found = server.state.find(params.item.uri)
        if found is None:
            return None
        return [
            lsp.CallHierarchyIncomingCall(
                item(caller.unit), [convert.range(caller.unit.path, s) for s in caller.places]
            )
            for caller in calls.incoming(found[0].workspace, params.item.name)
        ]

    @server.on(lsp.CALL_HIERARCHY_OUTGOING_CALLS)
    def outgoing(
        params: lsp.CallHierarchyOutgoingCallsParams,
    ) -> list[lsp.CallHierarchyOutgoingCall] | None:
        found = server.state.find(params.item.uri)
        if found is None:
            return None
        workspace, name = found[0].workspace, params.item.name
        own = calls.unit_of(workspace, name)
        if own is None:
            return None
        return [
            lsp.CallHierarchyOutgoingCall(
                item(called.unit), [convert.range(own.path, span) for span in called.places]
            )
            for called in calls.outgoing(workspace, name)
        ]
