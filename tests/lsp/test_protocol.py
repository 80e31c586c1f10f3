"""What the protocol asks of a server beside its features: encodings, cancellation, streams, what is no message."""

from __future__ import annotations

import json
import re
import socket
import struct
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.lsp.marked import ADD
from tests.lsp.wire import COMMAND, Json, ServerError, Wire, position

# Everything that is counted in different ways, and what some take for the end of a line.
STRANGE = "é€😀\x0c\u2028\x85"
TEXT = f"workflow w:\n\tdo:\n\t\teval:\n\t\t\tx = '{STRANGE}' . a.y\n\t\t\tz = a.y"
UNITS: dict[str, Callable[[str], int]] = {
    "utf-8": lambda text: len(text.encode("utf-8")),
    "utf-16": lambda text: len(text.encode("utf-16-le")) // 2,
    "utf-32": len,
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "jcc.toml").write_text("")
    (tmp_path / "add.ac").write_text(ADD)
    return tmp_path


def places(message: dict[str, Any], code: str) -> list[tuple[int, int]]:
    """Where the findings of a code begin."""
    found = [d["range"]["start"] for d in message["params"]["diagnostics"] if d["code"] == code]
    return [(place["line"], place["character"]) for place in found]


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
def test_columns_are_counted_as_the_client_counts(
    folder: Path, encoding: str, line_end: str
) -> None:
    units = UNITS[encoding]
    uri = (folder / "w.wf").as_uri()
    with Wire.start() as wire:
        answer = wire.initialize(
            folder, capabilities={"general": {"positionEncodings": [encoding, "utf-16"]}}
        )
        assert answer["capabilities"]["positionEncoding"] == encoding
        wire.open(uri, TEXT.replace("\n", line_end))
        column = units(f"\t\t\tx = '{STRANGE}' . a.")
        assert places(wire.published(uri).message, "JCC207") == [(3, column)]
        wire.edit(uri, 2, (3, column), (3, column + 1), "why")
        assert places(wire.published(uri).message, "JCC207") == [(3, column), (4, 9)]
        wire.edit(uri, 3, (4, 7), (4, 10), f"'{STRANGE}' . a.other")
        behind = units(f"\t\t\tz = '{STRANGE}' . a.")
        assert places(wire.published(uri).message, "JCC207") == [(3, column), (4, behind)]
        wire.edit(uri, 4, (3, column), (4, behind), "")
        assert places(wire.published(uri).message, "JCC207") == [(3, column)]
        assert wire.leave() == 0


def test_a_request_that_is_cancelled_is_not_answered_with_a_result(folder: Path) -> None:
    caller = "workflow w{n}:\n\tdo:\n" + "\t\tcall add:\n\t\t\tcounter = 1\n" * 60
    for number in range(300):
        (folder / f"w{number}.wf").write_text(caller.format(n=number))
    with Wire.start() as wire:
        wire.initialize(folder, options={"workspaceDiagnostics": False})
        here = {"textDocument": {"uri": (folder / "add.ac").as_uri()}, "position": position(0, 8)}
        wire.call("textDocument/hover", here)  # the server is up and has read the files
        request = wire.ask(
            "textDocument/references", {**here, "context": {"includeDeclaration": True}}
        )
        wire.notify("$/cancelRequest", {"id": request})
        assert wire.answer(request).message["error"]["code"] == -32800
        found = wire.call(
            "textDocument/references", {**here, "context": {"includeDeclaration": True}}
        )
        assert len(found) == 1 + 60 * 300
        assert wire.leave() == 0


def test_a_client_that_cannot_be_told_to_ask_again_is_told_of_findings(folder: Path) -> None:
    texts: Json = {"diagnostic": {}}
    with Wire.start() as wire:
        answer = wire.initialize(folder, capabilities={"textDocument": texts})
        assert "diagnosticProvider" not in answer["capabilities"]
        wire.open(
            (folder / "w.wf").as_uri(), "workflow w:\n\tdo:\n\t\tcall add:\n\t\t\tcounter = 1\n"
        )
        assert places(wire.published((folder / "w.wf").as_uri()).message, "JCC201") == []
        wire.open((folder / "add.ac").as_uri(), ADD.replace("add", "sum", 1))
        told = wire.published((folder / "w.wf").as_uri()).message
        assert places(told, "JCC201") == [(2, 7)]
        assert wire.leave() == 0
    with Wire.start() as wire:
        refresh = {"diagnostics": {"refreshSupport": True}}
        capabilities = {"textDocument": texts, "workspace": refresh}
        answer = wire.initialize(folder, capabilities=capabilities)
        assert "diagnosticProvider" in answer["capabilities"]
        wire.open((folder / "add.ac").as_uri(), ADD.replace("add", "sum", 1))
        wire.wait(lambda m: m.get("method") == "workspace/diagnostic/refresh")
        assert wire.leave() == 0


def test_only_the_last_of_changes_in_a_row_is_published(folder: Path) -> None:
    uri = (folder / "w.wf").as_uri()
    with Wire.start() as wire:
        wire.initialize(folder)
        wire.open(uri, "workflow w:\n\tdo:\n\t\tcall nobody:\n")
        assert places(wire.published(uri).message, "JCC201") == [(2, 7)]
        for version, letter in enumerate("xyz", 2):
            wire.edit(uri, version, (2, 7), (2, 7), letter)
        message = wire.wait(lambda m: m.get("params", {}).get("version") == 4).message
        assert "zyxnobody" in message["params"]["diagnostics"][0]["message"]
        assert wire.leave() == 0


