"""Metrics of the network API for Prometheus: who is there, what is asked, how well it batches. Needs the extra `metrics`."""

from __future__ import annotations

from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from jobcenter.observe.metrics import reconnects
from jobcenter.observe.observer import Observer

SECONDS: Final = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 30)
SIZES: Final = (1, 2, 5, 10, 20, 50, 100, 200, 500)


class ApiMetrics(Observer):
    """Of a process of the API. Labels come from tables of ours, never from what a peer says."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._peers = Gauge(
            "jobcenter_api_peers", "Connections of clients and workers", registry=registry
        )
        self._workers = Gauge(
            "jobcenter_api_workers", "Workers among the connections", registry=registry
        )
        self._calls = Histogram(
            "jobcenter_api_call_seconds",
            "Duration of the calls of JSON-RPC, by their outcome: ok, failed",
            ["method", "outcome"],
            buckets=SECONDS,
            registry=registry,
        )
        self._requests = Histogram(
            "jobcenter_api_request_seconds",
            "Duration of the requests by HTTP; of a stream, until it begins",
            ["method", "route", "status"],
            buckets=SECONDS,
            registry=registry,
        )
        self._refused = Counter(
            "jobcenter_api_logins_refused", "Logins that were refused", registry=registry
        )
        self._batches = Histogram(
            "jobcenter_api_batch_size",
            "How many of a kind (create, claim, answer, status) went into one statement",
            ["kind"],
            buckets=SIZES,
            registry=registry,
        )
        self._answers = Counter(
            "jobcenter_api_answers",
            "Answers of workers, by the database's receipt: recorded, duplicate, late",
            ["receipt"],
            registry=registry,
        )
        self._reconnects = reconnects(registry)

    def lost(self, part: str, error: str) -> None:
        self._reconnects.labels(part).inc()

    def peers(self, count: int) -> None:
        self._peers.set(count)

    def workers(self, count: int) -> None:
        self._workers.set(count)

    def called(self, method: str, failed: bool, seconds: float) -> None:
        self._calls.labels(method, "failed" if failed else "ok").observe(seconds)

    def requested(self, method: str, route: str, status: int, seconds: float) -> None:
        self._requests.labels(method, route, str(status)).observe(seconds)

    def login_refused(self) -> None:
        self._refused.inc()

    def batched(self, kind: str, size: int) -> None:
        self._batches.labels(kind).observe(size)

    def receipt(self, action: str, receipt: str) -> None:
        self._answers.labels(receipt).inc()
