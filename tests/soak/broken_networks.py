"""A network that breaks all the time: between Postgres and the Maestros, workers and the client, connections are reset, and cut in the middle of
a message. The processes are those of production, on uvloop where it is installed.

`python -m tests.soak.broken_networks [JOBS] [SEED]`
"""

from __future__ import annotations

import sys

from jobcenter import embedded
from jobcenter.client import Client
from tests.network import Chance, before_postgres, fair
from tests.soak._accounts import Accounts, deploy_all
from tests.soak._roll_call import call_the_roll
from tests.soak._town import Outcome, configure, own_server, patient, report, town


def run(dsn: str, jobs: int, part: float, rounds: int, seed: int = 1) -> Outcome:
    """`part` of all that comes through breaks its connection."""
    outcome = Outcome("broken_networks")
    configure(
        dsn, worker_timeout="9 seconds", lost_worker_tries="1000", lost_worker_interval="10 ms"
    )
    accounts = Accounts()
    breaking = Chance(part, seed)
    with (
        patient(dsn) as connection,
        before_postgres(dsn) as (network, broken),
        town(broken) as place,
        Client(broken) as client,
    ):
        deploy_all(connection)
        network.fate = breaking
        for start in (place.maestro, place.maestro, place.worker, place.worker):
            start()
        for _ in range(rounds):
            accounts.create(client, max(-(-jobs // rounds), 10))
        accounts.settle(dsn, 240)
        network.fate = fair
        accounts.settle(dsn, 60)
        outcome.least("jobs", len(accounts.expected), jobs)
        outcome.least("breaks", breaking.count, rounds)
        accounts.check(outcome, connection)
        call_the_roll(place, outcome)
        outcome.none("unhandled errors", place.unhandled())
    outcome.examine(dsn)
    return outcome.finish()


def main(jobs: int = 2000, seed: int = 1) -> int:
    with own_server() as server:
        return report(run(embedded.dsn(server), jobs, 0.02, 20, seed))


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
