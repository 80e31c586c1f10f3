"""All findings of a file from those of its pieces: the same as if the file were checked whole."""

from __future__ import annotations

from dataclasses import replace

from jcc.diagnostics import Diagnostic, syntax
from jcc.diagnostics.core import moved
from jcc.frontend import ast
from jcc.frontend.checks import check_file
from jcc.frontend.suppressions import suppress
from jcc.frontend.tokens import Tokens
from jcc.query import query
from jcc.source import Source, Span
from jcc.workspace import Workspace, analysed, findings_across, parsed
from jcc_lsp.documents import Document
from jcc_lsp.whole import whole

_INDENTATION = (
    syntax.INCONSISTENT_DEDENT,
    syntax.UNEXPECTED_INDENT,
    syntax.MIXED_INDENTATION,
)
_NO_TOKENS = Tokens(Source("", ""), [], [], [0])


def findings(workspace: Workspace, document: Document) -> list[Diagnostic]:
    """The findings that no comment silences, in the order of the text. Their places are in the whole text; labels that name a
    path are in the piece of that name."""
    found = list(_of_file(workspace, document))
    first = first_word(workspace, document.pieces[0].name)
    for piece in document.pieces:
        for finding in of_piece(workspace, piece.name):
            if piece.start:
                if finding.rule in _INDENTATION:
                    finding = _compared(
                        finding, first_word(workspace, piece.name), first, piece.start
                    )
                finding = moved(finding, piece.start)
            found.append(finding)
    found.sort(key=lambda finding: (finding.span, finding.code))
    if not any("jcc:" in piece.source.text for piece in document.pieces):
        return found
    tokens = whole(workspace, document).tokens
    return suppress(tokens.source, tokens, found)


@query
def of_piece(workspace: Workspace, name: str) -> tuple[Diagnostic, ...]:
    """The findings in one piece, but for those that concern its file as a whole. None is silenced."""
    tree = parsed(workspace, name)
    without_definitions = ast.File(span=tree.file.span, definitions=())
    found = [*tree.diagnostics, *check_file(without_definitions, tree.tokens, name)]
    found.extend(findings_across(workspace, name))
    for analysis in analysed(workspace, name):
        found.extend(analysis.diagnostics)
    return tuple(found)


def _of_file(workspace: Workspace, document: Document) -> tuple[Diagnostic, ...]:
    """What concerns the file as a whole: looked for in a tree of the definitions' names, without any tokens."""
    heads = (
        replace(head, name=replace(head.name, span=_moved(head.name.span, piece.start)))
        for piece in document.pieces
        for head in heads_of(workspace, piece.name)
    )
    file = ast.File(span=Span(0, 0), definitions=tuple(heads))
    return check_file(file, _NO_TOKENS, document.path)


@query
def heads_of(workspace: Workspace, name: str) -> tuple[ast.Definition, ...]:
    """The definitions of a piece without what is in them."""
    definitions = parsed(workspace, name).file.definitions
    return tuple(replace(definition, sections=()) for definition in definitions)


@query
def first_word(workspace: Workspace, name: str) -> Span | None:
    """Where the first word of a piece is."""
    tree = parsed(workspace, name)
    return tree.tokens.span(tree.lines[0].first) if tree.lines else None


@query
def syntax_errors(workspace: Workspace, name: str) -> int:
    """How many findings the parser has in a piece."""
    return len(parsed(workspace, name).diagnostics)


def _compared(finding: Diagnostic, own: Span | None, first: Span | None, start: int) -> Diagnostic:
    """With the first definition of all a definition's indentation is compared, not with the first of its piece."""
    if own is None or first is None:
        return finding
    labels = tuple(
        replace(label, span=_moved(first, -start)) if label.span == own else label
        for label in finding.labels
    )
    return replace(finding, labels=labels)


def _moved(span: Span, by: int) -> Span:
    return Span(span.start + by, span.end + by)
