"""Traces: one tree of spans from the client through Maestro and worker, whoever of them begins it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF, ParentBasedTraceIdRatio, Sampler
from opentelemetry.trace import StatusCode

from jobcenter import Client, SoftError
from jobcenter.artifact import Kind
from jobcenter.database import Connection, connect_async
from jobcenter.deploy import deploy
from jobcenter.link import PostgresLine
from jobcenter.observe.job_traces import MaestroTraces
from jobcenter.observe.traces import ChosenIds, WorkerTraces
from jobcenter.statements import Task, trace_contexts
from jobcenter.wire import Wire
from tests.runtime.observe.conftest import call, town
from tests.runtime.workflows import ADD, Flow, action, calltest


@dataclass
class Tracing:
    """Providers of three processes, with one exporter."""

    dsn: str
    sampler: Sampler | None = None
    exporter: InMemorySpanExporter = field(default_factory=InMemorySpanExporter)

    def __post_init__(self) -> None:
        ids = ChosenIds()
        self.maestro = MaestroTraces(self.provider(ids), ids, self.dsn)
        self.worker = WorkerTraces(self.provider())

    def provider(self, ids: ChosenIds | None = None) -> TracerProvider:
        made = TracerProvider(sampler=self.sampler, id_generator=ids)
        made.add_span_processor(SimpleSpanProcessor(self.exporter))
        return made

    @asynccontextmanager
    async def town(self, **actions: Callable[..., Any]) -> Any:
        writing = asyncio.create_task(self.maestro.run())
        async with town(self.dsn, self.maestro, self.worker, **actions):
            yield
        self.maestro.stop()
        await writing

    def spans(self) -> dict[str, list[ReadableSpan]]:
        """By name, in the order of their beginning."""
        found: dict[str, list[ReadableSpan]] = {}
        for span in sorted(
            self.exporter.get_finished_spans(), key=lambda span: span.start_time or 0
        ):
            found.setdefault(span.name, []).append(span)
        return found


def parent(span: ReadableSpan) -> int | None:
    return None if span.parent is None else span.parent.span_id


def id_of(span: ReadableSpan) -> int | None:
    return None if span.context is None else span.context.span_id


def traces(spans: Mapping[str, Sequence[ReadableSpan]]) -> set[int]:
    return {span.context.trace_id for each in spans.values() for span in each if span.context}


def add(counter: float, step: float) -> dict[str, float]:
    return {"counter": counter + step}


def test_from_the_client_to_the_code_of_an_action(
    database: str, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    deploy(connection, [ADD, calltest(), calltest("inner")])
    tracing = Tracing(database)
    monkeypatch.setattr(trace, "get_tracer", tracing.provider().get_tracer)

    def adding(counter: float, step: float) -> dict[str, float]:
        if counter == 1:  # the outer job: its action makes a job of its own
            with Client(database) as client:
                client.call("inner", {"input": 100}, timeout=30)
        return add(counter, step)

    async def work() -> None:
        async with tracing.town(add=adding):
            assert await call(database, "calltest", {"input": 1}) == {"output": 4}

    asyncio.run(work())
    spans = tracing.spans()
    assert len(traces(spans)) == 1
    (outer,), (job,), tasks, works = (
        spans[name] for name in ("call calltest", "job calltest", "call add", "work add")
    )
    assert parent(outer) is None
    assert parent(job) == id_of(outer)
    assert parent(tasks[0]) == id_of(job)
    assert parent(works[0]) == id_of(tasks[0])
    (inner,), (inner_job,) = spans["call inner"], spans["job inner"]
    assert parent(inner) == id_of(works[0])
    assert parent(inner_job) == id_of(inner)
    assert parent(works[1]) == id_of(tasks[1])
    assert parent(tasks[1]) == id_of(inner_job)
    assert job.attributes is not None
    assert job.attributes["jobcenter.workflow"] == "calltest"
    assert job.attributes["jobcenter.steps"] == 3
    assert (works[0].attributes or {})["jobcenter.job.id"] == job.attributes["jobcenter.job.id"]


def test_a_batch_that_began_before_the_job_it_found(database: str, connection: Connection) -> None:
    """Its transaction's time is older than the job; the steps of that batch count all the same."""
    deploy(connection, [ADD, calltest()])
    tracing = Tracing(database)

    async def work() -> None:
        async with town(database, worker=tracing.worker, add=add):
            assert await call(database, "calltest", {"input": 1}) == {"output": 4}
        connection.execute(
            "update jobcenter.job_log set logged = logged - interval '1 second'"
            " where job_log_id = (select min(job_log_id) from jobcenter.job_log)"
        )
        row = connection.execute("select min(job_id) from jobcenter.job_log").fetchone()
        assert row is not None
        async with await connect_async(database) as reading:
            await tracing.maestro.write(reading, [row[0]])

    asyncio.run(work())
    spans = tracing.spans()
    (task,), (done,) = spans["call add"], spans["work add"]
    assert parent(done) == id_of(task)


def test_times_lie_within_those_of_the_parent(database: str, connection: Connection) -> None:
    flow = Flow("sleepy")
    flow.task(Kind.SLEEP, value="0.01")
    flow.task(Kind.CALL, callee="add", in_="op_put(i, 1, 'counter')")
    deploy(connection, [ADD, flow.definition()])
    tracing = Tracing(database)

    async def work() -> None:
        async with tracing.town(add=add):
            assert await call(database, "sleepy", {}) == {}

    asyncio.run(work())
    spans = tracing.spans()
    (job,) = spans.pop("job sleepy")
    spans.pop("work add")  # by the worker's clock
    for span in (span for each in spans.values() for span in each):
        assert parent(span) == id_of(job)
        assert job.start_time is not None
        assert job.end_time is not None
        assert span.start_time is not None
        assert span.end_time is not None
        assert job.start_time <= span.start_time <= span.end_time <= job.end_time
    assert set(spans) == {"sleep", "call add", "steps"}
    counted = [(span.attributes or {})["jobcenter.steps"] for span in spans["steps"]]
    assert counted == [1, 1]  # start, end; those between are the tasks


