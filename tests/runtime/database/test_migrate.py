"""Bringing a database to the program's version: once, forward only, all or nothing, and never over another's."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import psycopg
import pytest

from jobcenter import migrate
from jobcenter.artifact import Definition, Input, Output
from jobcenter.database import Connection
from jobcenter.deploy import deploy
from jobcenter.migrate import MigrationError, Script
from tests.runtime.database.conftest import one


@pytest.fixture
def empty(empty_database: str) -> Iterator[Connection]:
    with psycopg.connect(empty_database, autocommit=True) as connection:
        yield connection


def names(scripts: list[Script]) -> tuple[str, ...]:
    return tuple(script.name for script in scripts)


def test_numbered_without_gaps() -> None:
    versions = [script.version for script in migrate.migrations()]
    assert versions == list(range(1, len(versions) + 1))


def test_a_function_a_file() -> None:
    for script in migrate.functions():
        words = script.text.lower()
        assert f"function jobcenter.{script.name}(" in words, script.name
        assert words.count("create or replace function") + words.count("create function") == 1
        assert "execute format" not in words or script.name in (
            "run_procedures",
            "keep_partitions",
            "create_job",
        )


def test_from_nothing_and_again(empty: Connection) -> None:
    assert migrate.status(empty).version == 0
    done = migrate.upgrade(empty)
    assert (done.before, done.applied) == (0, names(migrate.migrations()))
    assert migrate.status(empty).current
    again = migrate.upgrade(empty)
    assert (again.before, again.applied, again.functions) == (done.after, (), False)


def test_people_need_not_name_the_schema(empty: Connection, empty_database: str) -> None:
    migrate.upgrade(empty)
    with psycopg.connect(empty_database) as people:
        assert people.execute("select * from get_stale_actions()").fetchall() == []
    empty.execute(
        "do $$ begin execute format('alter database %I set search_path = public', current_database()); end $$"
    )
    empty.execute("delete from jobcenter.applied_functions where name = 'ping'")
    migrate.upgrade(empty)
    with psycopg.connect(empty_database) as people:
        assert people.execute("show search_path").fetchone() == ("public",)


def test_changed_functions_are_made_anew(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "create function jobcenter.ping(n text) returns text language sql as 'select n';"
    kept = [s for s in migrate.functions() if s.name in ("keep_partitions", "setting")]
    monkeypatch.setattr(migrate, "functions", lambda: [*kept, Script(0, "ping", text)])
    assert not migrate.status(connection).functions_current
    done = migrate.upgrade(connection)
    assert (done.applied, done.functions) == ((), True)
    rows = connection.execute(
        "select p.oid::regprocedure::text from pg_proc p"
        " where pronamespace = 'jobcenter'::regnamespace order by proname"
    ).fetchall()
    assert [row[0] for row in rows] == [
        "jobcenter.keep_partitions()",
        "jobcenter.ping(text)",
        "jobcenter.setting(text)",
    ]


DECLARES_MUCH = Definition(
    kind="action",
    name="declares_much",
    source="",
    path="much.ac",
    inputs=(
        Input("zone", "string"),
        Input("age", "number?", has_default=True, default=None),
        Input("last", "string", has_default=True, default="z"),
    ),
    outputs=(Output("ok", "boolean"), Output("why", "string", optional=True)),
    environment=(
        Input("client", "string"),
        Input("tries", "number", has_default=True, default=5),
    ),
)
DECLARES_NOTHING = Definition(kind="action", name="declares_nothing", source="", path="nothing.ac")


def test_jobs_outlive_an_upgrade(empty: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    """From before the columns of `jobs` were put in another order."""
    everything = migrate.migrations()
    with monkeypatch.context() as before:
        before.setattr(migrate, "migrations", lambda: everything[:7])
        migrate.upgrade(empty)
    empty.execute(
        "insert into jobcenter.actions (queue_id, name, type, version, source_hash, start_task_id)"
        " values (1, 'calltest', 'workflow', 1, '', 1)"
    )
    empty.execute(
        "insert into jobcenter.jobs (root_id, parentjob_id, workflow_id, parenttask_id, child_index, current_depth, detached, aborted,"
        " task_id, state, queue_id, stepcounter, tries, worker_id, timeout, task_started, task_completed, job_finished, cookie,"
        " in_args, out_args, variables, environment, arguments, abort_error)"
        " select n, n + 1, 1, n + 2, n + 3, n + 4, n % 2 = 0, n % 3 = 0, n + 5, 'sleeping', n + 6, n + 7, n + 8, n + 9,"
        " now() + n * interval '1 s', now() + n * interval '2 s', now() + n * interval '3 s', now() + n * interval '4 s',"
        " gen_random_uuid(), to_jsonb(n), to_jsonb(n + 1), to_jsonb(n + 2), to_jsonb(n + 3), to_jsonb(n + 4), to_jsonb(n + 5)"
        " from generate_series(1, 7) n"
    )
    query = "select to_jsonb(j) - '{start_unlogged,caller}'::text[] from jobcenter.jobs j order by job_id"
    rows = empty.execute(query).fetchall()
    assert migrate.upgrade(empty).before == 7
    assert empty.execute(query).fetchall() == rows
    made = empty.execute(
        "insert into jobcenter.jobs (root_id, workflow_id, task_id, state) values (8, 1, 1, 'done') returning job_id"
    ).fetchone()
    assert made == (8,)


def test_what_definitions_declare_outlives_an_upgrade(connection: Connection) -> None:
    """Read from the tables, it is what deploying writes."""
    deploy(connection, [DECLARES_MUCH, DECLARES_NOTHING])
    query = "select jsonb_object_agg(name, signature) from jobcenter.actions"
    (deployed,) = one(connection, query)
    assert deployed["declares_much"] == {
        "inputs": [
            {"name": "zone", "type": "string", "optional": False},
            {"name": "age", "type": "number?", "optional": True},
            {"name": "last", "type": "string", "optional": True},
        ],
        "outputs": [
            {"name": "ok", "type": "boolean", "optional": False},
            {"name": "why", "type": "string", "optional": True},
        ],
        "environment": {"client": None, "tries": 5},
    }
    assert deployed["declares_nothing"] == {"inputs": [], "outputs": []}
    connection.execute("alter table jobcenter.actions drop column signature")
    (migration,) = (each for each in migrate.migrations() if each.version == 9)
    with connection.transaction():
        connection.execute("set local search_path = jobcenter, pg_catalog, pg_temp")
        connection.execute(migration.text.encode())
    assert one(connection, query) == (deployed,)


def test_two_at_once(empty: Connection, empty_database: str) -> None:
    done: list[tuple[str, ...]] = []

    def run() -> None:
        with psycopg.connect(empty_database, autocommit=True) as other:
            done.append(migrate.upgrade(other).applied)

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(done) == [(), (), names(migrate.migrations())]


def test_a_newer_database(connection: Connection) -> None:
    newest = migrate.migrations()[-1].version
    connection.execute(
        "insert into jobcenter.migrations (version, name, hash) values (%s, 'later.sql', 'x')",
        (newest + 1,),
    )
    with pytest.raises(
        MigrationError,
        match=f"the database has schema version {newest + 1}, this program knows versions up to {newest}",
    ):
        migrate.upgrade(connection)


def test_a_migration_in_another_form(connection: Connection) -> None:
    connection.execute("update jobcenter.migrations set hash = 'x' where version = 1")
    with pytest.raises(
        MigrationError, match=r"0001_tables\.sql was applied to this database in another form"
    ):
        migrate.upgrade(connection)


def test_a_schema_of_another_make(empty: Connection) -> None:
    empty.execute("create schema jobcenter")
    with pytest.raises(MigrationError, match="a schema `jobcenter` that this program did not make"):
        migrate.upgrade(empty)


def test_all_or_nothing(empty: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = [*migrate.migrations(), Script(99, "0099_broken.sql", "select nonsense from nowhere")]
    monkeypatch.setattr(migrate, "migrations", lambda: broken)
    with pytest.raises(MigrationError, match=r"0099_broken.sql: .*nowhere"):
        migrate.upgrade(empty)
    assert migrate.status(empty).version == 0


def test_a_role_that_may_not(empty: Connection, empty_database: str) -> None:
    empty.execute("drop role if exists jobcenter_test_nobody")
    empty.execute("create role jobcenter_test_nobody login")
    try:
        with (
            psycopg.connect(
                empty_database, user="jobcenter_test_nobody", autocommit=True
            ) as nobody,
            pytest.raises(MigrationError, match="may not change the schema"),
        ):
            migrate.upgrade(nobody)
    finally:
        empty.execute("drop role jobcenter_test_nobody")
