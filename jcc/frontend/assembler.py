"""Assembles a file's lines to its tree: definitions, and what stands outside of them."""

from __future__ import annotations

from typing import Final

from jcc.diagnostics import syntax
from jcc.frontend import ast
from jcc.frontend.build import Header
from jcc.frontend.cursor import is_header
from jcc.frontend.layout import Line
from jcc.frontend.read_sections import SectionReader
from jcc.frontend.tokens import BAD, DEFINITIONS, SECTIONS
from jcc.source import Span

_ANY_DEFINITION: Final = "workflow"  # it has every section but `env`


class Assembler(SectionReader):
    """A cursor that reads files."""

    def file(self) -> ast.File:
        """Read everything."""
        definitions: list[ast.Definition] = []
        first: Line | None = None
        while (line := self.peek()) is not None:
            if not self._begins_definition(line):
                line = self._misspelled(line) or line
            if not self._begins_definition(line):
                self._outside(line)
                continue
            first = first or line
            if line.indent != first.indent:
                self.report_indent(line, first)
            definitions.append(self._definition(line))
        if not self.lines:
            self.report(
                syntax.EMPTY_FILE.at(
                    Span(0, 0), help="begin it with `workflow NAME:` or `action NAME:`"
                )
            )
        span = Span(0, len(self.tokens.source.text))
        return ast.File(span=span, definitions=tuple(definitions))

    def _begins_definition(self, line: Line) -> bool:
        return line.shape[0] in DEFINITIONS and is_header(line.shape)

    def _definition(self, line: Line) -> ast.Definition:
        doc = self.docs.get(self.at, "")
        kind = line.shape[0]
        header: Header | None = self.parse("definition", line.shape)
        name = header.name if header else None
        sections = self.sections(line, kind)
        return ast.Definition(
            span=self.span_since(line),
            kind=kind,
            name=name or ast.Name(span=self.line_span(line), text=""),
            sections=sections,
            header=self.line_span(line),
            doc=doc,
        )

    def _outside(self, line: Line) -> None:
        """Lines before or between definitions: told once, sections among them are read for what is wrong inside."""
        if BAD.isdisjoint(line.shape):
            help_ = "begin a definition above it: `workflow NAME:` or `action NAME:`"
            self.report(syntax.OUTSIDE_DEFINITION.at(self.line_span(line), help=help_))
        while (found := self.peek()) is not None and not self._begins_definition(found):
            if found.shape[0] in SECTIONS and is_header(found.shape):
                self.misplaced_section()
            elif ":" not in found.shape or not self._misspelled(found):
                self.at += 1

    def _misspelled(self, line: Line) -> Line | None:
        return self.meant(line, DEFINITIONS, syntax.OUTSIDE_DEFINITION, "definition")
