"""The action that puts the body of a workflow in the place of the one call of it.

Simple cases only: what is native, runs through from top to bottom and has no settings of its own. The workflow itself stays,
for whoever else starts its jobs. Its variables get names that are free in the caller; of an input that is given a plain path,
the path takes the place.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Final

from jcc.frontend import ast
from jcc.frontend.checks.unit import spelled
from jcc.frontend.model import SemanticModel
from jcc.source import Source, Span
from jcc.workspace import Workspace, analysed, parsed, source
from jcc_lsp.ide.calls import incoming
from jcc_lsp.ide.code_actions.action import (
    INLINE,
    Action,
    Changes,
    Layout,
    indent_at,
    layout_of,
    line_end,
    line_start,
)
from jcc_lsp.ide.code_actions.mentions import Mention, is_in, mentions
from jcc_lsp.ide.results import TextEdit
from jcc_lsp.ide.scene import analysis_at
from jcc_lsp.ide.wording import constant_text

_BOUND: Final = (
    *(ast.Return, ast.Goto, ast.Label, ast.Lock, ast.Unlock, ast.WaitForLock),
    *(ast.EventStatement, ast.WaitForEvent, ast.BrokenStatement),
)
_PLAIN: Final = (ast.InputSection, ast.OutputSection, ast.OutputMapSection, ast.BodySection)


@dataclass(frozen=True, slots=True)
class Inlined:
    """A call and the workflow that it calls, each with its text."""

    caller: SemanticModel
    call: ast.CallStatement
    text: Source
    callee: SemanticModel
    callee_text: Source


def inlinings(workspace: Workspace, path: str, offset: int) -> Iterator[Action]:
    """The action, if the cursor is on the name in the one call of a workflow."""
    analysis = analysis_at(workspace, path, offset)
    if analysis is None:
        return
    for call in analysis.model.survey.of(ast.CallStatement):
        if call.callee.span.start <= offset <= call.callee.span.end:
            found = _inlined(workspace, path, analysis.model, call)
            if found is not None:
                title = f"inline the workflow `{call.callee.text}`"
                layout = layout_of(parsed(workspace, path))
                yield Action(title, INLINE, partial(_changes, path, found, layout))


def _inlined(
    workspace: Workspace, path: str, model: SemanticModel, call: ast.CallStatement
) -> Inlined | None:
    signature = model.callees.get(call)
    if signature is None or signature.kind != "workflow" or signature.interface is not None:
        return None
    callers = incoming(workspace, signature.name)
    if sum(len(caller.places) for caller in callers) != 1 or not _is_native(call):
        return None
    for analysis in analysed(workspace, signature.path):
        callee = analysis.model
        if callee.definition.name.text == signature.name and _is_simple(callee):
            if callee.definition is model.definition:
                return None
            text, other = source(workspace, path), source(workspace, signature.path)
            return Inlined(model, call, text, callee, other)
    return None


def _is_native(call: ast.CallStatement) -> bool:
    maps = [call.inputs] if call.outputs is None else [call.inputs, call.outputs]
    return all(isinstance(item, ast.Assign | ast.Copy) for m in maps for item in m.items) and not any(
        m.block or any(isinstance(item, ast.Copy) and item.everything for item in m.items) for m in maps
    )


def _is_simple(callee: SemanticModel) -> bool:
    survey = callee.survey
    sections = callee.definition.sections
    return (
        all(isinstance(section, _PLAIN) for section in sections)
        and not any(isinstance(s, ast.InputSection) and s.keyword != "in" for s in sections)
        and not any(survey.of(kind) for kind in _BOUND)
        and not (survey.blocks or survey.everything or survey.copies)
        and not (survey.reads_hidden or survey.writes_hidden)
    )


# -- the text -----------------------------------------------------------------------------------------------------


def _changes(path: str, found: Inlined, layout: Layout) -> Changes:
    taken = {mention.name for mention in mentions(found.caller) if mention.root == "v"}
    renamed = {
        name: _free(name, taken)
        for name in dict.fromkeys(m.name for m in mentions(found.callee) if m.root == "v")
    }
    prepared, paths = _inputs(found, taken | set(renamed.values()))
    body = _body(found, renamed, paths)
    outputs = _outputs(found, renamed, paths)
    indent = indent_at(found.text, found.call.span.start)
    lines = _eval(prepared, layout) + _shifted(body, layout) + _eval(outputs, layout)
    span = Span(
        line_start(found.text, found.call.span.start), line_end(found.text, found.call.span.end)
    )
    text = layout.eol.join(indent + line if line else line for line in lines)
    return Changes((TextEdit(path, span, text),))


def _free(name: str, taken: set[str]) -> str:
    while name in taken:
        name += "_"
    return name


def _eval(lines: list[str], layout: Layout) -> list[str]:
    return ["eval:", *(layout.unit + line for line in lines)] if lines else []


def _inputs(found: Inlined, taken: set[str]) -> tuple[list[str], dict[str, str]]:
    """What must be set before the body, and the path that stands for each input."""
    given: dict[str, tuple[ast.Expression | None, str]] = {}
    for item in found.call.inputs.items:
        match item:
            case ast.Assign(target=ast.Path(keys=(ast.Field(name=name), *_)), value=value):
                given[name.text] = value, _text(found.text, value.span)
            case ast.Copy(names=copied):
                given.update((n.text, (None, f"v.{spelled(n.text)}")) for n in copied)
            case _:
                pass
    prepared: list[str] = []
    paths: dict[str, str] = {}
    for entry in found.callee.signature.inputs:
        value, text = given.get(entry.name, (None, constant_text(entry.default)))
        is_path = entry.name in given and (value is None or isinstance(value, ast.Path))
        if is_path and text[:2] in ("a.", "v.", "e."):
            paths[entry.name] = text
            continue
        name = _free(entry.name, taken)
        taken.add(name)
        prepared.append(f"{spelled(name)} = {text}")
        paths[entry.name] = f"v.{spelled(name)}"
    return prepared, paths


def _text(text: Source, span: Span) -> str:
    return text.text[span.start : span.end]


def _body(found: Inlined, renamed: dict[str, str], paths: dict[str, str]) -> list[str]:
    """The lines of the body, with the names that they have in the caller."""
    for section in found.callee.survey.sections(ast.BodySection):
        statements = section.body.statements
        if statements:
            text = found.callee_text
            span = Span(
                line_start(text, statements[0].span.start), line_end(text, statements[-1].span.end)
            )
            indent = indent_at(text, statements[0].span.start)
            lines = _rewritten(found, span, renamed, paths).replace("\r\n", "\n").split("\n")
            return [line.removeprefix(indent).rstrip() for line in lines]
    return []


def _shifted(lines: list[str], layout: Layout) -> list[str]:
    return lines


def _rewritten(
    found: Inlined, span: Span, renamed: dict[str, str], paths: dict[str, str]
) -> str:
    """A part of the callee's text in the caller's names."""
    text = found.callee_text.text
    pieces: list[str] = []
    at = span.start
    inside = sorted(
        {m.span: m for m in mentions(found.callee) if is_in(m.span, span)}.values(),
        key=lambda mention: mention.span,
    )
    for mention in inside:
        if mention.span.start < at:
            continue
        pieces.append(text[at : mention.span.start])
        whole = _text(found.callee_text, mention.span)
        pieces.append(_replaced(whole, mention, renamed, paths))
        at = mention.span.end
    pieces.append(text[at : span.end])
    return "".join(pieces)


def _replaced(
    whole: str, mention: Mention, renamed: dict[str, str], paths: dict[str, str]
) -> str:
    """A path with its first name changed. Indexes in it are left to the caller of this one: they are mentions too."""
    first = spelled(mention.name)
    if mention.root == "a":
        return paths.get(mention.name, whole[: len(first) + 2]) + whole[len(first) + 2 :]
    new = spelled(renamed.get(mention.name, mention.name))
    if whole.startswith("v."):
        return f"v.{new}" + whole[len(first) + 2 :]
    return new + whole[len(first) :]
