"""What can be folded: every block by its indentation, runs of comments, and code blocks of several lines."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from jcc.frontend.layout import Line
from jcc.frontend.tokens import BLOCK_COMMENT, CODE, COMMENT, DOC, NEWLINE, TRIVIA, Tokens
from jcc.query import query
from jcc.source import Span
from jcc.workspace import Workspace, parsed


class Fold(NamedTuple):
    """From the line of its start to the line of its end; `is_comment` for comments."""

    span: Span
    is_comment: bool


@query
def folds(workspace: Workspace, path: str) -> tuple[Fold, ...]:
    """The foldable parts of a file that cover more than one line, in the order of the text."""
    tree = parsed(workspace, path)
    found = [*_blocks(tree.tokens, tree.lines), *_comments(tree.tokens), *_long(tree.tokens)]
    text = tree.tokens.source.text
    found = [fold for fold in found if "\n" in text[fold.span.start : fold.span.end]]
    return tuple(sorted(found))


def _blocks(tokens: Tokens, lines: tuple[Line, ...]) -> Iterator[Fold]:
    """A line and the deeper ones behind it. A header's `into:` or `else:` at its own depth begins a block of its own."""
    opened: list[Line] = []
    last = 0
    for line in lines:
        while opened and line.column <= opened[-1].column:
            yield Fold(Span(tokens.starts[opened.pop().first], last), False)
        opened.append(line)
        last = _end(tokens, line)
    for line in opened:
        yield Fold(Span(tokens.starts[line.first], last), False)


def _end(tokens: Tokens, line: Line) -> int:
    at = line.end
    while tokens.kinds[at - 1] in TRIVIA:
        at -= 1
    return tokens.starts[at]


def _comments(tokens: Tokens) -> Iterator[Fold]:
    """Comments in lines of their own, one below the other."""
    first = last = comment = -1
    has_code = False
    for index, kind in enumerate([*tokens.kinds, NEWLINE]):
        if kind in (COMMENT, DOC):
            comment = index
        elif kind == NEWLINE:
            if comment >= 0 and not has_code:
                first, last = (comment if first < 0 else first), comment
            elif first >= 0:
                yield _comment(tokens, first, last)
                first = -1
            comment, has_code = -1, False
        elif kind not in TRIVIA:
            has_code = True
    if first >= 0:
        yield _comment(tokens, first, last)


def _comment(tokens: Tokens, first: int, last: int) -> Fold:
    return Fold(Span(tokens.starts[first], tokens.starts[last + 1]), True)


def _long(tokens: Tokens) -> Iterator[Fold]:
    for index, kind in enumerate(tokens.kinds):
        if kind in (CODE, BLOCK_COMMENT):
            yield Fold(tokens.span(index), kind == BLOCK_COMMENT)
