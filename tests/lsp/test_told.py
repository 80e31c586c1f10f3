"""Which findings the user is told: those that `jcc check` tells; and what the user is told beside findings."""

from __future__ import annotations

from pathlib import Path

import pytest

from jcc.cli import main
from tests.lsp.wire import Json, Wire

BROKEN = "workflow {name}:\n\tdo:\n\t\tcall nobody:\n"


def told(wire: Wire) -> dict[str, list[str]]:
    """The findings in all files of the workspace, by the end of their names."""
    answer = wire.call("workspace/diagnostic", {"previousResultIds": []})
    return {
        item["uri"].rpartition("/")[2]: [d["code"] for d in item["items"]]
        for item in answer["items"]
    }


def titles(wire: Wire, file: Path, line: int, *kinds: str) -> list[str]:
    place: Json = {"line": line, "character": 8}
    asked = {
        "textDocument": {"uri": file.as_uri()},
        "range": {"start": place, "end": place},
        "context": {"diagnostics": [], **({"only": list(kinds)} if kinds else {})},
    }
    return [action["title"] for action in wire.call("textDocument/codeAction", asked)]


def test_what_the_project_leaves_out_is_told_of_an_open_file_alone(tmp_path: Path) -> None:
    (tmp_path / "jcc.toml").write_text('exclude = ["old/*"]')
    (tmp_path / "old").mkdir()
    old = tmp_path / "old" / "past.wf"
    old.write_text(BROKEN.format(name="past"))
    (tmp_path / "now.wf").write_text(BROKEN.format(name="now"))
    with Wire.start() as wire:
        wire.initialize(tmp_path)
        assert told(wire) == {"now.wf": ["JCC201"]}
        wire.open(old.as_uri(), old.read_text())
        assert told(wire) == {"now.wf": ["JCC201"], "past.wf": ["JCC201"]}
        wire.notify("textDocument/didClose", {"textDocument": {"uri": old.as_uri()}})
        assert told(wire) == {"now.wf": ["JCC201"]}
        assert wire.leave() == 0


def test_what_a_baseline_knows_is_not_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file, baseline = tmp_path / "sub" / "now.wf", tmp_path / "known.json"
    file.parent.mkdir()
    file.write_text(BROKEN.format(name="now") + "\t\teval:\n\t\t\tx = 1;\n")
    (tmp_path / "jcc.toml").write_text('baseline = "known.json"')
    monkeypatch.chdir(tmp_path)
    assert main(["check", "--write-baseline", "known.json", "."]) == 0
    # It is known from wherever one asks.
    monkeypatch.chdir(file.parent)
    assert main(["check", "now.wf"]) == 0
    with Wire.start() as wire:
        wire.initialize(tmp_path)
        assert told(wire) == {}
        wire.open(file.as_uri(), file.read_text())
        assert titles(wire, file, 2) == []
        # As `jcc check --fix` does.
        assert titles(wire, file, 2, "source.fixAll") == ["fix all: 1 finding"]
        wire.edit(file.as_uri(), 2, (3, 0), (3, 0), "\t\tcall noone:\n")
        assert told(wire) == {"now.wf": ["JCC201"]}
        baseline.write_text("{}")
        change = {"uri": baseline.as_uri(), "type": 2}
        wire.notify("workspace/didChangeWatchedFiles", {"changes": [change]})
        assert told(wire)["now.wf"].count("JCC201") == 2
        assert wire.leave() == 0


def test_settings_that_cannot_be_used_are_told(tmp_path: Path) -> None:
    (tmp_path / "jcc.toml").write_text('ignroe = ["JCC201"]\n')
    (tmp_path / "latin.wf").write_bytes(b"workflow latin: # \xe9\n")
    with Wire.start() as wire:
        wire.initialize(tmp_path)
        shown = [
            wire.wait(lambda m: m.get("method") == "window/showMessage").message["params"]
            for _ in range(2)
        ]
        assert "is not UTF-8" in shown[0]["message"]
        assert "no setting is named `ignroe`; did you mean `ignore`?" in shown[1]["message"]
        (tmp_path / "jcc.toml").write_text('baseline = "gone.json"\n')
        change = {"uri": (tmp_path / "jcc.toml").as_uri(), "type": 2}
        (tmp_path / "bad.wf").write_text(BROKEN.format(name="bad"))
        changes = [change, {"uri": (tmp_path / "bad.wf").as_uri(), "type": 1}]
        wire.notify("workspace/didChangeWatchedFiles", {"changes": changes})
        message = wire.wait(lambda m: m.get("method") == "window/showMessage").message
        assert "gone.json: `jcc check --write-baseline gone.json .`" in message["params"]["message"]
        assert wire.leave() == 0


def test_a_folder_within_that_has_settings_is_a_project_of_its_own(tmp_path: Path) -> None:
    """As it is for `jcc check FILE`. One that is a project for others only, such as a worker's, is a part of what is around it."""
    (tmp_path / "jcc.toml").write_text("")
    (tmp_path / "part").mkdir()
    (tmp_path / "part" / "pyproject.toml").write_text("")
    (tmp_path / "part" / "part.wf").write_text("workflow part:\n\tdo:\n\t\tcall whole:\n")
    (tmp_path / "whole.ac").write_text("action whole:\n")
    for name, number in (("one", "counter"), ("two", "zahl")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "add.ac").write_text(f"action add:\n\tin:\n\t\t{number}\tnumber\n")
        call = f"workflow {name}:\n\tdo:\n\t\tcall add:\n\t\t\t{number} = 1\n"
        (tmp_path / name / f"{name}.wf").write_text(call)
        (tmp_path / name / "jcc.toml").write_text("")
    with Wire.start() as wire:
        wire.initialize(tmp_path)
        assert told(wire) == {}
        (tmp_path / "two" / "jcc.toml").unlink()
        (tmp_path / "one" / "jcc.toml").unlink()
        change = {"uri": (tmp_path / "two" / "jcc.toml").as_uri(), "type": 3}
        wire.notify("workspace/didChangeWatchedFiles", {"changes": [change]})
        assert list(told(wire)) == ["two.wf"]
        assert wire.leave() == 0
