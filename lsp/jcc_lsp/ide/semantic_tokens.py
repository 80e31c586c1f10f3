"""What each word of a text is, for colouring: by the grammar's terminals, and by what the names mean.

An answer is about one piece of a file and is kept as a query's, so that an edit makes only the pieces anew that it touches.
The numbers of the protocol are the handler's task.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import Enum
from typing import Final, NamedTuple

from jcc.frontend import ast
from jcc.frontend.parser import Parsed
from jcc.frontend.schemas import BASE_TYPES
from jcc.frontend.tables import Survey
from jcc.frontend.tokens import COMMENTS, DOC, Tokens
from jcc.query import query
from jcc.source import Span
from jcc.workspace import Workspace, analysed, parsed, signature
from jcc_lsp.ide.occurrences import occurrences
from jcc_lsp.ide.symbols import Kind, Occurrence, Role
from jcc_lsp.ide.terminal import Part, parts


class TokenType(Enum):
    """By the names that the protocol has for them; `label` is new in its version 3.18."""

    KEYWORD = "keyword"
    WORKFLOW = "class"
    ACTION = "function"
    FUNCTION = "method"
    INPUT = "parameter"
    OUTPUT = "property"
    VARIABLE = "variable"
    OBJECT = "namespace"
    TYPE = "type"
    LABEL = "label"
    EVENT = "event"
    CONSTANT = "enumMember"
    STRING = "string"
    NUMBER = "number"
    REGEX = "regexp"
    OPERATOR = "operator"
    COMMENT = "comment"


class Modifier(Enum):
    DECLARATION = "declaration"
    READONLY = "readonly"
    MODIFICATION = "modification"
    DOCUMENTATION = "documentation"
    DEFAULT_LIBRARY = "defaultLibrary"


class SemanticToken(NamedTuple):
    """A word, or a part of one; it lies in one line."""

    span: Span
    type: TokenType
    modifiers: tuple[Modifier, ...] = ()


_NAMES: Final = {
    Kind.DEFINITION: TokenType.ACTION,
    Kind.INPUT: TokenType.INPUT,
    Kind.OUTPUT: TokenType.OUTPUT,
    Kind.ENVIRONMENT: TokenType.VARIABLE,
    Kind.VARIABLE: TokenType.VARIABLE,
    Kind.TEMPORARY: TokenType.VARIABLE,
    Kind.LABEL: TokenType.LABEL,
    Kind.LOCK: TokenType.CONSTANT,
    Kind.EVENT: TokenType.EVENT,
    Kind.FUNCTION: TokenType.FUNCTION,
    Kind.TYPE: TokenType.TYPE,
    Kind.CONFIG: TokenType.OUTPUT,
    Kind.ROLE: TokenType.CONSTANT,
    Kind.STATEMENT_INPUT: TokenType.INPUT,
    Kind.STATEMENT_OUTPUT: TokenType.OUTPUT,
}
_TERMINALS: Final = {
    "NUMBER": TokenType.NUMBER,
    "STRING": TokenType.STRING,
    "REGEX": TokenType.REGEX,
    "CONSTANT": TokenType.KEYWORD,
    "OBJECT": TokenType.FUNCTION,
    "ASSIGN": TokenType.OPERATOR,
    "COMPOUND": TokenType.OPERATOR,
}
_OPERATORS: Final = frozenset("!-+*/%<>=~&|.")


@query
def semantic_tokens(workspace: Workspace, path: str) -> tuple[SemanticToken, ...]:
    """The words of a file, in order; no two overlap."""
    tree = parsed(workspace, path)
    found = {token.span.start: token for token in (*_comments(tree.tokens), *_words(tree))}
    for analysis in analysed(workspace, path):
        found.update((token.span.start, token) for token in _paths(analysis.model.survey))
    kinds: dict[str, TokenType] = {}
    for occurrence in occurrences(workspace, path):
        token = _name(workspace, occurrence, kinds)
        if occurrence.role is Role.READ and _is_written(found.get(token.span.start)):
            continue  # `<x>` reads and writes in one place: that it writes says more
        found[token.span.start] = token
    return tuple(_apart(sorted(found.values(), key=lambda token: token.span)))


def _is_written(token: SemanticToken | None) -> bool:
    return token is not None and Modifier.MODIFICATION in token.modifiers


def _apart(tokens: Iterable[SemanticToken]) -> Iterator[SemanticToken]:
    """Without those that begin within the one before: the name of an event in a string is shown as the string's."""
    end = 0
    for token in tokens:
        if token.span.start >= end and token.span.end > token.span.start:
            end = token.span.end
            yield token


