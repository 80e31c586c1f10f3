"""How calls fare beside many jobs that wait, with one Maestro or more; what the Maestro holds meanwhile; and what all do that have nothing to do.

`python -m tests.bench.scale [WAITING] [MAESTROS] [JOBS]` prints one line per figure and writes tests/bench/results/scale-WAITING-MAESTROS.json.
Half of the waiting jobs wait for a worker that is not there, half sleep.
"""

from __future__ import annotations

import sys
import time

from jobcenter.artifact import Kind
from jobcenter.deploy import deploy
from tests.bench._site import Counters, Figures, Site, site
from tests.bench.calls import await_end
from tests.bench.latency import report, timed
from tests.runtime.workflows import Flow, action
from tests.soak.backlog import family, processor_seconds, resident

BATCH = 500
IDLE = 20.0  # seconds
SETTLE = 15.0  # seconds: a backend that has become idle reports its last commits after ten
READY = """
insert into jobcenter.jobs (root_id, workflow_id, task_id, state, queue_id, arguments, in_args)
select n, c.workflow_id, 2, 'ready', c.queue_id, jsonb_build_object('input', n), jsonb_build_object('n', n)
from generate_series(1, %s) n, jobcenter.callees c join jobcenter.actions a on a.action_id = c.workflow_id where a.name = 'unserved'
"""
SLEEPING = """
insert into jobcenter.jobs (root_id, workflow_id, task_id, state, timeout)
select n, a.action_id, 2, 'sleeping', now() + interval '1 day' + random() * interval '30 days'
from generate_series(1, %s) n, jobcenter.actions a where a.name = 'sleeping'
"""


def main(waiting: int = 1000, maestros: int = 1, jobs: int = 20_000) -> None:
    figures = Figures(f"scale-{waiting}-{maestros}")
    with site(maestros=maestros) as town:
        fill(town, waiting)
        figures.add("jobs waiting", waiting, "jobs")
        figures.add("Maestros", maestros, "processes")
        begun = time.perf_counter()
        for start in range(0, jobs, BATCH):
            town.client.create_jobs("calltest", [{"input": n} for n in range(start, start + BATCH)])
        await_end(town)
        figures.add("calls of calltest", jobs / (time.perf_counter() - begun), "jobs/s")
        timed(town, 100)
        report(figures, "a call, sync client", timed(town, 500))
        for what, pid in zip(("Maestro", "executor"), family(town.processes[0]), strict=True):
            figures.add(f"memory of the {what}", resident(pid), "MB")
        watch_idle(town, figures)
    figures.write()


def fill(town: Site, waiting: int) -> None:
    """With statements over sets: the jobs are as a Maestro leaves them."""
    sleeping, unserved = Flow("sleeping"), Flow("unserved")
    sleeping.task(Kind.SLEEP, value="100")
    unserved.task(Kind.CALL, callee="nobodys", in_="op_put(i, op_get(a, 'input'), 'n')")
    deploy(
        town.connection,
        [action("nobodys", n="number"), sleeping.definition(), unserved.definition()],
    )
    for query in (READY, SLEEPING):
        town.connection.execute(query.encode(), (waiting // 2,))
    town.connection.execute("vacuum analyze jobcenter.jobs")
    town.connection.execute("checkpoint")


def watch_idle(town: Site, figures: Figures) -> None:
    """A Maestro, a worker and their executors, with nothing to do."""
    # Autovacuum commits too: it is the server's business, and comes and goes.
    town.connection.execute("alter system set autovacuum = off")
    town.connection.execute("select pg_reload_conf()")
    time.sleep(SETTLE)
    processes = [pid for process in town.processes for pid in family(process)]
    before = Counters.read(town.connection).commits, *map(processor_seconds, processes)
    begun = time.perf_counter()
    time.sleep(IDLE)
    after = Counters.read(town.connection).commits, *map(processor_seconds, processes)
    seconds = time.perf_counter() - begun
    used = sum(after[1:]) - sum(before[1:])
    figures.add("idle, Maestro and worker", 100 * used / seconds, "% of a core")
    # Reading the counters is one of them.
    figures.add("idle, queries", (after[0] - before[0] - 1) / seconds, "a second")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:4]))
