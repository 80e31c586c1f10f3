"""Everything at once, at random: locks in children of maps, taken in any order and lent, events, timeouts, soft and hard errors, loops without an
end, detached jobs, procedures that cancel other jobs, while jobs are cancelled (with force and without) and tried again, and Maestros and workers are
killed (kill -9). Each job ends once, and nothing of it is left.

`python -m tests.soak.tangle [SECONDS] [FIRST SEED] [SEEDS]`
"""

from __future__ import annotations

import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from jcc.compilation import compile_unit, needed
from jcc.workspace import Workspace
from jobcenter import embedded
from jobcenter.artifact import Definition
from jobcenter.client import Client
from jobcenter.database import Connection
from jobcenter.deploy import deploy
from tests.soak._accounts import TWICE, living
from tests.soak._roll_call import call_the_roll
from tests.soak._town import (
    Outcome,
    Process,
    Town,
    another_database,
    configure,
    number,
    own_server,
    patient,
    report,
    town,
)
from tests.soak.kills import Place

CROWD = 120  # jobs that have not ended: no more are made
PATIENCE = 100.0  # seconds until nothing more is to be hoped for
LEFT = ("locks", "lock_waits", "event_subscriptions", "job_events", "queued_events", "events_left")
ANY_JOB = "select job_id from jobcenter.jobs where state not in ('finished', 'error', 'zombie')"
ANY_TASK = "select job_id from jobcenter.jobs where state in ('working', 'retrywait')"
# Only while it is one: a job that has failed meanwhile would begin anew, and end twice.
RETRY = """
with task as materialized (select job_id from jobcenter.jobs where job_id = %s and state in ('working', 'retrywait') for update)
select jobcenter.retry_job(job_id) from task
"""
DEADLOCKS = "select deadlocks from pg_stat_database where datname = current_database()"
EVERY_JOB = "select job_id from jobcenter.jobs"

JCL = Path(__file__).with_suffix(".jcl")

# What a procedure does in the middle of a batch: it tells, cancels and tries again others, or fails.
STIR = """
create function public.stir(given jsonb) returns jsonb language plpgsql as $$
declare
    n constant integer := (given ->> 'n')::integer;
    other bigint := (select j.job_id from jobcenter.jobs j
                     where j.job_id <> (given ->> 'job')::bigint and j.state not in ('finished', 'error', 'zombie')
                     order by random() limit 1);
begin
    case n % 10
        when 1 then
            perform jobcenter.raise_event(jsonb_build_object('k', n % 5));
        when 2 then
            perform jobcenter.cancel_job(other, 'stirred', n > 20);
        when 3 then
            perform jobcenter.retry_job(task.job_id) from (
                select j.job_id from jobcenter.jobs j where j.job_id = other and j.state in ('working', 'retrywait') for update) task;
        when 4 then
            raise exception 'stirred';
        else
            return '{"did": "nothing"}';
    end case;
    return '{"did": "something"}';
end
$$
"""

WORKERS = """
import random, time
from jobcenter import Worker, SoftError

first, second = Worker("first"), Worker("second")

def work(n):
    chance = random.random()
    if chance < 0.1:
        raise SoftError("not now")
    if chance < 0.2:
        return {"error": {"class": "normal", "msg": "never"}}
    if chance < 0.23:
        time.sleep(1.3)
    time.sleep(chance * 0.05)
    return {"n": n + 1}

first.action("work", slots=20)(work)
second.action("work", slots=20)(work)
"""


