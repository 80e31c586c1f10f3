"""Lenses above definitions: how often each is called, and for workflows to run it and to show its graph."""

from __future__ import annotations

from typing import NamedTuple

from jcc.source import Span
from jcc.workspace import Workspace, parsed
from jcc_lsp.ide.calls import incoming
from jcc_lsp.ide.results import Location


class CodeLens(NamedTuple):
    """`kind` is `callers`, `run` or `graph`; `name` that of the definition, which `span` covers."""

    span: Span
    kind: str
    name: str


def code_lenses(workspace: Workspace, path: str) -> list[CodeLens]:
    """The lenses of a file, without what takes time to find out."""
    found = []
    for definition in parsed(workspace, path).file.definitions:
        name = definition.name
        if not name.text:
            continue
        if definition.kind == "workflow":
            found.append(CodeLens(name.span, "run", name.text))
            found.append(CodeLens(name.span, "graph", name.text))
        found.append(CodeLens(name.span, "callers", name.text))
    return found


def callers(workspace: Workspace, name: str) -> list[Location]:
    """The places where a definition is called."""
    return [
        Location(calls.unit.path, span)
        for calls in incoming(workspace, name)
        for span in calls.places
    ]


def callers_title(count: int) -> str:
    match count:
        case 0:
            return "no callers"
        case 1:
            return "1 caller"
        case _:
            return f"{count} callers"
