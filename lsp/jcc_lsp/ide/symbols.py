"""What names mean: symbols, and the ways in which a text mentions them.

A symbol is known by its kind, its name and its owner. The owner of an input or output is the definition that declares it (that of
its `interface:`, if it has one); of what only one definition knows (variables, labels), that definition's place; what all
share (definitions, lock types, the environment) has none.
"""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

from jcc.source import Span


class Kind(Enum):
    DEFINITION = "definition"
    INPUT = "input"
    OUTPUT = "output"
    ENVIRONMENT = "environment value"
    VARIABLE = "variable"
    TEMPORARY = "temporary variable"
    LABEL = "label"
    LOCK = "lock type"
    EVENT = "event"
    FUNCTION = "function"
    TYPE = "type"
    CONFIG = "setting"
    ROLE = "role"
    STATEMENT_INPUT = "input of a statement"
    STATEMENT_OUTPUT = "output of a statement"
    BLOCK_VARIABLE = "variable of the code block"


LOCAL = frozenset({Kind.VARIABLE, Kind.TEMPORARY, Kind.LABEL, Kind.EVENT, Kind.BLOCK_VARIABLE})
"""What only one definition knows."""


class Role(Enum):
    DECLARATION = "declaration"
    WRITE = "write"
    READ = "read"


class Form(Enum):
    """How a name is written: as a name of the language, in a `<x>`, in a string, in a code block."""

    NAME = "name"
    COPY = "copy"
    STRING = "string"
    BLOCK = "block"


class Symbol(NamedTuple):
    kind: Kind
    name: str
    owner: str = ""


class Occurrence(NamedTuple):
    """`span` covers the quotes of a quoted name, and not those of a string."""

    span: Span
    symbol: Symbol
    role: Role
    form: Form


def place_name(path: str, number: int, part: int | str | None = None) -> str:
    """The owner of what only one definition, or a part of it (a map, a scope of a code block), knows."""
    inner = "" if part is None else f".{part}"
    return f"{number}{inner}@{path}"
