"""The spans of jobs, written by the Maestro that ended them, out of the step log: what it costs, it costs beside the batches.

A job's span reaches from its creation to its end. Below it are a span for each task that it waited for (a call, a sleep, a lock, …)
and one for each run of steps in between; children's spans are below their parents'. All times are the database's.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

import psycopg
from opentelemetry.context import Context
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.trace import Span, set_span_in_context

from jobcenter.connections import run
from jobcenter.database import AsyncConnection, connect_async
from jobcenter.engine.tally import Tally
from jobcenter.errors import JobCenterError
from jobcenter.observe.context import job_span_id, step_span_id
from jobcenter.observe.observer import Batch, Observer
from jobcenter.observe.traces import NAME, ChosenIds, Origin, set_error
from jobcenter.statements import Row, Statement

log = logging.getLogger("jobcenter.observe")

AT_ONCE: Final = 200  # jobs
# A batch may find a job that was created after its transaction began, and logs by the time of that beginning.
OLDER: Final = timedelta(hours=1)
WAITING: Final = 20_000  # jobs: those that end while so many wait for their spans have none
SESSION: Final = "set application_name = 'jobcenter observer'"
# Kinds of tasks that a job waits at; the others are over at once.
WAITS: Final = frozenset(
    {"call", "interface_call", "split", "sleep", "lock", "wait_for_lock", "wait_for_event"}
)


def ended_jobs(job_ids: Sequence[int]) -> Statement[Sequence[Row]]:
    return Statement(
        "select * from jobcenter.ended_jobs(%(jobs)s)", {"jobs": list(job_ids)}, lambda rows: rows
    )


def ended_steps(job_ids: Sequence[int], since: datetime) -> Statement[Sequence[Row]]:
    return Statement(
        "select * from jobcenter.ended_steps(%(jobs)s, %(since)s)",
        {"jobs": list(job_ids), "since": since},
        lambda rows: rows,
    )


class MaestroTraces(Observer):
    """Hears which jobs have ended. `run` writes their spans until `stop`, which lets it finish."""

    counts = True

    def __init__(self, traces: TracerProvider, ids: ChosenIds, dsn: str | None) -> None:
        self._traces = traces
        self._tracer = traces.get_tracer(NAME)
        self._ids = ids
        self._dsn = dsn
        self._ended: deque[int] = deque(maxlen=WAITING)
        self._told = asyncio.Event()
        self._stopping = False

    def batch(self, batch: Batch) -> None:
        for text in batch.tallies:
            self._ended.extend(Tally.from_json(text).ended)
        self._told.set()

    def stop(self) -> None:
        self._stopping = True
        self._told.set()

    async def run(self) -> None:
        connection: AsyncConnection | None = None
        while not (self._stopping and not self._ended):
            await self._told.wait()
            self._told.clear()
            while self._ended:
                jobs = [self._ended.popleft() for _ in range(min(AT_ONCE, len(self._ended)))]
                try:
                    if connection is None:
                        connection = await connect_async(self._dsn)
                        await connection.execute(SESSION)
                    await self.write(connection, jobs)
                except (JobCenterError, psycopg.Error) as error:
                    log.warning("%d jobs are not traced: %s", len(jobs), error)
                    await _close(connection)
                    connection = None
        await _close(connection)

    async def write(self, connection: AsyncConnection, job_ids: Sequence[int]) -> None:
        """The spans of these jobs, as far as they are sampled. Raises NoDatabase, Refused."""
        jobs = await run(connection, ended_jobs(job_ids))
        spans = {job["o_job_id"]: self._begin(job) for job in jobs}
        traced = [job for job in jobs if spans[job["o_job_id"]].is_recording()]
        if traced:
            since = min(job["o_created"] for job in traced) - OLDER
            runs = await run(connection, ended_steps([job["o_job_id"] for job in traced], since))
            self._write_steps(spans, runs)
        for job in traced:
            spans[job["o_job_id"]].end(_nanoseconds(job["o_finished"]))

    def _begin(self, job: Row) -> Span:
        job_id = job["o_job_id"]
        origin = Origin(self._traces, job["o_traceparent"], job["o_trace_id"])
        context: Context | None = Context()
        if job["o_parent_id"] is not None:
            context = origin.below(job_span_id(origin.trace_id, job["o_parent_id"]))
        elif origin.parent is not None:
            context = origin.below(origin.parent.span_id)
        attributes = {
            "jobcenter.job.id": job_id,
            "jobcenter.workflow": job["o_workflow"],
            "jobcenter.workflow.version": job["o_version"],
            "jobcenter.steps": job["o_steps"],
        }
        with self._ids.choose(origin.trace_id, job_span_id(origin.trace_id, job_id)):
            span = self._tracer.start_span(
                f"job {job['o_workflow']}",
                context,
                attributes=attributes,
                start_time=_nanoseconds(job["o_created"]),
            )
        if job["o_error"] is not None:
            set_error(span, job["o_error"])
        return span

    def _write_steps(self, spans: Mapping[int, Span], runs: Sequence[Row]) -> None:
        counters = dict.fromkeys(spans, 0)
        for row in runs:
            job_id = row["o_job_id"]
            self._write_run(spans[job_id], row, counters[job_id])
            counters[job_id] += row["o_steps"]

    def _write_run(self, job: Span, row: Row, step: int) -> None:
        """A run of steps: the first one is the task that was waited for, unless the job had just begun."""
        entered, completed, logged = (
            _nanoseconds(row[name]) for name in ("o_entered", "o_completed", "o_logged")
        )
        steps = row["o_steps"]
        trace_id = job.get_span_context().trace_id
        if row["o_kind"] in WAITS:
            name = f"{row['o_kind']} {row['o_action']}" if row["o_action"] else row["o_kind"]
            with self._ids.choose(trace_id, step_span_id(trace_id, row["o_job_id"], step)):
                task = self._span(job, name, entered, _task_attributes(row))
            if row["o_error"] is not None:
                set_error(task, row["o_error"])
            task.end(max(entered, completed))
            entered, steps = max(entered, completed), steps - 1
        if steps:
            more = self._span(job, "steps", entered, {"jobcenter.steps": steps})
            more.end(max(entered, logged))

    def _span(
        self, job: Span, name: str, begun: int, attributes: Mapping[str, str | int | float]
    ) -> Span:
        return self._tracer.start_span(
            name, set_span_in_context(job, Context()), attributes=attributes, start_time=begun
        )


def _task_attributes(row: Row) -> dict[str, str | int | float]:
    attributes: dict[str, str | int | float] = {"jobcenter.line": row["o_line"]}
    if row["o_action"] is not None:
        attributes["jobcenter.action"] = row["o_action"]
    if row["o_worker"] is not None:
        attributes["jobcenter.worker"] = row["o_worker"]
    if row["o_started"] is not None:
        waited = row["o_started"] - row["o_entered"]
        attributes["jobcenter.queue_seconds"] = waited.total_seconds()
    return attributes


def _nanoseconds(at: datetime) -> int:
    return round(at.timestamp() * 1_000_000) * 1000


async def _close(connection: AsyncConnection | None) -> None:
    if connection is not None:
        with contextlib.suppress(psycopg.Error):
            await connection.close()
