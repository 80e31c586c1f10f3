"""The page of a rule, as it stands in `docs/diagnostics`: in a checkout from there, in a wheel from the package."""

from __future__ import annotations

from pathlib import Path

from jcc.diagnostics.core import Rule

_PACKAGE = Path(__file__).parent
FOLDERS = (_PACKAGE / "_pages", _PACKAGE.parent.parent / "docs" / "diagnostics")


def page(rule: Rule) -> str:
    """The Markdown page. Raises FileNotFoundError where the installation lacks it."""
    for folder in FOLDERS:
        file = folder / f"{rule.code}.md"
        if file.exists():
            return file.read_text(encoding="utf-8")
    raise FileNotFoundError(f"{rule.code}.md")
