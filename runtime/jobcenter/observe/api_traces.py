"""Traces of the network API: a span for each request by HTTP, below the caller's. While it is open it is the current one, and so what the jobs
that the request creates hang below. Needs the extra `otel`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus

from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.trace import SpanKind, Status, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from jobcenter.observe.observer import Observer, Served
from jobcenter.observe.traces import NAME


class ApiTraces(Observer):
    """Names are by OpenTelemetry's conventions. No path as it was asked for, and nothing that was said."""

    def __init__(self, traces: TracerProvider) -> None:
        self._tracer = traces.get_tracer(NAME)
        self._propagator = TraceContextTextMapPropagator()

    @contextmanager
    def serving(self, method: str, route: str, traceparent: str | None) -> Iterator[Served]:
        with self._tracer.start_as_current_span(
            f"{method} {route}",
            self._propagator.extract({"traceparent": traceparent or ""}),
            SpanKind.SERVER,
            {"http.request.method": method, "http.route": route},
            record_exception=False,  # a refusal is an answer
            set_status_on_exception=False,
        ) as span:

            def served(status: int) -> None:
                span.set_attribute("http.response.status_code", status)
                if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
                    span.set_status(Status(StatusCode.ERROR))

            yield served
