"""The network API under load, with all processes apart: speed beside plain SQL, a thousand peers, connections cut at random.

`python -m tests.api.load [speed|peers|cuts …]` prints a line a figure and writes tests/bench/results/api.json. It talks to 127.0.0.1 alone.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import resource
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from jobcenter import AsyncClient, Client, database, embedded, migrate
from jobcenter.api.auth import hash_password
from jobcenter.api.tokens import new_token
from jobcenter.database import Connection as Database
from jobcenter.deploy import deploy
from tests.api.peers import Address, Connection, Customer, Forgetful, cut_at_random
from tests.bench._site import Figures
from tests.runtime.workflows import ADD, calltest

SECRET = "a word of theirs"
WORKERS = """
from jobcenter import Worker

worker = Worker("adder")

@worker.action("add", slots=500)
async def add(counter, step):
    return {"counter": counter + step}
"""
EMPLOYEE = {"JOBCENTER_WHO": "theEmployee", "JOBCENTER_TOKEN": SECRET}


@dataclass(frozen=True, slots=True)
class Site:
    """A database with fsync and a Maestro; APIs and workers are added. `token` is for HTTP."""

    folder: Path
    dsn: str
    connection: Database
    token: str
    processes: list[subprocess.Popen[bytes]]

    def start(self, *command: str, dsn: str | None = None, **more: str) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [sys.executable, "-m", "jobcenter.cli", *command, "--log-level", "error"],
            cwd=self.folder,
            env={**os.environ, database.VARIABLE: dsn or self.dsn, **more},
        )
        self.processes.append(process)
        return process

    def end(self, process: subprocess.Popen[bytes]) -> None:
        process.terminate()
        assert process.wait() == 0
        self.processes.remove(process)

    def api(self, grace: float = 10.0) -> tuple[subprocess.Popen[bytes], Address, Address]:
        """The process, and where it listens: netstrings, HTTP."""
        ports = [_free_port(), _free_port()]
        (self.folder / "jobcenter.toml").write_text(
            f'[api]\npassword_file = "passwd"\ntoken_file = "tokens"\ngrace = {grace}\n'
            f'[[api.listen]]\naddress = "127.0.0.1:{ports[0]}"\n'
            f'[[api.http]]\naddress = "127.0.0.1:{ports[1]}"\n'
        )
        process = self.start("api")
        _await_port(ports[1])
        return process, ("127.0.0.1", ports[0]), ("127.0.0.1", ports[1])


@contextmanager
def site() -> Iterator[Site]:
    folder = Path(tempfile.mkdtemp(prefix="jobcenter-load-"))
    folder.chmod(0o755)
    processes: list[subprocess.Popen[bytes]] = []
    try:
        dsn = embedded.attach(folder / "postgres")
        with database.connect(dsn) as connection:
            migrate.upgrade(connection)
            deploy(connection, [ADD, calltest()])
            token, line = new_token("load", "theCustomer", "client")
            hashed = hash_password(SECRET)
            (folder / "passwd").write_text(f"theCustomer:{hashed}\ntheEmployee:{hashed}\n")
            (folder / "tokens").write_text(line + "\n")
            (folder / "workers.py").write_text(WORKERS)
            for who in ("theCustomer", "theEmployee"):
                connection.execute("insert into jobcenter.jc_roles values (%s)", [who])
                connection.execute(
                    "insert into jobcenter.jc_impersonate_roles values (session_user, %s)", [who]
                )
            town = Site(folder, dsn, connection, token, processes)
            town.start("maestro")
            yield town
    finally:
        for process in processes:
            process.terminate()
            process.wait()
        embedded.detach(folder / "postgres")
        shutil.rmtree(folder, ignore_errors=True)


def _free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def _await_port(port: int) -> None:
    for _ in range(600):
        with socket.socket() as sock:
            if sock.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise SystemExit("the API does not listen")


@asynccontextmanager
async def crew(
    addresses: list[Address], count: int, slots: int
) -> AsyncIterator[tuple[list[Forgetful], list[asyncio.Task[None]]]]:
    """Workers as other languages have them, spread over the APIs."""
    workers = [
        Forgetful(addresses[number % len(addresses)], SECRET, f"w{number}", slots)
        for number in range(count)
    ]
    running = [asyncio.create_task(worker.work()) for worker in workers]
    await asyncio.gather(*(worker.announced.wait() for worker in workers))
    try:
        yield workers, running
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


# Speed, beside plain SQL.


ROUNDS = 5  # of calls at once: one takes less than a second, in which whatever else the machine does counts


def speed(figures: Figures, calls: int = 1000, at_once: int = 2000) -> None:
    with site() as town:
        worker = town.start("worker", "workers:worker")
        with Client(town.dsn) as client:
            report(figures, "a call, SQL", timed(client, calls))
            asyncio.run(at_once_sql(figures, town, at_once))
        town.end(worker)
        process, address, http = town.api()
        over = f"tcp://{address[0]}:{address[1]}"
        asyncio.run(raw_speed(figures, process.pid, address, calls, at_once))
        town.start("worker", "workers:worker", dsn=over, **EMPLOYEE)
        with Client(over, who="theCustomer", token=SECRET) as client:
            used = cpu(process.pid)
            report(figures, "a call, API, Python", timed(client, calls))
            each = (cpu(process.pid) - used) / calls * 1000
            figures.add("CPU of the API a call, Python, one by one", each, "ms")
        asyncio.run(http_speed(figures, http, town.token, calls))


def timed(client: Client, calls: int) -> list[float]:
    client.call("calltest", {"input": 1}, timeout=60)
    seconds = []
    for number in range(calls):
        begun = time.perf_counter()
        client.call("calltest", {"input": number}, timeout=60)
        seconds.append(time.perf_counter() - begun)
    return seconds


async def at_once_sql(figures: Figures, town: Site, count: int) -> None:
    async with AsyncClient(town.dsn) as client:

        async def one(number: int) -> None:
            await client.call("calltest", {"input": number}, timeout=600)

        async def all_at_once() -> None:
            await asyncio.gather(*map(one, range(count)))

        await all_at_once()  # to warm up
        rounds = await measured(ROUNDS, lambda _: all_at_once())
    report_rounds(figures, "calls at once, SQL, one client", count, rounds)


async def raw_speed(figures: Figures, pid: int, address: Address, calls: int, count: int) -> None:
    """One client for all, and what the program itself needs for four workers and it is part of the figure."""
    customer = Customer(address, SECRET)
    await customer.connect()
    creating: list[float] = []

    async def all_at_once() -> None:
        begun = time.perf_counter()
        await customer.create(range(count), at_once=count)
        creating.append(time.perf_counter() - begun)
        await customer.all_done()

    async with crew([address], 4, 125):
        await customer.create(range(100))
        await customer.all_done()
        report(figures, "a call, API", await measured(calls, lambda n: one_call(customer, n)))
        await all_at_once()
        used = cpu(pid)
        rounds = await measured(ROUNDS, lambda _: all_at_once())
    assert customer.wrong() == []
    figures.add("CPU of the API a call", (cpu(pid) - used) / count / ROUNDS * 1000, "ms")
    report_rounds(figures, "create_job, API, one client", count, creating[1:])
    report_rounds(figures, "calls at once, API, one client, 4 workers", count, rounds)


async def one_call(customer: Customer, number: int) -> None:
    await customer.create(range(number, number + 1))
    await customer.all_done()


async def http_speed(figures: Figures, address: Address, token: str, calls: int) -> None:
    headers = {"Authorization": f"Bearer {token}"}
    url = f"http://{address[0]}:{address[1]}/v1"
    async with httpx.AsyncClient(base_url=url, headers=headers, timeout=60) as http:

        async def call(number: int) -> None:
            order = {"workflow": "calltest", "args": {"input": number}}
            job = (await http.post("/jobs", json=order)).json()["job_id"]
            done = await http.get(f"/jobs/{job}/result")
            assert done.json()["output"] == {"output": number + 3}

        report(figures, "a call, HTTP", await measured(calls, call))


async def measured(calls: int, call: Callable[[int], Awaitable[None]]) -> list[float]:
    seconds = []
    for number in range(calls):
        begun = time.perf_counter()
        await call(number)
        seconds.append(time.perf_counter() - begun)
    return seconds


def report_rounds(figures: Figures, what: str, count: int, seconds: list[float]) -> None:
    figures.add(
        f"{what}: median of {len(seconds)} rounds", count / statistics.median(seconds), "/s"
    )
    figures.add(f"{what}: slowest round", count / max(seconds), "/s")
    figures.add(f"{what}: fastest round", count / min(seconds), "/s")


def report(figures: Figures, what: str, seconds: list[float]) -> None:
    parts = statistics.quantiles(seconds, n=100)
    figures.add(f"{what}: median", parts[49] * 1000, "ms")
    figures.add(f"{what}: 99th percentile", parts[98] * 1000, "ms")


# A thousand peers.


def peers(figures: Figures, count: int = 1000, jobs: int = 5000) -> None:
    with site() as town:
        time.sleep(3)  # until the Maestro has its connections
        before = counted(town, BACKENDS)
        process, address, _ = town.api()
        asyncio.run(many(figures, town, process.pid, before, address, count, jobs))


async def many(
    figures: Figures, town: Site, pid: int, before: int, address: Address, count: int, jobs: int
) -> None:
    def ignore(connection: Connection, message: dict[str, object]) -> None:
        """Idle peers hear nothing but pings."""

    begun = time.perf_counter()
    idle = []
    for start in range(0, count, 50):
        some = (
            Connection.open(address, "theCustomer", SECRET, ignore)
            for _ in range(min(50, count - start))
        )
        idle += await asyncio.gather(*some)
    figures.add(f"{count} logins", time.perf_counter() - begun, "s")
    figures.add(f"memory with {count} idle peers", rss(pid), "MB")
    async with crew([address], 50, 20):
        customer = Customer(address, SECRET)
        await customer.connect()
        begun = time.perf_counter()
        await customer.create(range(jobs), at_once=1000)
        await customer.all_done()
        seconds = time.perf_counter() - begun
        figures.add(f"calls beside {count} peers, 50 workers", jobs / seconds, "calls/s")
        pings = await measured(200, lambda n: answered(idle[n]))
        figures.add(
            "an idle peer's ping: 99th percentile",
            statistics.quantiles(pings, n=100)[98] * 1000,
            "ms",
        )
        assert customer.wrong() == []
        figures.add("the API's connections to the database", counted(town, BACKENDS) - before, "")
        figures.add("memory at the end", rss(pid), "MB")
    for peer in idle:
        peer.cut()


async def answered(peer: Connection) -> None:
    assert await peer.call("ping") == "pong?"


def cpu(pid: int) -> float:
    """Seconds that the process has had of a processor."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def rss(pid: int) -> float:
    """In megabytes."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1000
    raise SystemExit("this system does not tell how much memory a process has")


# Connections that are cut.


def cuts(figures: Figures, jobs: int = 10_000, workers: int = 50) -> None:
    with site() as town:
        town.connection.execute(
            "update jobcenter.settings set value = case name when 'lost_worker_tries' then '1000' else '10 ms' end"
            " where name like 'lost_worker%'"
        )
        _, one, _ = town.api(grace=1.0)
        _, other, _ = town.api(grace=1.0)
        asyncio.run(under_cuts(figures, town, [one, other], jobs, workers))


async def under_cuts(
    figures: Figures, town: Site, addresses: list[Address], jobs: int, count: int
) -> None:
    async with crew(addresses, count, 20) as (workers, _):
        customer = Customer(addresses[0], SECRET)
        await customer.connect()
        cutting = asyncio.create_task(cut_at_random(workers, 0.02, random.Random(6522)))
        begun = time.perf_counter()
        for start in range(0, jobs, jobs // 20):
            await customer.create(range(start, start + jobs // 20))
            assert customer.connection is not None
            customer.connection.cut()
            await customer.back()
        await asyncio.wait_for(customer.all_done(), 600)
        seconds = time.perf_counter() - begun
        cutting.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await cutting
    figures.add("jobs under cuts", len(customer.inputs), "jobs")
    figures.add("connections of workers cut", sum(w.logins for w in workers) - count, "cuts")
    figures.add("it took", seconds, "s")
    figures.add("jobs lost, or with a wrong output", len(customer.wrong()), "jobs")
    figures.add("answers recorded twice", counted(town, ANSWERED_TWICE), "jobs")
    figures.add("jobs that wait for ever", counted(town, UNENDED), "jobs")
    figures.add(
        "tasks done again, their answers lost", sum(w.taken for w in workers) - jobs, "tasks"
    )


ANSWERED_TWICE = """
select count(*) from (select 1 from jobcenter.job_task_log where task_id = 2 and task_error is null
                      group by job_id having count(*) > 1) twice
"""
BACKENDS = "select count(*) from pg_stat_activity where backend_type = 'client backend'"
UNENDED = "select count(*) from jobcenter.jobs where state not in ('finished', 'error')"


def counted(town: Site, query: str) -> int:
    row = town.connection.execute(query.encode()).fetchone()
    assert row is not None
    return int(row[0])


PARTS = {"speed": speed, "peers": peers, "cuts": cuts}


def main(*parts: str) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(8192, hard), hard))
    figures = Figures("api")
    for part in parts or PARTS:
        print(f"== {part}", flush=True)
        PARTS[part](figures)
    figures.write()
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


if __name__ == "__main__":
    main(*sys.argv[1:])
