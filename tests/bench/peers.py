"""Beside others that do durable work on Postgres: a workflow of one step (DBOS), a queued job (Procrastinate, PgQueuer). Same machine, same
server, same run, each in a database of its own. They do their work in this process, ours is done by a Maestro and a worker apart. Single calls of DBOS, which
does the same work, and of ours are made in turns, since a machine is not equally fast all the time.

`pip install --group peers`, then `python -m tests.bench.peers [JOBS] [CALLS]` prints one line per figure and writes tests/bench/results/peers.json. A ratio says
how many times as fast ours is. What each promises is not the same: the queues keep no steps and no results.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
import time
from collections.abc import Awaitable, Callable
from importlib import import_module
from typing import Any, TypeAlias

import psycopg
from psycopg.conninfo import make_conninfo
from psycopg.sql import SQL, Identifier

from tests.bench._site import Figures, Site, site
from tests.bench.calls import await_end
from tests.bench.latency import timed

BATCH = 500
WARM_UP = 20
TURN = 20  # single calls of one, then of the other

# Jobs a second, and the seconds of single calls.
Measured: TypeAlias = tuple[float, list[float]]


def ours(town: Site, jobs: int) -> float:
    """Jobs a second. Leaves it warm."""
    begun = time.perf_counter()
    for start in range(0, jobs, BATCH):
        town.client.create_jobs("calltest", [{"input": n} for n in range(start, start + BATCH)])
    await_end(town)
    rate = jobs / (time.perf_counter() - begun)
    timed(town, WARM_UP)
    return rate


async def procrastinate(dsn: str, jobs: int, calls: int) -> Measured:
    library: Any = import_module("procrastinate")
    app = library.App(connector=library.PsycopgConnector(conninfo=dsn))
    done = asyncio.Event()

    async def add(counter: int) -> None:
        done.set()

    task = app.task(name="add")(add)
    async with app.open_async():
        await app.schema_manager.apply_schema_async()
        begun = time.perf_counter()
        for start in range(0, jobs, BATCH):
            await task.batch_defer_async(*({"counter": n} for n in range(start, start + BATCH)))
        await app.run_worker_async(wait=False, concurrency=BATCH, install_signal_handlers=False)
        rate = jobs / (time.perf_counter() - begun)
        worker = asyncio.create_task(app.run_worker_async(install_signal_handlers=False))
        await asyncio.sleep(1)
        seconds = await singly(lambda: task.defer_async(counter=1), done, calls)
        worker.cancel()
        await asyncio.wait([worker])
    return rate, seconds


async def pgqueuer(dsn: str, jobs: int, calls: int) -> Measured:
    library: Any = import_module("pgqueuer")
    drain = import_module("pgqueuer.types").QueueExecutionMode.drain
    queries: Any = import_module("pgqueuer.queries")
    driver: Any = import_module("pgqueuer.db")
    done = asyncio.Event()

    async def add(job: object) -> None:
        done.set()

    async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as connection:
        queue = queries.Queries(driver.PsycopgDriver(connection))
        await queue.install()
        worker = library.PgQueuer.from_psycopg_connection(connection)
        worker.entrypoint("add")(add)
        begun = time.perf_counter()
        for start in range(0, jobs, BATCH):
            payloads = [json.dumps({"counter": n}).encode() for n in range(start, start + BATCH)]
            await queue.enqueue(["add"] * BATCH, payloads, [0] * BATCH)
        await worker.run(batch_size=BATCH, mode=drain)
        rate = jobs / (time.perf_counter() - begun)
    async with (
        await psycopg.AsyncConnection.connect(dsn, autocommit=True) as connection,
        await psycopg.AsyncConnection.connect(dsn, autocommit=True) as other,
    ):
        queue = queries.Queries(driver.PsycopgDriver(other))
        worker = library.PgQueuer.from_psycopg_connection(connection)
        worker.entrypoint("add")(add)
        running = asyncio.create_task(worker.run())
        await asyncio.sleep(1)
        seconds = await singly(lambda: queue.enqueue("add", b"1"), done, calls)
        worker.shutdown.set() if hasattr(worker, "shutdown") else running.cancel()
        await asyncio.wait([running])
    return rate, seconds


async def singly(
    order: Callable[[], Awaitable[object]], done: asyncio.Event, calls: int
) -> list[float]:
    """One job at a time, until its function runs: the queues give no result to wait for."""
    seconds = []
    for _ in range(WARM_UP + calls):
        done.clear()
        begun = time.perf_counter()
        await order()
        await asyncio.wait_for(done.wait(), 60)
        seconds.append(time.perf_counter() - begun)
    return seconds[WARM_UP:]


def dbos(dsn: str, jobs: int, calls: int, in_turn: Callable[[int], None]) -> Measured:
    """`in_turn` makes so many calls of ours."""
    library: Any = import_module("dbos")
    DBOS: Any = library.DBOS
    DBOS(config={"name": "bench", "system_database_url": dsn, "log_level": "ERROR"})

    def add(counter: int) -> int:
        return counter + 3

    step = DBOS.step(name="add")(add)

    def calltest(counter: int) -> int:
        return int(step(counter))

    workflow = DBOS.workflow(name="calltest")(calltest)
    DBOS.launch()
    try:
        for n in range(WARM_UP):
            workflow(n)
        begun = time.perf_counter()
        for handle in [DBOS.start_workflow(workflow, n) for n in range(jobs)]:
            handle.get_result()
        rate = jobs / (time.perf_counter() - begun)
        seconds = []
        for n in range(calls):
            if n % TURN == 0:
                in_turn(min(TURN, calls - n))
            begun = time.perf_counter()
            workflow(n)
            seconds.append(time.perf_counter() - begun)
    finally:
        DBOS.destroy()
    return rate, seconds


def database(town: Site, name: str) -> str:
    """A new database beside ours."""
    town.connection.execute(SQL("create database {}").format(Identifier(name)))
    # DBOS wants a URL, the others take one.
    parts = psycopg.conninfo.conninfo_to_dict(make_conninfo(town.dsn))
    return f"postgresql://{parts.get('user', 'postgres')}@/{name}?host={parts['host']}"


def main(jobs: int = 5000, calls: int = 200) -> None:
    figures = Figures("peers")
    seconds: list[float] = []
    with site() as town:

        def in_turn(calls: int) -> None:
            seconds.extend(timed(town, calls))

        rate = ours(town, jobs)
        theirs = {
            # A tenth of the jobs: it would take minutes.
            "DBOS": dbos(database(town, "dbos"), jobs // 10, calls, in_turn),
            "Procrastinate": asyncio.run(
                procrastinate(database(town, "procrastinate"), jobs, calls)
            ),
            "PgQueuer": asyncio.run(pgqueuer(database(town, "pgqueuer"), jobs, calls)),
        }
    show(figures, "JobCenter", (rate, seconds))
    for name, measured in theirs.items():
        show(figures, name, measured)
        figures.add(f"{name}: ratio, jobs", rate / measured[0], "x")
        median = statistics.median(measured[1]) / statistics.median(seconds)
        figures.add(f"{name}: ratio, a single one", median, "x")
    figures.write()


def show(figures: Figures, name: str, measured: Measured) -> None:
    figures.add(f"{name}: jobs", measured[0], "jobs/s")
    figures.add(f"{name}: a single one, median", 1000 * statistics.median(measured[1]), "ms")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:3]))
