"""A lane of the Maestro: batches over one connection and one executor, one after the other.

A batch is a transaction: claim, run, apply, commit. What cannot be stored is found by halving the batch, and becomes that
job's error: at once where the values are at fault, else when it has failed alone again and again. Errors that come and go (a full
disk, a deadlock, no connection) are raised, and the transaction has not been.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.util import MAGIC_NUMBER
from typing import Final

import psycopg

from jobcenter.engine import Results, fail_job, row_head, split_batch, write_outcomes
from jobcenter.executor import Executor
from jobcenter.frames import LoadedModule
from jobcenter.observe.observer import SILENT, Batch, Observer
from jobcenter.wire import Asked, Rows, Wire

log = logging.getLogger("jobcenter.maestro")

BEGIN: Final[Asked] = ("begin", ())
COMMIT: Final[Asked] = ("commit", ())
ROLLBACK: Final[Asked] = ("rollback", ())
CLAIM: Final = (
    "select jobs, workflows, claimed, extract(epoch from clock_timestamp())::float8 as time"
    " from jobcenter.claim_jobs($1, $2)"
)
APPLY: Final = "select runnable, due, applied from jobcenter.apply_results($1, $2, $3)"
MODULES: Final = (
    "select workflow_id as workflow, program, outputs, python, bytecode"
    " from jobcenter.modules_for($1, $2)"
)

# SQLSTATE classes that speak of the values of one job: cardinality, data, constraint, limits, raised by a procedure.
JOBS_OWN_FAULT: Final = frozenset({"21", "22", "23", "54", "P0"})
# And those that speak of none: wire, transaction state, rollback, resources, locks, operator, system.
NO_JOBS_FAULT: Final = frozenset({"", "08", "25", "40", "53", "55", "57", "58"})
ALONE: Final = 6  # times that a job may fail alone for no reason that is known


@dataclass(frozen=True, slots=True)
class Claim:
    """Locked rows, as text, and the workflows they are of. `time` is the database's, in seconds since 1970. `full`:
    there may be more."""

    jobs: str
    workflows: Sequence[int]
    count: int
    time: float
    full: bool


class Lane:
    """`on_due` is told in how many seconds a job of the batch is due."""

    def __init__(
        self,
        executor: Executor,
        batch: int,
        on_due: Callable[[float], None],
        observer: Observer = SILENT,
    ) -> None:
        self._executor = executor
        self._batch = batch
        self._on_due = on_due
        self._observer = observer
        self._size = batch  # of a claim: less after one that could not be stored
        self._alone = (0, 0)  # the job that could not be stored alone, and how often
        self._next: Claim | None = None  # claimed together with the last commit
        self._open = False  # is there a transaction?

    def reset(self) -> None:
        """For a new connection."""
        self._next, self._open = None, False

    async def turn(self, wire: Wire, more: Callable[[], bool]) -> int:
        """One batch. Gives how many jobs may go on at once: 0 where there was nothing to do. With `more`, the next batch
        is claimed on the same way to the database. Raises psycopg.Error."""
        claim = self._next or await self._claim(wire)
        self._next = None
        if claim is None:
            return 0
        begun = time.perf_counter()
        results = await self._run(wire, claim)
        ran = time.perf_counter()
        try:
            # What came during this batch is not heard of before its end: where there were several jobs, there may be more.
            claim_next = more() or claim.full or claim.count > 1
            going_on = await self._apply(wire, claim, results, claim_next)
        except psycopg.Error as error:
            if (error.sqlstate or "")[:2] in NO_JOBS_FAULT:
                raise
            await self._set_apart(wire, claim, error)
            return claim.count
        tallies = [part.tally for part in results]
        stored = time.perf_counter()
        self._observer.batch(Batch(claim.count, ran - begun, stored - ran, tallies))
        return going_on

    async def leave(self, wire: Wire) -> None:
        """Gives back what has been claimed for the next turn."""
        if self._open:
            await wire.ask(ROLLBACK)
        self.reset()

    async def _claim(self, wire: Wire, job: int | None = None) -> Claim | None:
        _, claimed = await wire.ask(BEGIN, (CLAIM, [self._size, job]))
        self._open = True
        claim = _claim_of(claimed, self._size)
        if claim is None:
            await self.leave(wire)
        return claim

    async def _run(self, wire: Wire, claim: Claim) -> list[Results]:
        lacking = self._executor.lacks(claim.workflows)
        if lacking:
            (modules,) = await wire.ask((MODULES, [lacking, MAGIC_NUMBER]))
            found = {module["workflow"]: LoadedModule(**module) for module in modules}
            for workflow in lacking:
                nothing = LoadedModule(workflow, "", "", "", None)
                self._executor.give(found.get(workflow, nothing))
        return await self._executor.run(claim.jobs, claim.workflows, claim.time)

    async def _apply(
        self,
        wire: Wire,
        claim: Claim,
        results: Sequence[Results],
        claim_next: bool,
    ) -> int:
        size = min(2 * self._size, self._batch)
        flight: list[Asked] = [
            (APPLY, [part.jobs, part.effects or None, len(results) == 1]) for part in results
        ]
        flight.append(COMMIT)
        if claim_next:
            flight += [BEGIN, (CLAIM, [size, None])]
        answers = await wire.ask(*flight)
        self._open, self._size = claim_next, size
        if claim_next:
            self._next = _claim_of(answers.pop(), size)
            if self._next is None:
                await self.leave(wire)
        return self._tell(claim, [rows[0] for rows in answers[: len(results)]])

    def _tell(self, claim: Claim, rows: Rows) -> int:
        """Gives how many jobs may go on at once, with those that the executor has left for the next batch."""
        going_on = claim.count + (self._next.count if self._next is not None else 0)
        for row in rows:
            going_on += row["runnable"] - row["applied"]
            if row["due"] is not None:
                self._on_due(row["due"])
        return going_on

    async def _set_apart(self, wire: Wire, claim: Claim, error: psycopg.Error) -> None:
        """A batch could not be stored. Half of it is taken next, and so on; a job that cannot be stored alone gets the error.
        Raises `error` where that is to be tried again."""
        await self.leave(wire)
        if claim.count > 1:
            self._size = claim.count // 2
            return
        job = row_head(split_batch(claim.jobs)[0])["job"]
        self._alone = (job, self._alone[1] + 1 if self._alone[0] == job else 1)
        if (error.sqlstate or "")[:2] not in JOBS_OWN_FAULT and self._alone[1] < ALONE:
            raise error
        log.error("job %s cannot be stored: %s", job, error)
        again = await self._claim(wire, job)
        if again is not None:
            reason = error.diag.message_primary or str(error)
            failed = {"class": "fatal", "msg": f"the database refused what the job did: {reason}"}
            row = row_head(split_batch(again.jobs)[0])
            await self._apply(wire, again, [write_outcomes([fail_job(row, failed)])], False)


def _claim_of(rows: Rows, size: int) -> Claim | None:
    row = rows[0]
    if row["claimed"] == 0:
        return None
    return Claim(row["jobs"], row["workflows"], row["claimed"], row["time"], row["claimed"] >= size)
