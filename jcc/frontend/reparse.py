"""Parses a text that was edited, with what was parsed before it was: the work is in proportion to the edit, but for the
splicing of lists. The outcome is that of `parse`.

The statements that the edit did not touch are the same nodes as before, moved (`homes`): so what was learned of them is not
learned again. What was parsed before may not be used any more.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass

from jcc.diagnostics import syntax
from jcc.diagnostics.core import moved
from jcc.frontend.homes import settle
from jcc.frontend.layout import Layout, Line, lay_out_from
from jcc.frontend.parser import Parsed, parse, parse_lines
from jcc.frontend.readings import Known
from jcc.frontend.relex import Splice, relex
from jcc.frontend.tokens import BLANK, NEWLINE, Tokens
from jcc.source import Source

_UNCLOSED = (syntax.UNTERMINATED_CODE, syntax.UNTERMINATED_COMMENT)


def reparse(old: Parsed | None, source: Source) -> Parsed:
    """Parse a text for which there may be an older one, and so that there may be a newer one."""
    splice = None
    if old is not None and not any(found.rule in _UNCLOSED for found in old.diagnostics):
        _settle(old)
        splice = relex(old.tokens, source)
    parsed = parse(source) if old is None or splice is None else _again(old, splice)
    _settle(parsed)
    return parsed


def _settle(parsed: Parsed) -> None:
    """Give every statement that is known a home, the inner ones first."""
    new = [
        (line, reading)
        for line, reading in enumerate(parsed.readings)
        if reading is not None and reading.home is None
    ]
    for line, reading in reversed(new):
        parsed.readings[line] = reading._replace(home=settle(reading.statement))


def _again(old: Parsed, splice: Splice) -> Parsed:
    layout, first, last, old_last = _lay_out_again(old, splice)
    moved_readings = old.readings[old_last:]
    if splice.by:
        for reading in moved_readings:
            if reading is not None and reading.home is not None:
                reading.home.by += splice.by
    new = [None] * (last - first)
    known = Known(
        [*old.readings[:first], *new, *moved_readings],
        [*old.rules[:first], *new, *old.rules[old_last:]],
        first,
        last,
    )
    return parse_lines(splice.tokens, layout, known)


@dataclass(frozen=True, slots=True)
class _Beginnings:
    """The tokens that begin a line which was one before, behind the new tokens. `by`: how many tokens came in."""

    old: Tokens
    lines: list[Line]
    end: int
    by: int

    def __contains__(self, token: object) -> bool:
        return isinstance(token, int) and token >= self.end and self.line_at(token) is not None

    def line_at(self, token: int) -> int | None:
        """The old line that begins with a token, given by its new index."""
        token -= self.by
        index = bisect_left(self.lines, token, key=_first)
        if index == len(self.lines):
            return None
        return index if _beginning(self.old, self.lines[index]) == token else None


def _lay_out_again(old: Parsed, splice: Splice) -> tuple[Layout, int, int, int]:
    """The layout, and which of its lines are new: from one to another, which stand where the old ones to the last stood."""
    before, tokens = old.layout, splice.tokens
    lines = before.lines
    head = bisect_left(lines, splice.first, key=_end)
    at = 0
    while head and at == 0:
        # The line above the edit may go on into it.
        head -= 1
        at = _beginning(old.tokens, lines[head]) or 0
    offset = tokens.starts[at]
    layout = Layout(
        lines[:head],
        {line: doc for line, doc in before.docs.items() if line < head},
        {line for line in before.unclosed if line < head},
        [found for found in before.diagnostics if found.span.start < offset],
    )
    beginnings = _Beginnings(old.tokens, lines, splice.end, splice.end - splice.old_end)
    stop, doc = lay_out_from(tokens, at, layout, beginnings)
    if at and head in before.docs:
        layout.docs[head] = before.docs[head]
    last = len(layout.lines)
    found = beginnings.line_at(stop) if stop < len(tokens) else None
    old_last = len(lines) if found is None else found
    _take_over(before, layout, old_last, beginnings.by)
    if old_last < len(lines):
        offset = old.tokens.starts[stop - beginnings.by]
        layout.diagnostics.extend(
            moved(found, splice.by) for found in before.diagnostics if found.span.start >= offset
        )
        layout.docs.pop(last, None)
        if doc:
            layout.docs[last] = doc
    same = layout.lines[head : head + 1] == lines[head : head + 1]
    if same and head < last and lines[head].end < splice.first:
        head += 1
    return layout, head, last, old_last


def _take_over(before: Layout, layout: Layout, start: int, by: int) -> None:
    """Add the lines of another layout from one on, which are `by` tokens behind where they were."""
    more = len(layout.lines) - start
    rest = before.lines[start:]
    if by:
        rest = [
            Line(first + by, end + by, column, indent, shape)
            for first, end, column, indent, shape in rest
        ]
    layout.lines.extend(rest)
    layout.docs.update((line + more, doc) for line, doc in before.docs.items() if line >= start)
    layout.unclosed.update(line + more for line in before.unclosed if line >= start)


def _first(line: Line) -> int:
    return line.first


def _end(line: Line) -> int:
    return line.end


def _beginning(tokens: Tokens, line: Line) -> int | None:
    """The token that begins the line of text in which a logical line begins; None where a comment stands before it."""
    at, kinds = line.first, tokens.kinds
    if at and kinds[at - 1] == BLANK:
        at -= 1
    return at if at == 0 or kinds[at - 1] == NEWLINE else None
