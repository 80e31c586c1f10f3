"""Whole calls under load: calltest, one action call each, through a real Maestro and a real worker.

`python -m tests.bench.calls [JOBS] [WORKERS]` prints one line per figure and writes tests/bench/results/calls.json.
"""

from __future__ import annotations

import sys
import time

from tests.bench._site import Counters, Figures, Site, site

BATCH = 500
ON_THEIR_WAY = """
select from jobcenter.jobs where state in ('done', 'plotting')
union all select from jobcenter.jobs where state = 'working'
union all select from jobcenter.jobs j join jobcenter.actions a on a.action_id = j.queue_id where j.state = 'ready' and a.name = 'add'
limit 1
"""


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
    """Looks for a job that is on its way, twenty times a second. One that waits for another action does not count."""
    while town.connection.execute(ON_THEIR_WAY).fetchone() is not None:
        time.sleep(0.05)


def log_rows(town: Site) -> int:
    row = town.connection.execute("select count(*) from jobcenter.job_log").fetchone()
    assert row is not None
    return int(row[0])


if __name__ == "__main__":
    main(*map(int, sys.argv[1:3]))
