"""A place in a file's lines: parses the next line by a rule, walks through blocks, and collects what is found wrong.

It knows lines and their depth, not what the lines of a block may be: that is for the readers built on it
(`read_maps`, `read_statements`, `read_sections`, `assembler`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import Any, Final

from jcc.diagnostics import syntax
from jcc.diagnostics.core import Diagnostic, Edit, Fix, Label
from jcc.frontend.build import new_span
from jcc.frontend.explain import brace, explain
from jcc.frontend.layout import Layout, Line, Shape, last_word, opens_braces
from jcc.frontend.shapes import analyse, builders
from jcc.frontend.tokens import ASSIGNMENTS, BAD, BAD_CHARACTER, TRIVIA, Tokens
from jcc.source import Span

MAX_ERRORS: Final = 500
"""How many findings one file may have: what comes behind is parsed, but not explained."""

_CONTINUES: Final = frozenset({"+", "-", "*", "/", ".", "||", "&&", "//", "and", "or", "=="})


def is_header(shape: Shape) -> bool:
    """Whether a line that begins with a keyword is one: where it assigns, the keyword is the name of a variable."""
    return ASSIGNMENTS.isdisjoint(shape)


def second_kind(shape: Shape) -> str:
    """The kind of a line's second token, '' if there is none."""
    return next((kind for kind in shape[1:] if kind not in TRIVIA), "")


