"""How a client or a worker reaches JobCenter: by the database itself, or by the network API. The classes above see no difference.

A line is an open connection that runs statements, and hears notifications. It is closed by its first error; whoever uses it opens another one.
"""

from __future__ import annotations

import json
import re
import ssl
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, partial
from typing import Any, Final, LiteralString, Protocol, TypeAlias, TypeVar, cast
from uuid import UUID, uuid4

from psycopg.errors import ReadOnlySqlTransaction
from psycopg.sql import SQL, Identifier

from jobcenter import database, ends, network
from jobcenter.connections import End, translated
from jobcenter.database import Connection
from jobcenter.errors import Unavailable
from jobcenter.network import Address, Notified
from jobcenter.statements import Output, Statement
from jobcenter.wire import Asked, SyncWire, Wire

T = TypeVar("T")


Hear: TypeAlias = Callable[[Notified], None]

_CALLER: Final = (
    "caller:"  # the channel that tells of the ends of jobs with their outputs, by who called them
)


def ignore(_: Notified) -> None:
    """For lines that listen to nothing."""


class SyncLine(Protocol):
    """For one thread. All raise NoDatabase; `run` also Refused. Where a create_job says `listen`, the job's end cannot be missed."""

    @property
    def closed(self) -> bool: ...
    def run(self, statement: Statement[T]) -> T: ...
    def listen(self, channel: str) -> None: ...
    def wait(self, channel: str, seconds: float) -> Output | None: ...
    def close(self) -> None: ...


class Line(Protocol):
    """For one event loop. `run_all` is one round trip. What `open` was given hears the channels that are listened to, the ends of jobs
    as `job:N:finished` or many at a time (see `jobcenter.ends`), and when the connection breaks. `ignore_ends`: nobody waits for any
    until the next statement that `listens`."""

    @property
    def closed(self) -> bool: ...
    async def run(self, statement: Statement[T]) -> T: ...
    async def run_all(self, statements: Sequence[Statement[Any]]) -> list[Any]: ...
    async def listen(self, channel: str) -> None: ...
    async def ignore_ends(self) -> None: ...
    async def close(self) -> None: ...


class Link(Protocol):
    """Where lines come from."""

    def open_sync(self) -> SyncLine: ...
    async def open(self, hear: Hear = ignore) -> Line: ...


def link_to(
    dsn: str | None,
    who: str | None = None,
    token: str | None = None,
    tls: ssl.SSLContext | None = None,
) -> Link:
    """`tcp://…` and `tls://…` are an API (see `network.address`), all else is a database (see `database.choose`). Connects to
    nothing yet. Raises UsageError, SettingsError."""
    chosen = database.choose(dsn).dsn
    if chosen is not None and network.is_network(chosen):
        return NetworkLink(network.address(chosen, who, token, tls))
    return PostgresLink(dsn)


@dataclass(frozen=True, slots=True)
class PostgresLink:
    dsn: str | None

    def open_sync(self) -> SyncLine:
        return PostgresSyncLine(database.connect(self.dsn))

    async def open(self, hear: Hear = ignore) -> Line:
        connection = await database.connect_async(self.dsn)
        return PostgresLine(Wire(connection, partial(_hear, hear)))


@dataclass(frozen=True, slots=True)
class NetworkLink:
    address: Address

    def open_sync(self) -> SyncLine:
        from jobcenter.network_sync import NetworkLine  # not for those who have a database

        return NetworkLine(self.address)

    async def open(self, hear: Hear = ignore) -> Line:
        from jobcenter.network_async import NetworkLine

        return await NetworkLine.open(self.address, hear)


