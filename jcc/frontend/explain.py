"""Says of a line that does not fit its rule what is wrong with it, in the words of the language: one finding a line."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from jcc.diagnostics import syntax
from jcc.diagnostics.core import Diagnostic, Edit, Fix
from jcc.frontend.borrowed import STRAY
from jcc.frontend.layout import Line
from jcc.frontend.shapes import MAX_DEPTH, Misfit
from jcc.frontend.terminals import OPERATORS
from jcc.frontend.tokens import Tokens
from jcc.source import Span

_CLOSERS: Final = frozenset({"RPAR", "RSQB", "RBRACE"})
_OPENERS: Final = frozenset({"LPAR", "INDEX", "LIST", "LBRACE"})
_COMPARISONS: Final = frozenset({"LESS", "GREATER", "ORDER", "EQUALITY"})
_NOT_STRAY: Final = OPERATORS | {"ASSIGN", "COMPOUND", "QUESTION", "LIST", "LBRACE"}
_DECLARATIONS: Final = frozenset({"input_line", "output_line", "lock_line"})
_NAMING: Final = {"DEFINITION", "INTERFACE", "NAMED", "MAP", "LOCK", "UNLOCK", "LABEL", "GOTO"}
_LONGEST_QUOTE: Final = 40
_COMPARED: Final = {
    "===": "compare numbers with `==`, strings with `eq`",
    "!==": "compare numbers with `!=`, strings with `ne`",
    "<>": "not equal is `!=` for numbers, `ne` for strings",
    "->": "keys are read with a `.`: `a.name`",
    "=>": "a key of an object is written `key: value`",
    "==/": "`=~` matches a regular expression",
}
_SINGLE: Final = {
    **{
        "COLON": "`:`",
        "RPAR": "`)`",
        "RSQB": "`]`",
        "RBRACE": "`}`",
        "_COMMA": "`,`",
        "USING": "`using`",
    },
    **{"OPTIONAL": "`optional`", "MANUAL": "`manual`", "INHERIT": "`inherit`", "STAR": "`*`"},
    **{"GREATER": "`>`", "ASSIGN": "`=`", "REGEX": "a regular expression `/…/`", "QUESTION": "`?`"},
    "$END": "the end of the line",
}


def explain(misfit: Misfit, tokens: Tokens, line: Line) -> Diagnostic:
    """The finding for a line. Every explanation may decline; the last never does."""
    case = _Case(misfit, tokens, line)
    for explanation in _EXPLANATIONS:
        if diagnostic := explanation(case):
            return diagnostic
    return _unexpected(case)


@dataclass(frozen=True, slots=True)
class _Case:
    misfit: Misfit
    tokens: Tokens
    line: Line

    @property
    def found(self) -> str:
        """The type of the terminal that does not fit; '' at the end of the line."""
        return self.type(self.misfit.at)

    def type(self, at: int) -> str:
        terminals = self.misfit.terminals
        return terminals[at].type if 0 <= at < len(terminals) else ""

    def text(self, at: int) -> str:
        return self.tokens.texts[self.line.first + self.misfit.terminals[at].first]

    def span(self, at: int) -> Span:
        """The span of a terminal; at the end of the line, the place behind the last."""
        terminals = self.misfit.terminals
        if at < len(terminals):
            return self.tokens.span(self.line.first + terminals[at].first)
        end = self.tokens.span(self.line.first + terminals[-1].last).end if terminals else 0
        return Span(end, end)

    def rest(self, at: int) -> Span:
        """From a terminal to the end of the line."""
        return self.span(at).to(self.span(len(self.misfit.terminals)))

    def accepts(self, *types: str) -> bool:
        return not self.misfit.accepts.isdisjoint(types)


def _too_deep(case: _Case) -> Diagnostic | None:
    if not case.misfit.too_deep:
        return None
    return syntax.EXPRESSION_TOO_DEEP.at(
        case.rest(0), limit=MAX_DEPTH, help="give parts of it to variables first"
    )


def _missing_colon(case: _Case) -> Diagnostic | None:
    if case.found or not case.accepts("COLON") or case.accepts("NUMBER"):
        return None
    span = case.span(case.misfit.at)
    return syntax.MISSING_COLON.at(span, fix=Fix("add the `:`", (Edit(span, ":"),)))


def _brace(case: _Case) -> Diagnostic | None:
    last = len(case.misfit.terminals) - 1
    if case.found != "LBRACE" or case.misfit.at < last or not case.accepts("COLON"):
        return None
    return brace(case.span(last), "`:`")


def brace(span: Span, expected: str) -> Diagnostic:
    """The finding for a `{` that opens a block."""
    return syntax.UNEXPECTED.at(
        span,
        expected=expected,
        found="`{`",
        help="a block has no braces: a `:` opens it, and it is what is indented below; leave out the `}`, too",
    )


def _semicolon(case: _Case) -> Diagnostic | None:
    at = case.misfit.at
    if case.type(at - 1) == "_SEMI":
        return _several(case, at)
    if case.found != "_SEMI":
        return None
    if at + 1 < len(case.misfit.terminals):
        return _several(case, at + 1)
    span = case.span(at)
    return syntax.STRAY_TEXT.at(
        span,
        found="`;`",
        help="a `;` may end an assignment or a declaration only",
        fix=Fix("remove the `;`", (Edit(span, ""),)),
    )


def _several(case: _Case, at: int) -> Diagnostic:
    return syntax.SEVERAL_IN_LINE.at(case.rest(at), help="put this one into a line of its own")


def _unopened(case: _Case) -> Diagnostic | None:
    if case.found not in _CLOSERS or _is_open(case):
        return None
    span = case.span(case.misfit.at)
    return syntax.UNOPENED_BRACKET.at(
        span, bracket=case.text(case.misfit.at), fix=Fix("remove it", (Edit(span, ""),), safe=False)
    )


def _is_open(case: _Case) -> bool:
    """Whether a bracket is open where the misfit stands."""
    before = [terminal.type for terminal in case.misfit.terminals[: case.misfit.at]]
    return sum(type_ in _OPENERS for type_ in before) > sum(type_ in _CLOSERS for type_ in before)


def _assignment(case: _Case) -> Diagnostic | None:
    at = case.misfit.at
    if case.found not in ("ASSIGN", "COMPOUND") or not case.accepts("DOT"):
        return None
    if case.misfit.rule in _DECLARATIONS:
        return None
    if _is_second_assignment(case):
        return _several(case, at - 1)
    operator = case.text(at)
    compare = "compare numbers with `==`, strings with `eq`"
    if case.type(at - 2) in ("LPAR", "_COMMA") and case.misfit.rule == "map_line":
        compare = "functions take values in order; an action is called by `call NAME:`, with its inputs in the lines below"
    fix = Fix("compare with `==`", (Edit(case.span(at), "=="),), safe=False)
    return syntax.ASSIGNMENT_IN_CONDITION.at(
        case.span(at), operator=operator, help=compare, fix=fix if operator == "=" else None
    )


def _is_second_assignment(case: _Case) -> bool:
    """`x = v.a y = v.b`: what stands before the operator begins behind a whole assignment."""
    before = case.type(case.misfit.at - 1)
    behind = case.type(case.misfit.at - 2)
    return before == "NAME" and behind in (
        "NAME",
        "PATH",
        "NUMBER",
        "STRING",
        "CONSTANT",
        *_CLOSERS,
    )


def _chained(case: _Case) -> Diagnostic | None:
    if case.found not in _COMPARISONS or not case.accepts("DOT"):
        return None
    return syntax.CHAINED_COMPARISON.at(
        case.span(case.misfit.at),
        operator=case.text(case.misfit.at),
        help="write `a < b and b < c`, or put one comparison into parentheses",
    )


def _missing_name(case: _Case) -> Diagnostic | None:
    at = case.misfit.at
    if at != 1 or not case.accepts("NAME") or case.accepts("NUMBER"):
        return None
    if case.type(0) not in _NAMING:
        return None
    span = case.span(at) if case.found else case.span(0)
    return syntax.MISSING_NAME.at(span, keyword=case.text(0))


def _missing_value(case: _Case) -> Diagnostic | None:
    at = case.misfit.at
    if at == 0 or not case.accepts("NUMBER") or case.type(at - 1) == "LPAR":
        return None
    ends = ("", "COLON", "_COMMA", "_SEMI", "ASSIGN", "COMPOUND", *_CLOSERS)
    if case.found not in ends and not (
        case.found in OPERATORS and case.found not in ("NOT", "NOT_MATCH")
    ):
        return None
    if case.misfit.rule in _DECLARATIONS or case.type(0) == "WHEN":
        return None
    help_ = None
    if case.type(at - 1) in OPERATORS | {"ASSIGN"}:
        help_ = _COMPARED.get(case.text(at - 1) + (case.text(at) if case.found else ""))
        if not case.found and case.type(at - 1) != "ASSIGN":
            help_ = "to go on in the next line, put the whole value into parentheses"
    return syntax.MISSING_VALUE.at(case.span(at - 1), after=case.text(at - 1), help=help_)


def _stray(case: _Case) -> Diagnostic | None:
    """What was read so far is whole, or is but for its colon, and something else stands behind it."""
    at, found = case.misfit.at, case.found
    whole = case.accepts("$END")
    if not (whole or (case.accepts("COLON") and found != "COLON")):
        return None
    if not found or found in _NOT_STRAY or _is_open(case):
        return None
    if case.misfit.rule in ("map_line", "constant_line") and case.type(at + 1) == "ASSIGN":
        return _several(case, at)
    rest = case.rest(at)
    if not whole and case.type(len(case.misfit.terminals) - 1) == "COLON":
        # `if v.x then:`: the colon is right.
        rest = Span(rest.start, case.span(len(case.misfit.terminals) - 2).end)
    help_ = None
    if case.type(at - 1) == "COLON":
        help_ = "what belongs to it stands in the lines below, indented"
    elif found == "COLON":
        help_ = "only lines that open a block end with `:`"
    else:
        help_ = _from_elsewhere(case, at)
    fix = Fix("remove it", (Edit(rest, ""),), safe=False)
    return syntax.STRAY_TEXT.at(rest, found=_quote(case, at), help=help_, fix=fix)


def _from_elsewhere(case: _Case, at: int) -> str | None:
    """What to write in the place of what is written behind a line elsewhere."""
    found, before = case.found, case.type(at - 1)
    if found == "STRING" and case.span(at - 1).end == case.span(at).start:
        return "strings have no prefixes; values are joined to them with ` . `: `'hello ' . a.name`"
    if found == "LPAR" and before == "PATH" and case.misfit.rule != "statement":
        return "functions stand in front of what they take: `upper(v.name)`"
    match case.text(0), case.text(at):
        case "call" | "callflow" | "detachflow", "(":
            return "the inputs stand in the lines below, each as `name = value`"
        case "return", _:
            return "the outputs of a workflow are made in `wfomap:`"
        case "let", _:
            return "what is set stands in the lines below: `let:`, then `name = value`"
        case "catch", _:
            return "the error is `e._error`, its message `e._error.msg`"
        case "sleep", _:
            return "a time is a number of seconds or a string: `'5 minutes'`"
        case _, word:
            return STRAY.get(word)


def _unexpected(case: _Case) -> Diagnostic:
    at = case.misfit.at
    return syntax.UNEXPECTED.at(
        case.span(at),
        expected=_expected(case),
        found=_quote(case, at) if case.found else "the end of the line",
        help=_hint(case),
    )


_EXPLANATIONS: Final[tuple[Callable[[_Case], Diagnostic | None], ...]] = (
    _too_deep,
    _missing_colon,
    _brace,
    _semicolon,
    _unopened,
    _assignment,
    _chained,
    _missing_name,
    _missing_value,
    _stray,
)


def _quote(case: _Case, at: int) -> str:
    text = " ".join(case.text(at).split())
    return f"`{text}`" if len(text) <= _LONGEST_QUOTE else f"`{text[: _LONGEST_QUOTE - 1]}…`"


def _expected(case: _Case) -> str:
    """What would have fitted, as a phrase: `a name, a value or the end of the line`."""
    words = list(dict.fromkeys(_phrases(case)))
    if len(words) < 2:
        return words[0] if words else "the end of the line"
    return ", ".join(words[:-1]) + " or " + words[-1]


def _phrases(case: _Case) -> Iterator[str]:
    if case.misfit.at == 0 and case.misfit.rule == "map_line":
        yield "an assignment, a `<name>` or a code block"
        return
    if case.accepts("NUMBER"):
        yield "a label" if case.type(0) == "WHEN" else "a value"
    elif case.accepts("NAME"):
        is_type = case.misfit.rule in _DECLARATIONS and case.misfit.at > 0
        yield "a type" if is_type else "a name"
    if case.accepts("DOT") and not case.accepts("NUMBER"):
        yield "an operator"
    if case.accepts("COMPOUND"):
        yield "an assignment's operator such as `=`"
    skip = {"STAR", "GREATER"} if case.accepts("DOT") else {"QUESTION"}
    skip |= {"ASSIGN"} if case.accepts("COMPOUND") else set()
    for type_, phrase in _SINGLE.items():
        if type_ in case.misfit.accepts and type_ not in skip:
            yield phrase


def _hint(case: _Case) -> str | None:
    """The way out of mistakes that people bring from other languages."""
    rule, at = case.misfit.rule, case.misfit.at
    if case.found and case.text(at) == "-" and at == 2 and case.type(0) in _NAMING:
        return "a name with other characters than letters, digits and `_` is quoted: `'my-name'`"
    if rule == "map_line" and at == 1 and case.type(0) == "NAME":
        sign = case.text(at) if case.found else ""
        if not sign:
            return f"`<{case.text(0)}>` copies a value of this name, `name = value` sets it"
        if sign in ("+", "-") and case.type(2) and case.text(2) == sign:
            return f"write `{case.text(0)} {sign}= 1`"
    match case.found:
        case "COLON" if rule in _DECLARATIONS:
            return "a declaration is `name type`, without a `:`"
        case "ASSIGN" if rule in _DECLARATIONS:
            return "a default stands behind the type: `name type default`"
        case "LIST":
            return "an array is written `array(1, 2)`"
        case "LBRACE" if case.accepts("COLON"):
            return "a block has no braces: a `:` opens it, and it is what is indented below"
        case "LBRACE":
            return "an object is written `object(key: value)`"
        case "QUESTION":
            return "there is no `? :` here; use `if` in the body, or a code block"
        case "NOT_MATCH":
            return "write `!(v.x =~ /…/)`"
        case "NOT" if not case.accepts("NOT") and case.accepts("BANG"):
            return "`not` binds looser than what stands before it; use `!`, or parentheses"
        case "PATH" if case.accepts("STAR") and case.type(case.misfit.at - 1) == "LESS":
            return "`<…>` takes names alone; else write `name = value`"
        case "ASSIGN" if rule == "map_line" and case.type(case.misfit.at - 1) == "GREATER":
            return "`<…>` copies by itself: from `v` into inputs, from `o` into variables; else write `name = value`"
        case "STRING" | "NUMBER" | "PATH" if case.accepts("DOT"):
            return "strings are joined with ` . `"
    if case.found == "COLON" and case.accepts("RSQB"):
        return "`slice(x, from, to)` gives a part of an array, `substr` one of a string"
    before = {case.type(n) for n in range(at)}
    if rule in ("map_line", "constant_line") and before.isdisjoint(("ASSIGN", "COMPOUND")):
        return "each line is `name = value`"
    return None
