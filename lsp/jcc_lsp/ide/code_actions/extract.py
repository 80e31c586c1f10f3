"""The action that makes a workflow of the selected statements. One that is selected in part is taken whole.

Its inputs are the variables and arguments that they read, its outputs the variables that they set and something else reads.
Statements that only make sense in their own job (jumps, locks, subscriptions) cannot be moved.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Final

from jcc.frontend import ast
from jcc.frontend.checks.unit import spelled
from jcc.frontend.model import SemanticModel
from jcc.frontend.places import EXPRESSION, OUTPUTS_OF_JOB
from jcc.frontend.point import Point, point_at
from jcc.frontend.types import UNSET, Type, members_of
from jcc.source import Source, Span
from jcc.workspace import Workspace, names, parsed, source
from jcc_lsp.ide.code_actions.action import (
    EXTRACT,
    Action,
    Changes,
    Layout,
    NewFile,
    indent_at,
    layout_of,
    line_end,
    line_start,
)
from jcc_lsp.ide.code_actions.declare import type_name
from jcc_lsp.ide.code_actions.mentions import is_in, mentions
from jcc_lsp.ide.results import TextEdit
from jcc_lsp.ide.scene import analysis_at

_BOUND: Final = (
    *(ast.Return, ast.Goto, ast.Label, ast.Lock, ast.Unlock, ast.WaitForLock),
    *(ast.EventStatement, ast.WaitForEvent, ast.BrokenStatement),
)
_OF_THE_JOB: Final = frozenset({"_error", "_v", "_i"})


@dataclass(frozen=True, slots=True)
class Selection:
    """Statements of one block; `span` covers their lines, `following` is the statement behind them in the block."""

    statements: tuple[ast.Statement, ...]
    following: ast.Statement | None
    span: Span


@dataclass(frozen=True, slots=True)
class Entry:
    """An input or output of the new workflow: `path` is what it is in the old one."""

    name: str
    path: str
    type: Type


def extractions(
    workspace: Workspace, path: str, span: Span, *, new_files: bool
) -> Iterator[Action]:
    """The action, if statements are selected, at least a part of each, that can be moved. Without `new_files` the workflow goes into this file."""
    analysis = analysis_at(workspace, path, span.start)
    if analysis is None or not span.end > span.start:
        return
    selection = selected(analysis.model, source(workspace, path), span)
    if selection is not None:
        changes = partial(_changes, workspace, path, analysis.model, selection, new_files)
        yield Action("extract to a workflow", EXTRACT, changes)


# -- what is selected ---------------------------------------------------------------------------------------------


def selected(model: SemanticModel, text: Source, span: Span) -> Selection | None:
    """The statements that a selection touches, in the innermost block that holds it; None where there are none or they cannot be
    moved."""
    chosen = text.text[span.start : span.end]
    start = span.start + len(chosen) - len(chosen.lstrip())
    end = span.start + len(chosen.rstrip())
    for block in reversed(model.survey.sequences):
        statements = block.statements
        inside = [n for n, s in enumerate(statements) if s.span.start < end and start < s.span.end]
        if not inside:
            continue
        first, last = statements[inside[0]], statements[inside[-1]]
        before = text.text[start : max(start, first.span.start)]
        behind = text.text[min(end, last.span.end) : end]
        if not (_is_comment(before) and _is_comment(behind)):
            continue
        whole = Span(line_start(text, first.span.start), line_end(text, last.span.end))
        rest = statements[inside[-1] + 1 :]
        if _is_movable(model, whole):
            chosen_ones = statements[inside[0] : inside[-1] + 1]
            return Selection(chosen_ones, rest[0] if rest else None, whole)
        return None
    return None


def _is_comment(text: str) -> bool:
    return all(line.lstrip()[:1] in ("", "#") for line in text.split("\n"))


def _is_movable(model: SemanticModel, span: Span) -> bool:
    survey = model.survey
    if survey.writes_hidden or survey.reads_hidden:
        return False
    if any(is_in(node.span, span) for kind in _BOUND for node in survey.of(kind)):
        return False
    if any(is_in(item.span, span) for item, _ in survey.everything):
        return False
    if any(_is_of_the_job(read.path) and is_in(read.path.span, span) for read in survey.reads):
        return False
    blocks = [model.blocks[b.block] for b in survey.blocks if is_in(b.block.span, span)]
    return all(
        block.facts.complete and not any(("e", name) in block.facts.reads for name in _OF_THE_JOB)
        for block in blocks
    )


def _is_of_the_job(path: ast.Path) -> bool:
    """The error that is being handled is this job's alone."""
    match path:
        case ast.Path(root="e", keys=(ast.Field(name=name), *_)):
            return name.text == "_error"
        case _:
            return False


# -- what goes in and out -----------------------------------------------------------------------------------------


