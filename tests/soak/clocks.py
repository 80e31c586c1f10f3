"""The clocks of the Maestros' machines are an hour off, one ahead and one behind: the database's clock counts. Timers end within a second, and
`now()` in a workflow is the database's time.

`python -m tests.soak.clocks [JOBS] [SEED]`
"""

from __future__ import annotations

import random
import sys
from pathlib import Path

from jobcenter import embedded
from jobcenter.artifact import Input, Kind
from jobcenter.client import Client
from jobcenter.deploy import deploy
from tests.runtime.workflows import Flow
from tests.soak._accounts import TWICE, living
from tests.soak._roll_call import call_the_roll
from tests.soak._town import Outcome, configure, number, own_server, patient, report, town, until

WITHIN = 1.0  # seconds
SHIFT = "import time; real = time.time; time.time = lambda: real() + {hours} * 3600\n"
# The executor is a process of its own, which inherits nothing: it is to be off as well, as on one machine.
LAUNCHER = """#!{python}
import os, sys
code = sys.argv.index("-c") + 1
sys.argv[code] = {shift!r} + sys.argv[code]
os.execv({python!r}, [{python!r}, *sys.argv[1:]])
"""
MAESTRO = SHIFT + (
    "import sys; sys.executable = {launcher!r}\n"
    "from jobcenter.cli import main; sys.exit(main(['maestro', '--log-level', 'warning']))"
)
# How late each sleep ended, and how far what now() said after it was from the time when that was written.
FIGURES = """
select max(extract(epoch from l.task_completed - l.task_entered) - (j.arguments ->> 'nap')::float8)::float8,
       max(abs(extract(epoch from l.logged - (j.out_args ->> 'after')::timestamptz)))::float8,
       max(abs(extract(epoch from j.job_created - (j.out_args ->> 'before')::timestamptz)))::float8,
       count(*)
from jobcenter.job_log l join jobcenter.jobs j using (job_id) where l.steps -> 0 ->> 'task' = '3'
"""


def napping() -> Flow:
    flow = Flow("napping")
    flow.task(Kind.EVAL, eval="op_put(v, fn_now(), 'before')")
    flow.task(Kind.SLEEP, value="op_get(a, 'nap')")
    flow.task(Kind.EVAL, eval="op_put(v, fn_now(), 'after')")
    return flow


def run(dsn: str, jobs: int, seed: int = 1, within: float = WITHIN) -> Outcome:
    outcome = Outcome("clocks")
    chance = random.Random(seed)
    configure(dsn, archive_after="1 day")
    with town(dsn) as place, Client(dsn) as client, patient(dsn) as connection:
        flow = napping().definition([Input("nap", "number")], end="op_copy_all(v, o)")
        deploy(connection, [flow])
        for hours in (1, -1):
            program = MAESTRO.format(hours=hours, launcher=str(launcher(place.folder, hours)))
            place.spawn("maestro", [sys.executable, "-c", program])
        client.create_job("napping", {"nap": 0.01}).result(60)
        for _ in range(jobs // 10):
            client.create_jobs("napping", [{"nap": round(chance.uniform(0.05, 2), 3)}] * 10)
        until(lambda: living(connection) == 0, 120)
        row = connection.execute(FIGURES).fetchone()
        assert row is not None
        late, after, before, count = row
        outcome.least("jobs", count, jobs)
        outcome.most("seconds late at most", late, within)
        outcome.most("seconds between now() and the database's time", max(after, before), within)
        outcome.none("recorded twice", number(connection, TWICE))
        call_the_roll(place, outcome)
        outcome.none("unhandled errors", place.unhandled())
    outcome.examine(dsn)
    return outcome.finish()


def launcher(folder: Path, hours: int) -> Path:
    """In the place of Python, for the executors of a Maestro."""
    file = folder / f"python{hours}"
    file.write_text(LAUNCHER.format(python=sys.executable, shift=SHIFT.format(hours=hours)))
    file.chmod(0o755)
    return file


def main(jobs: int = 1000, seed: int = 1) -> int:
    with own_server() as server:
        return report(run(embedded.dsn(server), jobs, seed))


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
