"""Code lenses: their commands are worked out when the client shows them."""

from __future__ import annotations

from lsprotocol import types as lsp

from jcc_lsp.handlers.commands import GRAPH, RUN, SHOW_REFERENCES
from jcc_lsp.handlers.structure import pieces
from jcc_lsp.ide.code_lenses import callers, callers_title, code_lenses
from jcc_lsp.server import JclServer


def register(server: JclServer) -> None:
    convert, state = server.convert, server.state

    @server.on(lsp.TEXT_DOCUMENT_CODE_LENS, lsp.CodeLensOptions(resolve_provider=True))
    def on_lenses(params: lsp.CodeLensParams) -> list[lsp.CodeLens]:
        if not state.settings.code_lenses:
            return []
        uri = params.text_document.uri
        found: list[lsp.CodeLens] = []
        can_run = True
        for workspace, piece in pieces(server, uri):
            for lens in code_lenses(workspace, piece.name):
                if lens.kind == "run":
                    can_run, is_shown = (
                        False,
                        can_run,
                    )  # what is run is the first workflow of a file
                    if not is_shown:
                        continue
                where = convert.range_in(piece.source, lens.span, piece.first_line)
                data = {"uri": uri, "kind": lens.kind, "name": lens.name}
                found.append(lsp.CodeLens(where, data=data))
        return found

    @server.on(lsp.CODE_LENS_RESOLVE)
    def resolve(lens: lsp.CodeLens) -> lsp.CodeLens:
        match lens.data:
            case {"uri": str(uri), "kind": "callers", "name": str(name)}:
                lens.command = _callers(server, lens, uri, name)
            case {"uri": str(uri), "kind": "run", "name": str(name)}:
                lens.command = lsp.Command("run", RUN, arguments=[{"uri": uri, "name": name}])
            case {"uri": str(uri), "kind": "graph", "name": str(name)}:
                arguments = [{"uri": uri, "name": name}]
                lens.command = lsp.Command("show graph", GRAPH, arguments=arguments)
            case _:
                pass
        return lens


def _callers(server: JclServer, lens: lsp.CodeLens, uri: str, name: str) -> lsp.Command:
    found = server.state.find(uri)
    places = [] if found is None else callers(found[0].workspace, name)
    locations = server.convert.locations(places)
    arguments = [uri, lens.range.start, locations]
    return lsp.Command(callers_title(len(places)), SHOW_REFERENCES, arguments=arguments)
