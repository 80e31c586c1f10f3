"""Workers that are taken for dead and are not: stopped (SIGSTOP) past an action's timeout or past the time that a worker may be silent, then
continued; a worker's name that is back after a crash; a worker's row that is deleted. An answer that comes late changes
nothing, and is told so; each step is recorded once.

`python -m tests.soak.late_answers [ROUNDS] [JOBS]`
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace

from psycopg.types.json import Jsonb

from jobcenter import embedded
from jobcenter.artifact import Input, Kind
from jobcenter.client import Client
from jobcenter.database import Connection
from jobcenter.deploy import deploy
from tests.runtime.workflows import ADD, Flow, calltest
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

TOLD = "came too late and changed nothing"
WORKING = "select count(*) from jobcenter.jobs where state = 'working'"
SILENT = "update jobcenter.workers set last_ping = now() - interval '1 day' where stopped is null"
KEEP_HOUSE = "select from jobcenter.keep_house()"


def impatient() -> Flow:
    """Calls an action that may take a second, and goes on without it."""
    flow = Flow("impatient")
    call = "op_put(i, op_get(a, 'input'), 'counter')\nop_put(i, 3, 'step')"
    flow.task(Kind.CALL, callee="slow", in_=call, on_error=3)
    return flow


@dataclass(slots=True)
class Rounds:
    """Jobs that are with a worker that is not to be heard of; the same jobs done by another; then the late answers."""

    place: Town
    client: Client
    connection: Connection
    size: int
    wrong: int = 0
    late: int = 0

    def stopped(self, workflow: str, expected: dict[str, object]) -> None:
        """`give_up` by the clock: the action's timeout."""
        first = self._take(workflow)
        first.send_signal(signal.SIGSTOP)
        self.place.let_go()
        self._end(workflow, expected)
        first.send_signal(signal.SIGCONT)
        self._hear(first)

    def silent(self) -> None:
        first = self._take("calltest")
        first.send_signal(signal.SIGSTOP)
        self._given_up(SILENT)
        self.place.let_go()
        second = self.place.worker()
        self._end("calltest", {"output": 4})
        first.send_signal(signal.SIGCONT)
        self._hear(first, second)

    def deleted(self) -> None:
        """The worker lives and does not know; it does the tasks again itself."""
        first = self._take("calltest")
        self._given_up("delete from jobcenter.workers")
        self.place.let_go()
        self._end("calltest", {"output": 4})
        self._hear(first)

    def _take(self, workflow: str) -> Process:
        self.place.hold()
        worker = self.place.worker()
        self.client.create_jobs(workflow, [{"input": 1}] * self.size)
        until(lambda: number(self.connection, WORKING) == self.size)
        return worker

    def _given_up(self, what: str) -> None:
        """Housekeeping may be at it just then."""
        self.connection.execute(what.encode())

        def gone() -> bool:
            self.connection.execute(KEEP_HOUSE.encode())
            return number(self.connection, WORKING) == 0

        until(gone)

    def _end(self, workflow: str, expected: dict[str, object]) -> None:
        until(lambda: living(self.connection) == 0)
        self.wrong += number(
            self.connection,
            "select count(*) from jobcenter.jobs j join jobcenter.actions a on a.action_id = j.workflow_id"
            " where a.name = %s and j.out_args <> %s",
            workflow,
            Jsonb(expected),
        )

    def _hear(self, *workers: Process) -> None:
        self.late += self.size
        until(lambda: self.place.said().count(TOLD) >= self.late)
        for worker in workers:
            self.place.kill(worker)


def same_name(connection: Connection, client: Client, size: int) -> int:
    """A worker in any language, which is back under its name: it is handed what it had, and answers once. Then it crashes for so long that
    it is given up. Gives the number of receipts that were not as they should be."""
    jobs = client.create_jobs("calltest", [{"input": 1}] * size)
    connection.execute("select jobcenter.announce('same', 'add')")
    tasks: list[str] = []

    def taken() -> bool:
        rows = connection.execute("select o_job_cookie from jobcenter.get_tasks('same', 'add', 99)")
        tasks.extend(cookie for (cookie,) in rows)
        return len(tasks) == size

    until(taken)
    connection.execute("select jobcenter.announce('same', 'add')")
    held = connection.execute("select o_job_cookie from jobcenter.held_tasks('same', '{}')")
    wrong = {cookie for (cookie,) in held} ^ set(tasks)
    half = size // 2
    receipts = answer(connection, tasks[:half]) + answer(connection, tasks[:half])
    connection.execute(SILENT.encode())
    until(lambda: _given_up(connection))
    receipts += answer(connection, tasks)
    expected = ["recorded"] * half + ["duplicate"] * half
    # What had been recorded before is told as a duplicate, unless its job has gone on and been archived with all it had.
    expected += ["duplicate"] * half + ["late"] * (size - half)
    until(lambda: all(_redone(connection, job.id) for job in jobs))
    return len(wrong) + sum(a != b for a, b in zip(receipts, expected, strict=True))


def _given_up(connection: Connection) -> bool:
    connection.execute(KEEP_HOUSE.encode())
    return number(connection, WORKING) == 0


def _redone(connection: Connection, job: int) -> bool:
    """Whether the job has ended; a task that is to be had is done."""
    for (cookie,) in connection.execute(
        "select o_job_cookie from jobcenter.get_tasks('another', 'add', 99)"
    ).fetchall():
        answer(connection, [cookie])
    return number(connection, "select count(*) from jobcenter.jobs where job_id = %s and state = 'finished'", job) == 1  # fmt: skip


def answer(connection: Connection, cookies: list[str]) -> list[str]:
    outs = Jsonb([{"counter": 4}] * len(cookies))
    rows = connection.execute("select o_receipt from jobcenter.tasks_done(%s, %s)", (cookies, outs))
    return [receipt for (receipt,) in rows]


def run(dsn: str, rounds: int, size: int) -> Outcome:
    outcome = Outcome("late_answers")
    configure(dsn, lost_worker_interval="10 ms", archive_after="1 day")
    with town(dsn) as place, Client(dsn) as client, patient(dsn) as connection:
        slow = replace(ADD, name="slow", config={"timeout": "1 second"})
        deploy(
            connection, [ADD, slow, calltest(), impatient().definition([Input("input", "number")])]
        )
        place.maestro()
        each = Rounds(place, client, connection, size)
        cases: list[Callable[[], None]] = [
            lambda: each.stopped("impatient", {}),
            each.silent,
            each.deleted,
        ]
        for _ in range(rounds):
            for case in cases:
                case()
        outcome.add("late answers, each told so", each.late)
        wrong = sum(same_name(connection, client, size) for _ in range(rounds))
        outcome.none("receipts that are not as they should be", wrong)
        outcome.none("wrong", each.wrong)
        outcome.none("stuck", living(connection))
        outcome.none("recorded twice", number(connection, TWICE))
        call_the_roll(place, outcome)
        outcome.none("unhandled errors", place.unhandled())
    outcome.examine(dsn)
    return outcome.finish()


def main(rounds: int = 5, size: int = 40) -> int:
    with own_server() as server:
        return report(run(embedded.dsn(server), rounds, size))


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
