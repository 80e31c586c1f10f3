"""What is told of the thing under the pointer: types as the flow knows them there, signatures, documentation."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from jcc.frontend import ast
from jcc.frontend.checks.unit import path_text
from jcc.frontend.model import SemanticModel
from jcc.frontend.objects import Computed, Key, Name
from jcc.frontend.parser import Parsed
from jcc.frontend.point import Point, point_of
from jcc.frontend.survey import survey_around
from jcc.frontend.tokens import BAD_CODE, CODE, COMMENT
from jcc.frontend.types import INTEGER, UNKNOWN, UNSET, Type, display
from jcc.source import Span
from jcc.workspace import Workspace, parsed, source
from jcc_lsp.ide import keywords
from jcc_lsp.ide.occurrences import find_all, occurrences_at
from jcc_lsp.ide.scene import Steps, analysis_at, type_at
from jcc_lsp.ide.symbols import Form, Kind, Occurrence, Role
from jcc_lsp.ide.terminal import Part, part_at
from jcc_lsp.ide.wording import Topic, code, documentation

_CODES: Final = re.compile(r"JCC\d{3}")
_WORD: Final = re.compile(r"[A-Za-z_]\w*")
_ROOTS: Final = {
    Kind.VARIABLE: "v",
    Kind.TEMPORARY: "t",
    Kind.ENVIRONMENT: "e",
}
_WORDS: Final = {
    "definition": "definition",
    "section": "section",
    "statement": "statement",
    "selector": "follower",
}


class Hover(NamedTuple):
    """`text` is Markdown, `span` what it is about."""

    span: Span
    text: str


def hover(workspace: Workspace, path: str, offset: int) -> Hover | None:
    """What is to be told at an offset."""
    tree = parsed(workspace, path)
    token = tree.tokens.index_at(offset)
    if token >= 0 and tree.tokens.kinds[token] == COMMENT:
        return _rule(workspace, tree, token, offset)
    analysis = analysis_at(workspace, path, offset)
    if analysis is None:
        return None
    found = _named(workspace, path, offset, analysis.model)
    if found is None:
        found = _in_path(analysis.model, offset)
    if found is None and token >= 0 and tree.tokens.kinds[token] in (CODE, BAD_CODE):
        found = _in_block(workspace, tree, offset)
    return found or _word(workspace, tree, offset)


# -- names --------------------------------------------------------------------------------------------------------


def _named(workspace: Workspace, path: str, offset: int, model: SemanticModel) -> Hover | None:
    """Everything that the name at an offset means: a `<x>` means two things."""
    texts = []
    span: Span | None = None
    for occurrence in occurrences_at(workspace, path, offset):
        if span is None or occurrence.span == span:
            text = _about(workspace, path, occurrence, model)
            if text:
                texts.append(text)
                span = occurrence.span
    return Hover(span, "\n\n---\n".join(dict.fromkeys(texts))) if span and texts else None


def _about(
    workspace: Workspace, path: str, occurrence: Occurrence, model: SemanticModel
) -> str | None:
    symbol = occurrence.symbol
    match symbol.kind:
        case Kind.DEFINITION:
            return documentation(workspace, Topic("callee", symbol.name))
        case Kind.INPUT | Kind.OUTPUT | Kind.STATEMENT_INPUT | Kind.STATEMENT_OUTPUT:
            return _entry(workspace, occurrence, model)
        case Kind.VARIABLE | Kind.TEMPORARY | Kind.ENVIRONMENT:
            return _variable(occurrence, model)
        case Kind.FUNCTION:
            return documentation(workspace, Topic("function", symbol.name))
        case Kind.TYPE:
            return documentation(workspace, Topic("type", symbol.name))
        case Kind.CONFIG:
            return documentation(workspace, Topic("setting", symbol.name))
        case Kind.LABEL | Kind.EVENT | Kind.LOCK | Kind.ROLE:
            return _declared(workspace, path, occurrence, Role.DECLARATION)
        case Kind.BLOCK_VARIABLE:
            return _declared(workspace, path, occurrence, Role.WRITE)


def _entry(workspace: Workspace, occurrence: Occurrence, model: SemanticModel) -> str | None:
    """An input or output: as it is declared, and where it is read, what is known of it there."""
    symbol = occurrence.symbol
    kind = "input" if symbol.kind in (Kind.INPUT, Kind.STATEMENT_INPUT) else "output"
    text = documentation(workspace, Topic(kind, symbol.name, symbol.owner))
    if occurrence.role is not Role.READ or text is None:
        return text
    root = "a" if kind == "input" else "o"
    point = _point(model, occurrence)
    known = display(point.lookup(root, symbol.name))
    return f"{code(f'{root}.{symbol.name}: {known}')}\n{text}"


def _variable(occurrence: Occurrence, model: SemanticModel) -> str:
    symbol = occurrence.symbol
    root = _ROOTS[symbol.kind]
    type = _point(model, occurrence).lookup(root, symbol.name)
    if type is UNSET:
        return f"{code(f'{root}.{symbol.name}: null')}\nNothing sets it before this place."
    return code(f"{root}.{symbol.name}: {_shown(type)}")


def _shown(type: Type) -> str:
    return "any" if type is UNKNOWN else display(type)


def _point(model: SemanticModel, occurrence: Occurrence) -> Point:
    """What is known where the name stands; behind the assignment where it is assigned to."""
    offset = occurrence.span.start
    after = occurrence.role is Role.WRITE and occurrence.form is not Form.BLOCK
    return point_of(model, offset, after=after)


def _declared(workspace: Workspace, path: str, occurrence: Occurrence, role: Role) -> str:
    """A name that has a place and no type; with the line of the first mention that declares it."""
    symbol = occurrence.symbol
    text = code(f"{symbol.kind.value} {symbol.name}")
    for where, other in find_all(workspace, symbol):
        if other.role is role and where == path:
            line = source(workspace, where).position(other.span.start).line
            return f"{text}\n`{source(workspace, where).line_text(line).strip()}`"
    return text


# -- paths --------------------------------------------------------------------------------------------------------


def _in_path(model: SemanticModel, offset: int) -> Hover | None:
    """A key further down a path, or the letter that it begins with."""
    near = survey_around(model.definition, offset)
    paths: list[ast.Path] = [read.path for read in near.reads]
    paths += [write.item.target for write in near.writes]
    around = [path for path in paths if path.span.start <= offset <= path.span.end]
    if not around:
        return None
    path = max(around, key=lambda path: path.span.start)
    if path.root is not None and offset <= path.span.start + 1:
        span = Span(path.span.start, path.span.start + 1)
        return Hover(span, f"`{path.root}`: {keywords.OBJECTS[path.root]}")
    for number, key in enumerate(path.keys):
        if key.span.start <= offset <= key.span.end:
            return _key(model, path, number, offset)
    return None


def _key(model: SemanticModel, path: ast.Path, number: int, offset: int) -> Hover:
    part = ast.Path(span=path.span, root=path.root, keys=path.keys[: number + 1])
    point = point_of(model, offset)
    root = path.root or point.place.implicit
    type = type_at(point, Steps(root, tuple(map(_step, part.keys))))
    text = path_text(part)
    return Hover(path.keys[number].span, code(f"{text}: {_shown(type)}"))


def _step(key: ast.Field | ast.Index) -> Key:
    match key:
        case ast.Field(name=name):
            return Name(name.text)
        case ast.Index(value=ast.Literal(value=str(text))):
            return Name(text)
        case ast.Index():
            return Computed(INTEGER)


# -- words --------------------------------------------------------------------------------------------------------


def _word(workspace: Workspace, tree: Parsed, offset: int) -> Hover | None:
    """A word of the language, or a base type."""
    part = part_at(tree, offset)
    topic = _topic(part) if part else None
    text = documentation(workspace, topic) if topic else None
    return Hover(part.span, text) if part and text else None


def _topic(part: Part) -> Topic | None:
    match part:
        case Part(rule="input_line" | "output_line", terminal="NAME", number=1):
            return Topic("type", part.text)
        case Part(terminal="USING" | "OPTIONAL" | "MANUAL" | "INHERIT"):
            return Topic("trailing", part.text)
        case Part(is_operator=True):
            return Topic("operator", part.text)
        case Part(is_keyword=True):
            kind = _WORDS.get(part.rule, "statement")
            if kind == "statement" and part.text not in keywords.STATEMENTS:
                kind = "follower"
            return Topic(kind, part.text)
        case _:
            return None


def _in_block(workspace: Workspace, tree: Parsed, offset: int) -> Hover | None:
    """The name of a function in a code block."""
    text = tree.tokens.source.text
    line_start = text.rfind("\n", 0, offset) + 1
    for match in _WORD.finditer(text, line_start):
        if match.start() > offset or match.start() > line_start + 1000:
            return None
        if offset <= match.end():
            found = documentation(workspace, Topic("function", match.group()))
            return Hover(Span(*match.span()), found) if found else None
    return None


def _rule(workspace: Workspace, tree: Parsed, index: int, offset: int) -> Hover | None:
    """A code in a comment, such as `# jcc: ignore[JCC302]`."""
    start = tree.tokens.starts[index]
    for match in _CODES.finditer(tree.tokens.texts[index]):
        if start + match.start() <= offset <= start + match.end():
            text = documentation(workspace, Topic("rule", match.group()))
            return Hover(Span(start + match.start(), start + match.end()), text) if text else None
    return None
