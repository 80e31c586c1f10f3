"""What it costs to be watched: calls of calltest without anything, with metrics that are scraped, with traces.

`python -m tests.bench.observed [JOBS] [ROUNDS]` takes the ways in turns and prints the best round of each: jobs a second, and the
processor time a call of the Maestro with its executor, and of the worker. Traces go to a server here that reads and forgets
them. It writes tests/bench/results/observed.json.
"""

from __future__ import annotations

import os
import socket
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.request import urlopen

from tests.bench._site import Figures, Site, site
from tests.bench.calls import BATCH, await_end

WAYS = ("unwatched", "metrics", "traces of 1 %", "traces of all")
SCRAPE = 1.0  # seconds; Prometheus's default is 60
Costs = tuple[float, float, float]  # seconds a call: in all, the Maestro's, the worker's


def main(jobs: int = 10_000, rounds: int = 3) -> None:
    found: dict[str, list[Costs]] = {way: [] for way in WAYS}
    for _ in range(rounds):
        for way in WAYS:
            found[way].append(_round(way, jobs))
    figures = Figures("observed")
    for way, costs in found.items():
        wall, maestro, worker = (min(each) for each in zip(*costs, strict=True))
        figures.add(f"{way}: calls", 1 / wall, "jobs/s")
        figures.add(f"{way}: Maestro and executor", maestro * 1e6, "us of processor a call")
        figures.add(f"{way}: worker", worker * 1e6, "us of processor a call")
    figures.write()


def _round(way: str, jobs: int) -> Costs:
    ports = [_free_port() for _ in range(2)]
    options: dict[str, list[list[str]]] = {
        "unwatched": [[], []],
        "metrics": [["--metrics-port", str(port)] for port in ports],
        "traces of 1 %": [["--traces", "otlp"]] * 2,
        "traces of all": [["--traces", "otlp"]] * 2,
    }
    os.environ["OTEL_TRACES_SAMPLER"] = "parentbased_traceidratio"
    os.environ["OTEL_TRACES_SAMPLER_ARG"] = "0.01" if way == "traces of 1 %" else "1"
    with (
        _sink(),
        site(options=lambda number: options[way][number]) as town,
        _scraping(ports if way == "metrics" else []),
    ):
        return _calls(town, jobs)


def _calls(town: Site, jobs: int) -> Costs:
    before = [_processor(pid) for pid in town.processes]
    begun = time.perf_counter()
    for start in range(0, jobs, BATCH):
        town.client.create_jobs("calltest", [{"input": n} for n in range(start, start + BATCH)])
    await_end(town)
    took = time.perf_counter() - begun
    time.sleep(1)  # spans are written a moment later
    maestro, worker = (
        _processor(pid) - used for pid, used in zip(town.processes, before, strict=True)
    )
    return took / jobs, maestro / jobs, worker / jobs


def _processor(pid: int) -> float:
    """Seconds that the process and its children have used."""
    seconds = 0.0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it has ended
        if pid in (int(stat.parent.name), int(fields[1])):
            seconds += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return seconds


@contextmanager
def _scraping(ports: Sequence[int]) -> Iterator[None]:
    done = threading.Event()

    def scrape() -> None:
        while not done.wait(SCRAPE):
            for port in ports:
                with urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
                    answer.read()

    thread = threading.Thread(target=scrape)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


class _Forget(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


@contextmanager
def _sink() -> Iterator[None]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Forget) as server:
        os.environ["OTEL_EXPORTER_OTLP_ENDPOINT"] = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield
        finally:
            server.shutdown()
            del os.environ["OTEL_EXPORTER_OTLP_ENDPOINT"]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


if __name__ == "__main__":
    main(*map(int, sys.argv[1:3]))
