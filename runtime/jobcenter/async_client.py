"""The async client: the methods of `Client`, awaited. Adds a connection to `statements`, and batches.

Any number of coroutines may share one client. The jobs that they create while others are being created are the next batch, and so is
what they ask of jobs; the ends of all are heard on one channel.
"""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any, Final, TypeVar

from jobcenter import ends, orders, statements
from jobcenter.batcher import Batcher, apart
from jobcenter.connections import Patience
from jobcenter.ends import Ends
from jobcenter.errors import JobCenterError, NoDatabase, UnknownJob
from jobcenter.link import Line, link_to
from jobcenter.network import Notified
from jobcenter.observe.context import call_span, carried
from jobcenter.orders import Order
from jobcenter.signals import within
from jobcenter.statements import Arguments, JobStatus, Stale, Statement, status_of, to_json

T = TypeVar("T")

END: Final = re.compile(r"job:([0-9]+):finished")


@dataclass(frozen=True, slots=True)
class AsyncJob:
    """A job, by its number. Holds no state: each method asks the database."""

    id: int
    _client: AsyncClient = field(repr=False, compare=False)

    async def result(self, timeout: float | None = None) -> dict[str, Any]:
        """Waits for the end. Raises JobError if the job failed, JobTimeout after `timeout` seconds."""
        return await self._client.result(self.id, timeout)

    async def status(self) -> JobStatus:
        return await self._client.get_job_status(self.id)

    async def cancel(self, reason: str | None = None, *, force: bool = False) -> bool:
        return await self._client.cancel_job(self.id, reason, force=force)


