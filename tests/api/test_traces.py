"""Spans of the HTTP face: below the caller's, and above those of the jobs that a request creates."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF, ParentBased
from opentelemetry.trace import SpanKind, StatusCode

from jobcenter.api.config import Listen
from jobcenter.api.server import Api
from jobcenter.api.tokens import new_token
from jobcenter.observe.api_traces import ApiTraces
from jobcenter.observe.context import SAMPLED, TraceParent
from jobcenter.observe.observer import Observer, Observers
from tests.api.conftest import SECONDS, Place

TRACE, SPAN = 0x0AF7651916CD43DD8448EB211C80319C, 0x00F067AA0BA902B7
HEADER = f"00-{TRACE:032x}-{SPAN:016x}-01"
ORDER: dict[str, Any] = {"workflow": "sleeptest", "args": {"in": "x"}}


class Web:
    """Requests to an API that traces."""

    def __init__(self, place: Place, **settings: Any) -> None:
        self.exporter = InMemorySpanExporter()
        self._provider = TracerProvider(**settings)
        self._provider.add_span_processor(SimpleSpanProcessor(self.exporter))
        token, line = new_token("client", "theCustomer", "client")
        (place.folder / "tokens").write_text(f"{line}\n")
        self._headers = {"Authorization": f"Bearer {token}"}
        self._place = place.with_config(
            http=(Listen("127.0.0.1", 0),), token_file=place.folder / "tokens"
        )

    def post(self, path: str, traceparent: str | None = None, **json: Any) -> httpx.Response:
        async def run() -> httpx.Response:
            observer = Observers([Observer(), ApiTraces(self._provider)])
            async with Api(self._place.dsn, self._place.config, None, observer) as api:
                url = "http://{}:{}/v1".format(*api.http_addresses[0])
                headers = self._headers | ({"traceparent": traceparent} if traceparent else {})
                async with httpx.AsyncClient(timeout=SECONDS) as client:
                    return await client.post(url + path, json=json, headers=headers)

        return asyncio.run(run())

    def carried(self, response: httpx.Response) -> object:
        """The context in the environment of the job that has been created."""
        query = "select environment ->> 'traceparent' from jobcenter.jobs where job_id = %s"
        row = self._place.connection.execute(query, [response.json()["job_id"]]).fetchone()
        assert row is not None
        return row[0]


@pytest.mark.parametrize("header", [HEADER, None, "nonsense"])
def test_a_request_has_a_span_and_its_job_hangs_below_it(place: Place, header: str | None) -> None:
    web = Web(place)
    carried = web.carried(web.post("/jobs", header, **ORDER))
    (span,) = web.exporter.get_finished_spans()
    assert (span.name, span.kind) == ("POST /v1/jobs", SpanKind.SERVER)
    assert span.attributes == {
        "http.request.method": "POST",
        "http.route": "/v1/jobs",
        "http.response.status_code": 201,
    }
    assert span.context is not None
    context = span.context
    assert carried == str(TraceParent(context.trace_id, context.span_id, context.trace_flags))
    if header == HEADER:
        assert span.parent is not None
        assert (span.context.trace_id, span.parent.span_id) == (TRACE, SPAN)
    else:
        assert span.parent is None


def test_a_context_of_the_jobs_own_counts(place: Place) -> None:
    web = Web(place)
    own = HEADER.replace("-01", "-00")
    assert web.carried(web.post("/jobs", HEADER, **ORDER, env={"traceparent": own})) == own


def test_what_is_not_recorded_is_not_recorded_below_either(place: Place) -> None:
    web = Web(place, sampler=ParentBased(ALWAYS_OFF))
    carried = TraceParent.parse(str(web.carried(web.post("/jobs", **ORDER))))
    assert carried is not None
    assert carried.flags & SAMPLED == 0
    assert web.exporter.get_finished_spans() == ()


def test_a_refusal_is_an_answer(place: Place) -> None:
    web = Web(place)
    assert web.post("/jobs/99/cancel").status_code == 403
    (span,) = web.exporter.get_finished_spans()
    assert span.name == "POST /v1/jobs/{job_id}/cancel"
    assert span.attributes is not None
    assert span.attributes["http.response.status_code"] == 403
    assert span.status.status_code is StatusCode.UNSET
    assert span.events == ()
