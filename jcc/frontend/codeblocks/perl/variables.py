"""Variables and what is written behind them: `$x`, `$v{x}[0]`, `@{…}`, `%$x`, `$#x`, slices; in code and in strings."""

from __future__ import annotations

import re
from abc import abstractmethod

from jcc.diagnostics import Edit, Fix, code
from jcc.frontend.codeblocks.perl import tree
from jcc.frontend.codeblocks.perl.quotes import Quotes

NAME = re.compile(r"(?:::)?[A-Za-z_]\w*(?:::\w+)*")
_DIGITS = re.compile(r"[1-9]\d*")
_KEY = re.compile(r"\s*(-?[A-Za-z_]\w*)\s*\}")
_BRACED = re.compile(r"\{\s*(\^?[A-Za-z_]\w*|[1-9]\d*)\s*\}")
_QUANTIFIER = re.compile(r"\{\d*(?:,\d*)?\}")
_PATTERN_INDEX = re.compile(r"\[(?:-?\d+|\$\w+)\]")
_SPECIAL = "a variable of Perl itself does not exist here"


class Variables(Quotes):
    """Adds variables and subscripts. `quoted` is `""`, or `string` or `pattern` inside of one."""

    @abstractmethod
    def expression(self, power: int = 0) -> tree.Expression: ...

    @abstractmethod
    def method_call(
        self, start: int, receiver: tree.Expression, name: str, at: int
    ) -> tree.Expression:
        """`receiver->name(…)`, the name read already."""

    def interpolated_variable(self, quoted: str = "string") -> tree.Expression:
        with self.nested():
            if self.text[self.at] == "@":
                return self.array(quoted)
            return self.scalar(quoted)

    # -- scalars --------------------------------------------------------------------------------------------------

    def scalar(self, quoted: str = "") -> tree.Expression:
        """What begins with `$`, with its subscripts."""
        start = self.at
        self.at += 1
        if self.text.startswith("#", self.at, self.end):
            return self._last_index(start)
        base = self._scalar_base(start)
        if isinstance(base, tree.Variable) and self._subscript_ahead(quoted):
            sigil = "%" if self.text[self.at] == "{" else "@"
            container = tree.Variable(sigil=sigil, name=base.name, span=base.span)
            base = self._element(start, container)
        elif isinstance(base, tree.Dereference):
            # `$$x{k}`, `${$x}[0]`: an element of what the inner expression refers to.
            if not self._subscript_ahead(quoted):
                raise self.outside("a reference to a scalar", start, "use the variable itself")
            base = self._element(start, base.operand)
        return self.subscripts(start, base, quoted)

    def _scalar_base(self, start: int) -> tree.Expression:
        """A Variable; a Dereference of sigil `$`, which must go on with a subscript; or what `${\\ …}` refers to."""
        if found := self.take_match(_BRACED):
            return self._plain_scalar(start, found.group(1))
        if self.text.startswith("{", self.at, self.end):
            operand = self.braced_operand()
            if isinstance(operand, tree.Unary) and operand.op == "\\":
                return operand.operand
            return tree.Dereference(sigil="$", operand=operand, span=self.span(start))
        if self.text.startswith("$", self.at, self.end) and self.at + 1 < self.end:
            inner = self.at
            self.at += 1
            with self.nested():
                operand = self._scalar_base(inner)
            return tree.Dereference(sigil="$", operand=operand, span=self.span(start))
        if found := (self.take_match(NAME) or self.take_match(_DIGITS)):
            return self._plain_scalar(start, found.group())
        if self.text.startswith("&", self.at, self.end):
            self.at += 1
            return tree.Variable(sigil="$", name="&", span=self.span(start))
        if self.text.startswith("+{", self.at, self.end):
            self.at += 1
            return tree.Variable(sigil="$", name="+", span=self.span(start))
        self.at = min(self.at + 1, self.end)
        raise self.outside(f"`{self.text[start : self.at]}`", start, _SPECIAL)

    def _plain_scalar(self, start: int, name: str) -> tree.Expression:
        if "::" in name or name.startswith("^"):
            raise self.outside(f"`${name}`", start, "there are no packages: declare it by `my`")
        if name in ("TRUE", "FALSE"):
            return tree.Constant(value=name == "TRUE", span=self.span(start))
        return tree.Variable(sigil="$", name=name, span=self.span(start))

    def _last_index(self, start: int) -> tree.Expression:
        self.at += 1
        return tree.LastIndex(array=self._array_operand(start), span=self.span(start))

    # -- arrays and hashes ----------------------------------------------------------------------------------------

    def array(self, quoted: str = "") -> tree.Expression:
        """What begins with `@`: an array or a slice."""
        start = self.at
        self.at += 1
        operand = self._array_operand(start)
        if not self._subscript_ahead(quoted):
            return operand
        bracket = self.text[self.at]
        container: tree.Expression
        if isinstance(operand, tree.Variable):
            sigil = "%" if bracket == "{" else "@"
            container = tree.Variable(sigil=sigil, name=operand.name, span=operand.span)
        else:
            container = operand.operand
        return self.subscripts(start, self.slice(start, container), quoted)

    def hash(self) -> tree.Expression:
        """What begins with `%`: a hash, or the pairs of a slice."""
        start = self.at
        self.at += 1
        operand = self._operand(start, "%")
        if isinstance(operand, tree.Variable) and self._subscript_ahead(""):
            sigil = "%" if self.text[self.at] == "{" else "@"
            container = tree.Variable(sigil=sigil, name=operand.name, span=operand.span)
            return self.slice(start, container, pairs=True)
        return operand

    def slice(self, start: int, container: tree.Expression, pairs: bool = False) -> tree.Slice:
        """A slice of `container`, whose opening bracket is right here."""
        bracket = self.text[self.at]
        keys = self._keys(bracket)
        return tree.Slice(
            container=container, bracket=bracket, keys=keys, pairs=pairs, span=self.span(start)
        )

    def _keys(self, bracket: str) -> tree.Expression:
        self.at += 1
        if bracket == "{" and (found := self.take_match(_KEY)):
            name = tree.Constant(
                value=found.group(1), bare=True, span=self.span(found.start(1), found.end(1))
            )
            return tree.List(items=(name,), span=name.span)
        at = self.at
        closing = "}" if bracket == "{" else "]"
        if self.take(closing):
            return tree.List(items=(), span=self.span(at))
        keys = self.expression()
        self.expect(closing, "behind the keys of a slice")
        return keys

    def _array_operand(self, start: int) -> tree.Variable | tree.Dereference:
        return self._operand(start, "@")

    def _operand(self, start: int, sigil: str) -> tree.Variable | tree.Dereference:
        """What stands behind a sigil: a name, `{…}` or `$name`."""
        if found := (self.take_match(_BRACED) or self.take_match(NAME)):
            name = found.group(1) if found.re is _BRACED else found.group()
            if "::" in name or name.startswith("^"):
                raise self.outside(f"`{sigil}{name}`", start, "declare variables by `my`")
            return tree.Variable(sigil=sigil, name=name, span=self.span(start))
        if self.text.startswith("{", self.at, self.end):
            operand = self.braced_operand()
        elif self.text.startswith("$", self.at, self.end):
            inner = self.at
            self.at += 1
            with self.nested():
                operand = self._scalar_base(inner)
            if isinstance(operand, tree.Dereference):
                raise self.outside("a reference to a scalar", start, "use the variable itself")
        else:
            self.at = min(self.at + 1, self.end)
            raise self.outside(f"`{self.text[start : self.at]}`", start, _SPECIAL)
        return tree.Dereference(sigil=sigil, operand=operand, span=self.span(start))

    def braced_operand(self) -> tree.Expression:
        """The expression in `@{ … }`, whose brace is right here."""
        self.at += 1
        operand = self.expression()
        self.expect("}", "at the end of the dereference")
        return operand

    # -- subscripts -----------------------------------------------------------------------------------------------

    def subscripts(self, start: int, base: tree.Expression, quoted: str = "") -> tree.Expression:
        """All of `{k}`, `[0]`, `->{k}`, `->@*`, `->name(…)` that follow `base`."""
        while self.at < self.end:
            if self.text.startswith("->", self.at, self.end):
                if quoted and self.text[self.at + 2 : self.at + 3] not in ("[", "{"):
                    break
                self.at += 2
                base = self._arrow(start, base)
            elif isinstance(base, tree.Element) and self._subscript_ahead(quoted):
                base = self._element(start, base)
            elif not quoted and self._arrow_after_blanks():
                self.skip()
            else:
                break
        return base

    def _arrow_after_blanks(self) -> bool:
        at = self.at
        self.skip()
        found = self.text.startswith("->", self.at, self.end) and self.at > at
        self.at = at
        return found

    def _arrow(self, start: int, base: tree.Expression) -> tree.Expression:
        self.skip()
        rest = self.text[self.at : min(self.at + 3, self.end)]
        if rest[:1] in ("[", "{"):
            return self._element(start, base)
        for postfix, sigil in (("@*", "@"), ("%*", "%")):
            if rest.startswith(postfix):
                self.at += 2
                return tree.Dereference(sigil=sigil, operand=base, span=self.span(start))
        if rest == "$#*":
            self.at += 3
            return tree.LastIndex(
                array=tree.Dereference(sigil="@", operand=base, span=self.span(start)),
                span=self.span(start),
            )
        if rest[:2] in ("@[", "@{"):
            self.at += 1
            return self.slice(start, base)
        if found := self.take_match(NAME):
            return self.method_call(start, base, found.group(), found.start())
        raise self.outside("a call through `->(…)`", start, "write the code where it is used")

    def _subscript_ahead(self, quoted: str) -> bool:
        if self.at >= self.end or self.text[self.at] not in "[{":
            return False
        if quoted == "pattern":
            # `/$x{2}/` repeats and `/$x[ab]/` has a class, as Perl guesses too.
            if self.text[self.at] == "{":
                return not self.match(_QUANTIFIER)
            return self.match(_PATTERN_INDEX) is not None
        return True

    def _element(self, start: int, container: tree.Expression) -> tree.Element:
        bracket = self.text[self.at]
        self.at += 1
        key: tree.Expression
        if bracket == "{" and (found := self.take_match(_KEY)):
            key = tree.Constant(
                value=found.group(1), bare=True, span=self.span(found.start(1), found.end(1))
            )
        else:
            key = self.expression()
            self.expect("}" if bracket == "{" else "]", "behind the key")
            if isinstance(key, tree.List) and len(key.items) != 1:
                raise self.outside("a key of several values", start, "join them by `.`")
        return tree.Element(container=container, bracket=bracket, key=key, span=self.span(start))

    def missing_sigil(self, start: int, name: str) -> None:
        """Say that `name`, which begins at `start` and is followed by a subscript, lacks its `$`."""
        fix = Fix(f"write `${name}`", (Edit(self.span(start, start), "$"),))
        span = self.span(start, start + len(name))
        self.diagnostics.append(code.PERL_SIGIL.at(span, text=name, meant=f"${name}", fix=fix))
