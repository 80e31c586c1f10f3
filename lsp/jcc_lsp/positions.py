"""Columns as a client counts them, in units of UTF-8, UTF-16 or UTF-32, and as the compiler does, in code points.

A line ends with LF or CRLF and nothing else, as in the compiler: editors whose lines end elsewhere send such texts normalised.
"""

from __future__ import annotations

from enum import Enum

from jcc.source import Source


class Encoding(Enum):
    """What a client counts columns in."""

    UTF8 = "utf-8"
    UTF16 = "utf-16"
    UTF32 = "utf-32"


def units(text: str, encoding: Encoding) -> int:
    """The length of a text in the client's units."""
    if encoding is Encoding.UTF32 or text.isascii():
        return len(text)
    if encoding is Encoding.UTF8:
        return len(text.encode("utf-8", "surrogatepass"))
    return len(text) + sum(character > "\uffff" for character in text)


def code_points(text: str, column: int, encoding: Encoding) -> int:
    """How many code points of a line lie before a column in the client's units; one inside a character counts as before it."""
    if encoding is Encoding.UTF32 or text.isascii():
        return min(column, len(text))
    for number, character in enumerate(text):
        column -= units(character, encoding)
        if column < 0:
            return number
    return len(text)


def offset_at(source: Source, line: int, column: int, encoding: Encoding) -> int:
    """The offset of a client's place (both from 0); one behind the line or the text is its end."""
    if line < 0:
        return 0
    if line >= source.line_count:
        return len(source.text)
    start, end = source.line_span(line + 1)
    return start + code_points(source.text[start:end], max(column, 0), encoding)


def place_of(source: Source, offset: int, encoding: Encoding) -> tuple[int, int]:
    """The client's line and column (both from 0) of an offset."""
    line, column = source.position(offset)
    start = source.line_span(line).start
    return line - 1, units(source.text[start : start + column - 1], encoding)
