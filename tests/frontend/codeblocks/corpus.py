"""The corpus of Perl blocks, read.

A case is a name, the block's role, the objects it is given, its code, and what comes out of it: the value of an
expression, else the object that the role fills. `--> error "…"` stands for an error with these words in its message.
`perl> …` says what Perl itself gives where the language departs from it on purpose (`null`: Perl is not asked, for there
is no `$JCL`)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "perl_corpus"


@dataclass(frozen=True, slots=True)
class Case:
    name: str
    role: str
    objects: dict[str, dict[str, Any]]
    code: str
    expected: Any
    error: str | None
    asks_perl: bool
    perl: Any


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
