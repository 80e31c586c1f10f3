"""Least privilege: what each role may do, and what it is refused. And `role:`, impersonation, ownership of jobs."""

from __future__ import annotations

import asyncio
import dataclasses
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, nullcontext, suppress

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from jobcenter import AsyncClient, migrate
from jobcenter.cli import main
from jobcenter.database import Connection
from jobcenter.deploy import DeployError, deploy
from jobcenter.errors import PermissionDenied
from jobcenter.statements import JobStatus
from tests.artifacts import ADD, CALLTEST
from tests.runtime.database.conftest import one

LogIn = Callable[[str], Connection]
CREATE = """select jobcenter.create_job('calltest', '{"input": 1}')"""

CALLS = {
    "create_job": CREATE,
    "create_jobs": """select jobcenter.create_jobs('calltest', '[]')""",
    "get_job_status": "select jobcenter.get_job_status(1)",
    "find_jobs": "select jobcenter.find_jobs('{}')",
    "cancel_job": "select jobcenter.cancel_job(1)",
    "retry_job": "select jobcenter.retry_job(1)",
    "raise_event": "select jobcenter.raise_event('{}')",
    "check_if_lock_exists": "select jobcenter.check_if_lock_exists('a', 'b')",
    "get_workflow_info": "select jobcenter.get_workflow_info('calltest')",
    "get_job_progress": "select jobcenter.get_job_progress(array[1])",
    "get_stale_actions": "select jobcenter.get_stale_actions()",
    "disable_action": "select jobcenter.disable_action('calltest')",
    "deploy_definitions": "select jobcenter.deploy_definitions('[]')",
    "announce": "select jobcenter.announce('w', 'add')",
    "get_tasks": "select jobcenter.get_tasks('w', 'add', 1)",
    "tasks_done": "select jobcenter.tasks_done('{}', '[]')",
    "disconnect": "select jobcenter.disconnect('w')",
    "claim_jobs": "select jobcenter.claim_jobs(1)",
    "wake_due": "select jobcenter.wake_due(1)",
}
CLIENT = {"create_job", "create_jobs", "get_job_status", "find_jobs", "cancel_job", "retry_job", "raise_event",
          "check_if_lock_exists", "get_workflow_info", "get_job_progress"}  # fmt: skip
MAY = {
    "jc_client": CLIENT,
    "jc_worker": {"announce", "get_tasks", "tasks_done", "disconnect"},
    "jc_maestro": {"claim_jobs", "wake_due", "get_job_status"},
    "jc_admin": CLIENT
    | {"get_stale_actions", "disable_action", "deploy_definitions", "disconnect"},
    "nobody": set[str](),
}


@pytest.fixture
def log_in(calltest: Connection, database: str) -> Iterator[LogIn]:
    """Connections of new login roles that are members of a group, or of none."""
    made: list[sql.Identifier] = []
    with ExitStack() as stack:

        def connect(group: str) -> Connection:
            name = f"test_{group}_{uuid.uuid4().hex[:12]}"
            role = sql.Identifier(name)
            calltest.execute(sql.SQL("create role {} login").format(role))
            made.append(role)
            if group != "nobody":
                grant = sql.SQL("grant {} to {}")
                calltest.execute(grant.format(sql.Identifier(group), role))
            dsn = make_conninfo(database, user=name)
            return stack.enter_context(psycopg.connect(dsn, autocommit=True))

        yield connect
    for role in made:
        calltest.execute(sql.SQL("drop role {}").format(role))


@pytest.mark.parametrize("group", sorted(MAY))
def test_calls(log_in: LogIn, calltest: Connection, group: str) -> None:
    calltest.execute(CREATE)
    connection = log_in(group)
    allowed = set()
    for name, call in CALLS.items():
        with suppress(psycopg.errors.InsufficientPrivilege):
            connection.execute(call.encode())
            allowed.add(name)
    assert allowed == MAY[group]


EDITABLE = {"jc_env", "jc_roles", "jc_role_members", "jc_impersonate_roles"}


