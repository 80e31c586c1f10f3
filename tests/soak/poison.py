"""Jobs that kill whoever runs them: an executor each time, a worker each time; and in each batch a job that fails, and one whose effects the
database refuses. They are set apart; their neighbours do not notice.

`python -m tests.soak.poison [BATCHES] [POISONS]`
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from dataclasses import replace
from importlib.util import MAGIC_NUMBER

from jobcenter import embedded
from jobcenter.artifact import Definition, Kind
from jobcenter.client import Client
from jobcenter.database import Connection
from jobcenter.deploy import deploy
from tests.runtime.maestro.test_executor import ABORT, hostile
from tests.runtime.workflows import ADD, Flow, action, calltest, counting
from tests.soak._accounts import TWICE, living
from tests.soak._roll_call import call_the_roll
from tests.soak._town import (
    Outcome,
    Process,
    Town,
    configure,
    number,
    own_server,
    patient,
    report,
    town,
    until,
)

BATCH = 500  # jobs; as many as a Maestro takes at once
TRIES = 3  # of a task whose worker is lost
RESULTS = """
select a.name, j.out_args -> 'error' ->> 'class', count(*) from jobcenter.jobs j join jobcenter.actions a on a.action_id = j.workflow_id
group by 1, 2
"""


def failing() -> Flow:
    flow = Flow("failing")
    flow.task(Kind.RAISE_ERROR, in_="op_put(i, 'no', 'msg')")
    return flow


def refused() -> Flow:
    """Only the database finds what is wrong, by a constraint of its own."""
    flow = Flow("refused")
    flow.task(Kind.LOCK, lock_type="zone", value="'poison'")
    return flow


def killing() -> Definition:
    """Its bytecode is taken as it is: as if the sandbox had a hole."""
    definition = hostile(ABORT)
    assert definition.module is not None
    return replace(definition, module=replace(definition.module, magic=MAGIC_NUMBER))


def poisoned() -> Flow:
    flow = Flow("poisoned")
    flow.task(Kind.CALL, callee="poison")
    return flow


def run(dsn: str, batches: int, poisons: int) -> Outcome:
    outcome = Outcome("poison")
    configure(
        dsn, lost_worker_tries=str(TRIES), lost_worker_interval="10 ms", archive_after="1 day"
    )
    with town(dsn) as place, Client(dsn) as client, patient(dsn) as connection:
        flows = [each.definition() for each in (failing(), refused(), poisoned())]
        deploy(connection, [ADD, action("poison"), calltest(), counting(), killing(), *flows])
        connection.execute("alter table jobcenter.locks add check (lockvalue <> 'poison')")
        among_executors(place, client, connection, batches, outcome)
        among_workers(place, client, connection, poisons, outcome)
        outcome.none("recorded twice", number(connection, TWICE))
        outcome.none("stuck", living(connection))
        call_the_roll(place, outcome)
        outcome.none("unhandled errors", place.unhandled())
    outcome.examine(dsn)
    return outcome.finish()


def among_executors(
    place: Town, client: Client, connection: Connection, batches: int, outcome: Outcome
) -> None:
    """All are there when the Maestro begins, so that they are in its batches together."""
    for _ in range(batches):
        client.create_jobs("counting", [{}] * (BATCH // 2))
        for name in ("hostile", "failing", "refused"):
            client.create_jobs(name, [{}])
        client.create_jobs("counting", [{}] * (BATCH - BATCH // 2 - 3))
    begun = time.perf_counter()
    place.maestro()
    until(lambda: living(connection) == 0, 300)
    outcome.add("jobs in batches with poison", batches * BATCH)
    outcome.add("jobs/s", batches * BATCH / (time.perf_counter() - begun))
    expected = {
        ("counting", None): batches * (BATCH - 3),
        ("hostile", None): batches,  # it has caught its error of class sandbox
        ("failing", "normal"): batches,
        ("refused", "fatal"): batches,
    }
    outcome.none("other ends than expected", differences(connection, expected))
    connection.execute("truncate jobcenter.jobs")


def among_workers(
    place: Town, client: Client, connection: Connection, poisons: int, outcome: Outcome
) -> None:
    """Poison comes first, in the middle and at the end of what a worker takes; each worker that dies is followed by another one."""
    neighbours = 40 * poisons
    for _ in range(poisons):
        client.create_jobs("calltest", [{"input": 1}] * 20)
        client.create_jobs("poisoned", [{}])
        client.create_jobs("calltest", [{"input": 1}] * 20)
    deaths = 0
    worker = place.worker()
    end = time.monotonic() + 60 + 30 * poisons
    while living(connection) and time.monotonic() < end:
        if worker.poll() is not None:
            deaths += 1
            give_up(connection, worker)
            place.kill(worker)
            worker = place.worker()
        time.sleep(0.05)
    runs = Counter(place.notes("poison"))
    outcome.add("workers killed", deaths)
    outcome.most("tries of a poison", sum(runs.values()) / poisons, TRIES)
    expected = {("calltest", None): neighbours, ("poisoned", "soft"): poisons}
    outcome.none("neighbours that noticed", differences(connection, expected))


def give_up(connection: Connection, worker: Process) -> None:
    """As if it had been silent for long enough."""
    connection.execute(
        "update jobcenter.workers set last_ping = now() - interval '1 day' where name like %s",
        (f"%:{worker.pid}:%",),
    )
    connection.execute("select from jobcenter.keep_house()")


def differences(connection: Connection, expected: dict[tuple[str, str | None], int]) -> int:
    rows = connection.execute(RESULTS).fetchall()
    found = {(name, error): count for name, error, count in rows}
    if found != expected:
        print(f"expected {expected}, found {found}", file=sys.stderr)
    return sum(
        abs(found.get(key, 0) - expected.get(key, 0)) for key in found.keys() | expected.keys()
    )


def main(batches: int = 20, poisons: int = 5) -> int:
    with own_server() as server:
        return report(run(embedded.dsn(server), batches, poisons))


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