class Cursor:
    """`at` is the index of the next line. `rules` has the rule that each line was parsed by (None for lines left out),
    `told` the first tokens of lines that something was said about, so that what follows from it is not said as well."""

    def __init__(self, tokens: Tokens, layout: Layout) -> None:
        self.tokens = tokens
        self.texts = tokens.texts
        self.starts = tokens.starts
        self.lines = list(layout.lines)  # some become what they were meant to be
        self.docs = layout.docs
        self.unclosed = layout.unclosed
        self.rules: list[str | None] = [None] * len(layout.lines)
        self.at = 0
        self.told: set[int] = set()
        self.diagnostics: list[Diagnostic] = []
        self.full = False

    # -- findings

    def report(self, diagnostic: Diagnostic) -> None:
        if self.full:
            return
        self.diagnostics.append(diagnostic)
        self.full = len(self.diagnostics) == MAX_ERRORS
        if self.full:
            note = f"this is finding number {MAX_ERRORS}; the file has more, which are not shown"
            self.diagnostics[-1] = replace(diagnostic, help=note)

    def word_span(self, line: Line) -> Span:
        """The span of a line's first token."""
        return self.tokens.span(line.first)

    def line_span(self, line: Line) -> Span:
        """A line without the blanks and comments at its end."""
        return new_span((self.starts[line.first], self._end_of(line)))

    def _end_of(self, line: Line) -> int:
        shape = line.shape
        behind = len(shape)
        while shape[behind - 1] in TRIVIA:
            behind -= 1
        return self.starts[line.first + behind]

    def text_of(self, line: Line) -> str:
        """A line's tokens, with the blanks between them."""
        return "".join(self.texts[line.first : line.first + len(line.shape)])

    def span_since(self, line: Line) -> Span:
        """From a line to the last one taken."""
        return new_span((self.starts[line.first], self._end_of(self.lines[self.at - 1])))

    def end(self) -> Span:
        """The empty span behind the last line taken."""
        end = self._end_of(self.lines[self.at - 1])
        return Span(end, end)

    # -- lines

    def peek(self) -> Line | None:
        return self.lines[self.at] if self.at < len(self.lines) else None

    def parse(self, rule: str, shape: Shape | None = None) -> Any:
        """Take the next line and parse it, as if it had `shape` if one is given. None where it means nothing at all."""
        line = self.lines[self.at]
        self.rules[self.at] = rule
        self.at += 1
        build = builders[rule].get(shape or line.shape)
        if build is None:
            return self._parse_new(rule, line, shape or line.shape)
        return build(self.texts, self.starts, line.first)

    def _parse_new(self, rule: str, line: Line, shape: Shape) -> Any:
        build, misfit = analyse(rule, shape, explain=not self.full)
        if misfit is not None:
            self.told.add(line.first)
            if self.at - 1 not in self.unclosed and BAD.isdisjoint(shape):
                self.report(explain(misfit, self.tokens, line))
        return None if build is None else build(self.texts, self.starts, line.first)

    def missing_body(self, header: Line, help_: str | None = None) -> None:
        """Nothing stands below a line that opens a block. Who left out its colon, too, is told of that alone."""
        if header.first not in self.told:
            span, keyword = self.word_span(header), header.shape[0]
            self.report(syntax.MISSING_BODY.at(span, keyword=keyword, help=help_))

    def skip_deeper(self, column: int) -> None:
        """Leave out the lines that are deeper than a column."""
        while self.at < len(self.lines) and self.lines[self.at].column > column:
            self.at += 1

    # -- blocks

    def block(self, header: Line, enders: Collection[str] = ()) -> Iterator[Line]:
        """The next lines, as long as they are deeper than a header; who walks takes each. A line that begins with one
        of `enders` goes on with the statement that the block belongs to, and ends it at whatever depth."""
        lines, column = self.lines, header.column
        in_braces = opens_braces(header.shape) or self._take_brace(header)
        first = self.peek()
        if first is None or first.column <= column:
            if in_braces:
                self.close_braces(header)
            return
        if not first.indent.startswith(header.indent):
            self._report_mixed(first, header)
        indents = {first.indent}
        while self.at < len(lines):
            line = lines[self.at]
            if line.column <= column or (line.shape[0] in enders and is_header(line.shape)):
                break
            if line.indent not in indents:
                if line.column > first.column and self._goes_on(self.lines[self.at - 1]):
                    self.at += 1
                    continue
                indents.add(line.indent)
                self.report_indent(line, first)
                if line.column > first.column and line.shape[0] in _CONTINUES:
                    self.at += 1
                    continue
            yield line
        if in_braces:
            self.close_braces(header)

    def _take_brace(self, header: Line) -> bool:
        """Take the line of a `{` that opens a block in the line below its header. Who left out the colon, too, is told of that alone."""
        line = self.peek()
        if line is None or line.column < header.column or _words(line.shape) != ["{"]:
            return False
        if header.first not in self.told:
            self.report(brace(self.word_span(line), "an indented line"))
        self.at += 1
        return True

    def close_braces(self, header: Line) -> None:
        """Take the `}` of a block whose `{` has been told of; what stands behind it is read as a line."""
        line = self.peek()
        if line is None or line.column < header.column or line.shape[0] != "}":
            return
        words = _words(line.shape)
        if words[1:] in ([], [";"]):
            self.at += 1
            return
        at = line.shape.index(words[1], 1)
        self.lines[self.at] = line._replace(first=line.first + at, shape=line.shape[at:])

    def _goes_on(self, line: Line) -> bool:
        """Whether a line was meant to go on in the next one; its end is told of as a mistake."""
        last = last_word(self.tokens, line.first + len(line.shape))
        if self.tokens.kinds[last] == BAD_CHARACTER:
            return self.texts[last] == "\\"
        return line.first in self.told and self.tokens.kinds[last] in _CONTINUES

    def report_indent(self, line: Line, first: Line) -> None:
        """A line is not indented like the first line of its block."""
        if line.column == first.column:
            self._report_mixed(line, first)
            return
        start = self.starts[line.first]
        indent = Span(start - len(line.indent), start)
        rule, help_ = syntax.INCONSISTENT_DEDENT, "indent it like the other lines of its block"
        if line.column > first.column:
            rule = syntax.UNEXPECTED_INDENT
            help_ = "only a line that ends with `:` opens a block"
            if line.shape[0] in _CONTINUES:
                help_ = "to go on in the next line, put the whole value into parentheses"
        fix = Fix("indent it like its block", (Edit(indent, first.indent),), safe=False)
        label = Label(self.word_span(first), "the block begins here")
        self.report(rule.at(indent, help=help_, labels=[label], fix=fix))

    def _report_mixed(self, line: Line, other: Line) -> None:
        start = self.starts[line.first]
        self.report(
            syntax.MIXED_INDENTATION.at(
                Span(start - len(line.indent), start),
                found=_blanks(line.indent),
                expected=_blanks(other.indent),
                help="a tab counts as 8 columns; `jcc fmt` indents a file evenly",
                labels=[Label(self.word_span(other), "compare this line")],
            )
        )


def _words(shape: Shape) -> list[str]:
    return [kind for kind in shape if kind not in TRIVIA]


def _blanks(indent: str) -> str:
    tabs, spaces = indent.count("\t"), indent.count(" ")
    words = [f"{n} {word}{'s' * (n > 1)}" for n, word in ((tabs, "tab"), (spaces, "space")) if n]
    return " and ".join(words) or "nothing"
