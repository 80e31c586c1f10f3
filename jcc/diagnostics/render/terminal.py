"""For people: `text` shows the source line with a caret under the exact span, `concise` is one line a finding."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from jcc.diagnostics.core import Label
from jcc.diagnostics.render.findings import Finding
from jcc.source import Source, Span

TAB = "    "
STYLES = {"error": "31;1", "warning": "33;1", "info": "36;1", "hint": "36", "frame": "34"}
CUT_BEFORE, CUT_AFTER = 60, 100  # what is shown of a very long line around the span


def concise(findings: Sequence[Finding]) -> str:
    """`path:line:column: severity[code] message`, one finding a line."""
    return "".join(
        f"{f.source.path}:{f.start.line}:{f.start.column}: "
        f"{f.severity}[{f.diagnostic.code}] {f.diagnostic.message}\n"
        for f in findings
    )


def text(findings: Sequence[Finding], *, colour: bool = False) -> str:
    """Each finding with its source line, carets, related places and help; a blank line between two."""
    return "\n".join("\n".join(_Page(finding, colour).lines()) + "\n" for finding in findings)


@dataclass(frozen=True, slots=True)
class _Page:
    """One finding, laid out. All its line numbers share one gutter."""

    finding: Finding
    colour: bool

    def lines(self) -> Iterator[str]:
        finding, diagnostic = self.finding, self.finding.diagnostic
        head = self._paint(finding.severity, f"{finding.severity}[{diagnostic.code}]")
        yield f"{head}: {self._paint('1', diagnostic.message)}"
        yield from self._place(finding.source, diagnostic.span, finding.severity)
        for label in diagnostic.labels:
            yield from self._label(label)
        if diagnostic.help:
            yield self._frame("|")
            yield f"{self._frame('=')} {self._paint('1', 'help')}: {diagnostic.help}"

    def _label(self, label: Label) -> Iterator[str]:
        source = self._source_of(label)
        yield self._frame("|")
        if source is None:
            yield f"{self._frame('=')} {label.message}: {label.path}"
            return
        yield f"{self._frame('=')} {label.message}:"
        yield from self._place(source, label.span, "frame")

    def _source_of(self, label: Label) -> Source | None:
        finding = self.finding
        if label.path is None or label.path == finding.source.path:
            return finding.source
        return finding.others.get(label.path)

    def _place(self, source: Source, span: Span, style: str) -> Iterator[str]:
        start, end = source.position(span.start), source.position(span.end)
        line = source.line_text(start.line)
        first = start.column - 1
        last = end.column - 1 if end.line == start.line else len(line)
        cut = max(0, first - CUT_BEFORE)
        before = _shown(line[cut:first])
        marked = _shown(line[first:last])
        after = _shown(line[last : max(last, first) + CUT_AFTER])
        yield f"{' ' * self._gutter}{self._paint('frame', '-->')} {source.path}:{start.line}:{start.column}"
        yield self._frame("|")
        number = f"{start.line:>{self._gutter}}"
        yield f"{self._paint('frame', number + ' |')} {before}{marked}{after}".rstrip()
        carets = "^" * max(1, _width(marked))
        yield f"{self._frame('|')} {' ' * _width(before)}{self._paint(style, carets)}"

    @property
    def _gutter(self) -> int:
        places = [self.finding.start.line]
        for label in self.finding.diagnostic.labels:
            source = self._source_of(label)
            if source is not None:
                places.append(source.position(label.span.start).line)
        return len(str(max(places)))

    def _frame(self, sign: str) -> str:
        return f"{' ' * self._gutter} {self._paint('frame', sign)}"

    def _paint(self, style: str, words: str) -> str:
        return f"\x1b[{STYLES.get(style, style)}m{words}\x1b[0m" if self.colour else words


def _shown(piece: str) -> str:
    """Text as a terminal can show it: tabs widened, control characters and lone surrogates replaced."""
    return "".join(
        TAB if char == "\t" else char if char.isprintable() else "\ufffd" for char in piece
    )


def _width(piece: str) -> int:
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1
        for char in piece
    )
