"""Quoted texts: `'…'`, `"…"`, `q qq qw m s tr`, with the variables and escapes inside of them."""

from __future__ import annotations

import re
from abc import abstractmethod

from jcc.frontend.codeblocks.perl import tree
from jcc.frontend.codeblocks.perl.scan import Scanner

_PLAIN = re.compile(r"[^\\$@]+")
_SCALAR = re.compile(r"\$(?=[A-Za-z_{]|::|\$+[A-Za-z_{]|\d|&|#[A-Za-z_{$]|\+\{)")
_PATTERN_SCALAR = re.compile(r"\$(?=[A-Za-z_{]|\$[A-Za-z_{]|\d|\+\{)")
_ARRAY = re.compile(r"@(?=[A-Za-z_{]|\$[A-Za-z_{])")
_ESCAPES = {
    "n": "\n",
    "t": "\t",
    "r": "\r",
    "0": "\0",
    "a": "\a",
    "e": "\x1b",
    "f": "\f",
    "b": "\b",
}
_HEXADECIMAL = re.compile(r"x(?:\{\s*([0-9A-Fa-f]{1,6})\s*\}|([0-9A-Fa-f]{1,2}))")
_CASES = {"U": "uc", "L": "lc", "Q": "quotemeta", "u": "ucfirst", "l": "lcfirst"}
_SINGLE = re.compile(r"\\(.)", re.DOTALL)

Part = str | tree.Expression


class Quotes(Scanner):
    """Adds strings to the scanner. What stands in a string's variables is read by the parser above."""

    @abstractmethod
    def interpolated_variable(self) -> tree.Expression:
        """Read `$x{…}[…]` or `@{…}` as it stands in a string."""

    def single_quoted(self, start: int, end: int, opening: str) -> str:
        r"""The text of '…': only `\\` and an escaped delimiter are escapes."""
        closing = {"(": ")", "[": "]", "{": "}", "<": ">"}.get(opening, opening)

        def plain(found: re.Match[str]) -> str:
            character = found.group(1)
            return character if character in ("\\", opening, closing) else found.group()

        return _SINGLE.sub(plain, self.text[start:end])

    def words(self, start: int, end: int, outer: int) -> tree.List:
        """`qw(…)`"""
        items = tuple(
            tree.Constant(
                value=found.group(), bare=True, span=self.span(found.start(), found.end())
            )
            for found in re.compile(r"\S+").finditer(self.text, start, end)
        )
        return tree.List(items=items, span=self.span(outer))

    def double_quoted(self, start: int, end: int, outer: int) -> tree.Expression:
        with self.within(start, end):
            parts = self._parts(pattern=False, until_end_of_case=False)
        return self._joined(parts, outer)

    def pattern(self, start: int, end: int, outer: int, opening: str) -> tree.Expression:
        """A pattern's text: variables are read, escapes stay as they are. `m'…'` has no variables."""
        if opening == "'":
            return tree.Constant(value=self.text[start:end], span=self.span(outer))
        with self.within(start, end):
            parts = self._parts(pattern=True, until_end_of_case=False)
        return self._joined(parts, outer)

    def _joined(self, parts: list[Part], outer: int) -> tree.Expression:
        span = self.span(outer)
        if not parts:
            return tree.Constant(value="", span=span)
        if len(parts) == 1 and isinstance(parts[0], str):
            return tree.Constant(value=parts[0], span=span)
        return tree.Interpolated(parts=tuple(parts), span=span)

    def _parts(self, *, pattern: bool, until_end_of_case: bool) -> list[Part]:
        parts: list[Part] = []
        scalar = _PATTERN_SCALAR if pattern else _SCALAR
        with self.nested():
            while self.at < self.end:
                if found := self.take_match(_PLAIN):
                    _add(parts, found.group())
                elif self.match(scalar) or self.match(_ARRAY):
                    parts.append(self.interpolated_variable())
                elif self.text[self.at] != "\\":
                    _add(parts, self.text[self.at])
                    self.at += 1
                elif self.text.startswith("\\E", self.at, self.end):
                    self.at += 2
                    if until_end_of_case:
                        break
                else:
                    self._escape(parts, pattern)
        return parts

    def _escape(self, parts: list[Part], pattern: bool) -> None:
        start = self.at
        character = self.text[start + 1 : min(start + 2, self.end)]
        if character in _CASES and character:
            self.at += 2
            parts.append(self._cased(start, _CASES[character], pattern))
        elif pattern or not character:
            _add(parts, self.text[start : min(start + 2, self.end)])
            self.at = min(start + 2, self.end)
        else:
            self.at += 1
            _add(parts, self._character(character))

    def _character(self, character: str) -> str:
        """The meaning of the escape of `character`, which is right here."""
        start = self.at
        if character == "x":
            found = self.take_match(_HEXADECIMAL)
            if found is None:
                self.at += 1
                return "\0"
            number = int(found.group(1) or found.group(2), 16)
            if number > 0x10FFFF or 0xD800 <= number < 0xE000:
                raise self.fail("no character has this number", start - 1)
            return chr(number)
        self.at += 1
        return _ESCAPES.get(character, character)

    def _cased(self, start: int, function: str, pattern: bool) -> tree.Cased:
        with self.nested():
            if function in ("ucfirst", "lcfirst"):
                inner = self._one(pattern)
            else:
                inner = self._parts(pattern=pattern, until_end_of_case=True)
        span = self.span(start)
        return tree.Cased(
            function=function, value=tree.Interpolated(parts=tuple(inner), span=span), span=span
        )

    def _one(self, pattern: bool) -> list[Part]:
        """What `\\u` and `\\l` act on: the next variable, escape or character."""
        parts: list[Part] = []
        if self.match(_PATTERN_SCALAR if pattern else _SCALAR):
            parts.append(self.interpolated_variable())
        elif self.text.startswith("\\", self.at, self.end):
            self._escape(parts, pattern)
        elif self.at < self.end:
            parts.append(self.text[self.at])
            self.at += 1
        return parts


def _add(parts: list[Part], text: str) -> None:
    """Texts in a row are one part."""
    if parts and isinstance(parts[-1], str):
        parts[-1] += text
    else:
        parts.append(text)
