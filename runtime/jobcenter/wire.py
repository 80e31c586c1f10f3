"""A connection to Postgres for a loop that asks little, often: all that is asked goes out at once, several statements in one packet,
and notifications are heard meanwhile.

Libpq's pipeline mode by way of `psycopg.pq`, on the running event loop, with psycopg's adaptation of values. psycopg's own pipelines send
each statement by itself and cost some three times the processor time.
"""

from __future__ import annotations

import asyncio
import itertools
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, TypeAlias

import psycopg
from psycopg import generators
from psycopg.adapt import PyFormat, Transformer
from psycopg.pq import ConnStatus, ExecStatus

from jobcenter.connections import End
from jobcenter.database import AsyncConnection, Connection
from jobcenter.handoff import Handoff

if TYPE_CHECKING:
    from psycopg import abc
    from psycopg.pq.abc import PGconn, PGresult
    from psycopg.pq.misc import PGnotify

# A statement, and its parameters $1, …, whose types are the server's to find out.
Asked: TypeAlias = tuple[str, Sequence[object]]
Rows: TypeAlias = list[Mapping[str, Any]]  # Any: what the columns' types are in Python

FAILED = (ExecStatus.FATAL_ERROR, ExecStatus.PIPELINE_ABORTED)


class Wire:
    """Has the connection for itself until `close`. `hear` is called with the channel and payload of each notification, and with two
    empty texts when the connection breaks. To be made on the event loop that it serves."""

    def __init__(
        self, connection: AsyncConnection, hear: Callable[[str, str], None] = lambda *_: None
    ) -> None:
        self._connection = connection
        self._hear = hear
        self._loop = asyncio.get_running_loop()
        self._names: dict[str, bytes] = {}  # of the statements that the server has prepared
        self._numbers = itertools.count(1)
        self._flights: deque[_Flight] = deque()
        self._broken: psycopg.Error | None = None
        self._socket = connection.pgconn.socket
        self._unsent = False  # is the socket full?
        self._end = End(self._socket)
        self._pgconn.nonblocking = 1
        self._loop.add_reader(self._socket, self._read)

    async def __aenter__(self) -> Wire:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    @property
    def closed(self) -> bool:
        return self._broken is not None or self._connection.closed

    async def close(self) -> None:
        """Ends the connection too."""
        self._break(psycopg.OperationalError("the connection is closed"))
        await self._connection.close()

    @property
    def _pgconn(self) -> PGconn:
        return self._connection.pgconn

    async def ask(self, *statements: Asked) -> list[Rows]:
        """All in one round trip, and in one transaction where none is open; gives the rows of each. After one that fails the others
        are not run. Whoever gives up waiting leaves it to be done. Raises psycopg.Error, and UnicodeEncodeError for half a surrogate pair."""
        if self._broken is not None:
            raise self._broken
        adapt = Transformer(self._connection)
        texts = [
            adapt.dump_sequence(values, [PyFormat.TEXT] * len(values)) for _, values in statements
        ]
        pgconn, flight = self._pgconn, _Flight(Handoff(self._loop))
        self._flights.append(flight)
        try:
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
        except psycopg.Error as error:
            self._break(error)
        self._write()
        await flight.answered
        if flight.failed is not None:
            raise psycopg.errors.error_from_result(flight.failed)
        return [_rows(adapt, result) for result in flight.results]

    def _write(self) -> None:
        """What does not fit into the socket is sent when there is room again."""
        if self._broken is not None:
            return
        try:
            unsent = self._pgconn.flush()
        except psycopg.Error as error:
            self._break(error)
            return
        if unsent and not self._unsent:
            self._loop.add_writer(self._socket, self._write)
        elif self._unsent and not unsent:
            self._loop.remove_writer(self._socket)
        self._unsent = bool(unsent)

    def _read(self) -> None:
        landed: list[_Flight] = []
        heard: list[PGnotify] = []
        try:
            self._take_in(landed, heard)
            # A reader on uvloop is called once for a socket that is reset, and never again: what is left is read now, to the error.
            while self._end.has_come:
                self._take_in(landed, heard)
        except psycopg.Error as error:
            self._break(error)
        for notification in heard:
            self._hear(notification.relname.decode(), notification.extra.decode())
        for flight in landed:  # whoever waited goes on at once, and may ask again
            flight.answered.set_result(None)

    def _take_in(self, landed: list[_Flight], heard: list[PGnotify]) -> None:
        """What has come: the flights whose answers are whole, and notifications. Raises psycopg.Error at the connection's end."""
        pgconn = self._pgconn
        pgconn.consume_input()
        while self._flights and not pgconn.is_busy():
            if self._collect(pgconn.get_result()):
                landed.append(self._flights.popleft())
        if not self._flights and landed:
            pgconn.exit_pipeline_mode()
        while notification := pgconn.notifies():
            heard.append(notification)

    def _collect(self, result: PGresult | None) -> bool:
        """The next result of those that are due. Whether it was the last of the first flight."""
        flight = self._flights[0]
        if result is None:  # the end of a statement's results
            if self._pgconn.status == ConnStatus.BAD:
                raise psycopg.OperationalError("the connection is lost")
        elif result.status == ExecStatus.PIPELINE_SYNC:
            return True
        elif result.status in FAILED:
            flight.failed = flight.failed or result
            flight.asked.popleft()
        elif (prepared := flight.asked.popleft()) is not None:
            sql, name = prepared
            self._names[sql] = name
        else:
            flight.results.append(result)
        return False

    def _break(self, error: psycopg.Error) -> None:
        if self._broken is not None:
            return
        self._broken = error
        self._loop.remove_reader(self._socket)
        self._loop.remove_writer(self._socket)
        self._pgconn.finish()
        for flight in self._flights:
            flight.answered.set_exception(error)
        self._flights.clear()
        self._hear("", "")


class _Flight:
    """Statements on their way. `asked`: in their order, those to be prepared with their names, and None for those to be run."""

    def __init__(self, answered: Handoff[None]) -> None:
        self.answered = answered
        self.asked: deque[tuple[str, bytes] | None] = deque()
        self.results: list[PGresult] = []
        self.failed: PGresult | None = None


class SyncWire:
    """The same without an event loop, a statement at a time; threads that share it wait for each other. The connection commits by itself, and may
    be used for other things in between."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._names: dict[str, bytes] = {}  # of the statements that the server has prepared

    def ask(self, sql: str, values: Sequence[object]) -> Rows:
        """The statement's rows. Raises psycopg.Error, and UnicodeEncodeError for half a surrogate pair."""
        adapt = Transformer(self._connection)
        texts = adapt.dump_sequence(values, [PyFormat.TEXT] * len(values))
        pgconn = self._connection.pgconn
        with self._connection.lock:
            name = self._names.get(sql)
            if name is None:
                name = b"wire_%d" % (len(self._names) + 1)
                pgconn.send_prepare(name, sql.encode())
                self._result()
                self._names[sql] = name
            pgconn.send_query_prepared(name, texts)
            result = self._result()
        return _rows(adapt, result)

    def _result(self) -> PGresult:
        result: PGresult
        (result,) = self._connection.wait(generators.execute(self._connection.pgconn))
        if result.status in FAILED:
            raise psycopg.errors.error_from_result(result)
        return result


def _rows(adapt: abc.Transformer, result: PGresult) -> Rows:
    if result.nfields == 0:
        return []
    adapt.set_pgresult(result)
    names = [(result.fname(column) or b"").decode() for column in range(result.nfields)]
    return adapt.load_rows(0, result.ntuples, lambda values: dict(zip(names, values, strict=True)))
