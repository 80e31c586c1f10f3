"""A text in pieces is found the same things in as one that is whole, and keeps the pieces that an edit did not touch."""

from __future__ import annotations

from pathlib import Path

from hypothesis import example, given, settings
from hypothesis import strategies as st

from jcc.frontend.formatter import Style, format_parsed, format_source
from jcc.source import Source
from jcc.workspace import Workspace, diagnostics
from jcc_lsp.documents import Document
from jcc_lsp.findings import findings
from jcc_lsp.pieces import split
from jcc_lsp.projects import Project
from jcc_lsp.whole import whole as parsed_whole
from tests.lsp.marked import ADD, whole

ONE = "workflow one:\n\tdo:\n\t\tcall two:\n"
TWO = "## The second.\naction two:\n\tin:\n\t\tx	number\n"


def test_a_text_is_cut_at_the_comments_above_a_header() -> None:
    assert split(f"# file\n\n{ONE}\n{TWO}") == [f"# file\n\n{ONE}\n", TWO]


def test_what_is_commented_out_is_no_piece() -> None:
    text = f"{ONE}#[[\n{TWO}#]]\n{TWO}"
    assert split(text) == [f"{ONE}#[[\n{TWO}#]]\n", TWO]


def test_what_is_not_closed_is_not_cut() -> None:
    text = f"{ONE}\t\t\t[[ x\n{TWO}"
    assert split(text) == [text]


def test_an_edit_keeps_the_names_of_all_other_pieces() -> None:
    document = Document("a.wf", "file:///a.wf")
    document.set_text(ONE + TWO + ADD)
    names = [piece.name for piece in document.pieces]
    assert names == ["a.wf", "a.wf#2", "a.wf#3"]
    document.set_text(ONE + TWO.replace("x", "y") + ADD)
    assert [piece.name for piece in document.pieces] == names
    document.set_text(ONE + TWO + TWO + ADD)
    assert [piece.name for piece in document.pieces] == ["a.wf", "a.wf#2", "a.wf#4", "a.wf#3"]
    document.set_text(ADD)
    assert [piece.name for piece in document.pieces] == ["a.wf#3"]


LOCKS = "workflow {0}:\n\tlocks:\n\t\tx\t1\tmanual\n\t\ty\t1\tmanual\n\tdo:\n\t\tlock {1} 1\n\t\tlock {2} 1\n"
LINES = [
    "workflow one:",
    "workflow two:",
    "action add:",
    "  action add:",
    "workflwo x:",
    "procedure 'p q':  # why",
    "workflow = 3",
    "workflow x(",
    "\tin:",
    "\t\tx\tnumber",
    "\tdo:",
    "in:",
    "\t\tcall add:",
    "\t\tcall two:",
    "\t\t\tx = 1",
    "\t\t\tx = v.y;",
    "\t\t\t[[ v.x = 1",
    "]]",
    "\t\t\t[[ v.y = 2 ]]",
    "#[[",
    "#]]",
    "## Documented.",
    "# a comment # jcc: ignore[JCC302]",
    "# jcc: ignore-file[JCC201]",
    "# jcc: ignore[JCC201, JCC801]",
    "\t\t\ty = 'abc\\",
    "'",
    "",
    "\ufeff",
    "\t)",
    "\x0c",
    "\u2028x",
]
TEXTS = st.lists(st.sampled_from(LINES), max_size=14).map("\n".join)


@settings(max_examples=400)
@given(TEXTS, st.lists(TEXTS, max_size=2))
@example(f"{ONE}{ONE}{TWO}", [])
@example("\ufeffworkflow one:\nworkflow two:\nworkflow one:", [])
@example("workflow one:\n\tdo:\n\t\t\ty = 'abc\\\nworkflow two:\n'", [])
@example("workflow one:\nworkflow one:\n  action add:", [])
@example("workflow w:\n\tdo:\n\t\tcall c:\n\t\t\ty = 1\n", [f"{TWO}action c:\n\tinterface two:\n"])
@example(LOCKS.format("a", "x", "y") + LOCKS.format("b", "y", "x"), [LOCKS.format("a", "y", "x")])
@example(f"workflow one:\n{'(' * 3}\n" * 300, [])
def test_the_findings_are_those_of_the_whole(text: str, others: list[str]) -> None:
    project, fresh = Project(Path("/nowhere")), Workspace()
    for number, content in enumerate([*others, text]):
        path = f"/nowhere/{number}.wf"
        project.open(path, f"file://{path}", 1, content)
        fresh.set_text(path, content)
    for path, document in project.documents.items():
        assert "".join(split(document.text)) == document.text
        found = findings(project.workspace, document)
        assert [whole(project, d) for d in found] == list(diagnostics(fresh, path))


LAID_OUT = st.sampled_from(
    [
        *(
            "workflow one:",
            "action two:  # why",
            "  action three:",
            "\taction four:",
            "\tin:",
            "\tdo:",
            "  in:",
        ),
        *(
            "\t\tx  number",
            "\t\teval:",
            "\t\t\tx=1;",
            "       x = 2 # why",
            "      x=3",
            "\t\t\t(",
            "\t\t\t)",
        ),
        *(
            "",
            " ",
            "#c",
            "\t#c",
            "      # c",
            "##  d ",
            "#[[",
            "#]]  ",
            "\t\t\t[[ x",
            "]]",
            "\ufeff",
            "\r",
        ),
    ]
)


@settings(max_examples=600)
@given(st.lists(LAID_OUT, max_size=16), st.sampled_from(["\n", "\r\n"]), st.sampled_from([None, 2]))
@example(["workflow one:", "\tdo:", "\t\tbroken(", "# c  ", "workflow two:", "  do:"], "\n", None)
def test_a_text_is_formatted_as_if_it_were_whole(
    lines: list[str], line_end: str, spaces: int | None
) -> None:
    text, style = line_end.join(lines), Style(spaces)
    project = Project(Path("/nowhere"))
    project.open("/nowhere/a.wf", "file:///nowhere/a.wf", 1, text)
    document = project.documents["/nowhere/a.wf"]
    formatted = format_parsed(parsed_whole(project.workspace, document), style)
    assert formatted == format_source(Source("a.wf", text), style)
