"""The tests of the Neovim plugin run in every Neovim that is installed; that one is, `test_neovim.py` asserts."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.editors.neovim import Neovim, installed

VERSIONS = installed()


@pytest.fixture(params=VERSIONS, ids=str)
def nvim(request: pytest.FixtureRequest) -> Neovim:
    found = request.param
    assert isinstance(found, Neovim)
    return found


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with an action and a workflow that calls it, and one that has a mistake in its line 7."""
    (tmp_path / "jcc.toml").write_text("", encoding="utf-8")
    (tmp_path / "add.ac").write_text(
        "action add:\n\tin:\n\t\tn\tinteger\n\tout:\n\t\tn\tinteger\n", encoding="utf-8"
    )
    good = (
        "workflow good:\n\tin:\n\t\tn\tinteger\n\tout:\n\t\tn\tinteger\n\tdo:\n\t\tcall add:\n"
        "\t\t\tn = a.n\n\t\tinto:\n\t\t\tn = o.n\n\twfomap:\n\t\t<n>\n"
    )
    (tmp_path / "good.wf").write_text(good, encoding="utf-8")
    bad = good.replace("workflow good", "workflow bad").replace("call add", "call ad")
    (tmp_path / "bad.wf").write_text(bad, encoding="utf-8")
    return tmp_path
