"""Says what is wrong with single tokens. The lexer only marks them, so that a token's kind depends on its text alone."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final

from jcc.diagnostics import syntax
from jcc.diagnostics.core import Diagnostic, Edit, Fix
from jcc.frontend.tokens import (
    BAD,
    BAD_CHARACTER,
    BAD_CODE,
    BAD_COMMENT,
    BAD_NAME,
    BAD_NUMBER,
    BAD_REGEX,
    BAD_STRING,
    Tokens,
)
from jcc.source import Span

_OPENER: Final = re.compile(r"#?\[(\w*)\[")
_TIME: Final = re.compile(r"(\d+)(s|sec|m|min|h|d)")
_UNITS: Final = {
    **{"s": "seconds", "sec": "seconds", "m": "minutes", "min": "minutes"},
    **{"h": "hours", "d": "days"},
}
_LONGEST_QUOTE: Final = 40
_CHARACTER_HELP: Final = {
    **dict.fromkeys("$@", "variables are written `v.name`; sigils belong into Perl code blocks"),
    "`": "strings stand in `'` or `\"`, and are joined by ` . `: `'hello ' . a.name`",
    "&": "write `&&` or `and`",
    "|": "write `||` or `or`",
    "^": "a power is written `2 ** 3`",
    "\\": "a line goes on in the next one inside of parentheses",
    **dict.fromkeys("\u2018\u2019\u201c\u201d", "quotes are `'` and `\"`"),
    "\u00a0": "it is a no-break space; write an ordinary one",
    "\u2212": "it is a typographic minus; write `-`",
}


def bad_tokens(tokens: Tokens) -> Iterator[Diagnostic]:
    """The findings about a file's tokens, in their order."""
    if BAD.isdisjoint(tokens.kinds):
        return
    end = -1
    for index, kind in enumerate(tokens.kinds):
        if kind not in BAD:
            continue
        start = tokens.starts[index]
        # Bad characters in a row are one finding.
        if kind != BAD_CHARACTER or start != end:
            yield _FINDINGS[kind](tokens.texts[index], start)
        if kind == BAD_CHARACTER:
            end = tokens.starts[index + 1]


def _string(text: str, start: int) -> Diagnostic:
    return syntax.UNTERMINATED_STRING.at(
        Span(start, start + len(text.rstrip())),
        quote="`'`" if text[0] == "'" else '`"`',
        help="a string ends in its line; write a line break in it as `\\n`",
    )


def _code(text: str, start: int) -> Diagnostic:
    opener = _OPENER.match(text)
    assert opener is not None, "the lexer begins such tokens with their opener"
    return syntax.UNTERMINATED_CODE.at(Span(start, start + opener.end()), closer=f"]{opener[1]}]")


def _comment(text: str, start: int) -> Diagnostic:
    opener = _OPENER.match(text)
    assert opener is not None, "the lexer begins such tokens with their opener"
    return syntax.UNTERMINATED_COMMENT.at(
        Span(start, start + opener.end()),
        closer=f"#]{opener[1]}]",
        help="for a comment of one line, put a blank behind the `#`",
    )


def _regex(text: str, start: int) -> Diagnostic:
    return syntax.UNTERMINATED_REGEX.at(Span(start, start + len(text.rstrip())))


def _number(text: str, start: int) -> Diagnostic:
    help_ = None
    if any(character.isalpha() or character == "_" for character in text):
        help_ = f"a name that begins with a digit is quoted: `'{_cut(text)}'`"
    if time := _TIME.fullmatch(text):
        help_ = f"a time is a number of seconds or a string: `'{time[1]} {_UNITS[time[2]]}'`"
    return syntax.BAD_NUMBER.at(Span(start, start + len(text)), text=_cut(text), help=help_)


def _name(text: str, start: int) -> Diagnostic:
    span = Span(start, start + len(text))
    fix = None if "." in text else Fix("put it into quotes", (Edit(span, f"'{text}'"),))
    return syntax.UNQUOTED_NAME.at(
        span,
        text=_cut(text),
        help="names are made of the letters a to z, digits and `_`; any other is quoted",
        fix=fix,
    )


def _character(text: str, start: int) -> Diagnostic:
    shown = (
        f"`{text}`" if text.isprintable() and text != "`" else f"the character U+{ord(text):04X}"
    )
    help_ = _CHARACTER_HELP.get(text)
    return syntax.BAD_CHARACTER.at(Span(start, start + 1), text=shown, help=help_)


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_QUOTE else text[: _LONGEST_QUOTE - 1] + "…"


_FINDINGS: Final[dict[str, Callable[[str, int], Diagnostic]]] = {
    BAD_STRING: _string,
    BAD_CODE: _code,
    BAD_COMMENT: _comment,
    BAD_REGEX: _regex,
    BAD_NUMBER: _number,
    BAD_NAME: _name,
    BAD_CHARACTER: _character,
}
