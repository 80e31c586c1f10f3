"""The place of the cursor by layout alone: its line up to it, the headers that the line stands below, the lines beside it.

This holds on lines that are half typed, where the tree has nothing: it needs tokens and columns only, and judges nothing.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

from jcc.frontend.layout import TAB, Line
from jcc.frontend.parser import Parsed
from jcc.frontend.tokens import ASSIGNMENTS, COMMENTS, FOLLOWERS, TRIVIA, Token
from jcc.frontend.values import unquote

# The name or path that ends at the cursor: `prov.get_`, `v.list[0].pr`, `v.`
_CHAIN: Final = re.compile(
    r"""[A-Za-z_]\w*(?:\.(?:\w+|'[^'\n]*'|"[^"\n]*")?|\[(?:[^\[\]\n]|\[[^\[\]\n]*\])*\])*\Z"""
)
_LONGEST_CHAIN: Final = 300  # characters
_OPENERS: Final = {**FOLLOWERS, "into": (*FOLLOWERS["into"], "interface"), "call": ("interface",)}


class Header(NamedTuple):
    """A line by the word that it begins with ('' where it assigns something): `number` is that of the line, `start` its
    offset, `name` what stands behind the word, without quotes."""

    word: str
    name: str
    number: int
    start: int
    column: int


@dataclass(frozen=True, slots=True)
class Here:
    """`start` is where the line's first token begins (at the cursor in an empty line), `head` are the tokens of the line
    before the name or path that is being typed, which is `chain`. `inside` is the string, comment, number or block that the
    cursor is in. `number` counts the logical lines above, `above` are the headers around the line, the outermost first."""

    parsed: Parsed
    offset: int
    start: int
    column: int
    number: int
    head: tuple[Token, ...]
    chain: str
    inside: Token | None
    above: tuple[Header, ...]

    @property
    def parent(self) -> Header | None:
        return self.above[-1] if self.above else None

    def beside(self) -> Iterator[Header]:
        """The other lines of the same block."""
        yield from self.beside_above()
        lines = self.parsed.lines
        for number in range(self.number + self._is_in_line, len(lines)):
            if lines[number].column < self.column:
                return
            if lines[number].column == self.column:
                yield header(self.parsed, number)

    def beside_above(self) -> Iterator[Header]:
        """The lines of the same block above the cursor's, from the nearest upward."""
        return _upward(self.parsed, self.number, self.column)

    @property
    def _is_in_line(self) -> bool:
        lines, starts = self.parsed.lines, self.parsed.tokens.starts
        return self.number < len(lines) and starts[lines[self.number].first] == self.start

    @property
    def rest(self) -> str:
        """What stands behind the cursor in its line of the text."""
        text = self.parsed.tokens.source.text
        end = text.find("\n", self.offset)
        return text[self.offset : end if end >= 0 else len(text)].rstrip("\r")

    @property
    def has_body(self) -> bool:
        """Whether something is indented below the cursor's line."""
        lines = self.parsed.lines
        following = self.number + self._is_in_line
        return following < len(lines) and lines[following].column > self.column


def here(parsed: Parsed, offset: int) -> Here:
    """Where an offset is."""
    starts, lines = parsed.tokens.starts, parsed.lines
    number = _line_at(parsed, offset)
    start, column = offset, _column_of_blank(parsed, offset)
    if number < len(lines) and starts[lines[number].first] <= _line_end(parsed, offset):
        start, column = starts[lines[number].first], lines[number].column
    inside = _token_around(parsed, offset)
    begin = inside.span.start if inside else offset
    text = parsed.tokens.source.text[max(start, begin - _LONGEST_CHAIN) : begin]
    found = None if inside else _CHAIN.search(text)
    chain = found.group() if found else ""
    head = tuple(_tokens(parsed, start, begin - len(chain)))
    above = tuple(reversed(list(_above(parsed, number, column))))
    return Here(parsed, offset, start, column, number, head, chain, inside, above)


def _line_at(parsed: Parsed, offset: int) -> int:
    """The number of the logical line that holds an offset; of the next one where none does."""
    starts, lines = parsed.tokens.starts, parsed.lines
    number = bisect_right(lines, offset, key=lambda line: starts[line.first]) - 1
    return number if number >= 0 and offset <= starts[lines[number].end] else number + 1


def _line_end(parsed: Parsed, offset: int) -> int:
    text = parsed.tokens.source.text
    end = text.find("\n", offset)
    return end if end >= 0 else len(text)


def _column_of_blank(parsed: Parsed, offset: int) -> int:
    text = parsed.tokens.source.text
    before = text[text.rfind("\n", 0, offset) + 1 : offset]
    return len(before[: len(before) - len(before.lstrip(" \t"))].expandtabs(TAB))


def _token_around(parsed: Parsed, offset: int) -> Token | None:
    """The string, comment, number, … that goes on behind the cursor: one that is not closed still does at its end."""
    tokens = parsed.tokens
    index = tokens.index_at(offset - 1) if offset else -1
    if index < 0:
        return None
    token = tokens[index]
    if token.kind in COMMENTS or token.kind.startswith("BAD_") or token.kind == "NUMBER":
        return token if token.kind != "BAD_NAME" else None
    if token.kind in ("STRING", "REGEX", "CODE") and offset < token.span.end:
        return token
    return None


def _tokens(parsed: Parsed, start: int, end: int) -> Iterator[Token]:
    tokens = parsed.tokens
    index = tokens.index_at(start) if start < end else len(tokens)
    while index < len(tokens) and tokens.starts[index] < end:
        if tokens.kinds[index] not in TRIVIA:
            yield tokens[index]
        index += 1


def _above(parsed: Parsed, number: int, column: int) -> Iterator[Header]:
    """The headers around a line, from the innermost outward."""
    lines = parsed.lines
    while column > 0 and number > 0:
        number -= 1
        if lines[number].column < column:
            column = lines[number].column
            yield header(parsed, number)


def _upward(parsed: Parsed, number: int, column: int) -> Iterator[Header]:
    lines = parsed.lines
    while number > 0:
        number -= 1
        if lines[number].column < column:
            return
        if lines[number].column == column:
            yield header(parsed, number)


def header(parsed: Parsed, number: int) -> Header:
    """A line as a header."""
    line = parsed.lines[number]
    word = line.shape[0] if ASSIGNMENTS.isdisjoint(line.shape) else ""
    return Header(word, _name(parsed, line), number, parsed.tokens.starts[line.first], line.column)


def _name(parsed: Parsed, line: Line) -> str:
    tokens, at = parsed.tokens, line.first + 1
    while at < line.end and tokens.kinds[at] in TRIVIA:
        at += 1
    if at >= line.end or tokens.kinds[at] == ":":
        return ""
    text = tokens.texts[at]
    return (unquote(text) or "") if text[0] in "'\"" else text


def opener(parsed: Parsed, follower: Header) -> Header | None:
    """The line of the same depth that a follower goes on with: `call` for `into`, `if` for `else`."""
    wanted = _OPENERS.get(follower.word, ())
    for found in _upward(parsed, follower.number, follower.column):
        if found.word in wanted:
            return found
        if found.word not in FOLLOWERS or follower.word == "call":
            return None
    return None
