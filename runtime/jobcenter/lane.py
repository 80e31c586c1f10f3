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
from typing import Any, Final

import psycopg

from jobcenter.database import AsyncConnection
from jobcenter.engine import Results, fail_job, row_head, split_batch, write_outcomes
from jobcenter.executor import Executor
from jobcenter.frames import LoadedModule
from jobcenter.observe.observer import SILENT, Batch, Observer

log = logging.getLogger("jobcenter.maestro")

CLAIM: Final = (
    "select jobs, workflows, claimed, extract(epoch from clock_timestamp())::float8"
    " from jobcenter.claim_jobs(%s, %s)"
)
APPLY: Final = "select runnable, due, applied from jobcenter.apply_results(%s, %s, %s)"
MODULES: Final = (
    "select workflow_id, program, outputs, python, bytecode from jobcenter.modules_for(%s, %s)"
)

# SQLSTATE classes that speak of the values of one job: cardinality, data, constraint, limits, raised by a procedure.
JOBS_OWN_FAULT: Final = frozenset({"21", "22", "23", "54", "P0"})
# And those that speak of none: connection, transaction state, rollback, resources, locks, operator, system.
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

    async def turn(self, connection: AsyncConnection, more: Callable[[], bool]) -> int:
        """One batch. Gives how many jobs may go on at once: 0 where there was nothing to do. With `more`, the next batch
        is claimed on the same way to the database. Raises psycopg.Error."""
        claim = self._next or await self._claim(connection)
        self._next = None
        if claim is None:
            return 0
        begun = time.perf_counter()
        results = await self._run(connection, claim)
        ran = time.perf_counter()
        try:
            going_on = await self._apply(connection, claim, results, more() or claim.full)
        except psycopg.Error as error:
            if (error.sqlstate or "")[:2] in NO_JOBS_FAULT:
                raise
            await self._set_apart(connection, claim, error)
            return claim.count
        tallies = [part.tally for part in results]
        stored = time.perf_counter()
        self._observer.batch(Batch(claim.count, ran - begun, stored - ran, tallies))
        return going_on

    async def leave(self, connection: AsyncConnection) -> None:
        """Gives back what has been claimed for the next turn."""
        if self._open:
            await connection.execute("rollback")
        self.reset()

    async def _claim(self, connection: AsyncConnection, job: int | None = None) -> Claim | None:
        async with connection.pipeline():
            await connection.execute("begin")
            cursor = await connection.execute(CLAIM, [self._size, job])
        self._open = True
        claim = _claim_of(await cursor.fetchone(), self._size)
        if claim is None:
            await self.leave(connection)
        return claim

    async def _run(self, connection: AsyncConnection, claim: Claim) -> list[Results]:
        lacking = self._executor.lacks(claim.workflows)
        if lacking:
            cursor = await connection.execute(MODULES, [lacking, MAGIC_NUMBER])
            found = {row[0]: LoadedModule(*row) for row in await cursor.fetchall()}
            for workflow in lacking:
                nothing = LoadedModule(workflow, "", "", "", None)
                self._executor.give(found.get(workflow, nothing))
        return await self._executor.run(claim.jobs, claim.workflows, claim.time)

    async def _apply(
        self,
        connection: AsyncConnection,
        claim: Claim,
        results: Sequence[Results],
        claim_next: bool,
    ) -> int:
        size = min(2 * self._size, self._batch)
        async with connection.pipeline():
            applied = [
                await connection.execute(
                    APPLY, [part.jobs, part.effects or None, len(results) == 1]
                )
                for part in results
            ]
            await connection.execute("commit")
            if claim_next:
                await connection.execute("begin")
                claimed = await connection.execute(CLAIM, [size, None])
        self._open, self._size = claim_next, size
        if claim_next:
            self._next = _claim_of(await claimed.fetchone(), size)
            if self._next is None:
                await self.leave(connection)
        return self._tell(claim, [await cursor.fetchone() for cursor in applied])

    def _tell(self, claim: Claim, rows: Sequence[Any]) -> int:
        """Gives how many jobs may go on at once, with those that the executor has left for the next batch."""
        going_on = claim.count + (self._next.count if self._next is not None else 0)
        for runnable, due, applied in rows:
            going_on += runnable - applied
            if due is not None:
                self._on_due(due)
        return going_on

    async def _set_apart(
        self, connection: AsyncConnection, claim: Claim, error: psycopg.Error
    ) -> None:
        """A batch could not be stored. Half of it is taken next, and so on; a job that cannot be stored alone gets the error.
        Raises `error` where that is to be tried again."""
        await self.leave(connection)
        if claim.count > 1:
            self._size = claim.count // 2
            return
        job = row_head(split_batch(claim.jobs)[0])["job"]
        self._alone = (job, self._alone[1] + 1 if self._alone[0] == job else 1)
        if (error.sqlstate or "")[:2] not in JOBS_OWN_FAULT and self._alone[1] < ALONE:
            raise error
        log.error("job %s cannot be stored: %s", job, error)
        again = await self._claim(connection, job)
        if again is not None:
            reason = error.diag.message_primary or str(error)
            failed = {"class": "fatal", "msg": f"the database refused what the job did: {reason}"}
            row = row_head(split_batch(again.jobs)[0])
            await self._apply(connection, again, [write_outcomes([fail_job(row, failed)])], False)


def _claim_of(row: Sequence[Any] | None, size: int) -> Claim | None:
    return (
        None
        if row is None or row[2] == 0
        else Claim(row[0], row[1], row[2], row[3], row[2] >= size)
    )
