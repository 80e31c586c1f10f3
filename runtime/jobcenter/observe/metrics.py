"""Metrics for Prometheus: what this process did, counted, and with a Maestro, how the queues stand, sampled at each scrape.

Needs the extra `metrics` (prometheus-client). How they are served is `endpoint`'s business, where samples come from `figures`'s.
All of them are described in docs/observability.md.
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from jobcenter.engine.tally import Tally, class_of
from jobcenter.observe.figures import Figures
from jobcenter.observe.observer import FAILED, Answered, Batch, Observer

if TYPE_CHECKING:
    from jobcenter.link import Line
    from jobcenter.statements import Task

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
BATCH_JOBS: Final = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
BATCH_SECONDS: Final = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5)
TASK_SECONDS: Final = (0.001, 0.005, 0.02, 0.1, 0.5, 1, 5, 15, 60, 300, 1800)


class MaestroMetrics(Observer):
    """Of a Maestro."""

    counts = True

    def __init__(self, registry: CollectorRegistry) -> None:
        self._started = Counter(
            "jobcenter_jobs_started", "New jobs taken up", ["workflow"], registry=registry
        )
        self._finished = Counter(
            "jobcenter_jobs_finished", "Jobs that ended well", ["workflow"], registry=registry
        )
        self._failed = Counter(
            "jobcenter_jobs_failed",
            "Jobs that ended with an error",
            ["workflow"],
            registry=registry,
        )
        self._steps = Counter("jobcenter_steps", "Steps", ["workflow"], registry=registry)
        self._calls = Counter(
            "jobcenter_tasks_queued", "Tasks put into queues", ["action"], registry=registry
        )
        self._errors = Counter(
            "jobcenter_step_errors", "Failed steps, caught or not", ["class"], registry=registry
        )
        self._jobs = Histogram(
            "jobcenter_batch_jobs", "Jobs of a batch", buckets=BATCH_JOBS, registry=registry
        )
        self._seconds = Histogram(
            "jobcenter_batch_seconds",
            "Duration of a batch: to run it, to store it",
            ["phase"],
            buckets=BATCH_SECONDS,
            registry=registry,
        )
        self._run, self._store = self._seconds.labels("run"), self._seconds.labels("store")
        restarts = Counter(
            "jobcenter_executor_restarts",
            "Executor processes that ended: killed for a step that took too long, or of themselves",
            ["reason"],
            registry=registry,
        )
        self._overdue, self._died = restarts.labels("overdue"), restarts.labels("died")
        self._reconnects = reconnects(registry)

    def lost(self, part: str, error: str) -> None:
        self._reconnects.labels(part).inc()

    def executor_died(self, overdue: bool) -> None:
        (self._overdue if overdue else self._died).inc()

    def batch(self, batch: Batch) -> None:
        self._jobs.observe(batch.jobs)
        self._run.observe(batch.run_seconds)
        self._store.observe(batch.store_seconds)
        for text in batch.tallies:
            tally = Tally.from_json(text)
            for metric, told in (
                (self._started, tally.created),
                (self._finished, tally.finished),
                (self._failed, tally.failed),
                (self._steps, tally.steps),
                (self._calls, tally.calls),
                (self._errors, tally.errors),
            ):
                for label, count in told.items():
                    metric.labels(label).inc(count)


class WorkerMetrics(Observer):
    """Of a worker."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._claimed = Counter(
            "jobcenter_worker_tasks_claimed", "Tasks claimed", ["action"], registry=registry
        )
        self._answered = Counter(
            "jobcenter_worker_tasks_answered",
            "Answers, by the database's receipt: recorded, duplicate, late",
            ["action", "receipt"],
            registry=registry,
        )
        self._failed = Counter(
            "jobcenter_worker_tasks_failed",
            "Tasks that failed",
            ["action", "class"],
            registry=registry,
        )
        self._seconds = Histogram(
            "jobcenter_worker_task_seconds",
            "Duration of the work at a task",
            ["action"],
            buckets=TASK_SECONDS,
            registry=registry,
        )
        # To look for a label takes longer than to count.
        self._seconds_of: dict[str, Histogram] = {}
        self._answered_of: dict[tuple[str, str], Counter] = {}
        self._reconnects = reconnects(registry)

    def lost(self, part: str, error: str) -> None:
        self._reconnects.labels(part).inc()

    async def claimed(self, line: Line, action: str, tasks: Sequence[Task]) -> None:
        self._claimed.labels(action).inc(len(tasks))

    def task(self, action: str, task: Task) -> AbstractContextManager[Answered]:
        seconds = self._seconds_of.get(action)
        if seconds is None:
            seconds = self._seconds_of[action] = self._seconds.labels(action)
        return _Timed(seconds, self._failed, action)

    def receipt(self, action: str, receipt: str) -> None:
        key = action, receipt
        answered = self._answered_of.get(key)
        if answered is None:
            answered = self._answered_of[key] = self._answered.labels(*key)
        answered.inc()


