"""The jobs that a program has created, what is to come of each, and what has: lost, stuck, wrong, recorded twice."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import psycopg

from jobcenter.artifact import Definition, Input, Kind
from jobcenter.client import Client
from jobcenter.database import Connection
from jobcenter.deploy import deploy
from jobcenter.errors import NoDatabase, Unavailable
from tests.runtime.maestro.load import family
from tests.runtime.workflows import ADD, Flow, action, calltest, counting
from tests.soak._town import Outcome, number

LOST = {"class": "normal", "msg": "the worker was lost"}
EVERY = "(select job_id, state, out_args, stepcounter from jobcenter.jobs union all select job_id, state, out_args, stepcounter from jobcenter.jobs_archive)"
TWICE = f"""
select count(*) from {EVERY} j left join (
    select l.job_id, count(*) as steps from jobcenter.job_task_log l group by l.job_id) s using (job_id)
where coalesce(s.steps, 0) <> j.stepcounter
"""


def careful() -> list[Definition]:
    """A call of an action that must not run twice."""
    flow = Flow("careful")
    flow.task(
        Kind.CALL, callee="once", in_="op_put(i, op_get(a, 'n'), 'n')",
        out="op_put(v, op_get(o, 'n'), 'n')",
    )  # fmt: skip
    workflow = flow.definition([Input("n", "number")], end="op_put(o, op_get(v, 'n'), 'n')")
    return [action("once", config={"retryable": False}, n="number"), workflow]


def talking() -> Definition:
    """Raises an event for itself, and waits for it."""
    flow = Flow("talking")
    mask = "fn_object('talk', op_get(a, 'n'))"
    flow.task(Kind.SUBSCRIBE, in_=f"op_put(i, 'own', 'name')\nop_put(i, {mask}, 'mask')")
    flow.task(Kind.SLEEP, value="0.01")
    flow.task(Kind.RAISE_EVENT, in_=f"op_put(i, {mask}, 'event')")
    flow.task(
        Kind.WAIT_FOR_EVENT,
        in_="op_put(i, fn_array('own'), 'events')",
        out="op_put(v, op_get(o, 'event', 'data', 'talk'), 'n')",
    )
    return flow.definition([Input("n", "number")], end="op_put(o, op_get(v, 'n'), 'n')")


def deploy_all(connection: Connection) -> None:
    """With all actions of the workers: one that looks for an action that is not there looks more often."""
    workflows = [calltest(), counting(turns=40), talking(), *family(), *careful()]
    deploy(connection, [ADD, replace(ADD, name="slow"), action("poison"), *workflows])


@dataclass(slots=True)
class Accounts:
    """`expected`: the outcomes that each job may have. Numbers of `careful` and `talking` are given out once."""

    expected: dict[int, list[Any]] = field(default_factory=dict)
    numbers: int = 0

    def create(self, client: Client, size: int) -> None:
        """At least `size` jobs of all kinds, most of them calltest. Tried again where the database is away: the same key, the same job."""
        part = max(size // 10, 1)
        base = self.numbers
        self.numbers += size
        many = range(base, base + size - 4 * part)
        few = range(base, base + part)
        self._ask(client, "calltest", [({"input": n}, [{"output": n + 3}]) for n in many])
        self._ask(client, "counting", [({}, [{"n": 40}]) for _ in few])
        self._ask(client, "talking", [({"n": n}, [{"n": n}]) for n in few])
        self._ask(client, "careful", [({"n": n}, [{"n": n}, {"error": LOST}]) for n in few])
        self._ask(client, "family", [({}, [{"all": [1, 2, 3]}]) for _ in few])

    def _ask(self, client: Client, workflow: str, jobs: Sequence[tuple[Any, list[Any]]]) -> None:
        keys = [f"{self.numbers} {workflow} {place}" for place in range(len(jobs))]
        while True:
            try:
                made = client.create_jobs(workflow, [args for args, _ in jobs], keys=keys)
            except (NoDatabase, Unavailable):
                time.sleep(0.1)
            else:
                break
        self.expected |= {job.id: outs for job, (_, outs) in zip(made, jobs, strict=True)}

    def settle(self, dsn: str, patience: float) -> None:
        """Waits until no job is left that has not ended, or for so long that nothing more is to be hoped for."""
        end = time.monotonic() + patience
        while time.monotonic() < end:
            try:
                with psycopg.connect(dsn, autocommit=True) as connection:
                    while living(connection) and time.monotonic() < end:
                        time.sleep(0.05)
                    return
            except psycopg.OperationalError:
                time.sleep(0.1)

    def check(self, outcome: Outcome, connection: Connection) -> None:
        """Adds the figures that must be 0."""
        rows = connection.execute(f"select job_id, state::text, out_args from {EVERY} j".encode())
        found = {job: (state, out) for job, state, out in rows}
        ended = {job: out for job, (state, out) in found.items() if state in ("finished", "error")}
        wrong = [
            job for job, outs in self.expected.items() if job in ended and ended[job] not in outs
        ]
        outcome.none("lost", len(self.expected.keys() - found.keys()))
        outcome.none("stuck", len(found) - len(ended))
        outcome.none("wrong", len(wrong))
        outcome.broken += [f"job {job}: {json.dumps(ended[job])}" for job in wrong[:3]]
        outcome.none("recorded twice", number(connection, TWICE))


def living(connection: Connection) -> int:
    return number(
        connection,
        "select count(*) from jobcenter.jobs where state not in ('finished', 'error')",
    )
