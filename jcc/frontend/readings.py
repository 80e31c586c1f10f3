"""What was read from a text before it was edited, as far as it can be taken over. A statement is what its lines and the line
behind them make it: where these are as they were, it is the same statement."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from jcc.frontend import ast
from jcc.frontend.homes import Home


class Reading(NamedTuple):
    """A statement in which nothing was found wrong, the number of its lines, how deep it is nested, and its home if it has one."""

    statement: ast.Statement
    lines: int
    depth: int
    home: Home | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """By line: the statements that were read (at the first line of each) and the rules of the lines. The lines from `first`
    to `last` (half-open) are new."""

    readings: list[Reading | None]
    rules: list[str | None]
    first: int
    last: int

    def at(self, line: int, depth: int) -> Reading | None:
        """The statement that begins with a line, if it is known."""
        if self.first <= line < self.last or not self.readings:
            return None
        found = self.readings[line]
        if found is None or found.depth != depth:
            return None
        # The line behind a statement has a say in where it ends.
        return found if line >= self.last or line + found.lines < self.first else None


NOTHING_KNOWN = Known([], [], 0, 0)
