"""A storm of locks, taken in random order, by jobs and by children to which their parent lends one: each deadlock is found at once, has one
victim, and the others go on.

`python -m tests.soak.deadlocks [JOBS] [SEED]`
"""

from __future__ import annotations

import random
import re
import sys
import time
from typing import Any

from jobcenter import embedded
from jobcenter.artifact import Definition, Input, Kind
from jobcenter.client import Client
from jobcenter.database import Connection
from jobcenter.deploy import deploy
from tests.runtime.workflows import Flow
from tests.soak._accounts import TWICE, living
from tests.soak._roll_call import call_the_roll
from tests.soak._town import Outcome, configure, number, own_server, patient, report, town

LOCKS = "abcdefgh"
AT_ONCE = 1.0  # seconds
SEEN = "op_put(o, op_get(e, '_error'), 'error')"
FOUND = """
select l.job_id, l.task_error ->> 'msg', extract(epoch from r.logged - l.task_entered)::float8
from jobcenter.job_task_log l join jobcenter.job_log r using (job_log_id)
where l.step = 1 and l.task_error ->> 'class' = 'lock' and l.task_error ->> 'msg' like 'deadlock: %'
"""


def taker() -> Definition:
    """Takes three locks, with a pause after each; one that is a victim lets go and is done."""
    flow = Flow("taker")
    for place in range(3):
        flow.task(Kind.LOCK, lock_type="zone", value=f"op_get(a, 'order', {place})", on_error=8)
        flow.task(Kind.SLEEP, value="op_get(a, 'pause')")
    return flow.definition([Input("order", "array"), Input("pause", "number")], end=SEEN)


def lender() -> Definition:
    """Has a lock, and two children that want it, too, and others."""
    flow = Flow("lender")
    flow.lock("zone", "op_get(a, 'own')", inherit=True)
    branches = [
        flow.branch(
            "taker",
            in_=f"op_put(i, op_get(a, 'orders', {place}), 'order')\nop_put(i, op_get(a, 'pause'), 'pause')",
        )
        for place in range(2)
    ]
    flow.task(Kind.SPLIT, branches=branches, on_error=3)
    inputs = [Input("own", "string"), Input("orders", "array"), Input("pause", "number")]
    return flow.definition(inputs, end=SEEN)


def run(dsn: str, jobs: int, seed: int = 1, at_once: float = AT_ONCE) -> Outcome:
    outcome = Outcome("deadlocks")
    chance = random.Random(seed)
    configure(dsn, archive_after="1 day")
    with town(dsn) as place, Client(dsn) as client, patient(dsn) as connection:
        deploy(connection, [taker(), lender()])
        place.maestro()
        place.maestro()
        standing = 0
        for _ in range(jobs // 20):
            client.create_jobs("taker", [taking(chance) for _ in range(10)])
            client.create_jobs("lender", [lending(chance) for _ in range(10)])
            standing += number(connection, "select count(*) from jobcenter.deadlocks()")
        standing += settle(connection)
        outcome.least("jobs", number(connection, "select count(*) from jobcenter.jobs"), jobs)
        check(outcome, connection, at_once)
        outcome.none("deadlocks seen to stand", standing)
        call_the_roll(place, outcome)
        outcome.none("unhandled errors", place.unhandled())
    outcome.examine(dsn)
    return outcome.finish()


def taking(chance: random.Random) -> dict[str, Any]:
    return {"order": chance.sample(LOCKS, 3), "pause": pause(chance)}


def lending(chance: random.Random) -> dict[str, Any]:
    """Each child wants what its parent lends, at any place in its order."""
    own = chance.choice(LOCKS)
    others = LOCKS.replace(own, "")
    orders = [[own, *chance.sample(others, 2)] for _ in range(2)]
    for order in orders:
        chance.shuffle(order)
    return {"own": own, "orders": orders, "pause": pause(chance)}


def pause(chance: random.Random) -> float:
    return chance.choice([0.0, 0.001, 0.01])


def settle(connection: Connection) -> int:
    """Waits until all have ended, looking for deadlocks meanwhile."""
    standing = 0
    end = time.monotonic() + 300
    while living(connection) and time.monotonic() < end:
        standing += number(connection, "select count(*) from jobcenter.deadlocks()")
        time.sleep(1)
    return standing


def check(outcome: Outcome, connection: Connection, at_once: float) -> None:
    found = connection.execute(FOUND).fetchall()
    circles = {
        job: set(map(int, re.findall(r"(?:job|child) (\d+)", said))) for job, said, _ in found
    }
    outcome.least("deadlocks", len(found), 1)
    outcome.most("seconds at most until one was told", max((each[2] for each in found), default=0), at_once)  # fmt: skip
    outcome.none("with two victims", sum(other in circle and job in circles[other] for job, circle in circles.items() for other in circle & circles.keys() if other != job))  # fmt: skip
    outcome.none("stuck", living(connection))
    whole = "select count(*) from jobcenter.jobs where state = 'finished' and out_args -> 'error' = 'null'"
    outcome.least("jobs that had all their locks", number(connection, whole), 1)
    outcome.none("locks left", number(connection, "select count(*) from jobcenter.locks"))
    outcome.none("recorded twice", number(connection, TWICE))


def main(jobs: int = 4000, seed: int = 1) -> int:
    with own_server() as server:
        return report(run(embedded.dsn(server), jobs, seed))


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
