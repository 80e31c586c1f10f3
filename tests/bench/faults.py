"""The promise under faults, in full size: what was killed how often, and that nothing was lost, stuck, or recorded twice.

`python -m tests.bench.faults [TIMES]` makes each fault so often (default 100; Postgres is stopped a third as often), prints one
line per figure, and writes tests/bench/results/faults.json. It takes a quarter of an hour. It ends with an assertion where the promise is broken. The tests of tests/runtime/maestro do
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
from jobcenter.deploy import deploy
from tests.bench._site import Figures
from tests.runtime.maestro.conftest import Scene, working
from tests.runtime.maestro.load import Load, adder, maestros, start_maestro
from tests.runtime.workflows import ADD

JOBS = 1500  # of calltest and of counting each, and of them again for as long as faults are made
AT_ONCE = 25  # faults while they run
SEED = 20


@contextmanager
def own_server() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="jobcenter-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        data = Path(folder) / "postgres"
        with psycopg.connect(embedded.attach(data), autocommit=True) as connection:
            migrate.upgrade(connection)
            deploy(connection, [ADD])
        yield data
        embedded.stop(data, "immediate")
        embedded.detach(data)


def under(fault: Callable[[random.Random], None], data: Path, times: int) -> int:
    """Makes faults while jobs run, all of which have to end as they should. Gives the number of jobs."""
    chance = random.Random(SEED)
    jobs = 0
    while times > 0:
        with psycopg.connect(embedded.dsn(data), autocommit=True) as connection:
            expected = Load.begin(Scene(connection), JOBS).expected
        for _ in range(min(times, AT_ONCE)):
            time.sleep(chance.uniform(0.05, 0.5))
            fault(chance)
        times -= AT_ONCE
        with psycopg.connect(embedded.dsn(data), autocommit=True) as connection:
            Load(Scene(connection), expected).check()
        jobs += len(expected)
    return jobs


def main(times: int = 100) -> None:
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

            for name, fault, often in (
                ("Maestros killed", kill_maestro, times),
                ("connections ended", end_connections, times),
                ("Postgres stopped at once", restart_postgres, times // 3),
            ):
                jobs = under(fault, data, often)
                figures.add(f"{name}, seed {SEED}", often, f"times during {jobs} jobs")
                figures.add(f"{name}: lost, stuck, recorded twice", 0, "jobs")
    figures.write()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
