"""Which code a task needs: the one table from work to roles. Says nothing about how the code looks.

The roles and what their functions get are `jobcenter.artifact`'s. Verification, the emitters and the dumps read it here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import assert_never

from jcc.backend import ir
from jcc.frontend import ast


@dataclass(frozen=True, slots=True)
class Code:
    """A piece of a task that becomes a function. `convert` is the operation that its value goes through, if any:
    a condition gives a boolean, a name to be chosen by gives a string."""

    role: str
    body: ast.Map | ast.Expression
    convert: str | None = None


def task_code(work: ir.Work) -> tuple[Code, ...]:
    """The pieces of a task in the order in which they run, those of a split's children excepted."""
    return tuple(_task_code(work))


def child_code(child: ir.Child) -> tuple[Code, ...]:
    """The pieces of one child of a split, in the order in which they run."""
    each = () if child.using is None else (Code("value", child.using),)
    return (*each, Code("in", child.inputs), *_out(child.outputs))


def _task_code(work: ir.Work) -> Iterator[Code]:
    match work:
        case ir.Start() | ir.NoOp() | ir.Split():
            pass
        case ir.End(outputs=outputs):
            if outputs is not None:
                yield Code("end", outputs)
        case ir.Eval(map=map):
            yield Code("eval", map)
        case ir.Branch(condition=condition):
            yield Code("value", condition, "op_true")
        case ir.Switch(subject=subject):
            yield Code("value", subject, "op_case")
        case ir.Assert(condition=condition, message=message):
            yield Code("value", condition, "op_true")
            yield Code("message", message)
        case ir.RaiseError(error=error):
            yield Code("in" if isinstance(error, ast.Map) else "message", error)
        case ir.Sleep(duration=duration):
            yield Code("in" if isinstance(duration, ast.Map) else "value", duration)
        case ir.Lock(value=value) | ir.Unlock(value=value):
            yield Code("value", value)
        case ir.InterfaceCall(selector=selector, inputs=inputs, outputs=outputs):
            yield Code("value", selector, "op_case")
            yield Code("in", inputs)
            yield from _out(outputs)
        case ir.Call(inputs=inputs, outputs=outputs):
            yield Code("in", inputs)
            yield from _out(outputs)
        case ir.WaitForEvent(inputs=inputs, outputs=outputs):
            yield Code("in", inputs)
            yield from _out(outputs)
        case ir.Detach(inputs=inputs) | ir.WaitForLock(inputs=inputs) | ir.Subscribe(inputs=inputs):
            yield Code("in", inputs)
        case ir.Unsubscribe(inputs=inputs) | ir.RaiseEvent(inputs=inputs):
            yield Code("in", inputs)
        case _:
            assert_never(work)


def _out(outputs: ast.Map | None) -> tuple[Code, ...]:
    return () if outputs is None else (Code("out", outputs),)


def task_function(task: ir.Task, role: str) -> str:
    """The name of the function for a role of a task: `task_2_in`; the end's is `end`."""
    return "end" if role == "end" else f"task_{task.id}_{role}"


def child_function(task: ir.Task, number: int, role: str) -> str:
    """The name of the function for a role of a split's child, numbered from 1: `task_2_1_in`."""
    return f"task_{task.id}_{number}_{role}"


def lock_function(number: int) -> str:
    """The name of the function for the value of the lock declaration `number`, from 1: `lock_1`."""
    return f"lock_{number}"
