"""An error after each commit: what was asked is done, but who asked sees the connection break. A proxy between the processes and
Postgres ends the connection in place of each answer to a COMMIT (the Maestros say it), and of some to other statements.

`python -m tests.soak.lost_commits [JOBS] [SEED] [MAESTROS AND WORKERS]`
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict, make_conninfo

from jobcenter import embedded
from jobcenter.client import Client
from tests.soak._accounts import Accounts, deploy_all
from tests.soak._roll_call import call_the_roll
from tests.soak._town import Outcome, configure, own_folder, own_server, patient, report, town

SOCKET = ".s.PGSQL.5432"
# Messages of the server: a byte that says what it is, four bytes of length (themselves included), the body.
COMPLETE, READY = b"C", b"Z"
IDLE = b"I"  # no transaction is open
IMPLICIT = 0.2  # the part of commits without a COMMIT whose answer is lost


@dataclass(slots=True)
class Proxy:
    """Hands on what clients and server say, and breaks connections: `share` is the part of COMMITs whose answer is lost."""

    target: Path
    chance: random.Random
    share: float
    active: bool = True
    commits: int = 0
    implicit: int = 0
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self.tasks.add(task)
        try:
            await self._hand_on(reader, writer)
        finally:
            self.tasks.discard(task)

    async def _hand_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        upstream_reader, upstream_writer = await asyncio.open_unix_connection(self.target)
        asking = asyncio.create_task(_copy(reader, upstream_writer))
        try:
            await self._answers(upstream_reader, writer)
        except (OSError, EOFError):
            pass
        finally:
            asking.cancel()
            for each in (writer, upstream_writer):
                each.close()
                with contextlib.suppress(OSError):
                    await each.wait_closed()

    async def _answers(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Returns where the connection is to break. The first READY ends the greeting."""
        greeted = False
        while True:
            head = await reader.readexactly(5)
            body = await reader.readexactly(int.from_bytes(head[1:], "big") - 4)
            if greeted and self.active and self._is_lost(head[:1], body):
                return
            greeted = greeted or head[:1] == READY
            writer.write(head + body)
            await writer.drain()

    def _is_lost(self, kind: bytes, body: bytes) -> bool:
        if kind == COMPLETE and body == b"COMMIT\0" and self.chance.random() < self.share:
            self.commits += 1
            return True
        if kind == READY and body == IDLE and self.chance.random() < IMPLICIT:
            self.implicit += 1
            return True
        return False


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
        writer.close()


@contextmanager
def proxied(dsn: str, chance: random.Random, share: float) -> Iterator[tuple[str, Proxy]]:
    """A DSN by way of a proxy, which runs in a thread of its own."""
    target = Path(str(conninfo_to_dict(dsn)["host"])) / SOCKET
    proxy = Proxy(target, chance, share)
    begun, loop = threading.Event(), asyncio.new_event_loop()

    async def perform(folder: Path) -> None:
        server = await asyncio.start_unix_server(proxy.serve, folder / SOCKET)
        begun.set()
        try:
            await server.serve_forever()
        finally:
            server.close()
            for each in list(proxy.tasks):
                each.cancel()
            await asyncio.gather(*proxy.tasks, return_exceptions=True)

    with own_folder() as folder:
        task = loop.create_task(perform(folder))

        def target_of_thread() -> None:
            with contextlib.suppress(asyncio.CancelledError):
                loop.run_until_complete(task)
            loop.close()

        thread = threading.Thread(target=target_of_thread)
        thread.start()
        begun.wait()
        try:
            yield make_conninfo(dsn, host=str(folder)), proxy
        finally:
            loop.call_soon_threadsafe(task.cancel)
            thread.join()


def run(
    dsn: str, jobs: int, share: float = 1, rounds: int = 10, seed: int = 1, of_each: int = 2
) -> Outcome:
    """`share`: the part of COMMITs whose answer is lost. `of_each`: how many Maestros, and as many workers."""
    outcome = Outcome("lost_commits")
    configure(
        dsn, worker_timeout="9 seconds", lost_worker_tries="1000", lost_worker_interval="10 ms"
    )
    accounts = Accounts()
    with (
        patient(dsn) as connection,
        proxied(dsn, random.Random(seed), share) as (broken, proxy),
        town(broken) as place,
        Client(dsn) as client,
    ):
        deploy_all(connection)
        for _ in range(of_each):
            place.maestro()
            place.worker()
        for _ in range(rounds):
            accounts.create(client, max(-(-jobs // rounds), 10))
        accounts.settle(dsn, 240)
        proxy.active = False
        accounts.settle(dsn, 60)
        outcome.least("jobs", len(accounts.expected), jobs)
        outcome.add("lost answers to COMMIT", proxy.commits)
        outcome.add("to other statements", proxy.implicit)
        accounts.check(outcome, connection)
        call_the_roll(place, outcome)
        outcome.none("unhandled errors", place.unhandled())
    outcome.examine(dsn)
    return outcome.finish()


def main(jobs: int = 500, seed: int = 1, of_each: int = 2) -> int:
    with own_server() as server:
        return report(run(embedded.dsn(server), jobs, seed=seed, of_each=of_each))


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
