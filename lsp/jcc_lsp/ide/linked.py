"""What is edited together while it is typed: a label and its gotos, the tags of a code block or block comment."""

from __future__ import annotations

import re

from jcc.frontend.tokens import BLOCK_COMMENT, CODE
from jcc.source import Span
from jcc.workspace import Workspace, parsed
from jcc_lsp.ide.occurrences import find_all, occurrences_at
from jcc_lsp.ide.symbols import Form, Kind

_OPENING = re.compile(r"#?\[(\w*)\[")


def linked_ranges(workspace: Workspace, path: str, offset: int) -> list[Span]:
    """All the places that change with the one at an offset, that one among them; none where it stands alone."""
    return _tags(workspace, path, offset) or _labels(workspace, path, offset)


def _labels(workspace: Workspace, path: str, offset: int) -> list[Span]:
    for occurrence in occurrences_at(workspace, path, offset):
        if occurrence.symbol.kind is Kind.LABEL:
            found = [other.span for _, other in find_all(workspace, occurrence.symbol)]
            text = parsed(workspace, path).tokens.source.text
            # All must have the same text: one in quotes is written otherwise.
            same = len({text[span.start : span.end] for span in found}) == 1
            return found if same and len(found) > 1 and occurrence.form is Form.NAME else []
    return []


def _tags(workspace: Workspace, path: str, offset: int) -> list[Span]:
    tokens = parsed(workspace, path).tokens
    for index in {tokens.index_at(offset), tokens.index_at(max(offset - 1, 0))} - {-1}:
        if tokens.kinds[index] not in (CODE, BLOCK_COMMENT):
            continue
        opening = _OPENING.match(tokens.texts[index])
        if opening is None:
            continue
        start, end = tokens.span(index)
        length = len(opening.group(1))
        first = start + opening.start(1)
        spans = [Span(first, first + length), Span(end - 1 - length, end - 1)]
        if any(span.start <= offset <= span.end for span in spans):
            return spans
    return []
