"""The engine: what a job does next, as pure functions of its program and its row.

`link` joins a program with its code; `complete` and `enter` are the two half steps of a job (the predecessor's `do_jobtaskdone`
and `do_jobtask`), `run` alternates them until the job must wait. What has to be done about it is the `Outcome`'s: the
Maestro does it in Postgres, the simulator in memory. No I/O and no clock here.
"""

from jobcenter.engine.batch import OUTSIDE, Programs, fail_job, run_batch
from jobcenter.engine.linked import LinkedProgram, link
from jobcenter.engine.run import Stop, complete, enter, run
from jobcenter.engine.state import Job, Outcome
from jobcenter.engine.texts import (
    Results,
    join_batch,
    join_results,
    row_head,
    split_batch,
    write_outcomes,
)

__all__ = [
    "OUTSIDE",
    "Job",
    "LinkedProgram",
    "Outcome",
    "Programs",
    "Results",
    "Stop",
    "complete",
    "enter",
    "fail_job",
    "join_batch",
    "join_results",
    "link",
    "row_head",
    "run",
    "run_batch",
    "split_batch",
    "write_outcomes",
]
