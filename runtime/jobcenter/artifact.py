"""The contract between the compiler and the runtime: what a compiled definition is. Standard library only.

A `Definition` is everything that deploying needs: the rows (signature, settings) and, for a workflow, the `Program`
(the task graph that the engine walks) and the `Module` (the code that the tasks call). It travels as JSON
(`to_json`, `from_json`), the same in files and in the database, with sorted keys, so that the same source gives the
same bytes.

The code of a task is a function of the module, by role; what it gets and gives:

    role      signature                     does
    in        f(a, e, v, i, t)              fills `i`, the callee's inputs
    out       f(a, e, v, o, t)              takes `o`, the callee's outputs, into `v`
    eval      f(a, e, v, t)                 changes `v`
    end       f(a, e, v, o, t)              fills `o`, the workflow's outputs (wfomap)
    value     f(a, e, v) -> value           condition, case value, list of a map, lock value, sleep, selector
    message   f(a, e, v) -> value           the message of an assert or a raise_error

The module's functions see nothing but `jobcenter.sandbox`. They may change only the object they fill; the engine hands
them copies, so that a function that fails has changed nothing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any, TypeAlias

Json: TypeAlias = bool | int | float | str | list[Any] | dict[str, Any] | None

FORMAT = 1


class Kind(StrEnum):
    """What a task does when the engine enters it. In brackets: its code roles, and what else it uses."""

    START = "start"  # takes the declared locks (`locks` of the program)
    END = "end"  # [end] makes the outputs, finishes the job
    NO_OP = "no_op"
    EVAL = "eval"  # [eval]
    BRANCH = "branch"  # [value] edges: "true", "false"
    SWITCH = "switch"  # [value] edges: one a label; `next` where none fits
    CALL = "call"  # [in, out] callee: an action, a workflow or a procedure
    INTERFACE_CALL = (
        "interface_call"  # [value, in, out] branches: the destinations, of which `value` names one
    )
    SPLIT = "split"  # branches, each [in, out] or with `each` [value, in, out]
    DETACH = "detach"  # [in] callee
    ASSERT = "assert"  # [value, message]
    RAISE_ERROR = "raise_error"  # [message], or [in] with i.msg, i.class
    SLEEP = "sleep"  # [value], or [in] with i.timeout
    LOCK = "lock"  # [value] lock_type
    UNLOCK = "unlock"  # [value] lock_type
    WAIT_FOR_LOCK = "wait_for_lock"  # [in] i.value, i.wait; lock_type
    SUBSCRIBE = "subscribe"  # [in] i.name, i.mask
    UNSUBSCRIBE = "unsubscribe"  # [in] i.name
    RAISE_EVENT = "raise_event"  # [in] i.event
    WAIT_FOR_EVENT = "wait_for_event"  # [in, out] i.events, i.timeout; o.event


@dataclass(frozen=True, slots=True)
class Branch:
    """One `callflow` or, with `each`, `map` of a split; one destination of an interface call (callee only)."""

    callee: str
    callee_kind: str
    code: Mapping[str, str] = field(default_factory=dict)
    each: bool = False


@dataclass(frozen=True, slots=True)
class Task:
    """A node of the task graph. `line` is its place in the JCL source, from 1. `on_error` is the task that a caught
    error goes to, None where no `try` encloses this one. `code` maps a role to a function's name."""

    id: int
    kind: Kind
    line: int
    next: int | None = None
    edges: Mapping[str, int] = field(default_factory=dict)
    on_error: int | None = None
    code: Mapping[str, str] = field(default_factory=dict)
    callee: str | None = None
    callee_kind: str | None = None
    branches: tuple[Branch, ...] = ()
    lock_type: str | None = None


@dataclass(frozen=True, slots=True)
class LockDeclaration:
    """`value` names a module function of role `value`; None stands for `_` (not known yet)."""

    type: str
    value: str | None
    manual: bool
    inherit: bool


@dataclass(frozen=True, slots=True)
class Program:
    """A workflow's task graph. Task ids count from 1 in the order of the source; `start` and `end` are two of them."""

    name: str
    start: int
    end: int
    tasks: tuple[Task, ...]
    locks: tuple[LockDeclaration, ...] = ()
    max_steps: int = 100
    max_depth: int = 10


@dataclass(frozen=True, slots=True)
class Module:
    """The generated Python of a workflow. `bytecode` is `marshal.dumps` of its code object, and only fit for the
    interpreter whose `importlib.util.MAGIC_NUMBER` is `magic` (loading another's crashes the process): with any
    other, compile `python` again by `jobcenter.sandbox.compile_module`. `source_map` pairs a line of `python` with a line of the
    JCL source, both from 1, sorted."""

    python: str
    bytecode: bytes
    magic: bytes
    source_map: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Input:
    """An input, or a value of an action's environment. `type` as written, `json_schema` names or base types, with
    `[]` and `?`. `has_default` tells a default of null from none."""

    name: str
    type: str
    has_default: bool = False
    default: Json = None
    doc: str = ""


@dataclass(frozen=True, slots=True)
class Output:
    name: str
    type: str
    optional: bool = False
    doc: str = ""


@dataclass(frozen=True, slots=True)
class Definition:
    """One compiled `workflow`, `action` or `procedure`. `source` is the JCL text of its file; `wfenv` and `config` hold
    the sections' constants (`config` as checked: known keys only)."""

    kind: str
    name: str
    source: str
    path: str
    inputs: tuple[Input, ...] = ()
    outputs: tuple[Output, ...] = ()
    environment: tuple[Input, ...] = ()
    roles: tuple[str, ...] = ()
    wfenv: Mapping[str, Json] = field(default_factory=dict)
    config: Mapping[str, Json] = field(default_factory=dict)
    interface: str | None = None
    doc: str = ""
    program: Program | None = None
    module: Module | None = None


def program_to_json(program: Program) -> dict[str, Any]:
    return asdict(program)


def program_from_json(value: Mapping[str, Any]) -> Program:
    tasks = tuple(
        Task(
            **{
                **task,
                "kind": Kind(task["kind"]),
                "branches": tuple(Branch(**branch) for branch in task["branches"]),
            }
        )
        for task in value["tasks"]
    )
    locks = tuple(LockDeclaration(**lock) for lock in value["locks"])
    return Program(**{**value, "tasks": tasks, "locks": locks})


def to_json(definition: Definition) -> str:
    """The definition as one line of JSON with sorted keys; bytes as hexadecimal."""
    value = asdict(definition)
    if definition.module is not None:
        value["module"]["bytecode"] = definition.module.bytecode.hex()
        value["module"]["magic"] = definition.module.magic.hex()
    return json.dumps({"format": FORMAT, **value}, sort_keys=True, separators=(",", ":"))


def from_json(text: str) -> Definition:
    """The inverse of `to_json`. Raises ValueError for another format."""
    value = json.loads(text)
    if value.pop("format", None) != FORMAT:
        raise ValueError(f"not an artifact of format {FORMAT}")
    module, program = value["module"], value["program"]
    return Definition(
        **{
            **value,
            "inputs": tuple(Input(**entry) for entry in value["inputs"]),
            "outputs": tuple(Output(**entry) for entry in value["outputs"]),
            "environment": tuple(Input(**entry) for entry in value["environment"]),
            "roles": tuple(value["roles"]),
            "program": None if program is None else program_from_json(program),
            "module": None
            if module is None
            else Module(
                module["python"],
                bytes.fromhex(module["bytecode"]),
                bytes.fromhex(module["magic"]),
                tuple((python, jcl) for python, jcl in module["source_map"]),
            ),
        }
    )
