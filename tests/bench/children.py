"""Work that needs no worker, through Postgres: pure steps of many jobs and of one, and a map of 100 children.

`python -m tests.bench.children` prints one line per figure and writes tests/bench/results/children.json.
"""

from __future__ import annotations

import statistics
import time

from jobcenter.artifact import Kind
from jobcenter.deploy import deploy
from tests.bench._site import Figures, site
from tests.bench.calls import await_end
from tests.runtime.workflows import Flow, counting

JOBS, TURNS = 200, 500
ONE_JOB_TURNS = 20_000
CHILDREN, MAPS = 100, 20


def steps_of(turns: int) -> int:
    """A branch and an eval a turn, the last branch, start and end."""
    return 2 * turns + 3


def main() -> None:
    figures = Figures("children")
    child, parent = Flow("child"), Flow("parent")
    each = parent.branch("child", each=True, value=f"fn_range(0, {CHILDREN})")
    parent.task(Kind.SPLIT, branches=[each])
    with site(workers=0, trial=None) as town:
        deploy(
            town.connection,
            [
                counting("many", TURNS, max_steps=10 * TURNS),
                counting("one", ONE_JOB_TURNS, max_steps=10 * ONE_JOB_TURNS),
                child.definition(),
                parent.definition(),
            ],
        )
        for name in ("many", "one", "parent"):  # the executor knows them all
            town.client.call(name, {}, timeout=60)
        begun = time.perf_counter()
        town.client.create_jobs("many", [{}] * JOBS)
        await_end(town)
        seconds = time.perf_counter() - begun
        figures.add(f"pure steps, {JOBS} jobs", JOBS * steps_of(TURNS) / seconds, "steps/s")
        begun = time.perf_counter()
        town.client.call("one", {}, timeout=60)
        seconds = time.perf_counter() - begun
        figures.add("pure steps, one job", steps_of(ONE_JOB_TURNS) / seconds, "steps/s")
        took = []
        for _ in range(MAPS):
            begun = time.perf_counter()
            town.client.call("parent", {}, timeout=60)
            took.append(time.perf_counter() - begun)
        figures.add(f"a map of {CHILDREN} children, median", 1000 * statistics.median(took), "ms")
    figures.write()


if __name__ == "__main__":
    main()
