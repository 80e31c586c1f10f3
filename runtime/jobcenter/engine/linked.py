"""Linking: a program's tasks with their code and with each other, made once when a module is loaded.

A linked task holds its neighbours and its functions, so that a step looks nothing up. What a task of a kind does is not
known here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from jobcenter.artifact import Json, Output, Program

Function: TypeAlias = Callable[..., Json]
ROLES = ("in", "out", "eval", "end", "value", "message")


@dataclass(frozen=True, slots=True)
class LinkedCode:
    """The functions of a task or of a branch, by role (in the order of ROLES); None where there is no code."""

    inputs: Function | None = None
    outputs: Function | None = None
    eval: Function | None = None
    end: Function | None = None
    value: Function | None = None
    message: Function | None = None


@dataclass(frozen=True, slots=True)
class LinkedBranch:
    callee: str
    callee_kind: str
    code: LinkedCode
    each: bool


@dataclass(slots=True, eq=False)
class LinkedTask:
    """A task with its neighbours. `kind` is the plain string: a member of Kind is slow to hash, and this one is
    looked up at each step."""

    id: int
    kind: str
    code: LinkedCode
    callee: str | None
    callee_kind: str | None
    branches: tuple[LinkedBranch, ...]
    lock_type: str | None
    next: LinkedTask | None = None
    on_error: LinkedTask | None = None
    edges: dict[str, LinkedTask] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LinkedLock:
    type: str
    value: Function | None
    manual: bool
    inherit: bool


@dataclass(frozen=True, slots=True, eq=False)
class LinkedProgram:
    name: str
    tasks: Mapping[int, LinkedTask]
    locks: tuple[LinkedLock, ...]
    outputs: tuple[Output, ...]
    max_steps: int
    max_depth: int


def link(
    program: Program, functions: Mapping[str, Function], outputs: Sequence[Output] = ()
) -> LinkedProgram:
    """Joins a program with the functions of its module and the workflow's declared outputs. Raises KeyError for a
    function or a task that is not there (the compiler verifies its programs, so that is a broken row)."""
    tasks = {
        task.id: LinkedTask(
            task.id,
            task.kind.value,
            _code(task.code, functions),
            task.callee,
            task.callee_kind,
            tuple(
                LinkedBranch(b.callee, b.callee_kind, _code(b.code, functions), b.each)
                for b in task.branches
            ),
            task.lock_type,
        )
        for task in program.tasks
    }
    for task in program.tasks:
        linked = tasks[task.id]
        linked.next = None if task.next is None else tasks[task.next]
        linked.on_error = None if task.on_error is None else tasks[task.on_error]
        linked.edges = {label: tasks[target] for label, target in task.edges.items()}
    locks = tuple(
        LinkedLock(
            lock.type,
            None if lock.value is None else functions[lock.value],
            lock.manual,
            lock.inherit,
        )
        for lock in program.locks
    )
    return LinkedProgram(
        program.name, tasks, locks, tuple(outputs), program.max_steps, program.max_depth
    )


def _code(names: Mapping[str, str], functions: Mapping[str, Function]) -> LinkedCode:
    return LinkedCode(*(functions[names[role]] if role in names else None for role in ROLES))
