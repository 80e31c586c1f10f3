"""How the queues stand, as the database says it: one statement, for metrics and for `jobcenter stats`, and a sampler that asks
for it not too often."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, TypeVar

import psycopg

from jobcenter.connections import run
from jobcenter.database import AsyncConnection, connect_async
from jobcenter.errors import JobCenterError
from jobcenter.statements import Row, Statement, scalar

log = logging.getLogger("jobcenter.observe")

T = TypeVar("T")

FRESH: Final = 5.0  # seconds that a sample is good for, at least
SHARE: Final = 20  # a sample that took t seconds is good for SHARE * t: sampling takes a twentieth of the time at most
PATIENCE: Final = 10.0  # seconds that one may take
SESSION: Final = "set application_name = 'jobcenter observer'; set statement_timeout = '10s'"


@dataclass(frozen=True, slots=True)
class Queue:
    """The tasks of an action. `oldest_seconds`: how long the one that is claimed next has waited; 0 where there is none."""

    action: str
    ready: int
    working: int
    workers: int
    oldest_seconds: float


@dataclass(frozen=True, slots=True)
class Figures:
    """`jobs` by the states that indexes know (done, ready, working, lockwait), and `timed`: those with something due at a time,
    which may be in any state that waits. `sample_seconds`: what it took to find out."""

    queues: Sequence[Queue]
    jobs: Mapping[str, int]
    timer_lag_seconds: float
    runnable_oldest_seconds: float
    locks_held: int
    workers: int
    sample_seconds: float = 0.0


def figures() -> Statement[Figures]:
    """For the roles jc_maestro and jc_admin."""
    return Statement(
        "select jobcenter.figures()", {}, lambda rows: _read(scalar(rows)), repeatable=True
    )


def ping() -> Statement[bool]:
    return Statement("select true", {}, scalar, repeatable=True)


def _read(told: Mapping[str, Any]) -> Figures:
    return Figures(
        queues=[_queue(entry) for entry in told["queues"]],
        jobs={**told["jobs"], "timed": told["timers"]},
        timer_lag_seconds=float(told["timer_lag"] or 0),
        runnable_oldest_seconds=float(told["runnable_oldest"] or 0),
        locks_held=told["locks"],
        workers=told["workers"],
    )


def _queue(entry: Row) -> Queue:
    return Queue(
        entry["action"], entry["ready"], entry["working"], entry["workers"], float(entry["oldest"])
    )


class Sampler:
    """Asks the database over a connection of its own, which it opens when it is first asked for something."""

    def __init__(self, dsn: str | None) -> None:
        self._dsn = dsn
        self._connection: AsyncConnection | None = None
        self._lock = asyncio.Lock()
        self._sample: Figures | None = None
        self._good_until = 0.0

    async def figures(self) -> Figures | None:
        """A sample that is fresh enough; None where there is no database."""
        async with self._lock:
            if time.monotonic() >= self._good_until:
                begun = time.monotonic()
                sample = await self._ask(figures())
                took = time.monotonic() - begun
                self._sample = None if sample is None else replace(sample, sample_seconds=took)
                self._good_until = time.monotonic() + max(FRESH, SHARE * took) if sample else 0.0
            return self._sample

    async def reachable(self) -> bool:
        """Whether the database answers now."""
        async with self._lock:
            return await self._ask(ping()) is not None

    async def close(self) -> None:
        if self._connection is not None:
            with contextlib.suppress(psycopg.Error):
                await self._connection.close()
            self._connection = None

    async def _ask(self, statement: Statement[T]) -> T | None:
        """None where it cannot be had, which is logged."""
        try:
            async with asyncio.timeout(PATIENCE):
                if self._connection is None:
                    self._connection = await connect_async(self._dsn)
                    await self._connection.execute(SESSION)
                return await run(self._connection, statement)
        except (JobCenterError, psycopg.Error, OSError) as error:
            log.warning("no figures of the database: %s", str(error) or type(error).__name__)
            await self.close()
            return None
