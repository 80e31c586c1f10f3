"""Actions that declare what is used: locks, inputs and outputs, of the definition itself and of those it calls."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from jcc.diagnostics import Diagnostic, locks, names
from jcc.frontend import ast
from jcc.frontend.checks.unit import spelled
from jcc.frontend.model import SemanticModel
from jcc.frontend.point import point_of
from jcc.frontend.types import (
    BOOLEAN,
    INTEGER,
    NULL,
    NUMBER,
    STRING,
    UNSET,
    ArrayType,
    ObjectType,
    Type,
    members_of,
    widened,
)
from jcc.source import Span
from jcc.workspace import Workspace, parsed, signature, source
from jcc_lsp.ide.code_actions.action import (
    QUICK_FIX,
    Action,
    Changes,
    indent_at,
    layout_of,
    line_end,
    line_start,
)
from jcc_lsp.ide.occurrences import occurrences_at
from jcc_lsp.ide.results import TextEdit
from jcc_lsp.ide.scene import analysis_at
from jcc_lsp.ide.symbols import Kind, Occurrence

_ORDER = ("interface", "in", "out", "env", "wfenv", "role", "config", "locks", "wfomap", "do")


def declarations(workspace: Workspace, path: str, finding: Diagnostic) -> Iterator[Action]:
    """What would declare the name that a finding is about."""
    analysis = analysis_at(workspace, path, finding.span.start)
    if analysis is None:
        return
    model = analysis.model
    match finding.rule:
        case locks.LOCK_NOT_DECLARED:
            for occurrence in _about(workspace, path, finding, Kind.LOCK):
                name = spelled(occurrence.symbol.name)
                title = f"declare the lock `{name}`"
                yield _action(
                    title, finding, workspace, path, model.definition, "locks", f"{name} _ manual"
                )
        case locks.LOCK_NOT_MANUAL:
            yield from _manual(path, finding, model)
        case names.UNDECLARED_OUTPUT | names.UNKNOWN_OUTPUT:
            yield from _entries(workspace, path, finding, model, Kind.OUTPUT, "out")
        case names.OUTPUT_NOT_MADE:
            yield from _made(workspace, path, finding, model)
        case names.UNKNOWN_INPUT | names.UNKNOWN_ARGUMENT:
            yield from _entries(workspace, path, finding, model, Kind.INPUT, "in")
        case _:
            pass


def _manual(path: str, finding: Diagnostic, model: SemanticModel) -> Iterator[Action]:
    """Let a statement take the lock, and no longer the job at its start."""
    taken: list[ast.Lock | ast.Unlock | ast.WaitForLock] = [
        *model.survey.of(ast.Lock),
        *model.survey.of(ast.Unlock),
        *model.survey.of(ast.WaitForLock),
    ]
    type = next((one.type.text for one in taken if one.type.span == finding.span), None)
    for section in model.survey.sections(ast.LocksSection):
        for entry in section.entries:
            if entry.type.text == type and entry.value is not None:
                at = entry.value.span.end
                changes = partial(Changes, (TextEdit(path, Span(at, at), " manual"),))
                yield Action(f"declare the lock `{type}` as `manual`", QUICK_FIX, changes, finding)
                return


def _made(
    workspace: Workspace, path: str, finding: Diagnostic, model: SemanticModel
) -> Iterator[Action]:
    """Make an output in `wfomap:` from the variable of its name, or do without it."""
    for section in model.survey.sections(ast.OutputSection):
        for entry in section.entries:
            if entry.name.span == finding.span:
                name = spelled(entry.name.text)
                line = f"{name} = v.{name}"
                title = f"make the output `{name}` in `wfomap:`"
                yield _action(title, finding, workspace, path, model.definition, "wfomap", line)
                end = entry.type.span.end
                changes = partial(Changes, (TextEdit(path, Span(end, end), "\toptional"),))
                yield Action(f"declare `{name}` as `optional`", QUICK_FIX, changes, finding)


def _about(
    workspace: Workspace, path: str, finding: Diagnostic, kind: Kind
) -> Iterator[Occurrence]:
    for occurrence in occurrences_at(workspace, path, finding.span.start):
        if occurrence.symbol.kind is kind and occurrence.span.start == finding.span.start:
            yield occurrence


def _entries(
    workspace: Workspace,
    path: str,
    finding: Diagnostic,
    model: SemanticModel,
    kind: Kind,
    section: str,
) -> Iterator[Action]:
    """An input or output of its owner, which may be in another file."""
    what = "input" if section == "in" else "output"
    for occurrence in _about(workspace, path, finding, kind):
        symbol = occurrence.symbol
        found = definition_of(workspace, symbol.owner)
        if found is None:
            continue
        where, definition = found
        if definition is model.definition or symbol.owner == model.definition.name.text:
            title = f"declare the {what} `{symbol.name}`"
        else:
            title = f"declare the {what} `{symbol.name}` in `{symbol.owner}`"
        type = type_name(_type_of(model, occurrence))
        line = f"{spelled(symbol.name)}\t{type}"
        yield _action(title, finding, workspace, where, definition, section, line)


def _type_of(model: SemanticModel, occurrence: Occurrence) -> Type | None:
    """The type of what is given, where a name is written."""
    for write in model.survey.writes:
        if write.item.target.span.start <= occurrence.span.start < write.item.target.span.end:
            return model.types.get(write.item.value)
    for name, use in model.survey.copies:
        if name.span == occurrence.span and use.place.implicit in "io":
            return point_of(model, name.span.start).lookup(use.place.source, name.text)
    return None


def type_name(type: Type | None) -> str:
    """A type as a declaration can name it; `any` for what no name fits."""
    if type is None:
        return "any"
    members = [member for member in members_of(widened(type)) if member not in (NULL, UNSET)]
    suffix = "?" if len(members) < len(list(members_of(widened(type)))) else ""
    if set(members) == {INTEGER, NUMBER}:
        members = [NUMBER]
    match members:
        case [ArrayType(item=item)]:
            name = type_name(item)
            return ("array" if name == "any" else f"{name}[]") + suffix
        case [ObjectType()]:
            return f"object{suffix}"
        case [member] if member in (BOOLEAN, INTEGER, NUMBER, STRING):
            return f"{member.name}{suffix}"
        case _:
            return "any"


def definition_of(workspace: Workspace, name: str) -> tuple[str, ast.Definition] | None:
    """The file and the tree of the definition of a name."""
    found = signature(workspace, name)
    if found is None or not found.path:
        return None
    for definition in parsed(workspace, found.path).file.definitions:
        if definition.name.text == name:
            return found.path, definition
    return None


def _action(
    title: str,
    finding: Diagnostic,
    workspace: Workspace,
    path: str,
    definition: ast.Definition,
    section: str,
    line: str,
) -> Action:
    return Action(
        title, QUICK_FIX, partial(_declared, workspace, path, definition, section, line), finding
    )


def _declared(
    workspace: Workspace, path: str, definition: ast.Definition, section: str, line: str
) -> Changes:
    return Changes((declaring(workspace, path, definition, section, line),))


# -- the edit -----------------------------------------------------------------------------------------------------


def declaring(
    workspace: Workspace, path: str, definition: ast.Definition, section: str, line: str
) -> TextEdit:
    """The edit that adds a line to a section of a definition, with the section if it is not there."""
    text, layout = source(workspace, path), layout_of(parsed(workspace, path))
    behind: ast.Section | None = None
    for found in definition.sections:
        word = section_word(found)
        if word == section:
            end = line_end(text, found.span.end)
            entries = indent_at(text, found.span.end)
            if found.span.end <= line_end(text, found.span.start):
                entries = indent_at(text, found.span.start) + layout.unit
            return TextEdit(path, Span(end, end), f"{layout.eol}{entries}{line}")
        if word and _ORDER.index(word) > _ORDER.index(section) and behind is None:
            behind = found
    if behind is not None:
        at = line_start(text, behind.span.start)
        indent = indent_at(text, behind.span.start)
        added = f"{indent}{section}:{layout.eol}{indent}{layout.unit}{line}{layout.eol}"
        return TextEdit(path, Span(at, at), added)
    end = line_end(text, definition.span.end)
    indent = indent_at(text, definition.span.start) + layout.unit
    return TextEdit(
        path,
        Span(end, end),
        f"{layout.eol}{indent}{section}:{layout.eol}{indent}{layout.unit}{line}",
    )


def section_word(section: ast.Section) -> str:
    """The word that a section begins with; '' for a broken one."""
    match section:
        case ast.InputSection(keyword=keyword) | ast.ConstantSection(keyword=keyword):
            return keyword
        case ast.OutputSection():
            return "out"
        case ast.InterfaceSection():
            return "interface"
        case ast.RoleSection():
            return "role"
        case ast.LocksSection():
            return "locks"
        case ast.OutputMapSection():
            return "wfomap"
        case ast.BodySection():
            return "do"
        case ast.BrokenSection():
            return ""
