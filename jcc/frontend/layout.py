"""Layout: line breaks and leading blanks become logical lines with a depth. Knows no grammar rule.

A logical line is one line of the text, or several where a bracket is open. To keep a forgotten bracket from eating
what follows, a line goes on only in lines that are indented deeper than it or begin with a closing bracket.
"""

from __future__ import annotations

from collections.abc import Container
from typing import Final, NamedTuple

from jcc.diagnostics import syntax
from jcc.diagnostics.core import Diagnostic, Label
from jcc.frontend.tokens import (
    ASSIGNMENTS,
    BLANK,
    CLOSING,
    COMMENTS,
    DOC,
    NEWLINE,
    OPENING,
    STATEMENTS,
    TRIVIA,
    Tokens,
)

Shape = tuple[str, ...]
TAB: Final = 8
_BRACKETS: Final = frozenset(OPENING) | CLOSING
_HEADERS: Final = STATEMENTS | {"elsif", "when"}


class Line(NamedTuple):
    """A logical line: tokens `first` to `end` (half-open, with blanks and comments inside), from the first that means
    something. `indent` is the text before it, `column` its width; `shape` the kinds of its tokens."""

    first: int
    end: int
    column: int
    indent: str
    shape: Shape


class Layout(NamedTuple):
    """`docs` has the text of the `##` lines directly above a line, `unclosed` the lines whose brackets are not closed
    (this has been said); both by the index of the line."""

    lines: list[Line]
    docs: dict[int, str]
    unclosed: set[int]
    diagnostics: list[Diagnostic]


def lay_out(tokens: Tokens) -> Layout:
    """Group a file's tokens into logical lines."""
    layout = Layout([], {}, set(), [])
    lay_out_from(tokens, 0, layout)
    return layout


def lay_out_from(
    tokens: Tokens, at: int, layout: Layout, until: Container[int] = ()
) -> tuple[int, str]:
    """Add the logical lines from a token on, which begins a line, to a layout. Goes on to one of the tokens in `until` that
    begins a line and no logical line runs over, or to the end of the file; gives where it stopped, and the text of
    the `##` lines directly above that."""
    kinds = [*tokens.kinds, NEWLINE]
    texts = tokens.texts
    lines = layout.lines
    opened: dict[Shape, int] = {}
    doc: list[str] = []
    stop = len(texts)
    while at < stop and at not in until:
        end = kinds.index(NEWLINE, at)
        first, indent = (at + 1, texts[at]) if kinds[at] == BLANK else (at, "")
        at = end + 1
        if first >= end:
            doc.clear()
            continue
        kind = kinds[first]
        if kind in COMMENTS:
            if kind == DOC:
                doc.append(texts[first][2:].strip())
                continue
            doc.clear()
            first = next((i for i in range(first, end) if kinds[i] not in TRIVIA), end)
            if first == end:
                continue
        if doc:
            layout.docs[len(lines)] = "\n".join(doc)
            doc.clear()
        if indent:
            indent = indent.lstrip("\ufeff")
        column = len(indent.expandtabs(TAB)) if indent else 0
        shape = tuple(kinds[first:end])
        balance = opened.get(shape)
        if balance is None:
            balance = opened[shape] = _balance(shape)
        if balance > 0 and not opens_braces(shape):
            end = _continued(kinds, texts, first, end, column, balance)
            at = end + 1
            shape = tuple(kinds[first:end])
            if _balance(shape) > 0:
                _report_unclosed(tokens, first, end, layout)
        lines.append(Line(first, end, column, indent, shape))
    return at, "\n".join(doc)


def _balance(shape: Shape) -> int:
    """How many brackets a line leaves open."""
    depth = 0
    for kind in shape:
        if kind in OPENING:
            depth += 1
        elif kind in CLOSING and depth:
            depth -= 1
    return depth


def opens_braces(shape: Shape) -> bool:
    """Whether a line ends with a `{` that opens a block elsewhere. It is a line by itself, and what follows is what it opens."""
    words = [kind for kind in shape if kind not in TRIVIA]
    return words[-1] == "{" and _balance(shape) == 1 and ASSIGNMENTS.isdisjoint(words)


def _continued(
    kinds: list[str], texts: list[str], first: int, end: int, column: int, balance: int
) -> int:
    """The end of a logical line that has open brackets at the end of its first line of text."""
    is_header = kinds[first] in _HEADERS and "=" not in kinds[first:end]
    at = end
    while balance > 0 and at < len(texts):
        if is_header and _last_kind(kinds, at) == ":":
            break  # `while (v.x:`: what follows is its body, not more of the condition
        begin = at + 1
        at = kinds.index(NEWLINE, begin)
        start = begin + (kinds[begin] == BLANK)
        if start >= at or kinds[start] in COMMENTS:
            continue
        width = len(texts[begin].expandtabs(TAB)) if start > begin else 0
        if width <= column and kinds[start] not in CLOSING:
            break
        for kind in kinds[start:at]:
            if kind in OPENING:
                balance += 1
            elif kind in CLOSING:
                balance -= 1
        end = at
    return end


def _last_kind(kinds: list[str], end: int) -> str:
    return next(kinds[index] for index in range(end - 1, -1, -1) if kinds[index] not in TRIVIA)


def _report_unclosed(tokens: Tokens, first: int, end: int, layout: Layout) -> None:
    opened: list[int] = []
    for index in range(first, end):
        kind = tokens.kinds[index]
        if kind in OPENING:
            opened.append(index)
        elif kind in CLOSING and opened:
            opened.pop()
    bracket = tokens.texts[opened[0]]
    help_ = (
        f"close it with `{OPENING[bracket]}`; lines that go on with this one are indented deeper"
    )
    layout.unclosed.add(len(layout.lines))
    layout.diagnostics.append(
        syntax.UNCLOSED_BRACKET.at(
            tokens.span(opened[0]),
            bracket=bracket,
            help=help_,
            labels=[Label(tokens.span(last_word(tokens, end)), "the line ends here")],
        )
    )


def last_word(tokens: Tokens, end: int) -> int:
    """The index of the last token before `end` that is neither blank nor comment."""
    kinds = tokens.kinds
    return next(index for index in range(end - 1, -1, -1) if kinds[index] not in TRIVIA)
