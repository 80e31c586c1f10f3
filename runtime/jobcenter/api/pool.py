"""A few connections to the database for many who ask. They are made when they are needed, and again after they broke."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, TypeVar, cast

from jobcenter.errors import NoDatabase
from jobcenter.link import Line, PostgresLink
from jobcenter.statements import Statement

T = TypeVar("T")


class Pool:
    """Never more than `size` connections; who finds none free waits its turn."""

    def __init__(self, dsn: str | None, size: int) -> None:
        self._link = PostgresLink(dsn)
        self._free = asyncio.Semaphore(size)
        self._idle: list[Line] = []

    async def run(self, statement: Statement[T]) -> T:
        """Raises NoDatabase, Refused."""
        (told,) = await self.run_all([statement])
        return cast("T", told)

    async def run_all(self, statements: Sequence[Statement[Any]]) -> list[Any]:
        """In one transaction: all, or none."""
        try:
            return await self._run_once(statements)
        except NoDatabase:
            # An idle connection may have died long before, with a restart of the database; so may all the others.
            await self.close()
            if not all(statement.repeatable for statement in statements):
                raise
            return await self._run_once(statements)

    async def close(self) -> None:
        """Those that nobody uses."""
        idle, self._idle = self._idle, []
        for line in idle:
            await line.close()

    async def _run_once(self, statements: Sequence[Statement[Any]]) -> list[Any]:
        async with self._free:
            line = self._idle.pop() if self._idle else await self._link.open()
            try:
                return await line.run_all(statements)
            finally:
                # Whoever is cancelled leaves an answer that the line itself waits for.
                if not line.closed:
                    self._idle.append(line)
