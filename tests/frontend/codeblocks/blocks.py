"""Translates code blocks and runs them: in the sandbox, as the engine does."""

from __future__ import annotations

import copy
from typing import Any

from jcc.frontend import ast
from jcc.frontend.codeblocks import PARAMETERS, TranslatedBlock, translate
from jcc.source import Span
from jobcenter.sandbox import compile_module, load_module, run

START = 102
FILLED = {"in": "i", "out": "v", "eval": "v", "end": "o"}
Objects = dict[str, dict[str, Any]]


def code_block(code: str, tag: str = "") -> ast.CodeBlock:
    width = len(tag) + 2
    span = Span(START - width, START + len(code) + width)
    return ast.CodeBlock(tag=tag, code=code, span=span)


def translated(code: str, role: str = "value", tag: str = "") -> TranslatedBlock:
    return translate(code_block(code, tag), role, FILLED.get(role, ""))


def findings(code: str, role: str = "value", tag: str = "") -> list[tuple[str, str]]:
    """The findings, each as its code and the text that it points at."""
    return [
        (found.code, code[found.span.start - START : found.span.end - START])
        for found in translated(code, role, tag).diagnostics
    ]


def module_of(block: TranslatedBlock, role: str) -> str:
    """The Python of a module whose only function the block is."""
    body = "\n".join(f"    {line}" for line in block.statements)
    return f"def {role}_1({', '.join(PARAMETERS[role])}):\n{body}\n"


def run_translated(block: TranslatedBlock, role: str, objects: Objects) -> Any:
    """What the block gives: its value, or the object that its role fills."""
    function = load_module(compile_module(module_of(block, role), "<block>"))[f"{role}_1"]
    given = {**{letter: {} for letter in "aeiotv"}, **copy.deepcopy(objects)}
    value = run(function, *(given[letter] for letter in PARAMETERS[role]))
    return given[FILLED[role]] if role in FILLED else value


def value_of(code: str, role: str = "value", tag: str = "", **objects: dict[str, Any]) -> Any:
    """Translate and run. Fails on any finding."""
    block = translated(code, role, tag)
    assert block.diagnostics == ()
    return run_translated(block, role, objects)


def exactly(a: Any, b: Any) -> bool:
    """Equal, and booleans are booleans, strings strings. Whole floats and integers are one, as in JSON."""
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(exactly, a, b))
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(exactly(a[key], b[key]) for key in a)
    return bool(a == b) and all(isinstance(a, kind) == isinstance(b, kind) for kind in (bool, str))
