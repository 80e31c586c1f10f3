"""One call at a time, all processes apart: how long a client waits for calltest, and what that costs the database.

`python -m tests.bench.latency [CALLS]` prints one line per figure and writes tests/bench/results/latency.json.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import time

from jobcenter import AsyncClient
from tests.bench._site import Counters, Figures, Site, site


def main(calls: int = 1000) -> None:
    figures = Figures("latency")
    with site() as town:
        warm_up = min(calls, 100)
        timed(town, warm_up)
        before = Counters.read(town.connection)
        seconds = timed(town, calls)
        after = Counters.read(town.connection)
        report(figures, "a call, sync client", seconds)
        figures.add("commits a call", (after.commits - before.commits) / calls, "commits")
        figures.add("WAL a call", (after.wal - before.wal) / calls / 1000, "kB")
        report(figures, "a call, async client", asyncio.run(timed_async(town, calls)))
    figures.write()


def timed(town: Site, calls: int) -> list[float]:
    seconds = []
    for number in range(calls):
        begun = time.perf_counter()
        town.client.call("calltest", {"input": number}, timeout=60)
        seconds.append(time.perf_counter() - begun)
    return seconds


async def timed_async(town: Site, calls: int) -> list[float]:
    seconds = []
    async with AsyncClient(town.dsn) as client:
        for number in range(calls):
            begun = time.perf_counter()
            await client.call("calltest", {"input": number}, timeout=60)
            seconds.append(time.perf_counter() - begun)
    return seconds


def report(figures: Figures, what: str, seconds: list[float]) -> None:
    parts = statistics.quantiles(seconds, n=100)
    figures.add(f"{what}: median", parts[49] * 1000, "ms")
    figures.add(f"{what}: 99th percentile", parts[98] * 1000, "ms")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
