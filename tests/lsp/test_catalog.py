"""What is deployed is known in the editor too, and comes without being waited for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from jobcenter.database import Connection
from jobcenter.deploy import deploy
from tests.artifacts import ADD
from tests.lsp.wire import Wire

CALLER = "workflow caller:\n\tdo:\n\t\tcall add:\n\t\t\tcounter = 1\n\t\tcall ad:\n"


@pytest.fixture
def wire(tmp_path: Path, database: str, connection: Connection) -> Iterator[Wire]:
    deploy(connection, [ADD])
    (tmp_path / "jcc.toml").write_text(f"catalog = {json.dumps(database)}")
    (tmp_path / "caller.wf").write_text(CALLER)
    with Wire.start() as wire:
        wire.initialize(tmp_path)
        yield wire
        wire.leave()


def wait_for_unknown(wire: Wire, *names: str) -> None:
    """Wait for findings of the file that tell of these unknown names, and no others."""

    def told(params: object) -> bool:
        said = json.dumps(params)
        unknown = {name for name in ("add", "ad") if f"is named `{name}`" in said}
        return "caller.wf" in said and unknown == set(names)

    wire.wait(lambda m: m.get("method") == "textDocument/publishDiagnostics" and told(m["params"]))


def test_it_is_read_in_the_background_and_again_when_asked(
    wire: Wire, connection: Connection, tmp_path: Path
) -> None:
    wait_for_unknown(wire, "ad")
    place = {
        "textDocument": {"uri": (tmp_path / "caller.wf").as_uri()},
        "position": {"line": 2, "character": 8},
    }
    hover = wire.answer(wire.ask("textDocument/hover", place)).message["result"]
    assert "counter" in json.dumps(hover)
    definition = wire.answer(wire.ask("textDocument/definition", place)).message["result"]
    assert not definition
    items = wire.answer(wire.ask("textDocument/completion", place)).message["result"]
    assert '"add"' in json.dumps(items)
    prepared = wire.ask("textDocument/prepareCallHierarchy", place)
    assert not wire.answer(prepared).message["result"]

    connection.execute("update jobcenter.actions set name = 'ad'")
    command = {"command": "jcc.reloadCatalog", "arguments": [{}]}
    asked = wire.ask("workspace/executeCommand", command)
    wait_for_unknown(wire, "add")
    assert wire.answer(asked).message["result"] is None


def test_one_that_cannot_be_read_is_told(wire: Wire, tmp_path: Path) -> None:
    wait_for_unknown(wire, "ad")
    (tmp_path / "jcc.toml").write_text('catalog = "host=127.0.0.1 port=1"')
    changed = {"uri": (tmp_path / "jcc.toml").as_uri(), "type": 2}
    wire.notify("workspace/didChangeWatchedFiles", {"changes": [changed]})
    message = wire.wait(lambda m: m.get("method") == "window/showMessage").message
    assert message["params"]["message"].startswith("the catalog is left out: no database")
