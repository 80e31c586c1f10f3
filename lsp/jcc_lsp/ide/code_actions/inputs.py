"""The action that adds the inputs which a call must give and does not."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from jcc.diagnostics import Diagnostic, names
from jcc.frontend import ast
from jcc.frontend.checks.callees import callee_span
from jcc.frontend.checks.unit import spelled
from jcc.frontend.contracts import statement_contract
from jcc.frontend.model import SemanticModel
from jcc.frontend.symbols import Input
from jcc.frontend.tables import MapUse
from jcc.source import Span
from jcc.workspace import Workspace, parsed, source
from jcc_lsp.ide.code_actions.action import (
    QUICK_FIX,
    Action,
    Changes,
    indent_at,
    layout_of,
    line_end,
)
from jcc_lsp.ide.results import TextEdit
from jcc_lsp.ide.scene import analysis_at


def missing_inputs(workspace: Workspace, path: str, finding: Diagnostic) -> Iterator[Action]:
    """Give each missing input the argument or variable of its name."""
    analysis = analysis_at(workspace, path, finding.span.start)
    if finding.rule is not names.MISSING_INPUT or analysis is None:
        return
    for use in analysis.model.survey.maps:
        if use.place.implicit == "i" and callee_span(use.owner) == finding.span:
            missing = _missing(analysis.model, use)
            if missing and use.map.block is None:
                title = "add the missing input" if len(missing) == 1 else "add the missing inputs"
                changes = partial(_added, workspace, path, analysis.model, use, missing)
                yield Action(title, QUICK_FIX, changes, finding)


def _missing(model: SemanticModel, use: MapUse) -> list[Input]:
    contract = statement_contract(use.owner)
    callee = contract.signature if contract else model.callee_of(use.owner)
    if callee is None:
        return []
    given = {write.name for write in model.survey.writes if write.use is use and write.root == "i"}
    given.update(name.text for name, other in model.survey.copies if other is use)
    return [entry for entry in callee.inputs if entry.required and entry.name not in given]


def _added(
    workspace: Workspace, path: str, model: SemanticModel, use: MapUse, missing: list[Input]
) -> Changes:
    text, layout = source(workspace, path), layout_of(parsed(workspace, path))
    if use.map.items:
        last = use.map.items[-1].span.end
        indent = indent_at(text, use.map.items[0].span.start)
    else:
        last = _header(use.owner)
        indent = indent_at(text, use.owner.span.start) + layout.unit
    end = line_end(text, last)
    arguments = model.known.inputs
    lines = [
        f"{layout.eol}{indent}{spelled(entry.name)} = {'a' if entry.name in arguments else 'v'}.{spelled(entry.name)}"
        for entry in missing
    ]
    added = "".join(lines)
    if use.map.items or text.text[last:end].partition("#")[0].rstrip().endswith(":"):
        return Changes((TextEdit(path, Span(end, end), added),))
    # The header has no `:` yet.
    comment = text.text[:end].find("#", last)
    rest = text.text[comment:end] if comment >= 0 else ""
    header = len(text.text[: end - len(rest)].rstrip())
    gap = text.text[header : end - len(rest)] if rest else ""
    return Changes((TextEdit(path, Span(header, end), f":{gap}{rest}{added}"),))


def _header(owner: ast.Node) -> int:
    """An offset in the line below which the inputs stand."""
    if isinstance(owner, ast.InterfaceCall):
        return owner.selector.span.start
    return callee_span(owner).start
