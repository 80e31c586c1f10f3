"""The Maestro: moves jobs along. The engine's shell over Postgres.

Each lane has a connection and an executor, and does one batch after the other: claim, run, apply, in one transaction. One lane more, which begins
when it is needed, is for jobs that are too large for a batch (`aside`). Beside the lanes, timers are woken when they are due, and housekeeping is done. Notifications hurry it along, polling is what it relies
on. It keeps nothing: any number of Maestros may run side by side, and die at any moment.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
import signal
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Final, TypeAlias

import psycopg

from jobcenter.aside import Aside
from jobcenter.connections import Backoff, not_ready
from jobcenter.database import AsyncConnection, connect_async
from jobcenter.errors import NoDatabase
from jobcenter.executor import Executor, ProcessExecutor
from jobcenter.lane import Lane
from jobcenter.observe.observer import SILENT, Observer
from jobcenter.signals import Signal
from jobcenter.wire import Asked, Wire

log = logging.getLogger("jobcenter.maestro")

POLL: Final = 4.0  # seconds between two looks when nothing is said to happen
BATCH: Final = 500  # jobs of a transaction
TIMERS: Final = 1000  # jobs woken in a transaction
SOONEST: Final = 0.02  # seconds between two looks at timers: one that is due may be locked
LOOK_AT_TIMERS: Final = 0.5  # seconds, when a timer may have been set by others
HOUSEKEEPING: Final = 10.0  # seconds
# The server ends the transaction of a Maestro that has stopped in the middle: its jobs are for the others then.
SESSION: Final = (
    "set application_name = 'jobcenter maestro'; set idle_in_transaction_session_timeout = '60s'"
)
# Each lane hears by itself, on the connection that it claims with: what comes during a batch is told at its end. There is no connection that
# only listens, since the server wakes all that do at each notification. `jobdue`: somebody has set a timeout, and only the database knows when
# that is, such as a worker that takes a task; `eventsleft`: see `deliver_event`.
LISTEN: Final[Sequence[Asked]] = (
    ("listen jobtaskdone", ()),
    ("listen jobdue", ()),
    ("listen eventsleft", ()),
)

Part: TypeAlias = Callable[[AsyncConnection], Awaitable[None]]


async def serve(dsn: str, *, executors: int, observer: Observer = SILENT) -> None:
    """Runs a Maestro until SIGTERM or SIGINT; then it ends its batches and returns."""
    executor = partial(ProcessExecutor, observer=observer)
    maestro = Maestro(dsn, executors=executors, executor=executor, observer=observer)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, maestro.stop)
    await maestro.run()


class Maestro:
    """`run` returns after `stop`. `executors` is the number of batches that are run at the same time."""

    def __init__(
        self,
        dsn: str,
        executors: int = 1,
        batch: int = BATCH,
        executor: Callable[[], Executor] = ProcessExecutor,
        observer: Observer = SILENT,
    ) -> None:
        self._dsn = dsn
        self._batch = batch
        self._observer = observer
        self._executors = [executor() for _ in range(executors + 1)]
        self._aside = Aside()
        self._signals = [Signal() for _ in range(executors)]
        self._stopping = False
        self._alarm = Alarm()

    def stop(self) -> None:
        """Takes no more jobs; what has been begun is ended."""
        self._stopping = True
        self._wake_lanes()
        self._aside.news.set()
        self._alarm.within(0)

    async def run(self) -> None:
        log.info("a Maestro begins", extra={"executors": len(self._signals), "batch": self._batch})
        house = asyncio.create_task(self._keep("house", self._keep_house))
        try:
            async with asyncio.TaskGroup() as parts:
                *executors, spare = self._executors
                for number, executor in enumerate(executors):
                    name, lane = f"lane {number + 1}", self._lane(executor)
                    parts.create_task(
                        self._keep(name, self._drive(name, lane, self._signals[number]))
                    )
                parts.create_task(self._keep_aside(self._lane(spare)))
                parts.create_task(self._keep("timers", self._wake_timers))
            log.info("the Maestro ends")
        finally:
            house.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await house
            for executor in self._executors:
                await executor.close()

    def _wake_lanes(self) -> None:
        for signalled in self._signals:
            signalled.set()

    async def _keep(self, name: str, part: Part) -> None:
        """Runs a part with a connection of its own, and again after each error, until the Maestro stops."""
        backoff = Backoff()
        while not self._stopping:
            try:
                async with await connect_async(self._dsn) as connection:
                    await connection.execute(SESSION)
                    await part(connection)
            except (psycopg.Error, NoDatabase, OSError) as error:
                if not self._stopping:
                    reason = not_ready(error) or str(error).strip() or type(error).__name__
                    if backoff.news(reason):
                        log.warning("%s; trying again", reason, extra={"part": name})
                    self._observer.lost(name, reason)
                    await asyncio.sleep(backoff.next())

    def _lane(self, executor: Executor) -> Lane:
        return Lane(executor, self._batch, self._alarm.within, self._aside, self._observer)

    def _drive(self, name: str, lane: Lane, signalled: Signal) -> Part:
        def hear(channel: str, _: str) -> None:
            match channel:
                case "jobdue":
                    self._alarm.within(LOOK_AT_TIMERS)
                case "eventsleft":
                    self._alarm.within(SOONEST)
                case _:
                    signalled.set()

        async def drive(connection: AsyncConnection) -> None:
            async with Wire(connection, hear) as wire:
                await wire.ask(*LISTEN)
                self._alarm.within(SOONEST)  # what was said before that has not been heard
                lane.reset()
                while not self._stopping:
                    signalled.clear()
                    self._observer.alive(name)
                    # A notification may be lost: so also look after a while.
                    if await lane.turn(wire, signalled.is_set):
                        continue
                    if not await signalled.within(POLL):
                        lane.step_back.reset()
                    elif lane.step_back.seconds:
                        await asyncio.sleep(lane.step_back.seconds)
                await lane.leave(wire)

        return drive

    async def _keep_aside(self, lane: Lane) -> None:
        async def drive(connection: AsyncConnection) -> None:
            async with Wire(connection) as wire:
                lane.reset()
                while not self._stopping:
                    self._observer.alive("aside")
                    job = self._aside.take()
                    if job is None:
                        await self._aside.news.within(POLL)
                        continue
                    try:
                        await lane.alone(wire, job)
                    finally:
                        self._aside.done(job)
                        self._wake_lanes()

        # Most Maestros never see a job that large: no connection is held for it.
        await self._aside.news.within(math.inf)
        await self._keep("aside", drive)

    async def _wake_timers(self, connection: AsyncConnection) -> None:
        while not self._stopping:
            cursor = await connection.execute(
                "select woken, due from jobcenter.wake_due(%s)", [TIMERS]
            )
            woken, due = await cursor.fetchone() or (0, None)
            self._observer.alive("timers")
            if woken:
                self._wake_lanes()
            if woken < TIMERS:
                await self._alarm.wait(POLL if due is None else min(max(due, SOONEST), POLL))

    async def _keep_house(self, connection: AsyncConnection) -> None:
        while not self._stopping:
            await connection.execute("select jobcenter.keep_house()")
            await connection.execute("select jobcenter.keep_archive()")
            self._observer.alive("house")
            await asyncio.sleep(HOUSEKEEPING)


class Alarm:
    """A wait that others can shorten, also before it begins."""

    def __init__(self) -> None:
        self._at = math.inf
        self._moved = Signal()

    def within(self, seconds: float) -> None:
        """The wait is over in `seconds` at the latest."""
        at = asyncio.get_running_loop().time() + seconds
        if at < self._at:
            self._at = at
            self._moved.set()

    async def wait(self, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        self._at = min(self._at, loop.time() + seconds)
        while (left := self._at - loop.time()) > 0:
            self._moved.clear()
            await self._moved.within(left)
        self._at = math.inf
