"""A worker's answer against a timeout, a disconnect, a cancel and a retry, at the same moment, with two Maestros: an answer that was told to be
recorded is in the step log, once; one that was told to be late is not.

`python -m tests.soak.races [RACES] [SEED]`
"""

from __future__ import annotations

import random
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from psycopg.types.json import Jsonb

from jobcenter import embedded
from jobcenter.artifact import Kind
from jobcenter.client import Client
from jobcenter.database import Connection
from jobcenter.deploy import deploy
from tests.runtime.workflows import ADD, Flow, calltest
from tests.soak._accounts import TWICE, living
from tests.soak._roll_call import call_the_roll
from tests.soak._town import Outcome, configure, number, own_server, patient, report, town, until

ROUND = 50  # tasks that a worker takes at once, each of them a race
CHUNK = 5  # answers in one call
ACTIONS = ("add", "timed")
FOREVER = {"tries": -1, "interval": "1 millisecond"}
LOGGED = """
select (l.task_outargs ->> 'counter')::bigint, count(*) from jobcenter.job_task_log l
where l.task_id = 2 and l.task_error is null group by 1
"""


@dataclass(slots=True)
class Pair:
    """Two that race: a worker that answers, and somebody who takes its tasks away. `start` counts on for unique answers."""

    dsn: str
    name: str
    chance: random.Random
    start: int
    races: int
    receipts: dict[int, str] = field(default_factory=dict)
    against: Counter[str] = field(default_factory=Counter)
    failure: BaseException | None = None

    def run(self) -> None:
        try:
            with patient(self.dsn) as worker, patient(self.dsn) as other:
                while sum(self.against.values()) < self.races:
                    self._round(worker, other)
        except BaseException as error:
            self.failure = error

    def _round(self, worker: Connection, other: Connection) -> None:
        kind = self.chance.choice(("timeout", "disconnect", "cancel", "retry"))
        action = "timed" if kind == "timeout" else "add"
        rows = worker.execute("select o_job_id, o_job_cookie from jobcenter.get_tasks(%s, %s, %s)", (self.name, action, ROUND)).fetchall()  # fmt: skip
        if not rows:
            time.sleep(0.005)
            return
        self.chance.shuffle(rows)
        spoil = spoiler(kind, other, self.name, [job for job, _ in rows])
        opponent = threading.Thread(target=spoil)
        answers = {cookie: self.start + place for place, (_, cookie) in enumerate(rows)}
        self.start += len(rows)
        if kind == "timeout":
            time.sleep(self.chance.uniform(0, 0.04))
        opponent.start()
        if kind == "disconnect":
            time.sleep(self.chance.uniform(0, 0.01))
        self._answer(worker, answers)
        opponent.join()
        self.against[kind] += len(rows)

    def _answer(self, worker: Connection, answers: dict[str, int]) -> None:
        cookies = list(answers)
        for begin in range(0, len(cookies), CHUNK):
            chunk = cookies[begin : begin + CHUNK]
            for cookie, receipt in tasks_done(worker, {each: answers[each] for each in chunk}):
                self.receipts[answers[cookie]] = receipt


def tasks_done(connection: Connection, answers: dict[str, int]) -> list[tuple[str, str]]:
    outs = Jsonb([{"counter": each} for each in answers.values()])
    rows = connection.execute(
        "select o_job_cookie, o_receipt from jobcenter.tasks_done(%s, %s)", (list(answers), outs)
    )
    return [(cookie, receipt) for cookie, receipt in rows.fetchall()]


def spoiler(
    kind: str, connection: Connection, worker: str, jobs: Sequence[int]
) -> Callable[[], None]:
    """What takes the tasks from the worker; a timeout comes by itself, from the Maestros."""

    def spoil() -> None:
        match kind:
            case "disconnect":
                connection.execute("select jobcenter.disconnect(%s)", (worker,))
            case "cancel":
                for job in jobs:
                    connection.execute("select jobcenter.cancel_job(%s)", (job,))
            case "retry":
                for job in jobs:
                    connection.execute("select jobcenter.retry_job(%s)", (job,))
            case _:
                pass

    return spoil


