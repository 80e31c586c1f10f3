"""What a workspace does not do twice."""

from __future__ import annotations

import pytest

from jcc import workspace as module
from jcc.frontend.parser import Parsed, parse
from jcc.source import Source
from jcc.workspace import Workspace, courses, index, parsed, seen_by_others


def test_what_a_file_shows_to_others_is_told_without_their_trees(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whether anybody takes locks is asked of all files, of which few trees are kept."""
    read: list[str] = []

    def noted(source: Source) -> Parsed:
        read.append(source.path)
        return parse(source)

    monkeypatch.setattr(module, "parse", noted)
    workspace = Workspace()
    for query in (parsed, courses):
        workspace.keep(query.__qualname__, 1)
    for number in range(5):
        workspace.set_text(f"w{number}.wf", f"workflow w{number}:\n\tdo:\n\t\tlock zone 1\n")
    assert len(index(workspace)) == 5
    assert len(read) == 5
    read.clear()
    seen_by_others(workspace, "w0.wf")
    assert set(read) <= {"w0.wf"}
