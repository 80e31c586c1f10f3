"""Maestros and workers are killed (kill -9) at random while jobs of all kinds run.

`python -m tests.soak.kills [JOBS] [KILLS] [SEED]`
"""

from __future__ import annotations

import random
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from jobcenter import embedded
from jobcenter.client import Client
from tests.soak._accounts import Accounts, deploy_all
from tests.soak._roll_call import call_the_roll
from tests.soak._town import Outcome, Process, Town, configure, own_server, patient, report, town


@dataclass(slots=True)
class Place:
    """Where a process runs, and how it is begun anew."""

    start: Callable[[], Process]
    process: Process

    @classmethod
    def of(cls, start: Callable[[], Process]) -> Place:
        return cls(start, start())


def run(dsn: str, jobs: int, kills: int, seed: int = 1) -> Outcome:
    outcome = Outcome("kills")
    chance = random.Random(seed)
    # A task may be among the dead so often as there are kills; the silence of a dead worker is short here.
    configure(
        dsn, worker_timeout="9 seconds", lost_worker_tries="1000", lost_worker_interval="10 ms"
    )
    accounts = Accounts()
    with town(dsn) as place, Client(dsn) as client, patient(dsn) as connection:
        deploy_all(connection)
        herd = [
            Place.of(place.maestro),
            Place.of(place.maestro),
            Place.of(place.worker),
            Place.of(place.worker),
        ]
        for _ in range(kills):
            accounts.create(client, max(-(-jobs // kills), 10))
            time.sleep(chance.uniform(0.05, 0.6))
            victim = chance.choice(herd)
            place.kill(victim.process)
            victim.process = victim.start()
        accounts.settle(dsn, 120)
        outcome.least("jobs", len(accounts.expected), jobs)
        outcome.add("kills", kills)
        accounts.check(outcome, connection)
        call_the_roll(place, outcome)
        outcome.none("unhandled errors", place.unhandled())
        outcome.none("runs of a task that must not run twice", repeated(place))
    outcome.examine(dsn)
    return outcome.finish()


def repeated(place: Town) -> int:
    """Each job of `careful` has a number of its own."""
    return sum(runs - 1 for runs in Counter(place.notes("once")).values())


def main(jobs: int = 10_000, kills: int = 120, seed: int = 1) -> int:
    with own_server() as server:
        return report(run(embedded.dsn(server), jobs, kills, seed))


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
