"""Code actions: what the editor offers to change at a place. `code_actions` collects them; each module knows some."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from jcc.diagnostics import Diagnostic
from jcc.source import Span
from jcc.workspace import Workspace
from jcc_lsp.ide.code_actions.action import Action, Changes, NewFile
from jcc_lsp.ide.code_actions.declare import declarations
from jcc_lsp.ide.code_actions.define import missing_definitions
from jcc_lsp.ide.code_actions.extract import extractions
from jcc_lsp.ide.code_actions.fixes import fixes, suppressions
from jcc_lsp.ide.code_actions.inline import inlinings
from jcc_lsp.ide.code_actions.inputs import missing_inputs
from jcc_lsp.ide.code_actions.migrate import migrations

__all__ = ["Action", "Changes", "NewFile", "code_actions"]


def code_actions(
    workspace: Workspace,
    path: str,
    span: Span,
    found: Sequence[Diagnostic],
    *,
    new_files: bool = True,
) -> Iterator[Action]:
    """The actions at a place; `found` are the findings there. `new_files` says whether an action may make a file."""
    yield from fixes(path, found)
    for finding in found:
        yield from missing_inputs(workspace, path, finding)
        yield from declarations(workspace, path, finding)
        yield from missing_definitions(workspace, path, finding, new_files=new_files)
    yield from migrations(workspace, path, span)
    yield from extractions(workspace, path, span, new_files=new_files)
    yield from inlinings(workspace, path, span.start)
    yield from suppressions(workspace, path, found)
