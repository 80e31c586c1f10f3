"""Output formats: each turns findings into one text. Nothing here prints."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from jcc.diagnostics.render import ci, junit, sarif, terminal
from jcc.diagnostics.render.findings import Finding

Renderer = Callable[[Sequence[Finding]], str]

RENDERERS: dict[str, Renderer] = {
    "text": terminal.text,
    "concise": terminal.concise,
    "json": ci.json_lines,
    "sarif": sarif.sarif,
    "github": ci.github,
    "gitlab": ci.gitlab,
    "junit": junit.junit,
}

__all__ = ["RENDERERS", "Finding", "Renderer"]