class _Timed(AbstractContextManager[Answered]):
    """Round one task. A class and not a generator, since this is done for each of them."""

    __slots__ = ("_action", "_begun", "_failed", "_seconds")

    def __init__(self, seconds: Histogram, failed: Counter, action: str) -> None:
        self._seconds = seconds
        self._failed = failed
        self._action = action

    def __enter__(self) -> Answered:
        self._begun = time.perf_counter()
        return self._answered

    def __exit__(self, *exc: object) -> None:
        self._seconds.observe(time.perf_counter() - self._begun)

    def _answered(self, answer: str) -> None:
        if answer.startswith(FAILED):
            error_class = class_of(json.loads(answer)["error"])
            self._failed.labels(self._action, error_class).inc()


class FigureMetrics:
    """The figures of the database as gauges. Every Maestro tells the same: in PromQL, take the max."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._up = Gauge(
            "jobcenter_database_up", "Whether the last sample could be taken", registry=registry
        )
        self._jobs = Gauge("jobcenter_jobs", "Living jobs by state", ["state"], registry=registry)
        self._tasks = Gauge(
            "jobcenter_queue_tasks", "Tasks of an action", ["action", "state"], registry=registry
        )
        self._oldest = Gauge(
            "jobcenter_queue_oldest_seconds",
            "How long the next task of the queue has waited",
            ["action"],
            registry=registry,
        )
        self._workers = Gauge(
            "jobcenter_queue_workers",
            "Workers that serve the action",
            ["action"],
            registry=registry,
        )
        self._runnable = Gauge(
            "jobcenter_runnable_oldest_seconds",
            "How long the next job has waited for a Maestro",
            registry=registry,
        )
        self._lag = Gauge(
            "jobcenter_timer_lag_seconds", "How long a timer has been due", registry=registry
        )
        self._locks = Gauge("jobcenter_locks_held", "Locks that are held", registry=registry)
        self._cost = Gauge(
            "jobcenter_sample_seconds", "What the last sample took", registry=registry
        )

    def show(self, figures: Figures | None) -> None:
        """None: there is no database, and nothing is known."""
        for labelled in (self._jobs, self._tasks, self._oldest, self._workers):
            labelled.clear()
        self._up.set(figures is not None)
        if figures is None:
            return
        for state, jobs in figures.jobs.items():
            self._jobs.labels(state).set(jobs)
        for queue in figures.queues:
            self._tasks.labels(queue.action, "ready").set(queue.ready)
            self._tasks.labels(queue.action, "working").set(queue.working)
            self._oldest.labels(queue.action).set(queue.oldest_seconds)
            self._workers.labels(queue.action).set(queue.workers)
        self._runnable.set(figures.runnable_oldest_seconds)
        self._lag.set(figures.timer_lag_seconds)
        self._locks.set(figures.locks_held)
        self._cost.set(figures.sample_seconds)


def exposition(registry: CollectorRegistry) -> bytes:
    """All that the registry knows, in Prometheus's text format."""
    return generate_latest(registry)


def reconnects(registry: CollectorRegistry) -> Counter:
    return Counter(
        "jobcenter_reconnects",
        "Connections to the database that were lost or refused",
        ["part"],
        registry=registry,
    )
