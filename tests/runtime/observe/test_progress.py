"""What a person sees of a job while waiting for it: on a terminal, and nowhere else."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
import threading
import time

import pytest

from jobcenter import Client
from jobcenter.artifact import Kind
from jobcenter.database import Connection
from jobcenter.deploy import deploy
from tests.runtime.observe.conftest import Start
from tests.runtime.workflows import ADD, Flow, calltest

ESCAPE = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")


class Terminal:
    """A command with standard error on a terminal, and its standard output in a pipe."""

    def __init__(self, *command: str) -> None:
        self._master, slave = pty.openpty()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "jobcenter.cli", *command],
            stdout=subprocess.PIPE,
            stderr=slave,
            env={**os.environ, "TERM": "xterm", "COLUMNS": "120"},
        )
        os.close(slave)
        self._seen = b""
        self._changed = threading.Condition()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        while True:
            try:
                told = os.read(self._master, 65536)
            except OSError:  # Linux says so when the other side has closed
                told = b""
            with self._changed:
                self._seen += told
                self._changed.notify_all()
            if not told:
                return

    @property
    def seen(self) -> str:
        return ESCAPE.sub("", self._seen.decode())

    def until(self, text: str) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: text in self.seen, 60), self.seen

    def end(self) -> tuple[int, str]:
        """The exit status, and what was said on standard output."""
        out, _ = self.process.communicate(timeout=60)
        self._reader.join()
        os.close(self._master)
        return self.process.returncode, out.decode()


def split(connection: Connection) -> None:
    flow = Flow("outer")
    branch = flow.branch("calltest", in_="op_put(i, 1, 'input')")
    flow.task(Kind.SPLIT, branches=[branch, branch])
    deploy(connection, [ADD, calltest(), flow.definition()])


def test_a_terminal_shows_where_a_job_is(
    database: str, connection: Connection, start: Start
) -> None:
    split(connection)
    start("maestro", "--log-level", "error")
    terminal = Terminal("call", "outer", "{}", "--dsn", database)
    terminal.until("job 1 outer (line 2, split): 2 children (2, 3)")
    terminal.until("job 2 calltest (line 2, call): action add has no worker")
    start("worker", "workers:worker", "--log-level", "error")
    assert terminal.end() == (0, "{}\n")


def test_a_quick_job_shows_nothing(database: str, connection: Connection, start: Start) -> None:
    start("maestro", "--log-level", "error")
    start("worker", "workers:worker", "--log-level", "error")
    with Client(database) as client:  # both are up
        job = client.create_job("calltest", {"input": 1}, key="k")
        job.result(60)
    terminal = Terminal("call", "calltest", '{"input": 1}', "--key", "k", "--dsn", database)
    assert terminal.end() == (0, '{"output": 4}\n')
    assert terminal.seen == ""


def waiting(database: str, connection: Connection, start: Start) -> list[str]:
    """A command that waits a moment for a job that has no worker."""
    start("maestro", "--log-level", "error")
    with Client(database) as client:
        client.create_job("calltest", {"input": 1}, key="k")
    end = time.monotonic() + 60
    while connection.execute("select from jobcenter.jobs where state = 'ready'").fetchone() is None:
        assert time.monotonic() < end
        time.sleep(0.02)
    return ["call", "calltest", '{"input": 1}', "--key", "k", "--timeout", "1", "--dsn", database]


def test_what_it_waited_for_is_left_when_time_is_up(
    database: str, connection: Connection, start: Start
) -> None:
    terminal = Terminal(*waiting(database, connection, start))
    assert terminal.end() == (1, "")
    *_, why, complaint = terminal.seen.rstrip().splitlines()
    assert "waiting: job 1 calltest (line 2, call): action add has no worker" in why
    assert complaint == "jobcenter: job 1 has not ended within 1 s"


@pytest.mark.parametrize("term", ["dumb", "xterm"])
def test_a_pipe_gets_plain_lines(
    database: str, connection: Connection, start: Start, term: str
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "jobcenter.cli", *waiting(database, connection, start)],
        capture_output=True,
        text=True,
        env={**os.environ, "TERM": term},
        check=False,
    )
    assert done.stdout == ""
    assert "\x1b" not in done.stderr
    assert "waiting: action add has no worker" in done.stderr
