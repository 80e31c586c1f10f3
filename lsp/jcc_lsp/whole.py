"""A file as the parser understands it, put together from its pieces: as much as the formatter reads."""

from __future__ import annotations

from dataclasses import replace
from itertools import accumulate, chain

from jcc.diagnostics import Diagnostic
from jcc.diagnostics.core import moved
from jcc.frontend import ast
from jcc.frontend.layout import Layout, Line
from jcc.frontend.parser import Parsed
from jcc.frontend.tokens import Tokens
from jcc.source import Source, Span
from jcc.workspace import Workspace, parsed
from jcc_lsp.documents import Document


def whole(workspace: Workspace, document: Document) -> Parsed:
    """The lines, tokens and findings of a file. Of the definitions there are only the heads, unless all are in one piece."""
    trees = [parsed(workspace, piece.name) for piece in document.pieces]
    if len(trees) == 1:
        return trees[0]
    heads: list[ast.Definition] = []
    found: list[Diagnostic] = []
    lines: list[Line] = []
    behind = 0
    for piece, tree in zip(document.pieces, trees, strict=True):
        heads += [_head(definition, piece.start) for definition in tree.file.definitions]
        found += [moved(finding, piece.start) for finding in tree.diagnostics]
        lines += [
            Line(first + behind, end + behind, column, indent, shape)
            for first, end, column, indent, shape in tree.lines
        ]
        behind += len(tree.tokens)
    return Parsed(
        ast.File(span=Span(0, len(document.text)), definitions=tuple(heads)),
        tuple(found),
        _tokens(document, trees),
        tuple(lines),
        tuple(chain.from_iterable(tree.rules for tree in trees)),
        Layout(lines, {}, set(), []),
        [],
    )


def _tokens(document: Document, trees: list[Parsed]) -> Tokens:
    """The tokens of a file from those of its pieces."""
    texts = list(chain.from_iterable(tree.tokens.texts for tree in trees))
    kinds = list(chain.from_iterable(tree.tokens.kinds for tree in trees))
    source = Source(document.path, document.text)
    return Tokens(source, kinds, texts, list(accumulate(map(len, texts), initial=0)))


def _head(definition: ast.Definition, by: int) -> ast.Definition:
    start, end = definition.span
    return replace(definition, span=Span(start + by, end + by), sections=())
