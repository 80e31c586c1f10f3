"""The page on the language: its examples are one project without a finding, and it names all functions there are."""

from __future__ import annotations

import re

from jcc.frontend.functions import BY_NAME
from jcc.workspace import Workspace, diagnostics
from tests.conftest import ROOT

PAGE = (ROOT / "docs" / "language.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```jcl\n(.*?)^```", PAGE, re.M | re.S)


def test_the_examples_are_free_of_findings() -> None:
    workspace = Workspace()
    paths = [f"{number}.wf" for number in range(len(EXAMPLES))]
    for path, text in zip(paths, EXAMPLES, strict=True):
        workspace.set_text(path, text)
    found = [each for path in paths for each in diagnostics(workspace, path)]
    # By convention a definition is in a file of its own.
    assert [(each.code, each.message) for each in found if each.code != "JCC801"] == []
    assert len(EXAMPLES) >= 6


def test_it_names_each_function_once() -> None:
    (listed,) = re.findall(r"^\*\*Functions\*\*:\n(.*?)^The editor", PAGE, re.M | re.S)
    names = re.findall(r"`(\w+)`", listed)
    assert sorted(names) == sorted({function.name for function in BY_NAME.values()})
