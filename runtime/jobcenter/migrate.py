"""The schema of a database, brought to the version of this program.

`sql/migrations/NNNN_*.sql` are applied once, in their order, and never changed afterwards. `sql/functions/*.sql` hold one
function each (of the file's name); all are dropped and made again whenever one of them has changed, together with `roles.sql`
and `grants.sql`. All of it is one transaction: a database is at one version or at the other.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable

import psycopg
from psycopg import sql

from jobcenter.database import Connection
from jobcenter.errors import JobCenterError

LOCK = 0x6A6F6263656E  # any number that all our processes agree on


class MigrationError(JobCenterError):
    """The database cannot be brought to this program's version; the message says why."""


@dataclass(frozen=True, slots=True)
class Script:
    """A file of SQL. `version` is a migration's number, 0 for the others."""

    version: int
    name: str
    text: str

    @property
    def hash(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Status:
    """`version` of the database (0: no schema yet), the program's, and whether its functions are the program's."""

    version: int
    newest: int
    functions_current: bool

    @property
    def current(self) -> bool:
        return self.version == self.newest and self.functions_current


@dataclass(frozen=True, slots=True)
class Upgrade:
    """What an upgrade did: nothing where `applied` is empty and `functions` is False. `notes` are for people."""

    before: int
    after: int
    applied: tuple[str, ...]
    functions: bool
    notes: tuple[str, ...]


def migrations() -> list[Script]:
    """The program's migrations, in their order."""
    return [Script(int(file.name[:4]), file.name, _read(file)) for file in _files("migrations")]


def functions() -> list[Script]:
    """The program's SQL functions; a script's name is the function's."""
    return [Script(0, file.name.removesuffix(".sql"), _read(file)) for file in _files("functions")]


def status(connection: Connection) -> Status:
    """How the database and this program stand to each other. Raises MigrationError for a schema of another make."""
    known = migrations()
    applied = _applied(connection)
    version = max(applied, default=0)
    return Status(version, known[-1].version, version > 0 and _functions_current(connection))


def upgrade(connection: Connection) -> Upgrade:
    """Bring the database to this program's version; nothing happens where it is there already.

    Raises MigrationError for a database of a newer version, for one whose migrations are not the program's, and where the
    role may not do it.
    """
    notes: list[str] = []

    def note(notice: psycopg.errors.Diagnostic) -> None:
        notes.append(notice.message_primary or "")

    connection.add_notice_handler(note)
    try:
        with connection.transaction():
            connection.execute("select pg_advisory_xact_lock(%s)", (LOCK,))
            connection.execute("set local client_min_messages = notice")
            before = max(_applied(connection), default=0)
            missing = _missing(connection)
            replaced = bool(missing) or not _functions_current(connection)
            if replaced:
                if before:
                    _drop_functions(connection)
                _migrate(connection, missing)
                _create_functions(connection)
                connection.execute("select jobcenter.keep_partitions()")
    except psycopg.errors.InsufficientPrivilege as error:
        raise MigrationError(f"this role may not change the schema: {error}") from None
    finally:
        connection.remove_notice_handler(note)
    names = tuple(script.name for script in missing)
    return Upgrade(before, migrations()[-1].version, names, replaced, tuple(notes))


def _missing(connection: Connection) -> list[Script]:
    known = migrations()
    applied = _applied(connection)
    _refuse_foreign(known, applied)
    return [script for script in known if script.version not in applied]


def _migrate(connection: Connection, missing: Sequence[Script]) -> None:
    for script in missing:
        _execute(connection, script)
        connection.execute(
            "insert into jobcenter.migrations (version, name, hash) values (%s, %s, %s)",
            (script.version, script.name, script.hash),
        )


def _refuse_foreign(known: Sequence[Script], applied: dict[int, str]) -> None:
    newest, version = known[-1].version, max(applied, default=0)
    if version > newest:
        raise MigrationError(
            f"the database has schema version {version}, this program knows versions up to {newest}: "
            "use the program that goes with the database"
        )
    for script in known:
        if applied.get(script.version, script.hash) != script.hash:
            raise MigrationError(
                f"migration {script.name} was applied to this database in another form: "
                "it belongs to another build of the program"
            )


def _applied(connection: Connection) -> dict[int, str]:
    """Version -> hash of what the database has had."""
    row = connection.execute(
        "select to_regclass('jobcenter.migrations') is not null,"
        " exists (select from pg_catalog.pg_namespace where nspname = 'jobcenter')"
    ).fetchone()
    match row:
        case (True, _):
            rows = connection.execute("select version, hash from jobcenter.migrations").fetchall()
            return dict(rows)
        case (_, True):
            raise MigrationError(
                "this database has a schema `jobcenter` that this program did not make: use another database"
            )
        case _:
            return {}


def _functions_current(connection: Connection) -> bool:
    rows = connection.execute("select name, hash from jobcenter.applied_functions").fetchall()
    return dict(rows) == {script.name: script.hash for script in _all_functions()}


def all_scripts() -> list[Script]:
    """All that makes the schema, in the order of its application."""
    return [*migrations(), *_all_functions()]


def _all_functions() -> list[Script]:
    """The functions, and as `.roles`, `.grants` what goes with them."""
    sides = [Script(0, f".{name}", _read(_sql() / f"{name}.sql")) for name in ("roles", "grants")]
    return [sides[0], *functions(), sides[1]]


def _drop_functions(connection: Connection) -> None:
    """So that no old form with other parameters stays beside the new one, and none stands in a migration's way."""
    rows = connection.execute(
        "select p.oid::regprocedure::text from pg_catalog.pg_proc p"
        " join jobcenter.applied_functions a on a.name = p.proname"
        " where p.pronamespace = 'jobcenter'::regnamespace"
    ).fetchall()
    for (signature,) in rows:
        connection.execute(sql.SQL("drop routine {}").format(sql.SQL(signature)))
    connection.execute("delete from jobcenter.applied_functions")


def _create_functions(connection: Connection) -> None:
    # A function may use one whose file comes later.
    connection.execute("set local check_function_bodies = off")
    for script in _all_functions():
        _execute(connection, script)
        connection.execute(
            "insert into jobcenter.applied_functions (name, hash) values (%s, %s)",
            (script.name, script.hash),
        )


def _execute(connection: Connection, script: Script) -> None:
    try:
        connection.execute("set local search_path = jobcenter, pg_catalog, pg_temp")
        connection.execute(script.text.encode())
    except psycopg.errors.InsufficientPrivilege:
        raise
    except psycopg.Error as error:
        raise MigrationError(f"{script.name}: {error}") from error


def _sql() -> Traversable:
    return resources.files("jobcenter") / "sql"


def _files(folder: str) -> list[Traversable]:
    found = [file for file in (_sql() / folder).iterdir() if file.name.endswith(".sql")]
    return sorted(found, key=lambda file: file.name)


def _read(file: Traversable) -> str:
    return file.read_text(encoding="utf-8")
