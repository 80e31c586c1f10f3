"""The formatter: the same text in good style (docs/style.md). It changes blanks and line ends, and drops the `;` at the
end of a line; no comment, no other token and no grouping by empty lines is lost.

It writes what the parser understood. A definition with a syntax error in it is left as it is, and the others around it
are formatted. What is inside of code blocks and block comments is theirs.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from jcc.diagnostics.syntax import MIXED_INDENTATION
from jcc.frontend.cursor import MAX_ERRORS
from jcc.frontend.layout import TAB, Line
from jcc.frontend.parser import Parsed, parse
from jcc.frontend.spacing import COLUMN, gaps
from jcc.frontend.tokens import BLANK, COMMENTS, NEWLINE
from jcc.source import Source, Span

_OPENING: Final = frozenset({"LPAR", "INDEX", "LIST", "LBRACE"})
_CLOSING: Final = frozenset({"RPAR", "RSQB", "RBRACE"})


@dataclass(frozen=True, slots=True)
class Style:
    """How to indent: with a tab a level, or with so many blanks."""

    spaces: int | None = None

    @property
    def indent(self) -> str:
        return "\t" if self.spaces is None else " " * self.spaces

    @property
    def column(self) -> str:
        """What stands between the columns of a declaration."""
        return "\t" if self.spaces is None else " "


TABS: Final = Style()


def format_source(source: Source, style: Style = TABS) -> str:
    """The text in good style. Formatting the result again changes nothing."""
    return format_parsed(parse(source), style)


def format_parsed(parsed: Parsed, style: Style = TABS, *, within: Span | None = None) -> str:
    """The text of what has been parsed, in good style. Where only the lines `within` a part matter, the others may be as they
    were: that is quicker."""
    if len(parsed.diagnostics) >= MAX_ERRORS:
        return parsed.tokens.source.text  # not all that is broken is told of
    headers = {definition.span.start for definition in parsed.file.definitions}
    starts = parsed.tokens.starts
    if len({line.indent for line in parsed.lines if starts[line.first] in headers}) > 1:
        # Definitions of different depths: to move one would change what is wrong with the others.
        return parsed.tokens.source.text
    text = "".join(_Formatter(parsed, style, within).chunks())
    return text if text.strip("\ufeff \t\r\n") else ""


class _Formatter:
    def __init__(self, parsed: Parsed, style: Style, within: Span | None) -> None:
        self.parsed = parsed
        self.style = style
        self.within = within
        self.kinds = parsed.tokens.kinds
        self.texts = parsed.tokens.texts
        text = parsed.tokens.source.text
        self.end_of_line = "\r\n" if "\r\n" in text[: text.find("\n") + 1] else "\n"
        # The logical lines by the token they begin with, and where each physical line begins.
        self.lines = {line.first: at for at, line in enumerate(parsed.lines)}
        newlines = [index + 1 for index, kind in enumerate(self.kinds) if kind == NEWLINE]
        self.line_starts = [0, *newlines]

    def chunks(self) -> Iterator[str]:
        """The definitions, each with what stands behind it up to the next; the first also with what is before it."""
        starts = self.parsed.tokens.starts
        ends = [self._line_start(found.span.start) for found in self.parsed.file.definitions[1:]]
        begin = 0
        for end in [*ends, len(self.kinds)]:
            if self._is_broken(starts[begin], starts[end], last=end == len(self.kinds)):
                yield "".join(self.texts[begin:end])
            else:
                yield self._chunk(begin, end)
            begin = end

    def _line_start(self, offset: int) -> int:
        """The first token of the physical line that an offset lies in."""
        index = self.parsed.tokens.index_at(offset)
        return self.line_starts[bisect_right(self.line_starts, index) - 1]

    def _is_broken(self, start: int, end: int, *, last: bool) -> bool:
        return any(
            (start <= finding.span.start < end or (last and finding.span.start == end))
            for finding in self.parsed.diagnostics
            # Where tabs and blanks are mixed, what was meant is plain, and mending it is the task here.
            if finding.rule is not MIXED_INDENTATION
        )

    def _chunk(self, begin: int, end: int) -> str:
        out: list[str] = []
        columns: list[int] = []  # of the open blocks
        empty = False
        at = begin
        while at < end:
            first = at + (self.kinds[at] == BLANK)
            if first >= end or self.kinds[first] == NEWLINE:
                empty, at = True, first + 1
                continue
            if empty and (out or begin):
                out.append("")
            empty = False
            head = self._first_of_line(first, end)
            if head in self.lines:
                number = self.lines[head]
                line = self.parsed.lines[number]
                _enter(columns, line.column)
                indent = self.style.indent * (len(columns) - 1)
                before = "".join(self.texts[first:head])
                if self._matters(line):
                    out.append(indent + before + self._line(number, len(columns) - 1))
                else:
                    out.append("".join(self.texts[at : line.end]).removeprefix("\ufeff"))
                at = line.end + 1
            else:
                stop = self._physical_end(first, end)
                depth = self._comment_depth(columns, at, first, stop)
                comment = "".join(self.texts[first:stop]).rstrip()
                out.append(self.style.indent * depth + comment)
                at = stop + 1
        if empty and end < len(self.kinds):
            out.append("")
        mark = "\ufeff" if begin == 0 and self.texts[:1] and self.texts[0][0] == "\ufeff" else ""
        return mark + "".join(line + self.end_of_line for line in out)

    def _matters(self, line: Line) -> bool:
        if self.within is None:
            return True
        starts = self.parsed.tokens.starts
        return starts[line.first] <= self.within.end and self.within.start <= starts[line.end]

    def _first_of_line(self, first: int, end: int) -> int:
        """The first token of a physical line that is neither blank nor comment, or its end."""
        while first < end and (self.kinds[first] in COMMENTS or self.kinds[first] == BLANK):
            first += 1
        return first

    def _physical_end(self, first: int, end: int) -> int:
        return next((i for i in range(first, end) if self.kinds[i] == NEWLINE), end)

    def _comment_depth(self, columns: list[int], at: int, first: int, stop: int) -> int:
        """How deep a comment of its own line stands: like the open block that it is indented like, or like the line
        that comes next, if that is deeper; but never less deep than that line, whose block is the one it stands in."""
        column = len("".join(self.texts[at:first]).lstrip("\ufeff").expandtabs(TAB))
        coming = next((line for line in self.parsed.lines[self._lines_before(stop) :]), None)
        known = columns[:]
        if coming is not None and (not known or coming.column > known[-1]):
            known.append(coming.column)
        if coming is not None:
            column = max(column, coming.column)
        return max(bisect_right(known, column) - 1, 0)

    def _lines_before(self, index: int) -> int:
        return bisect_right(self.parsed.lines, index, key=lambda line: line.first)

    # -- one line

    def _line(self, number: int, depth: int) -> str:
        line, rule = self.parsed.lines[number], self.parsed.rules[number]
        assert rule is not None, (
            "lines that are left out are told of, and their definition is not formatted"
        )
        out: list[str] = []
        behind = line.first
        brackets = 0
        for terminal, before in gaps(rule, line.shape):
            at = line.first + terminal.first
            brackets -= terminal.type in _CLOSING
            inner = depth + brackets + (terminal.type not in _CLOSING and not brackets)
            gap = self.style.column if before == COLUMN else before
            out.append(self._between(behind, at, gap, inner))
            out.append(self.texts[at])
            brackets += terminal.type in _OPENING
            behind = line.first + terminal.last + 1
        out.append(self._between(behind, line.end, "", depth + 1))
        return "".join(out).rstrip()

    def _between(self, behind: int, at: int, gap: str, depth: int) -> str:
        """What stands between two tokens of a line: a gap, or comments and line breaks, if there are any."""
        kinds = self.kinds[behind:at]
        if NEWLINE not in kinds and COMMENTS.isdisjoint(kinds):
            return gap
        indent = self.end_of_line + self.style.indent * depth
        out: list[str] = []
        breaks = 0
        for index, kind in enumerate(kinds, behind):
            if kind == NEWLINE:
                breaks += 1
            elif kind in COMMENTS:
                out.append(self._break(breaks, indent) or self._blank_before(index))
                out.append(self.texts[index])
                breaks = 0
        last_is_comment = bool(out) and not breaks
        out.append(self._break(breaks, indent) or (" " if last_is_comment else gap))
        return "".join(out)

    def _break(self, breaks: int, indent: str) -> str:
        """A line break, and one empty line where there were any."""
        return (self.end_of_line if breaks > 1 else "") + indent if breaks else ""

    def _blank_before(self, index: int) -> str:
        """The blanks before a comment at the end of a line are kept, for comments are lined up by hand."""
        blank = self.texts[index - 1] if self.kinds[index - 1] == BLANK else ""
        return blank if blank and not blank.strip(" \t") else " "


def _enter(columns: list[int], column: int) -> None:
    """Go on to a line of a column: leave the blocks that are deeper, and open one if none is as deep."""
    while columns and columns[-1] > column:
        columns.pop()
    if not columns or columns[-1] < column:
        columns.append(column)
