"""Which database, and a connection to it. In this order: what the caller names (`--dsn`), $JOBCENTER_DSN, the project's
jobcenter.toml, the embedded Postgres in the project's data folder."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias

import psycopg
from psycopg.rows import TupleRow
from psycopg.types.json import set_json_loads

from jobcenter import embedded, settings
from jobcenter.errors import NoDatabase, UsageError

Connection: TypeAlias = psycopg.Connection[TupleRow]
AsyncConnection: TypeAlias = psycopg.AsyncConnection[TupleRow]

VARIABLE = "JOBCENTER_DSN"
NETWORK = ("tcp://", "tls://")  # what a network API's DSN begins with (see jobcenter.network)
CONNECT_SECONDS = 10

# A connection over which nothing comes any more, since a machine has lost its power or a firewall has forgotten it, is over after half a minute, for
# both sides: else whoever asks waits for two hours, and as long the server keeps locked what somebody had begun who is not there any more.
# What the server takes long for is waited for: its system answers that it is still there.
SILENCE: Final[Mapping[str, int]] = {
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 4,
    "tcp_user_timeout": 30_000,
}
SERVERS_SILENCE: Final = (
    "set tcp_keepalives_idle = 10; set tcp_keepalives_interval = 5; set tcp_keepalives_count = 4;"
    " set tcp_user_timeout = '30s'"
)


@dataclass(frozen=True, slots=True)
class Choice:
    """A database that was chosen and who chose it, in words for people. Without a `dsn`: the embedded Postgres in
    `folder`, which `resolve` starts."""

    source: str
    dsn: str | None
    folder: Path

    def describe(self) -> str:
        """The DSN, for psql as well, and where it comes from; a password is not shown."""
        return f"{without_password(self.dsn or embedded.dsn(self.folder))} ({self.source})"


def choose(dsn: str | None = None, start: Path | None = None) -> Choice:
    """The database for `start` (a file or folder of the project). Starts nothing. Raises SettingsError."""
    if dsn:
        return Choice("named by the caller", dsn, Path())
    if variable := os.environ.get(VARIABLE):
        return Choice(f"${VARIABLE}", variable, Path())
    project = settings.find(start)
    if project.dsn:
        return Choice(str(project.folder / settings.FILE_NAME), project.dsn, Path())
    return Choice(f"embedded, in {project.postgres}", None, project.postgres)


def resolve(dsn: str | None = None, start: Path | None = None) -> str:
    """The DSN to connect to; the embedded Postgres is started if it is that one. Raises NoDatabase, SettingsError, and UsageError for
    the address of a network API."""
    choice = choose(dsn, start)
    if choice.dsn is None:
        return embedded.attach(choice.folder)
    if choice.dsn.startswith(NETWORK):
        address = choice.dsn.rpartition("@")[2].removeprefix("tcp://").removeprefix("tls://")
        raise UsageError(
            f"this needs the database itself; {address} ({choice.source}) is a network API"
        )
    with _in_our_words():
        psycopg.conninfo.conninfo_to_dict(choice.dsn)
    return choice.dsn


def connect(dsn: str | None = None, start: Path | None = None) -> Connection:
    """An open connection with autocommit. Raises as `resolve` does."""
    resolved = resolve(dsn, start)
    with _in_our_words():
        connection = psycopg.connect(_complete(resolved), autocommit=True)
        if connection.info.hostaddr:  # none where it is a Unix socket
            connection.execute(SERVERS_SILENCE)
    set_json_loads(_read_json, connection)
    return connection


async def connect_async(dsn: str | None = None, start: Path | None = None) -> AsyncConnection:
    """The same, for async programs (starting the embedded Postgres blocks for a second)."""
    resolved = resolve(dsn, start)
    with _in_our_words():
        connection = await psycopg.AsyncConnection.connect(_complete(resolved), autocommit=True)
        if connection.info.hostaddr:
            await connection.execute(SERVERS_SILENCE)
    set_json_loads(_read_json, connection)
    return connection


def _complete(dsn: str) -> str:
    """With how long to wait for what. What the DSN says of silence itself is as it says."""
    said = psycopg.conninfo.conninfo_to_dict(dsn)
    patience = {name: value for name, value in SILENCE.items() if name not in said}
    return psycopg.conninfo.make_conninfo(dsn, **patience, connect_timeout=CONNECT_SECONDS)


def _read_json(text: str | bytes) -> Any:
    """Postgres takes JSON that Python does not read, such as an integer of 5,000 digits. No job ends well with one, but whoever
    looks at jobs must see that one too, and those beside it."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return (
            f"a value of {len(text)} characters that cannot be read (too many digits, or too deep)"
        )


@contextmanager
def _in_our_words() -> Iterator[None]:
    try:
        yield
    except psycopg.Error as error:
        raise NoDatabase(f"no database: {str(error).strip()}") from error


def without_password(dsn: str) -> str:
    """The same DSN for the eyes of people."""
    try:
        parts = psycopg.conninfo.conninfo_to_dict(dsn)
    except psycopg.Error:
        return "a DSN that cannot be read"
    if parts.get("password"):
        return psycopg.conninfo.make_conninfo(dsn, password="***")
    return dsn
