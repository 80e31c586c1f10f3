"""What the commands print alike: findings, problems with files."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from jcc.diagnostics import Severity
from jcc.diagnostics.render import Finding, renderer
from jcc.diagnostics.render.terminal import text
from jcc.project import Project, open_project
from jcc.workspace import source

SEVERITY_BY_NAME = {level.name.lower(): level for level in Severity}


def complain(message: str) -> None:
    """Say on standard error what is wrong with how the command was used."""
    print(f"jcc: {message}", file=sys.stderr)


def load(paths: Sequence[str], *, catalogs: bool = True) -> Project:
    """The project of the paths, with what its settings say is deployed; what could not be read has been said."""
    project = open_project([Path(path) for path in paths])
    for problem in project.problems:
        complain(str(problem))
    if catalogs:
        project.load_catalogs()
        for warning in project.warnings:
            complain(f"warning: {warning}")
    return project


def findings(project: Project, paths: Sequence[str]) -> list[Finding]:
    workspace = project.workspace
    found = []
    for path in paths:
        for diagnostic in project.wanted(path):
            others = {
                label.path: source(workspace, label.path)
                for label in diagnostic.labels
                if label.path is not None
            }
            found.append(Finding(source(workspace, path), diagnostic, others))
    return found


def show(found: Sequence[Finding], output_format: str) -> None:
    """Print findings to standard output; people get colour where the terminal has it, and a count."""
    if output_format != "text":
        print(renderer(output_format)(found), end="")
        return
    if found:
        print(text(found, colour=_wants_colour()))
    print(_count(found))


def worst(found: Sequence[Finding]) -> Severity | None:
    return max((f.diagnostic.severity for f in found), default=None)


def _wants_colour() -> bool:
    if os.environ.get("NO_COLOR"):
        return False
    return bool(os.environ.get("FORCE_COLOR")) or sys.stdout.isatty()


def _count(found: Sequence[Finding]) -> str:
    if not found:
        return "no findings"
    by_name = Counter(f.severity for f in found)
    parts = [
        f"{by_name[name]} {name}{'s' if by_name[name] > 1 and name != 'info' else ''}"
        for name in ("error", "warning", "info", "hint")
        if by_name[name]
    ]
    return "found " + ", ".join(parts)
