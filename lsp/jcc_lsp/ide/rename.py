"""Renaming: every mention of a symbol gets another name, in all files and in code blocks, each as it must be written there."""

from __future__ import annotations

import keyword
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from jcc.frontend.checks.unit import spelled
from jcc.frontend.codeblocks.python_names import RESERVED
from jcc.frontend.tokens import WORDS
from jcc.source import Span
from jcc.workspace import Workspace, signature, source
from jcc_lsp.ide.block_variables import beside, has_hidden
from jcc_lsp.ide.copies import expanded
from jcc_lsp.ide.definition import schema_files
from jcc_lsp.ide.interfaces import related
from jcc_lsp.ide.occurrences import find_all, occurrences_at
from jcc_lsp.ide.results import TextEdit
from jcc_lsp.ide.symbols import LOCAL, Form, Kind, Occurrence, Symbol

FIXED_ENVIRONMENT = frozenset({"job_id", "workflow_id", "task_id", "client", "_error", "_i", "_v"})
"""What the runtime puts into a job's environment."""

_FIXED = {
    Kind.FUNCTION: "the functions of the language have fixed names",
    Kind.CONFIG: "the settings of a definition have fixed names",
    Kind.ROLE: "roles are named in the database",
    Kind.STATEMENT_INPUT: "the inputs of statements have fixed names",
    Kind.STATEMENT_OUTPUT: "the outputs of statements have fixed names",
}


class RenameRefused(Exception):
    """Why something cannot be renamed, in words for the user."""


class Renamable(NamedTuple):
    span: Span
    name: str


@dataclass(frozen=True, slots=True)
class Renaming:
    """`file` is the workspace's file that should be called `new` if it is called `old`, whatever its suffix."""

    edits: tuple[TextEdit, ...]
    old: str
    new: str
    file: str | None = None


def prepare(workspace: Workspace, path: str, offset: int) -> Renamable | None:
    """What would be renamed at an offset; None where nothing stands that has a name. Raises RenameRefused."""
    occurrence = _chosen(workspace, path, offset)
    if occurrence is None:
        return None
    _must_be_free_to_change(workspace, occurrence.symbol)
    return Renamable(occurrence.span, occurrence.symbol.name)


def rename(workspace: Workspace, path: str, offset: int, new: str) -> Renaming | None:
    """All edits that give what stands at an offset a new name. Raises RenameRefused."""
    occurrence = _chosen(workspace, path, offset)
    if occurrence is None:
        return None
    _must_be_free_to_change(workspace, occurrence.symbol)
    return rename_symbol(workspace, occurrence.symbol, _unquoted(new))


def rename_symbol(workspace: Workspace, symbol: Symbol, new: str) -> Renaming:
    """All edits that give a symbol a new name. Raises RenameRefused."""
    if not new or not new.isprintable():
        raise RenameRefused("a name has at least one character, and no line breaks")
    edits: dict[TextEdit, None] = {}
    if new != symbol.name:
        for one in related(workspace, symbol):
            _must_be_new(workspace, one, new)
            edits |= dict.fromkeys(_edits(workspace, one, new))
    return Renaming(tuple(edits), symbol.name, new, _file(workspace, symbol))


def _chosen(workspace: Workspace, path: str, offset: int) -> Occurrence | None:
    """Of the two names that a `<x>` mentions, the variable: it is known here alone."""
    found = occurrences_at(workspace, path, offset)
    # Where one name ends another may begin: what the cursor stands before counts.
    found.sort(key=lambda o: (o.span.end == offset, o.symbol.kind is not Kind.VARIABLE))
    return found[0] if found else None


def _file(workspace: Workspace, symbol: Symbol) -> str | None:
    match symbol.kind:
        case Kind.DEFINITION:
            found = signature(workspace, symbol.name)
            return None if found is None else found.path
        case Kind.TYPE:
            return next((place.path for place in schema_files(workspace, symbol.name)), None)
        case _:
            return None


