"""The parser of Perl's statements. `parse` never raises: what it cannot read is a diagnostic, and it goes on behind."""

from __future__ import annotations

import re

from jcc.diagnostics import Diagnostic, code
from jcc.frontend.codeblocks.perl import outside, tree
from jcc.frontend.codeblocks.perl.expressions import Expressions
from jcc.frontend.codeblocks.perl.scan import Unreadable

Body = tuple[tree.Statement, ...]

_JUNK = re.compile(r"#[^\n]*|\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|.", re.DOTALL)
_EACH = re.compile(r"\(\s*my\s*\(\s*\$(\w+)\s*,\s*\$(\w+)\s*\)\s*=\s*each\b")
_MODIFIERS = ("if", "unless", "while", "until", "for", "foreach")


def parse(text: str, base: int) -> tuple[Body, tuple[Diagnostic, ...]]:
    """The statements of a block whose text begins at offset `base`, and what was found wrong."""
    parser = _Statements(text, base)
    body = parser.statements("")
    return body, tuple(parser.diagnostics)


class _Statements(Expressions):
    def statements(self, closing: str) -> Body:
        """All statements up to `closing` (not taken), or to the end."""
        body: list[tree.Statement] = []
        while True:
            while self.take(";"):
                pass
            if self.at >= self.end or (closing and self.ahead(closing)):
                return tuple(body)
            try:
                body.append(self._statement())
            except Unreadable as problem:
                self.diagnostics.append(problem.diagnostic)
                if problem.diagnostic.rule is not code.PERL_SUBSET:
                    # Nothing is known about what follows a syntax error: one message, not many.
                    self.at = self.end
                self._recover()

    def _recover(self) -> None:
        """To the end of the statement: a `;`, or a `}` that closes what was not opened in it."""
        level = 0
        while self.at < self.end and (found := self.take_match(_JUNK)):
            character = found.group()
            if character in "([{":
                level += 1
            elif character in ")]}":
                level -= 1
                if level < 0:
                    self.at = found.start()
                    return
            elif character == ";" and level == 0:
                return

    def block(self) -> Body:
        self.skip()
        start = self.at
        self.expect("{", "before the block")
        with self.nested():
            body = self.statements("}")
        if not self.take("}"):
            self.at = start + 1
            raise self.fail("the block is not closed", start)
        return body

    # -- one statement --------------------------------------------------------------------------------------------

    def _statement(self) -> tree.Statement:
        self.skip()
        start = self.at
        if self.text[start] == "{" and not self.looks_like_hash():
            return tree.Block(body=self.block(), span=self.span(start))
        if self.text[start] in "})]":
            raise self.fail(f"`{self.text[start]}` closes nothing")
        with self.nested():
            match self.word():
                case "if" | "unless":
                    return self._if(start)
                case "while" | "until" as word:
                    return self._while(start, word)
                case "for" | "foreach" as word:
                    self.at += len(word)
                    return self._for(start)
                case "do":
                    return self._do(start)
                case _:
                    return self._simple(start)

    def _simple(self, start: int) -> tree.Statement:
        value = self.expression()
        statement: tree.Statement = tree.Evaluate(value=value, span=value.span)
        if (word := self.word()) in _MODIFIERS and word:
            self.at += len(word)
            statement = self._modified(start, word, statement)
        self._finish()
        return statement

    def _finish(self) -> None:
        """A statement ends by `;`, or where its block ends."""
        if self.take(";") or self.at >= self.end or self.ahead("}"):
            return
        raise self.fail("expected `;` or an operator")

    def _modified(self, start: int, word: str, body: tree.Statement) -> tree.Statement:
        value = self.expression()
        span = self.span(start)
        if word in ("for", "foreach"):
            return tree.Foreach(variable=None, items=value, body=(body,), span=span)
        condition = _negated(value) if word in ("unless", "until") else value
        if word in ("while", "until"):
            return tree.While(condition=condition, body=(body,), span=span)
        return tree.If(arms=((condition, (body,)),), otherwise=None, postfix=True, span=span)

    def _condition(self, word: str) -> tree.Expression:
        self.expect("(", f"behind `{word}`")
        value = self.expression()
        self.expect(")", f"behind the condition of `{word}`")
        return value

    def _if(self, start: int) -> tree.If:
        word = "unless" if self.take_word("unless") else "if"
        self.take_word("if")
        condition = self._condition(word)
        arms = [(_negated(condition) if word == "unless" else condition, self.block())]
        otherwise: Body | None = None
        while self.take_word("elsif"):
            condition = self._condition("elsif")
            arms.append((condition, self.block()))
        if self.take_word("else"):
            self.skip()
            if self.word() == "if":
                raise self.fail("`else if` is not Perl", self.at, "write `elsif`")
            otherwise = self.block()
        return tree.If(arms=tuple(arms), otherwise=otherwise, span=self.span(start))

    # -- loops ----------------------------------------------------------------------------------------------------

    def _while(self, start: int, word: str) -> tree.Statement:
        self.at += len(word)
        self.skip()
        if word == "while" and (found := self.take_match(_EACH)):
            return self._each(start, found)
        self.expect("(", f"behind `{word}`")
        condition: tree.Expression | None = None
        if not self.take(")"):
            condition = self.expression()
            self.expect(")", f"behind the condition of `{word}`")
        if condition is not None and word == "until":
            condition = _negated(condition)
        return tree.While(condition=condition, body=self.block(), span=self.span(start))

    def _each(self, start: int, found: re.Match[str]) -> tree.Foreach:
        """`while (my ($k, $v) = each %h)` is a loop over the pairs of a hash."""
        key, value = (
            tree.Variable(
                sigil="$", name=found.group(n), span=self.span(found.start(n) - 1, found.end(n))
            )
            for n in (1, 2)
        )
        at = self.at
        container = self.expression(14)
        self.expect(")", "behind `each`")
        pairs = tree.Call(
            name="each", name_span=self.span(at), arguments=(container,), span=self.span(at)
        )
        return tree.Foreach(
            variable=key, items=pairs, body=self.block(), second=value, span=self.span(start)
        )

    def _for(self, start: int) -> tree.Statement:
        variable: tree.Variable | None = None
        self.take_word("my")
        if self.ahead("$"):
            variable = self._loop_variable()
        elif self.word() in ("our", "state"):
            raise self.outside(f"`{self.word()}`", self.at, outside.WORDS["our"])
        self.expect("(", "before the list of the loop")
        first = None if self.ahead(";") or self.ahead(")") else self.expression()
        if variable is None and self.take(";"):
            return self._counting(start, first)
        self.expect(")", "behind the list of the loop")
        items = first or tree.List(items=(), span=self.span(self.at))
        return tree.Foreach(
            variable=variable, items=items, body=self.block(), span=self.span(start)
        )

    def _loop_variable(self) -> tree.Variable:
        start = self.at
        found = self.take_match(re.compile(r"\$([A-Za-z_]\w*)"))
        if found is None:
            raise self.fail("`for` is followed by a variable or `(`")
        return tree.Variable(sigil="$", name=found.group(1), span=self.span(start))

    def _counting(self, start: int, first: tree.Expression | None) -> tree.Statement:
        """`for (my $i = 0; $i < 3; $i++) { … }`"""
        condition = None if self.ahead(";") else self.expression()
        self.expect(";", "behind the condition of `for`")
        step = None if self.ahead(")") else self.expression()
        self.expect(")", "behind the step of `for`")
        loop = tree.While(condition=condition, body=self.block(), step=step, span=self.span(start))
        if first is None:
            return loop
        # A block of its own: `my $i` ends with the loop.
        setup = tree.Evaluate(value=first, span=first.span)
        return tree.Block(body=(setup, loop), span=self.span(start))

    def _do(self, start: int) -> tree.Statement:
        """`do { … } while …`; any other `do` is outside."""
        self.at += 2
        if not self.ahead("{"):
            raise self.outside("`do`", start, outside.WORDS["do"])
        body = self.block()
        for word in ("while", "until"):
            if self.take_word(word):
                condition = self.expression()
                self._finish()
                if word == "until":
                    condition = _negated(condition)
                return tree.While(
                    condition=condition, body=body, body_first=True, span=self.span(start)
                )
        raise self.outside(
            "the value of a `do` block", start, "give a variable its value in an `if`"
        )


def _negated(condition: tree.Expression) -> tree.Expression:
    return tree.Unary(op="!", operand=condition, span=condition.span)
