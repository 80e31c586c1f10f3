"""Reads maps: the assignments below `call`, `into`, `eval`, `wfomap` and the like, or the code block instead of them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection
from typing import Final

from jcc.diagnostics import syntax
from jcc.frontend import ast
from jcc.frontend.build_lines import MapLine
from jcc.frontend.cursor import Cursor, is_header
from jcc.frontend.layout import Line
from jcc.frontend.tokens import BAD_CODE, CODE, FOLLOWERS, SECTIONS, STATEMENTS

_KEYWORDS: Final = STATEMENTS | FOLLOWERS.keys() | SECTIONS.keys()


class MapReader(Cursor, ABC):
    """A cursor that reads maps."""

    @abstractmethod
    def statement(self) -> ast.Statement:
        """Read the statement that begins with the next line."""

    def map_below(
        self, header: Line, *, enders: Collection[str] = (), required: bool = True
    ) -> ast.Map:
        """The map below a line. It may be empty if it is not required: an action need not have inputs."""
        begin = self.at
        items: list[ast.MapItem] = []
        blocks: list[ast.CodeBlock] = []
        if self._code_is_beside(header):
            self._take(items, blocks)
        for line in self.block(header, enders):
            if line.shape[0] in _KEYWORDS and is_header(line.shape):
                items.append(self._keyword_between(line))
            else:
                self._take(items, blocks)
        if self.at == begin:
            if required:
                self.missing_body(header)
            return ast.Map(span=self.end())
        self._check_whole(items, blocks)
        first, last = self.lines[begin], self.lines[self.at - 1]
        span = self.word_span(first).to(self.line_span(last))
        if blocks and not items:
            return ast.Map(span=span, block=blocks[0])
        return ast.Map(span=span, items=tuple(items))

    def _take(self, items: list[ast.MapItem], blocks: list[ast.CodeBlock]) -> None:
        line = self.lines[self.at]
        found: MapLine | None = self.parse("map_line")
        match found:
            case tuple():
                if len(found) > 1:
                    self._check_one(found)
                items.extend(found)
            case ast.CodeBlock():
                blocks.append(found)
            case _:
                items.append(ast.BrokenItem(span=self.line_span(line)))

    def _check_one(self, items: tuple[ast.MapItem, ...]) -> None:
        """Only the short forms `<a> <b>` may share a line."""
        second = next((item for item in items[1:] if isinstance(item, ast.Assign)), None)
        if second is not None:
            help_ = "put this one into a line of its own"
            self.report(syntax.SEVERAL_IN_LINE.at(second.span, help=help_))

    def _code_is_beside(self, header: Line) -> bool:
        """A code block may begin right below its header, not indented: its brackets hold it together."""
        line = self.peek()
        return (
            line is not None and line.column == header.column and line.shape[0] in (CODE, BAD_CODE)
        )

    def _keyword_between(self, line: Line) -> ast.BrokenItem:
        """A statement or a section among the assignments; the latter is reported where statements are read."""
        word = line.shape[0]
        if word not in SECTIONS:
            self.report(
                syntax.STATEMENT_IN_MAP.at(
                    self.word_span(line),
                    word=word,
                    help="indent it like the statement that the assignments belong to",
                )
            )
        self.statement()
        return ast.BrokenItem(span=self.span_since(line))

    def _check_whole(self, items: list[ast.MapItem], blocks: list[ast.CodeBlock]) -> None:
        """A code block stands alone in its map."""
        whole = all(isinstance(item, ast.BrokenItem) for item in items)
        extra = blocks[1:] if whole else blocks
        if extra:
            # What the block does is not known then: the broken item keeps others from speaking of it.
            items.append(ast.BrokenItem(span=extra[0].span))
            self.report(
                syntax.CODE_BESIDE_LINES.at(
                    extra[0].span,
                    help="put everything into one block, or the value of one line into `name = [[ … ]]`",
                )
            )
