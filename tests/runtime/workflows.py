"""Workflows made by hand for the tests of the engine and the Maestro: a small notation for task graphs and their code.

`workflow("name", start >> …)` would hide what is tested; so the tasks are the artifact's, and only the code is short:
`Flow.task(kind, out="op_put(v, …)")` gives each piece its function.
"""

from __future__ import annotations

import importlib.util
import marshal
from collections.abc import Mapping, Sequence
from typing import Any

from jobcenter.artifact import (
    Branch,
    Definition,
    Input,
    Kind,
    LockDeclaration,
    Module,
    Output,
    Program,
    Task,
)
from jobcenter.sandbox import compile_module

PARAMETERS = {
    "in": "a, e, v, i, t",
    "out": "a, e, v, o, t",
    "eval": "a, e, v, t",
    "end": "a, e, v, o, t",
    "value": "a, e, v",
    "message": "a, e, v",
}


class Flow:
    """Collects tasks, which get the ids 1, 2, … A task goes on to the next one unless it is told otherwise."""

    def __init__(self, name: str, **settings: Any) -> None:
        self.name = name
        self.settings = settings
        self.tasks: list[Task] = []
        self.functions: list[str] = []
        self.locks: list[LockDeclaration] = []
        self.task(Kind.START)

    def task(
        self,
        kind: Kind,
        *,
        next: int | None = None,
        edges: Mapping[str, int] | None = None,
        on_error: int | None = None,
        callee: str | None = None,
        callee_kind: str = "action",
        branches: Sequence[Branch] = (),
        lock_type: str | None = None,
        **code: str,
    ) -> int:
        """`code` by role (`in_` for in); an expression for value and message, else a statement. Gives the id."""
        id = len(self.tasks) + 1
        self.tasks.append(
            Task(
                id,
                kind,
                id,
                next=None if kind is Kind.END else next or id + 1,
                edges=edges or {},
                on_error=on_error,
                code=self.code(f"task_{id}", **code),
                callee=callee,
                callee_kind=callee_kind if callee else None,
                branches=tuple(branches),
                lock_type=lock_type,
            )
        )
        return id

    def code(self, prefix: str, **code: str) -> dict[str, str]:
        """Functions for pieces of code; gives their names by role."""
        names = {}
        for key, text in code.items():
            role = key.removesuffix("_")
            names[role] = f"{prefix}_{role}"
            body = f"return {text}" if role in ("value", "message") else text
            lines = "\n".join(f"    {line}" for line in body.splitlines())
            self.functions.append(f"def {names[role]}({PARAMETERS[role]}):\n{lines}\n")
        return names

    def branch(
        self, callee: str, kind: str = "workflow", *, each: bool = False, **code: str
    ) -> Branch:
        """A branch for `task(Kind.SPLIT, branches=…)`."""
        prefix = f"branch_{len(self.functions)}"
        return Branch(callee, kind, self.code(prefix, **code), each)

    def lock(
        self, type: str, value: str | None, *, manual: bool = False, inherit: bool = False
    ) -> None:
        name = None
        if value is not None:
            name = self.code(f"lock_{len(self.locks) + 1}", value=value)["value"]
        self.locks.append(LockDeclaration(type, name, manual, inherit))

    def definition(
        self, inputs: Sequence[Input] = (), outputs: Sequence[Output] = (), end: str | None = None
    ) -> Definition:
        """The workflow, with its end task; `end="op_put(o, …)"` is its output map."""
        id = self.task(Kind.END) if end is None else self.task(Kind.END, end=end)
        program = Program(self.name, 1, id, tuple(self.tasks), tuple(self.locks), **self.settings)
        return Definition(
            kind="workflow",
            name=self.name,
            source=f"workflow {self.name}:\n",
            path=f"{self.name}.wf",
            inputs=tuple(inputs),
            outputs=tuple(outputs),
            program=program,
            module=module("\n".join(self.functions)),
        )


def module(python: str) -> Module:
    bytecode = marshal.dumps(compile_module(python, "<jcl>"))
    return Module(python, bytecode, importlib.util.MAGIC_NUMBER, ())


def action(name: str, *, config: Mapping[str, Any] | None = None, **types: str) -> Definition:
    """An action with these inputs; everything may come out of it."""
    return Definition(
        kind="action",
        name=name,
        source=f"action {name}:\n",
        path=f"{name}.ac",
        inputs=tuple(Input(each, type) for each, type in types.items()),
        config=config or {},
    )


ADD = Definition(
    kind="action",
    name="add",
    source="action add:\n",
    path="add.ac",
    inputs=(Input("counter", "number"), Input("step", "number", has_default=True, default=1)),
    outputs=(Output("counter", "number"),),
)


def calltest(name: str = "calltest", **call: Any) -> Definition:
    """The seed's calltest: calls add once."""
    flow = Flow(name)
    flow.task(
        Kind.CALL,
        callee="add",
        in_="op_put(i, op_get(a, 'input'), 'counter')\nop_put(i, 3, 'step')",
        out="op_put(v, op_get(o, 'counter'), 'thing')",
        **call,
    )
    return flow.definition(
        [Input("input", "number")],
        [Output("output", "number")],
        end="op_put(o, op_get(v, 'thing'), 'output')",
    )


def counting(name: str = "counting", turns: int = 10, **settings: Any) -> Definition:
    """A pure loop: `while v.n < turns: v.n += 1`."""
    flow = Flow(name, **settings)
    flow.task(Kind.BRANCH, edges={"true": 3, "false": 4}, value=f"op_lt(op_get(v, 'n'), {turns})")
    flow.task(Kind.EVAL, next=2, eval="op_put(v, op_add(op_get(v, 'n'), 1), 'n')")
    return flow.definition(outputs=[Output("n", "number")], end="op_put(o, op_get(v, 'n'), 'n')")
