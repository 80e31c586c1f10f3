"""Linked programs from rows of `modules_for`: what an executor makes of a module, once. No I/O."""

from __future__ import annotations

import json
from importlib.util import MAGIC_NUMBER

from jobcenter.artifact import Module, Output, program_from_json
from jobcenter.engine import LinkedProgram, link
from jobcenter.frames import LoadedModule
from jobcenter.sandbox import load_module


def load_program(module: LoadedModule) -> LinkedProgram | str:
    """The program, or why it cannot be loaded: the jobs of that workflow alone suffer from it."""
    if not module.program:
        return f"workflow {module.workflow} has no module"
    try:
        program = program_from_json(json.loads(module.program))
        outputs = [Output(**output) for output in json.loads(module.outputs)]
        return link(program, load_module(_code(module)), outputs)
    except Exception as error:
        return f"the module of workflow {module.workflow} cannot be loaded: {error}"


def _code(module: LoadedModule) -> Module:
    # Without a magic number of its own, the sandbox compiles the Python again.
    if module.bytecode is None:
        return Module(module.python, b"", b"", ())
    return Module(module.python, module.bytecode, MAGIC_NUMBER, ())