@pytest.mark.parametrize("group", sorted(MAY))
def test_tables(log_in: LogIn, calltest: Connection, group: str) -> None:
    connection = log_in(group)
    query = "select relname from pg_class where relnamespace = 'jobcenter'::regnamespace and relkind in ('r', 'p') and not relispartition"
    for (table,) in calltest.execute(query).fetchall():
        for action, allowed in (
            ("select from {} limit 1", group == "jc_admin"),
            ("delete from {}", group == "jc_admin" and table in EDITABLE),
            ("truncate {}", False),
        ):
            statement = sql.SQL(action).format(sql.Identifier("jobcenter", table))
            expected: AbstractContextManager[object] = (
                nullcontext() if allowed else pytest.raises(psycopg.errors.InsufficientPrivilege)
            )
            with expected:
                connection.execute(statement)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("select nextval('jobcenter.jobs_job_id_seq')")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(
            "create function jobcenter.mine() returns int language sql as 'select 1'"
        )


def test_each_function_is_granted_or_internal(connection: Connection) -> None:
    """Nothing is public; and what stands in the list of grants is there."""
    rows = connection.execute(
        "select proname, proacl::text, prosecdef, array_to_string(proconfig, ' ') from pg_proc"
        " where pronamespace = 'jobcenter'::regnamespace"
    ).fetchall()
    assert {row[0] for row in rows} == {script.name for script in migrate.functions()}
    for name, acl, definer, config in rows:
        assert acl is not None, name
        assert not any(entry.startswith("=") for entry in acl.strip("{}").split(",")), name
        assert definer == ("jc_" in acl), (
            f"{name}: what others call runs as its owner, and only that"
        )
        if definer:
            assert "search_path=jobcenter, pg_catalog, pg_temp" in config, name


def test_a_callers_objects_are_not_used(log_in: LogIn, calltest: Connection) -> None:
    client = log_in("jc_client")
    client.execute("create temp table jobs (like pg_class)")
    client.execute("create temp table actions (action_id int)")
    client.execute(
        "create function pg_temp.now() returns timestamptz language sql as $$ select 'epoch'::timestamptz $$"
    )
    client.execute("set search_path = pg_temp, jobcenter")
    client.execute(CREATE)
    assert one(calltest, "select count(*) from jobcenter.jobs where job_created > 'epoch'") == (1,)
    client.execute("drop table pg_temp.jobs, pg_temp.actions")
    client.execute("drop function pg_temp.now()")


def may_act_for(owner: Connection, rolename: str, *others: str) -> None:
    for other in others:
        owner.execute("insert into jobcenter.jc_roles values (%s) on conflict do nothing", (other,))
        owner.execute(
            "insert into jobcenter.jc_impersonate_roles values (%s, %s)", (rolename, other)
        )


