"""The findings of a file as the client gets them, each report with an identity that changes only when the findings do."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count

from lsprotocol import types as lsp

from jcc_lsp.convert import Converter
from jcc_lsp.ide.interfaces import interface_calls
from jcc_lsp.ide.occurrences import occurrences_by_symbol
from jcc_lsp.projects import Project


@dataclass(slots=True)
class Report:
    """`items` are the findings in a file of `project` at `revision`."""

    id: str
    items: list[lsp.Diagnostic]
    project: Project
    revision: tuple[int, int, bool]


class Reports:
    """The last report of each file."""

    def __init__(self, convert: Converter) -> None:
        self._convert = convert
        self._last: dict[str, Report] = {}
        self._ids = map(str, count(1))

    def of(self, project: Project, path: str) -> Report:
        """The report on a file of a project, as it is now."""
        last = self._last.get(path)
        revision = (*project.revision, project.is_open(path))
        if last is not None and last.project is project and last.revision == revision:
            return last
        if not project.is_open(path):
            # The trees are at hand now; later they would have to be made again to look for names.
            for piece in project.documents[path].pieces:
                occurrences_by_symbol(project.workspace, piece.name)
                interface_calls(project.workspace, piece.name)
        items = self._convert.diagnostics(project.documents[path], project.told(path))
        if last is not None and last.items == items:
            last.project, last.revision = project, revision
            return last
        report = self._last[path] = Report(next(self._ids), items, project, revision)
        return report

    def forget(self, path: str) -> None:
        self._last.pop(path, None)
