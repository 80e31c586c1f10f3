"""A lane of the Maestro: batches over one connection and one executor, one after the other.

A batch is a transaction: claim, run, apply, commit. What cannot be stored is found by halving the batch, and becomes that
job's error: at once where the values are at fault, else when it has failed alone again and again. Errors that come and go (a full
disk, a deadlock, no connection) are raised, and the transaction has not been.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.util import MAGIC_NUMBER
from typing import Final

import psycopg

from jobcenter.aside import Aside
from jobcenter.engine import Results, fail_job, join_results, row_head, split_batch, write_outcomes
from jobcenter.executor import Executor
from jobcenter.frames import LoadedModule
from jobcenter.observe.observer import SILENT, Batch, Observer
from jobcenter.stepping_back import StepBack
from jobcenter.wire import Asked, Rows, Wire

log = logging.getLogger("jobcenter.maestro")

BEGIN: Final[Asked] = ("begin", ())
COMMIT: Final[Asked] = ("commit", ())
ROLLBACK: Final[Asked] = ("rollback", ())
CLAIM: Final = (
    "select jobs, workflows, claimed, heavy, extract(epoch from clock_timestamp())::float8 as time"
    " from jobcenter.claim_jobs($1, $2, $3)"
)
APPLY: Final = "select runnable, due, applied from jobcenter.apply_results($1, $2, true)"
MODULES: Final = (
    "select workflow_id as workflow, program, outputs, python, bytecode"
    " from jobcenter.modules_for($1, $2)"
)

# SQLSTATE classes that speak of the values of one job: cardinality, data, constraint, limits, raised by a procedure.
JOBS_OWN_FAULT: Final = frozenset({"21", "22", "23", "54", "P0"})
# And those that speak of none: wire, transaction state, rollback, resources, locks, operator, system.
NO_JOBS_FAULT: Final = frozenset({"", "08", "25", "40", "53", "55", "57", "58"})
ROOM: Final = 4_000_000  # characters of a batch; of one with more, the next has fewer jobs
LONG: Final = 0.1  # seconds of a batch, after which others come first
BREATH: Final = 0.01  # seconds for them
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
    """`on_due` is told in how many seconds a job of the batch is due; what is too large for a batch goes to `aside`."""

    def __init__(
        self,
        executor: Executor,
        batch: int,
        on_due: Callable[[float], None],
        aside: Aside,
        observer: Observer = SILENT,
    ) -> None:
        self._executor = executor
        self._batch = batch
        self._on_due = on_due
        self._aside = aside
        self._observer = observer
        self._size = batch  # of a claim: less after one that could not be stored
        self._alone = (0, 0)  # the job that could not be stored alone, and how often
        self._next: Claim | None = None  # claimed together with the last commit
        self._heavy: Sequence[int] = ()  # locked by the transaction, and not in its batch
        self._open = False  # is there a transaction?
        self.step_back = StepBack()

    def reset(self) -> None:
        """For a new connection."""
        self._next, self._open = None, False
        self._let_heavy_go()

    def _let_heavy_go(self) -> None:
        self._aside.offer(self._heavy)
        self._heavy = ()

    async def turn(self, wire: Wire, more: Callable[[], bool]) -> int:
        """One batch. Gives how many jobs may go on at once: 0 where there was nothing to do. With `more`, the next batch
        is claimed on the same way to the database. Raises psycopg.Error."""
        claim, self._next = self._next, None
        if claim is None:
            claim = await self._claim(wire)
            self.step_back.looked(found=claim is not None)
        if claim is None:
            return 0
        # What came during this batch is not heard of before its end: where there were several jobs, there may be more.
        return await self._perform(wire, claim, lambda: more() or claim.full or claim.count > 1)

    async def alone(self, wire: Wire, job: int) -> int:
        """That job alone, where it may go on and nobody else has it. Otherwise as `turn`."""
        claim = await self._claim(wire, job)
        return 0 if claim is None else await self._perform(wire, claim, lambda: False)

    async def _perform(self, wire: Wire, claim: Claim, claim_next: Callable[[], bool]) -> int:
        begun = time.perf_counter()
        results = await self._run(wire, claim)
        ran = time.perf_counter()
        long = ran - begun > LONG
        try:
            going_on = await self._apply(wire, claim, results, claim_next() and not long)
        except psycopg.Error as error:
            if (error.sqlstate or "")[:2] in NO_JOBS_FAULT:
                raise
            await self._set_apart(wire, claim, error)
            return claim.count
        tallies = [part.tally for part in results]
        stored = time.perf_counter()
        self._observer.batch(Batch(claim.count, ran - begun, stored - ran, tallies))
        if long:  # who has waited for one of these rows, such as a cancel, is to have it before the next batch does
            await asyncio.sleep(BREATH)
        return going_on

    async def leave(self, wire: Wire) -> None:
        """Gives back what has been claimed for the next turn."""
        if self._open:
            await wire.ask(ROLLBACK)
        self.reset()

    async def _claim(self, wire: Wire, job: int | None = None) -> Claim | None:
        _, claimed = await wire.ask(BEGIN, self._asking(self._size, job))
        self._open = True
        claim = self._claimed(claimed, self._size)
        if claim is None:
            await self.leave(wire)
        return claim

    def _asking(self, size: int, job: int | None = None) -> Asked:
        return CLAIM, [size, job, self._aside.passed() if job is None else "{}"]

    def _claimed(self, rows: Rows, size: int) -> Claim | None:
        row = rows[0]
        self._heavy = row["heavy"] or ()
        self._aside.pass_over(self._heavy)
        count = row["claimed"]
        if count == 0:
            return None
        return Claim(row["jobs"], [*set(row["workflows"])], count, row["time"], count >= size)

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
        size = min(2 * self._size, self._batch, claim.count * ROOM // len(claim.jobs) + 1)
        # At once: what one job does to another of the batch is done when the results of both are stored.
        whole = join_results(results)
        flight: list[Asked] = [(APPLY, [whole.jobs, whole.effects or None]), COMMIT]
        if claim_next:
            flight += [BEGIN, self._asking(size)]
        answers = await wire.ask(*flight)
        self._let_heavy_go()
        self._open, self._size = claim_next, size
        if claim_next:
            self._next = self._claimed(answers.pop(), size)
            if self._next is None:
                await self.leave(wire)
        stored = answers[0][0]
        if stored["due"] is not None:
            self._on_due(stored["due"])
        # With those that the executor has left for the next batch.
        left = claim.count - stored["applied"]
        return int(stored["runnable"] + left + (self._next.count if self._next is not None else 0))

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
