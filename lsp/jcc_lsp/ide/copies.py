"""`<x>` copies a name to the same name. Where one of the two gets another name, it becomes an assignment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from jcc.frontend import ast
from jcc.frontend.checks.unit import spelled
from jcc.query import query
from jcc.source import Span
from jcc.workspace import Workspace, source
from jcc_lsp.ide.occurrences import surveys
from jcc_lsp.ide.results import TextEdit
from jcc_lsp.ide.symbols import Occurrence, Role


def expanded(
    workspace: Workspace, path: str, names: Mapping[Span, Occurrence], new: str
) -> Iterator[TextEdit]:
    """The edits that give the copied names at these places a new name, on the side that each occurrence is of."""
    text = source(workspace, path).text
    for item in copies_in(workspace, path):
        if any(span in names for _, span in item.names):
            yield from _expanded(text, path, item, names, new)


class CopyItem(NamedTuple):
    """One `<x, y>`: where it is, its names with their places, and the letter of the object that it copies from."""

    span: Span
    names: tuple[tuple[str, Span], ...]
    source: str


@query
def copies_in(workspace: Workspace, path: str) -> tuple[CopyItem, ...]:
    """Every `<x>` of a file."""
    return tuple(
        CopyItem(item.span, tuple((name.text, name.span) for name in item.names), use.place.source)
        for survey in surveys(workspace, path)
        for use in survey.maps
        for item in use.map.items
        if isinstance(item, ast.Copy) and item.names
    )


def _expanded(
    text: str,
    path: str,
    item: CopyItem,
    names: Mapping[Span, Occurrence],
    new: str,
) -> Iterator[TextEdit]:
    lines = [_assignment(item.source, names[span], new) for _, span in item.names if span in names]
    others = [spelled(name) for name, span in item.names if span not in names]
    start = text.rfind("\n", 0, item.span.start) + 1
    end = text.find("\n", item.span.end)
    end = len(text) if end < 0 else end - text.startswith("\r", end - 1)
    line = text[start:end]
    indent = line[: len(line) - len(line.lstrip())]
    before, behind = text[start : item.span.start], text[item.span.end : end]
    alone = not before.strip() and (not behind.strip() or behind.lstrip().startswith("#"))
    if others:
        yield TextEdit(path, item.span, f"<{', '.join(others)}>")
    elif alone:
        yield TextEdit(path, item.span, lines.pop(0))
    else:
        gap = len(behind) - len(behind.lstrip(" \t"))
        yield TextEdit(path, Span(item.span.start, item.span.end + gap), "")
    if lines:
        line_break = "\r\n" if text.startswith("\r", end) else "\n"
        added = "".join(f"{line_break}{indent}{line}" for line in lines)
        yield TextEdit(path, Span(end, end), added)


def _assignment(source: str, occurrence: Occurrence, new: str) -> str:
    old = occurrence.symbol.name
    target, read = (old, new) if occurrence.role is Role.READ else (new, old)
    return f"{spelled(target)} = {source}.{spelled(read)}"
