"""The parts of a text around a place, from the smallest to the whole file: what "expand selection" goes through."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields

from jcc.frontend import ast
from jcc.frontend.tokens import TRIVIA, Tokens
from jcc.source import Span
from jcc.workspace import Workspace, parsed

_WORD = re.compile(r"\w+")


def selections(workspace: Workspace, path: str, offset: int) -> list[Span]:
    """Spans that hold the offset, each within the next; the last is the whole text."""
    tree = parsed(workspace, path)
    text = tree.tokens.source.text
    around = [*_words(tree.tokens, offset), *_nodes(tree.file, offset), Span(0, len(text))]
    around = [span for span in around if span.start <= offset <= span.end]
    found: list[Span] = []
    for span in sorted(set(around), key=lambda span: (span.end - span.start, span.start)):
        if not found or _holds(span, found[-1]):
            found.append(span)
    return found


def _holds(outer: Span, inner: Span) -> bool:
    return outer != inner and outer.start <= inner.start and inner.end <= outer.end


def _words(tokens: Tokens, offset: int) -> Iterator[Span]:
    """The token at an offset, or the one that ends there, and the word in it."""
    for place in (offset, offset - 1):
        index = tokens.index_at(max(place, 0))
        if index < 0 or tokens.kinds[index] in TRIVIA - {"COMMENT", "DOC", "BLOCK_COMMENT"}:
            continue
        span = tokens.span(index)
        yield span
        for word in _WORD.finditer(tokens.texts[index]):
            yield Span(span.start + word.start(), span.start + word.end())


def _nodes(root: ast.Node, offset: int) -> Iterator[Span]:
    """The nodes around an offset. Nodes that begin together are both gone through: one may be longer than its parent."""
    todo: list[object] = [root]
    while todo:
        part = todo.pop()
        if isinstance(part, tuple):
            todo.extend(part)
        elif isinstance(part, ast.Node) and part.span.start <= offset <= part.span.end:
            yield part.span
            if isinstance(part, ast.CodeBlock):
                yield Span(part.code_start, part.code_start + len(part.code))
            todo.extend(getattr(part, field.name) for field in fields(part))
