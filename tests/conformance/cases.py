"""Reads the conformance kit: its files, the sentences they show, and the cases in their comments. Runs nothing.

A file of the kit is plain JCL. Its first comments name the sentences of table.md that it shows, and what it claims; then come
its cases, one a line:

# 5.while: The condition is looked at before each turn.
# run: {"n": 2} -> {"turns": 2}
# run: {"n": "x"} -> error type "is not a number"
# run OTHER as ROLE with {"lang": "nl"}: {} -> {}       another definition of the file, for a role, with an environment
# run: {} -> table                                      the output `r` is the array of all values behind `# ->` in the file
# refused: {} -> "no job is made"                       takes `NAME`, `as` and `with` too
# announce as ROLE with {"region": "eu"}: refused "a filter"      a worker for the file's action; or: accepted

What `jcc check` finds is annotated as everywhere (tests/annotations.py).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, TypeAlias

from tests.annotations import Expectation, expectations

FOLDER = Path(__file__).parent
SUFFIXES = (".wf", ".ac")

_CASE = re.compile(
    r"# (?P<verb>run|refused|announce)(?: (?!as |with )(?P<name>'[^']+'|[\w.]+))?"
    r"(?: as (?P<role>\S+))?(?: with (?P<extra>\{.*?\}))?: (?P<rest>.*)"
)
_SENTENCE = re.compile(r"# (\d\.[a-z0-9.-]+): (.+)")
_VALUE = re.compile(r"# -> (?=\S)")
_ERROR = re.compile(r'error (\S+) "(.*)"')
_ROW = re.compile(r"\| (\d\.[a-z0-9.-]+) \| (.+) \|")

Object: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Gives:
    """The job finishes with these outputs."""

    outputs: Object


@dataclass(frozen=True, slots=True)
class Fails:
    """The job ends with an error of this class, whose message has this part."""

    error_class: str
    part: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The database says no, with this part in its message."""

    part: str


@dataclass(frozen=True, slots=True)
class Accepted:
    """The database says yes."""


Expected: TypeAlias = Gives | Fails | Refused | Accepted


@dataclass(frozen=True, slots=True)
class Case:
    """`id` is unique. `given` are the inputs of a job; `extra` its environment, or the filter of a worker."""

    id: str
    verb: str
    name: str
    role: str | None
    given: Object
    extra: Object | None
    expected: Expected


@dataclass(frozen=True)
class KitFile:
    path: Path

    @cached_property
    def text(self) -> str:
        return self.path.read_bytes().decode()  # line ends as they are

    @property
    def name(self) -> str:
        """As the compiler and people are shown it."""
        return self.path.relative_to(FOLDER).as_posix()

    @property
    def sentences(self) -> list[str]:
        """The ids of the sentences that the file shows."""
        return [match[1] for line in self.text.splitlines() if (match := _SENTENCE.match(line))]

    @property
    def findings(self) -> list[Expectation]:
        return expectations(self.text)

    @cached_property
    def cases(self) -> list[Case]:
        """Raises ValueError for a line that looks like a case and cannot be read."""
        return list(self._read_cases())

    def _read_cases(self) -> Iterator[Case]:
        for number, line in enumerate(self.text.splitlines(), start=1):
            match = _CASE.match(line)
            if match is None:
                continue
            where = f"{self.name}:{number}"
            try:
                given, expected = self._read_rest(match["verb"], match["rest"])
            except ValueError as error:
                raise ValueError(f"{where}: {error}") from error
            yield Case(
                where,
                match["verb"],
                (match["name"] or self.path.stem).strip("'"),
                match["role"],
                given,
                json.loads(match["extra"]) if match["extra"] else None,
                expected,
            )

    def _read_rest(self, verb: str, rest: str) -> tuple[Object, Expected]:
        if verb == "announce":
            return {}, Accepted() if rest == "accepted" else Refused(_quoted(rest, "refused "))
        given, end = json.JSONDecoder().raw_decode(rest)
        wanted = rest[end:].removeprefix(" -> ")
        if verb == "refused":
            return given, Refused(_quoted(wanted))
        if wanted == "table":
            return given, Gives({"r": self._table()})
        if error := _ERROR.fullmatch(wanted):
            return given, Fails(error[1], error[2].replace('\\"', '"'))
        return given, Gives(json.loads(wanted))

    def _table(self) -> list[Any]:
        decoder = json.JSONDecoder()
        return [
            decoder.raw_decode(line, match.end())[0]
            for line in self.text.splitlines()
            if (match := _VALUE.search(line))
        ]


def _quoted(text: str, before: str = "") -> str:
    if not text.startswith(before):
        raise ValueError(f"`{before}` is missing")
    part = json.loads(text.removeprefix(before))
    if not isinstance(part, str):
        raise ValueError("a string is missing")
    return part


def kit_files() -> list[KitFile]:
    """The JCL files of the kit, sorted; those in `actions` are the ones that others share."""
    return [KitFile(path) for path in sorted(FOLDER.rglob("*")) if path.suffix in SUFFIXES]


def sentences() -> dict[str, str]:
    """The sentences of table.md by id."""
    rows = _ROW.findall((FOLDER / "table.md").read_text(encoding="utf-8"))
    found = dict(rows)
    if len(found) != len(rows):
        raise ValueError("table.md has an id twice")
    return found
