"""The sync client: creates jobs and waits for their results. Adds a connection to `statements`, and nothing else.

A client belongs to one thread; make one in each. It connects at its first call, and again after a connection broke.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from jobcenter import statements
from jobcenter.connections import Patience
from jobcenter.errors import NoDatabase
from jobcenter.link import SyncLine, link_to
from jobcenter.observe.context import call_span, carried
from jobcenter.statements import Arguments, JobStatus, Stale, Statement

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Job:
    """A job, by its number. Holds no state: each method asks the database."""

    id: int
    _client: Client = field(repr=False, compare=False)

    def result(self, timeout: float | None = None) -> dict[str, Any]:
        """Waits for the end. Raises JobError if the job failed, JobTimeout after `timeout` seconds."""
        return self._client.result(self.id, timeout)

    def status(self) -> JobStatus:
        return self._client.get_job_status(self.id)

    def cancel(self, reason: str | None = None, *, force: bool = False) -> bool:
        return self._client.cancel_job(self.id, reason, force=force)


class Client:
    """`with Client() as jc: jc.call("calltest", {"input": 123})`. Without `dsn`: `$JOBCENTER_DSN`, the project's
    `jobcenter.toml`, or the embedded Postgres. `tcp://host:6522` and `tls://…` are a network API, which wants to know `who` it
    is and a `token`. All methods raise errors of `jobcenter.errors`."""

    def __init__(
        self,
        dsn: str | None = None,
        *,
        who: str | None = None,
        token: str | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._link = link_to(dsn, who, token, tls)
        self._line: SyncLine | None = None

    def __enter__(self) -> Client:
        self._connected()
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        if self._line is not None:
            self._line.close()
            self._line = None

    def create_job(
        self,
        workflow: str,
        args: Arguments,
        *,
        tag: str | None = None,
        env: Arguments | None = None,
        key: str | None = None,
        impersonate: str | None = None,
    ) -> Job:
        """A new job of the workflow. `key` makes it idempotent: the same key gives the same job. Raises
        UnknownWorkflow, InvalidArguments, PermissionDenied."""
        statement = statements.create_job(
            workflow, args, tag=tag, env=carried(env), key=key, impersonate=impersonate
        )
        return Job(self.run(statement), self)

    def create_jobs(
        self,
        workflow: str,
        args: Iterable[Arguments],
        *,
        tag: str | None = None,
        env: Arguments | None = None,
        impersonate: str | None = None,
        keys: Iterable[str] | None = None,
    ) -> list[Job]:
        """A job for each of `args`, in one transaction: all or none. `keys`, one for each, as in `create_job`."""
        statement = statements.create_jobs(
            workflow, args, tag=tag, env=carried(env), impersonate=impersonate, keys=keys
        )
        return [Job(job_id, self) for job_id in self.run(statement)]

    def call(self, workflow: str, args: Arguments, timeout: float | None = None) -> dict[str, Any]:
        """Creates a job and waits for its outputs. Raises what `create_job` and `result` raise."""
        with call_span(workflow):
            statement = statements.create_job(workflow, args, env=carried(None), listen=True)
            line = self._connected()
            job_id = self.run(statement)
            return self._await_end(job_id, timeout, line)

    def job(self, job_id: int) -> Job:
        """The job of that number, which need not exist."""
        return Job(job_id, self)

    def result(self, job_id: int, timeout: float | None = None) -> dict[str, Any]:
        """Waits for the job's end and gives its outputs. Raises JobError if it failed, JobTimeout after `timeout`
        seconds; bears a restart of the database."""
        return self._await_end(job_id, timeout)

    def _await_end(
        self, job_id: int, timeout: float | None, listens: SyncLine | None = None
    ) -> dict[str, Any]:
        """`listens` has listened to the job's end since before it could come."""
        patience = Patience(job_id, timeout)
        channel = f"job:{job_id}:finished"
        may_have_ended = listens is None
        while True:
            try:
                line = self._connected()
                if line is not listens:
                    # LISTEN can miss what was sent before it began: look once after subscribing.
                    line.listen(channel)
                    listens, may_have_ended = line, True
                if may_have_ended:
                    status = self.get_job_status(job_id)
                    if status.ended:
                        return status.result()
                output = line.wait(channel, patience.pause())
                if output is not None:
                    return statements.status_of(job_id, output).result()
                may_have_ended = True
            except NoDatabase as error:
                time.sleep(patience.absence(error))

    def get_job_status(self, job_id: int) -> JobStatus:
        return self.run(statements.get_job_status(job_id))

    def cancel_job(self, job_id: int, reason: str | None = None, *, force: bool = False) -> bool:
        """Gives the job an error that a `try` of its may catch, or none with `force`. False if it had ended."""
        return self.run(statements.cancel_job(job_id, reason, force=force))

    def retry_job(self, job_id: int, reason: str | None = None) -> bool:
        """Takes the job's task from its worker, or ends its wait for the next try: it is handed out at once. A job that
        failed begins anew, if no parent has waited for it. False if there is nothing to try again."""
        return self.run(statements.retry_job(job_id, reason))

    def find_jobs(self, arguments: Arguments) -> list[int]:
        """The jobs whose arguments contain `arguments`, the newest first, without archived ones."""
        return self.run(statements.find_jobs(arguments))

    def raise_event(self, event: Arguments) -> int:
        """Raises an event for the jobs that have subscribed to one like it; gives how many those are."""
        return self.run(statements.raise_event(event))

    def disable_action(
        self,
        name: str,
        kind: str = "workflow",
        version: int | None = None,
        *,
        disabled: bool = True,
    ) -> int:
        """Disables (or enables) all versions of a definition, or one; gives how many."""
        return self.run(statements.disable_action(name, kind, version, disabled=disabled))

    def check_if_lock_exists(self, lock_type: str, value: str) -> bool | None:
        """None where there is no such type of lock."""
        return self.run(statements.check_if_lock_exists(lock_type, value))

    def get_workflow_info(self, workflow: str, tag: str | None = None) -> dict[str, Any]:
        """What is to be known of a workflow: `inputs`, `outputs`, `version`, `doc`, `config`, …"""
        return self.run(statements.get_workflow_info(workflow, tag))

    def get_stale_actions(self) -> list[Stale]:
        """Workflows that call an older version of something than the newest one."""
        return self.run(statements.get_stale_actions())

    def _connected(self) -> SyncLine:
        if self._line is None or self._line.closed:
            self._line = self._link.open_sync()
        return self._line

    def run(self, statement: Statement[T]) -> T:
        """Runs any statement, such as those of `jobcenter.inspection`."""
        try:
            return self._connected().run(statement)
        except NoDatabase:
            # The connection may have died long before, with a restart of the database.
            if not statement.repeatable:
                raise
            return self._connected().run(statement)
