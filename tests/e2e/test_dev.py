"""`jobcenter dev`: what is saved is at work a moment later, and all ends with it."""

from __future__ import annotations

import json
import os
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


def call(dsn: str, workflow: str = "calltest", inputs: str = '{"input": 1}') -> object:
    """What it gives, or why it does not."""
    called = subprocess.run(
        command("call", workflow, inputs, "--timeout", "30", "--dsn", dsn),
        capture_output=True,
        text=True,
        check=False,
    )
    return json.loads(called.stdout)["output"] if called.returncode == 0 else called.stderr


def replace(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def test_what_is_saved_is_at_work(
    project: Path, empty_database: str, dev: subprocess.Popen[str]
) -> None:
    def output() -> object:
        return call(empty_database)

    until(lambda: output() == 4)
    replace(project / "calltest.wf", "step = 3", "step = 4")
    until(lambda: output() == 5)
    replace(project / "workers.py", "counter + step", "counter + 2 * step")
    until(lambda: output() == 9)
    dev.send_signal(signal.SIGINT)
    assert dev.wait(30) == 0


def saying(process: subprocess.Popen[str], *words: str) -> str:
    """The next line that says all of that."""
    assert process.stderr is not None
    for line in iter(process.stderr.readline, ""):
        if all(word in line for word in words):
            return line.strip()
    raise AssertionError("it ended")


def test_what_is_in_no_file_any_more_is_told_of_and_stays(
    project: Path, empty_database: str, dev: subprocess.Popen[str]
) -> None:
    saying(dev, "watching")
    (project / "calltest.wf").rename(project / "renamed.wf")
    replace(project / "casetest.wf", "workflow casetest", "workflow caserenamed")
    line = saying(dev, "any more")
    assert line == (
        "dev: workflow casetest is in no file any more; it stays deployed and callable"
        " until `jobcenter disable casetest`"
    )
    assert call(empty_database) == 4
    (project / "renamed.wf").unlink()
    assert "workflow calltest is in no file" in saying(dev, "any more")
    assert call(empty_database) == 4


def test_what_went_while_it_did_not_run_is_told_of_at_its_start(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the project's own database: in another, what no file here defines may be somebody else's."""
    monkeypatch.delenv("JOBCENTER_DSN", raising=False)
    said = said_at_start(project)
    assert any("workflow calltest: new" in line for line in said), said
    assert not any("any more" in line for line in said)
    (project / "calltest.wf").unlink()
    told = (
        "dev: workflow calltest is in no file any more; it stays deployed and callable"
        " until `jobcenter disable calltest`\n"
    )
    assert told in said_at_start(project)


def said_at_start(project: Path) -> list[str]:
    """All that `dev` says until it watches."""
    process = subprocess.Popen(command("dev", str(project)), stderr=subprocess.PIPE, text=True)
    try:
        assert process.stderr is not None
        said: list[str] = []
        for line in process.stderr:
            if "watching" in line:
                return said
            said.append(line)
        raise AssertionError(f"it ended: {said}")
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate()


def test_a_save_with_errors_says_what_stays(
    project: Path, empty_database: str, dev: subprocess.Popen[str]
) -> None:
    saying(dev, "watching")
    replace(project / "calltest.wf", "call add", "call ad")
    assert "JCC201" in saying(dev, "error")
    line = saying(dev, "dev:", "nothing was deployed")
    assert line == "dev: nothing was deployed; workflow calltest stays at version 1"
    assert call(empty_database) == 4
    (project / "fresh.wf").write_text("workflow fresh:\n\tdo:\n\t\tcall nowhere:\n")
    line = saying(dev, "dev:", "nothing was deployed")
    assert line == "dev: nothing was deployed; there is no workflow fresh yet"


def started(dev: subprocess.Popen[str], kind: str) -> list[int]:
    """The Maestro, or the workers, that it runs."""
    running = Path(f"/proc/{dev.pid}/task/{dev.pid}/children").read_text().split()
    return [pid for pid in map(int, running) if kind in _words(pid)]


def _words(pid: int) -> list[str]:
    """The command line of a process; nothing when it has ended just now."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().split("\0")
    except (FileNotFoundError, ProcessLookupError):
        return []


@pytest.mark.parametrize("kind", ["maestro", "worker"])
def test_what_dies_starts_again(kind: str, empty_database: str, dev: subprocess.Popen[str]) -> None:
    until(lambda: call(empty_database) == 4)
    (victim,) = started(dev, kind)
    os.kill(victim, signal.SIGKILL)
    said = saying(dev, "SIGKILL")
    assert said.startswith(f"dev: `jobcenter {kind}")
    assert said.endswith("was ended by SIGKILL; it starts again")
    assert call(empty_database) == 4


def test_what_dies_again_and_again_starts_later_and_later(
    project: Path, dev: subprocess.Popen[str]
) -> None:
    (project / "workers.py").write_text("raise SystemExit(7)\n")
    assert dev.stderr is not None
    said = (line for line in iter(dev.stderr.readline, "") if "ended with status 7" in line)
    assert next(said).endswith("; it starts again\n")
    assert any(
        line.endswith("; it starts again in 2 s, or when a file is saved\n") for line in said
    )


PARENT = """workflow parent:
	out:
		output	number
	wfomap:
		output = v.output
	do:
		call calltest:
			input = 1
		into:
			output = o.output
"""


def test_what_calls_a_saved_workflow_calls_the_new_one(
    project: Path, empty_database: str, dev: subprocess.Popen[str]
) -> None:
    """The caller is not saved, so it stays the version that it is."""
    saying(dev, "watching")
    (project / "parent.wf").write_text(PARENT)
    saying(dev, "workflow parent: new, version 1")
    assert call(empty_database, "parent", "{}") == 4
    replace(project / "calltest.wf", "step = 3", "step = 4")
    saying(dev, "workflow calltest: new, version 2")
    assert call(empty_database, "parent", "{}") == 5


def test_a_project_that_comes_into_being_while_it_is_watched(
    tmp_path: Path, empty_database: str
) -> None:
    """Begins in an empty folder; jobcenter.toml, which names the workers, comes last, and is wrong at first."""
    process = subprocess.Popen(
        command("dev", str(tmp_path), "--dsn", empty_database), stderr=subprocess.PIPE, text=True
    )
    try:
        assert process.stderr is not None
        said = iter(process.stderr.readline, "")
        assert any("watching" in line for line in said)
        for name in ("add.ac", "calltest.wf", "workers.py"):
            shutil.copy(ROOT / "examples" / name, tmp_path)
        settings = tmp_path / "jobcenter.toml"
        settings.write_text("workers = ")
        assert any("the workers stay what they were" in line for line in said)
        settings.write_text('workers = ["workers:worker"]')
        until(lambda: call(empty_database) == 4)
    finally:
        process.kill()
        process.communicate()
