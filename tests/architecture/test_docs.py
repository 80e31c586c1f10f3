"""The links between the project's pages lead somewhere, and the project's pages name what exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.conftest import ROOT

LINK = re.compile(r"\]\((?!https?:)([^)#\s]+)")
PAGES = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "editors").glob("*/*.md")]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page: Path) -> None:
    for target in LINK.findall(page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_the_codes_that_a_page_names_exist(page: Path) -> None:
    known = {file.stem for file in (ROOT / "docs" / "diagnostics").glob("*.md")}
    shown = set(re.findall(r"\bJCC\d{3}\b", page.read_text(encoding="utf-8")))
    assert shown <= known, shown - known