class AsyncClient:
    """`async with AsyncClient() as jc: await jc.call("calltest", {"input": 123})`. Without `dsn`: `$JOBCENTER_DSN`, the
    project's `jobcenter.toml`, or the embedded Postgres. `tcp://host:6522` and `tls://…` are a network API, which wants to know
    `who` it is and a `token`. All methods raise errors of `jobcenter.errors`."""

    def __init__(
        self,
        dsn: str | None = None,
        *,
        who: str | None = None,
        token: str | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._link = link_to(dsn, who, token, tls)
        self._line: Line | None = None
        self._connecting = asyncio.Lock()
        self._losses = 0  # of connections
        self._ends = Ends(self._lapse)
        self._ignoring: asyncio.Task[None] | None = None
        self._orders = Batcher(self._create, weigh=lambda order: order.size)
        self._statuses = Batcher(self._look)

    async def __aenter__(self) -> AsyncClient:
        await self._connected()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.close()

    async def close(self) -> None:
        await self._orders.close()
        await self._statuses.close()
        self._ends.close()
        if self._line is not None:
            await self._line.close()
            self._line = None
        if self._ignoring is not None:
            await self._ignoring

    async def create_job(
        self,
        workflow: str,
        args: Arguments,
        *,
        tag: str | None = None,
        env: Arguments | None = None,
        key: str | None = None,
        impersonate: str | None = None,
    ) -> AsyncJob:
        """A new job of the workflow. `key` makes it idempotent: the same key gives the same job. Raises
        UnknownWorkflow, InvalidArguments, PermissionDenied."""
        order = _order(workflow, args, carried(env), who=impersonate, tag=tag, key=key)
        return AsyncJob(await self._orders.ask(order), self)

    async def create_jobs(
        self,
        workflow: str,
        args: Iterable[Arguments],
        *,
        tag: str | None = None,
        env: Arguments | None = None,
        impersonate: str | None = None,
        keys: Iterable[str] | None = None,
    ) -> list[AsyncJob]:
        """A job for each of `args`, in one transaction: all or none. `keys`, one for each, as in `create_job`."""
        statement = statements.create_jobs(
            workflow, args, tag=tag, env=carried(env), impersonate=impersonate, keys=keys
        )
        return [AsyncJob(job_id, self) for job_id in await self.run(statement)]

    async def call(
        self, workflow: str, args: Arguments, timeout: float | None = None
    ) -> dict[str, Any]:
        """Creates a job and waits for its outputs. Raises what `create_job` and `result` raise."""
        with call_span(workflow), self._ends.interested():
            losses = self._losses
            job_id = await self._orders.ask(_order(workflow, args, carried(None), listens=True))
            return await self._await_end(job_id, timeout, may_have_ended=losses != self._losses)

    def job(self, job_id: int) -> AsyncJob:
        """The job of that number, which need not exist."""
        return AsyncJob(job_id, self)

    async def result(self, job_id: int, timeout: float | None = None) -> dict[str, Any]:
        """Waits for the job's end and gives its outputs. Raises JobError if it failed, JobTimeout after `timeout`
        seconds; bears a restart of the database."""
        with self._ends.interested():
            return await self._await_end(job_id, timeout, may_have_ended=True)

    async def _await_end(
        self, job_id: int, timeout: float | None, *, may_have_ended: bool
    ) -> dict[str, Any]:
        """`may_have_ended`: else its end is listened to, and cannot have come yet without having been heard."""
        patience = Patience(job_id, timeout)
        with self._ends.of(job_id) as end:
            while True:
                try:
                    if may_have_ended:
                        end.forget()
                        status = await self.get_job_status(job_id)
                        if status.ended:
                            return status.result()
                    await within(end.heard, patience.pause())
                    if end.output is not None:
                        return status_of(job_id, end.output).result()
                except NoDatabase as error:
                    await asyncio.sleep(patience.absence(error))
                may_have_ended = True

    async def get_job_status(self, job_id: int) -> JobStatus:
        return await self._statuses.ask(job_id)

    async def cancel_job(
        self, job_id: int, reason: str | None = None, *, force: bool = False
    ) -> bool:
        """Gives the job an error that a `try` of its may catch, or none with `force`. False if it had ended."""
        return await self.run(statements.cancel_job(job_id, reason, force=force))

    async def retry_job(self, job_id: int, reason: str | None = None) -> bool:
        """Takes the job's task from its worker, or ends its wait for the next try: it is handed out at once. A job that
        failed begins anew, if no parent has waited for it. False if there is nothing to try again."""
        return await self.run(statements.retry_job(job_id, reason))

    async def find_jobs(self, arguments: Arguments) -> list[int]:
        """The jobs whose arguments contain `arguments`, the newest first, without archived ones."""
        return await self.run(statements.find_jobs(arguments))

    async def raise_event(self, event: Arguments) -> int:
        """Raises an event for the jobs that have subscribed to one like it; gives how many those are."""
        return await self.run(statements.raise_event(event))

    async def disable_action(
        self,
        name: str,
        kind: str = "workflow",
        version: int | None = None,
        *,
        disabled: bool = True,
    ) -> int:
        """Disables (or enables) all versions of a definition, or one; gives how many."""
        return await self.run(statements.disable_action(name, kind, version, disabled=disabled))

    async def check_if_lock_exists(self, lock_type: str, value: str) -> bool | None:
        """None where there is no such type of lock."""
        return await self.run(statements.check_if_lock_exists(lock_type, value))

    async def get_workflow_info(self, workflow: str, tag: str | None = None) -> dict[str, Any]:
        """What is to be known of a workflow: `inputs`, `outputs`, `version`, `doc`, `config`, …"""
        return await self.run(statements.get_workflow_info(workflow, tag))

    async def get_stale_actions(self) -> list[Stale]:
        """Workflows that call an older version of something than the newest one."""
        return await self.run(statements.get_stale_actions())

    async def _connected(self) -> Line:
        async with self._connecting:
            if self._line is None or self._line.closed:
                self._line = await self._link.open(self._hear)
            return self._line

    async def run(self, statement: Statement[T]) -> T:
        """Runs any statement, such as those of `jobcenter.inspection`."""
        try:
            return await (await self._connected()).run(statement)
        except NoDatabase:
            # The connection may have died long before, with a restart of the database.
            if not statement.repeatable:
                raise
            return await (await self._connected()).run(statement)

    def _hear(self, notified: Notified) -> None:
        if not notified.channel:
            self._losses += 1
            self._ends.look()
        elif notified.channel == ends.CHANNEL:
            for job_id in notified.payload.split(","):
                self._ends.heard(int(job_id))
        elif found := END.fullmatch(notified.channel):
            self._ends.heard(int(found[1]), notified.output)

    def _lapse(self) -> None:
        """Nobody waits for an end any more."""
        if self._line is not None:
            self._ignoring = asyncio.create_task(_ignore_ends(self._line))

    # The batches.

    async def _create(self, batch: Sequence[Order]) -> Sequence[int | Exception]:
        async def run_all(created: Sequence[Statement[Any]]) -> list[Any]:
            return await (await self._connected()).run_all(created)

        return await orders.create(run_all, batch)

    async def _look(self, job_ids: Sequence[int]) -> Sequence[JobStatus | Exception]:
        async def ask(some: Sequence[int]) -> Sequence[JobStatus | Exception]:
            # What is waited for and has not ended yet is to be heard of.
            listens = any(job_id in self._ends for job_id in some)
            if len(some) == 1:
                one = statements.get_job_status(some[0])
                return [await self.run(replace(one, listens=listens))]
            many = statements.get_job_statuses(some)
            known = await self.run(replace(many, listens=listens))
            if len(known) < len(set(some)):
                raise UnknownJob(
                    "one of the jobs is not to be seen"
                )  # asked for alone, it says why
            return [known[job_id] for job_id in some]

        return await apart(ask, job_ids)


async def _ignore_ends(line: Line) -> None:
    # What is lost tells of none, and what is told in vain does no harm.
    with suppress(JobCenterError):
        await line.ignore_ends()


def _order(
    workflow: str,
    args: Arguments,
    env: Arguments | None,
    *,
    who: str | None = None,
    tag: str | None = None,
    key: str | None = None,
    listens: bool = False,
) -> Order:
    environment = None if env is None else to_json(env, "the environment")
    return Order(workflow, to_json(args, "the arguments"), who, tag, environment, key, listens)
