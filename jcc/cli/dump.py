"""`jcc dump`: one stage of the compiler as text."""

from __future__ import annotations

import argparse

from jcc import dump
from jcc.cli.compiling import compile_paths
from jcc.cli.main import FAILED, OK, USAGE
from jcc.cli.output import load


def run(arguments: argparse.Namespace) -> int:
    project = load([arguments.file])
    if project.problems:
        return USAGE
    (path,) = project.named
    workspace = project.workspace
    match arguments.stage:
        case "tokens":
            print(dump.dump_tokens(workspace, path), end="")
        case "tree":
            print(dump.dump_tree(workspace, path), end="")
        case "typed":
            print(dump.dump_typed(workspace, path), end="")
        case stage:
            if compile_paths(project, [path]) is None:
                return FAILED
            print(dump.dump_backend(workspace, path, stage), end="")
    return OK
