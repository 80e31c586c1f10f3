"""Real processes on a real database: what a test starts is killed at its end, whatever it did."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from jobcenter.client import Client
from jobcenter.database import Connection
from jobcenter.deploy import deploy
from tests.runtime.workflows import ADD, calltest

WORKERS = """
import os, time
from pathlib import Path
from jobcenter import Worker

worker = Worker("e2e")
here = Path(__file__).parent

@worker.action("add", slots=20)
def add(counter, step):
    with open(here / "ran", "a") as ran:
        ran.write(f"{os.getpid()} {counter}\\n")
    while (here / "hold").exists():
        time.sleep(0.02)
    return {"counter": counter + step}
"""


def until(condition: Callable[[], bool], seconds: float = 60) -> None:
    """Waits for what must happen; how long it takes is not what is tested."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "jobcenter.cli", *arguments]


class Site:
    """A folder with a worker module, and the processes that serve a database there. With `hold`, actions do not end."""

    def __init__(self, folder: Path, dsn: str) -> None:
        self.folder = folder
        self.dsn = dsn
        self.processes: list[subprocess.Popen[bytes]] = []
        (folder / "workers.py").write_text(WORKERS)

    def maestro(self) -> subprocess.Popen[bytes]:
        return self._start("maestro")

    def worker(self) -> subprocess.Popen[bytes]:
        return self._start("worker", "workers:worker")

    def _start(self, *arguments: str) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            command(*arguments, "--log-level", "warning"),
            cwd=self.folder,
            env={**os.environ, "JOBCENTER_DSN": self.dsn},
        )
        self.processes.append(process)
        return process

    def hold(self) -> None:
        (self.folder / "hold").touch()

    def let_go(self) -> None:
        (self.folder / "hold").unlink()

    def runs(self) -> list[tuple[int, float]]:
        """The process and the input of each run of the action that was begun."""
        file = self.folder / "ran"
        lines = file.read_text().splitlines() if file.exists() else []
        return [(int(pid), float(counter)) for pid, counter in map(str.split, lines)]

    def kill_all(self) -> None:
        for process in self.processes:
            if process.poll() is None:
                process.kill()
                process.wait()


def kill(process: subprocess.Popen[bytes]) -> None:
    """As by a crash: nothing is said to anybody."""
    process.send_signal(signal.SIGKILL)
    process.wait()


def give_up_dead_workers(connection: Connection) -> None:
    """As if the dead had been silent for `worker_timeout`, and a Maestro had just looked. The living ping again."""
    connection.execute("update jobcenter.workers set last_ping = now() - interval '1 day'")
    connection.execute("select jobcenter.keep_house()")


@pytest.fixture
def site(database: str, connection: Connection, tmp_path: Path) -> Iterator[Site]:
    deploy(connection, [ADD, calltest()])
    connection.execute(
        "update jobcenter.settings set value = '10 ms' where name = 'lost_worker_interval'"
    )
    site = Site(tmp_path, database)
    yield site
    site.kill_all()


@pytest.fixture
def client(database: str) -> Iterator[Client]:
    with Client(database) as client:
        yield client