class PostgresSyncLine:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._wire = SyncWire(connection)
        self._end = End(connection.fileno())
        self._caller = uuid4()  # known to the database and to nobody else
        self._hears_calls = False

    @property
    def closed(self) -> bool:
        if not self._connection.closed and self._end.has_come:
            self._connection.close()
        return self._connection.closed

    def run(self, statement: Statement[T]) -> T:
        try:
            if statement.listens and not self._hears_calls:
                self.listen(self._calls)
                self._hears_calls = True
            with translated():
                return statement.read(self._wire.ask(*_asked(statement, self._caller)))
        except Unavailable as error:
            if _only_reads(error):
                self.close()
            raise

    def listen(self, channel: str) -> None:
        """One round trip; what was listened to before is not wanted any more."""
        with translated():
            self._connection.execute(SQL("unlisten *; listen {}").format(Identifier(channel)))
        self._hears_calls = False

    @property
    def _calls(self) -> str:
        return f"{_CALLER}{self._caller}"

    def wait(self, channel: str, seconds: float) -> Output | None:
        """Until a notification on the channel, or for that time. Gives the job's output where this is the end of one that was called here, and nothing
        else has been listened to since: a job that was tried again has another end."""
        with translated():
            for heard in self._connection.notifies(timeout=seconds):
                job_id, _, output = heard.payload.partition(" ")
                called = self._hears_calls and heard.channel == self._calls
                if called and channel == f"job:{job_id}:finished":
                    return _read_output(output)
                if heard.channel == channel:
                    break
        return None

    def close(self) -> None:
        self._connection.close()


def _read_output(text: str) -> Output | None:
    """None where it has not been told, or is nothing that Python reads: the database has it."""
    with suppress(ValueError, RecursionError):
        return cast("Output", json.loads(text))
    return None


def _only_reads(error: Unavailable) -> bool:
    """A session stays read only when its database is not any more; the next call is to have a new one."""
    return isinstance(error.__cause__, ReadOnlySqlTransaction)


class PostgresLine:
    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._caller = uuid4()  # as that of a sync line
        self._hears_ends = False

    @property
    def closed(self) -> bool:
        return self._wire.closed

    async def run(self, statement: Statement[T]) -> T:
        (told,) = await self.run_all([statement])
        return cast("T", told)

    async def run_all(self, statements: Sequence[Statement[Any]]) -> list[Any]:
        """In one transaction: all, or none."""
        try:
            if not self._hears_ends and any(statement.listens for statement in statements):
                # By itself: LISTEN begins with its commit, and what ends before that is to be seen by the statements.
                await self._say("listen {}")
                self._hears_ends = True
            asked = [_asked(statement, self._caller) for statement in statements]
            with translated():
                answers = await self._wire.ask(*asked)
        except Unavailable as error:
            if _only_reads(error):
                await self.close()
            raise
        return [statement.read(rows) for statement, rows in zip(statements, answers, strict=True)]

    async def listen(self, channel: str) -> None:
        with translated():
            await self._wire.ask((SQL("listen {}").format(Identifier(channel)).as_string(), ()))

    async def ignore_ends(self) -> None:
        if self._hears_ends:
            self._hears_ends = False  # what is asked from now on goes out behind this
            await self._say("unlisten {}")

    async def _say(self, what: LiteralString) -> None:
        """Of all ends, and of those of the jobs that are called here."""
        channels = (ends.CHANNEL, f"{_CALLER}{self._caller}")
        said = [SQL(what).format(Identifier(channel)).as_string() for channel in channels]
        with translated():
            await self._wire.ask(*((sql, ()) for sql in said))

    async def close(self) -> None:
        await self._wire.close()


def _hear(hear: Hear, channel: str, payload: str) -> None:
    if channel.startswith(_CALLER):
        job_id, _, output = payload.partition(" ")
        hear(Notified(f"job:{job_id}:finished", output=_read_output(output)))
    else:
        hear(Notified(channel, payload))


def _asked(statement: Statement[Any], caller: UUID | None = None) -> Asked:
    sql, names = _positional(statement.sql)
    params = {"caller": caller, **statement.params}
    return sql, [params[name] for name in names]


@cache
def _positional(sql: str) -> tuple[str, list[str]]:
    """`%(name)s`, as psycopg writes parameters, becomes `$1`, as Postgres does; the names in the order of their numbers."""
    names: list[str] = []

    def number(found: re.Match[str]) -> str:
        name = found[1]
        if name is None:
            return "%"
        if name not in names:
            names.append(name)
        return f"${names.index(name) + 1}"

    return re.sub(r"%\((\w+)\)s|%%", number, sql), names
