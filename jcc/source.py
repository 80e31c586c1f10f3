"""A source text and positions in it. Everything inside the compiler counts code points from 0; lines and columns
exist only at the edges (renderers, the language server)."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from typing import NamedTuple

_LINE_END = re.compile("\n")


class Span(NamedTuple):
    """A half-open range `start <= offset < end` of code-point offsets."""

    start: int
    end: int

    def to(self, other: Span) -> Span:
        """The smallest span that covers both."""
        return Span(min(self.start, other.start), max(self.end, other.end))


class Position(NamedTuple):
    """A place for people: line and column, both from 1, the column in code points."""

    line: int
    column: int


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """One file's text. `path` is only a label here: nothing in this module reads a file."""

    path: str
    text: str
    _found: list[int] = field(init=False, repr=False, default_factory=list)

    @property
    def _line_starts(self) -> list[int]:
        """Looked for when first asked for: the parser does without."""
        # Only LF ends a line (a CR before it belongs to the line's end): form feed, U+2028 and the like are text.
        if not self._found:
            self._found.append(0)
            self._found.extend([match.end() for match in _LINE_END.finditer(self.text)])
        return self._found

    @property
    def line_count(self) -> int:
        return len(self._line_starts)

    def position(self, offset: int) -> Position:
        """The line and column of an offset; offsets past the end give the end."""
        offset = max(0, min(offset, len(self.text)))
        line = bisect_right(self._line_starts, offset)
        return Position(line, offset - self._line_starts[line - 1] + 1)

    def offset(self, line: int, column: int) -> int:
        """The offset of a line and column (from 1), clamped to the text and to the line."""
        if line < 1:
            return 0
        if line > self.line_count:
            return len(self.text)
        start, end = self.line_span(line)
        return min(start + max(column - 1, 0), end)

    def line_span(self, line: int) -> Span:
        """The span of a line (from 1) without its line break."""
        start = self._line_starts[line - 1]
        end = self._line_starts[line] - 1 if line < self.line_count else len(self.text)
        if end > start and self.text[end - 1] == "\r":
            end -= 1
        return Span(start, end)

    def line_text(self, line: int) -> str:
        start, end = self.line_span(line)
        return self.text[start:end]
