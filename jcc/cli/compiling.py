"""What `build`, `deploy`, `run` and `dump` share: files in, compiled definitions out, or the reasons why not."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from jcc.cli.output import findings, worst
from jcc.compilation import compile_unit, needed
from jcc.diagnostics import Severity
from jcc.diagnostics.render import Finding
from jcc.diagnostics.render.terminal import text
from jcc.project import Project
from jcc.workspace import source
from jobcenter.artifact import Definition


def compile_paths(project: Project, paths: Sequence[str]) -> list[Definition] | None:
    """The definitions of the files and of all that they call, callees first. None where there is an error: it has
    been said on standard error, with the warnings beside it."""
    units = needed(project.workspace, paths)
    found = findings(project, list(dict.fromkeys((*paths, *(unit.path for unit in units)))))
    if _has_error(found):
        _tell(found)
        return None
    compiled = []
    for unit in units:
        definition, diagnostics = compile_unit(project.workspace, unit)
        text_of_unit = source(project.workspace, unit.path)
        found += [Finding(text_of_unit, diagnostic) for diagnostic in diagnostics]
        compiled.append(definition)
    if _has_error(found):
        _tell(found)
        return None
    return compiled


def _has_error(found: Sequence[Finding]) -> bool:
    severity = worst(found)
    return severity is not None and severity >= Severity.ERROR


def _tell(found: Sequence[Finding]) -> None:
    print(text(found, colour=sys.stderr.isatty()), file=sys.stderr)
