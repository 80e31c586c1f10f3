"""The async client: the methods of `Client`, awaited. Adds connections to `statements`, and nothing else.

Any number of coroutines may share one client: they take turns on one connection, and wait by another.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from jobcenter import statements
from jobcenter.connections import Patience
from jobcenter.errors import NoDatabase
from jobcenter.link import Ear, Line, link_to
from jobcenter.observe.context import call_span, carried
from jobcenter.signals import within
from jobcenter.statements import Arguments, JobStatus, Stale, Statement

T = TypeVar("T")


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
        self._ear: Ear | None = None

    async def __aenter__(self) -> AsyncClient:
        await self._connected()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.close()

    async def close(self) -> None:
        if self._ear is not None:
            await self._ear.stop()
            self._ear = None
        if self._line is not None:
            await self._line.close()
            self._line = None

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
        statement = statements.create_job(
            workflow, args, tag=tag, env=carried(env), key=key, impersonate=impersonate
        )
        return AsyncJob(await self.run(statement), self)

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
        with call_span(workflow):
            job = await self.create_job(workflow, args)
            return await job.result(timeout)

    def job(self, job_id: int) -> AsyncJob:
        """The job of that number, which need not exist."""
        return AsyncJob(job_id, self)

    async def result(self, job_id: int, timeout: float | None = None) -> dict[str, Any]:
        """Waits for the job's end and gives its outputs. Raises JobError if it failed, JobTimeout after `timeout`
        seconds; bears a restart of the database."""
        patience = Patience(job_id, timeout)
        async with self._listening().channel(f"job:{job_id}:finished") as notified:
            while True:
                try:
                    # LISTEN can miss what was sent before it began: look once after subscribing.
                    status = await self.get_job_status(job_id)
                    if status.ended:
                        return status.result()
                    await within(notified, patience.pause())
                    notified.clear()
                except NoDatabase as error:
                    await asyncio.sleep(patience.absence(error))

    async def get_job_status(self, job_id: int) -> JobStatus:
        return await self.run(statements.get_job_status(job_id))

    async def cancel_job(
        self, job_id: int, reason: str | None = None, *, force: bool = False
    ) -> bool:
        """Gives the job an error that a `try` of its may catch, or none with `force`. False if it had ended."""
        return await self.run(statements.cancel_job(job_id, reason, force=force))

    async def retry_job(self, job_id: int, reason: str | None = None) -> bool:
        """Takes the job's task from its worker, to be tried again; or ends its wait for the next try. False if the
        job does neither."""
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
                self._line = await self._link.open()
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

    def _listening(self) -> Ear:
        if self._ear is None:
            self._ear = self._link.ear()
            self._ear.start()
        return self._ear
