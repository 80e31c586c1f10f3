"""How fast the database's part is: jobs created, tasks handed out and answered, whole calls with a Maestro that costs nothing.

`python -m tests.bench.sql [CALLS]` prints one line per figure and writes tests/bench/results/sql.json. It uses an embedded
Postgres of its own, with fsync.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from jobcenter import embedded, migrate
from jobcenter.database import Connection
from jobcenter.deploy import deploy
from tests.artifacts import ADD, CALLTEST

RESULTS = Path(__file__).parent / "results" / "sql.json"
BATCH = 500


@contextmanager
def server() -> Iterator[Connection]:
    base = Path(tempfile.mkdtemp(prefix="jobcenter-bench-"))
    base.chmod(0o755)
    folder = base / "postgres"
    try:
        with psycopg.connect(embedded.attach(folder), autocommit=True) as connection:
            migrate.upgrade(connection)
            deploy(connection, [ADD, CALLTEST])
            yield connection
    finally:
        embedded.detach(folder)
        shutil.rmtree(base, ignore_errors=True)


def create_one(connection: Connection, calls: int) -> None:
    for number in range(calls):
        connection.execute(
            "select o_job_id from jobcenter.create_job('calltest', %s::jsonb)",
            (f'{{"input": {number}}}',),
        )


def create_batches(connection: Connection, calls: int, batch: int = BATCH) -> None:
    for start in range(0, calls, batch):
        args = ",".join(f'{{"input": {number}}}' for number in range(start, start + batch))
        connection.execute(
            "select count(*) from jobcenter.create_jobs('calltest', %s::jsonb)", (f"[{args}]",)
        )


def start_calls(connection: Connection) -> int:
    """The Maestro's first visit: start is done, the call of add is ready for a worker."""
    return _move(
        connection,
        lambda job: (
            f'{{"job":{job["job"]},"task":2,"state":"ready","steps":1,"callee":"add",'
            f'"in":{{"counter":{job["args"]["input"]},"step":3}},"log":[{{"task":1}}]}}'
        ),
    )


def end_calls(connection: Connection) -> int:
    """The Maestro's second visit: the answer is taken, the job ends."""
    return _move(
        connection,
        lambda job: (
            f'{{"job":{job["job"]},"task":3,"state":"finished","steps":3,"vars":{{"thing":{job["out"]["counter"]}}},'
            f'"out":{{"output":{job["out"]["counter"]}}},"log":[{{"task":2,"out":{{"counter":{job["out"]["counter"]}}},'
            f'"vars":{{"thing":{job["out"]["counter"]}}}}},{{"task":3,"out":{{"output":{job["out"]["counter"]}}}}}]}}'
        ),
    )


def _move(connection: Connection, result: Callable[[dict[str, dict[str, int]]], str]) -> int:
    moved = 0
    while True:
        with connection.transaction():
            row = connection.execute(
                "select jobs from jobcenter.claim_jobs(%s)", (BATCH,)
            ).fetchone()
            if row is None or row[0] is None:
                return moved
            jobs = json.loads(row[0])
            results = ",".join(result(job) for job in jobs)
            connection.execute(
                "select from jobcenter.apply_results(%s::json, null)", (f"[{results}]",)
            )
            moved += len(jobs)


def work(connection: Connection, batch: int) -> int:
    """A worker: claims and answers until nothing is ready."""
    done = 0
    while True:
        tasks = connection.execute(
            "select o_job_cookie, (o_in_args ->> 'counter')::integer from jobcenter.get_tasks('bench', 'add', %s)",
            (batch,),
        ).fetchall()
        if not tasks:
            return done
        outs = ",".join(f'{{"counter": {counter + 3}}}' for _, counter in tasks)
        rows = connection.execute(
            "select o_receipt from jobcenter.tasks_done(%s, %s::jsonb)",
            ([cookie for cookie, _ in tasks], f"[{outs}]"),
        ).fetchall()
        if any(receipt != "recorded" for (receipt,) in rows):
            raise SystemExit("an answer was not recorded")
        done += len(tasks)


class Meter:
    """Figures by name; `rate` runs something that does `count` things."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.figures: dict[str, float] = {}

    def rate(self, name: str, count: int, run: Callable[[], object]) -> None:
        start = time.perf_counter()
        run()
        self.note(name, count / (time.perf_counter() - start), "/s")

    def note(self, name: str, figure: float, unit: str) -> None:
        self.figures[name] = round(figure, 2)
        print(f"{name:38} {figure:12,.1f} {unit}", flush=True)

    def wal(self) -> tuple[int, int]:
        """Bytes of WAL and transactions since the beginning of the server."""
        row = self._connection.execute(
            "select pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::bigint,"
            " (select sum(xact_commit)::bigint from pg_stat_database)"
        ).fetchone()
        if row is None:
            raise SystemExit("no figures from the server")
        return int(row[0]), int(row[1])


def main(calls: int = 20_000) -> None:
    with server() as connection:
        meter = Meter(connection)
        few = calls // 10
        meter.rate("create_job, one at a time", few, lambda: create_one(connection, few))
        meter.rate("create_jobs, 500 a call", calls, lambda: create_batches(connection, calls))
        total = few + calls
        meter.rate("Maestro, first visit", total, lambda: start_calls(connection))
        meter.rate("get_tasks + tasks_done, 100 a call", total, lambda: work(connection, 100))
        meter.rate("Maestro, second visit", total, lambda: end_calls(connection))
        create_batches(connection, few)
        start_calls(connection)
        meter.rate("get_tasks + tasks_done, 1 a call", few, lambda: work(connection, 1))
        end_calls(connection)
        connection.execute("checkpoint")
        before = meter.wal()

        def whole() -> None:
            create_batches(connection, calls)
            start_calls(connection)
            work(connection, 100)
            end_calls(connection)

        meter.rate("whole calls, without the engine", calls, whole)
        meter.note("WAL of a call", (meter.wal()[0] - before[0]) / calls, "bytes")
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps({"bench": "sql", "calls": calls, **meter.figures}, indent=1))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
