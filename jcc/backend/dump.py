"""The backend's stages as text, for `jcc dump` and for golden tests: the task graph and the bytecode."""

from __future__ import annotations

import dis
import importlib.util
import io
import marshal
import re

from jobcenter.artifact import Branch, Module, Program, Task

_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")


def dump_tasks(program: Program) -> str:
    """A task a line: id, line of the JCL, what it does, where it goes, its functions."""
    head = f"{program.name}: start {program.start}, end {program.end}, "
    limits = f"max_steps {program.max_steps}, max_depth {program.max_depth}\n"
    locks = "".join(
        f"  lock {lock.type} = {lock.value or '_'}"
        f"{' manual' if lock.manual else ''}{' inherit' if lock.inherit else ''}\n"
        for lock in program.locks
    )
    return head + limits + locks + "".join(_task(task) for task in program.tasks)


def dump_bytecode(module: Module) -> str:
    """The instructions of a module's functions, as `dis` shows them, without what differs from run to run.
    Raises ValueError for the bytecode of another Python: it cannot be read safely."""
    if module.magic != importlib.util.MAGIC_NUMBER:
        raise ValueError("the bytecode was made by another version of Python")
    code = marshal.loads(module.bytecode)
    text = io.StringIO()
    dis.dis(code, file=text)
    return _ADDRESS.sub("", text.getvalue())


def _task(task: Task) -> str:
    parts = [f"{task.id:>4}  line {task.line:<4}  {task.kind}"]
    if task.callee is not None:
        parts.append(f"{task.callee_kind} {task.callee}")
    if task.lock_type is not None:
        parts.append(task.lock_type)
    parts += task.code.values()
    ways = [f"{label!r} -> {target}" for label, target in task.edges.items()]
    if task.next is not None:
        ways.append(f"-> {task.next}")
    if task.on_error is not None:
        ways.append(f"error -> {task.on_error}")
    branches = "".join(_branch(branch) for branch in task.branches)
    return f"{' '.join(parts)}{'  ' if ways else ''}{', '.join(ways)}\n{branches}"


def _branch(branch: Branch) -> str:
    each = ("each",) if branch.each else ()
    parts = (*each, branch.callee_kind, branch.callee, *branch.code.values())
    return f"{'':19}{' '.join(parts)}\n"
