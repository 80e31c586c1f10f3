"""The options of `jobcenter maestro` and `worker`: as real processes, with and without what is optional."""

from __future__ import annotations

import json
from typing import IO, Any
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from jobcenter import Client
from tests.runtime.observe.conftest import Start


def said(stream: IO[str] | None, part: str) -> dict[str, Any]:
    """The next line of a JSON log with that in its message."""
    assert stream is not None
    for line in stream:
        entry: dict[str, Any] = json.loads(line)
        if part in entry["message"]:
            return entry
    raise AssertionError(f"nothing was said of `{part}`")


def fetch(url: str) -> tuple[int, str]:
    try:
        with urlopen(url, timeout=30) as answer:
            return answer.status, answer.read().decode()
    except HTTPError as refusal:
        return refusal.code, refusal.read().decode()


def test_a_port_for_those_who_watch(start: Start, database: str) -> None:
    options = ("--metrics-port", "0", "--log-format", "json")
    maestro, worker = start("maestro", *options), start("worker", "workers:worker", *options)
    urls = [said(process.stderr, "are served")["url"] for process in (maestro, worker)]
    with Client(database) as client:
        assert client.call("calltest", {"input": 123}, timeout=60) == {"output": 126}
    for url in urls:
        assert fetch(f"{url}healthz") == (200, "alive\n")
        status, text = fetch(f"{url}readyz")
        assert (status, json.loads(text)["ready"]) == (200, True)
        assert "process_cpu_seconds_total" in fetch(f"{url}metrics")[1]
    assert 'jobs_finished_total{workflow="calltest"} 1.0' in fetch(f"{urls[0]}metrics")[1]
    assert 'queue_workers{action="add"} 1.0' in fetch(f"{urls[0]}metrics")[1]
    assert 'tasks_claimed_total{action="add"} 1.0' in fetch(f"{urls[1]}metrics")[1]


def test_health_needs_no_prometheus(start: Start) -> None:
    maestro = start(
        "maestro", "--metrics-port", "0", "--log-format", "json", without="prometheus_client"
    )
    warning = said(maestro.stderr, "there are no metrics")
    assert "pip install 'jobcenter-jcc[metrics]'" in warning["message"]
    url = said(maestro.stderr, "are served")["url"]
    assert fetch(f"{url}healthz")[0] == 200
    status, text = fetch(f"{url}metrics")
    assert status == 501
    assert "jobcenter-jcc[metrics]" in text


@pytest.mark.parametrize(
    ("package", "kind", "extra"),
    [
        ("opentelemetry", "otlp", "otlp"),
        ("opentelemetry", "console", "otel"),
        ("opentelemetry.exporter.otlp", "otlp", "otlp"),
    ],
)
def test_traces_need_their_extra(start: Start, package: str, kind: str, extra: str) -> None:
    maestro = start("maestro", "--traces", kind, without=package)
    _, complaint = maestro.communicate(timeout=60)
    assert maestro.returncode == 2
    assert f"pip install 'jobcenter-jcc[{extra}]'" in complaint


def test_traces_on_the_console(start: Start, database: str) -> None:
    options = ("--traces", "console", "--log-level", "error")
    maestro, worker = start("maestro", *options), start("worker", "workers:worker", *options)
    with Client(database) as client:
        assert client.call("calltest", {"input": 123}, timeout=60) == {"output": 126}
    spans = []
    for process in (worker, maestro):
        process.terminate()
        _, told = process.communicate(timeout=60)
        assert process.returncode == 0
        spans += [json.loads(line) for line in told.splitlines()]
    assert len({span["context"]["trace_id"] for span in spans}) == 1
    by_name = {span["name"]: span for span in spans}
    assert by_name["work add"]["parent_id"] == by_name["call add"]["context"]["span_id"]
    assert by_name["work add"]["resource"]["attributes"]["service.name"] == "jobcenter-worker"


def test_a_port_that_is_taken(start: Start) -> None:
    first = start("maestro", "--metrics-port", "0", "--log-format", "json")
    port = said(first.stderr, "are served")["url"].rstrip("/").rpartition(":")[2]
    second = start("maestro", "--metrics-port", port)
    _, complaint = second.communicate(timeout=60)
    assert second.returncode == 2
    assert f"port {port} of 127.0.0.1 cannot be opened" in complaint
