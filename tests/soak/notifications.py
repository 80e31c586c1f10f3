"""No notification arrives: all is found by looking, each time within 5 s.

`python -m tests.soak.notifications [JOBS] [SECONDS]`
"""

from __future__ import annotations

import random
import sys
import time

from jobcenter import embedded
from jobcenter.client import Client
from jobcenter.database import Connection
from tests.soak._accounts import Accounts, deploy_all
from tests.soak._roll_call import call_the_roll
from tests.soak._town import Outcome, own_server, patient, report, town

SOON = 5.0  # seconds
# Found by the schema's functions before Postgres's own.
SILENCE = "create function jobcenter.pg_notify(text, text) returns void language sql as ''"
# How long a task waited for a worker, and how long its answer (or what else woke the job) for a Maestro.
WAITS = """
select max(extract(epoch from l.task_started - l.task_entered))::float8, max(extract(epoch from l.logged - l.task_completed))::float8
from jobcenter.job_log l
"""
FIRST = """
select max(extract(epoch from l.task_completed - l.task_entered))::float8
from jobcenter.job_task_log l join jobcenter.actions a on a.action_id = l.workflow_id
where l.step = 0 and a.name = 'calltest'
"""


def run(dsn: str, jobs: int, seconds: float, seed: int = 1, soon: float = SOON) -> Outcome:
    """`jobs` are created in the course of so many seconds."""
    outcome = Outcome("notifications")
    chance = random.Random(seed)
    accounts = Accounts()
    with patient(dsn) as connection:
        deploy_all(connection)
        connection.execute(SILENCE)
        with town(dsn) as place, Client(dsn) as client:
            place.maestro()
            place.worker()
            rounds = max(jobs // 10, 1)
            for _ in range(rounds):
                accounts.create(client, 10)
                time.sleep(chance.uniform(0, 2 * seconds / rounds))
            accounts.settle(dsn, 300)
            outcome.least("jobs", len(accounts.expected), jobs)
            outcome.none("notifications heard", heard(connection, client))
            accounts.check(outcome, connection)
            call_the_roll(place, outcome)
            outcome.none("unhandled errors", place.unhandled())
        for what, value in longest(connection).items():
            outcome.most(what, value, soon)
    outcome.examine(dsn)
    return outcome.finish()


def heard(connection: Connection, client: Client) -> int:
    connection.execute("listen jobtaskdone")
    client.create_job("counting", {}).result(60)
    return len(list(connection.notifies(timeout=1)))


def longest(connection: Connection) -> dict[str, float]:
    row = connection.execute(WAITS).fetchone()
    first = connection.execute(FIRST).fetchone()
    assert row is not None
    assert first is not None
    return {
        "seconds at most before a Maestro took a new job": first[0],
        "before a worker took a task": row[0],
        "before a Maestro took an answer": row[1],
    }


def main(jobs: int = 300, seconds: int = 60) -> int:
    with own_server() as server:
        return report(run(embedded.dsn(server), jobs, seconds))


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
