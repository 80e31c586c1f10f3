"""Semantic tokens as the protocol wants them: five numbers a word, places relative to the word before.

Of each file the last answer is kept, so that the next one can be told as what changed in it.
"""

from __future__ import annotations

from itertools import count

from lsprotocol import types as lsp

from jcc.source import Source, Span
from jcc.workspace import Workspace
from jcc_lsp.documents import Document, Piece
from jcc_lsp.ide.semantic_tokens import Modifier, SemanticToken, TokenType, semantic_tokens
from jcc_lsp.positions import Encoding, units
from jcc_lsp.server import JclServer

LEGEND = lsp.SemanticTokensLegend(
    [type.value for type in TokenType], [modifier.value for modifier in Modifier]
)
_TYPES = {type: number for number, type in enumerate(TokenType)}
_BITS = {modifier: 1 << number for number, modifier in enumerate(Modifier)}
_EMPTY = lsp.SemanticTokens([])


class _Encoder:
    """The numbers of each piece, kept as long as its tokens are the same: places in them are relative to the piece."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[tuple[SemanticToken, ...], Encoding, list[int]]] = {}

    def numbers(
        self, workspace: Workspace, document: Document, encoding: Encoding, span: Span | None
    ) -> list[int]:
        """The numbers of a file, or of the words in a part of it."""
        found: list[int] = []
        last_line = 0
        for piece in document.pieces:
            tokens = semantic_tokens(workspace, piece.name)
            if span is None:
                own = self._of_piece(piece, tokens, encoding)
            else:
                inside = Span(span.start - piece.start, span.end - piece.start)
                own = _numbers(piece.source, _within(tokens, inside), encoding)
            if own:
                begin = len(found)
                found += own
                found[begin] += piece.first_line - last_line
                last_line = piece.first_line + sum(own[0::5])
        return found

    def _of_piece(
        self, piece: Piece, tokens: tuple[SemanticToken, ...], encoding: Encoding
    ) -> list[int]:
        known = self._known.get(piece.name)
        if known is None or known[0] is not tokens or known[1] is not encoding:
            numbers = _numbers(piece.source, tokens, encoding)
            known = self._known[piece.name] = tokens, encoding, numbers
        return known[2]


def _within(tokens: tuple[SemanticToken, ...], span: Span) -> tuple[SemanticToken, ...]:
    return tuple(t for t in tokens if t.span.start < span.end and span.start < t.span.end)


def _numbers(source: Source, tokens: tuple[SemanticToken, ...], encoding: Encoding) -> list[int]:
    text = source.text
    is_plain = text.isascii()  # then all units are the same
    found: list[int] = []
    line, start, stop = 0, 0, -1  # of the line that the last word is in
    last_line, last_column = 0, 0
    for (begin, end), type, modifiers in tokens:
        if begin > stop:
            line = source.position(begin).line - 1
            start, stop = source.line_span(line + 1)
        column, length = begin - start, end - begin
        if not is_plain:
            column, length = units(text[start:begin], encoding), units(text[begin:end], encoding)
        bits = 0
        for modifier in modifiers:
            bits |= _BITS[modifier]
        if line != last_line:
            found += (line - last_line, column, length, _TYPES[type], bits)
        else:
            found += (0, column - last_column, length, _TYPES[type], bits)
        last_line, last_column = line, column
    return found


def register(server: JclServer) -> None:
    state, convert = server.state, server.convert
    encoder = _Encoder()
    sent: dict[str, tuple[str, list[int]]] = {}
    ids = map(str, count(1))

    def answer(uri: str) -> tuple[str, list[int]] | None:
        found = state.find(uri)
        if found is None:
            return None
        numbers = encoder.numbers(found[0].workspace, found[1], state.encoding, None)
        sent[uri] = next(ids), numbers
        return sent[uri]

    @server.on(lsp.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL, LEGEND)
    def full(params: lsp.SemanticTokensParams) -> lsp.SemanticTokens:
        made = answer(params.text_document.uri)
        return _EMPTY if made is None else lsp.SemanticTokens(made[1], made[0])

    @server.on(lsp.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL_DELTA, LEGEND)
    def delta(
        params: lsp.SemanticTokensDeltaParams,
    ) -> lsp.SemanticTokens | lsp.SemanticTokensDelta:
        before = sent.get(params.text_document.uri)
        made = answer(params.text_document.uri)
        if made is None:
            return _EMPTY
        if before is None or before[0] != params.previous_result_id:
            return lsp.SemanticTokens(made[1], made[0])
        return lsp.SemanticTokensDelta(_edits(before[1], made[1]), made[0])

    @server.on(lsp.TEXT_DOCUMENT_SEMANTIC_TOKENS_RANGE, LEGEND)
    def part(params: lsp.SemanticTokensRangeParams) -> lsp.SemanticTokens:
        found = state.find(params.text_document.uri)
        if found is None:
            return _EMPTY
        span = convert.span(found[1], params.range)
        return lsp.SemanticTokens(
            encoder.numbers(found[0].workspace, found[1], state.encoding, span)
        )


def _edits(before: list[int], after: list[int]) -> list[lsp.SemanticTokensEdit]:
    """One edit: what stands between the beginning and the end that both have."""
    shorter = min(len(before), len(after))
    head = 0
    while head < shorter and before[head] == after[head]:
        head += 1
    tail = 0
    while tail < shorter - head and before[-1 - tail] == after[-1 - tail]:
        tail += 1
    if head == len(before) == len(after):
        return []
    return [
        lsp.SemanticTokensEdit(head, len(before) - head - tail, after[head : len(after) - tail])
    ]
