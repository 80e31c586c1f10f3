"""Renaming of symbols, of files with their definitions, and of definitions with their files."""

from __future__ import annotations

from pathlib import PurePath

from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcException

from jcc.project import JCL_SUFFIXES
from jcc.workspace import SCHEMA_SUFFIX
from jcc_lsp.ide import rename
from jcc_lsp.ide.symbols import Kind, Symbol
from jcc_lsp.server import JclServer
from jcc_lsp.uris import path_of, uri_of

REQUEST_FAILED = -32803
ENDINGS = (*JCL_SUFFIXES, SCHEMA_SUFFIX)
FILES = lsp.FileOperationRegistrationOptions(
    [lsp.FileOperationFilter(lsp.FileOperationPattern("**/*.{wf,ac,schema.json}"), "file")]
)


def register(server: JclServer) -> None:
    convert = server.convert

    @server.on(lsp.TEXT_DOCUMENT_PREPARE_RENAME)
    def prepare_rename(params: lsp.PrepareRenameParams) -> lsp.PrepareRenamePlaceholder | None:
        at = convert.cursor(params)
        try:
            found = at and rename.prepare(*at)
        except rename.RenameRefused as refused:
            raise JsonRpcException(str(refused), REQUEST_FAILED) from None
        if not at or not found:
            return None
        return lsp.PrepareRenamePlaceholder(convert.range(at.path, found.span), found.name)

    @server.on(lsp.TEXT_DOCUMENT_RENAME)
    def rename_symbol(params: lsp.RenameParams) -> lsp.WorkspaceEdit | None:
        at = convert.cursor(params)
        try:
            found = at and rename.rename(*at, params.new_name)
        except rename.RenameRefused as refused:
            raise JsonRpcException(str(refused), REQUEST_FAILED) from None
        return None if not found else _edit(server, found, _new_file(server, found))

    @server.on(lsp.WORKSPACE_WILL_RENAME_FILES, FILES)
    def will_rename_files(params: lsp.RenameFilesParams) -> lsp.WorkspaceEdit | None:
        changes: list[lsp.TextDocumentEdit] = []
        for file in params.files:
            changes += _follow(server, file.old_uri, file.new_uri)
        return lsp.WorkspaceEdit(document_changes=list(changes)) if changes else None


def _follow(server: JclServer, old_uri: str, new_uri: str) -> list[lsp.TextDocumentEdit]:
    """Rename what a file is named after with the file; nothing where that cannot be."""
    old, new = _name(old_uri), _name(new_uri)
    found = server.state.find(old_uri)
    if found is None or not old or not new or old == new:
        return []
    project, document = found
    kind = Kind.TYPE if document.path.endswith(SCHEMA_SUFFIX) else Kind.DEFINITION
    try:
        renaming = rename.rename_symbol(project.workspace, Symbol(kind, old), new)
    except rename.RenameRefused:
        return []
    if all(piece.name != renaming.file for piece in document.pieces):
        return []
    return server.convert.workspace_edit(renaming.edits)


def _name(uri: str) -> str:
    """What a file is named after; '' where the server does not care for it."""
    name = PurePath(path_of(uri)).name
    return next((name.removesuffix(end) for end in ENDINGS if name.endswith(end)), "")


def _new_file(server: JclServer, renaming: rename.Renaming) -> lsp.RenameFile | None:
    """How the file that is named after a definition or a schema is called afterwards."""
    if renaming.file is None:
        return None
    document = server.convert.anchor(renaming.file).document
    if _name(document.uri) != renaming.old or not set("/\\\0").isdisjoint(renaming.new):
        return None
    path = PurePath(document.path)
    new = uri_of(str(path.with_name(renaming.new + path.name.removeprefix(renaming.old))))
    return lsp.RenameFile(document.uri, new) if server.state.find(new) is None else None


def _edit(
    server: JclServer, renaming: rename.Renaming, file: lsp.RenameFile | None
) -> lsp.WorkspaceEdit:
    """The edit in the form that the client takes."""
    edits = server.convert.workspace_edit(renaming.edits)
    workspace = server.client_capabilities.workspace
    can = workspace and workspace.workspace_edit
    operations = (can and can.resource_operations) or ()
    if lsp.ResourceOperationKind.Rename in operations:
        return lsp.WorkspaceEdit(document_changes=[*edits, *([file] if file else [])])
    if can and can.document_changes:
        return lsp.WorkspaceEdit(document_changes=edits)
    return lsp.WorkspaceEdit(
        changes={
            edit.text_document.uri: [e for e in edit.edits if isinstance(e, lsp.TextEdit)]
            for edit in edits
        }
    )
