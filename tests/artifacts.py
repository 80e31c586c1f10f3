"""Compiled definitions made by hand, for tests that are not about the compiler."""

from __future__ import annotations

import importlib.util
import marshal

from jobcenter.artifact import Branch, Definition, Input, Kind, Module, Output, Program, Task

ADD = Definition(
    kind="action",
    name="add",
    source="action add:\n\tin:\n\t\tcounter number\n\t\tstep number 1\n\tout:\n\t\tcounter number\n",
    path="add.ac",
    inputs=(Input("counter", "number"), Input("step", "number", has_default=True, default=1)),
    outputs=(Output("counter", "number"),),
)

CALLTEST_PYTHON = """\
def task_2_in(a, e, v, i, t):
    op_put(i, op_get(a, 'input'), 'counter')
    op_put(i, 3, 'step')


def task_2_out(a, e, v, o, t):
    op_put(v, op_get(o, 'counter'), 'thing')


def task_3_end(a, e, v, o, t):
    op_put(o, op_get(v, 'thing'), 'output')
"""


def module(python: str) -> Module:
    """A module of this interpreter, without a source map."""
    bytecode = marshal.dumps(compile(python, "<module>", "exec"))
    return Module(python, bytecode, importlib.util.MAGIC_NUMBER, ())


def caller(name: str, callee: str, kind: str = "action") -> Definition:
    """A workflow that calls one thing, as the seed's calltest calls add."""
    tasks = (
        Task(1, Kind.START, 1, next=2),
        Task(
            2,
            Kind.CALL,
            9,
            next=3,
            code={"in": "task_2_in", "out": "task_2_out"},
            callee=callee,
            callee_kind=kind,
        ),
        Task(3, Kind.END, 6, code={"end": "task_3_end"}),
    )
    return Definition(
        kind="workflow",
        name=name,
        source=f"workflow {name}:\n",
        path=f"{name}.wf",
        inputs=(Input("input", "number"),),
        outputs=(Output("output", "number"),),
        program=Program(name, 1, 3, tasks),
        module=module(CALLTEST_PYTHON),
    )


CALLTEST = caller("calltest", "add")


def splitter(name: str, *callees: str) -> Definition:
    """A workflow that calls several workflows at once."""
    branches = tuple(Branch(callee, "workflow") for callee in callees)
    tasks = (
        Task(1, Kind.START, 1, next=2),
        Task(2, Kind.SPLIT, 3, next=3, branches=branches),
        Task(3, Kind.END, 6),
    )
    return Definition(
        kind="workflow",
        name=name,
        source=f"workflow {name}:\n",
        path=f"{name}.wf",
        program=Program(name, 1, 3, tasks),
        module=module(""),
    )
