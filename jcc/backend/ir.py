"""The task graph of a workflow: what lowering makes, the passes change, and the emitters read. Frozen values.

A `Task` is one step of a job: its `work` says what it does and holds the tree nodes that become code, its ways out say
what follows. Nothing here knows Python, JSON or the database; `jobcenter.artifact` is what the runtime gets instead.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from jcc.frontend import ast
from jcc.source import Span


class InternalError(Exception):
    """The compiler contradicts itself: never the fault of the text that is compiled."""


@dataclass(frozen=True, slots=True)
class Callee:
    """What is called: its name and its kind (`workflow`, `action` or `procedure`)."""

    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class Child:
    """One kind of child job of a split. With `using`, one job for each element of that list."""

    callee: Callee
    inputs: ast.Map
    outputs: ast.Map | None
    span: Span
    using: ast.Expression | None = None


# -- what a task does ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Start:
    """Takes the declared locks."""


@dataclass(frozen=True, slots=True)
class End:
    """Makes the workflow's outputs (`wfomap`); without a map there are none."""

    outputs: ast.Map | None


@dataclass(frozen=True, slots=True)
class NoOp:
    """Does nothing but go on."""


@dataclass(frozen=True, slots=True)
class Eval:
    map: ast.Map


@dataclass(frozen=True, slots=True)
class Branch:
    """Goes the way `true` or `false`."""

    condition: ast.Expression


@dataclass(frozen=True, slots=True)
class Switch:
    """Goes the way named by the subject's string value; the default way where none is so named."""

    subject: ast.Expression


@dataclass(frozen=True, slots=True)
class Call:
    callee: Callee
    inputs: ast.Map
    outputs: ast.Map | None


@dataclass(frozen=True, slots=True)
class InterfaceCall:
    """Calls the one of `destinations` that `selector` names."""

    destinations: tuple[Callee, ...]
    selector: ast.Expression
    inputs: ast.Map
    outputs: ast.Map | None


@dataclass(frozen=True, slots=True)
class Split:
    children: tuple[Child, ...]


@dataclass(frozen=True, slots=True)
class Detach:
    callee: Callee
    inputs: ast.Map


@dataclass(frozen=True, slots=True)
class Assert:
    condition: ast.Expression
    message: ast.Expression


@dataclass(frozen=True, slots=True)
class RaiseError:
    """Of a message, or of the inputs `msg` and `class`. Nothing follows it."""

    error: ast.Expression | ast.Map


@dataclass(frozen=True, slots=True)
class Sleep:
    """For a duration, or for the input `timeout`."""

    duration: ast.Expression | ast.Map


@dataclass(frozen=True, slots=True)
class Lock:
    type: str
    value: ast.Expression


@dataclass(frozen=True, slots=True)
class Unlock:
    type: str
    value: ast.Expression


@dataclass(frozen=True, slots=True)
class WaitForLock:
    type: str
    inputs: ast.Map


@dataclass(frozen=True, slots=True)
class Subscribe:
    inputs: ast.Map


@dataclass(frozen=True, slots=True)
class Unsubscribe:
    inputs: ast.Map


@dataclass(frozen=True, slots=True)
class RaiseEvent:
    inputs: ast.Map


@dataclass(frozen=True, slots=True)
class WaitForEvent:
    inputs: ast.Map
    outputs: ast.Map | None


Work: TypeAlias = (
    Start
    | End
    | NoOp
    | Eval
    | Branch
    | Switch
    | Call
    | InterfaceCall
    | Split
    | Detach
    | Assert
    | RaiseError
    | Sleep
    | Lock
    | Unlock
    | WaitForLock
    | Subscribe
    | Unsubscribe
    | RaiseEvent
    | WaitForEvent
)


# -- the graph ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Task:
    """`next` is the way out; a branch has `edges` instead, a switch both. `on_error` is where a caught error goes."""

    id: int
    span: Span
    work: Work
    next: int | None = None
    edges: Mapping[str, int] = field(default_factory=dict)
    on_error: int | None = None

    @property
    def targets(self) -> tuple[int, ...]:
        """Every task that a way out of this one leads to, in order, each once."""
        ways = (*self.edges.values(), self.next, self.on_error)
        return tuple(dict.fromkeys(way for way in ways if way is not None))


@dataclass(frozen=True, slots=True)
class LockDeclaration:
    """A lock taken at the start; a `value` of None is not known yet."""

    type: str
    value: ast.Expression | None
    manual: bool
    inherit: bool
    span: Span


@dataclass(frozen=True, slots=True)
class TaskGraph:
    """The tasks have the ids 1, 2, … in the order of the source."""

    name: str
    start: int
    end: int
    tasks: tuple[Task, ...]
    locks: tuple[LockDeclaration, ...] = ()

    def task(self, id: int) -> Task:
        """The task of an id. Raises KeyError where there is none."""
        for task in self.tasks:
            if task.id == id:
                return task
        raise KeyError(id)
