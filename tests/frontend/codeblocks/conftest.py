"""The corpus of Perl blocks, and how a translated block is run: by the sandbox, as the engine does it.

A case is a name, the block's role, the objects it is given, its code, and what comes out of it: the value of an expression, else
the object that the role fills. `--> error "…"` stands for an error with these words in its message. `perl> …` says what
Perl itself gives where the language departs from it on purpose (`null`: it is not asked, for there is no `$JCL`)."""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from jcc.frontend import ast
from jcc.frontend.codeblocks import PARAMETERS, TranslatedBlock, translate
from jcc.source import Span
from jobcenter.sandbox.limits import run
from jobcenter.sandbox.module import compile_module, load_module

FOLDER = Path(__file__).parent / "perl_corpus"


@dataclass(frozen=True, slots=True)
class Case:
    name: str
    role: str
    objects: dict[str, dict[str, Any]]
    code: str
    expected: Any
    error: str | None = None
    asks_perl: bool = True
    perl: Any = field(default=None)

    @property
    def departs(self) -> bool:
        """Does Perl give something else?"""
        return self.perl is not None


def read_corpus() -> list[Case]:
    return [
        _case(text)
        for path in sorted(FOLDER.glob("*.txt"))
        for text in ("\n" + path.read_text("utf-8")).split("\n=== ")[1:]
    ]


def _case(text: str) -> Case:
    head, _, rest = text.partition("\n---\n")
    code, _, result = rest.rpartition("\n--> ")
    name, role, *givens = head.splitlines()
    objects: dict[str, dict[str, Any]] = {"a": {}, "e": {}, "v": {}, "o": {}}
    for given in givens:
        letter, _, value = given.partition(" = ")
        objects[letter] = json.loads(value)
    wanted, _, perl = result.strip().partition("\nperl> ")
    error = json.loads(wanted.removeprefix("error ")) if wanted.startswith("error ") else None
    return Case(
        name=name,
        role=role.removeprefix("role "),
        objects=objects,
        code=code,
        expected=None if error else json.loads(wanted),
        error=error,
        asks_perl=perl != "null",
        perl=json.loads(perl) if perl else None,
    )


def code_block(code: str, tag: str = "", start: int = 2) -> ast.CodeBlock:
    return ast.CodeBlock(
        tag=tag, code=code, code_start=start, span=Span(start - 2, start + len(code) + 2)
    )


def run_translated(block: TranslatedBlock, role: str, objects: dict[str, dict[str, Any]]) -> Any:
    """What the block gives: its value, or the object that its role fills."""
    name = f"{role}_1"
    body = "\n".join(f"    {line}" for line in block.statements or ("pass",))
    python = f"def {name}({', '.join(PARAMETERS[role])}):\n{body}\n"
    function = load_module(compile_module(python, "<block>"))[name]
    given = {**{letter: {} for letter in "aeiotv"}, **copy.deepcopy(objects)}
    value = run(function, *(given[letter] for letter in PARAMETERS[role]))
    filled = {"in": "i", "out": "v", "eval": "v", "end": "o"}.get(role)
    return given[filled] if filled else value


class Translated:
    """What tests do with blocks."""

    block = staticmethod(code_block)
    run = staticmethod(run_translated)

    def value(
        self, code: str, role: str = "value", tag: str = "", **objects: dict[str, Any]
    ) -> Any:
        """Translate and run. Fails on any finding."""
        block = translate(code_block(code, tag), role, "v")
        assert block.diagnostics == ()
        return run_translated(block, role, objects)


@pytest.fixture
def translated() -> Translated:
    return Translated()


@pytest.fixture(scope="session")
def corpus() -> list[Case]:
    return read_corpus()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "case" in metafunc.fixturenames:
        cases = read_corpus()
        metafunc.parametrize("case", cases, ids=[case.name for case in cases])
