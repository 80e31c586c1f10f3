"""One function of a module as text, and the JCL line of each of its lines. Knows Python's form, not the language.

What is made of native JCL needs only be indented, line by line. What may hold code of the user's is placed by libcst (`foreign`), which
takes ten times as long.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

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


@dataclass(frozen=True, slots=True)
class Statements:
    """Python text without indentation, the JCL line of each of its lines, and a comment to stand above it. One that is `foreign` may
    have anything in its lines; else each is one of Python's own, and none lies in a string."""

    text: str
    lines: Sequence[int]
    comment: str
    foreign: bool = False


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
    # A comment that says what the first statement's says is left out.
    repeats = bool(parts) and parts[0].comment == comment
    above = "\n\n" if repeats or not parts else f"\n\n# {printable(comment)}\n"
    nothing = Statements("pass", (line,), comment)
    found = _body(parts or [nothing]) or _body([*parts, nothing])
    if found is None:
        raise InternalError(f"`{name}` has no statement")
    body, lines = found
    text = f"{above}def {name}({PARAMETERS[role]}):\n{body}"
    origins = (*[None] * above.count("\n"), line, *lines)
    if text.count("\n") != len(origins):
        raise InternalError(f"the lines of `{name}` are miscounted")
    return FunctionText(text, origins)


def _body(parts: Sequence[Statements]) -> tuple[str, list[int | None]] | None:
    """What stands in a function, and the JCL line of each of its lines; None where that is no statement."""
    texts, lines = _joined(parts)
    text = "\n".join(texts)
    if not any(part.foreign for part in parts):
        return "".join(f"    {line}\n" for line in text.split("\n")), lines
    # It loads libcst, which takes a third of a second, and most workflows have no code block.
    from jcc.backend.foreign import indented

    found = indented(text)
    if found is None:
        return None
    body, left_out = found
    return body, lines[: len(lines) - left_out]


def _joined(parts: Sequence[Statements]) -> tuple[list[str], list[int | None]]:
    """The parts' texts below their comments, and the JCL line of each line of them all."""
    texts: list[str] = []
    lines: list[int | None] = []
    for part in parts:
        texts += (f"# {printable(part.comment)}", part.text)
        lines += (None, *part.lines)
    return texts, lines
