"""A connection to Postgres for a loop that asks little, often: several statements in one flight, and notifications at once.

Libpq's pipeline mode by way of `psycopg.pq`, on the running event loop. psycopg's own pipelines can do more (types, cursors,
encodings) and cost three times the processor time for each flight. Here a value is a text: what a statement gives is cast by who reads it.
"""

from __future__ import annotations

import asyncio
import itertools
from collections import deque
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, TypeAlias

import psycopg
from psycopg.pq import ConnStatus, ExecStatus

from jobcenter.database import AsyncConnection

if TYPE_CHECKING:
    from psycopg.pq.abc import PGconn, PGresult

Value: TypeAlias = str | int | bool | bytes | list[int] | None
Asked: TypeAlias = tuple[str, Sequence[Value]]  # a statement, and its parameters $1, …
Rows: TypeAlias = list[tuple[str | None, ...]]

FAILED = (ExecStatus.FATAL_ERROR, ExecStatus.PIPELINE_ABORTED)


class Wire:
    """Has the connection for itself from `async with` to its end. `hear` is called at each notification, and when the connection
    breaks; what broke it is raised by the next `ask`."""

    def __init__(self, connection: AsyncConnection, hear: Callable[[], None]) -> None:
        self._connection = connection
        self._hear = hear
        self._loop = asyncio.get_running_loop()
        self._names: dict[str, bytes] = {}  # of the statements that the server has prepared
        self._numbers = itertools.count(1)
        self._flight: _Flight | None = None
        self._broken: psycopg.Error | None = None
        self._socket = connection.pgconn.socket

    async def __aenter__(self) -> Wire:
        self._pgconn.nonblocking = 1
        self._loop.add_reader(self._socket, self._read)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._loop.remove_reader(self._socket)
        self._loop.remove_writer(self._socket)
        if (
            self._flight is not None
        ):  # cancelled: what the server answers must not be taken for another answer
            self._pgconn.finish()

    @property
    def _pgconn(self) -> PGconn:
        return self._connection.pgconn

    async def ask(self, *statements: Asked) -> list[Rows]:
        """All in one round trip; gives the rows of each. After one that fails the others are not run. Raises psycopg.Error,
        and UnicodeEncodeError for half a surrogate pair."""
        if self._broken is not None:
            raise self._broken
        texts = [[_text(value) for value in values] for _, values in statements]
        pgconn, flight = self._pgconn, _Flight(self._loop.create_future())
        pgconn.enter_pipeline_mode()
        for (sql, _), values in zip(statements, texts, strict=True):
            name = self._names.get(sql)
            if name is None:
                name = b"wire_%d" % next(self._numbers)
                pgconn.send_prepare(name, sql.encode())
                flight.asked.append((sql, name))
            pgconn.send_query_prepared(name, values)
            flight.asked.append(None)
        pgconn.pipeline_sync()
        self._flight = flight
        self._write()
        await flight.answered
        self._flight = None
        pgconn.exit_pipeline_mode()
        if flight.failed is not None:
            raise psycopg.errors.error_from_result(flight.failed)
        return flight.rows

    def _write(self) -> None:
        """What does not fit into the socket is sent when there is room again."""
        try:
            unsent = self._pgconn.flush()
        except psycopg.Error as error:
            self._break(error)
            return
        if unsent:
            self._loop.add_writer(self._socket, self._write)
        else:
            self._loop.remove_writer(self._socket)

    def _read(self) -> None:
        pgconn = self._pgconn
        try:
            pgconn.consume_input()
            if self._flight is not None:
                self._collect(self._flight)
            heard = False
            while pgconn.notifies():
                heard = True
        except psycopg.Error as error:
            self._break(error)
            return
        if heard:
            self._hear()

    def _collect(self, flight: _Flight) -> None:
        pgconn = self._pgconn
        while not flight.answered.done() and not pgconn.is_busy():
            result = pgconn.get_result()
            if result is None:  # the end of one statement's results
                if pgconn.status == ConnStatus.BAD:
                    raise psycopg.OperationalError("the connection is lost")
                continue
            status = result.status
            if status == ExecStatus.PIPELINE_SYNC:
                flight.answered.set_result(None)
            elif status in FAILED:
                flight.failed = flight.failed or result
                flight.asked.popleft()
            elif (prepared := flight.asked.popleft()) is not None:
                sql, name = prepared
                self._names[sql] = name
            else:
                flight.rows.append(_rows(result))

    def _break(self, error: psycopg.Error) -> None:
        self._broken = error
        self._loop.remove_reader(self._socket)
        self._loop.remove_writer(self._socket)
        if self._flight is not None and not self._flight.answered.done():
            self._flight.answered.set_exception(error)
            self._flight = None
        self._hear()


class _Flight:
    """Statements on their way. `asked`: in their order, those to be prepared with their names, and None for those to be run."""

    def __init__(self, answered: asyncio.Future[None]) -> None:
        self.answered = answered
        self.asked: deque[tuple[str, bytes] | None] = deque()
        self.rows: list[Rows] = []
        self.failed: PGresult | None = None


def _text(value: Value) -> bytes | None:
    match value:
        case None:
            return None
        case bool():
            return b"t" if value else b"f"
        case bytes():
            return b"\\x" + value.hex().encode()
        case list():
            return f"{{{','.join(map(str, value))}}}".encode()
        case _:
            return str(value).encode()


def _rows(result: PGresult) -> Rows:
    columns = range(result.nfields)
    return [
        tuple(
            None if (value := result.get_value(row, column)) is None else value.decode()
            for column in columns
        )
        for row in range(result.ntuples)
    ]
