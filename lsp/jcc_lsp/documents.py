"""A file's text as the server keeps it: in pieces, each a file of its own for the workspace, changed by a client's edits.

A piece's name in the workspace is the file's path, or that with a number behind. Names stay with their pieces, so that an edit in
one definition leaves the answers about all others as they are.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import accumulate, count

from jcc.source import Source
from jcc.workspace import SCHEMA_SUFFIX
from jcc_lsp.pieces import split
from jcc_lsp.positions import Encoding, offset_at

Place = tuple[int, int]
"""A line and a column as the client counts them, both from 0."""


@dataclass(frozen=True, slots=True)
class Change:
    """Replace what lies between two places by a text; the whole text if there are none."""

    text: str
    start: Place | None = None
    end: Place | None = None


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a file: its name in the workspace, its text, and where it begins."""

    name: str
    source: Source
    first_line: int
    start: int


@dataclass(slots=True)
class Document:
    """One file. While the client has it open, `version` is the client's and the text need not be that on disk."""

    path: str
    uri: str
    is_open: bool = False
    version: int | None = None
    pieces: list[Piece] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(piece.source.text for piece in self.pieces)

    def set_text(self, text: str) -> None:
        """Cut a new text into pieces; those that are the old ones at its beginning and end keep their names."""
        self._set_pieces([text] if self.path.endswith(SCHEMA_SUFFIX) else split(text))

    def join(self) -> None:
        """Have the text in one piece until it changes."""
        self._set_pieces([self.text])

    def _set_pieces(self, texts: list[str]) -> None:
        old = self.pieces
        shorter = min(len(texts), len(old))
        head = 0
        while head < shorter and texts[head] == old[head].source.text:
            head += 1
        tail = 0
        while tail < shorter - head and texts[-1 - tail] == old[-1 - tail].source.text:
            tail += 1
        kept, between = old[:head] + old[len(old) - tail :], old[head : len(old) - tail]
        new = self._named(texts[head : len(texts) - tail], between, kept)
        sources = [piece.source for piece in old[:head]]
        sources += new
        sources += [piece.source for piece in old[len(old) - tail :]]
        lines = accumulate((source.line_count - 1 for source in sources), initial=0)
        starts = accumulate((len(source.text) for source in sources), initial=0)
        self.pieces = [
            Piece(source.path, source, line, start)
            for source, line, start in zip(sources, lines, starts, strict=False)
        ]

    def _named(
        self, texts: list[str], replaced: list[Piece], kept: list[Piece]
    ) -> Iterator[Source]:
        """Sources for new pieces: they get the names of those they replace, then names that are free."""
        taken = {piece.name for piece in kept}
        names = [piece.name for piece in replaced[: len(texts)]]
        taken.update(names)
        free = (name for name in self._all_names() if name not in taken)
        names += [next(free) for _ in range(len(texts) - len(names))]
        return map(Source, names, texts)

    def _all_names(self) -> Iterator[str]:
        yield self.path
        for number in count(2):
            yield f"{self.path}#{number}"

    def apply(self, change: Change, encoding: Encoding) -> None:
        """Take an edit of the client's."""
        if change.start is None or change.end is None:
            self.set_text(change.text)
            return
        text = self.text
        start, end = self.offset(change.start, encoding), self.offset(change.end, encoding)
        self.set_text(text[:start] + change.text + text[max(start, end) :])

    def offset(self, place: Place, encoding: Encoding) -> int:
        """The offset of a place in the whole text."""
        piece = self.piece_at(place[0])
        return piece.start + offset_at(
            piece.source, place[0] - piece.first_line, place[1], encoding
        )

    def piece_at(self, line: int) -> Piece:
        """The piece that a line (from 0) lies in."""
        found = bisect_right(self.pieces, line, key=lambda piece: piece.first_line)
        return self.pieces[max(found - 1, 0)]
