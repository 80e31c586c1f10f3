"""`jcc graph`: the task graph of a workflow, for people's eyes."""

from __future__ import annotations

import argparse

from jcc.cli.compiling import compile_paths
from jcc.cli.main import FAILED, OK, USAGE
from jcc.cli.output import complain, load


def run(arguments: argparse.Namespace) -> int:
    from jcc.backend.graph import (  # the backend is heavy: only where it is needed
        to_dot,
        to_mermaid,
    )
    from jcc.backend.graph_svg import to_svg

    project = load([arguments.file])
    if project.problems:
        return USAGE
    (path,) = project.named
    compiled = compile_paths(project, [path])
    if compiled is None:
        return FAILED
    workflows = [d for d in compiled if d.path == path and d.program is not None]
    if not workflows:
        complain(f"{path} holds no workflow")
        return USAGE
    draw = {"dot": to_dot, "mermaid": to_mermaid, "svg": to_svg}[arguments.format]
    for workflow in workflows:
        print(draw(workflow), end="")
    return OK