def test_folders_are_projects_of_their_own(tmp_path: Path) -> None:
    text = "workflow w:\n\tdo:\n\t\tcall add:\n\t\t\tcounter = 1\n"
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "jcc.toml").write_text("")
        (tmp_path / name / "w.wf").write_text(text)
    (tmp_path / "one" / "add.ac").write_text(ADD)
    with Wire.start() as wire:
        wire.initialize(tmp_path / "one", tmp_path / "two")
        for name, expected in (("one", []), ("two", [(2, 7)])):
            uri = (tmp_path / name / "w.wf").as_uri()
            wire.open(uri, text)
            assert places(wire.published(uri).message, "JCC201") == expected
        wire.notify(
            "workspace/didChangeWorkspaceFolders",
            {"event": {"added": [], "removed": [{"uri": (tmp_path / "one").as_uri(), "name": ""}]}},
        )
        found = wire.call("workspace/symbol", {"query": "w"})
        # The file that is still open keeps its project.
        assert len(found) == 2
        assert wire.leave() == 0


def test_an_unsaved_new_text_belongs_to_the_first_folder(folder: Path) -> None:
    uri = "untitled:Untitled-1"
    with Wire.start() as wire:
        wire.initialize(folder)
        wire.open(uri, "workflow w:\n\tdo:\n\t\tcall add:\n\t\t\tcounter = 1\n\t\tcall nobody:\n")
        assert places(wire.published(uri).message, "JCC201") == [(4, 7)]
        assert wire.leave() == 0


def test_what_is_no_message_does_not_disturb(folder: Path) -> None:
    bodies = (b"{", b"[]", b"null", b'{"id": 1}', b"\xff", b"[" * 100_000, b'{"jsonrpc": 3}')
    with Wire.start() as wire:
        wire.initialize(folder)
        for body in bodies:
            wire.send_bytes(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
            assert wire.call("workspace/symbol", {"query": "add"}) != []
        assert wire.leave() == 0


def test_what_cannot_be_understood_is_refused(folder: Path) -> None:
    with Wire.start() as wire:
        wire.initialize(folder)
        with pytest.raises(ServerError, match="-32602"):
            wire.call("textDocument/definition", {"nonsense": 1})
        with pytest.raises(ServerError, match="-32601"):
            wire.call("textDocument/nonsense", {})
        assert wire.leave() == 0


def test_nothing_is_answered_before_initialize() -> None:
    with Wire.start() as wire:
        with pytest.raises(ServerError, match="-32002"):
            wire.call("workspace/symbol", {"query": ""})
        wire.notify("exit", None)
        assert wire.process is not None
        assert wire.process.wait(20) == 1


def test_a_client_that_goes_away_ends_the_server(folder: Path) -> None:
    wire = Wire.start()
    with wire:
        wire.initialize(folder)
    assert wire.process is not None
    assert wire.process.returncode == 1


@contextmanager
def on_a_port() -> Iterator[tuple[subprocess.Popen[str], tuple[str, int]]]:
    """A server for one client after the other: its process, and where it is."""
    command = [*COMMAND[:-1], COMMAND[-1].replace("['lsp']", "['lsp', '--tcp', '0']")]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr is not None
            said = process.stderr.readline()
            address = re.search(r"listening on ([\d.]+):(\d+)", said)
            assert address is not None, said
            yield process, (address[1], int(address[2]))
        finally:
            process.terminate()


def is_served(address: tuple[str, int], folder: Path) -> bool:
    with socket.create_connection(address) as connection:
        wire = Wire(connection.makefile("rb"), connection.makefile("wb"))
        wire.initialize(folder)
        found: bool = wire.call("workspace/symbol", {"query": "add"}) != []
        wire.leave()
    return found


def test_clients_are_served_on_a_port_one_after_the_other(folder: Path) -> None:
    with on_a_port() as (_, address):
        assert is_served(address, folder)
        assert is_served(address, folder)


@pytest.mark.parametrize("sent", [b"", b"Content-Length: 1000\r\n\r\n{", b"Content-Le"])
def test_a_connection_that_is_cut_leaves_the_port_to_the_next_client(
    folder: Path, sent: bytes
) -> None:
    with on_a_port() as (_, address):
        with socket.create_connection(address) as connection:
            connection.sendall(sent)
            # Closed so, it is reset: what the server reads is an error, not an end.
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        assert is_served(address, folder)


def test_nothing_is_said_of_what_a_client_that_has_gone_asked(folder: Path) -> None:
    with on_a_port() as (process, address):
        with socket.create_connection(address) as connection:
            wire = Wire(connection.makefile("rb"), connection.makefile("wb"))
            wire.initialize(folder)
            for _ in range(20):
                wire.ask("workspace/symbol", {"query": "add"})
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            connection.shutdown(socket.SHUT_RDWR)
        assert is_served(address, folder)
        process.terminate()
        assert process.stderr is not None
        assert process.stderr.read() == ""


def test_findings_are_json(folder: Path) -> None:
    """Lone surrogates, which no encoding holds, come back as they came."""
    uri = (folder / "w.wf").as_uri()
    with Wire.start() as wire:
        wire.initialize(folder)
        wire.open(uri, "workflow w:\n\tdo:\n\t\tcall '\ud800':\n")
        (finding,) = wire.published(uri).message["params"]["diagnostics"][:1]
        assert "\ud800" in json.loads(json.dumps(finding))["message"]
        assert wire.leave() == 0