def _unquoted(name: str) -> str:
    quoted = len(name) > 2 and name[0] == name[-1] and name[0] in "'\""
    return name[1:-1] if quoted else name.strip()


# -- what may be renamed --------------------------------------------------------------------------------------------


def _must_be_free_to_change(workspace: Workspace, symbol: Symbol) -> None:
    fixed = _FIXED.get(symbol.kind)
    if symbol.kind is Kind.ENVIRONMENT and symbol.name in FIXED_ENVIRONMENT:
        fixed = f"`{symbol.name}` is put into the environment by the runtime"
    elif symbol.kind in (Kind.DEFINITION, Kind.TYPE) and not _file(workspace, symbol):
        fixed = f"`{symbol.name}` is not defined in the workspace"
    elif symbol.kind is Kind.BLOCK_VARIABLE and has_hidden(workspace, symbol):
        fixed = f"`{symbol.name}` stands in a string whose parts have no places of their own"
    if fixed is not None:
        raise RenameRefused(fixed)


def _must_be_new(workspace: Workspace, symbol: Symbol, new: str) -> None:
    """Two things must not become one."""
    match symbol.kind:
        case Kind.DEFINITION:
            taken = signature(workspace, new) is not None
        case Kind.TYPE:
            taken = bool(schema_files(workspace, new))
        case Kind.BLOCK_VARIABLE:
            _must_be_a_variable(new)
            taken = new in beside(workspace, symbol)
        case _:
            other = Symbol(symbol.kind, new, symbol.owner)
            taken = any(True for _ in find_all(workspace, other))
    if taken and symbol.kind is Kind.BLOCK_VARIABLE:
        raise RenameRefused(f"`{new}` means something else in this block already")
    if taken:
        where = "here" if symbol.kind in LOCAL else "already"
        raise RenameRefused(f"there is {where} another {symbol.kind.value} named `{new}`")


def _must_be_a_variable(new: str) -> None:
    is_name = new.isidentifier() and new.isascii() and not keyword.iskeyword(new)
    if not is_name or new.startswith(("_", *RESERVED)):
        raise RenameRefused(f"a variable of a code block cannot be named `{new}`")


# -- how it is written ----------------------------------------------------------------------------------------------


def _edits(workspace: Workspace, symbol: Symbol, new: str) -> Iterator[TextEdit]:
    copied: dict[str, dict[Span, Occurrence]] = {}
    for path, occurrence in find_all(workspace, symbol):
        if occurrence.form is Form.COPY:
            copied.setdefault(path, {})[occurrence.span] = occurrence
            continue
        text = source(workspace, path).text
        yield TextEdit(path, occurrence.span, _written(text, occurrence, new))
    for path, names in copied.items():
        yield from expanded(workspace, path, names, new)


def _written(text: str, occurrence: Occurrence, new: str) -> str:
    start, end = occurrence.span
    before = text[start - 1 : start]
    match occurrence.form:
        case Form.STRING:
            return _escaped(new, before)
        case Form.BLOCK:
            return _in_block(before, new)
        case _:
            first = text[start:end][:1]
            if first in ("'", '"'):
                return first + _escaped(new, first) + first
            if new in WORDS and before != ".":
                return f"'{new}'"
            return spelled(new, occurrence.symbol.kind in (Kind.DEFINITION, Kind.TYPE))


def _escaped(name: str, quote: str) -> str:
    return name.replace("\\", "\\\\").replace(quote, "\\" + quote)


def _in_block(before: str, new: str) -> str:
    """A name behind a dot, in quotes or in braces."""
    if before in ("'", '"'):
        if "\\" in new or before in new:
            raise RenameRefused(f"a code block uses it, where `{new}` cannot be written")
    elif not new.isidentifier() or not new.isascii() or new.startswith("_"):
        raise RenameRefused("a code block uses it, where only letters, digits and `_` can stand")
    elif before == "." and keyword.iskeyword(new):
        raise RenameRefused(f"a code block uses it, and `{new}` is a keyword there")
    return new
