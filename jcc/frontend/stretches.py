"""What is known of the survey of a definition for when it has been edited: the tables of each statement, and in `do:` itself those of
stretches of statements, so that little is put together anew."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from jcc.frontend import ast
from jcc.frontend.tables import Stretch, Survey, Tables

LENGTH = 37  # statements of a stretch, as a rule


@dataclass(slots=True)
class Surveyed:
    """The tables of statements with all below them, and the stretches of `do:`."""

    tables: dict[ast.Node, Tables] = field(default_factory=dict)
    stretches: dict[tuple[ast.Statement, ...], Stretch] = field(default_factory=dict)

    def keep_only(self, survey: Survey) -> None:
        """Forget the statements that are gone, and all in them."""
        for part in self.tables.keys() - set(survey.parts):
            del self.tables[part]
        here = [stretch for stretch in survey.stretches if stretch.statements]
        self.stretches = {stretch.statements: stretch for stretch in here}


def cut(statements: tuple[ast.Statement, ...]) -> Iterator[tuple[ast.Statement, ...]]:
    """Cut by what the statements are and not by how many come before: so the stretches away from an edit stay what they were."""
    first = 0
    for last, statement in enumerate(statements, start=1):
        if hash(statement) % LENGTH == 0 or last == len(statements):
            yield statements[first:last]
            first = last
