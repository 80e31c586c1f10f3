"""A Python block's own variables: what stands where, as for everything else that has a name."""

from __future__ import annotations

from jcc.workspace import source
from jcc_lsp.ide.definition import definitions
from jcc_lsp.ide.hover import hover
from jcc_lsp.ide.references import highlights, references
from tests.lsp.marked import cursor, line_of, shown

TEXT = """\
workflow w:
	do:
		eval:
			[[
			total = 0
			for n in range(3):
				total += n
			v.total = to$0tal
			]]
"""


def test_they_are_found_like_other_names() -> None:
    workspace, path, offset = cursor(TEXT)
    assert shown(workspace, references(workspace, path, offset, with_declaration=True)) == [
        "test.wf:5: «total» = 0",
        "test.wf:7: «total» += n",
        "test.wf:8: v.total = «total»",
    ]
    assert shown(workspace, definitions(workspace, path, offset)) == [
        "test.wf:5: «total» = 0",
        "test.wf:7: «total» += n",
    ]
    assert [
        (line_of(source(workspace, path), span), is_write)
        for span, is_write in highlights(workspace, path, offset)
    ] == [("5: «total» = 0", True), ("7: «total» += n", True), ("8: v.total = «total»", False)]
    found = hover(workspace, path, offset)
    assert found is not None
    assert "variable of the code block total" in found.text
    assert "`total = 0`" in found.text
