"""Postgres is stopped at once (`-m immediate`) again and again while jobs run, also while it is hardly back, and with questions that it has not
read: nothing is restarted by hand, and work goes on soon after each return. Once it is away for so long that everybody has become patient.

`python -m tests.soak.postgres_stops [JOBS] [STOPS] [SEED] [MAESTROS AND WORKERS]`
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from jobcenter import embedded
from jobcenter.client import Client
from jobcenter.errors import JobTimeout
from tests.soak._accounts import Accounts, deploy_all
from tests.soak._roll_call import call_the_roll
from tests.soak._town import Outcome, backends, configure, own_server, patient, report, town

SOON = 5.0  # seconds


def run(
    server: Path,
    jobs: int,
    stops: int,
    absence: float,
    seed: int = 1,
    of_each: int = 2,
    soon: float = SOON,
) -> Outcome:
    """`absence`: seconds that the last stop lasts. `of_each`: how many Maestros, and as many workers."""
    outcome = Outcome("postgres_stops")
    chance = random.Random(seed)
    dsn = embedded.dsn(server)
    configure(
        dsn, worker_timeout="9 seconds", lost_worker_tries="1000", lost_worker_interval="10 ms"
    )
    with patient(dsn) as connection:
        deploy_all(connection)
    accounts = Accounts()
    longest = 0.0
    with town(dsn) as place, Client(dsn) as client:
        for _ in range(of_each):
            place.maestro()
            place.worker()
        for turn in range(stops):
            accounts.create(client, max(-(-jobs // stops), 10))
            time.sleep(chance.uniform(0, 0.5))
            stop(server, chance)
            time.sleep(absence if turn == stops - 1 else chance.uniform(0, 0.3))
            embedded.attach(server)
            if chance.random() < 0.5 or turn == stops - 1:
                longest = max(longest, until_a_job_is_done(client, f"stop {turn}"))
        accounts.settle(dsn, 120)
        with patient(dsn) as connection:
            outcome.least("jobs", len(accounts.expected), jobs)
            outcome.add("stops", stops)
            accounts.check(outcome, connection)
        outcome.most("seconds at most until work went on", longest, soon)
        call_the_roll(place, outcome)
        outcome.none("unhandled errors", place.unhandled())
    outcome.examine(dsn)
    return outcome.finish()


def stop(server: Path, chance: random.Random) -> None:
    """Every second time its processes are held for a moment before, so that what they are asked then stays unread at their end: that resets
    the connections."""
    held = backends(embedded.dsn(server)) if chance.random() < 0.5 else []
    for pid in held:
        os.kill(pid, signal.SIGSTOP)
    time.sleep(chance.uniform(0.1, 0.5) if held else 0)
    with ThreadPoolExecutor() as pool:
        stopping = pool.submit(embedded.stop, server, "immediate")
        time.sleep(0.2)  # they have been told to end by now
        for pid in held:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)
        stopping.result()


def until_a_job_is_done(client: Client, key: str) -> float:
    """Seconds, for a job that goes from the Maestro to a worker and back; a minute where nothing more is to be hoped for."""
    begun = time.perf_counter()
    with contextlib.suppress(JobTimeout):
        client.create_job("calltest", {"input": 1}, key=key).result(60)
    return time.perf_counter() - begun


def main(jobs: int = 10_000, stops: int = 30, seed: int = 1, of_each: int = 2) -> int:
    with own_server() as server:
        return report(run(server, jobs, stops, 20, seed, of_each))


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
