"""Lines that do not belong where they stand: says so, guesses what was meant, and reads on from there, so that what is
indented below them is checked all the same."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Collection
from typing import Final

from jcc.diagnostics import syntax
from jcc.diagnostics.core import Edit, Fix, Label, Rule
from jcc.frontend import ast
from jcc.frontend.borrowed import COMMENTS, NO_STATEMENTS, SYNONYMS
from jcc.frontend.build import Header
from jcc.frontend.cursor import is_header, second_kind
from jcc.frontend.layout import Line, Shape, opens_braces
from jcc.frontend.nearest import nearest
from jcc.frontend.read_maps import MapReader
from jcc.frontend.shapes import analyse
from jcc.frontend.tokens import (
    ASSIGNMENTS,
    BAD,
    CODE,
    FOLLOWERS,
    NAME,
    NUMBER,
    SECTIONS,
    STATEMENTS,
    STRING,
    SYMBOLS,
)
from jcc.source import Span

_STATEMENT_WORDS: Final = STATEMENTS | FOLLOWERS.keys()


class MisplacedReader(MapReader):
    """A cursor that knows what to do about lines that are out of place."""

    @abstractmethod
    def body(self, header: Line, *enders: str) -> ast.Block:
        """The statements below a header."""

    @abstractmethod
    def misplaced_section(self) -> None:
        """Read the section that begins with the next line, for what is wrong inside of it."""

    # -- what was meant

    def meant(self, line: Line, known: Collection[str], rule: Rule, parsed_by: str) -> Line | None:
        """The next line as it would be if its first word were the nearest known one; this is reported by `rule`. None
        where no known word is near, or the line would not go with it."""
        word = self.texts[line.first]
        if line.shape[0] != NAME or self.full or word in NO_STATEMENTS:
            return None
        synonym = SYNONYMS.get(word.lower())
        near = synonym if synonym in known else nearest(word, known)
        if near is None:
            return None
        shape = (near, *line.shape[1:])
        misfit = analyse(parsed_by, shape).misfit
        if misfit is not None and misfit.at < len(misfit.terminals) - opens_braces(shape):
            return None
        span = self.word_span(line)
        fix = Fix(f"write `{near}`", (Edit(span, near),))
        self.report(rule.at(span, word=word, help=f"did you mean `{near}`?", fix=fix))
        return self.replace(line, shape)

    def replace(self, line: Line, shape: Shape) -> Line:
        """Let the next line have another shape."""
        self.lines[self.at] = meant = line._replace(shape=shape)
        return meant

    def meant_as_follower(self, found: Line, line: Line, words: Collection[str]) -> Line:
        """The next line, read as the follower that it nearly is."""
        if found.column != line.column:
            return found
        return self.meant(found, words, syntax.UNKNOWN_STATEMENT, "statement") or found

    def meant_as_elsif(self, found: Line) -> Line:
        """`else if` means `elsif`."""
        shape = found.shape
        if shape[0] != "else" or second_kind(shape) != "if":
            return found
        at = shape.index("if")
        span = self.word_span(found).to(self.tokens.span(found.first + at))
        self.report(
            syntax.UNEXPECTED.at(
                span,
                expected="`elsif`",
                found="`else if`",
                fix=Fix("write `elsif`", (Edit(span, "elsif"),)),
            )
        )
        meant = ("elsif", *("BLANK" for _ in range(at)), *shape[at + 1 :])
        return self.replace(found, meant)

    def meant_as_when(self, found: Line, line: Line) -> Line:
        """`case 1:` in a `case`, and any `case` in one that was written `switch`, means `when`."""
        shape = found.shape
        is_label = found.column > line.column and second_kind(shape) in (NUMBER, STRING)
        if shape[0] != "case" or not (is_label or self.texts[line.first] != "case"):
            return found
        span = self.word_span(found)
        fix = Fix("write `when`", (Edit(span, "when"),))
        self.report(syntax.UNEXPECTED.at(span, expected="`when`", found="`case`", fix=fix))
        return self.replace(found, ("when", *shape[1:]))

    # -- lines that are no statement

    def unknown_statement(self, line: Line) -> ast.Statement:
        """Read the next line, which begins with no statement's keyword."""
        word = line.shape[0]
        if second_kind(line.shape) in ASSIGNMENTS or word == "<":
            return self._assignments(line)
        if word in SECTIONS and is_header(line.shape):
            help_ = "indent it like the other sections of its definition"
            if opens_braces(line.shape):
                help_ = "a loop is `repeat:`, and `until CONDITION` below it"
            self.report(syntax.SECTION_IN_BODY.at(self.word_span(line), section=word, help=help_))
            self.misplaced_section()
            return ast.BrokenStatement(span=self.span_since(line), body=None)
        if self.meant(line, _STATEMENT_WORDS, syntax.UNKNOWN_STATEMENT, "statement"):
            return self.statement()
        return self._code(line) if word == CODE else self._nothing_known(line)

    def _assignments(self, line: Line) -> ast.Statement:
        """Assignments where a statement is due are read as if an `eval:` stood above them."""
        begin = self.at
        items: list[ast.MapItem] = []
        while (found := self.peek()) and found.column == line.column:
            if second_kind(found.shape) not in ASSIGNMENTS and found.shape[0] != "<":
                break
            items.extend(self.parse("map_line") or ())
        lines = self.lines[begin : self.at]
        self.report(
            syntax.ASSIGNMENT_OUTSIDE_MAP.at(
                self.line_span(line),
                help="put it below an `eval:`",
                fix=Fix("put it below an `eval:`", tuple(self._indented_below("eval:", lines))),
            )
        )
        span = self.span_since(line)
        whole = ast.Map(span=span, items=tuple(items))
        return ast.Eval(span=span, keyword="eval", map=whole)

    def _indented_below(self, header: str, lines: list[Line]) -> list[Edit]:
        indent = lines[0].indent
        step = "    " if indent and "\t" not in indent else "\t"
        starts = [self.starts[line.first] for line in lines]
        edits = [Edit(Span(start, start), step) for start in starts]
        return [Edit(edits[0].span, f"{header}\n{indent}{step}"), *edits[1:]]

    def _code(self, line: Line) -> ast.Statement:
        found: ast.CodeBlock | ast.BrokenExpression | None = self.parse("map_line")
        span = self.line_span(line)
        fix = Fix("put it below an `eval:`", tuple(self._indented_below("eval:", [line])))
        self.report(
            syntax.UNEXPECTED.at(
                span, expected="a statement", found="a code block", help=fix.title, fix=fix
            )
        )
        block = found if isinstance(found, ast.CodeBlock) else None
        return ast.Eval(span=span, keyword="eval", map=ast.Map(span=span, block=block))

    def _nothing_known(self, line: Line) -> ast.Statement:
        self.at += 1
        kind, word = line.shape[0], self.texts[line.first]
        help_ = self._way_out(line)
        if kind in SYMBOLS or kind == STRING:
            span, found = self.word_span(line), f"`{word}`"
            self.report(syntax.UNEXPECTED.at(span, expected="a statement", found=found, help=help_))
        elif BAD.isdisjoint(line.shape):
            self.report(syntax.UNKNOWN_STATEMENT.at(self.word_span(line), word=word, help=help_))
        body = self.anything_below(line)
        return ast.BrokenStatement(span=self.span_since(line), body=body)

    def _way_out(self, line: Line) -> str | None:
        """What to write in the place of a line that is no statement."""
        word = self.texts[line.first]
        if line.shape[:2] == (NAME, "(") and word not in NO_STATEMENTS:
            return (
                f"`call {word}:` calls an action or a workflow; the inputs stand in the lines below"
            )
        text = self.text_of(line)
        if any(text.startswith(mark) for mark in COMMENTS):
            return "a comment begins with `#`"
        if word == "-":
            return "statements stand below each other without dashes, each begun by its word: `call NAME:`"
        synonym = SYNONYMS.get(word.lower())
        return NO_STATEMENTS.get(word) or (synonym and f"here it is called `{synonym}`")

    def anything_below(self, line: Line) -> ast.Block | None:
        """What is indented below a line, be it statements or a map; only statements are kept."""
        below = self.peek()
        if below is None or below.column <= line.column:
            return None
        if below.shape[0] in _STATEMENT_WORDS and is_header(below.shape):
            return self.body(line)
        self.map_below(line)
        return None

    # -- statements in a wrong place

    def unmatched(self, line: Line, header: Header) -> ast.Statement:
        """A line that would go on with a statement, but none stands above it."""
        word = header.keyword
        *others, last = (f"`{opener}`" for opener in FOLLOWERS[word])
        openers = f"{', '.join(others)} or {last}" if others else last
        help_ = "below a `map` it is called `collect:`" if word == "into" else None
        span = self.word_span(line)
        self.report(syntax.UNMATCHED.at(span, word=word, openers=openers, help=help_))
        body = self.anything_below(line)
        return ast.BrokenStatement(span=self.span_since(line), body=body)

    def broken(self, line: Line, header: Header) -> ast.Statement:
        """A statement of one line that could not be read at all."""
        return ast.BrokenStatement(span=self.line_span(line), body=None)

    def not_a_branch(self, line: Line) -> None:
        """Another statement directly below `split:`."""
        word, span = line.shape[0], self.word_span(line)
        if word in _STATEMENT_WORDS and is_header(line.shape):
            fix = Fix("write `callflow`", (Edit(span, "callflow"),), safe=False)
            self.report(
                syntax.NOT_A_BRANCH.at(
                    span,
                    word=word,
                    help="each branch is a workflow of its own, begun with `callflow NAME:`",
                    fix=fix if word == "call" else None,
                )
            )
        self.statement()

    def not_an_arm(self, line: Line) -> None:
        """Another line than `when` and `else` directly below `case`."""
        word = line.shape[0]
        if word in _STATEMENT_WORDS and is_header(line.shape):
            self.report(
                syntax.UNEXPECTED.at(
                    self.word_span(line), expected="`when` or `else`", found=f"`{word}`"
                )
            )
        self.statement()

    def second_message(self, line: Line) -> None:
        """A second line below `assert`."""
        self.report(
            syntax.UNEXPECTED.at(
                self.line_span(line),
                expected="one message",
                found="another line",
                help="join what it is made of with ` . `",
            )
        )

    def report_depth(self, found: Line, line: Line) -> None:
        """A follower stands deeper than the statement that it goes on with."""
        start = self.starts[found.first]
        edit = Edit(Span(start - len(found.indent), start), line.indent)
        self.report(
            syntax.WRONG_DEPTH.at(
                self.word_span(found),
                word=found.shape[0],
                opener=line.shape[0],
                labels=[Label(self.word_span(line), "it belongs to this one")],
                fix=Fix("indent it like its opener", (edit,), safe=False),
            )
        )
