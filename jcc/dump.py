"""Texts of the compiler's stages, for people who want to see what happens and for golden tests."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass

from jcc.compilation import compile_unit, needed
from jcc.frontend import ast
from jcc.frontend.lexer import tokenize
from jcc.frontend.types import display
from jcc.source import Source, Span
from jcc.workspace import Workspace, analysed, parsed, source

INDENT = "  "


def dump_tokens(workspace: Workspace, path: str) -> str:
    """One token a line: where, what, the text."""
    text = source(workspace, path)
    lines = []
    for token in tokenize(text):
        start = text.position(token.span.start)
        lines.append(f"{start.line}:{start.column}\t{token.kind}\t{token.text!r}\n")
    return "".join(lines)


def dump_tree(workspace: Workspace, path: str) -> str:
    """The syntax tree: a node a line, its place behind it, its parts below."""
    file = parsed(workspace, path).file
    return "".join(f"{line}\n" for line in _node(file, source(workspace, path), {}, "", 0))


def dump_typed(workspace: Workspace, path: str) -> str:
    """The syntax tree with the type of each expression."""
    text = source(workspace, path)
    lines: list[str] = []
    for analysis in analysed(workspace, path):
        types = {id(node): display(type_) for node, type_ in analysis.model.types.items()}
        lines += _node(analysis.model.definition, text, types, "", 0)
    return "".join(f"{line}\n" for line in lines)


def dump_backend(workspace: Workspace, path: str, stage: str) -> str:
    """`tasks`, `python` or `bytecode` of every workflow of the file."""
    from jcc.backend.dump import dump_bytecode, dump_tasks  # heavy: see compile_unit

    texts = []
    for unit in needed(workspace, [path]):
        if unit.path != path:
            continue
        definition, _ = compile_unit(workspace, unit)
        if definition.program is None or definition.module is None:
            texts.append(f"{definition.kind} {definition.name}: has no tasks and no code\n")
        elif stage == "tasks":
            texts.append(dump_tasks(definition.program))
        elif stage == "python":
            texts.append(definition.module.python)
        else:
            texts.append(dump_bytecode(definition.module))
    return "\n".join(texts)


def _node(
    node: object, text: Source, types: dict[int, str], label: str, depth: int
) -> Iterator[str]:
    head = f"{INDENT * depth}{label}"
    match node:
        case ast.Node():
            yield f"{head}{type(node).__name__}{_scalars(node)} {_place(node.span, text)}{_type(node, types)}"
            for name, value in _parts(node):
                yield from _node(value, text, types, f"{name}: ", depth + 1)
        case tuple():
            for number, item in enumerate(node):
                yield from _node(item, text, types, f"{label.rstrip(': ')}[{number}]: ", depth)
        case _:
            yield f"{head}{node!r}"


def _parts(node: ast.Node) -> Iterator[tuple[str, object]]:
    assert is_dataclass(node)
    for field in fields(node):
        value = getattr(node, field.name)
        if isinstance(value, ast.Node) or (
            isinstance(value, tuple) and not isinstance(value, Span)
        ):
            yield field.name, value


def _scalars(node: ast.Node) -> str:
    assert is_dataclass(node)
    shown = []
    for field in fields(node):
        value = getattr(node, field.name)
        if isinstance(value, ast.Node | tuple) or (
            value is None and not isinstance(node, ast.Literal)
        ):
            continue
        if value in ("", False) and field.name not in ("value", "text"):
            continue
        shown.append(f" {field.name}={value!r}")
    return "".join(shown)


def _place(span: Span, text: Source) -> str:
    start, end = text.position(span.start), text.position(span.end)
    return f"<{start.line}:{start.column}-{end.line}:{end.column}>"


def _type(node: ast.Node, types: dict[int, str]) -> str:
    found = types.get(id(node))
    return "" if found is None else f" :: {found}"
