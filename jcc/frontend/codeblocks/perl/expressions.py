"""The parser of Perl's expressions: precedence climbing over the scanner, all in one pass."""

from __future__ import annotations

import re
from abc import abstractmethod

from jcc.frontend.codeblocks.perl import tree
from jcc.frontend.codeblocks.perl.terms import Terms

_OPERATOR = re.compile(
    r"\*\*=|\|\|=|&&=|//=|<=>|\.\.\.|<<=|>>=|\*\*|\+=|-=|\*=|/=|\.=|%=|&=|\|=|\^=|\+\+|--|=~|!~|==|!=|<=|>=|&&|"
    r"\|\||//|\.\.|=>|<<|>>|~~|[-+*/%.<>=?,&|^]|x=(?![=~>])|x(?![A-Za-z_])|(?:lt|gt|le|ge|eq|ne|cmp|and|or|xor|isa)\b"
)
_KEY = re.compile(r"\w+\s*=>")
ASSIGNMENT = 5
COMMA = 4
_POWER = {
    **dict.fromkeys(["or", "xor"], 1),
    "and": 2,
    **dict.fromkeys([",", "=>"], COMMA),
    **dict.fromkeys(
        [
            "=",
            "+=",
            "-=",
            "*=",
            "/=",
            ".=",
            "%=",
            "x=",
            "**=",
            "||=",
            "&&=",
            "//=",
            "&=",
            "|=",
            "^=",
            "<<=",
            ">>=",
        ],
        ASSIGNMENT,
    ),
    "?": 6,
    **dict.fromkeys(["..", "..."], 7),
    **dict.fromkeys(["||", "//"], 8),
    "&&": 9,
    **dict.fromkeys(["|", "^"], 10),
    "&": 11,
    **dict.fromkeys(["==", "!=", "<=>", "eq", "ne", "cmp", "~~"], 12),
    **dict.fromkeys(["<", ">", "<=", ">=", "lt", "gt", "le", "ge", "isa"], 13),
    **dict.fromkeys(["<<", ">>"], 15),
    **dict.fromkeys(["+", "-", "."], 16),
    **dict.fromkeys(["*", "/", "%", "x"], 17),
    **dict.fromkeys(["=~", "!~"], 18),
    "**": 20,
    **dict.fromkeys(["++", "--"], 21),
}
_UNARY = 19
_LOGICAL = {"&&": "&&", "||": "||", "//": "//", "and": "&&", "or": "||", "xor": "xor"}
_BITS = frozenset(["&", "|", "^", "<<", ">>", "&=", "|=", "^=", "<<=", ">>="])