# -- by the text alone --------------------------------------------------------------------------------------------


def _comments(tokens: Tokens) -> Iterator[SemanticToken]:
    for index, kind in enumerate(tokens.kinds):
        if kind in COMMENTS:
            modifiers = (Modifier.DOCUMENTATION,) if kind == DOC else ()
            for span in _lines(tokens, index):
                yield SemanticToken(span, TokenType.COMMENT, modifiers)


def _lines(tokens: Tokens, index: int) -> Iterator[Span]:
    """The lines of a token that may have several."""
    start = tokens.starts[index]
    for line in tokens.texts[index].split("\n"):
        text = line.rstrip("\r")
        if text:
            yield Span(start, start + len(text))
        start += len(line) + 1


def _words(tree: Parsed) -> Iterator[SemanticToken]:
    for line, rule in zip(tree.lines, tree.rules, strict=True):
        for part in parts(tree, line, rule) if rule is not None else ():
            type = _of_part(part)
            if type is not None:
                modifiers = (Modifier.DEFAULT_LIBRARY,) if type is TokenType.TYPE else ()
                yield SemanticToken(part.span, type, modifiers)


def _of_part(part: Part) -> TokenType | None:
    if part.is_keyword:
        return TokenType.KEYWORD
    found = _TERMINALS.get(part.terminal)
    if found is not None:
        return found
    if part.is_operator or (part.text and part.text[0] in _OPERATORS and part.terminal != "MEMBER"):
        return TokenType.OPERATOR
    if part.rule in ("input_line", "output_line") and part.number == 1:
        return TokenType.TYPE if part.text in BASE_TYPES else None
    return None


# -- by what it means ---------------------------------------------------------------------------------------------


def _paths(survey: Survey) -> Iterator[SemanticToken]:
    """The letters that paths begin with, and the keys further down."""
    paths: list[ast.Path] = [read.path for read in survey.reads]
    paths += [write.item.target for write in survey.writes]
    for path in paths:
        start = path.span.start
        if path.root is not None:
            modifiers = (Modifier.READONLY,) if path.root in "ae" else ()
            yield SemanticToken(Span(start, start + 1), TokenType.OBJECT, modifiers)
        for key in path.keys[1:]:
            if isinstance(key, ast.Field):
                yield SemanticToken(key.name.span, TokenType.OUTPUT)


def _name(
    workspace: Workspace, occurrence: Occurrence, kinds: dict[str, TokenType]
) -> SemanticToken:
    symbol = occurrence.symbol
    type = _NAMES[symbol.kind]
    if symbol.kind is Kind.DEFINITION:
        type = kinds.setdefault(symbol.name, _of_definition(workspace, symbol.name))
    modifiers: list[Modifier] = []
    if occurrence.role is Role.DECLARATION:
        modifiers.append(Modifier.DECLARATION)
    elif occurrence.role is Role.WRITE:
        modifiers.append(Modifier.MODIFICATION)
    elif symbol.kind is Kind.ENVIRONMENT:
        modifiers.append(Modifier.READONLY)
    if symbol.kind is Kind.FUNCTION:
        modifiers.append(Modifier.DEFAULT_LIBRARY)
    return SemanticToken(occurrence.span, type, tuple(modifiers))


def _of_definition(workspace: Workspace, name: str) -> TokenType:
    known = signature(workspace, name)
    return TokenType.WORKFLOW if known and known.kind == "workflow" else TokenType.ACTION
