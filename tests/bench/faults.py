"""The promise under faults, in full size: what was killed how often, and that nothing was lost, stuck, or recorded twice.

`python -m tests.bench.faults [SECONDS]` gives each kind of fault so long (default 60), prints one line per figure, and writes
tests/bench/results/faults.json. It ends with an assertion where the promise is broken. The tests of tests/runtime/maestro do
the same in small.
"""

from __future__ import annotations

import contextlib
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from jobcenter import embedded, migrate
from tests.bench._site import Figures
from tests.runtime.maestro.conftest import Scene, working
from tests.runtime.maestro.load import Load, adder, maestros, start_maestro

JOBS = 1500  # of calltest and of counting each; more of them follow for as long as faults are made
SEED = 20


@contextmanager
def own_server() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="jobcenter-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        data = Path(folder) / "postgres"
        with psycopg.connect(embedded.attach(data), autocommit=True) as connection:
            migrate.upgrade(connection)
        yield data
        embedded.stop(data, "immediate")
        embedded.detach(data)


def under(fault: Callable[[random.Random], None], data: Path, seconds: float) -> tuple[int, int]:
    """Makes faults while jobs run. Gives the number of faults and of jobs, all of which have ended as they should."""
    chance = random.Random(SEED)
    faults = jobs = 0
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with psycopg.connect(embedded.dsn(data), autocommit=True) as connection:
            expected = Load.begin(Scene(connection), JOBS).expected
        for _ in range(12):
            time.sleep(chance.uniform(0.05, 0.5))
            fault(chance)
            faults += 1
        with psycopg.connect(embedded.dsn(data), autocommit=True) as connection:
            Load(Scene(connection), expected).check()
        jobs += len(expected)
    return faults, jobs


def main(seconds: float = 60) -> None:
    figures = Figures("faults")
    with own_server() as data, working(embedded.dsn(data), add=adder):
        dsn = embedded.dsn(data)
        with maestros(dsn, 2) as herd:

            def kill_maestro(chance: random.Random) -> None:
                victim = chance.randrange(len(herd))
                herd[victim].kill()
                herd[victim].wait()
                herd[victim] = start_maestro(dsn)

            def restart_postgres(chance: random.Random) -> None:
                embedded.stop(data, "immediate")
                embedded.attach(data)

            def end_connections(chance: random.Random) -> None:
                with (
                    psycopg.connect(dsn, autocommit=True) as connection,
                    contextlib.suppress(psycopg.Error),
                ):
                    connection.execute(
                        "select pg_terminate_backend(pid) from pg_stat_activity"
                        " where application_name = 'jobcenter maestro'"
                    )

            for name, fault in (
                ("Maestros killed", kill_maestro),
                ("connections ended", end_connections),
                ("Postgres stopped at once", restart_postgres),
            ):
                faults, jobs = under(fault, data, seconds)
                figures.add(f"{name}, seed {SEED}", faults, f"times during {jobs} jobs")
                figures.add(f"{name}: lost, stuck, recorded twice", 0, "jobs")
    figures.write()


if __name__ == "__main__":
    main(*map(float, sys.argv[1:]))
