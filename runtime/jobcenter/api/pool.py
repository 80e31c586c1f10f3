"""A few connections to the database for many who ask. They are made when they are needed, and again after they broke."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TypeVar

from jobcenter.connections import run
from jobcenter.database import AsyncConnection, connect_async
from jobcenter.errors import NoDatabase
from jobcenter.statements import Statement

T = TypeVar("T")


class Pool:
    """Never more than `size` connections; who finds none free waits its turn."""

    def __init__(self, dsn: str | None, size: int) -> None:
        self._dsn = dsn
        self._free = asyncio.Semaphore(size)
        self._idle: list[AsyncConnection] = []

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[AsyncConnection]:
        """One that is nobody else's inside. Raises NoDatabase."""
        async with self._free:
            connection = self._idle.pop() if self._idle else await connect_async(self._dsn)
            try:
                yield connection
            except BaseException:
                # It may be broken, or in the middle of an answer that nobody waits for any more.
                await self._recover(connection)
                raise
            if not connection.closed:
                self._idle.append(connection)

    async def run(self, statement: Statement[T]) -> T:
        """Raises NoDatabase, Refused."""
        try:
            return await self._run_once(statement)
        except NoDatabase:
            # An idle connection may have died long before, with a restart of the database; so may all the others.
            await self._drop_idle()
            if not statement.repeatable:
                raise
            return await self._run_once(statement)

    async def close(self) -> None:
        await self._drop_idle()

    async def _run_once(self, statement: Statement[T]) -> T:
        async with self.connection() as connection:
            return await run(connection, statement)

    async def _recover(self, connection: AsyncConnection) -> None:
        if not connection.closed and connection.info.transaction_status.name == "IDLE":
            self._idle.append(connection)
        else:
            await connection.close()

    async def _drop_idle(self) -> None:
        idle, self._idle = self._idle, []
        for connection in idle:
            await connection.close()
