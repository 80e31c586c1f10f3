"""The action that makes what is called and is not there: with the inputs that the call gives it, and the outputs that it takes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from typing import Final

from jcc.diagnostics import Diagnostic, names
from jcc.frontend import ast
from jcc.frontend.checks.unit import spelled
from jcc.frontend.model import SemanticModel
from jcc.frontend.point import point_of
from jcc.frontend.tables import Calling
from jcc.source import Span
from jcc.workspace import Workspace, parsed, source
from jcc_lsp.ide.code_actions.action import (
    QUICK_FIX,
    Action,
    Changes,
    Layout,
    NewFile,
    layout_of,
)
from jcc_lsp.ide.code_actions.declare import type_name
from jcc_lsp.ide.results import TextEdit
from jcc_lsp.ide.scene import analysis_at

_KINDS: Final = {names.UNKNOWN_ACTION: "action", names.UNKNOWN_WORKFLOW: "workflow"}
_SUFFIXES: Final = {"action": "ac", "workflow": "wf"}


def missing_definitions(
    workspace: Workspace, path: str, finding: Diagnostic, *, new_files: bool
) -> Iterator[Action]:
    """Make the action or workflow that a statement calls. Without `new_files` it goes into this file."""
    kind = _KINDS.get(finding.rule)
    analysis = analysis_at(workspace, path, finding.span.start)
    if kind is None or analysis is None:
        return
    for node in analysis.model.survey.callings:
        if not isinstance(node, ast.InterfaceCall) and node.callee.span == finding.span:
            name = node.callee.text
            changes = partial(_changes, workspace, path, analysis.model, node, kind, new_files)
            yield Action(f"create the {kind} `{name}`", QUICK_FIX, changes, finding)


def _changes(
    workspace: Workspace,
    path: str,
    model: SemanticModel,
    node: Calling,
    kind: str,
    new_files: bool,
) -> Changes:
    text, layout = source(workspace, path).text, layout_of(parsed(workspace, path))
    assert not isinstance(node, ast.InterfaceCall)
    name = node.callee.text
    lines = _lines(kind, name, _inputs(model, node), _outputs(model, node), layout)
    whole = layout.eol.join([*lines, ""])
    if new_files and re.fullmatch(r"\w[\w.-]*", name):
        return Changes((), NewFile(f"{name}.{_SUFFIXES[kind]}", whole))
    gap = layout.eol if text.endswith("\n") else 2 * layout.eol
    return Changes((TextEdit(path, Span(len(text), len(text)), gap + whole),))


def _inputs(model: SemanticModel, node: Calling) -> dict[str, str]:
    """The inputs that a call gives, with their types."""
    found: dict[str, str] = {}
    for write in model.survey.writes:
        if write.use.owner is node and write.root == "i" and write.name is not None:
            found.setdefault(write.name, type_name(model.types.get(write.item.value)))
    for name, use in model.survey.copies:
        if use.owner is node and use.place.implicit == "i":
            type = point_of(model, name.span.start).lookup(use.place.source, name.text)
            found.setdefault(name.text, type_name(type))
    return found


def _outputs(model: SemanticModel, node: Calling) -> dict[str, str]:
    """The outputs that are read where it has returned."""
    read = [
        path.keys[0].name.text
        for path, _, use in model.survey.reads
        if use is not None and use.owner is node and path.root == "o"
        if path.keys and isinstance(path.keys[0], ast.Field)
    ]
    read += [
        name.text
        for name, use in model.survey.copies
        if use.owner is node and use.place.source == "o"
    ]
    return dict.fromkeys(read, "any")


def _lines(
    kind: str, name: str, inputs: dict[str, str], outputs: dict[str, str], layout: Layout
) -> list[str]:
    one, two = layout.unit, 2 * layout.unit
    lines = [f"{kind} {spelled(name, dotted=True)}:"]
    for section, entries in (("in", inputs), ("out", outputs)):
        if entries:
            lines.append(f"{one}{section}:")
            lines += [f"{two}{spelled(entry)}\t{type}" for entry, type in entries.items()]
    if kind == "workflow":
        if outputs:
            lines.append(f"{one}wfomap:")
            lines += [f"{two}{spelled(entry)} = v.{spelled(entry)}" for entry in outputs]
        lines += [f"{one}do:", f"{two}raise_error 'this is to be written'"]
    return lines