def test_without_a_client_that_traces_children_are_below_their_parents(
    database: str, connection: Connection
) -> None:
    flow = Flow("outer")
    branch = flow.branch("calltest", in_="op_put(i, 1, 'input')")
    flow.task(Kind.SPLIT, branches=[branch, branch])
    deploy(connection, [ADD, calltest(), flow.definition()])
    tracing = Tracing(database)

    async def work() -> None:
        async with tracing.town(add=add):
            await call(database, "outer", {})
            await call(database, "calltest", {"input": 7})

    asyncio.run(work())
    spans = tracing.spans()
    (outer,) = spans["job outer"]
    assert parent(outer) is None
    *children, alone = spans["job calltest"]
    assert [parent(child) for child in children] == [id_of(outer)] * 2
    assert parent(alone) is None
    assert len(traces(spans)) == 2  # each tree of jobs is a trace of its own
    tasks = {id_of(task) for task in spans["call add"]}
    assert {parent(span) for span in spans["work add"]} == tasks
    assert len(tasks) == 3


def test_each_attempt_is_below_the_task(database: str, connection: Connection) -> None:
    flow = Flow("trying")
    flow.task(Kind.CALL, callee="flaky")
    retried = action("flaky", config={"retry": {"tries": 3, "interval": 0}})
    deploy(connection, [retried, flow.definition()])
    tracing = Tracing(database)
    tried: list[int] = []

    def flaky() -> None:
        tried.append(1)
        if len(tried) == 1:
            raise SoftError("not now")
        if len(tried) == 2:
            raise ValueError("never")

    async def work() -> None:
        async with tracing.town(flaky=flaky):
            assert await call(database, "trying", {}) == "normal"

    asyncio.run(work())
    spans = tracing.spans()
    (task,) = spans["call flaky"]
    works = spans["work flaky"]
    assert [parent(span) for span in works] == [id_of(task)] * 2
    told = [(span.attributes or {})["error.type"] for span in works]
    assert told == ["soft", "normal"]
    for span in (*works, task, *spans["job trying"]):
        assert span.status.status_code is StatusCode.ERROR
    assert spans["job trying"][0].status.description == "never"


def test_what_is_not_sampled_is_not_written(database: str, connection: Connection) -> None:
    deploy(connection, [ADD, calltest()])
    tracing = Tracing(database, ALWAYS_OFF)

    async def work() -> None:
        async with tracing.town(add=add):
            assert await call(database, "calltest", {"input": 1}) == {"output": 4}

    asyncio.run(work())
    assert tracing.spans() == {}


def test_a_trace_is_sampled_whole_or_not_at_all(database: str, connection: Connection) -> None:
    deploy(connection, [ADD, calltest()])
    tracing = Tracing(database, ParentBasedTraceIdRatio(0.5))

    async def work() -> None:
        async with tracing.town(add=add):
            for number in range(16):
                await call(database, "calltest", {"input": number})

    asyncio.run(work())
    spans = tracing.spans()
    counts = {name: len(spans.get(name, ())) for name in ("job calltest", "call add", "work add")}
    assert len(set(counts.values())) == 1
    by_trace = {name: traces({name: spans.get(name, ())}) for name in counts}
    assert by_trace["job calltest"] == by_trace["call add"] == by_trace["work add"]


def test_the_client_decides_what_is_sampled(database: str, connection: Connection) -> None:
    deploy(connection, [ADD, calltest()])
    tracing = Tracing(database)

    async def work() -> None:
        off = TracerProvider(sampler=ALWAYS_OFF).get_tracer("test")
        async with tracing.town(add=add):
            with off.start_as_current_span("outside"):
                assert await call(database, "calltest", {"input": 1}) == {"output": 4}

    asyncio.run(work())
    assert tracing.spans() == {}


def test_a_context_that_is_none_does_no_harm(database: str, connection: Connection) -> None:
    deploy(connection, [ADD, calltest()])
    tracing = Tracing(database)

    async def work() -> None:
        async with tracing.town(add=add):
            odds: list[object] = ["nonsense", 7, None, {"a": []}]
            for odd in odds:
                with Client(database) as client:
                    job = client.create_job("calltest", {"input": 1}, env={"traceparent": odd})
                    assert await asyncio.to_thread(job.result, 30) == {"output": 4}

    asyncio.run(work())
    assert len(tracing.spans()["job calltest"]) == 4


def test_a_worker_learns_nothing_without_the_cookie(database: str, connection: Connection) -> None:
    deploy(connection, [ADD, calltest()])

    async def work() -> None:
        async with await connect_async(database) as other:
            statement = trace_contexts(["nonsense", "00000000-0000-0000-0000-000000000001"])
            cursor = await other.execute(statement.sql, statement.params)
            assert await cursor.fetchall() == []

    with Client(database) as client:
        client.create_job("calltest", {"input": 1})
    asyncio.run(work())


def test_a_lost_connection_costs_spans_and_nothing_else(database: str) -> None:
    tracing = Tracing(database)
    task = Task(1, "00000000-0000-0000-0000-000000000001", {}, {})

    async def work() -> None:
        line = PostgresLine(Wire(await connect_async(database)))
        await line.close()
        await tracing.worker.claimed(line, "add", [task])
        with tracing.worker.task("add", task) as answered:
            answered('{"error":{"class":"normal","msg":"no"}}')

    asyncio.run(work())
    assert tracing.spans() == {}
