"""The lexer: one regular expression cuts a text into tokens; nothing is lost and nothing is refused.

A piece that is no token of the language becomes a token of a `BAD_…` kind. What it means is told by `lexical`.
Blocks (`[[ … ]]`, `#[[ … #]]`) may run over lines and hold anything, so they are found before the text around them is
cut. Everything here takes time in proportion to the text, whatever the text.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from itertools import accumulate
from math import isinf
from typing import Final

from jcc.frontend import tokens as kinds
from jcc.frontend.tokens import SYMBOLS, WORDS, Tokens
from jcc.source import Source

_WORD = r"[^\W\d]\w*"
_SINGLE = r"'(?:[^'\\\n]++|\\.)*+'"
_DOUBLE = r'"(?:[^"\\\n]++|\\.)*+"'
_KEYS = rf"(?:\.(?:{_WORD}|{_SINGLE}|{_DOUBLE}))"
# Possessive quantifiers keep an unterminated string or regex from being tried in every other way.
_TOKEN = re.compile(
    rf"""
      \r?\n | [ \t\r\f\ufeff]+
    | {_WORD}{_KEYS}*
    | 0[xX]\w* | \.?\d\w*(?:(?<=[eE])[+-]\d\w*)?(?:\.\d\w*(?:(?<=[eE])[+-]\d\w*)?)*
    | {_SINGLE} | {_DOUBLE} | ['"][^\n]*(?<!\r)
    | \#[^\n]*(?<!\r)
    | \.(?<=\]\.)(?:{_WORD}|{_SINGLE}|{_DOUBLE}){_KEYS}*
    | /(?:(?<=~/)|(?<=~[ \t]/)|(?<=~[ \t]{{2}}/))(?:(?:[^/\\\n]++|\\.)++/[A-Za-z]*|[^\n]*(?<!\r))
    | //=|\|\|=|\*\*|[.+\-*/,]=|==|=~|!=|!~|<=|>=|&&|\|\||//
    | .
    """,
    re.VERBOSE | re.DOTALL,
)
# Behind a word, a quote or a bracket, `[` begins an index: `v.a[b[0]]` holds no block.
_OPENER: Final = re.compile(r"\#\[(\w*)\[|(?<![\w\]'\")])\[(\w*)\[")
_CLOSER: Final = re.compile(r"\](?=(\w*)\])")
_NUMBER: Final = re.compile(r"0[xX][0-9A-Fa-f]+|(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_NAME: Final = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_PLAIN_PATH: Final = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+", re.ASCII)
_REGEX: Final = re.compile(r"/(?:[^/\\\n]|\\.)+/[A-Za-z]*")
_QUOTED: Final = re.compile(rf"{_SINGLE}|{_DOUBLE}")
_TAG: Final = re.compile(r"\[(\w*)\[")
_LONGEST_NUMBER: Final = 400  # digits; a longer one is no number that anybody wrote on purpose


def tokenize(source: Source) -> Tokens:
    """Cut a text into tokens. Their texts, joined, are the text."""
    text = source.text
    texts = _pieces(text) if _OPENER.search(text) else _TOKEN.findall(text)
    kind_of = _Kinds()
    return Tokens(
        source,
        list(map(kind_of.__getitem__, texts)),
        texts,
        list(accumulate(map(len, texts), initial=0)),
    )


def _pieces(text: str) -> list[str]:
    """The texts of the tokens of a text that may hold blocks."""
    pieces: list[str] = []
    closers = _Closers(text)
    at = 0
    for opener in _OPENER.finditer(text):
        start = opener.start()
        if start < at:
            continue
        pieces += _TOKEN.findall(text, at, start)
        begin = start - len(pieces[-1]) if start > at else start
        whole = _TOKEN.match(text, begin)
        if begin < start and whole is not None and whole.end() > start:
            # What looks like an opener lies in a string, a comment or a regular expression.
            pieces[-1] = whole.group()
            at = whole.end()
            continue
        at = closers.end_of(opener)
        pieces.append(text[start:at])
    pieces += _TOKEN.findall(text, at)
    return pieces


class _Closers:
    """Where blocks end: the places of every `]tag]`, by tag, found once so that many openers cost no more."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.code: defaultdict[str, list[int]] = defaultdict(list)
        self.comment: defaultdict[str, list[int]] = defaultdict(list)
        for match in _CLOSER.finditer(text):
            self.code[match[1]].append(match.start())
            if text.startswith("#", match.start() - 1):
                self.comment[match[1]].append(match.start())

    def end_of(self, opener: re.Match[str]) -> int:
        is_comment = opener[1] is not None
        tag: str = opener[1] if is_comment else opener[2]
        places = (self.comment if is_comment else self.code)[tag]
        found = bisect_left(places, opener.end())
        if found == len(places):
            return self._line_end(opener.end()) if is_comment else self._unclosed(opener)
        end = places[found] + len(tag) + 2
        # `[[ v.list[0]]]`: the code, not what stands around it, ends with a bracket.
        while not tag and self.text.startswith("]", end):
            end += 1
        return end

    def _unclosed(self, opener: re.Match[str]) -> int:
        """Where the code of a block without an end may well end: with its line, or, where the block begins a line,
        before the first line that is less indented."""
        text = self.text
        start = text.rfind("\n", 0, opener.start()) + 1
        indent = text[start : opener.start()]
        end = self._line_end(opener.end())
        if indent.strip(" \t"):
            return end
        columns = len(indent.expandtabs(8))
        while end < len(text):
            stop = self._line_end(end + 1)
            line = text[end + 1 : stop]
            stripped = line.lstrip(" \t\r")
            if stripped and len(line[: len(line) - len(stripped)].expandtabs(8)) < columns:
                break
            end = stop
        return end

    def _line_end(self, at: int) -> int:
        end = self.text.find("\n", at)
        return len(self.text) if end < 0 else end