def timed() -> Flow:
    """calltest, with an action that times out after 20 ms, and is called again then."""
    flow = Flow("timed_call", max_steps=1_000_000)
    call = "op_put(i, op_get(a, 'input'), 'counter')\nop_put(i, 3, 'step')"
    flow.task(Kind.CALL, callee="timed", in_=call, on_error=2)
    return flow


def run(dsn: str, races: int, seed: int = 1) -> Outcome:
    outcome = Outcome("races")
    configure(dsn, archive_after="1 day", lost_worker_tries="1000000", lost_worker_interval="1 ms")
    with town(dsn) as place, Client(dsn) as client, patient(dsn) as connection:
        add = replace(ADD, config={"retry": FOREVER})
        timed_add = replace(ADD, name="timed", config={"timeout": "20 milliseconds"})
        deploy(connection, [add, timed_add, calltest(), timed().definition()])
        place.maestro()
        place.maestro()
        pairs = [Pair(dsn, f"w{n}", random.Random(seed + n), n * 10**9, races // 2) for n in (1, 2)]
        compete(pairs, client, connection)
        drain(pairs[0], connection)
        receipts = pairs[0].receipts | pairs[1].receipts
        against = pairs[0].against + pairs[1].against
        outcome.least("races", sum(against.values()), races)
        for kind, count in sorted(against.items()):
            outcome.add(f"against a {kind}", count)
        outcome.add("answers recorded", Counter(receipts.values())["recorded"])
        outcome.add("told to be late", Counter(receipts.values())["late"])
        check(outcome, connection, receipts)
        call_the_roll(place, outcome)
        outcome.none("unhandled errors", place.unhandled())
    outcome.examine(dsn)
    return outcome.finish()


def compete(pairs: Sequence[Pair], client: Client, connection: Connection) -> None:
    """New jobs come while there are few; those that are cancelled or done are no more."""
    threads = [threading.Thread(target=pair.run) for pair in pairs]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        for workflow in ("calltest", "timed_call"):
            if waiting(connection, workflow) < 4 * ROUND:
                client.create_jobs(workflow, [{"input": 1}] * 4 * ROUND)
        time.sleep(0.01)
    for pair in pairs:
        if pair.failure is not None:
            raise pair.failure


def waiting(connection: Connection, workflow: str) -> int:
    return number(
        connection,
        "select count(*) from jobcenter.jobs j join jobcenter.actions a on a.action_id = j.workflow_id"
        " where a.name = %s and j.state in ('ready', 'done', 'retrywait')",
        workflow,
    )


def drain(pair: Pair, connection: Connection) -> None:
    """All that are left are done in peace."""

    def done() -> bool:
        for action in ACTIONS:
            rows = connection.execute("select o_job_cookie from jobcenter.get_tasks('peace', %s, 500)", (action,)).fetchall()  # fmt: skip
            answers = {cookie: pair.start + place for place, (cookie,) in enumerate(rows)}
            pair.start += len(rows)
            if answers:
                for cookie, receipt in tasks_done(connection, answers):
                    pair.receipts[answers[cookie]] = receipt
        return living(connection) == 0

    until(done, 120)


def check(outcome: Outcome, connection: Connection, receipts: dict[int, str]) -> None:
    logged: dict[int, int] = dict(connection.execute(LOGGED).fetchall())
    recorded = {answer for answer, receipt in receipts.items() if receipt == "recorded"}
    outcome.none("recorded and lost", len(recorded - logged.keys()))
    outcome.none("late, but in the log", len(logged.keys() - recorded))
    outcome.none("in the log twice", sum(count > 1 for count in logged.values()))
    outcome.none("recorded twice", number(connection, TWICE))
    outcome.none("stuck", living(connection))


def main(races: int = 100_000, seed: int = 1) -> int:
    with own_server() as server:
        return report(run(embedded.dsn(server), races, seed))


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
