"""Repairs of a line that does not fit its rule: lines of terminals near to it that may fit. Which of them does is the
grammar's to say (`shapes`); what is told to the user is another matter (`explain`).

Terminals that were not written point to the last token of the line.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from jcc.frontend.terminals import OPERATORS, Terminal

_CLOSERS: Final = {"LPAR": "RPAR", "INDEX": "RSQB", "LIST": "RSQB", "LBRACE": "RBRACE"}
_IN_EXPRESSION: Final = OPERATORS | {"ASSIGN", "COMPOUND", "QUESTION"}
_LITERALS: Final = {"STRING", "NUMBER", "CONSTANT"}
_LONGEST_HEAD: Final = (
    3  # `map NAME using` is the longest beginning that does not end with an assignment's operator
)


def repairs(
    rule: str, line: list[Terminal], at: int, accepts: frozenset[str]
) -> Iterator[list[Terminal]]:
    """Lines that may mean what was meant, the likeliest first; `line[at]` does not fit, `accepts` would."""
    if not line:
        return
    head, rest = line[:at], line[at:]
    if not rest:
        yield [*head, *_closers(head), _missing("COLON", line)]
        yield [*head, *_closers(head)]
    elif rest[0].type in _CLOSERS.values():
        yield head + rest[1:]
    elif rest[0].type == "COLON":
        yield [*head, *_closers(head), *rest]
    if "USING" in accepts:
        yield [*head, _missing("USING", line), *rest]
    if rest and rest[0].type not in _IN_EXPRESSION and not _goes_on(head, rest[0]):
        # What stands behind a whole line, or between a condition and its colon, is left out.
        if "$END" in accepts:
            yield head
        if "COLON" in accepts:
            yield [*head, _missing("COLON", line)]
    yield from _with_broken_part(line, at)


def _goes_on(head: list[Terminal], found: Terminal) -> bool:
    """Whether what stands behind a whole value belongs to it: `a.name.upper()`, `if 'x' in a.name:`."""
    types = [terminal.type for terminal in head]
    if found.type == "LPAR":
        return "ASSIGN" in types and types[-1] == "PATH"
    return len(types) == 2 and types[0] == "CONDITIONAL" and types[1] in _LITERALS


def _with_broken_part(line: list[Terminal], at: int) -> Iterator[list[Terminal]]:
    """The line with all behind a good beginning given up, save for the colon at its end."""
    colon = [line[-1] if line[-1].type == "COLON" else _missing("COLON", line)]
    for cut in _cuts(line, at):
        lost = [terminal for terminal in line[cut:] if terminal is not colon[0]]
        first, last = (lost[0].first, lost[-1].last) if lost else (line[-1].first, line[-1].last)
        broken = Terminal("BROKEN", first, last)
        yield [*line[:cut], broken]
        yield [*line[:cut], broken, *colon]
    for cut in _cuts(line, at):
        yield [*line[:cut], *colon]


def _cuts(line: list[Terminal], at: int) -> Iterator[int]:
    """Where the good beginning of a line may end, the longest first."""
    assignments = (
        i + 1 for i, terminal in enumerate(line[:at]) if terminal.type in ("ASSIGN", "COMPOUND")
    )
    first = next(assignments, 0)
    if first > _LONGEST_HEAD:
        yield first
    yield from range(min(at, _LONGEST_HEAD), -1, -1)


def _closers(line: list[Terminal]) -> list[Terminal]:
    """The brackets that would close those left open."""
    opened: list[str] = []
    for terminal in line:
        if terminal.type in _CLOSERS:
            opened.append(_CLOSERS[terminal.type])
        elif opened and terminal.type == opened[-1]:
            opened.pop()
    return [_missing(type_, line) for type_ in reversed(opened)]


def _missing(type_: str, line: list[Terminal]) -> Terminal:
    return Terminal(type_, line[-1].last, line[-1].last)
