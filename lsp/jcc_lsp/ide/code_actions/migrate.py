"""The action that rewrites a Perl block as native lines or as Python."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from jcc.frontend.codeblocks import language_of
from jcc.migration import edit_of
from jcc.source import Span
from jcc.workspace import Workspace, source
from jcc_lsp.ide.code_actions.action import REWRITE, Action, Changes
from jcc_lsp.ide.results import TextEdit
from jcc_lsp.ide.scene import analysis_at


def migrations(workspace: Workspace, path: str, span: Span) -> Iterator[Action]:
    """The rewriting of the Perl blocks in a place, where they can be."""
    analysis = analysis_at(workspace, path, span.start)
    if analysis is None:
        return
    survey = analysis.model.survey
    for block in survey.blocks:
        around = block.block.span
        if around.start > span.end or span.start > around.end:
            continue
        if language_of(block.block)[0] != "perl":
            continue
        edit = edit_of(source(workspace, path), survey, block)
        if edit is not None:
            what = "Python" if edit.text.startswith("[") else "native lines"
            changes = partial(Changes, (TextEdit(path, edit.span, edit.text),))
            yield Action(f"rewrite this Perl block as {what}", REWRITE, changes)
