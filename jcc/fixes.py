"""Applies the fixes of findings to a text. Of two that touch the same place the first counts; the other is found again."""

from __future__ import annotations

from collections.abc import Iterable

from jcc.diagnostics import Diagnostic, Edit


def apply_fixes(text: str, found: Iterable[Diagnostic], *, unsafe: bool) -> tuple[str, int]:
    """The mended text and how many findings were mended. `unsafe` takes the fixes too that may change what it does."""
    edits, count = edits_of(found, unsafe=unsafe)
    return apply_edits(text, edits), count


def edits_of(found: Iterable[Diagnostic], *, unsafe: bool) -> tuple[list[Edit], int]:
    """The edits of fixes that can be made together, and how many findings they mend."""
    edits: list[Edit] = []
    count = 0
    for diagnostic in found:
        fix = diagnostic.fix
        if fix is None or not (fix.safe or unsafe):
            continue
        if any(_touch(edit, other) for edit in fix.edits for other in edits):
            continue
        edits += fix.edits
        count += 1
    return edits, count


def apply_edits(text: str, edits: Iterable[Edit]) -> str:
    """The text with edits that do not touch each other; their spans are those of `text`."""
    pieces = []
    at = len(text)
    for edit in sorted(edits, key=lambda e: e.span, reverse=True):
        pieces += [text[edit.span.end : at], edit.text]
        at = edit.span.start
    pieces.append(text[:at])
    return "".join(reversed(pieces))


def _touch(one: Edit, other: Edit) -> bool:
    return one.span.start <= other.span.end and other.span.start <= one.span.end
