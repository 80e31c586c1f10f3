"""What a code action is, and how the texts it writes are laid out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from jcc.diagnostics import Diagnostic
from jcc.frontend.parser import Parsed
from jcc.source import Source
from jcc_lsp.ide.results import TextEdit

QUICK_FIX = "quickfix"
EXTRACT = "refactor.extract"
INLINE = "refactor.inline"
REWRITE = "refactor.rewrite"


@dataclass(frozen=True, slots=True)
class NewFile:
    """A file to be made, in the folder of the file that the action is asked for in."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Changes:
    edits: tuple[TextEdit, ...]
    new_file: NewFile | None = None


@dataclass(frozen=True, slots=True)
class Action:
    """`changes` works out what is to be changed. `finding` is what the action mends, `is_preferred` that nothing speaks against it."""

    title: str
    kind: str
    changes: Callable[[], Changes]
    finding: Diagnostic | None = None
    is_preferred: bool = False


@dataclass(frozen=True, slots=True)
class Layout:
    """How a file is written: what ends a line, and what a level of indentation is."""

    eol: str
    unit: str


def layout_of(tree: Parsed) -> Layout:
    text = tree.tokens.source.text
    eol = "\r\n" if "\r\n" in text[: text.find("\n") + 1] else "\n"
    indents = [line.indent for line in tree.lines if line.indent]
    return Layout(eol, min(indents, key=len) if indents else "\t")


def line_end(source: Source, offset: int) -> int:
    """The end of the line of an offset, before its line break."""
    return source.line_span(source.position(offset).line).end


def line_start(source: Source, offset: int) -> int:
    return source.line_span(source.position(offset).line).start


def indent_at(source: Source, offset: int) -> str:
    """The blanks that the line of an offset begins with."""
    text = source.line_text(source.position(offset).line)
    return text[: len(text) - len(text.lstrip(" \t"))]
