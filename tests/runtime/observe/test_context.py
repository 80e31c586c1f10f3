"""Trace contexts: read from anything, written as W3C says, carried by new jobs."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider

from jobcenter.observe.context import KEY, TraceParent, carried, job_span_id, step_span_id

trace_ids = st.integers(1, 2**128 - 1)
span_ids = st.integers(1, 2**64 - 1)


@given(st.builds(TraceParent, trace_ids, span_ids, st.integers(0, 255)))
def test_as_text_and_back(parent: TraceParent) -> None:
    assert TraceParent.parse(str(parent)) == parent


@given(st.text() | st.from_regex(r"00-[0-9a-f]{30,34}-[0-9a-f]{14,18}-[0-9a-f]{1,3}"))
def test_anything_may_stand_there(text: str) -> None:
    parent = TraceParent.parse(text)
    assert parent is None or str(parent) == text.strip("\n")


def test_what_is_no_context() -> None:
    assert TraceParent.parse(None) is None
    assert TraceParent.parse(f"00-{0:032x}-{1:016x}-01") is None
    assert TraceParent.parse(f"00-{1:032x}-{0:016x}-01") is None


@given(trace_ids, st.integers(1, 2**63), st.integers(0, 2**31))
def test_everybody_computes_the_same_ids(trace_id: int, job: int, step: int) -> None:
    ids = {job_span_id(trace_id, job), step_span_id(trace_id, job, step)}
    ids.add(step_span_id(trace_id, job, step + 1))
    assert len(ids) == 3
    assert all(0 < each < 2**64 for each in ids)


def test_a_job_carries_the_context_of_the_span_it_is_made_in() -> None:
    assert carried(None) is None
    assert carried({"a": 1}) == {"a": 1}
    with TracerProvider().get_tracer("test").start_as_current_span("outside") as span:
        context = span.get_span_context()
        parent = TraceParent(context.trace_id, context.span_id, context.trace_flags)
        assert carried(None) == {KEY: str(parent)}
        assert carried({"a": 1}) == {"a": 1, KEY: str(parent)}
        assert carried({KEY: "mine"}) == {KEY: "mine"}
    with trace.use_span(trace.INVALID_SPAN):
        assert carried(None) is None
