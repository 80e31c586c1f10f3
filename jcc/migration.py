"""Rewrites the Perl blocks of a file as native JCL or Python. The blocks' own translation is `codeblocks.migrate`."""

from __future__ import annotations

from dataclasses import dataclass

from jcc.diagnostics import Edit
from jcc.fixes import apply_edits
from jcc.frontend import ast
from jcc.frontend.codeblocks import language_of
from jcc.frontend.codeblocks.migrate import migrate_block
from jcc.frontend.tables import Block, Survey
from jcc.source import Source
from jcc.workspace import Workspace, analysed, source


@dataclass(frozen=True, slots=True)
class Migration:
    """The new text of a file, how many blocks were rewritten, and the lines of the Perl blocks that stay."""

    text: str
    rewritten: int
    left: tuple[int, ...]


def migrate_file(workspace: Workspace, path: str) -> Migration:
    """What becomes of a file; its text stays as it is where it has no Perl."""
    text = source(workspace, path)
    edits = []
    left = []
    for analysis in analysed(workspace, path):
        survey = analysis.model.survey
        for block in survey.blocks:
            if language_of(block.block)[0] != "perl":
                continue
            edit = edit_of(text, survey, block)
            if edit is None:
                left.append(text.position(block.block.span.start).line)
            else:
                edits.append(edit)
    return Migration(apply_edits(text.text, edits), len(edits), tuple(left))


def edit_of(text: Source, survey: Survey, block: Block) -> Edit | None:
    """What rewrites one Perl block of a definition, None where that cannot be said otherwise."""
    role = block.place.role if block.is_map else "value"
    written = migrate_block(block.block, role, block.place.implicit if block.is_map else "")
    if written is None:
        return None
    if not written.startswith("[") and block.block in _operands(survey):
        written = f"({written})"
    return Edit(block.block.span, _indented(text, block, written))


def _operands(survey: Survey) -> set[ast.Expression]:
    """The expressions that are parts of larger ones."""
    found: set[ast.Expression] = {unary.operand for unary in survey.unaries}
    found.update(match.subject for match in survey.matches)
    for binary in survey.binaries:
        found.update((binary.left, binary.right))
    return found


def _indented(text: Source, block: Block, written: str) -> str:
    """The rewritten block with the indentation of the line that it stands in."""
    lines = written.split("\n")
    line = text.line_text(text.position(block.block.span.start).line)
    indentation = line[: len(line) - len(line.lstrip())]
    return f"\n{indentation}".join(lines)
