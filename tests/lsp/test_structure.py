"""Outline, search, folds, selections, links, and what is edited together."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jcc.workspace import Workspace, source
from jcc_lsp.ide.folding import folds
from jcc_lsp.ide.linked import linked_ranges
from jcc_lsp.ide.links import links
from jcc_lsp.ide.outline import Entry, outline, search
from jcc_lsp.ide.selection import selections
from tests.lsp.marked import ADD, cursor

WORKFLOW = """\
# A comment
# of two lines.
workflow test:
	in:
		x	order[]
	config:
		max_steps = 3
	do:
		if a.x:
			label again
			call add:
				counter = 1
			into:
				<counter>
		else:
			eval:
				[[
				v.y = 1
				]]
	wfomap:
		y = v.y
"""


def workspace(text: str = WORKFLOW, **others: str) -> Workspace:
    return cursor(f"$0{text}", **others).workspace


def tree(entries: tuple[Entry, ...], depth: int = 0) -> list[str]:
    lines = []
    for entry in entries:
        detail = f": {entry.detail}" if entry.detail else ""
        lines.append(f"{'  ' * depth}{entry.kind} {entry.name}{detail}")
        lines += tree(entry.children, depth + 1)
    return lines


def test_an_outline_has_what_is_declared_and_called() -> None:
    assert tree(outline(workspace(), "test.wf")) == [
        "workflow test: workflow",
        "  section in",
        "    input x: order[]",
        "  section config",
        "    constant max_steps",
        "  section do",
        "    label again",
        "    call add: call",
        "  section wfomap",
    ]


def test_a_place_in_an_outline_holds_those_of_its_parts() -> None:
    def holds(entry: Entry) -> bool:
        start, end = entry.span
        own = start <= entry.name_span.start and entry.name_span.end <= end
        inner = all(start <= c.span.start and c.span.end <= end for c in entry.children)
        return own and inner and all(map(holds, entry.children))

    assert all(map(holds, outline(workspace(), "test.wf")))


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ["add", "test", "order"]),
        ("test", ["test"]),
        ("OD", ["order"]),
        ("dd", ["add"]),
        ("tt", ["test"]),
        ("xyz", []),
    ],
)
def test_a_search_finds_names_by_their_letters(query: str, names: list[str]) -> None:
    found = search(workspace(add_ac=ADD, **{"order.schema_json": "{}"}), query)
    assert sorted(entry.name for entry in found) == sorted(names)


def test_blocks_comments_and_code_can_be_folded() -> None:
    files = workspace()
    text = source(files, "test.wf")
    found = [
        (text.position(span.start).line, text.position(span.end).line, is_comment)
        for span, is_comment in folds(files, "test.wf")
    ]
    assert (
        found
        == [
            (1, 2, True),
            (3, 21, False),
            (4, 5, False),
            (6, 7, False),
            (8, 19, False),
            (9, 14, False),
            (11, 12, False),
            (13, 14, False),
            (15, 19, False),
            (16, 19, False),
            (17, 19, False),
            (20, 21, False),
        ]
        or found
    )


def test_a_selection_grows_from_the_word_to_the_file() -> None:
    at = cursor("workflow w:\n\tdo:\n\t\teval:\n\t\t\tx = 1 + v.ad$0dr.city\n")
    text = source(at.workspace, at.path).text
    assert [text[span.start : span.end].strip() for span in selections(*at)][:6] == [
        "addr",
        "v.addr.city",
        "1 + v.addr.city",
        "x = 1 + v.addr.city",
        "eval:\n\t\t\tx = 1 + v.addr.city",
        "do:\n\t\teval:\n\t\t\tx = 1 + v.addr.city",
    ]


@given(st.integers(0, len(WORKFLOW)))
def test_every_selection_lies_in_the_next(offset: int) -> None:
    found = selections(workspace(), "test.wf", offset)
    assert found[-1] == (0, len(WORKFLOW))
    assert all(
        outer.start <= inner.start and inner.end <= outer.end and outer != inner
        for inner, outer in pairwise(found)
    )
    assert all(span.start <= offset <= span.end for span in found)


def test_types_and_codes_are_links() -> None:
    files = workspace(
        WORKFLOW.replace("label again", "label again  # jcc: ignore[JCC411, JCC000]"),
        **{"order.schema_json": "{}"},
    )
    text = source(files, "test.wf").text
    found = [
        (text[link.span.start : link.span.end], link.path.rpartition("/")[2])
        for link in links(files, "test.wf")
    ]
    assert found == [("order", "order.schema.json"), ("JCC411", "JCC411.md")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("workflow w:\n\tdo:\n\t\tlabel $0l\n\t\tgoto l\n", ["l", "l"]),
        ("workflow w:\n\tdo:\n\t\tlabel l$0\n\t\tgoto l\n", ["l", "l"]),
        ("workflow w:\n\tdo:\n\t\tlabel $0l\n", []),
        ("workflow w:\n\tdo:\n\t\tlabel $0l\n\t\tgoto 'l'\n", []),
        ("workflow w:\n\tdo:\n\t\teval:\n\t\t\t[p$0erl[ $v{x} = 1 ]perl]\n", ["perl", "perl"]),
        ("workflow w:\n\tdo:\n\t\teval:\n\t\t\t[$0[ v.x = 1 ]]\n", ["", ""]),
        ("#[no$0te[\n text\n#]note]\nworkflow w:\n\tdo:\n\t\treturn\n", ["note", "note"]),
        ("workflow w:\n\tdo:\n\t\teval:\n\t\t\t[perl[ $v{$0x} = 1 ]perl]\n", []),
    ],
)
def test_labels_and_tags_are_edited_together(text: str, expected: list[str]) -> None:
    at = cursor(text)
    content = source(at.workspace, at.path).text
    assert [content[span.start : span.end] for span in linked_ranges(*at)] == expected
