"""Whole calls under load: calltest, one action call each, through a real Maestro and a real worker.

`python -m tests.bench.calls [JOBS] [WORKERS]` prints one line per figure and writes tests/bench/results/calls.json.
"""

from __future__ import annotations

import sys
import time

from tests.bench._site import Counters, Figures, Site, site

BATCH = 500


def main(jobs: int = 20_000, workers: int = 1) -> None:
    figures = Figures("calls")
    with site(workers) as town:
        before = Counters.read(town.connection)
        begun = time.perf_counter()
        for start in range(0, jobs, BATCH):
            town.client.create_jobs("calltest", [{"input": n} for n in range(start, start + BATCH)])
        created = time.perf_counter()
        await_end(town)
        ended = time.perf_counter()
        after = Counters.read(town.connection)
        figures.add("jobs created, in batches", jobs / (created - begun), "jobs/s")
        figures.add("calls of calltest", jobs / (ended - begun), "jobs/s")
        figures.add("commits a call", (after.commits - before.commits) / jobs, "commits")
        figures.add("WAL a call", (after.wal - before.wal) / jobs / 1000, "kB")
        figures.add("log rows a call", log_rows(town) / jobs, "rows")
    figures.write()


def await_end(town: Site) -> None:
    """Looks for a job that has not ended, twenty times a second."""
    while town.connection.execute(
        "select 1 from jobcenter.jobs where state not in ('finished', 'error') limit 1"
    ).fetchone():
        time.sleep(0.05)


def log_rows(town: Site) -> int:
    row = town.connection.execute("select count(*) from jobcenter.job_log").fetchone()
    assert row is not None
    return int(row[0])


if __name__ == "__main__":
    main(*map(int, sys.argv[1:3]))
