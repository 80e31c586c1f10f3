"""What a command's options ask for, put together: the observer that a Maestro, a worker or the API speaks to, and the port beside it.

The only module that knows all the others of this package. An extra that is not installed is told of here.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from enum import Enum
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from jobcenter.errors import UsageError
from jobcenter.network import is_network
from jobcenter.observe.endpoint import Answer, Endpoint, Page
from jobcenter.observe.figures import Sampler
from jobcenter.observe.health import Health
from jobcenter.observe.observer import SILENT, Observer, Observers

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider

log = logging.getLogger("jobcenter.observe")

HOST: Final = "127.0.0.1"
NO_METRICS: Final = (
    "there are no metrics without prometheus-client: pip install 'jobcenter-jcc[metrics]'"
)
EXTRAS: Final = {"otlp": "otlp", "console": "otel"}


class Kind(Enum):
    """Who is observed."""

    MAESTRO = "maestro"
    WORKER = "worker"
    API = "api"


@dataclass(frozen=True, slots=True)
class Options:
    """`port` of the endpoint: None for none, 0 for any that is free. `traces`: `otlp`, `console`, or None. `debug`: whether each
    batch and task is logged."""

    host: str = HOST
    port: int | None = None
    traces: str | None = None
    debug: bool = False


@asynccontextmanager
async def observed(kind: Kind, options: Options, dsn: str | None) -> AsyncIterator[Observer]:
    """The observer to speak to, for as long as it is wanted. Raises UsageError."""
    observers: list[Observer] = []
    async with AsyncExitStack() as stack:
        if options.debug:
            from jobcenter.observe.logs import DebugLog

            observers.append(DebugLog())
        if options.port is not None:
            observers += await _open_port(stack, kind, options.host, options.port, dsn)
        if options.traces is not None:
            observers.append(await _trace(stack, kind, options.traces, dsn))
        match observers:
            case []:
                yield SILENT
            case [only]:
                yield only
            case _:
                yield Observers(observers)


async def _open_port(
    stack: AsyncExitStack, kind: Kind, host: str, port: int, dsn: str | None
) -> list[Observer]:
    sampler, health = Sampler(dsn), Health(executors=kind is Kind.MAESTRO)
    stack.push_async_callback(sampler.close)
    # An API in between is no database to ask: whether it answers, the exchange's signs of life say.
    reachable = _always if is_network(dsn) else sampler.reachable
    metrics, page = _metrics(kind, sampler)
    endpoint = Endpoint(
        {"/healthz": _alive, "/readyz": _readiness(health, reachable), "/metrics": page}
    )
    try:
        bound = await endpoint.start(host, port)
    except OSError as error:
        raise UsageError(f"port {port} of {host} cannot be opened: {error.strerror}") from None
    stack.push_async_callback(endpoint.stop)
    log.info("metrics and health are served", extra={"url": f"http://{host}:{bound}/"})
    return [health, *metrics]


async def _always() -> bool:
    return True


async def _alive() -> Answer:
    return Answer.text(HTTPStatus.OK, "alive")


def _readiness(health: Health, reachable: Callable[[], Awaitable[bool]]) -> Page:
    async def page() -> Answer:
        well, report = await health.ready(reachable)
        return Answer.json(HTTPStatus.OK if well else HTTPStatus.SERVICE_UNAVAILABLE, report)

    return page


def _metrics(kind: Kind, sampler: Sampler) -> tuple[list[Observer], Page]:
    try:
        from prometheus_client import REGISTRY, CollectorRegistry

        from jobcenter.observe import api_metrics, metrics
    except ImportError:
        log.warning(NO_METRICS)
        return [], _no_metrics
    registry = CollectorRegistry()
    gauges = None
    match kind:
        case Kind.MAESTRO:
            own: Observer = metrics.MaestroMetrics(registry)
            gauges = metrics.FigureMetrics(registry)
        case Kind.WORKER:
            own = metrics.WorkerMetrics(registry)
        case Kind.API:
            own = api_metrics.ApiMetrics(registry)

    async def page() -> Answer:
        if gauges is not None:
            gauges.show(await sampler.figures())
        # The registry of the whole program has the process's own figures, and what a worker's code counts.
        return Answer(
            HTTPStatus.OK,
            metrics.exposition(registry) + metrics.exposition(REGISTRY),
            metrics.CONTENT_TYPE,
        )

    return [own], page


async def _no_metrics() -> Answer:
    return Answer.text(HTTPStatus.NOT_IMPLEMENTED, NO_METRICS)


async def _trace(stack: AsyncExitStack, kind: Kind, name: str, dsn: str | None) -> Observer:
    try:
        from jobcenter.observe import api_traces, job_traces, traces
    except ImportError:
        raise UsageError(
            f"`--traces {name}` needs OpenTelemetry: pip install 'jobcenter-jcc[{EXTRAS[name]}]'"
        ) from None
    ids = traces.ChosenIds()
    provider = traces.provider(traces.exporter(name), f"jobcenter-{kind.value}", ids)
    stack.push_async_callback(asyncio.to_thread, provider.shutdown)
    if kind is Kind.WORKER:
        return traces.WorkerTraces(_of_the_program(provider))
    if kind is Kind.API:
        return api_traces.ApiTraces(provider)
    writer = job_traces.MaestroTraces(provider, ids, dsn)
    writing = asyncio.create_task(writer.run(), name="jobcenter traces")

    async def finish() -> None:
        writer.stop()
        await writing

    stack.push_async_callback(finish)
    return writer


def _of_the_program(ours: TracerProvider) -> TracerProvider:
    """The worker's code may have set up a provider of its own: then its spans and ours go the same way."""
    from opentelemetry import trace
    from opentelemetry.sdk.trace import TracerProvider

    known = trace.get_tracer_provider()
    if isinstance(known, TracerProvider):
        return known
    trace.set_tracer_provider(ours)
    return ours
