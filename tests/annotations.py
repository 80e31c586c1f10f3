"""Expectations written into JCL sources: every finding must be annotated, every annotation found.

call ad:            # error: [JCC201] "no action is named"
#^ warning: [JCC402] "part of the message"      (a line of its own speaks of the nearest line above that is none)
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from jcc.diagnostics import Diagnostic
from jcc.source import Source
from jcc.workspace import Workspace, diagnostics

ANNOTATION = re.compile(r'(error|warning|info|hint): \[(JCC\d{3})\] "((?:[^"\\]|\\.)*)"')
DEFINITION = re.compile(r"^(workflow|action|procedure)\s+(?:'([^']+)'|\"([^\"]+)\"|([\w.]+))", re.M)
OWN_LINE = re.compile(r"\s*#\^")


@dataclass(frozen=True, slots=True, order=True)
class Expectation:
    line: int
    severity: str
    code: str
    part: str

    def fits(self, source: Source, found: Diagnostic) -> bool:
        return (
            source.position(found.span.start).line == self.line
            and found.severity.name.lower() == self.severity
            and found.code == self.code
            and self.part in found.message
        )


def expectations(text: str) -> list[Expectation]:
    expected = []
    subject = 0
    for number, line in enumerate(text.split("\n"), start=1):
        if not OWN_LINE.match(line):
            subject = number
        comment = line.partition("#")[2] if not OWN_LINE.match(line) else line
        for severity, code, part in ANNOTATION.findall(comment):
            expected.append(Expectation(subject, severity, code, part.replace('\\"', '"')))
    return expected


def path_of(text: str) -> str:
    """The path that a text should have: that of its last definition."""
    found = DEFINITION.findall(text)
    if not found:
        return "test.wf"
    kind, *names = found[-1]
    return "".join(names) + (".wf" if kind == "workflow" else ".ac")


def check(
    text: str, path: str | None = None, beside: Mapping[str, str] | None = None
) -> tuple[Source, tuple[Diagnostic, ...]]:
    """The findings of one text, with other files beside it, by their paths."""
    path = path or path_of(text)
    workspace = Workspace()
    for name, other in (beside or {}).items():
        workspace.set_text(name, other)
    workspace.set_text(path, text)
    return Source(path, text), diagnostics(workspace, path)


def mismatches(source: Source, found: tuple[Diagnostic, ...]) -> list[str]:
    """What was found and not annotated, and what was annotated and not found; empty when all agrees."""
    left = expectations(source.text)
    wrong = []
    for diagnostic in found:
        fitting = next((e for e in left if e.fits(source, diagnostic)), None)
        if fitting is None:
            at = source.position(diagnostic.span.start)
            wrong.append(
                f"not annotated: {at.line}:{at.column} {diagnostic.severity.name.lower()}: "
                f'[{diagnostic.code}] "{diagnostic.message}"'
            )
        else:
            left.remove(fitting)
    wrong += [f'not found: line {e.line} {e.severity}: [{e.code}] "{e.part}"' for e in left]
    return wrong


def assert_annotated(text: str, path: str | None = None) -> None:
    """The findings of `text` are exactly its annotations."""
    source, found = check(text, path)
    assert mismatches(source, found) == []
