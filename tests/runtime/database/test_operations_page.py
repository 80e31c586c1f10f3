"""The page on running a JobCenter has the settings that there are, with their defaults."""

from __future__ import annotations

import re

from jobcenter.database import Connection
from tests.conftest import ROOT


def test_it_has_all_settings(connection: Connection) -> None:
    page = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    _, _, listed = page.partition("| setting | default | meaning |")
    told = re.findall(r"^\| `(\w+)` \| ([^|]+) \|", listed, re.M)
    there = connection.execute("select name, value from jobcenter.settings").fetchall()
    assert sorted(told) == sorted(there)
