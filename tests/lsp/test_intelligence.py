"""Completion, hover, tokens, hints, actions, lenses and commands as editors get them."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcException
from pytest_lsp import LanguageClient

from tests.conftest import ROOT

TEXT = """\
# 😀 first
workflow caller:
	in:
		input	number
	out:
		output	number
	do:
		call add:
			counter = a.input
		into:
			<counter>
		call ad:
			counter = 2
	wfomap:
		output = v.counter
"""
EVERYTHING = lsp.Range(lsp.Position(0, 0), lsp.Position(99, 0))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "jcc.toml").write_text("")
    shutil.copy(ROOT / "examples" / "add.ac", tmp_path)
    return tmp_path


pytestmark = pytest.mark.asyncio


def opened(editor: LanguageClient, folder: Path, text: str = TEXT) -> lsp.TextDocumentIdentifier:
    uri = (folder / "caller.wf").as_uri()
    item = lsp.TextDocumentItem(uri, "jcl", 1, text)
    editor.text_document_did_open(lsp.DidOpenTextDocumentParams(item))
    return lsp.TextDocumentIdentifier(uri)


def place(text: str, mark: str) -> lsp.Position:
    """Where a text begins in TEXT."""
    before = text[: text.index(mark)]
    return lsp.Position(before.count("\n"), len(before.rpartition("\n")[2]))


def _length(editor: LanguageClient, text: str) -> int:
    """As the editor counts: Neovim 0.11 in UTF-8."""
    general = editor.capabilities and editor.capabilities.general
    encodings = (general and general.position_encodings) or []
    if lsp.PositionEncodingKind.Utf8 in encodings:
        return len(text.encode())
    return len(text.encode("utf-16-le")) // 2


def snippets_of(editor: LanguageClient) -> bool:
    texts = editor.capabilities and editor.capabilities.text_document
    items = texts and texts.completion and texts.completion.completion_item
    return bool(items and items.snippet_support)


async def test_what_is_told_of_a_place(editor: LanguageClient, folder: Path) -> None:
    text = TEXT.replace("call ad:", "call ad")
    document = opened(editor, folder, text.replace("\t\t\tcounter = 2\n", ""))
    position = place(text, "call ad\n")
    at = lsp.Position(position.line, position.character + len("call ad"))
    found = await editor.text_document_completion_async(lsp.CompletionParams(document, at))
    assert isinstance(found, lsp.CompletionList)
    item = next(item for item in found.items if item.label == "add")
    edit = item.text_edit.new_text if item.text_edit else item.text_edit_text
    if snippets_of(editor):
        assert edit == "add:\n\tcounter = ${1:v.counter}\ninto:\n\t$0"
        assert item.insert_text_format is lsp.InsertTextFormat.Snippet
    else:
        assert edit == "add:"
    assert item.documentation is None
    item = await editor.completion_item_resolve_async(item)
    assert isinstance(item.documentation, lsp.MarkupContent)
    assert "Adds a step to a counter." in item.documentation.value

    document = opened(editor, folder)
    hover = await editor.text_document_hover_async(
        lsp.HoverParams(document, place(TEXT, "input\n"))
    )
    assert hover is not None
    assert isinstance(hover.contents, lsp.MarkupContent)
    assert "a.input: number" in hover.contents.value
    wrong = await editor.text_document_hover_async(lsp.HoverParams(document, place(TEXT, "ad:")))
    assert wrong is not None
    assert isinstance(wrong.contents, lsp.MarkupContent)
    assert "**JCC201: unknown-action**" in wrong.contents.value
    signature = await editor.text_document_signature_help_async(
        lsp.SignatureHelpParams(document, place(TEXT, "a.input"))
    )
    assert signature is not None
    assert signature.signatures[0].label.startswith("add(counter: number")
    assert signature.active_parameter == 0


async def test_semantic_tokens_and_what_changes_in_them(
    editor: LanguageClient, folder: Path
) -> None:
    document = opened(editor, folder)
    full = await editor.text_document_semantic_tokens_full_async(lsp.SemanticTokensParams(document))
    assert full is not None
    assert full.data[2] == _length(editor, "# 😀 first")
    change = lsp.TextDocumentContentChangePartial(
        lsp.Range(place(TEXT, "wfomap"), place(TEXT, "wfomap")), "role:\n\t\tx\n\t"
    )
    editor.text_document_did_change(
        lsp.DidChangeTextDocumentParams(
            lsp.VersionedTextDocumentIdentifier(2, document.uri), [change]
        )
    )
    assert full.result_id is not None
    delta = await editor.text_document_semantic_tokens_full_delta_async(
        lsp.SemanticTokensDeltaParams(document, full.result_id)
    )
    assert isinstance(delta, lsp.SemanticTokensDelta)
    data = list(full.data)
    for edit in delta.edits:
        data[edit.start : edit.start + edit.delete_count] = edit.data or []
    again = await editor.text_document_semantic_tokens_full_async(
        lsp.SemanticTokensParams(document)
    )
    assert again is not None
    assert data == list(again.data) != list(full.data)
    part = await editor.text_document_semantic_tokens_range_async(
        lsp.SemanticTokensRangeParams(document, EVERYTHING)
    )
    assert part is not None
    assert list(part.data) == data


async def test_what_stands_between_and_above_the_lines(
    editor: LanguageClient, folder: Path
) -> None:
    document = opened(editor, folder)
    found = await editor.text_document_inlay_hint_async(lsp.InlayHintParams(document, EVERYTHING))
    assert found is not None
    assert {hint.label for hint in found} == {"step = 1", ": number"}
    resolved = await editor.inlay_hint_resolve_async(
        next(hint for hint in found if hint.label == "step = 1")
    )
    assert isinstance(resolved.tooltip, lsp.MarkupContent)
    assert "Adds a step" in resolved.tooltip.value
    uri = (folder / "add.ac").as_uri()
    lenses = await editor.text_document_code_lens_async(
        lsp.CodeLensParams(lsp.TextDocumentIdentifier(uri))
    )
    assert lenses is not None
    commands = [(await editor.code_lens_resolve_async(lens)).command for lens in lenses]
    assert [command and (command.title, command.command) for command in commands] == [
        ("1 caller", "jcc.showReferences")
    ]


async def actions(
    editor: LanguageClient, params: lsp.CodeActionParams
) -> dict[str, lsp.CodeAction]:
    """The actions by their titles, each with its edit."""
    found = await editor.text_document_code_action_async(params)
    made: dict[str, lsp.CodeAction] = {}
    for action in found or []:
        assert isinstance(action, lsp.CodeAction)
        if action.edit is None:
            action = await editor.code_action_resolve_async(action)
        assert action.edit is not None
        made[action.title] = action
    return made


async def test_code_actions(editor: LanguageClient, folder: Path) -> None:
    document = opened(editor, folder)
    where = place(TEXT, "ad:")
    context = lsp.CodeActionContext(diagnostics=[])
    found = await actions(editor, lsp.CodeActionParams(document, lsp.Range(where, where), context))
    assert set(found) == {
        "change it to `add`",
        "create the action `ad`",
        "ignore JCC201 in this line",
    }
    edit = found["change it to `add`"].edit
    assert edit is not None
    assert edit.document_changes or edit.changes
    start, end = place(TEXT, "\t\tcall add"), place(TEXT, "\t\tcall ad:")
    selected = lsp.CodeActionParams(document, lsp.Range(start, end), context)
    extracted = (await actions(editor, selected))["extract to a workflow"]
    assert extracted.edit is not None
    changes = extracted.edit.document_changes or []
    assert any(isinstance(change, lsp.CreateFile) for change in changes)
    source = lsp.CodeActionContext(diagnostics=[], only=[lsp.CodeActionKind.Source])
    whole = await actions(editor, lsp.CodeActionParams(document, lsp.Range(where, where), source))
    assert all(str(action.kind).startswith("source.") for action in whole.values())


async def command(editor: LanguageClient, name: str, **argument: Any) -> Any:
    params = lsp.ExecuteCommandParams(name, [argument])
    return await editor.workspace_execute_command_async(params)


async def test_commands_about_the_unsaved_text(editor: LanguageClient, folder: Path) -> None:
    document = opened(editor, folder)
    assert await command(editor, "jcc.graph", uri=document.uri) is None  # it has an error
    opened(editor, folder, TEXT.replace("call ad:", "call add:"))
    drawing = await command(editor, "jcc.graph", uri=document.uri)
    assert drawing.startswith("<svg ")
    text = await command(editor, "jcc.graph", uri=document.uri, format="mermaid")
    assert text.startswith("flowchart TD")
    assert await command(editor, "jcc.signature", uri=document.uri) == {
        "name": "caller",
        "inputs": [{"name": "input", "type": "number", "required": True, "default": None}],
    }
    assert await command(editor, "jcc.signature", uri=(folder / "add.ac").as_uri()) is None
    for name, argument in (
        ("jcc.graph", {}),
        ("jcc.graph", {"uri": "file:///nowhere.wf"}),
        ("jcc.graph", {"uri": (folder / "add.ac").as_uri(), "format": "png"}),
        ("jcc.nothing", {"uri": (folder / "add.ac").as_uri()}),
    ):
        with pytest.raises(JsonRpcException):
            await command(editor, name, **argument)
