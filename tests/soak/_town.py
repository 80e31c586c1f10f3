"""What the soak programs share: servers and databases, Maestros and workers in processes of their own that can be killed,
the accounts of the jobs under way, and the one line that each program prints.

Whatever a program does, or is done to it, no process of it is left: they hold on to a pipe of the program's.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

import psycopg

from jobcenter import database, doctor, embedded, lifeline, migrate
from jobcenter.database import Connection
from tests.database import fresh_database

Process: TypeAlias = subprocess.Popen[bytes]

RESULTS = Path(__file__).parent / "results"
WORKERS = """
import os, time
from pathlib import Path
from jobcenter import Worker

worker = Worker("soak")
here = Path(__file__).parent

def note(name, line):
    with open(here / name, "a") as file:
        file.write(f"{line}\\n")

@worker.action("add", slots=50)
def add(counter, step):
    while (here / "hold").exists():
        time.sleep(0.02)
    return {"counter": counter + step}

@worker.action("slow", slots=50)
def slow(counter, step):
    return add(counter, step)

@worker.action("once", slots=10)
def once(n):
    note("once", n)
    time.sleep(0.01)
    return {"n": n}

@worker.action("poison", slots=50)
def poison():
    note("poison", os.getpid())
    os._exit(1)
"""


@dataclass(slots=True)
class Outcome:
    """What a program has found. `figures` in the order of the line; `broken` says which promises did not hold."""

    name: str
    figures: dict[str, float] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)
    begun: float = field(default_factory=time.perf_counter)

    def add(self, what: str, value: float) -> None:
        self.figures[what] = round(value, 3)

    def none(self, what: str, number: int) -> None:
        """A figure that must be 0."""
        self.add(what, number)
        if number:
            self.broken.append(f"{what}: {number}")

    def most(self, what: str, value: float, limit: float) -> None:
        """A figure that has a limit."""
        self.add(what, value)
        if not value <= limit:
            self.broken.append(f"{what}: {value:g}, more than {limit:g}")

    def least(self, what: str, value: float, limit: float) -> None:
        """How much was tried: too little of it shows nothing."""
        self.add(what, value)
        if not value >= limit:
            self.broken.append(f"{what}: {value:g}, less than {limit:g}")

    def examine(self, dsn: str) -> None:
        """Runs the doctor."""
        with psycopg.connect(dsn, autocommit=True) as connection:
            findings = [each for each in doctor.examine(connection) if each.violations]
        self.none("findings of the doctor", sum(each.violations for each in findings))
        self.broken += [f"{each.check}: {'; '.join(each.examples)}" for each in findings]

    def finish(self) -> Outcome:
        self.add("seconds", time.perf_counter() - self.begun)
        return self

    def line(self) -> str:
        shown = ", ".join(f"{_plain(value)} {what}" for what, value in self.figures.items())
        return f"{self.name}: {shown}{'; BROKEN: ' if self.broken else ''}{'; '.join(self.broken)}"


def _plain(value: float) -> str:
    return f"{value:,.0f}" if value == int(value) or value >= 1000 else f"{value:.3g}"


def report(outcome: Outcome) -> int:
    """Prints and keeps what was found; gives the exit status."""
    print(outcome.line(), flush=True)
    RESULTS.mkdir(exist_ok=True)
    content = {"figures": outcome.figures, "broken": outcome.broken}
    (RESULTS / f"{outcome.name}.json").write_text(json.dumps(content, indent=2) + "\n")
    return 1 if outcome.broken else 0


@contextmanager
def own_folder() -> Iterator[Path]:
    """On a disk, and open to the system user that runs Postgres for root."""
    with tempfile.TemporaryDirectory(prefix="jobcenter-soak-", ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o755)
        yield Path(name)


@contextmanager
def own_server(**configuration: str) -> Iterator[Path]:
    """The data folder of a running server that the program may stop, durable as in production, with the schema."""
    with own_folder() as folder:
        data = folder / "postgres"
        try:
            with psycopg.connect(
                embedded.attach(data, configuration), autocommit=True
            ) as connection:
                migrate.upgrade(connection)
            yield data
        finally:
            embedded.detach(data)
            embedded.stop(data, "immediate")
            shutil.rmtree(data, ignore_errors=True)


@contextmanager
def another_database(server: str) -> Iterator[str]:
    """The DSN of one more database on the server, with the schema."""
    with fresh_database(server, None) as dsn:
        with psycopg.connect(dsn, autocommit=True) as connection:
            migrate.upgrade(connection)
        yield dsn


class Town:
    """Processes that serve a database, in a folder with a module of workers."""

    def __init__(self, dsn: str, folder: Path) -> None:
        self.dsn = dsn
        self.folder = folder
        self._processes: dict[Process, str] = {}  # and of which kind each is
        self._lifeline = os.pipe()
        (folder / "workers.py").write_text(WORKERS)

    def maestro(self, *options: str) -> Process:
        return self.start("maestro", *options)

    def worker(self) -> Process:
        return self.start("worker", "workers:worker")

    def start(self, *command: str) -> Process:
        program = [sys.executable, "-m", "jobcenter.cli", *command, "--log-level", "warning"]
        return self.spawn(command[0], program)

    def of(self, kind: str) -> list[Process]:
        """The Maestros, or the workers, that have been started and not killed."""
        return [process for process, its in self._processes.items() if its == kind]

    def spawn(self, kind: str, program: Sequence[str]) -> Process:
        """Any program that follows the lifeline, with what it says in the file `said`."""
        with (self.folder / "said").open("ab") as said:
            process = subprocess.Popen(
                program,
                cwd=self.folder,
                env={
                    **os.environ,
                    database.VARIABLE: self.dsn,
                    lifeline.VARIABLE: str(self._lifeline[0]),
                },
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=said,
                pass_fds=(self._lifeline[0],),
                start_new_session=True,
            )
        self._processes[process] = kind
        return process

    def kill(self, process: Process) -> None:
        """As by a crash: nothing is said to anybody."""
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGKILL)
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()
        del self._processes[process]

    def said(self) -> str:
        """What the processes have said to standard error."""
        return (self.folder / "said").read_text(errors="replace")

    def hold(self) -> None:
        """Actions do not end until `let_go`."""
        (self.folder / "hold").touch()

    def let_go(self) -> None:
        (self.folder / "hold").unlink()

    def unhandled(self) -> int:
        """How many errors nobody has handled; they are shown."""
        said = self.said()
        if "Traceback" in said:
            print(said[-5000:], file=sys.stderr, flush=True)
        return said.count("Traceback")

    def notes(self, name: str) -> list[str]:
        """The lines that the workers' actions have left."""
        file = self.folder / name
        return file.read_text().split() if file.exists() else []

    def close(self) -> None:
        for process in list(self._processes):
            self.kill(process)
        for descriptor in self._lifeline:
            os.close(descriptor)


@contextmanager
def town(dsn: str) -> Iterator[Town]:
    with own_folder() as folder:
        made = Town(dsn, folder)
        try:
            yield made
        except BaseException:
            print(made.said()[-5000:], file=sys.stderr, flush=True)
            raise
        finally:
            made.close()


@contextmanager
def patient(dsn: str) -> Iterator[Connection]:
    """A connection with autocommit, as the owner."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        yield connection


def backends(dsn: str) -> list[int]:
    """The server's processes that serve the others."""
    with patient(dsn) as connection:
        rows = connection.execute(
            "select pid from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
            " and backend_type = 'client backend'"
        ).fetchall()
    return [pid for (pid,) in rows]


def configure(dsn: str, **settings: str) -> None:
    with patient(dsn) as connection:
        for name, value in settings.items():
            connection.execute(
                "update jobcenter.settings set value = %s where name = %s", (value, name)
            )


def until(condition: Callable[[], bool], seconds: float = 60) -> None:
    """Waits for what must happen."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError("it did not happen")
        time.sleep(0.02)


def number(connection: Connection, query: str, *params: object) -> int:
    """The only value of the only row, as a whole number."""
    row = connection.execute(query.encode(), params or None).fetchone()
    assert row is not None
    return int(row[0] or 0)
