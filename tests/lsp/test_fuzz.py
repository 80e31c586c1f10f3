"""A short random session; `python -m tests.lsp.fuzz` is the long one."""

from __future__ import annotations

import pytest

from tests.lsp.fuzz import run


@pytest.mark.parametrize("seed", [1, 2])
def test_random_editing(seed: int) -> None:
    slowest = run(60, seed)
    assert "textDocument/diagnostic" in slowest
