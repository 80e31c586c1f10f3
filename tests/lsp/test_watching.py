"""What changes on disk is seen: by the client's eyes where it has some, else by the server's own."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.lsp.marked import ADD
from tests.lsp.wire import Json, Wire

CALLER = "workflow caller:\n\tdo:\n\t\tcall add:\n\t\t\tcounter = 1\n"
REMOTE = {
    "format": 1,
    "definitions": [
        {
            "kind": "action",
            "name": "add",
            "inputs": [{"name": "counter", "type": "number", "optional": False, "default": None}],
            "outputs": [],
            "environment": [],
            "doc": "",
        }
    ],
    "schemas": {},
}
WATCHES = {"workspace": {"didChangeWatchedFiles": {"dynamicRegistration": True}}}
PRECISELY = {"relativePatternSupport": True, **WATCHES["workspace"]["didChangeWatchedFiles"]}


def wait_for(wire: Wire, file: Path, *codes: str) -> None:
    """Wait until the server tells that a file has these findings."""

    def told(message: Json) -> bool:
        if message.get("method") != "textDocument/publishDiagnostics":
            return False
        params = message["params"]
        found = [d["code"] for d in params["diagnostics"]]
        return bool(params["uri"] == file.as_uri()) and found == list(codes)

    wire.wait(told)


def registered(wire: Wire, name: str) -> list[Any]:
    """The patterns that the server asks the client to watch under a name."""

    def asked(message: Json) -> bool:
        if message.get("method") != "client/registerCapability":
            return False
        return bool(message["params"]["registrations"][0]["id"] == name)

    (registration,) = wire.wait(asked).message["params"]["registrations"]
    return [watcher["globPattern"] for watcher in registration["registerOptions"]["watchers"]]


def changed(wire: Wire, file: Path, kind: int = 2, *more: Path) -> None:
    changes = [{"uri": one.as_uri(), "type": kind} for one in (file, *more)]
    wire.notify("workspace/didChangeWatchedFiles", {"changes": changes})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "jcc.toml").write_text("")
    (tmp_path / "caller.wf").write_text(CALLER)
    return tmp_path


def test_for_a_client_that_cannot_watch_the_server_looks_itself(folder: Path) -> None:
    caller = folder / "caller.wf"
    with Wire.start() as wire:
        wire.initialize(folder)
        wire.open(caller.as_uri(), CALLER)
        wait_for(wire, caller, "JCC201")
        (folder / "sub").mkdir()
        (folder / "sub" / "add.ac").write_text(ADD)
        wait_for(wire, caller)
        shutil.rmtree(folder / "sub")
        wait_for(wire, caller, "JCC201")
        (folder / "jcc.toml").write_text('catalog = "known.json"')
        (folder / "known.json").write_text(json.dumps(REMOTE))
        wait_for(wire, caller)
        (folder / "known.json").write_text(json.dumps({**REMOTE, "definitions": []}))
        wait_for(wire, caller, "JCC201")
        assert wire.leave() == 0


def test_what_the_settings_name_has_not_changed_at_the_first_look(folder: Path) -> None:
    caller = folder / "caller.wf"
    (folder / "jcc.toml").write_text('catalog = "known.json"')
    (folder / "known.json").write_text("{")
    complaints = 0

    def told(message: Json, *codes: str) -> bool:
        nonlocal complaints
        complaints += message.get("method") == "window/showMessage"
        if message.get("method") != "textDocument/publishDiagnostics":
            return False
        params = message["params"]
        found = [d["code"] for d in params["diagnostics"]]
        return bool(params["uri"] == caller.as_uri()) and found == list(codes)

    with Wire.start() as wire:
        wire.initialize(folder)
        wire.open(caller.as_uri(), CALLER)
        wire.wait(lambda message: told(message, "JCC201"))
        # Both are found by looks of the server's own: before the second, the first one is over.
        (folder / "add.ac").write_text(ADD)
        wire.wait(told)
        (folder / "add.ac").unlink()
        wire.wait(lambda message: told(message, "JCC201"))
        assert complaints == 1
        assert wire.leave() == 0


def test_of_a_folder_that_is_gone_the_files_are_gone(folder: Path) -> None:
    caller = folder / "caller.wf"
    (folder / "sub").mkdir()
    (folder / "sub" / "add.ac").write_text(ADD)
    with Wire.start() as wire:
        wire.initialize(folder, capabilities=WATCHES)
        assert "**/*" in registered(wire, "watched-files")
        wire.open(caller.as_uri(), CALLER)
        wait_for(wire, caller)
        shutil.rmtree(folder / "sub")
        changed(wire, folder / "sub", 3)
        wait_for(wire, caller, "JCC201")
        assert wire.leave() == 0


def test_of_a_folder_that_comes_the_files_come(folder: Path) -> None:
    caller = folder / "caller.wf"
    with Wire.start() as wire:
        wire.initialize(folder, capabilities=WATCHES)
        assert "**/*" in registered(wire, "watched-files")
        wire.open(caller.as_uri(), CALLER)
        wait_for(wire, caller, "JCC201")
        (folder / "sub" / "deep").mkdir(parents=True)
        (folder / "sub" / "deep" / "add.ac").write_text(ADD)
        changed(wire, folder / "sub", 1)
        wait_for(wire, caller)
        # With settings it is a project of its own, and its files are not those of the one around it.
        (folder / "sub" / "jcc.toml").write_text("")
        changed(wire, folder / "sub", 1)
        wait_for(wire, caller, "JCC201")
        assert wire.leave() == 0


def test_many_files_that_change_at_once_count_together(folder: Path) -> None:
    caller, action, other = folder / "caller.wf", folder / "add.ac", folder / "other.wf"
    action.write_text(ADD)
    with Wire.start() as wire:
        wire.initialize(folder, capabilities=WATCHES)
        wire.open(caller.as_uri(), CALLER)
        wait_for(wire, caller)
        # What the client has open counts, not what is on disk.
        caller.write_text("workflow caller:\n")
        action.unlink()
        other.write_text(CALLER.replace("caller", "other"))
        changed(wire, caller, 2, action, other)
        wait_for(wire, caller, "JCC201")
        wait_for(wire, other, "JCC201")
        assert wire.leave() == 0


def test_files_in_hidden_folders_do_not_count_when_they_change_either(folder: Path) -> None:
    caller, copy = folder / "caller.wf", folder / ".history" / "add.ac"
    copy.parent.mkdir()
    with Wire.start() as wire:
        wire.initialize(folder, capabilities=WATCHES)
        copy.write_text(ADD)
        changed(wire, copy, 1)
        changed(wire, copy.parent, 1)
        wire.open(caller.as_uri(), CALLER)
        wait_for(wire, caller, "JCC201")
        assert wire.leave() == 0


@pytest.mark.parametrize("precisely", [False, True])
def test_the_files_that_settings_name_are_watched_wherever_they_are(
    folder: Path, *, precisely: bool
) -> None:
    project = folder / "project"
    project.mkdir()
    caller, known = project / "caller.wf", folder / "known.json"
    caller.write_text(CALLER)
    (project / "jcc.toml").write_text('catalog = "../known.json"')
    known.write_text(json.dumps({**REMOTE, "definitions": []}))
    capabilities = {"workspace": {"didChangeWatchedFiles": PRECISELY}} if precisely else WATCHES
    with Wire.start() as wire:
        wire.initialize(project, capabilities=capabilities)
        (pattern,) = registered(wire, "named-files")
        if precisely:
            assert pattern == {"baseUri": folder.as_uri(), "pattern": "known.json"}
        else:
            assert pattern == "**/known.json"
        wire.open(caller.as_uri(), CALLER)
        wait_for(wire, caller, "JCC201")
        known.write_text(json.dumps(REMOTE))
        changed(wire, known)
        wait_for(wire, caller)
        # Settings that name no file any more: it is not watched either.
        (project / "jcc.toml").write_text("")
        changed(wire, project / "jcc.toml")
        wire.wait(lambda message: message.get("method") == "client/unregisterCapability")
        assert wire.leave() == 0