def _exchange(model: SemanticModel, selection: Selection) -> tuple[list[Entry], list[Entry]]:
    """The inputs and the outputs of the new workflow."""
    found = list(mentions(model))
    inside = [mention for mention in found if is_in(mention.span, selection.span)]
    outside = [mention for mention in found if not is_in(mention.span, selection.span)]
    needed = {m.name for m in outside if m.root == "v" and m.reads}
    made = [m.name for m in inside if m.root == "v" and m.writes and m.name in needed]
    read = [m.name for m in inside if m.root == "v" and m.reads]
    before = point_at(model, EXPRESSION, selection.statements[0].span.start, 0)
    arguments = dict.fromkeys(m.name for m in inside if m.root == "a")
    inputs = [Entry(name, f"a.{spelled(name)}", before.lookup("a", name)) for name in arguments]
    taken = set(arguments)
    for name in dict.fromkeys((*read, *made)):
        type = before.lookup("v", name)
        if type is not UNSET:
            free = _free(name, taken)
            taken.add(free)
            inputs.append(Entry(free, f"v.{spelled(name)}", type))
    after = _behind(model, selection)
    outputs = [Entry(name, f"v.{spelled(name)}", after.lookup("v", name)) for name in made]
    return inputs, list({entry.name: entry for entry in outputs}.values())


def _free(name: str, taken: set[str]) -> str:
    while name in taken:
        name += "_"
    return name


def _behind(model: SemanticModel, selection: Selection) -> Point:
    """What is known behind the selected statements; at the end of a block, what is known at the end of the job."""
    if selection.following is not None:
        return point_at(model, EXPRESSION, selection.following.span.start, 0)
    return point_at(model, OUTPUTS_OF_JOB, model.definition.span.start, 0)


# -- the texts ----------------------------------------------------------------------------------------------------


def _changes(
    workspace: Workspace, path: str, model: SemanticModel, selection: Selection, new_files: bool
) -> Changes:
    text, layout = source(workspace, path), layout_of(parsed(workspace, path))
    inputs, outputs = _exchange(model, selection)
    name = _new_name(workspace, model.definition.name.text)
    written = spelled(name, dotted=True)
    indent = indent_at(text, selection.statements[0].span.start)
    call = layout.eol.join(indent + line for line in _call(written, inputs, outputs, layout))
    edits = [TextEdit(path, selection.span, call)]
    body = _moved(text.text[selection.span.start : selection.span.end], indent, layout)
    whole = _workflow(written, inputs, outputs, body, layout)
    if new_files:
        return Changes(tuple(edits), NewFile(f"{name}.wf", whole))
    end = len(text.text)
    gap = layout.eol if text.text.endswith("\n") else 2 * layout.eol
    edits.append(TextEdit(path, Span(end, end), gap + whole))
    return Changes(tuple(edits))


def _new_name(workspace: Workspace, owner: str) -> str:
    taken = set(names(workspace))
    number = 1
    while (name := f"{owner}_part{number}") in taken:
        number += 1
    return name


def _call(name: str, inputs: list[Entry], outputs: list[Entry], layout: Layout) -> list[str]:
    lines = [f"call {name}:"]
    lines += [f"{layout.unit}{spelled(entry.name)} = {entry.path}" for entry in inputs]
    if outputs:
        lines.append("into:")
    for entry in outputs:
        value = f"o.{spelled(entry.name)}"
        value = f"ifdef({value})" if _may_be_unset(entry) else value
        lines.append(f"{layout.unit}{spelled(entry.name)} = {value}")
    return lines


def _may_be_unset(entry: Entry) -> bool:
    return UNSET in members_of(entry.type)


def _moved(text: str, indent: str, layout: Layout) -> list[str]:
    """The selected lines, one level below `do:`."""
    lines = text.replace("\r\n", "\n").split("\n")
    return [
        2 * layout.unit + line.removeprefix(indent) if line.strip() else line.strip()
        for line in lines
    ]


def _workflow(
    name: str, inputs: list[Entry], outputs: list[Entry], body: list[str], layout: Layout
) -> str:
    one, two, three = layout.unit, 2 * layout.unit, 3 * layout.unit
    lines = [f"workflow {name}:"]
    if inputs:
        lines.append(f"{one}in:")
        lines += [f"{two}{spelled(e.name)}\t{type_name(e.type)}" for e in inputs]
    if outputs:
        lines.append(f"{one}out:")
        for entry in outputs:
            behind = "\toptional" if _may_be_unset(entry) else ""
            type = type_name(entry.type).removesuffix("?") if behind else type_name(entry.type)
            lines.append(f"{two}{spelled(entry.name)}\t{type}{behind}")
        lines.append(f"{one}wfomap:")
        for entry in outputs:
            value = f"ifdef({entry.path})" if _may_be_unset(entry) else entry.path
            lines.append(f"{two}{spelled(entry.name)} = {value}")
    lines.append(f"{one}do:")
    variables = [entry for entry in inputs if entry.path.startswith("v.")]
    if variables:
        lines.append(f"{two}eval:")
        lines += [f"{three}{e.path.removeprefix('v.')} = a.{spelled(e.name)}" for e in variables]
    return layout.eol.join([*lines, *body, ""])
