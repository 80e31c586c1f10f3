"""Formatting, in the style that the project's configuration sets: the same as `jcc fmt`."""

from __future__ import annotations

from collections.abc import Iterable

from lsprotocol import types as lsp

from jcc.diagnostics import Edit
from jcc.frontend.formatter import Style
from jcc.frontend.parser import Parsed
from jcc.workspace import SCHEMA_SUFFIX, parsed
from jcc_lsp.documents import Document
from jcc_lsp.ide import formatting
from jcc_lsp.projects import Project
from jcc_lsp.server import JclServer
from jcc_lsp.whole import whole

ON_TYPE = lsp.DocumentOnTypeFormattingOptions(formatting.TRIGGERS[0], list(formatting.TRIGGERS[1:]))


def register(server: JclServer) -> None:
    convert, state = server.convert, server.state

    def file_of(uri: str) -> tuple[Project, Document, Style] | None:
        found = state.find(uri)
        if found is None or found[1].path.endswith(SCHEMA_SUFFIX):
            return None
        return *found, style_of(*found)

    def edits(tree: Parsed, found: Iterable[Edit]) -> list[lsp.TextEdit]:
        source = tree.tokens.source
        return [lsp.TextEdit(convert.range_in(source, edit.span), edit.text) for edit in found]

    @server.on(lsp.TEXT_DOCUMENT_FORMATTING)
    def format_document(params: lsp.DocumentFormattingParams) -> list[lsp.TextEdit] | None:
        found = file_of(params.text_document.uri)
        if found is None:
            return None
        project, document, style = found
        tree = whole(project.workspace, document)
        return edits(tree, formatting.format_text(tree, style))

    @server.on(lsp.TEXT_DOCUMENT_RANGE_FORMATTING)
    def format_range(params: lsp.DocumentRangeFormattingParams) -> list[lsp.TextEdit] | None:
        found = file_of(params.text_document.uri)
        if found is None:
            return None
        project, document, style = found
        tree = whole(project.workspace, document)
        span = convert.span(document, params.range)
        return edits(tree, formatting.format_range(tree, span, style))

    @server.on(lsp.TEXT_DOCUMENT_ON_TYPE_FORMATTING, ON_TYPE)
    def format_on_type(
        params: lsp.DocumentOnTypeFormattingParams,
    ) -> list[lsp.TextEdit] | None:
        found, at = file_of(params.text_document.uri), convert.cursor(params)
        if found is None or at is None:
            return None
        tree = parsed(at.workspace, at.path)
        made = formatting.format_typed(tree, at.offset, params.ch, found[2])
        return [lsp.TextEdit(convert.range(at.path, edit.span), edit.text) for edit in made]


def style_of(project: Project, document: Document) -> Style:
    """How the project wants a file to be indented."""
    indent = project.config(document.path).indent
    return Style() if isinstance(indent, str) else Style(spaces=indent)
