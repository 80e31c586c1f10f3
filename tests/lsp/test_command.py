"""`jcc lsp` on the command line, where there is nobody to serve."""

from __future__ import annotations

import socket
import sys

import pytest

from jcc.cli.main import FAILED, USAGE, main


def test_what_is_missing_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] in ("jcc_lsp", "pygls")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "pygls", None)
    assert main(["lsp"]) == USAGE
    assert "pip install 'jobcenter-jcc[lsp]'" in capsys.readouterr().err


@pytest.mark.parametrize("address", ["nonsense", "localhost:", "70000", "-1"])
def test_what_is_no_address_is_refused(address: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["lsp", f"--tcp={address}"])
    assert "is no port and no HOST:PORT" in capsys.readouterr().err


def test_a_port_that_is_taken_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert main(["lsp", "--tcp", f"127.0.0.1:{port}"]) == FAILED
    assert f"cannot listen on 127.0.0.1:{port}" in capsys.readouterr().err
