"""A diagnostic together with the text it is about: what every renderer takes."""

from __future__ import annotations

from dataclasses import dataclass, field

from jcc.diagnostics.core import Diagnostic, Severity
from jcc.source import Position, Source

SEVERITY_NAMES = {
    Severity.HINT: "hint",
    Severity.INFO: "info",
    Severity.WARNING: "warning",
    Severity.ERROR: "error",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """`others` are the texts of the files that the labels point into, by path; may be empty."""

    source: Source
    diagnostic: Diagnostic
    others: dict[str, Source] = field(default_factory=dict)

    @property
    def start(self) -> Position:
        return self.source.position(self.diagnostic.span.start)

    @property
    def end(self) -> Position:
        return self.source.position(self.diagnostic.span.end)

    @property
    def severity(self) -> str:
        return SEVERITY_NAMES[self.diagnostic.severity]