class _Kinds(dict[str, str]):
    """The kind of every token text seen so far; a new text is classified once."""

    def __init__(self) -> None:
        super().__init__(_KNOWN)

    def __missing__(self, text: str) -> str:
        kind = self[text] = kind_of(text)
        return kind


_KNOWN: Final = {text: text for text in SYMBOLS | WORDS} | {"\n": kinds.NEWLINE}


def kind_of(text: str) -> str:
    """The kind of a token that is neither a symbol nor a word of the language, by its text."""
    first = text[0]
    if first == "_" or first.isalpha():
        return _kind_of_word(text)
    if first.isdecimal() or (first == "." and text[1:2].isdecimal()):
        return kinds.NUMBER if _is_number(text) else kinds.BAD_NUMBER
    match first:
        case " " | "\t" | "\f" | "\ufeff":
            return kinds.BLANK
        case "\r":
            return kinds.NEWLINE if text.endswith("\n") else kinds.BLANK
        case "'" | '"':
            return kinds.STRING if _QUOTED.fullmatch(text) else kinds.BAD_STRING
        case "#":
            return _kind_of_comment(text)
        case "[" if opener := _TAG.match(text):
            closed = len(text) >= 2 * opener.end() and text.endswith(f"]{opener[1]}]")
            return kinds.CODE if closed else kinds.BAD_CODE
        case "/" if len(text) > 1:
            return kinds.REGEX if _REGEX.fullmatch(text) else kinds.BAD_REGEX
        case "." if len(text) > 1:
            return kinds.MEMBER
    return kinds.BAD_CHARACTER


def _kind_of_word(text: str) -> str:
    if _NAME.fullmatch(text):
        return kinds.NAME
    if "." not in text:
        return kinds.BAD_NAME
    if _PLAIN_PATH.fullmatch(text):
        return kinds.PATH
    bare = _QUOTED.sub("q", text)
    return kinds.QUOTED_PATH if _PLAIN_PATH.fullmatch(bare) else kinds.BAD_NAME


def _kind_of_comment(text: str) -> str:
    if opener := _TAG.match(text, 1):
        closed = len(text) > 2 * opener.end() - 1 and text.endswith(f"#]{opener[1]}]")
        return kinds.BLOCK_COMMENT if closed else kinds.BAD_COMMENT
    return kinds.DOC if text.startswith("##") and not text.startswith("###") else kinds.COMMENT


def _is_number(text: str) -> bool:
    return (
        len(text) <= _LONGEST_NUMBER
        and _NUMBER.fullmatch(text) is not None
        and (text[:2] in ("0x", "0X") or not isinf(float(text)))
    )
