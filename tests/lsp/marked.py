"""Workspaces for tests of the server's parts: texts with `$0` where the cursor is, places shown as the line around them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from jcc.diagnostics import Diagnostic, Edit, Label
from jcc.fixes import apply_edits
from jcc.source import Source, Span
from jcc.workspace import Workspace, source
from jcc_lsp.ide.results import Location, TextEdit
from jcc_lsp.projects import Project
from jcc_lsp.state import Cursor

CURSOR = "$0"
ADD = """\
action add:
	in:
		counter	number
		step	number	1
	out:
		counter	number
"""


def cursor(text: str, path: str = "test.wf", **others: str) -> Cursor:
    """A workspace with a text, whose cursor it is, and other files beside it (`add_ac="…"` for add.ac)."""
    workspace = Workspace()
    offset = text.index(CURSOR)
    workspace.set_text(path, text.replace(CURSOR, "", 1))
    for name, other in others.items():
        workspace.set_text(".".join(name.rsplit("_", 1)), other)
    return Cursor(workspace, path, offset)


def shown(workspace: Workspace, places: Iterable[Location]) -> list[str]:
    """Places as `file:line: the line with the «place» marked`."""
    return [f"{path}:{line_of(source(workspace, path), span)}" for path, span in places]


def line_of(text: Source, span: Span) -> str:
    line, column = text.position(span.start)
    content = text.line_text(line).expandtabs(1)
    end = column - 1 + span.end - span.start
    marked = f"{content[: column - 1]}«{content[column - 1 : end]}»{content[end:]}"
    return f"{line}: {marked.strip()}"


def edited(workspace: Workspace, edits: Iterable[TextEdit]) -> dict[str, str]:
    """The texts of the files that the edits change, as they are then."""
    by_path: dict[str, list[Edit]] = {}
    for path, span, text in edits:
        by_path.setdefault(path, []).append(Edit(span, text))
    return {
        path: apply_edits(source(workspace, path).text, found) for path, found in by_path.items()
    }


def whole(project: Project, finding: Diagnostic) -> Diagnostic:
    """A finding of the server's as the compiler has it: related places in files, not in pieces of files."""
    labels = []
    for label in finding.labels:
        owner = None if label.path is None else project.owner(label.path)
        if owner is not None:
            document, piece = owner
            span = Span(label.span.start + piece.start, label.span.end + piece.start)
            label = Label(span, label.message, document.path)
        labels.append(label)
    return replace(finding, labels=tuple(labels))