class TestRole:
    @pytest.fixture(autouse=True)
    def _restricted(self, calltest: Connection) -> None:
        restricted = dataclasses.replace(CALLTEST, roles=("staff",))
        deploy(calltest, [dataclasses.replace(ADD, roles=("machines",)), restricted])

    def test_a_client_without_the_role(self, log_in: LogIn, calltest: Connection) -> None:
        client = log_in("jc_client")
        with pytest.raises(
            psycopg.errors.InsufficientPrivilege, match="may not create jobs of workflow calltest"
        ):
            client.execute(CREATE)
        (job_id, _) = one(calltest, CREATE.replace("select ", "select * from "))
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="may not touch job"):
            client.execute("select jobcenter.cancel_job(%s)", (job_id,))

    def test_a_client_without_the_role_knows_nothing_of_the_jobs(
        self, log_in: LogIn, calltest: Connection
    ) -> None:
        (job_id, _) = one(calltest, CREATE.replace("select ", "select * from "))
        client, admin = log_in("jc_client"), log_in("jc_admin")
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="may not see job"):
            client.execute("select jobcenter.get_job_status(%s)", (job_id,))
        found = {
            query: [(job_id, *more)]
            for query, *more in (
                ("select * from jobcenter.find_jobs('{}')",),
                ("select * from jobcenter.get_job_statuses(array[1])", None),
                ("select o_job_id, o_state from jobcenter.get_job_progress(array[1])", "done"),
            )
        }
        for query, rows in found.items():
            assert client.execute(query.encode()).fetchall() == []
            assert calltest.execute(query.encode()).fetchall() == rows
        calltest.execute(
            "insert into jobcenter.jc_impersonate_roles values (%s, 'staff')", (client.info.user,)
        )
        for query, rows in found.items():
            assert client.execute(query.encode()).fetchall() == rows
        for connection in (client, admin):
            assert one(connection, "select jobcenter.get_job_status(%s)", job_id) == (None,)
        for impersonate in ("staff", client.info.user):
            query = "select jobcenter.get_job_status(%s, %s)"
            assert one(client, query, job_id, impersonate) == (None,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="may not act for boss"):
            client.execute("select * from jobcenter.find_jobs('{}', 'boss')")

    def test_many_that_are_asked_for_at_once_are_refused_as_one_is(
        self, log_in: LogIn, calltest: Connection
    ) -> None:
        jobs = [one(calltest, CREATE.replace("select ", "select * from "))[0] for _ in range(3)]
        dsn = log_in("jc_client").info.dsn

        async def ask() -> list[JobStatus | BaseException]:
            async with AsyncClient(dsn) as jc:
                asked = (jc.get_job_status(job) for job in jobs)
                return await asyncio.gather(*asked, return_exceptions=True)

        assert [type(answer) for answer in asyncio.run(ask())] == [PermissionDenied] * 3

    def test_an_admin_steers_every_job(self, log_in: LogIn, calltest: Connection) -> None:
        (job_id, _) = one(calltest, CREATE.replace("select ", "select * from "))
        admin = log_in("jc_admin")
        assert one(admin, "select jobcenter.retry_job(%s)", job_id) == (False,)
        assert main(["job", "retry", str(job_id), "--dsn", admin.info.dsn]) == 1
        assert main(["job", "cancel", str(job_id), "--dsn", admin.info.dsn]) == 0
        assert one(admin, "select jobcenter.cancel_job(%s)", job_id) == (True,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="may not create jobs"):
            admin.execute(CREATE)
        # As the network API asks, for whoever has come in.
        client, query = log_in("jc_client"), "select jobcenter.cancel_job(%s, impersonate => %s)"
        may_act_for(calltest, client.info.user, "boss", admin.info.user)
        assert one(client, query, job_id, admin.info.user) == (True,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="boss may not touch"):
            client.execute(query, (job_id, "boss"))

    def test_what_a_workflow_takes_is_for_those_who_may_see_its_jobs(
        self, log_in: LogIn, calltest: Connection
    ) -> None:
        client, admin, friend = log_in("jc_client"), log_in("jc_admin"), log_in("jc_client")
        may_act_for(calltest, friend.info.user, "staff", client.info.user)
        for connection in (calltest, admin, friend):
            (info,) = one(connection, CALLS["get_workflow_info"])
            assert info["roles"] == ["staff"]
        (info,) = one(friend, "select jobcenter.get_workflow_info('calltest', null, 'staff')")
        assert info["inputs"][0]["name"] == "input"
        refused = "may not see workflow calltest"
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match=refused):
            client.execute(CALLS["get_workflow_info"].encode())
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match=refused):
            friend.execute(
                "select jobcenter.get_workflow_info('calltest', null, %s)", (client.info.user,)
            )

    def test_a_member_of_a_member(self, log_in: LogIn, calltest: Connection) -> None:
        client = log_in("jc_client")
        calltest.execute(
            "insert into jobcenter.jc_roles values ('boss'), (%s)", (client.info.user,)
        )
        calltest.execute(
            "insert into jobcenter.jc_role_members values (%s, 'boss'), ('boss', 'staff')",
            (client.info.user,),
        )
        client.execute(CREATE)

    def test_a_worker_without_the_role(self, log_in: LogIn) -> None:
        worker = log_in("jc_worker")
        for call in (CALLS["announce"], CALLS["get_tasks"]):
            with pytest.raises(
                psycopg.errors.InsufficientPrivilege, match="may not serve action add"
            ):
                worker.execute(call.encode())


