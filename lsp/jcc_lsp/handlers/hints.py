"""What is told about a place: hover, signatures, hints between the words."""

from __future__ import annotations

from collections.abc import Iterator

from lsprotocol import types as lsp

from jcc.source import Span
from jcc_lsp.documents import Document, Piece
from jcc_lsp.ide.hover import hover
from jcc_lsp.ide.inlay_hints import InlayHint, inlay_hints
from jcc_lsp.ide.signature_help import Help, signature_help
from jcc_lsp.ide.wording import Topic, documentation, summary
from jcc_lsp.positions import Encoding, units
from jcc_lsp.projects import Project
from jcc_lsp.server import JclServer

SIGNATURES = lsp.SignatureHelpOptions(trigger_characters=["(", ","], retrigger_characters=["="])


def register(server: JclServer) -> None:
    _register_hover(server)
    _register_hints(server)


def markdown(text: str) -> lsp.MarkupContent:
    return lsp.MarkupContent(lsp.MarkupKind.Markdown, text)


# -- hover and signatures -----------------------------------------------------------------------------------------


def _register_hover(server: JclServer) -> None:
    convert = server.convert

    @server.on(lsp.TEXT_DOCUMENT_HOVER)
    def on_hover(params: lsp.HoverParams) -> lsp.Hover | None:
        at = convert.cursor(params)
        if at is None:
            return None
        found = hover(*at)
        texts = [found.text] if found else []
        texts += _findings(server, params)
        if not texts:
            return None
        where = convert.range(at.path, found.span) if found else None
        return lsp.Hover(markdown("\n\n---\n".join(texts)), where)

    @server.on(lsp.TEXT_DOCUMENT_SIGNATURE_HELP, SIGNATURES)
    def on_signature(params: lsp.SignatureHelpParams) -> lsp.SignatureHelp | None:
        at = convert.cursor(params)
        found = at and signature_help(*at)
        return _signature(found) if found else None


def _findings(server: JclServer, params: lsp.HoverParams) -> list[str]:
    """What the rules of the findings at the place say in short."""
    found = server.state.find(params.text_document.uri)
    if found is None:
        return []
    place = params.position.line, params.position.character
    texts: dict[str, None] = {}
    for finding in server.reports.of(found[0], found[1].path).items:
        start, end = finding.range.start, finding.range.end
        if (start.line, start.character) <= place <= (end.line, end.character):
            texts[summary(str(finding.code))] = None
    return [text for text in texts if text]


def _signature(found: Help) -> lsp.SignatureHelp:
    def offset(at: int) -> int:
        return units(found.label[:at], Encoding.UTF16)  # here the protocol knows no other

    parameters = [
        lsp.ParameterInformation(
            (offset(parameter.start), offset(parameter.end)),
            markdown(parameter.doc) if parameter.doc else None,
        )
        for parameter in found.parameters
    ]
    doc = markdown(found.doc) if found.doc else None
    return lsp.SignatureHelp(
        [lsp.SignatureInformation(found.label, doc, parameters)], 0, found.active
    )


# -- inlay hints --------------------------------------------------------------------------------------------------


def _register_hints(server: JclServer) -> None:
    convert, state = server.convert, server.state

    @server.on(lsp.TEXT_DOCUMENT_INLAY_HINT, lsp.InlayHintOptions(resolve_provider=True))
    def on_hints(params: lsp.InlayHintParams) -> list[lsp.InlayHint]:
        found = state.find(params.text_document.uri)
        if found is None:
            return []
        project, document = found
        settings, uri = state.settings, params.text_document.uri
        return [
            _hint(server, piece, hint, uri)
            for piece, hint in _in_range(project, document, convert.span(document, params.range))
            if (settings.inlay_hint_types if hint.is_type else settings.inlay_hint_defaults)
        ]

    @server.on(lsp.INLAY_HINT_RESOLVE)
    def resolve(hint: lsp.InlayHint) -> lsp.InlayHint:
        match hint.data:
            case {"uri": str(uri), "topic": [str(kind), str(name), str(of)]}:
                found = state.find(uri)
                text = found and documentation(found[0].workspace, Topic(kind, name, of))
                if text:
                    hint.tooltip = markdown(text)
            case _:
                pass
        return hint


def _in_range(
    project: Project, document: Document, span: Span
) -> Iterator[tuple[Piece, InlayHint]]:
    for piece in document.pieces:
        start, end = span.start - piece.start, span.end - piece.start
        if end >= 0 and start <= len(piece.source.text):
            for hint in inlay_hints(project.workspace, piece.name, Span(max(start, 0), end)):
                yield piece, hint


def _hint(server: JclServer, piece: Piece, hint: InlayHint, uri: str) -> lsp.InlayHint:
    return lsp.InlayHint(
        server.convert.position(piece.source, hint.offset, piece.first_line),
        hint.text,
        lsp.InlayHintKind.Type if hint.is_type else lsp.InlayHintKind.Parameter,
        padding_left=not hint.is_type,
        data={"uri": uri, "topic": list(hint.topic)} if hint.topic else None,
    )
