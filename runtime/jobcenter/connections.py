"""What the clients and the worker share around a connection: running a statement, errors in our words, patience, delays."""

from __future__ import annotations

import math
import select
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

import psycopg
from psycopg.rows import dict_row

from jobcenter.database import AsyncConnection
from jobcenter.errors import InvalidArguments, JobTimeout, NoDatabase, refusal
from jobcenter.statements import Statement

T = TypeVar("T")

POLL = 2.0  # seconds between two looks at the database, should a notification be lost
PATIENCE = 60.0  # seconds that a wait for a job bears an absent database
NO_SCHEMA = ("3F000", "42883", "42P01")  # no such schema, function, table: ours are all qualified
FIRST_DELAY, LAST_DELAY = 0.1, 1.0  # seconds
CALM = 10.0  # seconds without a failure, after which delays are short again


@contextmanager
def translated() -> Iterator[None]:
    """psycopg's errors become ours: NoDatabase, or a Refused with the first line of what the database said."""
    try:
        yield
    except UnicodeEncodeError as error:  # half a surrogate pair
        raise InvalidArguments(f"a text cannot be stored: {error}") from error
    except psycopg.Error as error:
        of_values = isinstance(error, psycopg.DataError | psycopg.ProgrammingError)
        if of_values and error.sqlstate is None:  # a NUL, say, or what psycopg cannot adapt
            raise InvalidArguments(str(error)) from error
        if (unready := not_ready(error)) is not None:
            raise NoDatabase(unready) from error
        message = error.diag.message_primary or str(error).strip().partition("\n")[0]
        if error.sqlstate is None:  # libpq's words, behind what it was about just then
            reason = message.rpartition(" failed: ")[2]
            raise NoDatabase(f"the connection to the database is lost: {reason}") from error
        if error.sqlstate.startswith(("08", "57P")):
            raise NoDatabase(message) from error
        raise refusal(error.sqlstate, message) from error


def not_ready(error: Exception) -> str | None:
    """What to say where the database has another schema, or none; None for any other error."""
    if isinstance(error, psycopg.Error) and error.sqlstate in NO_SCHEMA:
        return f"this database is not ready for this program: run `jobcenter db upgrade` ({error.diag.message_primary})"
    return None


async def run(connection: AsyncConnection, statement: Statement[T]) -> T:
    """Raises NoDatabase, Refused."""
    with translated():
        cursor = connection.cursor(row_factory=dict_row)
        await cursor.execute(statement.sql, statement.params)
        return statement.read(await cursor.fetchall())


class End:
    """Whether the other side of a connection is gone, or an error has come, whatever is still to be read. A line that nobody listens to while nothing
    is asked looks before the next question, which is then asked over another connection and need not be asked twice."""

    def __init__(self, descriptor: int) -> None:
        self._poll = select.poll()
        self._poll.register(
            descriptor, getattr(select, "POLLRDHUP", 0)
        )  # Linux's; others tell of the end unasked

    @property
    def has_come(self) -> bool:
        return bool(self._poll.poll(0))


class Backoff:
    """Delays that double, for as long as failures follow each other: a connection alone is no success yet."""

    def __init__(self, last: float = LAST_DELAY) -> None:
        self._last = last
        self._next = FIRST_DELAY
        self._until = -math.inf
        self._said = ""

    def news(self, reason: str) -> bool:
        """Whether that has not been said of the failures that follow each other: a log tells of an outage once, not at each try.
        To be asked before `next`."""
        again = reason == self._said and time.monotonic() <= self._until + CALM
        self._said = reason
        return not again

    def next(self) -> float:
        now = time.monotonic()
        if now > self._until + CALM:
            self._next = FIRST_DELAY
        delay, self._next = self._next, min(self._next * 2, self._last)
        self._until = now + delay
        return delay


class Patience:
    """How long a wait for a job goes on: until its timeout, and through an absence of the database of PATIENCE at most."""

    def __init__(self, job_id: int, timeout: float | None) -> None:
        self._job_id = job_id
        self._timeout = timeout
        self._begun = time.monotonic()
        self._absent_since: float | None = None
        self._backoff = Backoff()

    def pause(self) -> float:
        """How long to wait for a notification before the next look. Raises JobTimeout."""
        self._absent_since = None
        if self._timeout is None:
            return POLL
        left = self._begun + self._timeout - time.monotonic()
        if left <= 0:
            raise JobTimeout(self._job_id, self._timeout)
        return min(POLL, left)

    def absence(self, error: NoDatabase) -> float:
        """How long to wait before connecting again. Raises `error` when patience has run out."""
        now = time.monotonic()
        if self._absent_since is None:
            self._absent_since, self._backoff = now, Backoff()
        end = self._absent_since + PATIENCE
        if self._timeout is not None:
            end = min(end, self._begun + self._timeout)
        if now >= end:
            raise error
        return min(self._backoff.next(), end - now)
