"""The server as editors speak to it: Neovim 0.7 and 0.11, and VS Code, each with what it says that it can do."""

from __future__ import annotations

from pathlib import Path

import pytest
from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcException, JsonRpcMethodNotFound
from pytest_lsp import LanguageClient

from tests.lsp.marked import ADD

CALLER = """\
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
	wfomap:
		output = v.counter
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "jcc.toml").write_text("")
    (tmp_path / "add.ac").write_text(ADD)
    (tmp_path / "caller.wf").write_text(CALLER)
    return tmp_path


pytestmark = pytest.mark.asyncio


class Buffer:
    """A file in an editor."""

    def __init__(self, editor: LanguageClient, file: Path) -> None:
        self.editor, self.uri, self.text, self.version = editor, file.as_uri(), file.read_text(), 1
        self.id = lsp.TextDocumentIdentifier(self.uri)
        editor.text_document_did_open(
            lsp.DidOpenTextDocumentParams(lsp.TextDocumentItem(self.uri, "jcl", 1, self.text))
        )

    def replace(self, old: str, new: str) -> None:
        """Type over the first mention of a text."""
        start = self.position(old)
        end = lsp.Position(start.line, start.character + len(old))
        self.text = self.text.replace(old, new, 1)
        self.version += 1
        self.editor.text_document_did_change(
            lsp.DidChangeTextDocumentParams(
                lsp.VersionedTextDocumentIdentifier(self.version, self.uri),
                [lsp.TextDocumentContentChangePartial(lsp.Range(start, end), new)],
            )
        )

    def position(self, text: str) -> lsp.Position:
        before = self.text[: self.text.index(text)]
        return lsp.Position(before.count("\n"), len(before) - before.rfind("\n") - 1)

    async def findings(self) -> list[str]:
        """What the editor shows of it now: as it was told, or as it asks for, if it is offered to."""
        try:
            answer = await self.editor.text_document_diagnostic_async(
                lsp.DocumentDiagnosticParams(self.id)
            )
        except JsonRpcMethodNotFound:
            return [f"{d.range.start.line + 1} {d.code}" for d in self.editor.diagnostics[self.uri]]
        assert isinstance(answer, lsp.RelatedFullDocumentDiagnosticReport)
        found = list(answer.items)
        if self.uri in self.editor.diagnostics:
            assert list(self.editor.diagnostics[self.uri]) == found
        return [f"{d.range.start.line + 1} {d.code}" for d in found]


async def test_findings_follow_every_change(editor: LanguageClient, folder: Path) -> None:
    caller, action = Buffer(editor, folder / "caller.wf"), Buffer(editor, folder / "add.ac")
    assert await caller.findings() == []
    action.replace("action add", "action sum")
    assert await caller.findings() == ["7 JCC201"]
    action.replace("action sum", "action add")
    assert await caller.findings() == []
    caller.replace("a.input", "a.imput")
    assert await caller.findings() == ["3 JCC804", "8 JCC207"]


async def test_unsaved_text_counts_until_it_is_closed(editor: LanguageClient, folder: Path) -> None:
    caller, action = Buffer(editor, folder / "caller.wf"), Buffer(editor, folder / "add.ac")
    action.replace("action add", "action sum")
    assert await caller.findings() == ["7 JCC201"]
    editor.text_document_did_close(lsp.DidCloseTextDocumentParams(action.id))
    assert await caller.findings() == []


async def test_files_that_change_on_disk_count(editor: LanguageClient, folder: Path) -> None:
    caller = Buffer(editor, folder / "caller.wf")
    assert await caller.findings() == []
    (folder / "add.ac").unlink()
    event = lsp.FileEvent((folder / "add.ac").as_uri(), lsp.FileChangeType.Deleted)
    editor.workspace_did_change_watched_files(lsp.DidChangeWatchedFilesParams([event]))
    assert await caller.findings() == ["7 JCC201"]
    (folder / "jcc.toml").write_text('ignore = ["JCC201"]')
    event = lsp.FileEvent((folder / "jcc.toml").as_uri(), lsp.FileChangeType.Changed)
    editor.workspace_did_change_watched_files(lsp.DidChangeWatchedFilesParams([event]))
    assert await caller.findings() == []


async def test_the_whole_workspace_can_be_asked(editor: LanguageClient, folder: Path) -> None:
    (folder / "broken.wf").write_text("workflow broken:\n\tdo:\n\t\tcall nobody:\n")
    event = lsp.FileEvent((folder / "broken.wf").as_uri(), lsp.FileChangeType.Created)
    editor.workspace_did_change_watched_files(lsp.DidChangeWatchedFilesParams([event]))
    try:
        answer = await editor.workspace_diagnostic_async(lsp.WorkspaceDiagnosticParams([]))
    except JsonRpcMethodNotFound:  # then it is told
        while not editor.diagnostics.get((folder / "broken.wf").as_uri()):
            await editor.wait_for_notification(lsp.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
        return
    (report,) = answer.items
    assert isinstance(report, lsp.WorkspaceFullDocumentDiagnosticReport)
    assert report.uri.endswith("/broken.wf")
    assert {d.code for d in report.items} == {"JCC201"}
    known = [lsp.PreviousResultId(report.uri, str(report.result_id))]
    again = await editor.workspace_diagnostic_async(lsp.WorkspaceDiagnosticParams(known))
    assert [item.kind for item in again.items] == ["unchanged"]


async def test_a_rename_reaches_all_files_and_renames_its_own(
    editor: LanguageClient, folder: Path
) -> None:
    caller = Buffer(editor, folder / "caller.wf")
    place = lsp.RenameParams(caller.id, caller.position("add:"), "sum")
    edit = await editor.text_document_rename_async(place)
    assert edit is not None
    changes = list(edit.document_changes or ())
    renamed = [change for change in changes if isinstance(change, lsp.RenameFile)]
    assert [(c.old_uri[-7:], c.new_uri[-7:]) for c in renamed] == [("/add.ac", "/sum.ac")]
    assert isinstance(changes[-1], lsp.RenameFile), "the edits speak of the old file"
    edited = [c.text_document for c in changes if isinstance(c, lsp.TextDocumentEdit)]
    found = {(document.uri.rpartition("/")[2], document.version) for document in edited}
    assert found == {("caller.wf", 1), ("add.ac", None)}


async def test_a_renamed_file_renames_its_definition(editor: LanguageClient, folder: Path) -> None:
    new = (folder / "sum.ac").as_uri()
    files = [lsp.FileRename((folder / "add.ac").as_uri(), new)]
    edit = await editor.workspace_will_rename_files_async(lsp.RenameFilesParams(files))
    assert edit is not None
    texts = {
        change.text_document.uri.rpartition("/")[2]: [
            e.new_text for e in change.edits if isinstance(e, lsp.TextEdit)
        ]
        for change in edit.document_changes or ()
        if isinstance(change, lsp.TextDocumentEdit)
    }
    assert texts == {"add.ac": ["sum"], "caller.wf": ["sum"]}


async def test_what_is_refused_is_told_with_the_reason(
    editor: LanguageClient, folder: Path
) -> None:
    caller = Buffer(editor, folder / "caller.wf")
    place = lsp.RenameParams(caller.id, caller.position("add:"), "caller")
    with pytest.raises(JsonRpcException, match="another definition named `caller`"):
        await editor.text_document_rename_async(place)


async def test_formatting_is_that_of_the_command_line(editor: LanguageClient, folder: Path) -> None:
    caller = Buffer(editor, folder / "caller.wf")
    caller.replace("= a.input", "=    a.input;")
    options = lsp.FormattingOptions(tab_size=8, insert_spaces=False)
    edits = await editor.text_document_formatting_async(
        lsp.DocumentFormattingParams(caller.id, options)
    )
    assert edits is not None
    assert [e.new_text for e in edits] == ["\t\t\tcounter = a.input"]
    assert edits[0].range == lsp.Range(lsp.Position(7, 0), lsp.Position(7, 24))
