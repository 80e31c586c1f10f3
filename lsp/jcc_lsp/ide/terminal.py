"""What a word is where it stands: the terminal that the grammar makes of a token of a line."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Final, NamedTuple

from jcc.frontend.layout import Line, Shape
from jcc.frontend.parser import Parsed
from jcc.frontend.terminals import OPERATORS, Terminal, terminals
from jcc.source import Span

KEYWORDS: Final = frozenset(
    {"DEFINITION", "SECTION", "INTERFACE", "NAMED", "CONDITIONAL", "BARE", "RAISE", "SLEEP", "LOCK"}
    | {
        "UNLOCK",
        "LABEL",
        "GOTO",
        "MAP",
        "USING",
        "WHEN",
        "UNTIL",
        "RETURN",
        "CALL",
        "OPTIONAL",
        "MANUAL",
    }
    | {"INHERIT"}
)


class Part(NamedTuple):
    """A token of a line: `rule` is the grammar's for the line, `number` counts the line's names before it."""

    rule: str
    terminal: str
    number: int
    text: str
    span: Span
    is_keyword: bool
    is_operator: bool


@lru_cache(maxsize=4096)
def terminals_of(rule: str, shape: Shape) -> tuple[Terminal, ...]:
    """The terminals of all lines of a shape."""
    return tuple(terminals(rule, shape))


def parts(tree: Parsed, line: Line, rule: str) -> Iterator[Part]:
    """The tokens of a line that mean something."""
    names = 0
    for terminal in terminals_of(rule, line.shape):
        index = line.first + terminal.first
        text = tree.tokens.texts[index]
        is_word = text[:1].isalpha()
        yield Part(
            rule,
            terminal.type,
            names,
            text,
            tree.tokens.span(index),
            is_word and terminal.type in KEYWORDS,
            is_word and terminal.type in OPERATORS,
        )
        names += terminal.type == "NAME"


def part_at(tree: Parsed, offset: int) -> Part | None:
    """The token at an offset, if it stands in a line that was parsed."""
    index = tree.tokens.index_at(offset)
    for at in (index, index - 1):
        if at >= 0:
            found = _part(tree, at, offset)
            if found is not None and found.text[:1].isalpha():
                return found
    return None


def _part(tree: Parsed, index: int, offset: int) -> Part | None:
    if not tree.tokens.span(index).start <= offset <= tree.tokens.span(index).end:
        return None
    for line, rule in zip(tree.lines, tree.rules, strict=True):
        if line.first <= index < line.end and rule is not None:
            for part in parts(tree, line, rule):
                if part.span.start == tree.tokens.starts[index]:
                    return part
    return None
