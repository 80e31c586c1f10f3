"""No feature raises and none answers with places outside of the text, whatever the text and wherever the cursor."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jcc.source import Span
from jcc.workspace import Workspace, diagnostics
from jcc_lsp.ide.code_actions import code_actions
from jcc_lsp.ide.code_lenses import code_lenses
from jcc_lsp.ide.completion import complete
from jcc_lsp.ide.hover import hover
from jcc_lsp.ide.inlay_hints import inlay_hints
from jcc_lsp.ide.semantic_tokens import semantic_tokens
from jcc_lsp.ide.signature_help import signature_help
from jcc_lsp.ide.wording import documentation
from jcc_lsp.ide.workflows import graph, workflow_named
from tests.conftest import ROOT

EXAMPLES = sorted(
    path.read_text(encoding="utf-8")
    for folder in ("examples", "tests/conformance")
    for path in Path(ROOT / folder).rglob("*.wf")
)
PIECES = st.sampled_from(
    [
        *(
            "v.",
            "o.",
            "a[",
            "<",
            "]]",
            "[[ $v{",
            "[[ v.",
            "'",
            '"',
            "(",
            "concat(",
            "\t",
            "\n",
            "\r\n",
        ),
        *("call ", "into:", "when ", "# jcc: ignore[", "##", "x = ", ",= ", "using ", ".'", "\x00"),
        *("\f", "\u2028", "\U0001f600", "workflow w:\n", "\tdo:\n", "goto ", "lock ", "%", "/"),
    ]
)
ADD = "action add:\n\tin:\n\t\tcounter\tnumber\n\t\tstep\tnumber\t1\n\tout:\n\t\tcounter\tnumber\n"


def workspace_of(text: str) -> Workspace:
    workspace = Workspace()
    workspace.set_text("add.ac", ADD)
    workspace.set_text("order.schema.json", '{"type": "object", "properties": {"id": {}}}')
    workspace.set_text("test.wf", text)
    return workspace


def ask_everything(text: str, offset: int, end: int) -> None:
    workspace = workspace_of(text)
    whole, span = Span(0, len(text)), Span(offset, end)

    completions = complete(workspace, "test.wf", offset)
    assert completions.span.start <= completions.span.end == offset
    for item in completions.items:
        if item.topic is not None:
            assert documentation(workspace, item.topic) != ""
    shown = hover(workspace, "test.wf", offset)
    assert shown is None or shown.span.start <= offset <= shown.span.end
    signature_help(workspace, "test.wf", offset)
    tokens = semantic_tokens(workspace, "test.wf")
    assert all(one.span.end <= two.span.start for one, two in pairwise(tokens))
    assert all("\n" not in text[token.span.start : token.span.end] for token in tokens)
    hints = inlay_hints(workspace, "test.wf", whole)
    assert all(0 <= hint.offset <= len(text) for hint in hints)
    found = [
        finding
        for finding in diagnostics(workspace, "test.wf")
        if finding.span.start <= end and offset <= finding.span.end
    ]
    for action in code_actions(workspace, "test.wf", span, found):
        changes = action.changes()
        assert changes.edits or changes.new_file, action.title
        assert all(0 <= e.span.start <= e.span.end for e in changes.edits)
    for lens in code_lenses(workspace, "test.wf"):
        assert text[lens.span.start : lens.span.end].strip("'\"") != ""
    workflow = workflow_named(workspace, ["test.wf"], None)
    if workflow is not None:
        graph(workspace, *workflow, "mermaid")


@settings(max_examples=150)
@given(st.sampled_from(EXAMPLES), st.data())
def test_broken_workflows(text: str, data: st.DataObject) -> None:
    for _ in range(data.draw(st.integers(0, 3))):
        at = data.draw(st.integers(0, len(text)))
        end = data.draw(st.integers(at, min(at + 40, len(text))))
        text = text[:at] + data.draw(PIECES) + text[end:]
    offset = data.draw(st.integers(0, len(text)))
    ask_everything(text, offset, data.draw(st.integers(offset, len(text))))


@settings(max_examples=100)
@given(st.lists(st.one_of(PIECES, st.text(max_size=5))).map("".join), st.data())
def test_any_text(text: str, data: st.DataObject) -> None:
    offset = data.draw(st.integers(0, len(text)))
    ask_everything(text, offset, len(text))


@pytest.mark.parametrize("text", EXAMPLES[:40])
def test_every_offset_of_a_line_that_is_cut_off(text: str) -> None:
    """What a file is like while its last line is typed."""
    for end in range(0, min(len(text), 600), 7):
        workspace = workspace_of(text[:end])
        complete(workspace, "test.wf", end)
        hover(workspace, "test.wf", end)
        signature_help(workspace, "test.wf", end)
