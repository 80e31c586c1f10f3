"""The action that puts the body of a workflow in the place of the one call of it.

Simple cases only: what is native, runs through from top to bottom and has no settings of its own. The workflow itself stays,
for whoever else starts its jobs. Its variables get names that are free in the caller, and begin without a value where the call may be
made again; of an input that is given a plain path, the path takes the place.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Final, TypeAlias

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
from jcc_lsp.ide.code_actions.mentions import Mention, first_name, head_of, is_in, mentions
from jcc_lsp.ide.results import TextEdit
from jcc_lsp.ide.scene import analysis_at
from jcc_lsp.ide.wording import constant_text

_BOUND: Final = (
    *(ast.Return, ast.Goto, ast.Label, ast.Lock, ast.Unlock, ast.WaitForLock),
    *(ast.EventStatement, ast.WaitForEvent, ast.BrokenStatement),
)
_PLAIN: Final = (ast.InputSection, ast.OutputSection, ast.OutputMapSection, ast.BodySection)


Made: TypeAlias = dict[str, ast.Expression | ast.Name]
"""The value of each output, or the name of the variable that is copied to it."""


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
    signature = model.callee_of(call)
    if signature is None or signature.kind != "workflow" or signature.interface is not None:
        return None
    callers = incoming(workspace, signature.name)
    if sum(len(caller.places) for caller in callers) != 1 or not _is_native(call):
        return None
    text, other = source(workspace, path), source(workspace, signature.path)
    for analysis in analysed(workspace, signature.path):
        callee = analysis.model
        if callee.definition.name.text == signature.name and _is_simple(callee, other):
            if callee.definition is model.definition:
                return None
            return Inlined(model, call, text, callee, other)
    return None


def _is_native(call: ast.CallStatement) -> bool:
    maps = [call.inputs] if call.outputs is None else [call.inputs, call.outputs]
    return all(
        isinstance(item, ast.Assign | ast.Copy) for m in maps for item in m.items
    ) and not any(
        m.block or any(isinstance(item, ast.Copy) and item.everything for item in m.items)
        for m in maps
    )


def _is_simple(callee: SemanticModel, text: Source) -> bool:
    survey = callee.survey
    sections = callee.definition.sections
    return (
        all(isinstance(section, _PLAIN) for section in sections)
        and not any(isinstance(s, ast.InputSection) and s.keyword != "in" for s in sections)
        and not any(survey.of(kind) for kind in _BOUND)
        and not (survey.blocks or survey.everything or _copies_side_by_side(callee, text))
        and not (survey.reads_hidden or survey.writes_hidden)
        and _made(callee) is not None
    )


def _copies_side_by_side(callee: SemanticModel, text: Source) -> bool:
    """Whether something else stands in the line of a `<x>`: it could not become an assignment."""
    items = [item for use in callee.survey.maps for item in use.map.items]
    lines = Counter(text.position(item.span.start).line for item in items)
    return any(
        isinstance(item, ast.Copy) and lines[text.position(item.span.start).line] > 1
        for item in items
    )


def _made(callee: SemanticModel) -> Made | None:
    """What each output is made of; None where `wfomap` does more than to name values."""
    found: Made = {}
    for section in callee.survey.sections(ast.OutputMapSection):
        for item in section.map.items:
            match item:
                case ast.Assign(
                    op="=",
                    target=ast.Path(root=None | "o", keys=(ast.Field(name=name),)),
                    value=value,
                ):
                    found[name.text] = value
                case ast.Copy(names=names) if names:
                    found.update((name.text, name) for name in names)
                case _:
                    return None
        if any(
            r.use and r.use.map is section.map and r.path.root in ("o", "t")
            for r in callee.survey.reads
        ):
            return None
    return found


# -- the text -----------------------------------------------------------------------------------------------------


class _Writer:
    """Writes the callee's text in the caller's names."""

    def __init__(self, found: Inlined, layout: Layout) -> None:
        self.found = found
        self.layout = layout
        self.taken = {mention.name for mention in mentions(found.caller) if mention.root == "v"}
        own = (mention.name for mention in mentions(found.callee) if mention.root == "v")
        self.renamed = {name: self._free(name) for name in dict.fromkeys(own)}
        self.paths: dict[str, str] = {}
        self.fresh = list(self.renamed.values()) if self._may_come_again() else []

    def _may_come_again(self) -> bool:
        """Whether one job may reach the call twice. What the first time left in a variable, a new job would not have."""
        survey, call = self.found.caller.survey, self.found.call.span
        loops: list[ast.Node] = [*survey.of(ast.While), *survey.of(ast.Repeat)]
        return bool(survey.of(ast.Label)) or any(is_in(call, loop.span) for loop in loops)

    def _free(self, name: str) -> str:
        while name in self.taken:
            name += "_"
        self.taken.add(name)
        return name

    def lines(self) -> list[str]:
        return [*self._eval(self._inputs()), *self._body(), *self._eval(self._outputs())]

    def _eval(self, lines: list[str]) -> list[str]:
        return ["eval:", *(self.layout.unit + line for line in lines)] if lines else []

    # -- before the body

    def _inputs(self) -> list[str]:
        """What must be set before the body. For an input that is given a path, the path will stand."""
        given = self._given()
        prepared = [f"{spelled(name)} = null" for name in self.fresh]
        for entry in self.found.callee.signature.inputs:
            text = given.get(entry.name)
            if text is not None and text[:2] in ("a.", "v.", "e.") and text[2:].isidentifier():
                self.paths[entry.name] = text
                continue
            name = spelled(self._free(entry.name))
            prepared.append(f"{name} = {constant_text(entry.default) if text is None else text}")
            self.paths[entry.name] = f"v.{name}"
        return prepared

    def _given(self) -> dict[str, str]:
        given: dict[str, str] = {}
        for item in self.found.call.inputs.items:
            match item:
                case ast.Assign(target=ast.Path(keys=(ast.Field(name=name),)), value=value):
                    given[name.text] = self.found.text.text[value.span.start : value.span.end]
                case ast.Copy(names=copied):
                    given.update((name.text, f"v.{spelled(name.text)}") for name in copied)
                case _:
                    pass
        return given

    # -- the body

    def _body(self) -> list[str]:
        text = self.found.callee_text
        for section in self.found.callee.survey.sections(ast.BodySection):
            statements = section.body.statements
            if statements:
                start = line_start(text, statements[0].span.start)
                span = Span(start, line_end(text, statements[-1].span.end))
                indent = indent_at(text, statements[0].span.start)
                lines = self._rewritten(span).replace("\r\n", "\n").split("\n")
                return [line.removeprefix(indent).rstrip() for line in lines]
        return []

    def _rewritten(self, span: Span) -> str:
        """A part of the callee's text in the caller's names."""
        text = self.found.callee_text.text
        changes = dict(self._copies(span))
        copied = list(changes)
        for mention in mentions(self.found.callee):
            if is_in(mention.span, span) and not any(is_in(mention.span, one) for one in copied):
                changes[mention.span] = self._renamed(mention)
        pieces: list[str] = []
        at = span.start
        for where, new in sorted(changes.items()):
            pieces += (text[at : where.start], new)
            at = where.end
        return "".join((*pieces, text[at : span.end]))

    def _copies(self, span: Span) -> Iterator[tuple[Span, str]]:
        """Each `<x>` in a part of the callee's text: an assignment where the variable gets another name."""
        for use in self.found.callee.survey.maps:
            for item in use.map.items:
                if isinstance(item, ast.Copy) and is_in(item.span, span):
                    indent = indent_at(self.found.callee_text, item.span.start)
                    lines = [self._copied(name.text, use.place.source) for name in item.names]
                    yield item.span, f"\n{indent}".join(lines)

    def _copied(self, name: str, source: str) -> str:
        old, new = spelled(name), spelled(self.renamed[name])
        if old == new:
            return f"<{old}>"
        return f"{old} = v.{new}" if source == "v" else f"{new} = {source}.{old}"

    def _renamed(self, mention: Mention) -> str:
        if mention.root == "a":
            return self.paths[mention.name]
        name = spelled(self.renamed[mention.name])
        return name if mention.is_bare else f"v.{name}"

    # -- behind the body

    def _outputs(self) -> list[str]:
        """The caller's output map, with what the callee's `wfomap` would make in the place of `o`."""
        outputs = self.found.call.outputs
        if outputs is None:
            return []
        made = _made(self.found.callee) or {}
        lines: list[str] = []
        for item in outputs.items:
            match item:
                case ast.Assign():
                    lines.append(self._assigned(item, made))
                case ast.Copy(names=copied):
                    for name in copied:
                        lines.append(f"{spelled(name.text)} = {self._value(name.text, made)}")
                case _:
                    pass
        return lines

    def _assigned(self, item: ast.Assign, made: Made) -> str:
        text = self.found.text.text
        pieces: list[str] = []
        at = item.span.start
        reads = [read.path for read in self.found.caller.survey.reads if read.path.root == "o"]
        for path in sorted(reads, key=lambda path: path.span):
            if is_in(path.span, item.span):
                name = first_name(path)
                head = head_of(path)
                pieces += (text[at : head.start], self._value(name or "", made))
                at = head.end
        return "".join((*pieces, text[at : item.span.end]))

    def _value(self, name: str, made: Made) -> str:
        value = made.get(name)
        if value is None:
            return "null"
        if isinstance(value, ast.Name):
            return f"v.{spelled(self.renamed[name])}"
        text = self._rewritten(value.span)
        return text if isinstance(value, ast.Path | ast.Literal) else f"({text})"


def _changes(path: str, found: Inlined, layout: Layout) -> Changes:
    indent = indent_at(found.text, found.call.span.start)
    lines = _Writer(found, layout).lines()
    text = layout.eol.join(indent + line if line else line for line in lines)
    start = line_start(found.text, found.call.span.start)
    span = Span(start, line_end(found.text, found.call.span.end))
    return Changes((TextEdit(path, span, text),))
