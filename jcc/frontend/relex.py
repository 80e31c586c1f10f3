"""The tokens of a text that was edited: those of the lines that changed are made anew, all others are taken over.

A token does not go over the end of its line, but for a block and for a string behind a `\\`. Where one of these may come
in between, the answer is that the text must be cut anew.
"""

from __future__ import annotations

from bisect import bisect_left
from itertools import accumulate
from typing import NamedTuple

from jcc.frontend.lexer import tokenize
from jcc.frontend.tokens import BAD_CODE, BAD_COMMENT, NEWLINE, Tokens
from jcc.source import Source


class Splice(NamedTuple):
    """New tokens, of which those from `first` to `end` stand where `first` to `old_end` stood before. All those behind were
    there before, `by` characters ahead."""

    tokens: Tokens
    first: int
    end: int
    old_end: int
    by: int


def relex(old: Tokens, source: Source) -> Splice | None:
    """The tokens of a text, from those of another that is much like it and has no block without an end. None where it must
    be cut anew."""
    before, text = old.source.text, source.text
    by = len(text) - len(before)
    head = _common_start(before, text)
    tail = _common_end(before, text, min(len(before), len(text)) - head)
    start = text.rfind("\n", 0, head) + 1
    end = text.find("\n", len(text) - tail) + 1 or len(text)
    first, last = bisect_left(old.starts, start), bisect_left(old.starts, end - by)
    if not (_begins_line(old, first, start) and _begins_line(old, last, end - by)):
        return None
    changed = text[start:end]
    if "\\\n" in changed or "\\\n" in before[start : end - by] or text.endswith("\\\n", 0, start):
        return None
    fresh = tokenize(Source("", changed))
    if BAD_CODE in fresh.kinds or BAD_COMMENT in fresh.kinds:
        return None
    starts = old.starts[:first]
    starts += accumulate(map(len, fresh.texts), initial=start)
    rest = old.starts[last + 1 :]
    starts += [at + by for at in rest] if by else rest
    tokens = Tokens(
        source,
        [*old.kinds[:first], *fresh.kinds, *old.kinds[last:]],
        [*old.texts[:first], *fresh.texts, *old.texts[last:]],
        starts,
    )
    return Splice(tokens, first, first + len(fresh), last, by)


def _begins_line(tokens: Tokens, index: int, offset: int) -> bool:
    if tokens.starts[index] != offset:
        return False
    return index in (0, len(tokens)) or tokens.kinds[index - 1] == NEWLINE


def _common_start(one: str, other: str) -> int:
    """How many characters are the same at the start of two texts."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one.startswith(other[low:middle], low):
            low = middle
        else:
            high = middle - 1
    return low


def _common_end(one: str, other: str, most: int) -> int:
    """How many are the same at their end, of so many at most."""
    low, high = 0, most
    while low < high:
        middle = (low + high + 1) // 2
        if one.endswith(other[len(other) - middle :]):
            low = middle
        else:
            high = middle - 1
    return low
