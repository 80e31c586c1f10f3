"""Cuts a text into pieces that can be parsed and analysed one by one: each definition with the comments above it.

That is what makes an edit in a file of ten thousand lines cheap. A cut is made only where the parser, coming from above,
would begin anew; where that is not sure the text stays whole. The findings are the same either way.
"""

from __future__ import annotations

import re
from itertools import pairwise

from jcc.frontend.lexer import tokenize
from jcc.frontend.tokens import BAD_CODE, BAD_COMMENT, DEFINITIONS, TRIVIA
from jcc.source import Source

# A line that the parser takes for a header whatever stands around it. One with a bracket may go on, with `=` assigns.
_HEADER = re.compile(rf"(?:{'|'.join(DEFINITIONS)})(?=[ \t:\r\n]|\Z)[^\n=(\[{{]*(?:\n|\Z)")
_OPENER = re.compile(r"\[\w*\[")


def split(text: str) -> list[str]:
    """The pieces of a text; joined they are the text. At least one, and none is empty but that of an empty text."""
    cuts = _cuts(text)
    if not cuts:
        return [text]
    pieces: list[str] = []
    pending = ""
    for start, end in pairwise((0, *cuts, len(text))):
        pending += text[start:end]
        # The end of the text closes all that is open, so the last piece needs no look.
        if end == len(text) or _is_closed(pending):
            pieces.append(pending)
            pending = ""
    return pieces


def _cuts(text: str) -> list[int]:
    """The offsets where a piece may begin: at every header but the first, or at the comments right above it."""
    headers = sorted(at for word in DEFINITIONS for at in _lines_with(text, word))
    if len(headers) < 2 or not _is_trivia(text[: headers[0]]):
        return []  # what stands above may be a definition, with whose indentation all others are compared
    cuts = [_above(text, at) for at in headers[1:]]
    # A string goes on behind a `\` at the end of a line.
    return [at for at in cuts if at and not text.endswith("\\\n", 0, at)]


def _lines_with(text: str, word: str) -> list[int]:
    """Where the headers are that begin with a word."""
    found = [0] if _HEADER.match(text) and text.startswith(word) else []
    at = text.find("\n" + word)
    while at >= 0:
        if _HEADER.match(text, at + 1):
            found.append(at + 1)
        at = text.find("\n" + word, at + 1)
    return found


def _above(text: str, header: int) -> int:
    """The start of the comment lines directly above a header: `##` lines there are its documentation."""
    start = header
    while start:
        line = text.rfind("\n", 0, start - 1) + 1
        if not text.startswith("#", line) or text.startswith(("#[", "#]"), line):
            break
        start = line
    return start


def _is_trivia(text: str) -> bool:
    kinds = set(tokenize(Source("", text)).kinds)
    return kinds <= TRIVIA and BAD_COMMENT not in kinds


def _is_closed(text: str) -> bool:
    """Whether no code block or block comment that begins in a piece goes on behind it."""
    if not _OPENER.search(text):
        return True
    kinds = tokenize(Source("", text)).kinds
    return BAD_CODE not in kinds and BAD_COMMENT not in kinds