@dataclass(slots=True)
class Tangle:
    """Does one thing after the other at random, and hears of the jobs that end. Makes no job while `crowd` have not ended.
    `done`: what has been done, and how often."""

    place: Town
    client: Client
    connection: Connection
    listener: Connection
    chance: random.Random
    herd: list[Place]
    crowd: int
    done: Counter[str] = field(default_factory=Counter)
    ends: Counter[int] = field(default_factory=Counter)

    def go_on(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self._act()
            self.listen()
            time.sleep(0.01)

    def _act(self) -> None:
        what = self.chance.random()
        if what < 0.5 and living(self.connection) < self.crowd:
            self._create()
        elif what < 0.6:
            force = self.chance.random() < 0.3
            for job in self._one_of(ANY_JOB):
                self.done["cancels"] += self.client.cancel_job(job, "enough", force=force)
        elif what < 0.7:
            for job in self._one_of(ANY_TASK):
                self.done["retries"] += len(self.connection.execute(RETRY, (job,)).fetchall())
        elif what < 0.9:
            self.done["events"] += self.client.raise_event({"k": self.chance.randint(0, 5)})
        elif what < 0.91:
            self._kill()

    def _create(self) -> None:
        many = [self.chance.randint(0, 30) for _ in range(self.chance.randint(0, 6))]
        self.client.create_job("root", {"n": self.chance.randint(0, 29), "list": many})

    def _one_of(self, query: str) -> list[int]:
        """One of these jobs, or none."""
        found = [job for (job,) in self.connection.execute(query.encode()).fetchall()]
        return self.chance.sample(found, min(1, len(found)))

    def _kill(self) -> None:
        victim = self.chance.choice(self.herd)
        self.place.kill(victim.process)
        victim.process = victim.start()
        self.done["kills"] += 1

    def settle(self) -> None:
        """Waits until all have ended and what was left is done, or nothing more is to be hoped for."""
        end = time.monotonic() + PATIENCE
        left = "select count(*) from jobcenter.events_left"
        while living(self.connection) + number(self.connection, left) and time.monotonic() < end:
            self.listen()
            time.sleep(0.05)

    def listen(self, seconds: float = 0) -> None:
        for notify in self.listener.notifies(timeout=seconds):
            self.ends.update(map(int, notify.payload.split(",")))


@contextmanager
def tangled(dsn: str, crowd: int, seed: int) -> Iterator[Tangle]:
    configure(dsn, archive_after="1 day", lost_worker_interval="10 ms")
    with (
        town(dsn) as place,
        Client(dsn) as client,
        patient(dsn) as connection,
        patient(dsn) as listener,
    ):
        connection.execute(STIR)
        deploy(connection, compiled())
        (place.folder / "tangled.py").write_text(WORKERS)
        listener.execute('listen "jobs:ended"')
        herd = [Place.of(start) for start in (place.maestro, place.maestro, *workers(place))]
        yield Tangle(place, client, connection, listener, random.Random(seed), herd, crowd)


def workers(place: Town) -> list[Callable[[], Process]]:
    return [partial(place.start, "worker", f"tangled:{name}") for name in ("first", "second")]


def compiled() -> list[Definition]:
    workspace = Workspace()
    workspace.set_text(JCL.name, JCL.read_text("utf-8"))
    return [compile_unit(workspace, unit)[0] for unit in needed(workspace, [JCL.name])]


def run(dsn: str, seconds: float, crowd: int, seed: int = 1) -> Outcome:
    outcome = Outcome(f"tangle_{seed}")
    with tangled(dsn, crowd, seed) as tangle:
        tangle.go_on(seconds)
        tangle.settle()
        check(outcome, tangle)
        call_the_roll(tangle.place, outcome)
        outcome.none("unhandled errors", tangle.place.unhandled())
    outcome.examine(dsn)
    return outcome.finish()


def check(outcome: Outcome, tangle: Tangle) -> None:
    connection = tangle.connection
    jobs = {job for (job,) in connection.execute(EVERY_JOB.encode()).fetchall()}
    outcome.least("jobs", len(jobs), 1)
    for what in ("cancels", "retries", "events", "kills"):
        outcome.add(what, tangle.done[what])
    stuck: list[Any] = connection.execute(
        "select job_id, parentjob_id, state::text, task_id, aborted, timeout::text from jobcenter.jobs"
        " where state not in ('finished', 'error') order by job_id limit 5"
    ).fetchall()
    outcome.add("deadlocks of Postgres", number(connection, DEADLOCKS))
    outcome.none("stuck", living(connection))
    outcome.broken += [f"job {each}" for each in stuck]
    tangle.listen(1)
    outcome.none("whose end was not told once", sum(tangle.ends[job] != 1 for job in jobs))
    outcome.none("recorded twice", number(connection, TWICE))
    for table in LEFT:
        outcome.none(
            f"left in {table}", number(connection, f"select count(*) from jobcenter.{table}")
        )


def main(seconds: int = 15, first: int = 1, seeds: int = 3) -> int:
    status = 0
    with own_server() as server:
        for seed in range(first, first + seeds):
            with another_database(embedded.dsn(server)) as dsn:
                status |= report(run(dsn, seconds, CROWD, seed))
    return status


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
