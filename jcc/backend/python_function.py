"""One function of a module as text, and the JCL line of each of its lines. Knows Python's form, not the language.

libcst gives the statements their place: what a code block has inside a string of several lines is not moved.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import libcst as cst

from jcc.backend.ir import InternalError
from jcc.backend.printable import printable

PARAMETERS: Mapping[str, str] = {
    "in": "a, e, v, i, t",
    "out": "a, e, v, o, t",
    "eval": "a, e, v, t",
    "end": "a, e, v, o, t",
    "value": "a, e, v",
    "message": "a, e, v",
}
_BLANK = cst.EmptyLine(indent=False)


@dataclass(frozen=True, slots=True)
class Statements:
    """Python text without indentation, the JCL line of each of its lines, and a comment to stand above it."""

    text: str
    lines: Sequence[int]
    comment: str


@dataclass(frozen=True, slots=True)
class FunctionText:
    """`lines` has the JCL line of each line of `text`, None where it has none."""

    text: str
    lines: tuple[int | None, ...]


def function_text(
    name: str, role: str, line: int, comment: str, parts: Sequence[Statements]
) -> FunctionText:
    """The function of a role, made for the JCL at `line`; without statements it does nothing."""
    parts = [part for part in parts if part.text]
    texts, lines = _joined(parts)
    module = cst.parse_module("\n".join(texts))
    if not module.body:
        texts, lines = _joined([*parts, Statements("pass", (line,), comment)])
        module = cst.parse_module("\n".join(texts))
    first, *others = module.body
    first = first.with_changes(leading_lines=(*module.header, *first.leading_lines))
    # A comment that says what the first statement's says is left out.
    repeats = bool(parts) and parts[0].comment == comment
    above = (_BLANK, _BLANK) if repeats or not parts else (_BLANK, _BLANK, _comment(comment))
    node = _shape(role).with_changes(
        name=cst.Name(name), body=cst.IndentedBlock([first, *others]), leading_lines=above
    )
    text = cst.Module([node]).code
    kept = lines[: len(lines) - len(module.footer)]
    origins = (*(None for _ in above), line, *kept)
    if text.count("\n") != len(origins):
        raise InternalError(f"the lines of `{name}` are miscounted")
    return FunctionText(text, origins)


def _joined(parts: Sequence[Statements]) -> tuple[list[str], list[int | None]]:
    """The parts' texts below their comments, and the JCL line of each line of them all."""
    texts: list[str] = []
    lines: list[int | None] = []
    for part in parts:
        texts += (f"# {printable(part.comment)}", part.text)
        lines += (None, *part.lines)
    return texts, lines


@cache
def _shape(role: str) -> cst.FunctionDef:
    shape = cst.parse_statement(f"def function({PARAMETERS[role]}):\n    pass\n")
    return cst.ensure_type(shape, cst.FunctionDef)


def _comment(text: str) -> cst.EmptyLine:
    return cst.EmptyLine(comment=cst.Comment(f"# {printable(text)}"))
