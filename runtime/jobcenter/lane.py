"""A lane of the Maestro: batches over one connection and one executor, one after the other.

A batch is a transaction: claim, run, apply, commit. What cannot be stored for a job's own fault is found by going on one job at
a time, and becomes that job's error; every other error of the database is raised, and the transaction has not been.
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
APPLY: Final = "select runnable, due from jobcenter.apply_results(%s, %s)"
MODULES: Final = (
    "select workflow_id, program, outputs, python, bytecode from jobcenter.modules_for(%s, %s)"
)

# SQLSTATE classes that speak of the values of one job: cardinality, data, constraint, limits, raised by a procedure.
JOBS_OWN_FAULT: Final = frozenset({"21", "22", "23", "54", "P0"})


@dataclass(frozen=True, slots=True)
class Claim:
    """Locked rows, as text, and the workflows they are of. `time` is the database's, in seconds since 1970."""

    jobs: str
    workflows: Sequence[int]
    count: int
    time: float


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
        self._single = 0  # so many more claims are of one job each
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
            going_on = await self._apply(connection, results, more() or claim.count >= self._batch)
        except psycopg.Error as error:
            if (error.sqlstate or "")[:2] not in JOBS_OWN_FAULT:
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
            cursor = await connection.execute(CLAIM, [self._size(), job])
        self._open = True
        claim = _claim_of(await cursor.fetchone())
        if claim is None:
            await self.leave(connection)
        return claim

    def _size(self) -> int:
        return 1 if self._single > 0 else self._batch

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
        self, connection: AsyncConnection, results: Sequence[Results], claim_next: bool
    ) -> int:
        self._single = max(self._single - 1, 0)
        async with connection.pipeline():
            applied = [
                await connection.execute(APPLY, [part.jobs, part.effects or None])
                for part in results
            ]
            await connection.execute("commit")
            if claim_next:
                await connection.execute("begin")
                claimed = await connection.execute(CLAIM, [self._size(), None])
        self._open = claim_next
        if claim_next:
            self._next = _claim_of(await claimed.fetchone())
            if self._next is None:
                await self.leave(connection)
        return await self._tell([await cursor.fetchone() for cursor in applied])

    async def _tell(self, rows: Sequence[Any]) -> int:
        for _, due in rows:
            if due is not None:
                self._on_due(due)
        runnable: int = sum(row[0] for row in rows)
        return runnable if self._next is None else runnable + self._next.count

    async def _set_apart(
        self, connection: AsyncConnection, claim: Claim, error: psycopg.Error
    ) -> None:
        """A batch could not be stored. Its jobs are taken one by one; the one that still cannot be gets the error."""
        await self.leave(connection)
        if claim.count > 1:
            self._single = claim.count
            return
        job = row_head(split_batch(claim.jobs)[0])["job"]
        log.error("job %s cannot be stored: %s", job, error)
        again = await self._claim(connection, job)
        if again is not None:
            reason = error.diag.message_primary or str(error)
            failed = {"class": "fatal", "msg": f"the database refused what the job did: {reason}"}
            row = row_head(split_batch(again.jobs)[0])
            await self._apply(connection, [write_outcomes([fail_job(row, failed)])], False)


def _claim_of(row: Sequence[Any] | None) -> Claim | None:
    return None if row is None or row[2] == 0 else Claim(*row)
