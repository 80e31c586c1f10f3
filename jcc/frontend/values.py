"""What the text of one token means: strings without their escapes, numbers, the keys of a path, the parts of a code
block. A text that the lexer called bad has no value; saying so is not the task of this module."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from jcc.frontend import ast
from jcc.frontend.lexer import kind_of
from jcc.frontend.tokens import CODE, NUMBER, REGEX, STRING
from jcc.source import Span

ROOTS: Final = frozenset("aeiovt")
"""The objects of a job that a path may begin with."""

Keys = tuple[tuple[str, bool, int, int], ...]
"""The keys of a path: name, whether quoted, and from where to where they stand in the path's text."""

_KEY: Final = re.compile(r"\w+|'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"")
_ESCAPE: Final = re.compile(r"\\(.)")
_ESCAPES: Final = {"n": "\n", "t": "\t", "0": "\0", "\\": "\\"}


@lru_cache(maxsize=16384)
def unquote(text: str) -> str | None:
    """The value of a string token; None where it is not closed. A backslash before any character that it does not
    escape stays itself."""
    if kind_of(text) != STRING:
        return None
    body = text[1:-1]
    if "\\" not in body:
        return body
    known = {**_ESCAPES, text[0]: text[0]}
    return _ESCAPE.sub(lambda match: known.get(match[1], match[0]), body)


def number(text: str) -> int | float | None:
    """The value of a number token; None where it is no number."""
    if kind_of(text) != NUMBER:
        return None
    if text[:2] in ("0x", "0X"):
        return int(text, 16)
    return int(text) if text.isdecimal() else float(text)


def regex(text: str) -> tuple[str, str] | None:
    """The pattern and the flags of a `/…/` token; None where it is not closed."""
    if kind_of(text) != REGEX:
        return None
    pattern, _, flags = text[1:].rpartition("/")
    return pattern, flags


def code_block(text: str, span: Span) -> ast.CodeBlock | ast.BrokenExpression:
    """The node of a `[tag[ … ]tag]` token."""
    if kind_of(text) != CODE:
        return ast.BrokenExpression(span=span)
    tag = text[1 : text.index("[", 1)]
    width = len(tag) + 2
    return ast.CodeBlock(span=span, tag=tag, code=text[width:-width])


@lru_cache(maxsize=16384)
def split_keys(text: str) -> Keys:
    """The keys of a piece of a path, `.order.'2nd'`."""
    keys = []
    for match in _KEY.finditer(text):
        key = match.group()
        quoted = key[0] in "'\""
        keys.append((unquote(key) or "" if quoted else key, quoted, match.start(), match.end()))
    return tuple(keys)


@lru_cache(maxsize=16384)
def split_path(text: str) -> tuple[str | None, Keys]:
    """The root of a path (None if it has none) and its keys."""
    keys = split_keys(text)
    return (keys[0][0], keys[1:]) if keys[0][0] in ROOTS else (None, keys)
