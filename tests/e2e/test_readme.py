"""The README's tour, command by command, in a copy of the examples: what it says is what happens."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
CONSOLE = re.compile(r"^```console\n(.*?)^```", re.M | re.S)
SHELL = re.compile(r"^```sh\n(.*?)^```", re.M | re.S)
PYTHON = re.compile(r"^```python\n(.*?)^```", re.M | re.S)


def sessions() -> list[tuple[str, str]]:
    """The commands (lines with a `$`) and what the README says they print."""
    found = []
    for block in CONSOLE.findall(README):
        for part in re.split(r"^\$ ", block, flags=re.M)[1:]:
            command, _, output = part.partition("\n")
            found.append((command, output))
    return found


@pytest.fixture
def examples(tmp_path: Path) -> Path:
    return Path(
        shutil.copytree(
            ROOT / "examples", tmp_path / "examples", ignore=shutil.ignore_patterns(".*", "__*")
        )
    )


def surroundings() -> dict[str, str]:
    return {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    }


@pytest.mark.usefixtures("examples")
def test_the_tour(database: str, tmp_path: Path) -> None:
    environment = {**surroundings(), "JOBCENTER_DSN": database}
    commands = sessions()
    assert len(commands) >= 5
    for command, output in commands:
        done = subprocess.run(
            command, shell=True, cwd=tmp_path, env=environment, capture_output=True, text=True
        )
        assert "Traceback" not in done.stderr
        if output.startswith("{"):
            assert json.loads(done.stdout) == json.loads(output), command
        elif output:
            assert done.stdout == output, command
        else:
            assert done.returncode == 0, (command, done.stderr)


def test_the_processes_of_production(examples: Path) -> None:
    """In the folder that the README says, on the embedded database that they find there."""
    (commands,) = SHELL.findall(README)
    assert "`cd examples`" in README
    environment = surroundings()
    environment.pop("JOBCENTER_DSN", None)
    script = f"set -e\ntrap 'kill $(jobs -p); wait' EXIT\n{commands}"
    done = subprocess.run(
        ["bash", "-c", script], cwd=examples, env=environment, stdout=subprocess.PIPE, check=True
    )
    assert done.stdout.decode().splitlines()[-1] == '{"output": 126}'


def test_the_workflow_shown_is_the_example() -> None:
    shown = re.search(r"^```jcl\n(.*?)^```", README, re.M | re.S)
    assert shown is not None
    example = (ROOT / "examples" / "calltest.wf").read_text(encoding="utf-8")
    assert shown.group(1) in example


def test_the_worker_shown_compiles() -> None:
    (shown,) = PYTHON.findall(README)
    compile(shown, "README.md", "exec")
    assert "worker.run()" in shown
