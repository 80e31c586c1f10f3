"""Reads the sections of a definition: declarations, maps and the body."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, Final, TypeVar

from jcc.diagnostics import syntax
from jcc.diagnostics.core import Label
from jcc.frontend import ast
from jcc.frontend.build import Header
from jcc.frontend.cursor import is_header
from jcc.frontend.layout import Line, opens_braces
from jcc.frontend.literals import first_non_literal, quoting
from jcc.frontend.read_statements import StatementReader
from jcc.frontend.tokens import BAD, DEFINITIONS, FOLLOWERS, NAME, PATH, SECTIONS, STATEMENTS

_STATEMENT_WORDS: Final = STATEMENTS | FOLLOWERS.keys()
_INTERFACE_GIVES: Final = ("in", "out", "env")
_ARTICLES: Final = {"workflow": "a workflow", "action": "an action", "procedure": "a procedure"}

D = TypeVar("D", ast.InputDeclaration, ast.OutputDeclaration)


class SectionReader(StatementReader):
    """A cursor that reads sections."""

    def sections(self, header: Line, kind: str) -> tuple[ast.Section, ...]:
        """The sections of a definition: its lines up to the next definition. They may be indented or not."""
        found: list[ast.Section] = []
        seen: dict[str, Line] = {}
        first = self.peek()
        indents: set[str] = set()
        while (line := self.peek()) and line.column >= header.column:
            if line.shape[0] in DEFINITIONS and is_header(line.shape):
                break
            if line.column == header.column and line.shape[0] == "}" and opens_braces(header.shape):
                self.close_braces(header)
                break
            if first is not None and line.indent not in indents and line is not first:
                self.report_indent(line, first)
            indents.add(line.indent)
            found.append(self._section(line, kind, seen))
        self._check_interface(seen)
        return tuple(found)

    def misplaced_section(self) -> None:
        line = self.lines[self.at]
        self._content(line, self.parse("section"))

    def _section(self, line: Line, kind: str, seen: dict[str, Line]) -> ast.Section:
        word = line.shape[0]
        if word in SECTIONS and is_header(line.shape):
            return self._known(line, kind, seen)
        if word in _STATEMENT_WORDS and is_header(line.shape):
            return self._statements_outside(line)
        if meant := self.meant(line, SECTIONS, syntax.UNKNOWN_SECTION, "section"):
            return self._known(meant, kind, seen)
        text = self.texts[line.first]
        if word in (NAME, PATH) and is_header(line.shape):
            known = ", ".join(f"`{name}`" for name, kinds in SECTIONS.items() if kind in kinds)
            help_ = f"{_ARTICLES[kind]} has {known}"
            self.report(syntax.UNKNOWN_SECTION.at(self.word_span(line), word=text, help=help_))
        elif BAD.isdisjoint(line.shape):
            span = self.word_span(line)
            self.report(syntax.UNEXPECTED.at(span, expected="a section", found=f"`{text}`"))
        self.at += 1
        self.skip_deeper(line.column)
        return ast.BrokenSection(span=self.span_since(line))

    def _known(self, line: Line, kind: str, seen: dict[str, Line]) -> ast.Section:
        word = line.shape[0]
        header: Header | None = self.parse("section", line.shape)
        section = self._content(line, header)
        if kind not in SECTIONS[word]:
            where = " and ".join(f"{name}s" for name in SECTIONS[word])
            self.report(
                syntax.MISPLACED_SECTION.at(
                    self.word_span(line),
                    section=word,
                    kind=_ARTICLES[kind],
                    help=f"it belongs to {where}",
                )
            )
            return ast.BrokenSection(span=section.span)
        if word in seen:
            label = Label(self.word_span(seen[word]), "the first one")
            self.report(
                syntax.SECTION_TWICE.at(
                    self.word_span(line), section=word, labels=[label], help="join the two"
                )
            )
        seen.setdefault(word, line)
        return section

    def _statements_outside(self, line: Line) -> ast.BrokenSection:
        """Statements where sections are due: told once for those that follow each other."""
        self.report(
            syntax.STATEMENT_OUTSIDE_DO.at(
                self.word_span(line),
                word=line.shape[0],
                help="statements stand in the section `do:`, indented below it",
            )
        )
        self._statements_beside(line)
        return ast.BrokenSection(span=self.span_since(line))

    def _statements_beside(self, line: Line) -> list[ast.Statement]:
        """The next statements at a line's depth."""
        statements = []
        while (found := self.peek()) and found.column == line.column:
            if found.shape[0] not in _STATEMENT_WORDS - SECTIONS.keys() or not is_header(
                found.shape
            ):
                break
            statements.append(self.statement())
        return statements

    def _check_interface(self, seen: dict[str, Line]) -> None:
        if "interface" not in seen:
            return
        for word in _INTERFACE_GIVES:
            if word in seen:
                self.report(
                    syntax.SECTION_BESIDE_INTERFACE.at(
                        self.word_span(seen[word]),
                        section=word,
                        labels=[Label(self.word_span(seen["interface"]), "it is taken from here")],
                        help="the interface gives `in`, `out` and `env`",
                    )
                )

    # -- what stands in a section

    def _content(self, line: Line, header: Header | None) -> ast.Section:
        return _CONTENTS[line.shape[0]](self, line, header)

    def _interface(self, line: Line, header: Header | None) -> ast.Section:
        for _ in self.block(line):
            below = self.lines[self.at]
            self.report(
                syntax.UNEXPECTED.at(
                    self.line_span(below),
                    expected="nothing below `interface`",
                    found="an indented line",
                )
            )
            self.skip_deeper(line.column)
        if header is None or header.name is None:
            return ast.BrokenSection(span=self.span_since(line))
        return ast.InterfaceSection(span=self.span_since(line), name=header.name)

    def _inputs(self, line: Line, header: Header | None) -> ast.Section:
        entries: list[ast.InputDeclaration] = []
        for index, entry in self._entries(line, "input_line"):
            if entry.default is not None and type(entry.default) is not ast.Literal:
                entry = replace(entry, default=self._literal(entry.default, "a default"))
            entries.append(self._documented(index, entry))
        span = self.span_since(line)
        return ast.InputSection(span=span, keyword=line.shape[0], entries=tuple(entries))

    def _outputs(self, line: Line, header: Header | None) -> ast.Section:
        entries = [
            self._documented(index, entry) for index, entry in self._entries(line, "output_line")
        ]
        return ast.OutputSection(span=self.span_since(line), entries=tuple(entries))

    def _constants(self, line: Line, header: Header | None) -> ast.Section:
        keyword = line.shape[0]
        entries: list[ast.Constant] = []
        for _, entry in self._entries(line, "constant_line"):
            if type(entry.value) is not ast.Literal:
                value = self._literal(entry.value, f"a value in `{keyword}`")
                entry = replace(entry, value=value)
            entries.append(entry)
        span = self.span_since(line)
        return ast.ConstantSection(span=span, keyword=keyword, entries=tuple(entries))

    def _roles(self, line: Line, header: Header | None) -> ast.Section:
        roles = tuple(name for _, name in self._entries(line, "role_line"))
        return ast.RoleSection(span=self.span_since(line), roles=roles)

    def _locks(self, line: Line, header: Header | None) -> ast.Section:
        entries = tuple(entry for _, entry in self._entries(line, "lock_line"))
        return ast.LocksSection(span=self.span_since(line), entries=entries)

    def _output_map(self, line: Line, header: Header | None) -> ast.Section:
        found = self.map_below(line)
        return ast.OutputMapSection(span=self.span_since(line), map=found)

    def _do(self, line: Line, header: Header | None) -> ast.Section:
        below = self.peek()
        if (
            below is not None
            and below.column == line.column
            and below.shape[0] in _STATEMENT_WORDS
            and is_header(below.shape)
        ):
            self.missing_body(line, "indent the statements below it")
            statements = tuple(self._statements_beside(line))
            body = ast.Block(span=self.span_since(below), statements=statements)
        else:
            body = self.body(line)
        return ast.BodySection(span=self.span_since(line), body=body)

    def _entries(self, line: Line, rule: str) -> Iterator[tuple[int, Any]]:
        """What the lines below a section are parsed to by a rule, with their indexes; broken ones are left out."""
        begin = self.at
        for _ in self.block(line):
            index = self.at
            entry = self.parse(rule)
            if entry is not None:
                yield index, entry
        if self.at == begin:
            self.missing_body(line, "leave out a section that has nothing to say")

    def _documented(self, index: int, entry: D) -> D:
        doc = self.docs.get(index)
        return entry if doc is None else replace(entry, doc=doc)

    def _literal(self, value: ast.Expression, what: str) -> ast.Expression:
        """A value that must be a literal; a broken one in its place if it is not."""
        found = first_non_literal(value)
        if found is None:
            return value
        help_, fix = quoting(found)
        self.report(syntax.NOT_A_LITERAL.at(found.span, what=what, help=help_, fix=fix))
        return ast.BrokenExpression(span=value.span)


_CONTENTS: Final[dict[str, Callable[[SectionReader, Line, Header | None], ast.Section]]] = {
    "interface": SectionReader._interface,
    "in": SectionReader._inputs,
    "env": SectionReader._inputs,
    "out": SectionReader._outputs,
    "wfenv": SectionReader._constants,
    "config": SectionReader._constants,
    "role": SectionReader._roles,
    "locks": SectionReader._locks,
    "wfomap": SectionReader._output_map,
    "do": SectionReader._do,
}
assert _CONTENTS.keys() == SECTIONS.keys(), "every section has a reader"
