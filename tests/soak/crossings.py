"""Jobs raise events for each other at the same time, with several Maestros: each event is heard by all that it is for, once and in the order in
which it was raised, and no Maestro waits for another.

`python -m tests.soak.crossings [JOBS] [ROUNDS]`
"""

from __future__ import annotations

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
from tests.soak._town import Outcome, configure, number, own_server, patient, report, town, until

GROUP = 8  # jobs that hear each other
MAESTROS = 3
SUBSCRIBED = "select count(*) from jobcenter.jobs where state = 'eventwait'"
HEARD = (
    "select arguments ->> 'own', out_args -> 'heard' from jobcenter.jobs where state = 'finished'"
)
LEFT = "select count(*) from jobcenter.events_left"
DEADLOCKS = "select deadlocks from pg_stat_database where datname = current_database()"


def member() -> Definition:
    """Raises `rounds` events for all of its group, itself among them, each as soon as it has heard another one."""
    flow = Flow("member", max_steps=1_000_000)
    start, group = "fn_object('start', True)", "fn_object('group', op_get(a, 'group'))"
    more = "op_lt(op_get(v, 'n'), op_get(a, 'rounds'))"
    event = "fn_object('group', op_get(a, 'group'), 'from', op_get(a, 'own'), 'n', op_get(v, 'n'))"
    flow.task(Kind.SUBSCRIBE, in_=f"op_put(i, 'start', 'name')\nop_put(i, {start}, 'mask')")
    flow.task(Kind.SUBSCRIBE, in_=f"op_put(i, 'talk', 'name')\nop_put(i, {group}, 'mask')")
    flow.task(Kind.WAIT_FOR_EVENT, in_="op_put(i, fn_array('start'), 'events')")
    flow.task(Kind.BRANCH, edges={"true": 6, "false": 8}, value=more)
    flow.task(Kind.EVAL, eval="op_put(v, op_add(op_get(v, 'n'), 1), 'n')")
    flow.task(Kind.RAISE_EVENT, in_=f"op_put(i, {event}, 'event')")
    flow.task(
        Kind.WAIT_FOR_EVENT,
        in_="op_put(i, fn_array('talk'), 'events')",
        out="op_put(v, op_append(op_get(v, 'heard'), op_get(o, 'event', 'data')), 'heard')",
    )
    left = f"op_lt(fn_length(op_get(v, 'heard')), op_mul(op_get(a, 'rounds'), {GROUP}))"
    flow.task(Kind.BRANCH, edges={"true": 5, "false": 10}, value=left)
    inputs = [Input(name, "number") for name in ("group", "own", "rounds")]
    return flow.definition(inputs, end="op_put(o, op_get(v, 'heard'), 'heard')")


def run(dsn: str, jobs: int, rounds: int) -> Outcome:
    outcome = Outcome("crossings")
    configure(dsn, archive_after="1 day")
    with town(dsn) as place, Client(dsn) as client, patient(dsn) as connection:
        deploy(connection, [member()])
        for _ in range(MAESTROS):
            place.maestro()
        client.create_jobs(
            "member",
            [{"group": n % (jobs // GROUP), "own": n, "rounds": rounds} for n in range(jobs)],
        )
        until(lambda: number(connection, SUBSCRIBED) == jobs, 120)
        before = number(connection, DEADLOCKS)
        client.raise_event({"start": True})
        settle(connection)
        check(outcome, connection, jobs, rounds)
        until(lambda: number(connection, LEFT) == 0)
        time.sleep(1)  # until all have reported to the statistics
        outcome.none("deadlocks between Maestros", number(connection, DEADLOCKS) - before)
        call_the_roll(place, outcome)
        outcome.none("unhandled errors", place.unhandled())
    outcome.examine(dsn)
    return outcome.finish()


def settle(connection: Connection) -> None:
    """Waits until all have ended, or nothing more is to be hoped for."""
    end = time.monotonic() + 300
    while living(connection) and time.monotonic() < end:
        time.sleep(0.1)


def check(outcome: Outcome, connection: Connection, jobs: int, rounds: int) -> None:
    ended: dict[str, Any] = dict(connection.execute(HEARD.encode()).fetchall())
    outcome.least("jobs", jobs, GROUP)
    outcome.add("events", jobs * rounds)
    outcome.none("stuck", jobs - len(ended))
    expected = sorted(list(range(1, rounds + 1)) * GROUP)
    outcome.none(
        "that did not hear each event once",
        sum(sorted(each["n"] for each in heard) != expected for heard in ended.values()),
    )
    outcome.none("that heard one out of its order", sum(not in_order(heard) for heard in ended.values()))  # fmt: skip
    outcome.none("recorded twice", number(connection, TWICE))


def in_order(heard: list[Any]) -> bool:
    """Those of each sender, as it raised them."""
    next_of: dict[int, int] = {}
    for each in heard:
        if each["n"] != next_of.get(each["from"], 1):
            return False
        next_of[each["from"]] = each["n"] + 1
    return True


def main(jobs: int = 1600, rounds: int = 8) -> int:
    with own_server() as server:
        return report(run(embedded.dsn(server), jobs, rounds))


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
