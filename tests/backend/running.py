"""Runs generated code for real, in the sandbox."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from jcc.backend import ir
from jcc.backend.emit_python import emit_module
from jcc.frontend import ast
from jcc.frontend.codeblocks import translate
from jcc.source import Source
from jobcenter.sandbox import JclError, compile_module, load_module
from jobcenter.sandbox import run as run
from tests.backend.trees import NOWHERE
from tests.interpreter import Failure

Functions = Mapping[str, Callable[..., Any]]


def functions_of(work: ir.Work, outputs: ast.Map | None = None) -> Functions:
    """The functions of a workflow whose task 2 does this work, and whose `wfomap` is `outputs`."""
    graph = ir.TaskGraph(
        "w",
        1,
        3,
        (
            ir.Task(1, NOWHERE, ir.Start(), next=2),
            ir.Task(2, NOWHERE, work, next=3),
            ir.Task(3, NOWHERE, ir.End(outputs)),
        ),
    )
    return loaded(emit_module(graph, Source("w.wf", "workflow w:\n"), translate).python)


def loaded(python: str) -> Functions:
    return load_module(compile_module(python, "<workflow w>"))


def outcome(work: Callable[[], Any]) -> str:
    """What some work gives, exactly, or that it fails: JSON tells 1 from 1.0 and from true."""
    try:
        return json.dumps(work(), sort_keys=True)
    except (JclError, Failure):
        return "fails"
