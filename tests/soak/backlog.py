"""A million jobs wait for a worker, others sleep, others wait for events: a claim takes as long as in an empty table, and who has nothing
to do does nothing.

`python -m tests.soak.backlog [JOBS] [SAMPLES] [SECONDS]`
"""

from __future__ import annotations

import os
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from jobcenter import embedded
from jobcenter.artifact import Kind
from jobcenter.client import Client
from jobcenter.database import Connection
from jobcenter.deploy import deploy
from tests.runtime.workflows import ADD, Flow, calltest
from tests.soak._accounts import careful
from tests.soak._roll_call import call_the_roll
from tests.soak._town import (
    Outcome,
    Town,
    another_database,
    backends,
    own_server,
    patient,
    report,
    town,
)

TWICE = 2.0  # times the 99th percentile of an empty table
NEARLY_NOTHING = 3.0  # per cent of a processor, of all processes together
WORKERS = """
from jobcenter import Worker

worker = Worker("idle")

@worker.action("once")
def once(n):
    return {"n": n}
"""
READY = """
insert into jobcenter.jobs (root_id, workflow_id, task_id, state, queue_id, arguments, in_args)
select n, c.workflow_id, 2, 'ready', c.queue_id, jsonb_build_object('input', n), jsonb_build_object('counter', n, 'step', 3)
from generate_series(1, %s) n, jobcenter.callees c join jobcenter.actions a on a.action_id = c.workflow_id where a.name = 'calltest'
"""
SLEEPING = """
insert into jobcenter.jobs (root_id, workflow_id, task_id, state, timeout)
select n, a.action_id, 2, 'sleeping', now() + interval '1 day' + random() * interval '30 days'
from generate_series(1, %s) n, jobcenter.actions a where a.name = 'sleeping'
"""
LISTENING = """
with waiting as (
    insert into jobcenter.jobs (root_id, workflow_id, task_id, state, in_args)
    select n, a.action_id, 3, 'eventwait', '{"events": ["paid"]}'
    from generate_series(1, %s) n, jobcenter.actions a where a.name = 'listening' returning root_id, job_id
)
insert into jobcenter.event_subscriptions (job_id, name, mask, mask_key)
select w.job_id, 'paid', m.mask, (jobcenter.event_keys(m.mask))[1]
from waiting w, lateral (select jsonb_build_object('order', w.root_id) as mask) m
"""
CLAIMS = {
    "worker's claim": "select from jobcenter.get_tasks('sampler', 'add', 1)",
    "claim of an action that has no tasks": "select from jobcenter.get_tasks('sampler', 'once', 1)",
    "Maestro's claim": "select from jobcenter.claim_jobs(500)",
    "event": """select jobcenter.raise_event('{"order": 1}')""",
    "look for timers": "select from jobcenter.wake_due(1000)",
}


@dataclass(slots=True)
class Table:
    """One of the two databases that are compared, and the seconds that each kind of claim took."""

    connection: Connection
    times: dict[str, list[float]] = field(default_factory=lambda: {what: [] for what in CLAIMS})

    def fill(self, ready: int, others: int) -> None:
        sleeping, listening = Flow("sleeping"), Flow("listening")
        sleeping.task(Kind.SLEEP, value="100")
        listening.task(Kind.SUBSCRIBE, in_="op_put(i, 'paid', 'name')")
        listening.task(Kind.WAIT_FOR_EVENT, in_="op_put(i, fn_array('paid'), 'events')")
        flows = [sleeping.definition(), listening.definition()]
        deploy(self.connection, [ADD, calltest(), *flows, *careful()])
        for query, size in ((READY, ready), (SLEEPING, others), (LISTENING, others)):
            self.connection.execute(query.encode(), (size,))
        self.connection.execute("vacuum analyze jobcenter.jobs, jobcenter.event_subscriptions")

    def pages(self, what: str) -> int:
        """How many are looked at for a claim: the second time, when the session knows its plans."""
        count = 0
        for _ in range(2):
            self.connection.execute("begin")
            query = f"explain (analyze, buffers, format json) {CLAIMS[what]}"
            row = self.connection.execute(query.encode()).fetchone()
            self.connection.execute("rollback")
            assert row is not None
            plan = row[0][0]["Plan"]
            count = plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]
        return count

    def sample(self) -> None:
        """One claim of each kind, taken back."""
        for what, query in CLAIMS.items():
            self.connection.execute("begin")
            begun = time.perf_counter()
            self.connection.execute(query.encode())
            self.times[what].append(time.perf_counter() - begun)
            self.connection.execute("rollback")


