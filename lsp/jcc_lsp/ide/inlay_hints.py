"""Hints between the words: the type of a variable where it is first set, and the defaults of inputs that a call leaves out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from jcc.frontend import ast
from jcc.frontend.model import SemanticModel
from jcc.frontend.point import point_of
from jcc.frontend.symbols import Signature
from jcc.frontend.types import ANY, UNKNOWN, UNSET, display, widened
from jcc.source import Span
from jcc.workspace import Workspace, analysed, source
from jcc_lsp.ide.wording import Topic, constant_text

_LONGEST = 40  # characters; a longer type is cut off, hover shows it whole


class InlayHint(NamedTuple):
    """`is_type` tells a type from defaults. `topic` is what there is to say about it."""

    offset: int
    text: str
    is_type: bool
    topic: Topic | None = None


def inlay_hints(workspace: Workspace, path: str, span: Span) -> list[InlayHint]:
    """The hints in a part of a file."""
    found: list[InlayHint] = []
    for analysis in analysed(workspace, path):
        around = analysis.model.definition.span
        if around.start < span.end and span.start < around.end:
            found += _types(analysis.model, span)
            found += _defaults(workspace, path, analysis.model)
    return [hint for hint in found if span.start <= hint.offset <= span.end]


def _types(model: SemanticModel, span: Span) -> Iterator[InlayHint]:
    for name, end in _first_set(model).items():
        if span.start <= end <= span.end:
            type = point_of(model, end - 1, after=True).lookup("v", name)
            if type not in (ANY, UNKNOWN, UNSET):
                text = display(widened(type))
                short = text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
                yield InlayHint(end, f": {short}", True)


def _first_set(model: SemanticModel) -> dict[str, int]:
    """Where the name of each variable ends in the first line that sets it as a whole."""
    places: dict[str, int] = {}
    for write in model.survey.writes:
        target = write.item.target
        if write.root == "v" and write.name is not None and len(target.keys) == 1:
            places.setdefault(write.name, target.span.end)
    for name, use in model.survey.copies:
        if use.place.implicit == "v":
            first = places.setdefault(name.text, name.span.end)
            places[name.text] = min(first, name.span.end)
    return places


def _defaults(workspace: Workspace, path: str, model: SemanticModel) -> Iterator[InlayHint]:
    """Behind the line that names the callee, all that its input map leaves out."""
    text = source(workspace, path)
    given = given_names(model)
    for node in model.survey.callings:
        callee = model.callee_of(node)
        names = given.get(node.inputs)
        if callee is None or names is None:
            continue
        shown = _left_out(callee, names)
        if shown:
            name = node.interface if isinstance(node, ast.InterfaceCall) else node.callee
            end = text.line_span(text.position(name.span.start).line).end
            yield InlayHint(end, shown, False, Topic("callee", callee.name))


def _left_out(callee: Signature, given: set[str]) -> str:
    shown = [
        f"{entry.name} = {constant_text(entry.default)}"
        for entry in callee.inputs
        if not entry.required and entry.name not in given
    ]
    return ", ".join(shown)


def given_names(model: SemanticModel) -> dict[ast.Map, set[str]]:
    """The inputs that each input map gives; without the maps of which that is known at run time only."""
    survey = model.survey
    found: dict[ast.Map, set[str]] = {node.inputs: set() for node in survey.callings}
    for write in survey.writes:
        if write.root == "i" and write.use.map in found:
            if write.name is None:
                del found[write.use.map]
            else:
                found[write.use.map].add(write.name)
    for name, use in survey.copies:
        if use.map in found:
            found[use.map].add(name.text)
    for _, use in survey.everything:
        found.pop(use.map, None)
    for block in survey.blocks:
        if block.is_map and block.use is not None and block.use.map in found:
            facts = model.blocks[block.block].facts
            if facts.complete:
                found[block.use.map].update(name for root, name in facts.writes if root == "i")
            else:
                del found[block.use.map]
    return found
