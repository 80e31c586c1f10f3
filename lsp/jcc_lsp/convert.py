"""Between the protocol's values and ours: the one place that knows both the client's lines and columns and offsets in a piece."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from lsprotocol import types as lsp

from jcc.diagnostics import Diagnostic, Severity
from jcc.source import Source, Span
from jcc_lsp.documents import Change, Document, Place
from jcc_lsp.ide.results import Location, TextEdit
from jcc_lsp.positions import place_of
from jcc_lsp.state import Anchor, Cursor, State

SEVERITIES = {
    Severity.ERROR: lsp.DiagnosticSeverity.Error,
    Severity.WARNING: lsp.DiagnosticSeverity.Warning,
    Severity.INFO: lsp.DiagnosticSeverity.Information,
    Severity.HINT: lsp.DiagnosticSeverity.Hint,
}
UNNECESSARY = frozenset({"unreachable-code", "unused-label", "unused-input", "unused-variable"})


class AtPosition(Protocol):
    """The parameters of a request about a place in a text."""

    text_document: lsp.TextDocumentIdentifier
    position: lsp.Position


def place_from(position: lsp.Position) -> Place:
    return position.line, position.character


def change_from(change: lsp.TextDocumentContentChangeEvent) -> Change:
    if isinstance(change, lsp.TextDocumentContentChangePartial):
        return Change(change.text, place_from(change.range.start), place_from(change.range.end))
    return Change(change.text)


class Converter:
    """Converts for one client: its encoding, and the pieces of the files as they are now."""

    def __init__(self, state: State) -> None:
        self._state = state

    # -- from the client

    def cursor(self, params: AtPosition) -> Cursor | None:
        """What the client points to; None in a file that the server does not have."""
        return self._state.cursor(params.text_document.uri, place_from(params.position))

    def span(self, document: Document, range: lsp.Range) -> Span:
        """A range of the client's in a document's whole text."""
        encoding = self._state.encoding
        start = document.offset(place_from(range.start), encoding)
        return Span(start, max(start, document.offset(place_from(range.end), encoding)))

    # -- to the client

    def position(self, source: Source, offset: int, first_line: int = 0) -> lsp.Position:
        line, column = place_of(source, offset, self._state.encoding)
        return lsp.Position(line + first_line, column)

    def range_in(self, source: Source, span: Span, first_line: int = 0) -> lsp.Range:
        return lsp.Range(
            self.position(source, span.start, first_line),
            self.position(source, span.end, first_line),
        )

    def anchor(self, path: str) -> Anchor:
        """Where a piece that the workspace has is for the client."""
        anchor = self._state.anchor(path)
        assert anchor is not None, path
        return anchor

    def range(self, path: str, span: Span) -> lsp.Range:
        """The client's range of a span in a piece."""
        piece = self.anchor(path).piece
        return self.range_in(piece.source, span, piece.first_line)

    def location(self, place: Location) -> lsp.Location:
        return lsp.Location(self.anchor(place.path).uri, self.range(place.path, place.span))

    def locations(self, places: Iterable[Location]) -> list[lsp.Location]:
        return [self.location(place) for place in places]

    def workspace_edit(self, edits: Iterable[TextEdit]) -> list[lsp.TextDocumentEdit]:
        """Edits by file, each for the version that the client has."""
        found: dict[str, list[lsp.TextEdit]] = {}
        versions: dict[str, int | None] = {}
        for path, span, text in edits:
            document = self.anchor(path).document
            versions[document.uri] = document.version
            edit = lsp.TextEdit(self.range(path, span), text)
            found.setdefault(document.uri, []).append(edit)
        return [
            lsp.TextDocumentEdit(
                lsp.OptionalVersionedTextDocumentIdentifier(uri, versions[uri]), edits_of_it
            )
            for uri, edits_of_it in found.items()
        ]

    def diagnostics(self, document: Document, found: Iterable[Diagnostic]) -> list[lsp.Diagnostic]:
        """Findings whose places are in a document's whole text."""
        found = list(found)
        source = Source(document.path, document.text if found else "")
        return [self._diagnostic(document, source, finding) for finding in found]

    def _diagnostic(
        self, document: Document, source: Source, finding: Diagnostic
    ) -> lsp.Diagnostic:
        related = []
        for label in finding.labels:
            if label.path is None:
                place = lsp.Location(document.uri, self.range_in(source, label.span))
            else:
                place = self.location(Location(label.path, label.span))
            related.append(lsp.DiagnosticRelatedInformation(place, label.message))
        message = finding.message if finding.help is None else f"{finding.message}\n{finding.help}"
        unnecessary = finding.rule.name in UNNECESSARY
        return lsp.Diagnostic(
            range=self.range_in(source, finding.span),
            severity=SEVERITIES[finding.severity],
            code=finding.code,
            source="jcc",
            message=message,
            tags=[lsp.DiagnosticTag.Unnecessary] if unnecessary else None,
            related_information=related or None,
        )
