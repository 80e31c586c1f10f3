"""Traces by OpenTelemetry: the provider, and the worker's spans. The spans of jobs are in `job_traces`.

Needs the extra `otel`. A worker's span hangs below its task's span, which the Maestro writes when the job has ended: both compute
its id (`context`), so neither has to tell the other. While it is open it is the current one, so that what an action's function
does (its own spans, its calls of other workflows) hangs below it.
"""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Final

import psycopg
from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, ConsoleSpanExporter, SpanExporter
from opentelemetry.sdk.trace.id_generator import IdGenerator, RandomIdGenerator
from opentelemetry.sdk.trace.sampling import Decision
from opentelemetry.trace import (
    NonRecordingSpan,
    Span,
    SpanContext,
    SpanKind,
    Status,
    StatusCode,
    TraceFlags,
)

from jobcenter.errors import JobCenterError, UsageError
from jobcenter.observe.context import SAMPLED, TraceParent, step_span_id
from jobcenter.observe.observer import FAILED, Answered, Observer
from jobcenter.statements import trace_contexts

if TYPE_CHECKING:
    from jobcenter.link import Line
    from jobcenter.statements import Task

log = logging.getLogger("jobcenter.observe")

OTLP, CONSOLE = "otlp", "console"
NAME: Final = "jobcenter"


class ChosenIds(RandomIdGenerator):
    """Random ids, save inside `choose`: there the next span has the id, and a new trace the other."""

    def __init__(self) -> None:
        self._chosen: ContextVar[tuple[int, int] | None] = ContextVar("chosen", default=None)

    @contextmanager
    def choose(self, trace_id: int, span_id: int) -> Iterator[None]:
        token = self._chosen.set((trace_id, span_id))
        try:
            yield
        finally:
            self._chosen.reset(token)

    def generate_trace_id(self) -> int:
        chosen = self._chosen.get()
        return super().generate_trace_id() if chosen is None else chosen[0]

    def generate_span_id(self) -> int:
        chosen = self._chosen.get()
        return super().generate_span_id() if chosen is None else chosen[1]


def exporter(name: str) -> SpanExporter:
    """`otlp`: to $OTEL_EXPORTER_OTLP_ENDPOINT, by HTTP; `console`: a line of JSON each, on standard error. Raises UsageError."""
    if name == CONSOLE:
        return ConsoleSpanExporter(
            out=sys.stderr, formatter=lambda span: f"{json.dumps(json.loads(span.to_json()))}\n"
        )
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    except ImportError:
        raise UsageError(
            "`--traces otlp` needs an exporter: pip install 'jobcenter-jcc[otlp]'"
        ) from None
    return OTLPSpanExporter()


def provider(exports: SpanExporter, service: str, ids: IdGenerator | None = None) -> TracerProvider:
    """Sampling, limits and the like are by OpenTelemetry's own variables: $OTEL_TRACES_SAMPLER, … `service` is the service's
    name where $OTEL_SERVICE_NAME does not say otherwise."""
    resource = Resource.create()
    if str(resource.attributes[SERVICE_NAME]).startswith("unknown_service"):
        resource = resource.merge(Resource({SERVICE_NAME: service}))
    made = TracerProvider(id_generator=ids, resource=resource)
    made.add_span_processor(BatchSpanProcessor(exports))
    return made


class Origin:
    """The trace that a job belongs to: the one in its environment, else the one that its tree has by its number."""

    def __init__(self, traces: TracerProvider, traceparent: str | None, trace_id: str) -> None:
        self.parent = TraceParent.parse(traceparent)
        self.trace_id = int(trace_id, 16) if self.parent is None else self.parent.trace_id
        if self.parent is None:
            told = traces.sampler.should_sample(None, self.trace_id, NAME)
            self.flags = SAMPLED if told.decision is Decision.RECORD_AND_SAMPLE else 0
        else:
            self.flags = self.parent.flags

    def below(self, span_id: int) -> Context:
        """What a span has that hangs below that one, wherever it is."""
        context = SpanContext(
            self.trace_id, span_id, is_remote=True, trace_flags=TraceFlags(self.flags)
        )
        return trace.set_span_in_context(NonRecordingSpan(context), Context())


def set_error(span: Span, error: object) -> None:
    """The span failed with a job's error object."""
    known = error if isinstance(error, dict) else {"msg": error}
    span.set_attribute("error.type", str(known.get("class", "normal")))
    span.set_status(Status(StatusCode.ERROR, str(known.get("msg", ""))))


class WorkerTraces(Observer):
    """A span for each task. Where it belongs is asked for when tasks are claimed: one round trip more for a claim."""

    def __init__(self, traces: TracerProvider) -> None:
        self._traces = traces
        self._tracer = traces.get_tracer(NAME)
        self._contexts: dict[str, Context] = {}

    async def claimed(self, line: Line, action: str, tasks: Sequence[Task]) -> None:
        try:
            found = await line.run(trace_contexts([task.cookie for task in tasks]))
        except (JobCenterError, psycopg.Error) as error:
            log.warning("%d tasks are not traced: %s", len(tasks), error)
            return
        for cookie, row in found.items():
            origin = Origin(self._traces, row["o_traceparent"], row["o_trace_id"])
            task_span = step_span_id(origin.trace_id, row["o_job_id"], row["o_step"])
            self._contexts[cookie] = origin.below(task_span)

    @contextmanager
    def task(self, action: str, task: Task) -> Iterator[Answered]:
        context = self._contexts.pop(task.cookie, None)
        if context is None:
            yield _ignore
            return
        with self._tracer.start_as_current_span(
            f"work {action}",
            context,
            SpanKind.CONSUMER,
            {"jobcenter.action": action, "jobcenter.job.id": task.job_id},
        ) as span:

            def answered(answer: str) -> None:
                if answer.startswith(FAILED):
                    set_error(span, json.loads(answer)["error"])

            yield answered


def _ignore(answer: str) -> None:
    pass
