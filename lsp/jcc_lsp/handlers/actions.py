"""Code actions: offered with their edits, or without them to a client that asks for those of the one that is chosen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from lsprotocol import types as lsp

from jcc.diagnostics import Edit
from jcc.diagnostics.core import moved
from jcc.fixes import edits_of
from jcc.source import Source, Span
from jcc.workspace import SCHEMA_SUFFIX
from jcc_lsp.documents import Document
from jcc_lsp.handlers.formatting import style_of
from jcc_lsp.ide import formatting
from jcc_lsp.ide.code_actions import Action, Changes, code_actions
from jcc_lsp.projects import Project
from jcc_lsp.server import JclServer
from jcc_lsp.uris import uri_of
from jcc_lsp.whole import whole

FIX_ALL = "source.fixAll.jcc"
FORMAT = "source.format.jcc"
OPTIONS = lsp.CodeActionOptions(
    code_action_kinds=[
        lsp.CodeActionKind.QuickFix,
        lsp.CodeActionKind.RefactorExtract,
        lsp.CodeActionKind.RefactorInline,
        lsp.CodeActionKind.RefactorRewrite,
        FIX_ALL,
        FORMAT,
    ],
    resolve_provider=True,
)


def register(server: JclServer) -> None:
    state = server.state

    @server.on(lsp.TEXT_DOCUMENT_CODE_ACTION, OPTIONS)
    def on_actions(params: lsp.CodeActionParams) -> list[lsp.CodeAction]:
        found = state.find(params.text_document.uri)
        if found is None or found[1].path.endswith(SCHEMA_SUFFIX):
            return []
        only = params.context.only
        offered = list(_here(server, *found, params))
        if any(_text(kind).startswith("source") for kind in only or []):
            offered += _source_actions(server, *found)
        return [action for action in offered if only is None or _is_one_of(action, only)]

    @server.on(lsp.CODE_ACTION_RESOLVE)
    def resolve(action: lsp.CodeAction) -> lsp.CodeAction:
        match action.data:
            case {"uri": str(uri), "start": int(start), "end": int(end), "number": int(number)}:
                found = state.find(uri)
                known = list(_known(server, *found, Span(start, end))) if found else []
                # Where the text has changed since, it may be another one.
                if found and number < len(known) and known[number].title == action.title:
                    action.edit = _edit(server, found[1], known[number].changes())
            case _:
                pass
        return action


def _is_one_of(action: lsp.CodeAction, wanted: Sequence[lsp.CodeActionKind | str]) -> bool:
    kind = _text(action.kind)
    return any(kind == other or kind.startswith(f"{other}.") for other in map(_text, wanted))


def _text(kind: lsp.CodeActionKind | str | None) -> str:
    return kind.value if isinstance(kind, lsp.CodeActionKind) else kind or ""


# -- actions at a place -------------------------------------------------------------------------------------------


def _here(
    server: JclServer, project: Project, document: Document, params: lsp.CodeActionParams
) -> Iterator[lsp.CodeAction]:
    span = server.convert.span(document, params.range)
    texts = server.client_capabilities.text_document
    known = texts and texts.code_action
    resolves = "edit" in (
        (known and known.resolve_support and known.resolve_support.properties) or []
    )
    for number, action in enumerate(_known(server, project, document, span)):
        made = lsp.CodeAction(action.title, action.kind, is_preferred=action.is_preferred or None)
        if action.finding is not None:
            code = action.finding.code
            made.diagnostics = [d for d in params.context.diagnostics if d.code == code] or None
        if resolves:
            uri = params.text_document.uri
            made.data = {"uri": uri, "start": span.start, "end": span.end, "number": number}
        else:
            made.edit = _edit(server, document, action.changes())
        yield made


def _known(server: JclServer, project: Project, document: Document, span: Span) -> Iterator[Action]:
    """The actions in a part of a file: those of the definition that it begins in."""
    line = Source(document.path, document.text).position(span.start).line - 1
    piece = document.piece_at(line)
    found = [
        moved(finding, -piece.start)
        for finding in project.told(document.path)
        if finding.span.start <= span.end and span.start <= finding.span.end
    ]
    inside = Span(span.start - piece.start, span.end - piece.start)
    new_files = Path(document.path).is_absolute() and _may_create(server)
    yield from code_actions(project.workspace, piece.name, inside, found, new_files=new_files)


def _may_create(server: JclServer) -> bool:
    workspace = server.client_capabilities.workspace
    edits = workspace and workspace.workspace_edit
    operations = (edits and edits.resource_operations) or []
    return lsp.ResourceOperationKind.Create in operations


def _edit(server: JclServer, document: Document, changes: Changes) -> lsp.WorkspaceEdit:
    """Changes in the form that the client takes."""
    edits = server.convert.workspace_edit(changes.edits)
    if changes.new_file is not None:
        uri = uri_of(str(Path(document.path).with_name(changes.new_file.name)))
        start = lsp.Position(0, 0)
        new_text = lsp.TextEdit(lsp.Range(start, start), changes.new_file.text)
        identifier = lsp.OptionalVersionedTextDocumentIdentifier(uri, None)
        content = lsp.TextDocumentEdit(identifier, [new_text])
        return lsp.WorkspaceEdit(document_changes=[lsp.CreateFile(uri), content, *edits])
    return _workspace_edit(server, edits)


def _workspace_edit(server: JclServer, edits: list[lsp.TextDocumentEdit]) -> lsp.WorkspaceEdit:
    workspace = server.client_capabilities.workspace
    if workspace and workspace.workspace_edit and workspace.workspace_edit.document_changes:
        return lsp.WorkspaceEdit(document_changes=list(edits))
    changes = {
        edit.text_document.uri: [e for e in edit.edits if isinstance(e, lsp.TextEdit)]
        for edit in edits
    }
    return lsp.WorkspaceEdit(changes=changes)


# -- actions on the whole file ------------------------------------------------------------------------------------


def _source_actions(
    server: JclServer, project: Project, document: Document
) -> Iterator[lsp.CodeAction]:
    """All safe fixes at once, and the formatter."""
    fixes, count = edits_of(project.findings(document.path), unsafe=False)
    if fixes:
        title = f"fix all: {count} finding{'' if count == 1 else 's'}"
        yield lsp.CodeAction(title, FIX_ALL, edit=_of_file(server, document, fixes))
    formatted = formatting.format_text(
        whole(project.workspace, document), style_of(project, document)
    )
    if formatted:
        edit = _of_file(server, document, formatted)
        yield lsp.CodeAction("format the file", FORMAT, edit=edit)


def _of_file(server: JclServer, document: Document, edits: list[Edit]) -> lsp.WorkspaceEdit:
    source = Source(document.path, document.text)
    made: list[lsp.TextEdit | lsp.AnnotatedTextEdit | lsp.SnippetTextEdit] = [
        lsp.TextEdit(server.convert.range_in(source, edit.span), edit.text) for edit in edits
    ]
    identifier = lsp.OptionalVersionedTextDocumentIdentifier(document.uri, document.version)
    return _workspace_edit(server, [lsp.TextDocumentEdit(identifier, made)])
