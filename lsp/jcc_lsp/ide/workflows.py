"""The workflows of a file as the commands need them: their inputs, their graphs."""

from __future__ import annotations

from collections.abc import Iterable

from jcc.diagnostics import Severity
from jcc.workspace import Analysis, Workspace, analysed, parsed, source


def workflow_named(
    workspace: Workspace, paths: Iterable[str], name: str | None
) -> tuple[str, Analysis] | None:
    """The workflow of a name in a file's pieces; without a name the first."""
    for path in paths:
        for analysis in analysed(workspace, path):
            definition = analysis.model.definition
            if definition.kind == "workflow" and name in (None, definition.name.text):
                return path, analysis
    return None


def graph(workspace: Workspace, path: str, analysis: Analysis, format: str) -> str | None:
    """A workflow's graph; None as long as it has errors."""
    found = (*parsed(workspace, path).diagnostics, *analysis.diagnostics)
    if any(finding.severity >= Severity.ERROR for finding in found):
        return None
    # The backend is for this command alone.
    from jcc.backend.drawing import draw

    return draw(source(workspace, path), analysis.model, format)
