"""Where a span belongs: trace contexts as jobs carry them, and ids that every process can compute for itself.

The client's part is here too: it costs nothing in a program that has not imported OpenTelemetry. Needs no extra.
"""

from __future__ import annotations

import hashlib
import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from types import ModuleType
from typing import Any, Final

KEY: Final = "traceparent"  # the name in a job's environment; its form is W3C's
SAMPLED: Final = 1
_FORM: Final = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})")


@dataclass(frozen=True, slots=True)
class TraceParent:
    """A span of some other process, and whether its trace is recorded."""

    trace_id: int
    span_id: int
    flags: int

    @classmethod
    def parse(cls, text: str | None) -> TraceParent | None:
        """None for what is no such context: whoever makes a job may write there what he likes."""
        found = _FORM.fullmatch(text or "")
        if found is None:
            return None
        trace_id, span_id, flags = (int(part, 16) for part in found.groups())
        return cls(trace_id, span_id, flags) if trace_id and span_id else None

    def __str__(self) -> str:
        return f"00-{self.trace_id:032x}-{self.span_id:016x}-{self.flags:02x}"


def job_span_id(trace_id: int, job_id: int) -> int:
    return _span_id(f"{trace_id:032x}/{job_id}")


def step_span_id(trace_id: int, job_id: int, step: int) -> int:
    """`step` is the job's step counter when it came to the task."""
    return _span_id(f"{trace_id:032x}/{job_id}/{step}")


def _span_id(name: str) -> int:
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8]) or 1  # 0 is no span


def carried(env: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """The environment of a new job: with the context of the caller's span, if there is one that is recorded or may be."""
    api = _api()
    if api is None or (env is not None and KEY in env):
        return env
    context = api.get_current_span().get_span_context()
    if not context.is_valid:
        return env
    parent = TraceParent(context.trace_id, context.span_id, context.trace_flags)
    return {**(env or {}), KEY: str(parent)}


@contextmanager
def call_span(workflow: str) -> Iterator[None]:
    """A span round a call, where the program has a tracer."""
    api = _api()
    if api is None:
        yield
        return
    tracer = api.get_tracer("jobcenter")
    attributes = {"jobcenter.workflow": workflow}
    with tracer.start_as_current_span(
        f"call {workflow}", kind=api.SpanKind.CLIENT, attributes=attributes
    ):
        yield


def _api() -> ModuleType | None:
    """OpenTelemetry's API, where somebody in this program uses it."""
    return sys.modules.get("opentelemetry.trace")
