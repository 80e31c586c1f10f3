"""What each word of a text is, for colouring: by the grammar's terminals, and by what the names mean.

An answer is about one piece of a file and is kept as a query's, so that an edit makes only the pieces anew that it touches.
The numbers of the protocol are the handler's task.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import Enum
from functools import lru_cache
from typing import Final, NamedTuple

from jcc.frontend import ast
from jcc.frontend.layout import Shape
from jcc.frontend.parser import Parsed
from jcc.frontend.schemas import BASE_TYPES
from jcc.frontend.tables import Survey
from jcc.frontend.terminals import OPERATORS
from jcc.frontend.tokens import COMMENTS, DOC, Tokens
from jcc.query import query
from jcc.source import Span
from jcc.workspace import Workspace, analysed, parsed, signature
from jcc_lsp.ide.occurrences import occurrences
from jcc_lsp.ide.symbols import Kind, Occurrence, Role
from jcc_lsp.ide.terminal import KEYWORDS, terminals_of


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


class _Word(NamedTuple):
    """A token of all lines of a shape, by its number in the line: what it is if it begins with a letter, and if not; whether it
    is an operator if it looks like one; whether it names a type if there is such a type."""

    number: int
    word: TokenType | None
    other: TokenType | None
    may_operate: bool
    is_type: bool


@lru_cache(maxsize=4096)
def _words_of(rule: str, shape: Shape) -> tuple[_Word, ...]:
    found: list[_Word] = []
    names = 0
    for terminal in terminals_of(rule, shape):
        kind = terminal.type
        other = _TERMINALS.get(kind)
        word = TokenType.KEYWORD if kind in KEYWORDS else other
        if word is None and kind in OPERATORS:
            word = TokenType.OPERATOR
        is_type = names == 1 and rule in ("input_line", "output_line")
        found.append(_Word(terminal.first, word, other, kind != "MEMBER", is_type))
        names += kind == "NAME"
    return tuple(found)


def _words(tree: Parsed) -> Iterator[SemanticToken]:
    texts, starts = tree.tokens.texts, tree.tokens.starts
    for line, rule in zip(tree.lines, tree.rules, strict=True):
        if rule is None:
            continue
        for number, word, other, may_operate, is_type in _words_of(rule, line.shape):
            at = line.first + number
            first = texts[at][:1]
            type = word if first.isalpha() else other
            modifiers: tuple[Modifier, ...] = ()
            if type is None:
                if may_operate and first in _OPERATORS:
                    type = TokenType.OPERATOR
                elif is_type and texts[at] in BASE_TYPES:
                    type, modifiers = TokenType.TYPE, (Modifier.DEFAULT_LIBRARY,)
                else:
                    continue
            yield SemanticToken(Span(starts[at], starts[at + 1]), type, modifiers)


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
