"""Whether each process of a town still serves. Others do the work of one that hangs, so it is not missed: each is to give a sign by itself.

A Maestro takes a job through its lane and its timers while all others are stopped. A worker pings: the coroutine that does this is the one that
claims and answers. One that has ended though nobody killed it gives no sign either.
"""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from jobcenter.artifact import Definition, Kind
from jobcenter.client import Client
from jobcenter.deploy import deploy
from jobcenter.errors import JobTimeout
from tests.runtime.workflows import Flow
from tests.soak._town import Outcome, Process, Town, number, patient

# Seconds. One that is stopped may be in the middle of a transaction, and the server ends that after a minute.
FOR_EVER = 90.0
PINGED = "select count(*) from jobcenter.workers where name like %s and last_ping > %s::timestamptz"


def call_the_roll(place: Town, outcome: Outcome) -> None:
    """To be done when nothing else is to be, since it needs a workflow of its own."""
    silent = hanging(place)
    outcome.none("processes that hang", len(silent))
    for process in silent:
        print(f"no sign of process {process.pid} ({process.poll()})", file=sys.stderr)


def hanging(place: Town, seconds: float = FOR_EVER) -> list[Process]:
    """Those that give no sign for so long."""
    return [*hanging_workers(place, seconds), *hanging_maestros(place, seconds)]


def hanging_workers(place: Town, seconds: float) -> list[Process]:
    silent = place.of("worker")
    end = time.monotonic() + seconds
    with patient(place.dsn) as connection:
        ((begun,),) = connection.execute("select clock_timestamp()::text").fetchall()
        while silent and time.monotonic() < end:
            silent = [each for each in silent if not number(connection, PINGED, f"%:{each.pid}:%", begun)]  # fmt: skip
            time.sleep(0.02)
    return silent


def hanging_maestros(place: Town, seconds: float) -> list[Process]:
    maestros = place.of("maestro")
    with patient(place.dsn) as connection:
        deploy(connection, [resting()])
    with Client(place.dsn) as client:
        return [each for each in maestros if not takes_a_job(each, maestros, client, seconds)]


def takes_a_job(maestro: Process, all_of_them: Sequence[Process], client: Client, seconds: float) -> bool:  # fmt: skip
    with stopped([each for each in all_of_them if each is not maestro]):
        job = client.create_job("resting", {})
        try:
            job.result(seconds)
        except JobTimeout:
            return False
    return True


@contextmanager
def stopped(processes: Sequence[Process]) -> Iterator[None]:
    for process in processes:
        process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        for process in processes:
            process.send_signal(signal.SIGCONT)


def resting() -> Definition:
    flow = Flow("resting")
    flow.task(Kind.SLEEP, value="0.01")
    return flow.definition()
