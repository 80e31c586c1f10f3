"""The texts of files: open, changed, closed, changed on disk."""

from __future__ import annotations

from lsprotocol import types as lsp

from jcc_lsp.convert import change_from
from jcc_lsp.server import JclServer
from jcc_lsp.uris import path_of


def register(server: JclServer) -> None:
    state, publisher = server.state, server.publisher

    @server.on(lsp.TEXT_DOCUMENT_DID_OPEN)
    def did_open(params: lsp.DidOpenTextDocumentParams) -> None:
        item = params.text_document
        path = path_of(item.uri)
        project = state.project_of(path)
        others = project.open(path, item.uri, item.version, item.text)
        publisher.changed(project, path, others=others)
        server.catalogs.notice(project)
        server.watch.follow_settings()

    @server.on(lsp.TEXT_DOCUMENT_DID_CHANGE)
    def did_change(params: lsp.DidChangeTextDocumentParams) -> None:
        found = state.find(params.text_document.uri)
        if found is None:
            return
        project, document = found
        changes = [change_from(change) for change in params.content_changes]
        version = params.text_document.version
        others = project.change(document.path, version, changes, state.encoding)
        publisher.changed(project, document.path, others=others)

    @server.on(lsp.TEXT_DOCUMENT_DID_CLOSE)
    def did_close(params: lsp.DidCloseTextDocumentParams) -> None:
        path = path_of(params.text_document.uri)
        project = state.project_of(path)
        others = project.close(path)
        publisher.changed(project, path, others=others)

    @server.on(lsp.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    def did_change_watched_files(params: lsp.DidChangeWatchedFilesParams) -> None:
        server.watch.take(path_of(event.uri) for event in params.changes)
