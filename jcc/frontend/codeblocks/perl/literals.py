"""Literals: quoted texts and patterns, lists in parentheses, constructors of arrays and hashes."""

from __future__ import annotations

import re

from jcc.frontend.codeblocks.perl import outside, tree
from jcc.frontend.codeblocks.perl.variables import Variables

_FLAGS = re.compile(r"[A-Za-z]*")
_HASH_START = re.compile(
    r"\{\s*(?:\}|(?:[A-Za-z_]\w*|'[^']*'|\"[^\"]*\"|\$\w+)\s*(?:=>|,)|%[$\w{])"
)


class Literals(Variables):
    """Adds what stands for itself."""

    # -- lists and constructors -----------------------------------------------------------------------------------

    def items_until(self, closing: str, where: str) -> tuple[tree.Expression, ...]:
        """Past `closing`: the expressions before it."""
        if self.take(closing):
            return ()
        items = self.expression()
        self.expect(closing, where)
        return flat(items)

    def parenthesised(self, start: int) -> tree.Expression:
        self.at += 1
        items = self.items_until(")", "at the end of the list")
        made = tree.List(items=items, span=self.span(start))
        if self.text.startswith("[", self.at, self.end):
            return self.slice(start, made)
        return self.subscripts(start, made)

    def anonymous_hash(self) -> tree.Expression:
        start = self.at
        self.at += 1
        items = self.items_until("}", "at the end of the hash")
        made = tree.AnonymousHash(items=items, span=self.span(start))
        return self.subscripts(start, made)

    def looks_like_hash(self) -> bool:
        """Is the `{` right ahead a hash's rather than a block's?"""
        return self.match(_HASH_START) is not None

    # -- quotes and patterns --------------------------------------------------------------------------------------

    def quoted(self, start: int, operator: str) -> tree.Expression:
        """A string or pattern, whose opening delimiter is right here."""
        if operator in ("qx", "qr"):
            self.delimited(operator)
            what = "running a command" if operator == "qx" else "`qr`"
            raise self.outside(what, start, outside.WORDS[operator])
        if operator == "m":
            return self.match_literal(start)
        if operator == "s":
            return self._substitute(start)
        if operator in ("tr", "y"):
            return self._transliterate(start)
        inner, end, opening = self.delimited("string" if operator in ("q", "qq") else operator)
        if operator == "qw":
            made = self.words(inner, end, start)
            at_slice = self.text.startswith("[", self.at, self.end)
            return self.slice(start, made) if at_slice else made
        if operator == "q":
            text = self.single_quoted(inner, end, opening)
            return tree.Constant(value=text, span=self.span(start))
        return self.double_quoted(inner, end, start)

    def _flags(self, start: int, allowed: str) -> str:
        at = self.at
        found = self.take_match(_FLAGS)
        flags = found.group() if found else ""
        for flag in flags:
            if flag not in allowed:
                raise self.outside(f"the flag `{flag}`", at, f"the flags are `{allowed}`")
        return flags

    def match_literal(self, start: int) -> tree.Expression:
        inner, end, opening = self.delimited("pattern")
        stop = self.at
        pattern = self.pattern(inner, end, start, opening)
        self.at = stop
        return tree.Match(
            subject=None, pattern=pattern, flags=self._flags(start, "gimsx"), span=self.span(start)
        )

    def _second_part(self, opening: str, start: int) -> tuple[int, int, str]:
        """The replacement of `s` and `tr`: delimited by itself behind brackets, else up to the same delimiter."""
        if opening in "([{<":
            self.skip()
        else:
            self.at -= 1
        return self.delimited("replacement")

    def _substitute(self, start: int) -> tree.Expression:
        inner, end, opening = self.delimited("pattern")
        pattern = self.pattern(inner, end, start, opening)
        at = self.at
        inner, end, second = self._second_part(opening, start)
        flags = self._flags(start, "gimsxer")
        replacement: tree.Expression
        if "e" in flags:
            with self.within(inner, end):
                replacement = self.expression()
                self.skip()
                if self.at < self.end:
                    raise self.fail("expected the end of the replacement")
        elif second == "'":
            replacement = tree.Constant(value=self.text[inner:end], span=self.span(at))
        else:
            replacement = self.double_quoted(inner, end, at)
        return tree.Substitute(
            subject=None,
            pattern=pattern,
            replacement=replacement,
            flags=flags,
            span=self.span(start),
        )

    def _transliterate(self, start: int) -> tree.Expression:
        inner, end, opening = self.delimited("tr")
        second_start, second_end, _ = self._second_part(opening, start)
        flags = self._flags(start, "cdsr")
        return tree.Transliterate(
            subject=None,
            search=self.text[inner:end],
            replacement=self.text[second_start:second_end],
            flags=flags,
            span=self.span(start),
        )


def flat(expression: tree.Expression) -> tuple[tree.Expression, ...]:
    """The items of a list by commas, or the one expression."""
    if isinstance(expression, tree.List) and expression.bare:
        return expression.items
    return (expression,)
