"""Between the protocol's values and ours: the one place that knows both the client's lines and columns and offsets in a piece."""

from __future__ import annotations

from collections.abc import Iterable

from lsprotocol import types as lsp

from jcc.diagnostics import Diagnostic, Severity
from jcc.diagnostics.core import Edit
from jcc.source import Source, Span
from jcc_lsp.documents import Change, Document, Place
from jcc_lsp.ide.results import Location
from jcc_lsp.positions import place_of
from jcc_lsp.state import Cursor, State

SEVERITIES = {
    Severity.ERROR: lsp.DiagnosticSeverity.Error,
    Severity.WARNING: lsp.DiagnosticSeverity.Warning,
    Severity.INFO: lsp.DiagnosticSeverity.Information,
    Severity.HINT: lsp.DiagnosticSeverity.Hint,
}
UNNECESSARY = frozenset({"unreachable-code", "unused-label", "unused-input", "unused-variable"})


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

    def cursor(self, document: lsp.TextDocumentIdentifier, position: lsp.Position) -> Cursor | None:
        """What the client points to; None in a file that the server does not have."""
        return self._state.cursor(document.uri, place_from(position))

    # -- to the client

    def position(self, source: Source, offset: int, first_line: int = 0) -> lsp.Position:
        line, column = place_of(source, offset, self._state.encoding)
        return lsp.Position(line + first_line, column)

    def range_in(self, source: Source, span: Span, first_line: int = 0) -> lsp.Range:
        return lsp.Range(
            self.position(source, span.start, first_line),
            self.position(source, span.end, first_line),
        )

    def range(self, path: str, span: Span) -> lsp.Range:
        """The client's range of a span in a piece. The piece must be there."""
        anchor = self._state.anchor(path)
        assert anchor is not None, path
        return self.range_in(anchor.piece.source, span, anchor.piece.first_line)

    def location(self, place: Location) -> lsp.Location:
        anchor = self._state.anchor(place.path)
        assert anchor is not None, place.path
        piece = anchor.piece
        return lsp.Location(anchor.uri, self.range_in(piece.source, place.span, piece.first_line))

    def locations(self, places: Iterable[Location]) -> list[lsp.Location]:
        return [self.location(place) for place in places]

    def text_edits(self, path: str, edits: Iterable[Edit]) -> list[lsp.TextEdit]:
        """Edits of one piece."""
        return [lsp.TextEdit(self.range(path, edit.span), edit.text) for edit in edits]

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
