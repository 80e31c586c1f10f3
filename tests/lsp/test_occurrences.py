"""The mentions at one place are those of all that lie there."""

from __future__ import annotations

from pathlib import Path

import pytest

from jcc.workspace import Workspace, analysed
from jcc_lsp.ide.block_variables import block_variables
from jcc_lsp.ide.occurrences import occurrences, occurrences_at
from tests.conftest import ROOT

EXAMPLES = sorted(Path(ROOT / "tests" / "conformance").rglob("*.wf"))[::4]


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_one_place_and_all_places(path: Path) -> None:
    workspace = Workspace()
    text = path.read_bytes().decode("utf-8", "replace")
    workspace.set_text("test.wf", text)
    every = [*occurrences(workspace, "test.wf")]
    for number, analysis in enumerate(analysed(workspace, "test.wf")):
        every += block_variables("test.wf", number, analysis.model)
    for offset in range(len(text) + 1):
        there = [one for one in every if one.span.start <= offset <= one.span.end]
        found = occurrences_at(workspace, "test.wf", offset)
        assert {(one.span, one.symbol, one.role) for one in found} == {
            (one.span, one.symbol, one.role) for one in there
        }
        assert [one.span for one in found] == [one.span for one in there]
