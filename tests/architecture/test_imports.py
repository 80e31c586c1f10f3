"""The import rules of pyproject.toml hold, and start-up stays light."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = ("libcst", "psycopg", "pygls", "lsprotocol", "RestrictedPython", "rich", "asyncio")


def test_checking_a_file_loads_nothing_heavy() -> None:
    program = (
        "import sys\n"
        "from jcc.cli import main\n"
        "status = main(['check', 'examples/calltest.wf'])\n"
        f"print(status, [name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "0 []"


@pytest.mark.parametrize("module", ["jobcenter.engine", "jobcenter.artifact", "jobcenter.sandbox"])
def test_an_executor_needs_no_database_driver(module: str) -> None:
    program = f"import {module}, sys; print('psycopg' in sys.modules, 'asyncio' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "False False"
