"""The parser: text in, tree and findings out. The stages are `lexer`, `layout`, the grammar for single lines (`shapes`)
and the `assembler`; this module only puts them in a row."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from lark import Tree

from jcc.diagnostics.core import Diagnostic
from jcc.frontend import ast
from jcc.frontend.assembler import Assembler
from jcc.frontend.grammar import Unfit, tree_of
from jcc.frontend.layout import Layout, Line, lay_out
from jcc.frontend.lexer import tokenize
from jcc.frontend.lexical import bad_tokens
from jcc.frontend.readings import NOTHING_KNOWN, Known, Reading
from jcc.frontend.terminals import terminals
from jcc.frontend.tokens import Token, Tokens
from jcc.source import Source


@dataclass(frozen=True, slots=True, eq=False)
class Parsed:
    """What became of a text: its tree, all that is wrong with its syntax in the order of the text, its tokens, and its
    logical lines, each with the grammar's rule that it was parsed by (None for a line that was left out), and the statement
    that was read there. `layout` has the lines before some were taken for what they were meant to be."""

    file: ast.File
    diagnostics: tuple[Diagnostic, ...]
    tokens: Tokens
    lines: tuple[Line, ...]
    rules: tuple[str | None, ...]
    layout: Layout
    readings: list[Reading | None]

    def trees(self) -> Iterator[tuple[Line, Tree[Token]]]:
        """Lark's tree of each line that fits the grammar; its leaves are tokens."""
        for line, rule in zip(self.lines, self.rules, strict=True):
            if rule is None:
                continue
            try:
                yield line, self._tree(line, rule)
            except Unfit:
                continue

    def _tree(self, line: Line, rule: str) -> Tree[Token]:
        parts = terminals(rule, line.shape)

        def fill(node: Tree[str]) -> Tree[Token]:
            children = [
                fill(child)
                if isinstance(child, Tree)
                else self.tokens[line.first + parts[int(child)].first]
                for child in node.children
            ]
            return Tree(node.data, children)

        return fill(tree_of(rule, parts))


def parse(source: Source) -> Parsed:
    """Parse a text, whatever it holds. Never raises; what cannot be read is a finding and a broken node."""
    with _collector_at_rest():
        return _parse(source)


@contextmanager
def _collector_at_rest() -> Iterator[None]:
    """A tree is many small objects and no cycle. The garbage collector would find nothing in it, over and over: that
    takes a quarter of the time, and more than half in a file of some megabytes."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _parse(source: Source) -> Parsed:
    tokens = tokenize(source)
    return parse_lines(tokens, lay_out(tokens))


def parse_lines(tokens: Tokens, layout: Layout, known: Known = NOTHING_KNOWN) -> Parsed:
    """Parse the lines of a text, but for the statements that are known."""
    assembler = Assembler(tokens, layout, known)
    for diagnostic in (*bad_tokens(tokens), *layout.diagnostics):
        assembler.report(diagnostic)
    file = assembler.file()
    found = sorted(assembler.diagnostics, key=lambda diagnostic: diagnostic.span)
    return Parsed(
        file,
        tuple(found),
        tokens,
        tuple(assembler.lines),
        tuple(assembler.rules),
        layout,
        assembler.readings,
    )
