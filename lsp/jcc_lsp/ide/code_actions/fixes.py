"""Actions on findings: the fix of each, and a comment that silences it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial

from jcc.diagnostics import Diagnostic
from jcc.diagnostics.control import EMPTY_SUPPRESSION, UNKNOWN_SUPPRESSION, UNUSED_SUPPRESSION
from jcc.frontend.parser import Parsed
from jcc.frontend.suppressions import DIRECTIVE
from jcc.frontend.tokens import COMMENT
from jcc.source import Span
from jcc.workspace import Workspace, parsed
from jcc_lsp.ide.code_actions.action import QUICK_FIX, Action, Changes, layout_of
from jcc_lsp.ide.results import TextEdit

_ABOUT_COMMENTS = (EMPTY_SUPPRESSION, UNKNOWN_SUPPRESSION, UNUSED_SUPPRESSION)


def fixes(path: str, found: Iterable[Diagnostic]) -> Iterator[Action]:
    """The fixes of findings; those that cannot change what the workflow does are preferred."""
    for finding in found:
        if finding.fix is not None:
            edits = tuple(TextEdit(path, edit.span, edit.text) for edit in finding.fix.edits)
            changes = partial(Changes, edits)
            yield Action(finding.fix.title, QUICK_FIX, changes, finding, finding.fix.safe)


def suppressions(workspace: Workspace, path: str, found: Iterable[Diagnostic]) -> Iterator[Action]:
    """`# jcc: ignore[…]` at the line of each finding."""
    tree = parsed(workspace, path)
    codes: set[tuple[int, str]] = set()
    for finding in found:
        line = tree.tokens.source.position(finding.span.start).line
        if finding.rule in _ABOUT_COMMENTS or (line, finding.code) in codes:
            continue
        codes.add((line, finding.code))
        edit = _suppressed(tree, path, line, finding.code)
        if edit is not None:
            title = f"ignore {finding.code} in this line"
            yield Action(title, QUICK_FIX, partial(Changes, (edit,)), finding)


def _suppressed(tree: Parsed, path: str, line: int, code: str) -> TextEdit | None:
    """The comment at a line: into one that is there already, behind the line, or, where the line goes on in the next one as
    a block does, above it. None in the midst of a block, where no comment is read."""
    tokens = tree.tokens
    start, end = tokens.source.line_span(line)
    index = tokens.index_at(end - 1) if end > start else -1
    if index < 0:
        return None
    span = tokens.span(index)
    if tokens.kinds[index] == COMMENT:
        match = DIRECTIVE.search(tokens.texts[index])
        if match is not None and match[1] == "ignore" and match[2] is not None:
            at = span.start + match.end(2)
            joined = f", {code}" if match[2].strip() else code
            return TextEdit(path, Span(at, at), joined)
    if span.end <= end:
        return TextEdit(path, Span(end, end), f"  # jcc: ignore[{code}]")
    if span.start < start:
        return None
    text = tokens.source.line_text(line)
    indent = text[: len(text) - len(text.lstrip(" \t"))]
    comment = f"{indent}# jcc: ignore[{code}]{layout_of(tree).eol}"
    return TextEdit(path, Span(start, start), comment)
