"""`jcc migrate`: Perl blocks become native JCL or Python."""

from __future__ import annotations

import argparse

from jcc.cli.changes import write_changes
from jcc.cli.main import FAILED, OK, USAGE
from jcc.cli.output import load
from jcc.migration import migrate_file


def run(arguments: argparse.Namespace) -> int:
    project = load(arguments.paths, catalogs=False)
    done = {path: migrate_file(project.workspace, path) for path in project.named}
    changed = {path: migration.text for path, migration in done.items() if migration.rewritten}
    if not write_changes(project, changed, only_show=arguments.diff):
        return USAGE
    if not arguments.diff:
        for path in changed:
            count = done[path].rewritten
            print(f"{path}: {count} block{'' if count == 1 else 's'} rewritten")
    left = [(path, line) for path, migration in done.items() for line in migration.left]
    for path, line in left:
        print(f"{path}:{line}: this block stays Perl; `jcc check` tells what stands in the way")
    if project.problems:
        return USAGE
    return FAILED if left else OK
