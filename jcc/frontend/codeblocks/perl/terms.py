"""Terms: whatever an operator can stand between, told apart by its first character."""

from __future__ import annotations

from jcc.frontend.codeblocks.perl import tree
from jcc.frontend.codeblocks.perl.words import Words


class Terms(Words):
    """Adds the way in to all of them."""

    def term(self) -> tree.Expression:
        self.skip()
        start = self.at
        if start >= self.end:
            raise self.fail("the block ends where a value was expected")
        match self.text[start]:
            case "$":
                return self.scalar()
            case "@":
                return self.array()
            case "%":
                return self.hash()
            case "(":
                return self.parenthesised(start)
            case "[":
                self.at += 1
                items = self.items_until("]", "at the end of the array")
                made = tree.AnonymousArray(items=items, span=self.span(start))
                return self.subscripts(start, made)
            case "{":
                return self.anonymous_hash()
            case '"' | "'" | "/" | "`" | "<" | "&":
                return self._punctuated(start)
            case _:
                return self._number_or_word(start)

    def _number_or_word(self, start: int) -> tree.Expression:
        if (number := self.number()) is not None:
            return tree.Constant(value=number, span=self.span(start))
        if (word := self.word()) is not None:
            return self.word_term(start, word)
        raise self.fail("a value was expected")

    def _punctuated(self, start: int) -> tree.Expression:
        character = self.text[start]
        if character == "/":
            return self.match_literal(start)
        if character == "<":
            self.at += 1
            what = "a here-document" if self.text.startswith("<", self.at) else "reading a file"
            raise self.outside(what, start, "write the text as a string")
        if character == "&":
            self.at += 1
            raise self.outside("a call through `&`", start, "write the code where it is used")
        return self.quoted(start, {'"': "qq", "'": "q", "`": "qx"}[character])
