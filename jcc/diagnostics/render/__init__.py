"""Output formats: each turns findings into one text. Nothing here prints."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence

from jcc.diagnostics.render.findings import Finding

Renderer = Callable[[Sequence[Finding]], str]

_MODULES = {
    "text": "terminal",
    "concise": "terminal",
    "json": "ci",
    "sarif": "sarif",
    "github": "ci",
    "gitlab": "ci",
    "junit": "junit",
}
FORMATS = tuple(_MODULES)


def renderer(name: str) -> Renderer:
    """The renderer of one of `FORMATS`. Its module is imported here: what one format needs, the others do not pay for."""
    module = importlib.import_module(f"jcc.diagnostics.render.{_MODULES[name]}")
    found: Renderer = getattr(module, name)
    return found


__all__ = ["FORMATS", "Finding", "Renderer", "renderer"]
