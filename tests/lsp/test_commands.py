"""From the editor to the engine: a run and a dry run of a deploy, with their progress, and how they are stopped."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from jcc_lsp.processes import run_jcc
from tests.lsp.wire import Json, ServerError, Wire

DOUBLE = """\
workflow double:
	in:
		input	number
	out:
		output	number
	wfomap:
		output = v.twice
	do:
		assert a.input < 100:
			'too much'
		eval:
			twice = 2 * a.input
"""
SLOW = "workflow slow:\n\tdo:\n\t\tsleep 600\n"
PROGRESS = {"window": {"workDoneProgress": True}}


@pytest.fixture
def wire(tmp_path: Path, database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Wire]:
    """A server whose jobs run in a database of the test's."""
    monkeypatch.setenv("JOBCENTER_DSN", database)
    (tmp_path / "jcc.toml").write_text("")
    (tmp_path / "double.wf").write_text(DOUBLE)
    (tmp_path / "slow.wf").write_text(SLOW)
    with Wire.start() as wire:
        wire.initialize(tmp_path, capabilities=PROGRESS)
        yield wire
        wire.leave()


def ask(wire: Wire, command: str, file: Path, **more: Json) -> int:
    arguments = [{"uri": file.as_uri(), **more}]
    return wire.ask("workspace/executeCommand", {"command": command, "arguments": arguments})


def test_run_and_dry_run(wire: Wire, tmp_path: Path) -> None:
    file = tmp_path / "double.wf"
    told = wire.answer(ask(wire, "jcc.deployDryRun", file)).message["result"]
    assert told == "workflow double: would be new, version 1\n"
    result = wire.answer(ask(wire, "jcc.run", file, inputs={"input": 4})).message["result"]
    assert result == {"output": {"output": 8}}
    failed = ask(wire, "jcc.run", file, inputs={"input": 100})
    message = wire.wait(lambda m: m.get("method") == "window/showMessage").message
    assert message["params"]["message"].startswith("double.wf did not end well")
    assert wire.answer(failed).message["result"]["error"]["msg"] == "too much"
    wrong = ask(wire, "jcc.run", file, inputs={"inputs": 4})
    error = wire.answer(wrong).message["result"]["error"]["msg"]
    assert "double has no input `inputs`" in error


def test_what_is_not_saved_is_told(wire: Wire, tmp_path: Path) -> None:
    file = tmp_path / "double.wf"
    wire.open(file.as_uri(), DOUBLE.replace("2 *", "3 *"))
    request = ask(wire, "jcc.run", file, inputs={"input": 4})
    told = wire.wait(lambda m: m.get("method") == "window/showMessage").message
    assert told["params"]["message"] == "not saved, so not as you see it: double.wf"
    assert wire.answer(request).message["result"] == {"output": {"output": 8}}


def test_a_run_is_stopped_where_its_progress_is_shown(wire: Wire, tmp_path: Path) -> None:
    request = ask(wire, "jcc.run", tmp_path / "slow.wf")
    begin = wire.wait(lambda m: m.get("method") == "$/progress").message["params"]
    assert begin["value"]["kind"] == "begin"
    assert begin["value"]["cancellable"]
    waiting = wire.wait(lambda m: m.get("method") == "window/logMessage").message["params"]
    assert waiting["message"].startswith("waiting: ")
    # Nothing else waits for it.
    symbols = {"textDocument": {"uri": (tmp_path / "double.wf").as_uri()}}
    assert wire.call("textDocument/documentSymbol", symbols)
    wire.notify("window/workDoneProgress/cancel", {"token": begin["token"]})
    end = wire.wait(lambda m: _kind(m) == "end").message["params"]
    assert end["token"] == begin["token"]
    assert wire.answer(request).message["error"]["code"] == -32800


def _kind(message: dict[str, Json]) -> str | None:
    is_progress = message.get("method") == "$/progress"
    kind: str | None = message["params"]["value"]["kind"] if is_progress else None
    return kind


def test_a_run_is_stopped_with_its_request(wire: Wire, tmp_path: Path) -> None:
    request = ask(wire, "jcc.run", tmp_path / "slow.wf")
    wire.wait(lambda m: m.get("method") == "window/logMessage")
    wire.notify("$/cancelRequest", {"id": request})
    wire.wait(lambda m: _kind(m) == "end")
    assert wire.answer(request).message["error"]["code"] == -32800


def test_a_file_that_is_not_there(wire: Wire, tmp_path: Path) -> None:
    request = {"command": "jcc.run", "arguments": [{"uri": (tmp_path / "none.wf").as_uri()}]}
    with pytest.raises(ServerError, match="no such file"):
        wire.call("workspace/executeCommand", request)


@pytest.mark.asyncio
async def test_lines_are_told_as_they_come(tmp_path: Path) -> None:
    lines: list[str] = []
    ended = await run_jcc(["explain", "JCC999"], tmp_path, lines.append)
    assert ended.status == 2
    assert "JCC999" in lines[0]
    assert ended.messages == "\n".join(lines)


@pytest.mark.asyncio
async def test_a_program_ends_when_nobody_waits_for_it_any_more(tmp_path: Path) -> None:
    said = asyncio.Event()
    command = ["lsp", "--tcp", "0"]  # which goes on for ever
    task = asyncio.create_task(run_jcc(command, tmp_path, lambda line: said.set()))
    await said.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
