"""What the benchmarks of whole calls share: a database with fsync, a Maestro and workers in processes of their own, figures."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from jobcenter import database, embedded, migrate
from jobcenter.client import Client
from jobcenter.database import Connection
from jobcenter.deploy import deploy
from tests.runtime.workflows import ADD, calltest

RESULTS = Path(__file__).parent / "results"
WORKERS = """
from jobcenter import Worker

worker = Worker("adder")

@worker.action("add", slots=500)
def add(counter, step):
    return {"counter": counter + step}
"""


@dataclass(slots=True)
class Figures:
    """Printed one a line as they come, and written as JSON at the end."""

    name: str
    values: dict[str, float] = field(default_factory=dict)

    def add(self, what: str, value: float, unit: str) -> None:
        print(f"{what:<40} {value:>12,.2f} {unit}", flush=True)
        self.values[f"{what} ({unit})"] = round(value, 3)

    def write(self) -> None:
        RESULTS.mkdir(exist_ok=True)
        (RESULTS / f"{self.name}.json").write_text(json.dumps(self.values, indent=2) + "\n")


@dataclass(slots=True)
class Counters:
    """What the server has done so far: commits of this database, bytes of WAL."""

    commits: int
    wal: int

    @staticmethod
    def read(connection: Connection) -> Counters:
        """After a moment: a backend reports what it did with a delay of up to a second."""
        connection.execute("select pg_sleep(1.5), pg_stat_clear_snapshot()")
        row = connection.execute(
            "select xact_commit, pg_current_wal_insert_lsn() - '0/0'::pg_lsn"
            " from pg_stat_database where datname = current_database()"
        ).fetchone()
        assert row is not None
        return Counters(int(row[0]), int(row[1]))


@dataclass(frozen=True, slots=True)
class Site:
    dsn: str
    client: Client
    connection: Connection
    processes: Sequence[int]  # the Maestros', then the workers'


@contextmanager
def site(
    workers: int = 1,
    options: Callable[[int], Sequence[str]] = lambda number: (),
    maestros: int = 1,
    trial: str | None = "calltest",
) -> Iterator[Site]:
    """All processes apart, as in production: Postgres, Maestros with one executor each, `workers` workers, this client. `options`
    are those of each Maestro (0, …), then of each worker."""
    base = Path(tempfile.mkdtemp(prefix="jobcenter-bench-"))
    base.chmod(0o755)
    (base / "workers.py").write_text(WORKERS)
    processes: list[subprocess.Popen[bytes]] = []
    try:
        dsn = embedded.attach(base / "postgres")
        with database.connect(dsn) as connection, Client(dsn) as client:
            migrate.upgrade(connection)
            deploy(connection, [ADD, calltest()])
            commands = [*[("maestro",)] * maestros, *[("worker", "workers:worker")] * workers]
            for number, command in enumerate(commands):
                processes.append(_start(base, dsn, *command, *options(number)))
            if trial is not None:
                client.call(trial, {"input": 1}, timeout=60)  # all are up
            yield Site(dsn, client, connection, [process.pid for process in processes])
    finally:
        for process in processes:
            process.terminate()
            process.wait()
        embedded.detach(base / "postgres")
        shutil.rmtree(base, ignore_errors=True)


def _start(folder: Path, dsn: str, *command: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "jobcenter.cli", *command, "--log-level", "warning"],
        cwd=folder,
        env={**os.environ, database.VARIABLE: dsn},
    )
