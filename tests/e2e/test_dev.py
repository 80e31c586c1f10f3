"""`jobcenter dev`: what is saved is at work a moment later, and all ends with it."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.e2e.conftest import command, until


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for file in (ROOT / "examples").iterdir():
        if file.is_file():
            shutil.copy(file, tmp_path)
    return tmp_path


@pytest.fixture
def dev(project: Path, empty_database: str) -> Iterator[subprocess.Popen[str]]:
    """As a script starts it in the background: there, interrupts are ignored."""
    process = subprocess.Popen(
        [
            "sh",
            "-c",
            'trap "" INT; exec "$0" "$@"',
            *command("dev", str(project), "--dsn", empty_database),
        ],
        stderr=subprocess.PIPE,
        text=True,
    )
    yield process
    process.kill()
    process.communicate()


def replace(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def test_what_is_saved_is_at_work(
    project: Path, empty_database: str, dev: subprocess.Popen[str]
) -> None:
    def output() -> object:
        called = subprocess.run(
            command("call", "calltest", '{"input": 1}', "--timeout", "30", "--dsn", empty_database),
            capture_output=True,
            text=True,
            check=False,
        )
        return json.loads(called.stdout)["output"] if called.returncode == 0 else called.stderr

    until(lambda: output() == 4)
    replace(project / "calltest.wf", "step = 3", "step = 4")
    until(lambda: output() == 5)
    replace(project / "workers.py", "counter + step", "counter + 2 * step")
    until(lambda: output() == 9)
    dev.send_signal(signal.SIGINT)
    assert dev.wait(30) == 0
