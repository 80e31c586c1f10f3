"""Fixtures with a real database. Use them by `pytest_plugins = ["tests.database"]` in tests/conftest.py.

One server for the whole run (xdist's workers share it): an embedded one in a temporary folder, or the one that
$JOBCENTER_TEST_DSN names, whose role must be a superuser. On it, one template database with the schema, and for each
test a copy, which takes some 15 ms.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from jobcenter import embedded, migrate
from jobcenter.database import Connection

VARIABLE = "JOBCENTER_TEST_DSN"
# The promise of durability is Postgres's own and not tested here; without it a new database comes faster.
FAST = {
    "fsync": "off",
    "full_page_writes": "off",
    "shared_buffers": "64MB",
    "max_wal_size": "256MB",
}
ROOM = 2 * 1024**3


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The DSN of a server on which databases may be created."""
    if named := os.environ.get(VARIABLE):
        yield named
        return
    with _shared_folder() as folder:
        yield embedded.attach(folder / "postgres", FAST)
        embedded.detach(folder / "postgres")
        if not embedded.is_running(folder / "postgres"):
            shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def template(server: str) -> str:
    """The name of a database that has the schema and nothing else."""
    scripts = "".join(script.hash for script in migrate.all_scripts())
    name = f"jobcenter_template_{hashlib.sha256(scripts.encode()).hexdigest()[:16]}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute("select pg_advisory_lock(721)")
        query = "select 1 from pg_database where datname = %s and datistemplate"
        if not connection.execute(query, (name,)).fetchone():
            connection.execute(sql.SQL("drop database if exists {}").format(_name(name)))
            _create(connection, name)
            with psycopg.connect(make_conninfo(server, dbname=name), autocommit=True) as inside:
                migrate.upgrade(inside)
            connection.execute(sql.SQL("alter database {} is_template true").format(_name(name)))
    return name


@contextmanager
def fresh_database(server: str, template: str | None) -> Iterator[str]:
    """The DSN of a database that is dropped at the end."""
    name = f"jobcenter_test_{uuid.uuid4().hex[:16]}"
    with psycopg.connect(server, autocommit=True) as connection:
        _create(connection, name, template)
        yield make_conninfo(server, dbname=name)
        connection.execute(sql.SQL("drop database if exists {} with (force)").format(_name(name)))


@pytest.fixture
def database(server: str, template: str) -> Iterator[str]:
    """The DSN of a database of the test's own, with the schema."""
    with fresh_database(server, template) as dsn:
        yield dsn


@pytest.fixture
def empty_database(server: str) -> Iterator[str]:
    """The DSN of a database of the test's own, without anything."""
    with fresh_database(server, None) as dsn:
        yield dsn


@pytest.fixture
def connection(database: str) -> Iterator[Connection]:
    """A connection to `database`, as its owner, with autocommit."""
    with psycopg.connect(database, autocommit=True) as open_connection:
        yield open_connection


def _create(connection: Connection, name: str, template: str | None = None) -> None:
    # Files are copied: the only way before 15, and the faster one here.
    strategy = "strategy file_copy" if connection.info.server_version >= 15_00_00 else ""
    statement = sql.SQL("create database {} template {} {}")
    source = _name(template or "template0")
    connection.execute(statement.format(_name(name), source, sql.SQL(strategy)))


def _name(name: str) -> sql.Identifier:
    return sql.Identifier(name)


@contextmanager
def _shared_folder() -> Iterator[Path]:
    """In memory where there is room. Not pytest's own temporary folder: that is closed to the system user that runs
    Postgres for root."""
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID") or str(os.getpid())
    memory = Path("/dev/shm")
    roomy = memory.is_dir() and shutil.disk_usage(memory).free > ROOM
    folder = (memory if roomy else Path(tempfile.gettempdir())) / f"jobcenter-tests-{run}"
    folder.mkdir(mode=0o755, exist_ok=True)
    yield folder
