"""What a file holds, as a tree; and the definitions of the workspace by a part of their names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from jcc.frontend import ast
from jcc.frontend.survey import survey_definition
from jcc.query import query
from jcc.source import Span
from jcc.workspace import SCHEMA_SUFFIX, Workspace, exported, parsed
from jcc_lsp.ide.occurrences import callee_names
from jcc_lsp.ide.results import Location


@dataclass(frozen=True, slots=True)
class Entry:
    """`kind` is `workflow`, `action`, `procedure`, `section`, `input`, `output`, `constant`, `lock`, `role`, `call` or `label`.
    `span` covers all of it, `name_span` what names it."""

    kind: str
    name: str
    detail: str
    span: Span
    name_span: Span
    children: tuple[Entry, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    kind: str
    name: str
    place: Location


@query
def outline(workspace: Workspace, path: str) -> tuple[Entry, ...]:
    """The definitions of a file with what is declared and called in them."""
    definitions = parsed(workspace, path).file.definitions
    return tuple(_definition(definition) for definition in definitions if definition.name.text)


def _definition(definition: ast.Definition) -> Entry:
    children = tuple(
        entry for section in definition.sections for entry in _section(definition, section)
    )
    name = definition.name
    return Entry(definition.kind, name.text, definition.kind, definition.span, name.span, children)


def _section(definition: ast.Definition, section: ast.Section) -> Iterator[Entry]:
    match section:
        case ast.InputSection(keyword=keyword, entries=inputs):
            children = [_entry("input", e, e.name, _type(e.type)) for e in inputs]
        case ast.OutputSection(entries=outputs):
            keyword = "out"
            children = [_entry("output", e, e.name, _type(e.type)) for e in outputs]
        case ast.ConstantSection(keyword=keyword, entries=constants):
            children = [_entry("constant", e, e.name) for e in constants]
        case ast.LocksSection(entries=locks):
            keyword = "locks"
            children = [_entry("lock", e, e.type) for e in locks]
        case ast.RoleSection(roles=roles):
            keyword = "role"
            children = [_entry("role", role, role) for role in roles]
        case ast.InterfaceSection(name=name):
            yield Entry("section", "interface", name.text, section.span, name.span)
            return
        case ast.OutputMapSection():
            keyword, children = "wfomap", []
        case ast.BodySection():
            keyword, children = "do", list(_statements(definition))
        case ast.BrokenSection():
            return
    start = section.span.start
    word = Span(start, min(start + len(keyword), section.span.end))
    yield Entry("section", keyword, "", section.span, word, tuple(children))


def _entry(kind: str, node: ast.Node, name: ast.Name, detail: str = "") -> Entry:
    return Entry(kind, name.text or "?", detail, node.span, name.span)


def _type(reference: ast.TypeReference) -> str:
    return reference.name.text + "".join(reference.suffixes)


def _statements(definition: ast.Definition) -> Iterator[Entry]:
    """The calls and labels, in the order of the text."""
    survey = survey_definition(definition)
    nodes: list[ast.Node] = [*survey.callings, *survey.of(ast.Label)]
    for node in sorted(nodes, key=lambda node: node.span):
        match node:
            case ast.Label(name=name):
                yield _entry("label", node, name)
            case (
                ast.CallStatement()
                | ast.Callflow()
                | ast.MapStatement()
                | ast.Detachflow()
                | ast.InterfaceCall()
            ):
                keyword = _KEYWORDS[type(node)]
                yield _entry("call", node, callee_names(node)[0], keyword)
            case _:
                pass


_KEYWORDS: dict[type[ast.Node], str] = {
    ast.CallStatement: "call",
    ast.Callflow: "callflow",
    ast.MapStatement: "map",
    ast.Detachflow: "detachflow",
    ast.InterfaceCall: "interface",
}


def type_references(file: ast.File) -> Iterator[ast.TypeReference]:
    """The types that a file's declarations name."""
    for definition in file.definitions:
        for section in definition.sections:
            if isinstance(section, ast.InputSection | ast.OutputSection):
                yield from (entry.type for entry in section.entries)


# -- the workspace --------------------------------------------------------------------------------------------------


def search(workspace: Workspace, letters: str, limit: int = 500) -> list[Found]:
    """The definitions and schemas whose names have these letters in this order, whatever their case: those with all
    in a row first."""
    found = [entry for entry in _all(workspace) if _fits(letters.lower(), entry.name.lower())]
    found.sort(key=lambda e: (letters.lower() not in e.name.lower(), len(e.name), e.name))
    return found[:limit]


def _all(workspace: Workspace) -> Iterator[Found]:
    for path in workspace.paths:
        if path.endswith(SCHEMA_SUFFIX):
            name = path.replace("\\", "/").rsplit("/", 1)[-1].removesuffix(SCHEMA_SUFFIX)
            yield Found("schema", name, Location(path, Span(0, 0)))
            continue
        for entry in exported(workspace, path):
            if entry.name:
                yield Found(entry.kind, entry.name, Location(path, entry.span))


def _fits(letters: str, name: Sequence[str]) -> bool:
    rest = iter(name)
    return all(character in rest for character in letters)
