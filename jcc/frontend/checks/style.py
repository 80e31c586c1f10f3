"""Style: what could be left out, and where a definition should stand."""

from __future__ import annotations

import re
from collections.abc import Iterator

from jcc.diagnostics import Diagnostic, Edit, Fix, Label, names, style
from jcc.frontend import ast
from jcc.frontend.checks.habits import interpolations
from jcc.frontend.checks.shape import shape_of
from jcc.frontend.checks.unit import Unit, path_text
from jcc.frontend.tokens import (
    ASSIGNMENTS,
    BLANK,
    COMMENT,
    DOC,
    NEWLINE,
    STATEMENTS,
    TRIVIA,
    Tokens,
)
from jcc.frontend.types import BOOLEAN, defined, members_of


def check_style(unit: Unit) -> Iterator[Diagnostic]:
    """Statements and comparisons that change nothing."""
    yield from _last_return(unit)
    yield from _gotos(unit)
    for write in unit.fresh.writes:
        match write.item:
            case ast.Assign(op="=", target=target, value=ast.Path(root=write.root) as value):
                if shape_of(value) == shape_of(_explicit(target, write.root)):
                    yield style.ASSIGNED_TO_ITSELF.at(write.item.span, name=path_text(value))
            case _:
                pass
    for node in unit.fresh.binaries:
        if node.op in ("==", "!="):
            yield from _with_boolean(unit, node)


def _explicit(target: ast.Path, root: str) -> ast.Path:
    return target if target.root else ast.Path(span=target.span, root=root, keys=target.keys)


def _last_return(unit: Unit) -> Iterator[Diagnostic]:
    for section in unit.survey.sections(ast.BodySection):
        statements = section.body.statements
        if statements and isinstance(statements[-1], ast.Return):
            yield style.LAST_RETURN.at(statements[-1].span)


def _gotos(unit: Unit) -> Iterator[Diagnostic]:
    if not unit.survey.of(ast.Goto):
        return
    for block in unit.survey.sequences:
        for statement, following in zip(block.statements, block.statements[1:], strict=False):
            match statement, following:
                case ast.Goto(label=wanted), ast.Label(name=name) if wanted.text == name.text:
                    yield style.GOTO_NEXT.at(statement.span, name=name.text)
                case _:
                    pass


def _with_boolean(unit: Unit, node: ast.Binary) -> Iterator[Diagnostic]:
    """`v.x == true` where `v.x` is a boolean is `v.x`."""
    for literal, other in ((node.right, node.left), (node.left, node.right)):
        if isinstance(literal, ast.Literal) and isinstance(literal.value, bool):
            solid = defined(unit.type_of(other))
            if solid is BOOLEAN and len(list(members_of(unit.type_of(other)))) == 1:
                value = "true" if literal.value else "false"
                positive = literal.value == (node.op == "==")
                yield style.COMPARED_WITH_BOOLEAN.at(
                    literal.span,
                    value=value,
                    help="the value itself is the condition"
                    if positive
                    else "`!` negates the value",
                )
            return


# -- files ----------------------------------------------------------------------------------------------------------

_BEHIND = (BLANK, COMMENT, DOC)  # what may stand between a `;` and the end of its line
_SUFFIXES = {"workflow": "wf", "action": "ac", "procedure": "ac"}


def check_file(file: ast.File, tokens: Tokens, path: str) -> tuple[Diagnostic, ...]:
    """What concerns a file as a whole: names defined twice, a file named after none of its definitions, `;`, and
    strings that look like templates."""
    of_file = (*_defined_twice(file), *_file_name(file, path))
    return (*of_file, *_semicolons(tokens), *interpolations(tokens))


def _semicolons(tokens: Tokens) -> Iterator[Diagnostic]:
    kinds = tokens.kinds
    at = -1
    for _ in range(kinds.count(";")):
        at = kinds.index(";", at + 1)
        behind = next((kind for kind in kinds[at + 1 : at + 4] if kind not in _BEHIND), NEWLINE)
        if behind == NEWLINE and not _ends_statement(kinds, at):
            span = tokens[at].span
            yield style.SEMICOLON.at(span, fix=Fix("remove it", (Edit(span, ""),)))


def _ends_statement(kinds: list[str], at: int) -> bool:
    """Whether what ends at a token is a statement, where a `;` is an error that has been told of."""
    first = at
    while first and kinds[first - 1] != NEWLINE:
        first -= 1
    words = [kind for kind in kinds[first:at] if kind not in TRIVIA]
    return words[:1] != [] and words[0] in STATEMENTS and ASSIGNMENTS.isdisjoint(words)


def _defined_twice(file: ast.File) -> Iterator[Diagnostic]:
    seen: dict[str, ast.Name] = {}
    for definition in file.definitions:
        name = definition.name
        first = seen.setdefault(name.text, name)
        if first is not name:
            yield names.DUPLICATE_DEFINITION.at(
                name.span, name=name.text, labels=(Label(first.span, "first defined here"),)
            )


def _file_name(file: ast.File, path: str) -> Iterator[Diagnostic]:
    base = re.split(r"[/\\]", path)[-1]
    if not all(d.name.text for d in file.definitions):
        return  # what is wrong with it is told
    if not file.definitions or not base.endswith((".wf", ".ac")):
        return  # a text that was never saved has no name yet
    expected = [f"{d.name.text}.{_SUFFIXES[d.kind]}" for d in file.definitions]
    if base not in expected:
        last = file.definitions[-1].name
        yield style.FILE_NAME.at(last.span, name=last.text, expected=expected[-1], file=base)