def run(empty: str, full: str, ready: int, others: int, samples: int, seconds: float) -> Outcome:
    """The DSNs of two databases with the schema. `seconds` is how long idle processes are watched. Without samples, no clock
    decides: only the pages of the tables and indexes are counted."""
    outcome = Outcome("backlog")
    outcome.add("jobs waiting for a worker", ready)
    outcome.add("sleeping", others)
    outcome.add("waiting for events", others)
    with patient(empty) as one, patient(full) as other:
        tables = Table(one), Table(other)
        tables[0].fill(1, 1)
        tables[1].fill(ready, others)
        for what in CLAIMS:
            pages = [table.pages(what) for table in tables]
            outcome.most(f"pages for a {what}", pages[1], TWICE * pages[0])
        if samples:
            compare(*tables, samples, outcome)
    if seconds:
        with town(full) as place, Client(full) as client:
            watch(place, client, seconds, outcome)
    outcome.examine(full)
    return outcome.finish()


def compare(empty: Table, full: Table, samples: int, outcome: Outcome) -> None:
    """Turn by turn, so that the machine's other business meets both."""
    for table in (empty, full):
        for _ in range(50):
            table.sample()
        table.times = {what: [] for what in CLAIMS}
    for _ in range(samples):
        empty.sample()
        full.sample()
    for what in CLAIMS:
        great, small = (percentile(table.times[what], 99) for table in (full, empty))
        outcome.add(f"ms for a {what}, p99", 1000 * great)
        outcome.most(f"times an empty table ({what})", great / small, TWICE)


def percentile(times: list[float], which: int) -> float:
    return sorted(times)[len(times) * which // 100]


def watch(place: Town, client: Client, seconds: float, outcome: Outcome) -> None:
    """A Maestro and a worker of another action do a job, and then nothing."""
    (place.folder / "workers.py").write_text(WORKERS)
    maestro, worker = place.maestro(), place.worker()
    client.create_job("careful", {"n": 1}).result(60)
    processes = [*family(maestro.pid), *family(worker.pid), *backends(place.dsn)]
    time.sleep(3)
    before = {pid: processor_seconds(pid) for pid in processes}
    time.sleep(seconds)
    used = sum(processor_seconds(pid) - before[pid] for pid in processes)
    outcome.most("% of a processor, idle, all together", 100 * used / seconds, NEARLY_NOTHING)
    outcome.add("MB of memory of the Maestro", resident(maestro.pid))
    took: list[float] = []
    for turn in range(50):
        begun = time.perf_counter()
        client.create_job("careful", {"n": turn}).result(60)
        took.append(time.perf_counter() - begun)
    outcome.add("ms for a call, median", 1000 * percentile(took, 50))
    call_the_roll(place, outcome)
    outcome.none("unhandled errors", place.unhandled())


def family(pid: int) -> list[int]:
    """A process and its children."""
    file = Path(f"/proc/{pid}/task/{pid}/children")
    return [pid, *map(int, file.read_text().split())]


def processor_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident(pid: int) -> float:
    """In MB."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def main(ready: int = 1_000_000, samples: int = 3000, seconds: int = 30) -> int:
    with own_server() as server, another_database(embedded.dsn(server)) as empty:
        return report(run(empty, embedded.dsn(server), ready, ready // 10, samples, seconds))


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
