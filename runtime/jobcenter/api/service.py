"""What all peers share, whichever way they came: jobs are created, tasks claimed and answered in batches over all of them, with a few
connections to the database and one that listens. Knows no protocol, and nothing of who may ask for what.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from itertools import islice
from typing import Final, TypeVar

from jobcenter import ends, orders, statements
from jobcenter.actions import failure
from jobcenter.api import calls
from jobcenter.api.calls import Claim
from jobcenter.api.endings import Endings
from jobcenter.api.pool import Pool
from jobcenter.batcher import Batcher, apart
from jobcenter.connections import Backoff
from jobcenter.errors import JobTimeout, NoDatabase, Refused, Unavailable, UnknownJob
from jobcenter.listener import Listener
from jobcenter.observe.observer import SILENT, Observer
from jobcenter.orders import Order
from jobcenter.statements import JobStatus, Output, Statement, Task

log = logging.getLogger("jobcenter.api")

T = TypeVar("T")

CONNECTIONS: Final = 4


class Service:
    """`async with Service(dsn) as service`. Bears the absence of the database: what is asked then is refused with NoDatabase, save
    answers, which are kept until they are recorded."""

    def __init__(
        self, dsn: str | None, connections: int = CONNECTIONS, observer: Observer = SILENT
    ) -> None:
        self.observer = observer
        self.listener = Listener(dsn, observer)
        self._pool = Pool(dsn, connections)
        self.endings = Endings(self._look, observer)
        self._orders = Batcher(self._create, weigh=lambda order: order.size)
        self._claims = Batcher(self._claim)
        self._answers = Batcher(self._record)
        self._statuses = Batcher(self._status)
        self.uncertain: set[str] = set()  # workers that may hold tasks of which no one was told
        self._watching: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Service:
        self.listener.start()
        self.listener.hear(ends.CHANNEL, self.endings.heard)
        self._watching = asyncio.create_task(self.endings.run(), name="jobcenter api: endings")
        return self

    async def __aexit__(self, *exc: object) -> None:
        for batcher in (self._orders, self._claims, self._statuses, self._answers):
            await batcher.close()
        if self._watching is not None:
            self._watching.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._watching
        await self.listener.stop()
        await self._pool.close()

    async def run(self, statement: Statement[T]) -> T:
        """Any statement, by itself. Raises NoDatabase, Refused."""
        return await self._pool.run(statement)

    async def create(self, order: Order) -> int:
        """The number of the new job. Raises NoDatabase (it may have been created, unless there is a key), Refused."""
        return await self._orders.ask(order)

    async def claim(self, claim: Claim) -> list[Task]:
        """Raises NoDatabase, Refused."""
        return await self._claims.ask(claim)

    async def answer(self, cookie: str, outputs: str) -> str:
        """The receipt for a task's outputs (JSON): `recorded`, `duplicate` or `late`. Waits for a database that is away."""
        return await self._answers.ask((cookie, outputs))

    async def status(self, job_id: int, who: str | None) -> JobStatus:
        """Raises NoDatabase, UnknownJob, also for a job that `who` may not see, and Refused where nobody may ask for him."""
        if (
            not 0 < job_id < 2**63
        ):  # the database has no such number, and would refuse the whole batch
            raise UnknownJob(f"no job {job_id}")
        return await self._statuses.ask((job_id, who))

    async def steer(self, job_id: int, who: str | None, statement: Statement[T]) -> T:
        """Cancels a job, or tries it again. Raises what `status` raises: who may not see a job is not told that there is one; and Refused."""
        await self.status(job_id, who)
        return await self.run(statement)

    @asynccontextmanager
    async def end_of(self, job_id: int) -> AsyncIterator[asyncio.Future[Output]]:
        """Inside, a future that gets the job's output when it ends. The job need not exist."""
        future: asyncio.Future[Output] = asyncio.get_running_loop().create_future()

        def tell(output: Output) -> None:
            if not future.done():
                future.set_result(output)

        self.endings.watch(job_id, tell)
        try:
            yield future
        finally:
            self.endings.forget(job_id, tell)

    async def result(self, job_id: int, timeout: float, who: str | None) -> JobStatus:
        """The job when it has ended. Raises JobTimeout, and what `status` raises."""
        async with self.end_of(job_id) as end:
            status = await self.status(job_id, who)
            if status.ended:
                return status
            try:
                async with asyncio.timeout(timeout):
                    output = await end
            except TimeoutError:
                raise JobTimeout(job_id, timeout) from None
        return statements.status_of(job_id, output)

    async def drain(self) -> None:
        """Returns when all that was asked until now is done; for answers, recorded."""
        for batcher in (self._orders, self._claims, self._answers):
            await batcher.drain()

    # The batches.

    async def _create(self, batch: list[Order]) -> Sequence[int | Exception]:
        self.observer.batched("create", len(batch))
        return await orders.create(self._pool.run_all, batch)

    async def _claim(self, claims: list[Claim]) -> Sequence[list[Task] | Exception]:
        """What the same worker asks for several times is asked for once: the database's work is by the claim, not by the task."""
        alike: dict[tuple[object, ...], list[int]] = {}
        for place, claim in enumerate(claims):
            alike.setdefault((claim.worker, claim.action, claim.job), []).append(place)
        merged = [
            replace(claims[places[0]], limit=sum(claims[place].limit for place in places))
            for places in alike.values()
        ]
        answers: dict[int, list[Task] | Exception] = {}
        for places, got in zip(alike.values(), await self._claim_merged(merged), strict=True):
            left = iter(got if isinstance(got, list) else ())
            for place in places:
                mine = list(islice(left, claims[place].limit))
                answers[place] = mine if isinstance(got, list) else got
        return [answers[place] for place in range(len(claims))]

    async def _claim_merged(self, claims: Sequence[Claim]) -> Sequence[list[Task] | Exception]:
        async def ask(some: Sequence[Claim]) -> list[list[Task]]:
            try:
                return await self.run(calls.claim_tasks(some))
            except NoDatabase:
                # They may have been handed out all the same.
                self.uncertain.update(claim.worker for claim in some)
                raise

        self.observer.batched("claim", len(claims))
        return await apart(ask, claims)

    async def _record(self, answers: list[tuple[str, str]]) -> Sequence[str | Exception]:
        """What the database takes at its next try, or the one after, waits for it. An answer that it never takes fails its task."""
        self.observer.batched("answer", len(answers))
        given, bad = dict(answers), set[str]()
        receipts: dict[str, str | Exception] = {}
        backoff = Backoff()
        while left := [(cookie, text) for cookie, text in given.items() if cookie not in receipts]:
            absence: Exception | None = None
            for (cookie, _), receipt in zip(left, await self._receipts(left), strict=True):
                match receipt:
                    case NoDatabase() | Unavailable():
                        absence = receipt
                    case Refused() if cookie not in bad:
                        bad.add(cookie)
                        given[cookie] = failure("normal", f"the answer was refused: {receipt}")
                    case _:
                        receipts[cookie] = receipt
            if absence is not None:
                waiting = len(given) - len(receipts)
                log.warning("%d answers wait for the database: %s", waiting, absence)
                await asyncio.sleep(backoff.next())
        for receipt in receipts.values():
            if isinstance(receipt, str):
                self.observer.receipt("", receipt)
        return [receipts[cookie] for cookie, _ in answers]

    async def _receipts(self, answers: Sequence[tuple[str, str]]) -> Sequence[str | Exception]:
        async def ask(some: Sequence[tuple[str, str]]) -> Sequence[str]:
            receipts = await self.run(statements.tasks_done(dict(some)))
            return [receipts[cookie] for cookie, _ in some]

        return await apart(ask, answers)

    async def _status(self, asked: list[tuple[int, str | None]]) -> Sequence[JobStatus | Exception]:
        self.observer.batched("status", len(asked))
        jobs: dict[str | None, list[int]] = {}
        for job_id, who in asked:
            jobs.setdefault(who, []).append(job_id)
        known = {who: await self._statuses_for(who, some) for who, some in jobs.items()}
        return [known[who][job_id] for job_id, who in asked]

    async def _statuses_for(
        self, who: str | None, job_ids: list[int]
    ) -> Mapping[int, JobStatus | Exception]:
        try:
            known = await self.run(statements.get_job_statuses(job_ids, who))
        except Refused as error:
            return dict.fromkeys(job_ids, error)
        return {job_id: known.get(job_id) or UnknownJob(f"no job {job_id}") for job_id in job_ids}

    async def _look(self, job_ids: Sequence[int]) -> dict[int, Output]:
        return await self.run(calls.ended(job_ids)) if job_ids else {}
