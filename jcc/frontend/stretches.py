"""What is known of the survey of a definition for when it has been edited: the tables of each statement, and those of stretches
of statements, so that little is put together anew."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from jcc.frontend import ast
from jcc.frontend.tables import Stretch, Survey, Tables

LENGTH = 37  # statements of a stretch, as a rule


@dataclass(slots=True)
class Surveyed:
    """The tables of statements with all below them, the stretches, and which statements are `long`."""

    tables: dict[ast.Node, Tables] = field(default_factory=dict)
    stretches: dict[tuple[ast.Statement, ...], Stretch] = field(default_factory=dict)
    long: dict[ast.Node, bool] = field(default_factory=dict)

    def keep_only(self, survey: Survey) -> None:
        """Forget the statements that are gone, and all in them."""
        parts = set(survey.parts)
        for part in self.tables.keys() - parts:
            del self.tables[part]
        for part in self.long.keys() - parts:
            del self.long[part]
        here = [stretch for stretch in survey.stretches if stretch.statements]
        self.stretches = {stretch.statements: stretch for stretch in here}

    def is_long(self, statement: ast.Statement) -> bool:
        """Whether a statement has so many in it that these are taken in stretches of their own."""
        blocks = _blocks_of(statement)
        if not blocks:
            return False
        found = self.long.get(statement)
        if found is None:
            found = self.long[statement] = any(
                len(block.statements) > LENGTH or any(map(self.is_long, block.statements))
                for block in blocks
            )
        return found


def cut(
    statements: tuple[ast.Statement, ...], alone: Callable[[ast.Statement], bool]
) -> Iterator[tuple[ast.Statement, ...]]:
    """Cut by what the statements are and not by how many come before: so the stretches away from an edit stay what they were.
    Some stand `alone`."""
    first = 0
    for at, statement in enumerate(statements):
        if alone(statement):
            if first < at:
                yield statements[first:at]
            yield (statement,)
            first = at + 1
        elif hash(statement) % LENGTH == 0:
            yield statements[first : at + 1]
            first = at + 1
    if first < len(statements):
        yield statements[first:]


def _blocks_of(statement: ast.Statement) -> tuple[ast.Block, ...]:
    match statement:
        case ast.Try(body=body, handler=handler):
            return body, handler
        case ast.While(body=body) | ast.Repeat(body=body):
            return (body,)
        case ast.If(arms=arms, otherwise=otherwise) | ast.Case(arms=arms, otherwise=otherwise):
            bodies = tuple(arm.body for arm in arms)
            return bodies if otherwise is None else (*bodies, otherwise)
        case ast.BrokenStatement(body=ast.Block() as body):
            return (body,)
        case _:
            return ()
