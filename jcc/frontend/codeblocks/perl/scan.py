"""Reading Perl's text: blanks, words, numbers, delimited strings. Perl has no tokens apart from its grammar (a `/` may
divide or begin a pattern), so the parser reads the text itself, through these methods."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from jcc.diagnostics import Diagnostic, code
from jcc.source import Span

MAX_DEPTH = 50

_BLANKS = re.compile(r"(?:\s+|#[^\n]*)+")
_WORD = re.compile(r"[A-Za-z_]\w*(?:::\w+)*")
_NUMBER = re.compile(
    r"0[xX][0-9A-Fa-f_]+|0[bB][01_]+|"
    r"(?:\d[\d_]*(?:\.(?!\.)[\d_]*)?|\.\d[\d_]*)(?:[eE][-+]?\d+)?"
)
_CLOSING = {"(": ")", "[": "]", "{": "}", "<": ">"}


class Unreadable(Exception):
    """Ends the reading of a statement; carries what there is to say. Never leaves this package."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(diagnostic.message)
        self.diagnostic = diagnostic


class Scanner:
    """`text` from `at` to `end`; spans are shifted by `base`, the text's offset in the JCL file."""

    def __init__(self, text: str, base: int) -> None:
        self.text = text
        self.base = base
        self.at = 0
        self.end = len(text)
        self.depth = 0
        self.diagnostics: list[Diagnostic] = []

    # -- places ---------------------------------------------------------------------------------------------------

    def span(self, start: int, end: int | None = None) -> Span:
        return Span(start + self.base, (self.at if end is None else end) + self.base)

    def fail(self, problem: str, start: int | None = None, help: str | None = None) -> Unreadable:
        """A syntax error, to be raised: at `start`, or at the next character."""
        where = min(self.at, self.end) if start is None else start
        stop = max(self.at, where) if start is not None else where
        span = self.span(where, max(stop, min(where + 1, len(self.text))))
        return Unreadable(code.BLOCK_SYNTAX.at(span, problem=problem, help=help))

    def outside(self, construct: str, start: int, help: str) -> Unreadable:
        """A construct that is Perl, but not of the subset, to be raised."""
        end = max(self.at, start + 1)
        return Unreadable(
            code.PERL_SUBSET.at(self.span(start, end), construct=construct, help=help)
        )

    @contextmanager
    def nested(self) -> Iterator[None]:
        """One level deeper; too deep is an error, not a RecursionError."""
        self.depth += 1
        try:
            if self.depth > MAX_DEPTH:
                raise Unreadable(
                    code.BLOCK_LIMIT.at(
                        self.span(self.at, self.at + 1), problem="nested too deeply"
                    )
                )
            yield
        finally:
            self.depth -= 1

    @contextmanager
    def within(self, start: int, end: int) -> Iterator[None]:
        """Read a part of the text, then go on where one was."""
        saved = self.at, self.end
        self.at, self.end = start, end
        try:
            yield
        finally:
            self.at, self.end = saved

    # -- characters and words -------------------------------------------------------------------------------------

    def skip(self) -> None:
        """Past blanks and comments."""
        if found := _BLANKS.match(self.text, self.at, self.end):
            self.at = found.end()

    def ahead(self, literal: str) -> bool:
        """Does the text go on with `literal`, past blanks?"""
        self.skip()
        return self.text.startswith(literal, self.at, self.end)

    def take(self, literal: str) -> bool:
        if self.ahead(literal):
            self.at += len(literal)
            return True
        return False

    def expect(self, literal: str, where: str) -> None:
        if not self.take(literal):
            raise self.fail(f"expected `{literal}` {where}")

    def match(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """What matches right here; the caller moves on by `take_match`."""
        return pattern.match(self.text, self.at, self.end)

    def take_match(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        found = self.match(pattern)
        if found is not None:
            self.at = found.end()
        return found

    def word(self) -> str | None:
        """The word right ahead, past blanks, not taken."""
        self.skip()
        found = self.match(_WORD)
        return found.group() if found else None

    def take_word(self, *words: str) -> bool:
        found = self.word()
        if found is not None and found in words:
            self.at += len(found)
            return True
        return False

    def number(self) -> int | float | None:
        found = self.take_match(_NUMBER)
        if found is None:
            return None
        return _number(found.group().replace("_", ""))

    # -- delimited texts ------------------------------------------------------------------------------------------

    def delimited(self, what: str) -> tuple[int, int, str]:
        """Past a delimited text that begins right here: where its inside starts and ends, and its opening delimiter."""
        start = self.at
        if start >= self.end:
            raise self.fail(f"expected a delimiter behind `{what}`")
        opening = self.text[start]
        closing = _CLOSING.get(opening)
        level, at = 1, start + 1
        while at < self.end:
            character = self.text[at]
            if character == "\\":
                at += 1
            elif character == (closing or opening):
                level -= 1
                if level == 0:
                    self.at = at + 1
                    return start + 1, at, opening
            elif character == opening and closing:
                level += 1
            at += 1
        raise self.fail(f"{what} has no end", start)


def _number(text: str) -> int | float:
    prefix = text[:2].lower()
    if prefix == "0x":
        return int(text[2:] or "0", 16)
    if prefix == "0b":
        return int(text[2:] or "0", 2)
    if text.isdigit():
        # A leading zero means octal; digits that are none (`08`) are read as decimal rather than refused.
        octal = len(text) > 1 and text[0] == "0" and set(text) <= set("01234567")
        return int(text, 8) if octal else int(text[:4000])
    return float(text)
