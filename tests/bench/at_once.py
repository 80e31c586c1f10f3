"""Many calls at once by one async client, each by itself, as a program makes them that serves many people: `AsyncClient.call` and `create_job`.

`python -m tests.bench.at_once [CALLS]` prints one line per figure and writes tests/bench/results/at_once.json.
"""

from __future__ import annotations

import asyncio
import sys
import time

from jobcenter import AsyncClient
from tests.bench._site import Counters, Figures, Site, site
from tests.bench.calls import await_end

TOGETHER = 1000


def main(calls: int = 10_000) -> None:
    figures = Figures("at_once")
    with site() as town:
        asyncio.run(call(town, TOGETHER))
        before = Counters.read(town.connection)
        seconds = asyncio.run(call(town, calls))
        after = Counters.read(town.connection)
        figures.add(f"{TOGETHER} calls at once", calls / seconds, "calls/s")
        figures.add("commits a call", (after.commits - before.commits) / calls, "commits")
        figures.add(
            f"{TOGETHER} create_job at once", calls / asyncio.run(create(town, calls)), "/s"
        )
        await_end(town)
    figures.write()


async def call(town: Site, calls: int) -> float:
    begun = time.perf_counter()
    async with AsyncClient(town.dsn) as client:
        for start in range(0, calls, TOGETHER):
            some = range(start, min(start + TOGETHER, calls))
            await asyncio.gather(*(client.call("calltest", {"input": n}, 600) for n in some))
    return time.perf_counter() - begun


async def create(town: Site, calls: int) -> float:
    begun = time.perf_counter()
    async with AsyncClient(town.dsn) as client:
        for start in range(0, calls, TOGETHER):
            some = range(start, min(start + TOGETHER, calls))
            await asyncio.gather(*(client.create_job("calltest", {"input": n}) for n in some))
    return time.perf_counter() - begun


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