class TestImpersonation:
    def test_for_those_listed(self, log_in: LogIn, calltest: Connection) -> None:
        deploy(calltest, [dataclasses.replace(CALLTEST, roles=("staff",))])
        client = log_in("jc_client")
        query = """select o_job_id from jobcenter.create_job('calltest', '{"input": 1}', impersonate => 'staff')"""
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="may not act for staff"):
            client.execute(query)
        calltest.execute(
            "insert into jobcenter.jc_impersonate_roles values (%s, 'staff')", (client.info.user,)
        )
        (job_id,) = one(client, query)
        environment = "select environment from jobcenter.jobs where job_id = %s"
        assert one(calltest, environment, job_id) == ({"client": "staff"},)

    def test_of_a_worker(self, log_in: LogIn, calltest: Connection) -> None:
        deploy(calltest, [dataclasses.replace(ADD, roles=("machines",))])
        worker, stranger = log_in("jc_worker"), log_in("jc_worker")
        calltest.execute(
            "insert into jobcenter.jc_impersonate_roles values (%s, 'machines')",
            (worker.info.user,),
        )
        worker.execute("select jobcenter.announce('w', 'add', 'machines')")
        worker.execute("select * from jobcenter.get_tasks('w', 'add', 1)")
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="may not act for machines"):
            stranger.execute("select * from jobcenter.get_tasks('w', 'add', 1)")


class TestWorkersOfAnotherRole:
    """A worker's name is its role's for as long as it lives."""

    @pytest.mark.parametrize(
        "call",
        [
            "select jobcenter.announce('w', 'add')",
            "select jobcenter.get_task('w', 'add')",
            "select jobcenter.withdraw('w', 'add')",
            "select jobcenter.disconnect('w')",
            "select jobcenter.disconnect_silent(array['w'], '-1 hour')",
            "select * from jobcenter.held_tasks('w', '{}')",
        ],
    )
    def test_are_not_touched(self, log_in: LogIn, calltest: Connection, call: str) -> None:
        worker, stranger = log_in("jc_worker"), log_in("jc_worker")
        worker.execute("select jobcenter.announce('w', 'add')")
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="may not act"):
            stranger.execute(call.encode())
        assert one(worker, "select jobcenter.withdraw('w', 'add')") == (True,)

    def test_are_not_kept_alive(self, log_in: LogIn, calltest: Connection) -> None:
        """Who pings for another role's worker does not know it."""
        worker, stranger = log_in("jc_worker"), log_in("jc_worker")
        (number, _) = one(worker, "select * from jobcenter.announce('w', 'add')")
        calltest.execute("update jobcenter.workers set last_ping = now() - interval '1 day'")
        silent = "select last_ping < now() - interval '1 hour' from jobcenter.workers"
        assert one(stranger, "select jobcenter.ping(%s)", number) == (False,)
        assert one(calltest, silent) == (True,)
        for connection in (worker, calltest):
            assert one(connection, "select jobcenter.ping(%s)", number) == (True,)
        assert one(calltest, silent) == (False,)

    def test_may_be_steered_by_admins_and_by_who_acts_for_them(
        self, log_in: LogIn, calltest: Connection
    ) -> None:
        worker, friend = log_in("jc_worker"), log_in("jc_worker")
        calltest.execute("insert into jobcenter.jc_roles values (%s)", (worker.info.user,))
        calltest.execute(
            "insert into jobcenter.jc_impersonate_roles values (%s, %s)",
            (friend.info.user, worker.info.user),
        )
        for connection in (friend, log_in("jc_admin"), calltest):
            worker.execute("select jobcenter.announce('w', 'add')")
            connection.execute("select jobcenter.disconnect('w')")
            alive = "select count(*) from jobcenter.workers where stopped is null"
            assert one(calltest, alive) == (0,)


def test_who_may_not_look_is_told_who_may(
    log_in: LogIn, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["job", "list", "--dsn", log_in("jc_client").info.dsn]) == 1
    said = "permission denied for table actions: this takes a role in jc_admin, or in jc_client"
    assert said in capsys.readouterr().err
    assert main(["call", "calltest", "{}", "--dsn", log_in("nobody").info.dsn]) == 1
    assert "this takes a role in jc_admin, or in jc_client" in capsys.readouterr().err


def test_deploying_takes_an_admin(log_in: LogIn) -> None:
    changed = dataclasses.replace(ADD, doc="changed")
    assert deploy(log_in("jc_admin"), [changed])[0].new
    with pytest.raises(DeployError, match="permission denied"):
        deploy(log_in("jc_client"), [changed])
