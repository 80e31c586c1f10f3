"""The tables that inference fills."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from jcc.frontend import ast
from jcc.frontend.state import State
from jcc.frontend.types import Type


class Step(NamedTuple):
    """A key of a path by its number, and the type of what it was to be found in."""

    number: int
    type: Type


@dataclass(slots=True)
class Inferred:
    """`types` has the type of every expression, `copied` that of every name of a `<x>`.

    `unset` are the paths whose first key nothing has set there; `closed` those that go on behind something without keys,
    `absent` those with a key that the object is known not to have, `blocked` the left sides that go on behind something
    without keys; `appended` the left sides of `,=` that are no array. `reached` are the steps of the flow that some path
    comes to, `states` has what was known before each of them, `slots` says where in a state each name of `a` and `v` is."""

    types: dict[ast.Expression, Type] = field(default_factory=dict)
    copied: dict[ast.Name, Type] = field(default_factory=dict)
    unset: set[ast.Path] = field(default_factory=set)
    closed: dict[ast.Path, Step] = field(default_factory=dict)
    absent: dict[ast.Path, Step] = field(default_factory=dict)
    blocked: dict[ast.Assign, Step] = field(default_factory=dict)
    appended: dict[ast.Assign, Type] = field(default_factory=dict)
    slots: Mapping[tuple[str, str], int] = field(default_factory=dict)
    reached: set[int] = field(default_factory=set)
    states: Mapping[int, State] = field(default_factory=dict)

    def forget(self, nodes: Iterable[ast.Node]) -> None:
        """Take out all that was found of nodes that are gone."""
        tables: list[dict[Any, Any]] = [self.types, self.copied, self.closed, self.absent]
        tables += [self.blocked, self.appended]
        for node in nodes:
            for table in tables:
                table.pop(node, None)
            self.unset.discard(node)