class Expressions(Terms):
    """Adds operators to the terms."""

    @abstractmethod
    def block(self) -> tuple[tree.Statement, ...]:
        """Read `{ … }`."""

    def expression(self, power: int = 0) -> tree.Expression:
        """Read an expression of operators that bind as tightly as `power`, or tighter."""
        with self.nested():
            self.skip()
            start = self.at
            left = self._prefix()
            while (operator := self._operator(power)) is not None:
                left = self._infix(start, left, operator)
            return left

    def _operator(self, power: int) -> str | None:
        """The operator right ahead if it binds tightly enough; not taken."""
        self.skip()
        found = self.match(_OPERATOR)
        if found is None or _POWER.get(found.group(), 99) < power:
            return None
        return found.group()

    # -- prefix operators -----------------------------------------------------------------------------------------

    def _prefix(self) -> tree.Expression:
        start = self.at
        if self.text.startswith(("++", "--"), start, self.end):
            self.at += 2
            target = self.expression(21)
            sign = self.text[start]
            return tree.Increment(op=sign, before=True, target=target, span=self.span(start))
        character = self.text[start : min(start + 1, self.end)]
        if character in ("!", "-", "+", "\\") and character:
            self.at += 1
            if self.ahead("=") and character == "!":
                raise self.fail("an expression was expected", start)
            operand = self.expression(_UNARY)
            if character == "-" and isinstance(operand, tree.Constant) and operand.bare:
                return tree.Constant(value=f"-{operand.value}", span=self.span(start))
            return tree.Unary(op=character, operand=operand, span=self.span(start))
        if self.take_word("not"):
            # `not(…)` is a call: what follows the parentheses is no part of it.
            operand = self.term() if self.ahead("(") else self.expression(3)
            return tree.Unary(op="!", operand=operand, span=self.span(start))
        if character == "~":
            raise self.outside("`~`", start, "integers have no bits here: let an action do it")
        return self.term()

    # -- infix operators ------------------------------------------------------------------------------------------

    def _infix(self, start: int, left: tree.Expression, operator: str) -> tree.Expression:
        at = self.at
        self.at += len(operator)
        span = self.span(at)
        power = _POWER[operator]
        if operator in (",", "=>"):
            return self._list(start, left)
        if operator in ("++", "--"):
            return tree.Increment(op=operator[0], before=False, target=left, span=self.span(start))
        if operator in _BITS:
            raise self.outside(f"`{operator}`", at, "integers have no bits here")
        if operator in ("~~", "isa"):
            raise self.outside(f"`{operator}`", at, "compare by `eq`, `==`, or search by `grep`")
        if operator in ("=~", "!~"):
            return self._binding(start, left, operator)
        if operator == "?":
            return self._conditional(start, left)
        if power == ASSIGNMENT:
            value = self.expression(ASSIGNMENT)
            return tree.Assignment(
                op=operator[:-1], target=left, value=value, span=self.span(start)
            )
        right = self.expression(power if operator == "**" else power + 1)
        if operator in _LOGICAL:
            return tree.Logical(
                op=_LOGICAL[operator], left=left, right=right, span=self.span(start)
            )
        op = ".." if operator == "..." else operator
        return tree.Binary(op=op, op_span=span, left=left, right=right, span=self.span(start))

    def _list(self, start: int, first: tree.Expression) -> tree.List:
        items = [first]
        while not self._at_list_end():
            items.append(self.expression(ASSIGNMENT))
            if not (self.take("=>") or self.take(",")):
                break
        return tree.List(items=tuple(items), bare=True, span=self.span(start))

    def _at_list_end(self) -> bool:
        """Behind a comma: does the list end here (a trailing comma)?"""
        while self.take(","):
            pass
        self.skip()
        if self.at >= self.end or self.text[self.at] in ")]};":
            return True
        word = None if self.match(_KEY) else self.word()
        return word in ("or", "and", "if", "unless", "for", "foreach", "while", "until")

    def _conditional(self, start: int, condition: tree.Expression) -> tree.Conditional:
        then = self.expression(ASSIGNMENT)
        self.expect(":", "between the two values of `?`")
        otherwise = self.expression(6)
        return tree.Conditional(
            condition=condition, then=then, otherwise=otherwise, span=self.span(start)
        )

    def _binding(self, start: int, subject: tree.Expression, operator: str) -> tree.Expression:
        self.skip()
        at = self.at
        operation = self.expression(_UNARY)
        span = self.span(start)
        bound: tree.Expression
        match operation:
            case tree.Match(subject=None):
                bound = tree.Match(
                    subject=subject, pattern=operation.pattern, flags=operation.flags, span=span
                )
            case tree.Substitute(subject=None):
                bound = tree.Substitute(
                    subject=subject,
                    pattern=operation.pattern,
                    replacement=operation.replacement,
                    flags=operation.flags,
                    span=span,
                )
            case tree.Transliterate(subject=None):
                bound = tree.Transliterate(
                    subject=subject,
                    search=operation.search,
                    replacement=operation.replacement,
                    flags=operation.flags,
                    span=span,
                )
            case _:
                # `$x =~ $pattern`: the text of any expression is a pattern.
                pattern = tree.Interpolated(parts=(operation,), span=self.span(at))
                bound = tree.Match(subject=subject, pattern=pattern, flags="", span=span)
        return tree.Unary(op="!", operand=bound, span=span) if operator == "!~" else bound
