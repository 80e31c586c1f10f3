"""The local stack: everything for one workflow started, used and stopped, and nothing left behind, however it ends."""

from __future__ import annotations

import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from jobcenter import JobTimeout, database
from jobcenter.deploy import deploy
from jobcenter.local import LocalStack
from tests.e2e.conftest import WORKERS, until
from tests.runtime.workflows import ADD, calltest


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "workers.py").write_text(WORKERS)
    (tmp_path / "jobcenter.toml").write_text('workers = ["workers:worker"]\n')
    return tmp_path


def prepare(stack: LocalStack) -> None:
    with database.connect(stack.dsn) as connection:
        deploy(connection, [ADD, calltest()])


def running(project: Path) -> list[int]:
    """The processes whose working directory is the project: those that the stack started."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and (entry / "cwd").readlink() == project:
                found.append(int(entry.name))
        except OSError:
            pass  # it ended just now, or belongs to somebody else
    return found


def test_a_workflow_runs_in_a_stack_of_its_own(project: Path, empty_database: str) -> None:
    with LocalStack(project, empty_database) as stack:
        prepare(stack)
        assert stack.run_workflow("calltest", {"input": 123}, timeout=60) == {"output": 126}
        assert stack.run_workflow("calltest", {"input": 1}, timeout=60) == {"output": 4}
        assert running(project)
    assert running(project) == []


def test_while_nothing_moves_it_says_why(
    project: Path, empty_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jobcenter.waiting.EXPLAIN_AFTER", 0.2)
    (project / "jobcenter.toml").write_text("workers = []\n")
    said: list[str] = []
    with LocalStack(project, empty_database) as stack:
        prepare(stack)
        with pytest.raises(JobTimeout):
            stack.run_workflow("calltest", {"input": 1}, timeout=5, say=said.append)
        assert stack.explain_wait(1) == "action add has no worker"
    assert said[-1].startswith("waiting: action add has no worker (")


def test_a_maestro_that_is_still_starting_is_no_trouble(
    project: Path, empty_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jobcenter.waiting.EXPLAIN_AFTER", 0.1)
    monkeypatch.setattr("jobcenter.why.MOMENT", 0)
    slow = project / "python"
    slow.write_text("#!/bin/sh\nexec sleep 600\n")
    slow.chmod(0o755)
    said: list[str] = []
    with LocalStack(project, empty_database) as stack:
        prepare(stack)
        monkeypatch.setattr(sys, "executable", str(slow))
        with pytest.raises(JobTimeout):
            stack.run_workflow("calltest", {"input": 1}, timeout=0.5, say=said.append)
    assert [line.rpartition(" (")[0] for line in said] == ["waiting: its Maestro is starting"]


def test_a_worker_that_cannot_start_is_told(
    project: Path, empty_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jobcenter.waiting.EXPLAIN_AFTER", 0.2)
    (project / "workers.py").write_text("1 / 0\n")
    said: list[str] = []
    with LocalStack(project, empty_database) as stack:
        prepare(stack)
        with pytest.raises(JobTimeout):
            stack.run_workflow("calltest", {"input": 1}, timeout=5, say=said.append)
    assert any("`jobcenter worker workers:worker` ended with status 2" in line for line in said)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_nothing_is_left_behind(project: Path, empty_database: str, number: int) -> None:
    program = textwrap.dedent("""
        import signal, sys, time
        from pathlib import Path
        from jobcenter.local import LocalStack

        signal.signal(signal.SIGINT, signal.default_int_handler)  # where the tests run in the background
        with LocalStack(Path(sys.argv[1]), sys.argv[2]) as stack:
            stack.start()
            print("up", flush=True)
            time.sleep(600)
    """)
    process = subprocess.Popen(
        [sys.executable, "-c", program, str(project), empty_database],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert process.stdout is not None
    with process.stdout:
        assert process.stdout.readline() == b"up\n"
    until(lambda: len(running(project)) >= 2)
    process.send_signal(number)
    process.wait(60)
    until(lambda: running(project) == [])
